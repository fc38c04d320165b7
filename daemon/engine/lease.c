/* The leases of the file: asked for, renewed, told of, and let go of. */
#include "engine/lease.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "azure/url.h"
#include "base/random.h"
#include "base/text.h"
#include "engine/note.h"
#include "engine/versions.h"
#include "traffic/end.h"
#include "traffic/job.h"
#include "traffic/timer.h"

#define PACE_MS 5000 /* between two times that a standby asks, at most */
#define REST_PACES 3 /* so long the one that is preferred has for itself */

static void fill(const void *world, const struct job *j, struct call *c)
{
	const struct lease *l = j->owner;

	c->at = model_azure(world);
	c->url = l->url;
	c->lease_step = l->asked;
	c->lease_id = l->wishing ? l->holder.id : l->id;
	c->lease_s = (int)(l->facts.duration_ms / 1000);
	c->holder = &l->teller;
}

const struct job_kind lease_kind = { fill, NULL };

static int64_t third(const struct lease *l)
{
	return l->facts.duration_ms / 3;
}

static int64_t pace(const struct lease *l)
{
	return third(l) < PACE_MS ? third(l) : PACE_MS;
}

/* ---- questions ---- */

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

void lease_say_leader(const struct lease *l, char *dst, size_t size)
{
	char at[40];

	if (l && l->holder.host[0] && l->error) {
		text_time(at, sizeof(at), l->known_at);
		snprintf(
			dst, size,
			"as of %s %s held lease \"%s\", and nothing newer is known: %s",
			at, l->holder.host, l->name, l->error->text);
	} else if (l && l->holder.host[0])
		snprintf(dst, size, "%s holds lease \"%s\"", l->holder.host,
			 l->name);
	else if (l && l->error)
		text_copy(dst, size, l->error->text);
	else
		snprintf(dst, size, "%s lease \"%s\"",
			 l && l->facts.word == LEASE_ANOTHERS
				 ? "another daemon holds"
				 : "nobody is known to hold",
			 l ? l->name : "");
}

bool lease_is_letting_go(const struct engine *e)
{
	const struct lease *l;

	TAILQ_FOREACH(l, &e->leases, link)
		if (l->asked == LEASE_RELEASE && l->job.where != JOB_REST)
			return true;
	return false;
}

/* ---- what is under it ---- */

static bool is_writing(const struct engine *e, const struct lease *l)
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
static bool is_idle(const struct engine *e, const struct lease *l)
{
	const struct watch *w;

	TAILQ_FOREACH(w, &e->watches, link)
		if (w->lease == l && w->active)
			return false;
	return !is_writing(e, l);
}

/* A person has paused all of it, here: then this daemon acts for nothing, and
 * does not keep others from it. */
static bool is_paused(const struct engine *e, const struct lease *l)
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

/* ---- what is told ---- */

static const char *leader_of(const struct lease *l)
{
	return l->holder.host[0] ? l->holder.host : "another daemon";
}

static void tell_leader(struct engine *e, const struct lease *l)
{
	note_lease(
		e, NOTE_LEADER, l,
		"This daemon leads from now on: it holds lease \"%s\", and acts for all that is under it.",
		l->name);
}

static void tell_standby(struct engine *e, struct lease *l)
{
	text_copy(l->told_of, sizeof(l->told_of), l->holder.id);
	note_lease(
		e, NOTE_STANDBY, l,
		"This daemon is standby: %s holds lease \"%s\". What is under it is observed, and written only if a quarter of its window is left and nobody has moved it.",
		leader_of(l), l->name);
}

/* A reload has put more under it than was, or calls it otherwise. */
static void tell_more(struct engine *e, const struct lease *l)
{
	note_lease(
		e, NOTE_LEADER, l,
		"This daemon leads for what the configuration now puts under lease \"%s\", too: it holds that.",
		l->name);
}

static void tell_alone(struct engine *e, const struct lease *l)
{
	note_lease(
		e, NOTE_ALONE, l,
		"This daemon acts alone from now on for what was under lease \"%s\": the configuration puts that under none.",
		l->name);
}

