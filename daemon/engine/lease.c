/* Questions about the leases of the file, which only read. */
#include "engine/lease.h"

#include "base/text.h"
#include "engine/versions.h"
#include "traffic/job.h"

#define PACE_MS 5000 /* between two times that a standby asks, at most */

int64_t lease_third(const struct lease *l)
{
	return l->facts.duration_ms / 3;
}

int64_t lease_pace(const struct lease *l)
{
	return lease_third(l) < PACE_MS ? lease_third(l) : PACE_MS;
}

enum lease_role lease_role(const struct lease *l, int64_t boot)
{
	return l ? lease_role_of(&l->facts, boot).role : ROLE_ALONE;
}

/* The move that is under way was begun by us as a standby. */
static bool is_own(const struct registry *r)
{
	const struct seen_version *t = versions_target(r->watch);

	return r->lonely && t && text_same(r->wrote, t->v.version);
}

bool lease_lets(const struct engine *e, const struct registry *r,
		bool last_step, struct instant now)
{
	const struct watch *w = r->watch;
	struct lease_gate g = {
		.role = lease_role(w->lease, now.boot),
		.last_step = last_step,
		.own = is_own(r),
		.deadline = versions_deadline(e, w),
		.window_ms = e->config->window_ms,
		.azure = model_dateless(e) ? -1
					   : skew_azure(&e->traffic.skew, now),
	};

	return e->dry_run || lease_role_lets(&g);
}

int64_t lease_opens(const struct engine *e, const struct watch *w)
{
	int64_t at = lease_role_last_call(versions_deadline(e, w),
					  e->config->window_ms);

	if (!w->lease || at < 0 || model_dateless(e))
		return INT64_MAX;
	return model_boot_of(e, at);
}

enum lease_role lease_role_all(const struct engine *e)
{
	enum lease_role role = ROLE_ALONE;
	const struct lease *l;

	if (e->dry_run)
		return role;
	TAILQ_FOREACH(l, &e->leases, link) {
		if (l->leaving)
			continue;
		if (lease_role(l, model_boot(e)) == ROLE_LEADER)
			return ROLE_LEADER;
		role = ROLE_STANDBY;
	}
	return role;
}

bool lease_all_standby(const struct engine *e)
{
	const struct watch *w;

	if (lease_role_all(e) != ROLE_STANDBY)
		return false;
	TAILQ_FOREACH(w, &e->watches, link)
		if (!w->lease && !w->retired)
			return false;
	return true;
}

bool lease_is_unheard(const struct lease *l)
{
	return l && !l->heard;
}

const char *lease_leader(const struct engine *e, const struct lease *l)
{
	const char *host = l->role == ROLE_LEADER ? e->host : l->holder.host;

	return host[0] ? host : NULL;
}

bool lease_is_letting_go(const struct engine *e)
{
	const struct lease *l;

	TAILQ_FOREACH(l, &e->leases, link)
		if (l->asked == LEASE_RELEASE && l->job.where != JOB_REST)
			return true;
	return false;
}

struct lease *lease_at(const struct engine *e, size_t at)
{
	/* A configuration without leases may name none, whatever it says. */
	return at < e->config->n_leases && e->lease_of ? e->lease_of[at] : NULL;
}

/* ---- what is under it ---- */

bool lease_is_writing(const struct engine *e, const struct lease *l)
{
	const struct registry *r;
	const struct watch *w;

	if (e->n_writes)
		TAILQ_FOREACH(w, &e->watches, link)
			if (w->lease == l)
				TAILQ_FOREACH(r, &w->registries, watch_link)
					if (model_writing(r))
						return true;
	return false;
}

/* No move is under way. */
bool lease_is_idle(const struct engine *e, const struct lease *l)
{
	const struct watch *w;

	TAILQ_FOREACH(w, &e->watches, link)
		if (w->lease == l && w->active)
			return false;
	return !lease_is_writing(e, l);
}

/* A person has paused all of it, here: then this daemon acts for nothing, and
 * does not keep others from it. */
bool lease_is_paused(const struct engine *e, const struct lease *l)
{
	const struct registry *r;
	const struct watch *w;
	bool any = false;

	if (model_lasting(e, model_until(e->pause)))
		return true;
	TAILQ_FOREACH(w, &e->watches, link) {
		if (w->lease != l)
			continue;
		TAILQ_FOREACH(r, &w->registries, watch_link) {
			if (!model_paused(e, r))
				return false;
			any = true;
		}
	}
	return any;
}
