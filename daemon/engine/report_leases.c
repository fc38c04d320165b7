/* Which part this daemon has, and the leases that tell it. */
#include "engine/report_leases.h"

#include <stdio.h>

#include "base/text.h"
#include "engine/lease.h"

static void add_text(struct json_writer *w, const char *name, const char *s)
{
	json_add_str(w, name, s && s[0] ? s : NULL);
}

static int64_t since_of(const struct lease *l)
{
	return l->role == ROLE_LEADER ? l->since
				      : text_parse_rfc3339(l->holder.since);
}

/* Who holds it is known as of now. */
static bool is_known(const struct lease *l)
{
	return l->facts.word == LEASE_ANOTHERS && l->holder.host[0] &&
	       !l->error;
}

static const char *state_of(const struct lease *l)
{
	if (l->role == ROLE_LEADER)
		return l->confirmed ? "held" : "unconfirmed";
	return l->error				 ? "unreachable"
	       : !l->heard			 ? "unasked"
	       : l->facts.word == LEASE_ANOTHERS ? "elsewhere"
						 : "free";
}

static void put_lease(const struct engine *e, struct json_writer *w,
		      const struct lease *l)
{
	bool ours = l->role == ROLE_LEADER;

	json_open(w);
	json_add_str(w, "lease", l->name);
	json_add_str(w, "url", l->url);
	json_add_str(w, "role", lease_role_str(l->role));
	json_add_str(w, "state", state_of(l));
	json_add_bool(w, "prefer", l->prefer);
	json_add_str(w, "holder", lease_leader(e, l));
	json_add_time(w, "since", since_of(l));
	json_add_time(w, "until",
		      ours ? model_azure(e) +
				      (l->facts.held_until - model_boot(e))
			   : -1);
	json_add_int(w, "duration_s", l->facts.duration_ms / 1000);
	json_add_time(w, "unreachable_since", l->failing_since);
	add_text(w, "error", l->error ? l->error->text : NULL);
	json_close(w);
}

/* The one that tells who leads: one of ours, or the first that somebody is
 * known to hold. */
static const struct lease *telling(const struct engine *e)
{
	const struct lease *l, *found = NULL;

	TAILQ_FOREACH(l, &e->leases, link) {
		if (l->leaving)
			continue;
		if (l->role == ROLE_LEADER)
			return l;
		if (!found && l->holder.host[0])
			found = l;
	}
	return found;
}

void engine_part(const struct engine *e, char *dst, size_t size)
{
	const struct lease *l, *one = NULL;
	size_t n = 0, led = 0;
	const char *doubt = "";

	dst[0] = '\0';
	TAILQ_FOREACH(l, &e->leases, link) {
		if (l->leaving || e->dry_run)
			continue;
		n++;
		led += l->role == ROLE_LEADER;
		if (l->role == ROLE_LEADER && !l->confirmed)
			doubt = ", which nobody confirms";
		if (!one && l->role == ROLE_STANDBY && is_known(l))
			one = l;
	}
	if (led == n && n)
		snprintf(dst, size, "This daemon leads%s.", doubt);
	else if (led)
		snprintf(dst, size, "This daemon leads by %zu of %zu leases%s.",
			 led, n, doubt);
	else if (one)
		snprintf(dst, size, "This daemon is standby: %s leads.",
			 one->holder.host);
	else if (n)
		snprintf(dst, size, "This daemon is standby.");
}

void report_leases(const struct engine *e, struct json_writer *w)
{
	const struct lease *l = e->dry_run ? NULL : telling(e);

	json_add_str(w, "role", lease_role_str(lease_role_all(e)));
	json_add_str(w, "leader", l ? lease_leader(e, l) : NULL);
	json_add_time(w, "leader_since", l ? since_of(l) : -1);
	json_key(w, "leases");
	json_open_array(w);
	if (!e->dry_run)
		TAILQ_FOREACH(l, &e->leases, link)
			if (!l->leaving)
				put_lease(e, w, l);
	json_close_array(w);
}

void report_role(const struct engine *e, struct json_writer *w,
		 const struct watch *k)
{
	const struct lease *l = e->dry_run ? NULL : k->lease;

	json_add_str(w, "role", lease_role_str(lease_role(l, model_boot(e))));
	json_add_str(w, "lease", l ? l->name : NULL);
}