/* Who leads is known, or cannot be had: then it is told once. */
static void tell_other(struct engine *e, struct lease *l)
{
	if (l->role != ROLE_STANDBY || l->facts.word != LEASE_ANOTHERS ||
	    l->looked_at < 0 ||
	    (l->role_told && text_same(l->told_of, l->holder.id)))
		return;
	l->role_told = true;
	tell_standby(e, l);
}

static void tell_confirmed(struct engine *e, const struct lease *l)
{
	note_lease(
		e, NOTE_WARNING, l,
		l->confirmed
			? "Lease \"%s\" is confirmed again: nobody else leads."
			: "Lease \"%s\" has run out while its service cannot be asked: this daemon goes on as the leader, which nobody confirms.",
		l->name);
}

static void mark_all(struct engine *e, const struct lease *l)
{
	struct registry *r;
	struct watch *w;

	TAILQ_FOREACH(w, &e->watches, link) {
		e->looks++;
		if (w->lease != l)
			continue;
		model_mark_watch(e, w, MARK_LOOK);
		TAILQ_FOREACH(r, &w->registries, watch_link) {
			e->looks++;
			model_mark(e, r, MARK_LOOK);
		}
	}
}

/* Who held it until now, be it ourselves, is not who holds it next. */
static void forget_holder(struct lease *l)
{
	l->holder = (struct lease_holder){ .host = "" };
	l->looked_at = -1;
}

/* Our role now, by what is known.  Who has not led for a moment has to be told
 * anew that it does. */
static void settle(struct engine *e, struct lease *l)
{
	struct lease_verdict v = lease_role_of(&l->facts, model_boot(e));
	bool turned = v.role != l->role, unsure = v.confirmed != l->confirmed;

	if (v.role == ROLE_STANDBY && l->facts.word == LEASE_OURS) {
		l->facts.word = LEASE_UNHEARD;
		forget_holder(l);
	}
	l->role = v.role;
	l->confirmed = v.confirmed;
	if (turned) {
		l->since = model_azure(e);
		l->changes++;
		l->role_told = v.role == ROLE_LEADER;
		mark_all(e, l);
		if (v.role == ROLE_LEADER)
			tell_leader(e, l);
	} else if (unsure) {
		tell_confirmed(e, l);
	}
	/* A pass may have waited for that. */
	if (l->heard != l->was_heard)
		mark_all(e, l);
	l->was_heard = l->heard;
	tell_other(e, l);
}

/* The next moment that matters, besides its job's own. */
static void arm(struct engine *e, struct lease *l)
{
	struct lease_verdict v = lease_role_of(&l->facts, model_boot(e));
	int64_t at = v.until;

	if (l->job.where != JOB_REST && l->overdue_at < at)
		at = l->overdue_at;
	timer_set(&e->traffic.timers, &l->timer, at);
}

/* ---- asking ---- */

static void ask(struct engine *e, struct lease *l, enum lease_step step)
{
	l->asked = step;
	l->overdue_at = model_boot(e) + third(l);
	/* Whatever else waits has more time. */
	l->job.urgency = model_azure(e);
	job_ask(&e->traffic, &l->job, CALL_LEASE, l->end, END_READ);
}

static void ask_at(struct engine *e, struct lease *l, int64_t boot)
{
	job_at(&e->traffic, &l->job, boot, false);
}

static void ask_later(struct engine *e, struct lease *l)
{
	ask_at(e, l, model_boot(e) + pace(l));
}

/* A lease that was had without our knowing is not to be had again and again by
 * questions of which we never hear: the others could not have it. */
static bool is_unanswered(const struct lease *l)
{
	return l->unanswered;
}

/* A third after the question that was answered last. */
static void renew_later(struct engine *e, struct lease *l)
{
	ask_at(e, l, l->facts.held_until - 2 * third(l));
}

/* That we hold it, and nobody wants it. */
static void tell_people(struct engine *e, struct lease *l)
{
	struct lease_holder *h = &l->teller;

	*h = (struct lease_holder){ .host = "" };
	text_copy(h->host, sizeof(h->host), e->host);
	text_copy(h->version, sizeof(h->version), e->version);
	text_copy(h->id, sizeof(h->id), l->id);
	text_time(h->since, sizeof(h->since), l->since);
	ask(e, l, LEASE_TELL);
}

/* That we want it, beside who holds it: whoever looks goes on to read that. */
static void wish(struct engine *e, struct lease *l)
{
	struct lease_holder *h = &l->teller;

	l->wishing = true;
	*h = l->holder;
	text_copy(h->wanted_host, sizeof(h->wanted_host), e->host);
	text_copy(h->wanted_id, sizeof(h->wanted_id), l->id);
	ask(e, l, LEASE_TELL);
}

/* We lead no more from now on, whatever comes of it. */
static void let_go(struct engine *e, struct lease *l)
{
	l->facts.word = LEASE_FREE;
	forget_holder(l);
	ask(e, l, LEASE_RELEASE);
}

static void leave_to_others(struct engine *e, struct lease *l)
{
	note_lease(
		e, NOTE_STANDBY, l,
		"This daemon lets go of lease \"%s\": all that is under it is paused by hand, and another daemon that shares it may act.",
		l->name);
	let_go(e, l);
}

static void due(struct engine *e, struct lease *l)
{
	bool ours = l->facts.word == LEASE_OURS, paused;

	l->wishing = false;
	if (e->dry_run || l->leaving || l->ending)
		return;
	paused = is_paused(e, l);
	if (ours && paused && !is_writing(e, l))
		leave_to_others(e, l);
	else if (ours && !l->resized)
		ask(e, l, LEASE_RENEW);
	else if (model_boot(e) < l->rest_until || is_unanswered(l) ||
		 (paused && !ours))
		ask(e, l, LEASE_LOOK);
	else
		ask(e, l, LEASE_ACQUIRE);
}

/* Where it is asked for, which is counted there. */
static void asked_at(struct lease *l, struct end *end)
{
	if (l->end)
		l->end->users--;
	l->end = end;
	if (end)
		end->users++;
}

/* ---- what comes back ---- */

static void gone(struct engine *e, struct lease *l)
{
	struct watch *w;

	TAILQ_FOREACH(w, &e->watches, link)
		if (w->lease == l)
			w->lease = NULL;
	job_cancel(&e->traffic, &l->job);
	asked_at(l, NULL);
	timer_set(&e->traffic.timers, &l->timer, INT64_MAX);
	model_fault_keep(e, &l->error, NULL);
	TAILQ_REMOVE(&e->leases, l, link);
	free(l->name);
	free(l->url);
	free(l);
}

#define BIT(step) (1u << (step))

/* What an answer to each step says of others that have failed.  Who may read
 * may not write for that, and the other way round.  That a blob is to be made,
 * or a lease to be let go of, is over when anything else is answered. */
static const unsigned proven[] = {
	[LEASE_MAKE] = BIT(LEASE_MAKE) | BIT(LEASE_RELEASE),
	[LEASE_ACQUIRE] = BIT(LEASE_MAKE) | BIT(LEASE_RELEASE) |
			  BIT(LEASE_ACQUIRE) | BIT(LEASE_RENEW),
	[LEASE_RENEW] = BIT(LEASE_MAKE) | BIT(LEASE_RELEASE) |
			BIT(LEASE_ACQUIRE) | BIT(LEASE_RENEW),
	[LEASE_RELEASE] = BIT(LEASE_MAKE) | BIT(LEASE_RELEASE),
	[LEASE_TELL] = BIT(LEASE_MAKE) | BIT(LEASE_RELEASE) | BIT(LEASE_TELL),
	[LEASE_LOOK] = BIT(LEASE_MAKE) | BIT(LEASE_RELEASE) | BIT(LEASE_LOOK),
};

/* These steps can be done, or are called for no more: the outage is over when
 * none is left that failed. */
static void works(struct engine *e, struct lease *l, unsigned steps)
{
	l->failed &= ~steps;
	if (l->failed || !l->error)
		return;
	l->failures = 0;
	model_fault_keep(e, &l->error, NULL);
	l->failing_since = -1;
	note_lease(e, NOTE_WARNING, l,
		   "The service of lease \"%s\" answers again.", l->name);
}

/* It was answered, whatever the answer is. */
static void answered(struct engine *e, struct lease *l, unsigned steps)
{
	l->unanswered = false;
	l->facts.failed_at = -1;
	works(e, l, steps);
}

/* Nobody else can have it either: no answer, or there is no such place.  What
 * is refused is refused to us, and another may come to lead by the lease.
 * That waiting helps (fault_is_transient) is another question: for a container
 * that is missing a person has to act, and yet nobody leads by it. */
static bool is_outage(const struct fault *f)
{
	return fault_is_transient(f) || f->kind == FAULT_MISSING;
}

static const char *consequence(const struct lease *l, const struct fault *f)
{
	if (l->facts.word != LEASE_OURS)
		return "What is under it is written by this daemon only if a quarter of its window is left.";
	return is_outage(f) || l->asked == LEASE_TELL || l->asked == LEASE_LOOK
		       ? "This daemon goes on as the leader."
		       : "This daemon leads no more once the lease has run out.";
}

static void came_to_nothing(struct engine *e, struct lease *l,
			    const struct fault *f)
{
	bool same = l->error && l->error->kind == f->kind;

	l->failures++;
	l->failed |= BIT(l->asked);
	l->unanswered = true;
	l->heard = l->heard || l->failures >= ENGINE_TRIES ||
		   !fault_is_transient(f);
	l->facts.failed_at = is_outage(f) ? model_boot(e) : -1;
	if (!l->error)
		l->failing_since = model_azure(e);
	model_fault_keep(e, &l->error, f);
	if (same)
		return;
	note_lease(e, NOTE_WARNING, l, "Lease \"%s\": %s%s %s", l->name,
		   f->text, text_stop(f->text), consequence(l, f));
}

/* The blob is there no more, or never was: that is an answer. */
static bool makes(struct engine *e, struct lease *l, const struct fault *f)
{
	int64_t boot = model_boot(e);

	if (f->kind != FAULT_MISSING ||
	    !text_same(f->azure_code, "BlobNotFound") ||
	    l->asked == LEASE_MAKE || l->asked == LEASE_RELEASE ||
	    (l->made_at >= 0 && boot - l->made_at < pace(l)))
		return false;
	/* Whether it can be made is not said by that. */
	answered(e, l, BIT(l->asked));
	if (l->facts.word == LEASE_OURS)
		l->facts.word = LEASE_UNHEARD;
	forget_holder(l);
	ask(e, l, LEASE_MAKE);
	return true;
}

/* A standby asks on at its usual pace, whatever came: the right may come back
 * as suddenly as an answer, and then it has to be in time for a leader that
 * dies.  One question in a pace is asked in any case. */
static void failed(struct engine *e, struct lease *l, const struct fault *f)
{
	int64_t most = l->facts.word == LEASE_OURS ? third(l) : pace(l), delay;

	if (makes(e, l, f))
		return;
	came_to_nothing(e, l, f);
	/* Who may not look is answered all the same, and asks for it. */
	if (l->asked == LEASE_LOOK && !fault_is_transient(f))
		l->unanswered = false;
	delay = job_delay(&e->traffic, &l->job, f, BACKOFF_NO_DEADLINE);
	ask_at(e, l, model_boot(e) + (delay < most ? delay : most));
}

static void lost(struct engine *e, struct lease *l, const struct reply *r)
{
	l->facts.word = r->lease.held ? LEASE_ANOTHERS : LEASE_UNHEARD;
	forget_holder(l);
	ask(e, l, LEASE_LOOK);
}

static bool looked_lately(const struct engine *e, const struct lease *l)
{
	return l->looked_at >= 0 &&
	       model_boot(e) - l->looked_at < l->facts.duration_ms;
}

static void take_held(struct lease *l, int64_t sent)
{
	bool anew = l->facts.word != LEASE_OURS;

	l->facts.word = LEASE_OURS;
	l->facts.held_until = sent + l->facts.duration_ms;
	l->resized = false;
	if (!anew)
		return;
	l->told = false;
	l->wanted_at = -1;
	l->rest_until = 0;
}

static void take_acquired(struct engine *e, struct lease *l,
			  const struct reply *r, int64_t sent)
{
	l->heard = true;
	if (r->lease.ours) {
		take_held(l, sent);
		settle(e, l); /* since when is to be told */
		tell_people(e, l);
		return;
	}
	if (l->facts.word == LEASE_OURS) {
		lost(e, l, r);
		return;
	}
	l->facts.word = LEASE_ANOTHERS;
	if (looked_lately(e, l))
		ask_later(e, l);
	else
		ask(e, l, LEASE_LOOK);
}

static void take_renewed(struct engine *e, struct lease *l,
			 const struct reply *r, int64_t sent)
{
	if (!r->lease.ours) {
		lost(e, l, r);
		return;
	}
	take_held(l, sent);
	if (!l->told)
		tell_people(e, l);
	else if (!looked_lately(e, l))
		ask(e, l, LEASE_LOOK);
	else
		renew_later(e, l);
}

static void take_told(struct engine *e, struct lease *l, const struct reply *r)
{
	if (l->wishing) {
		l->wanted_at = model_boot(e);
		ask_later(e, l);
	} else if (l->facts.word != LEASE_OURS) {
		ask_later(e, l);
	} else if (!r->lease.ours) {
		lost(e, l, r);
	} else {
		l->told = true;
		l->holder = l->teller;
		l->looked_at = model_boot(e);
		renew_later(e, l);
	}
	l->wishing = false;
}

/* We hold it, and this is what people are told. */
static void look_as_holder(struct engine *e, struct lease *l,
			   const struct reply *r)
{
	const struct lease_holder *h = &r->lease.holder;
	bool ours = r->lease.told && text_same(h->id, l->id);
	bool wanted = h->wanted_id[0] && !text_same(h->wanted_id, l->id);

	if (!r->lease.held) {
		ask(e, l, LEASE_RENEW);
	} else if (!ours || (wanted && l->prefer)) {
		tell_people(e, l);
	} else if (wanted && is_idle(e, l)) {
		note_lease(
			e, NOTE_STANDBY, l,
			"This daemon lets go of lease \"%s\": %s is preferred, and asks for it.",
			l->name,
			h->wanted_host[0] ? h->wanted_host : "another daemon");
		l->rest_until = model_boot(e) + REST_PACES * pace(l);
		let_go(e, l);
	} else {
		if (wanted)
			l->looked_at = -1; /* as soon as it may */
		renew_later(e, l);
	}
}

/* Its holder is known, nobody has asked him for it, and we would act. */
static bool is_to_wish(const struct engine *e, const struct lease *l,
		       const struct reply *r)
{
	const struct lease_holder *h = &r->lease.holder;

	return r->lease.held && l->prefer && r->lease.told && h->id[0] &&
	       !text_same(h->id, l->id) && !h->wanted_id[0] && !is_paused(e, l);
}

static void look_as_other(struct engine *e, struct lease *l,
			  const struct reply *r)
{
	const struct lease_holder *h = &r->lease.holder;
	int64_t boot = model_boot(e);
	bool wishes;

	/* Where our own name stands we have led before; and whoever led until
	 * it was free leads no more. */
	if (!r->lease.held) {
		l->facts.word = LEASE_FREE;
		l->holder = (struct lease_holder){ .host = "" };
	} else {
		l->facts.word = LEASE_ANOTHERS;
		l->rest_until = 0; /* the one that we made room for has it */
		if (r->lease.told && !text_same(h->id, l->id))
			l->holder = *h;
	}
	wishes = is_to_wish(e, l, r);
	if (!wishes) /* whatever came of the last wish */
		works(e, l, BIT(LEASE_TELL));
	if (!r->lease.held && boot >= l->rest_until && !is_paused(e, l))
		ask(e, l, LEASE_ACQUIRE);
	else if (wishes && (l->wanted_at < 0 ||
			    boot - l->wanted_at >= l->facts.duration_ms))
		wish(e, l);
	else
		ask_later(e, l);
}

static void take_looked(struct engine *e, struct lease *l,
			const struct reply *r)
{
	l->looked_at = model_boot(e);
	l->known_at = model_azure(e);
	l->heard = l->heard || r->lease.held;
	if (l->facts.word == LEASE_OURS)
		look_as_holder(e, l, r);
	else
		look_as_other(e, l, r);
}

static void answer(struct engine *e, struct lease *l, const struct reply *r,
		   int64_t sent)
{
	if (r->fault.kind != FAULT_NONE) {
		failed(e, l, &r->fault);
		return;
	}
	answered(e, l, proven[l->asked]);
	switch (l->asked) {
	case LEASE_MAKE:
		l->made_at = model_boot(e);
		if (is_paused(e, l))
			ask_later(e, l);
		else
			ask(e, l, LEASE_ACQUIRE);
		break;
	case LEASE_ACQUIRE:
		take_acquired(e, l, r, sent);
		break;
	case LEASE_RENEW:
		take_renewed(e, l, r, sent);
		break;
	case LEASE_TELL:
		take_told(e, l, r);
		break;
	case LEASE_LOOK:
		take_looked(e, l, r);
		break;
	case LEASE_RELEASE:
		ask_later(e, l);
		break;
	}
}

void lease_take(struct engine *e, struct lease *l, const struct value *v)
{
	/* Whatever came: who has slept does not lead by what was before. */
	settle(e, l);
	switch (v->kind) {
	case VALUE_DUE:
		due(e, l);
		break;
	case VALUE_ANSWER:
		if (l->leaving || l->ending)
			job_cancel(&e->traffic, &l->job);
		else
			answer(e, l, v->reply, v->sent);
		break;
	case VALUE_NO_TOKEN: /* it goes on waiting, or is timed */
		came_to_nothing(e, l, v->fault);
		break;
	case VALUE_UNTRUE:
		ask_later(e, l);
		break;
	case VALUE_TIMER:
	case VALUE_NEWS:
		break;
	}
	if (l->leaving && l->job.where == JOB_REST) {
		gone(e, l);
		return;
	}
	settle(e, l);
	arm(e, l);
}

/* It was asked in good time, and nothing came.  Late is whoever slept: that
 * tells nothing of the service. */
static void overdue(struct engine *e, struct lease *l)
{
	bool slept = model_boot(e) - l->overdue_at > third(l);
	bool waits = l->job.where == JOB_TOKEN;
	struct fault f = fault_none();

	fault_set(&f, FAULT_TRANSIENT, 0, "%s within %" PRId64 " s.",
		  waits ? "no token for its service was to be had"
			: "its service has not answered",
		  third(l) / 1000);
	if (l->leaving || l->ending) {
		job_cancel(&e->traffic, &l->job);
		return;
	}
	if (!slept && !(waits && l->unanswered))
		came_to_nothing(e, l, &f);
	else if (!slept && is_outage(l->error))
		l->facts.failed_at = model_boot(e);
	l->overdue_at = model_boot(e) + third(l);
	if (waits)
		return;
	job_cancel(&e->traffic, &l->job);
	due(e, l);
}

void lease_rang(struct engine *e, struct lease *l)
{
	settle(e, l);
	if (l->job.where != JOB_REST && model_boot(e) >= l->overdue_at)
		overdue(e, l);
	if (l->leaving && l->job.where == JOB_REST) {
		gone(e, l);
		return;
	}
	settle(e, l);
	arm(e, l);
}

/* ---- coming and going ---- */

/* A GUID of version 4 in form (RFC 9562): told apart, not secret. */
static void name_it(const struct engine *e, struct lease *l)
{
	struct random r;
	uint64_t a, b;

	random_init(&r, e->traffic.seed ^ l->job.id ^ (uint64_t)e->started);
	a = random_next(&r);
	b = random_next(&r);
	snprintf(l->id, sizeof(l->id),
		 "%08" PRIx64 "-%04" PRIx64 "-4%03" PRIx64 "-%04" PRIx64
		 "-%012" PRIx64,
		 a >> 32, a >> 16 & 0xffff, a & 0xfff,
		 0x8000 | (b >> 48 & 0x3fff), b & 0xffffffffffff);
}

static struct lease *lease_new(struct engine *e, const struct config_lease *c)
{
	struct lease *l = text_alloc(1, sizeof(*l));

	l->url = text_dup(c->url);
	l->role = ROLE_STANDBY;
	l->facts.failed_at = l->looked_at = l->wanted_at = l->made_at = -1;
	l->known_at = -1;
	l->failing_since = -1;
	l->since = model_azure(e);
	job_init(&l->job, &lease_kind, l, text_hash(c->url));
	timer_init(&l->timer, TIMER_LEASE, l);
	name_it(e, l);
	TAILQ_INSERT_TAIL(&e->leases, l, link);
	return l;
}

static struct lease *find(struct engine *e, const char *url)
{
	struct lease *l;

	TAILQ_FOREACH(l, &e->leases, link)
		if (strcmp(l->url, url) == 0)
			return l;
	return NULL;
}

/* HOST[:PORT] of an https URL, as config_parse lets in. */
static void host_of(const char *url, char *dst, size_t size)
{
	const char *from = url + strlen("https://");
	size_t n = strcspn(from, "/");

	snprintf(dst, size, "%.*s", (int)n, from);
}

static struct lease *keep(struct engine *e, const struct config_lease *c)
{
	const struct credential *cred = end_credential(
		&e->traffic, &e->config->credentials[c->credential]);
	struct lease *l = find(e, c->url);
	int64_t whole = c->duration_ms / 1000 * 1000;
	bool fresh = !l || l->leaving;
	char host[URL_HOST_MAX + 6];

	if (!l)
		l = lease_new(e, c);
	l->more = !fresh && strcmp(l->name, c->name) != 0;
	free(l->name);
	l->name = text_dup(c->name);
	l->prefer = c->prefer;
	l->kept = true;
	l->leaving = false;
	host_of(c->url, host, sizeof(host));
	asked_at(l, end_storage(&e->traffic, host, cred));
	job_rebind(&e->traffic, &l->job, l->end);
	/* Azure is told whole seconds. */
	l->resized = !fresh && l->facts.duration_ms != whole;
	l->facts.duration_ms = whole;
	if (fresh || l->resized)
		ask_at(e, l, model_boot(e));
	return l;
}

/* What the file names no more: it is let go of first. */
static void leave(struct engine *e, struct lease *l, bool ending)
{
	bool maybe = l->facts.word == LEASE_OURS ||
		     (l->asked == LEASE_ACQUIRE && l->job.where == JOB_FLIGHT);

	if (ending ? l->ending : l->leaving)
		return;
	if (ending)
		l->ending = true;
	else
		l->leaving = true;
	job_cancel(&e->traffic, &l->job);
	if (maybe && l->end)
		let_go(e, l);
	settle(e, l);
	arm(e, l);
}

void lease_adopt(struct engine *e)
{
	const struct config *c = e->config;
	struct lease *l, *next;

	TAILQ_FOREACH(l, &e->leases, link)
		l->kept = l->more = l->less = l->left = false;
	e->lease_of = text_realloc(e->lease_of, c->n_leases + 1,
				   sizeof(*e->lease_of));
	for (size_t i = 0; i < c->n_leases; i++)
		e->lease_of[i] = keep(e, &c->leases[i]);
	for (l = TAILQ_FIRST(&e->leases); l; l = next) {
		next = TAILQ_NEXT(l, link);
		if (l->kept)
			continue;
		l->left = !l->leaving;
		leave(e, l, false);
	}
}

void lease_put(struct watch *w, struct lease *l)
{
	struct lease *before = w->lease;

	w->lease = l;
	if (before != l && l)
		l->more = true;
	else if (before != l)
		before->less = true;
}

/* Of those that are new it is told once it is known whose they are. */
void lease_reloaded(struct engine *e)
{
	bool alone = !e->dry_run && lease_role_all(e) == ROLE_ALONE;
	struct lease *l, *next;

	for (l = TAILQ_FIRST(&e->leases); l; l = next) {
		next = TAILQ_NEXT(l, link);
		if (!e->dry_run && (l->less || (l->left && alone)))
			tell_alone(e, l);
		if (l->more && l->role == ROLE_LEADER)
			tell_more(e, l);
		else if (l->more)
			l->role_told = false;
		tell_other(e, l);
		if (l->leaving && l->job.where == JOB_REST)
			gone(e, l);
	}
}

struct lease *lease_at(const struct engine *e, size_t at)
{
	/* A configuration without leases may name none, whatever it says. */
	return at < e->config->n_leases && e->lease_of ? e->lease_of[at] : NULL;
}

void lease_paused(struct engine *e)
{
	struct lease *l;

	TAILQ_FOREACH(l, &e->leases, link)
		if (l->job.where == JOB_REST && !l->leaving && !l->ending)
			ask_at(e, l, model_boot(e));
}

void lease_end(struct engine *e)
{
	struct lease *l;

	TAILQ_FOREACH(l, &e->leases, link)
		leave(e, l, true);
}

void lease_free_all(struct engine *e)
{
	while (!TAILQ_EMPTY(&e->leases))
		gone(e, TAILQ_FIRST(&e->leases));
	free(e->lease_of);
}
