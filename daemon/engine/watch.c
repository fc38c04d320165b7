/* One registry's way from an old version to the wanted one. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "engine/engine_internal.h"

#define POLL_DEFAULT_MS 10000 /* an operation without Retry-After */
#define POLL_GROWN_MS 30000
#define POLL_TOLD_MAX_MS 60000 /* an hour's budget bears no longer pause */
#define BUSY_MS 10000
#define OPERATION_MAX_MS 1800000 /* then its URL is given up, not the wait */
#define SLOT_MAX_MS 300000 /* an operation longer than this lets others by */

static void judge(struct engine *e, struct registry *r);

/* ---- small things ---- */

bool watch_writing(const struct registry *r)
{
	return r->phase == PHASE_WRITE || r->phase == PHASE_POLL ||
	       r->phase == PHASE_POLLING || r->phase == PHASE_VERIFY;
}

/* The only place that assigns a phase. */
static void phase_set(struct engine *e, struct registry *r,
		      enum watch_phase phase)
{
	bool before = watch_writing(r);

	r->phase = phase;
	if (before && !watch_writing(r))
		e->n_writes--;
	else if (!before && watch_writing(r))
		e->n_writes++;
}

static void op_forget(struct registry *r)
{
	free(r->op_url);
	r->op_url = NULL;
	r->op_polls = 0;
}

void watch_stop(struct engine *e, struct registry *r)
{
	schedule_cancel(e, &r->job);
	canary_leave(r);
	if (r->watch->canary == r)
		r->watch->canary = NULL;
	if (r->watch->named == r)
		r->watch->named = NULL;
	op_forget(r);
	phase_set(e, r, PHASE_IDLE);
	if (r->slot)
		r->watch->active--;
	r->slot = false;
}

static int64_t deadline_of(const struct engine *e, const struct registry *r)
{
	int64_t d = key_deadline(e, r->watch);

	return d < 0 ? BACKOFF_NO_DEADLINE : d;
}

bool watch_on_target(const struct registry *r)
{
	const struct seen_version *s = key_target(r->watch);

	return s && r->facts.own_key &&
	       text_same(r->facts.in_use, s->v.version);
}

static void urgency(const struct engine *e, struct registry *r)
{
	int64_t d = key_deadline(e, r->watch);

	r->job.urgency = d >= 0 && !watch_on_target(r)
				 ? d
				 : engine_azure(e) + e->config->window_ms;
}

static void ask_get(struct engine *e, struct registry *r)
{
	urgency(e, r);
	schedule_ask(e, &r->job, CALL_REGISTRY, &r->scope->read,
		     r->scope->token);
}

void watch_fill(const struct registry *r, struct call *c)
{
	c->registry = r->id;
	c->url = r->op_url;
	if (r->job.ask != CALL_PATCH)
		return;
	c->key = r->watch->key;
	c->key.version[0] = '\0';
	if (r->writing == DECIDE_PIN)
		text_copy(c->key.version, sizeof(c->key.version), r->wrote);
	text_copy(c->identity, sizeof(c->identity), r->facts.identity);
}

void watch_read(struct engine *e, struct registry *r)
{
	phase_set(e, r, PHASE_READ);
	ask_get(e, r);
	health_refresh(e, r);
}

/* At rest until the next routine read, which a LIST may do for many. */
static void routine(struct engine *e, struct registry *r)
{
	int64_t interval = e->config->reread_interval_ms;
	int64_t base = r->read_at < 0 ? e->now.boot : r->read_at;
	int64_t deadline = key_deadline(e, r->watch);
	int64_t next = base + interval * 3 / 4 -
		       random_below(&e->rng, interval / 8 + 1);

	phase_set(e, r, PHASE_IDLE);
	if (list_covers(r))
		next = INT64_MAX;
	/* Azure may have done it by itself just in time: say what is true. */
	if (deadline >= 0 && !watch_on_target(r) &&
	    deadline > engine_azure(e) &&
	    engine_boot_of(e, deadline) - 1000 < next)
		next = engine_boot_of(e, deadline) - 1000;
	if (next <= e->now.boot)
		next = e->now.boot + 1000;
	schedule_at(e, &r->job, next);
}

/* ---- outcomes ---- */

static void clear_error(struct registry *r)
{
	engine_fault_keep(&r->error, NULL);
	r->refused = r->denied = false;
}

static void tell_verified(struct engine *e, struct registry *r)
{
	const struct seen_version *s = key_target(r->watch);
	int64_t azure = engine_azure(e), late;
	char took[32], over[32];

	text_duration(took, sizeof(took), azure - key_effective(r->watch, s));
	engine_note(
		e, NOTE_VERIFIED, r->watch, r, s->v.version, r->proven,
		"Registry %s is verified on version %.8s, %s after it became effective.",
		r->id, s->v.version, took);
	late = azure - key_effective(r->watch, s) - e->config->window_ms;
	if (late <= 0 || r->watch->mode == WATCH_MANUAL)
		return;
	text_duration(over, sizeof(over), late);
	engine_note(e, NOTE_LATE, r->watch, r, s->v.version, NULL,
		    "Registry %s was late by %s: the window had ended.", r->id,
		    over);
}

static void done(struct engine *e, struct registry *r)
{
	bool news = !text_same(r->proven, r->facts.in_use);

	canary_leave(r);
	if (!r->proof && news && r->proven[0] != '\0') {
		/* A LIST is no proof of a move: ask the registry itself. */
		watch_read(e, r);
		return;
	}
	if (news && r->proven[0] != '\0')
		tell_verified(e, r);
	text_copy(r->proven, sizeof(r->proven), r->facts.in_use);
	r->verified_at = r->read_azure;
	r->writing = DECIDE_DONE;
	r->wrote[0] = r->tried[0] = '\0';
	r->write_failures = 0;
	r->maybe = false;
	clear_error(r);
	if (news)
		engine_save(e);
	routine(e, r);
	canary_passed(e, r);
	canary_slot_free(e, r);
	health_refresh(e, r);
}

/* Nothing can be done now: back to routine reads, out of the others' way. */
static void settle(struct engine *e, struct registry *r,
		   enum decide_action action)
{
	canary_leave(r);
	r->writing = DECIDE_DONE;
	r->maybe = false;
	routine(e, r);
	health_refresh(e, r);
	if (action == DECIDE_BLOCK)
		canary_yield(e, r);
	canary_slot_free(e, r);
}

/* A failed attempt: wait as the rules say, then read again before anything. */
static void retry(struct engine *e, struct registry *r, const struct fault *f)
{
	int64_t delay;

	canary_leave(r);
	engine_fault_keep(&r->error, f);
	r->write_failures++;
	r->job.failures = r->write_failures - 1;
	delay = schedule_delay(e, &r->job, f, deadline_of(e, r));
	phase_set(e, r, PHASE_IDLE);
	if (fault_is_transient(f))
		schedule_sleep(e, &r->job, delay);
	else
		schedule_at(e, &r->job, e->now.boot + delay);
	health_refresh(e, r);
	canary_slot_free(e, r);
}

/* Azure said yes, and yet the version in use is not the one written. */
static void without_effect(struct engine *e, struct registry *r)
{
	struct fault f = fault_none();

	fault_set(
		&f, FAULT_TRANSIENT, 0,
		"Azure accepted the write to %s, but its key settings did not change; it is tried again.",
		r->id);
	r->writing = DECIDE_DONE;
	engine_note(e, NOTE_FAILED, r->watch, r, r->wrote, NULL, "%s", f.text);
	retry(e, r, &f);
}

/* ---- writing ---- */

static const char *write_str(enum decide_action a)
{
	if (a == DECIDE_PIN)
		return "the new version";
	return a == DECIDE_RELEASE ? "the unversioned identifier again"
				   : "the unversioned identifier";
}

static void dry(struct engine *e, struct registry *r, const char *version)
{
	struct action *a;

	if (!text_same(r->wrote, version)) {
		text_copy(r->wrote, sizeof(r->wrote), version);
		engine_note(e, NOTE_DRY_RUN, r->watch, r, version,
			    r->facts.in_use,
			    "Dry run: %s would be written to %s.",
			    write_str(r->writing), r->id);
		a = engine_push(e, ACTION_SHOW);
		r->job.ask = CALL_PATCH;
		a->call = (struct call){ .kind = CALL_PATCH };
		watch_fill(r, &a->call);
	}
	r->writing = DECIDE_DONE;
	routine(e, r);
	health_refresh(e, r);
	canary_yield(e, r);
	canary_slot_free(e, r);
}

static void write_now(struct engine *e, struct registry *r,
		      enum decide_action action)
{
	const char *version = key_target(r->watch)->v.version;

	r->writing = action;
	r->maybe = false;
	if (e->dry_run) {
		dry(e, r, version);
		return;
	}
	text_copy(r->wrote, sizeof(r->wrote), version);
	phase_set(e, r, PHASE_WRITE);
	urgency(e, r);
	engine_note(e, NOTE_WRITE, r->watch, r, version, r->facts.in_use,
		    "Writing %s to %s: version %.8s is wanted, %.8s is in use.",
		    write_str(action), r->id, version, r->facts.in_use);
	engine_save(e);
	schedule_ask(e, &r->job, CALL_PATCH, &r->scope->write, r->scope->token);
	health_refresh(e, r);
}

static void want_write(struct engine *e, struct registry *r,
		       enum decide_action action)
{
	if (r->retiring && action == DECIDE_RELEASE && r->proof &&
	    key_fresh(e, r->watch) && !health_paused(e, r)) {
		write_now(e, r, action); /* the last step of a move */
		return;
	}
	if (health_paused(e, r) || r->retiring) {
		settle(e, r, DECIDE_BLOCK);
		return;
	}
	if (r->slot && r->proof && key_fresh(e, r->watch) &&
	    canary_lets(e, r)) {
		write_now(e, r, action);
		return;
	}
	if (!r->slot && r->proof && !r->waiting &&
	    TAILQ_EMPTY(&r->watch->waiters) && canary_may_go(e, r)) {
		canary_slot_take(r);
		write_now(e, r, action);
		return;
	}
	canary_slot_free(e, r);
	routine(e, r); /* it is read on while it waits */
	phase_set(e, r, PHASE_WAIT);
	if (!r->waiting)
		TAILQ_INSERT_TAIL(&r->watch->waiters, r, wait_link);
	r->waiting = true;
	health_refresh(e, r);
	canary_pump(e, r->watch);
}

/* Whatever waited in a queue may be out of date by now. */
#define SEND_AGE_MS 30000

bool watch_may_send(struct engine *e, struct registry *r)
{
	const struct seen_version *t = key_target(r->watch);

	if (t && text_same(t->v.version, r->wrote) && key_fresh(e, r->watch) &&
	    !health_paused(e, r) && e->now.boot - r->read_at <= SEND_AGE_MS &&
	    watch_decision(e, r).action == r->writing)
		return true;
	r->writing = DECIDE_DONE;
	watch_read(e, r);
	return false;
}

/* ---- what is known -> what to do ---- */

/* The operation is over: did the write do what it was for? */
static bool had_effect(struct registry *r, const char *target)
{
	bool in_use = r->facts.own_key && text_same(r->facts.in_use, target);

	if (!text_same(r->wrote, target))
		return true; /* it was for another version */
	if (r->writing == DECIDE_PIN)
		return in_use;
	if (r->writing == DECIDE_RELEASE)
		return r->facts.pinned[0] == '\0';
	return true;
}

/* The re-written identifier did not move it: pinning is next.  After a lost
 * answer that cannot be told from a write that never came; pinning is right
 * in both cases. */
static void note_ignored(struct registry *r, const char *target)
{
	if (r->writing == DECIDE_FOLLOW && r->facts.own_key &&
	    r->facts.pinned[0] == '\0' && text_same(r->wrote, target) &&
	    !text_same(r->facts.in_use, target))
		text_copy(r->tried, sizeof(r->tried), target);
}

struct decision watch_decision(const struct engine *e, const struct registry *r)
{
	const struct watch *w = r->watch;
	const struct seen_version *target = key_target(w);
	const struct seen_version *in_use = key_seen(w, r->facts.in_use);
	bool gone = in_use && (in_use->missing || in_use->disabled);
	/* What a former life has read of it is as good: it cannot change. */
	bool known = in_use &&
		     (in_use->read_at >= 0 || (gone && in_use->v.created >= 0));
	struct decide_input in = {
		.mode = w->mode,
		.takeover = w->takeover,
		.identity = w->identity,
		.facts = &r->facts,
		.target = target ? &target->v : NULL,
		.target_fault = key_fault(e, w),
		.in_use = known ? &in_use->v : NULL,
		.in_use_gone = gone || (in_use == NULL && r->facts.in_use[0]),
		.tried = target && text_same(r->tried, target->v.version),
	};

	return decide_step(&in);
}

static bool settled_write(const struct registry *r)
{
	return r->proof && r->facts.provisioning == PROVISIONING_SUCCEEDED &&
	       (r->phase == PHASE_VERIFY || r->maybe);
}

static void wait_busy(struct engine *e, struct registry *r,
		      enum decide_reason reason)
{
	if (reason == REASON_OBSERVE) {
		settle(e, r, DECIDE_WAIT);
		return;
	}
	if (r->slot && e->now.boot - r->op_started > SLOT_MAX_MS)
		canary_slot_free(e, r);
	phase_set(e, r, watch_writing(r) ? PHASE_VERIFY : PHASE_IDLE);
	schedule_at(e, &r->job, e->now.boot + BUSY_MS);
	health_refresh(e, r);
}

/* What a move begins from: `done` tells by it that one has happened. */
static void note_origin(struct engine *e, struct registry *r)
{
	if (r->facts.in_use[0] == '\0' ||
	    text_same(r->proven, r->facts.in_use) ||
	    (r->proven[0] != '\0' && (watch_on_target(r) || !r->proof)))
		return;
	text_copy(r->proven, sizeof(r->proven), r->facts.in_use);
	engine_save(e);
}

static void act(struct engine *e, struct registry *r, struct decision d)
{
	r->reason = d.reason;
	if (d.action != DECIDE_DONE)
		note_origin(e, r);
	switch (d.action) {
	case DECIDE_DONE:
		done(e, r);
		break;
	case DECIDE_BLOCK:
	case DECIDE_HOLD:
		settle(e, r, d.action);
		break;
	case DECIDE_WAIT:
		wait_busy(e, r, d.reason);
		break;
	case DECIDE_LOOK:
		key_look(e, r->watch);
		settle(e, r, DECIDE_HOLD);
		break;
	case DECIDE_FOLLOW:
	case DECIDE_PIN:
	case DECIDE_RELEASE:
		want_write(e, r, d.action);
		break;
	}
}

static void judge(struct engine *e, struct registry *r)
{
	const struct seen_version *target = key_target(r->watch);

	if (target && settled_write(r)) {
		note_ignored(r, target->v.version);
		if (!r->maybe && !had_effect(r, target->v.version)) {
			without_effect(e, r);
			return;
		}
		if (!watch_on_target(r) || r->facts.pinned[0] == '\0')
			r->maybe = false;
	}
	act(e, r, watch_decision(e, r));
}

void watch_target_changed(struct engine *e, struct watch *w)
{
	struct registry *r;

	w->judged = key_fault(e, w);
	TAILQ_FOREACH(r, &w->registries, watch_link) {
		r->write_failures = 0;
		if (r->phase == PHASE_IDLE && r->job.where == AT_REST &&
		    r->read_at >= 0 && !r->retiring) {
			r->proof = false;
			clear_error(r);
			judge(e, r);
		} else {
			health_refresh(e, r);
		}
	}
	canary_pump(e, w);
}

/* ---- what comes in ---- */

static void not_found(struct engine *e, struct registry *r,
		      const struct fault *f)
{
	facts_missing(e, r);
	r->reason = REASON_MISSING;
	retry(e, r, f);
	canary_yield(e, r);
}

/* Once for each kind of trouble. */
static void tell_failed(struct engine *e, const struct registry *r,
			const struct fault *f)
{
	if (!r->error || r->error->kind != f->kind)
		engine_note(e, NOTE_FAILED, r->watch, r, NULL, NULL, "%s",
			    f->text);
}

static void get_failed(struct engine *e, struct registry *r,
		       const struct fault *f)
{
	enum watch_phase phase = r->phase;

	if (f->kind == FAULT_MISSING) {
		not_found(e, r, f);
		return;
	}
	tell_failed(e, r, f);
	retry(e, r, f);
	/* What was written is still to be read back. */
	if (phase == PHASE_VERIFY)
		phase_set(e, r, PHASE_VERIFY);
	else if (!fault_is_transient(f))
		canary_yield(e, r);
	health_refresh(e, r);
}

static void get_good(struct engine *e, struct registry *r,
		     const struct registry_view *v)
{
	if (r->error && !r->refused)
		clear_error(r);
	facts_take(e, r, v);
	r->proof = true;
	judge(e, r);
	r->proof = false;
}

void watch_listed(struct engine *e, struct registry *r,
		  const struct registry_view *v)
{
	bool waiting = heap_has(&r->job.timer.node);

	if (r->error && !r->refused)
		clear_error(r);
	facts_take(e, r, v);
	r->proof = false;
	/* A retry has its own time; a list does not bring it forward. */
	if (waiting && r->error)
		health_refresh(e, r);
	else
		judge(e, r);
}

static void patch_failed(struct engine *e, struct registry *r,
			 const struct reply *m)
{
	const struct fault *f = &m->fault;
	bool refused = f->kind == FAULT_REFUSED;
	bool denied = f->kind == FAULT_DENIED || f->kind == FAULT_AUTH ||
		      f->kind == FAULT_MISSING;

	engine_note(e, denied ? NOTE_BLOCKED : NOTE_FAILED, r->watch, r,
		    r->wrote, r->facts.in_use, "%s", f->text);
	/* Whatever came back, only a read tells whether it happened. */
	r->maybe = m->maybe_done || fault_is_transient(f) ||
		   f->kind == FAULT_INVALID;
	if (!r->maybe)
		r->writing = DECIDE_DONE;
	r->refused = refused || denied;
	r->denied = denied;
	retry(e, r, f);
	if (refused)
		canary_refused(e, r);
	if (denied)
		canary_yield(e, r);
}

static void poll_later(struct engine *e, struct registry *r, int64_t told)
{
	int64_t delay = r->op_polls < 3 ? POLL_DEFAULT_MS : POLL_GROWN_MS;

	if (told >= 0)
		delay = told < POLL_TOLD_MAX_MS ? told : POLL_TOLD_MAX_MS;
	if (delay < 100)
		delay = 100;
	if (e->now.boot - r->op_started > SLOT_MAX_MS)
		canary_slot_free(e, r);
	phase_set(e, r, PHASE_POLL);
	schedule_at(e, &r->job, e->now.boot + delay);
	health_refresh(e, r);
}

static void verify(struct engine *e, struct registry *r)
{
	phase_set(e, r, PHASE_VERIFY);
	op_forget(r);
	ask_get(e, r);
	health_refresh(e, r);
}

static void patch_reply(struct engine *e, struct registry *r,
			const struct reply *m)
{
	if (m->fault.kind != FAULT_NONE) {
		patch_failed(e, r, m);
		return;
	}
	clear_error(r);
	op_forget(r);
	r->op_started = e->now.boot;
	engine_note(e, NOTE_ACCEPTED, r->watch, r, r->wrote, r->facts.in_use,
		    "Azure accepted the write to %s%s.", r->id,
		    m->patch.finished ? "" : " and is carrying it out");
	if (m->patch.finished) {
		verify(e, r);
		return;
	}
	r->op_url = text_dup(m->patch.operation_url);
	poll_later(e, r, m->patch.retry_after_ms);
}

static void op_failed(struct engine *e, struct registry *r,
		      const struct fault *f)
{
	engine_note(e, NOTE_FAILED, r->watch, r, r->wrote, r->facts.in_use,
		    "%s", f->text);
	op_forget(r);
	r->writing = DECIDE_DONE;
	r->refused = f->kind == FAULT_REFUSED;
	r->denied = false;
	retry(e, r, f);
	if (r->refused)
		canary_refused(e, r);
}

/* The status cannot be had; that says nothing about the operation. */
static void op_unread(struct engine *e, struct registry *r,
		      const struct fault *f)
{
	bool transient = fault_is_transient(f);
	int64_t delay = BUSY_MS;

	tell_failed(e, r, f);
	engine_fault_keep(&r->error, f);
	if (transient && e->now.boot - r->op_started < OPERATION_MAX_MS) {
		delay = schedule_delay(e, &r->job, f, deadline_of(e, r));
		phase_set(e, r, PHASE_POLL);
		schedule_sleep(e, &r->job, delay);
	} else {
		op_forget(r);
		phase_set(e, r, PHASE_VERIFY);
		schedule_at(e, &r->job, e->now.boot + delay);
	}
	health_refresh(e, r);
}

static void op_reply(struct engine *e, struct registry *r,
		     const struct reply *m)
{
	if (m->fault.kind != FAULT_NONE) {
		op_unread(e, r, &m->fault);
		return;
	}
	if (m->operation.status == OPERATION_SUCCEEDED) {
		verify(e, r);
		return;
	}
	if (m->operation.status != OPERATION_RUNNING) {
		op_failed(e, r, &m->operation.error);
		return;
	}
	if (m->operation.operation_url) {
		free(r->op_url);
		r->op_url = text_dup(m->operation.operation_url);
	}
	r->op_polls++;
	if (e->now.boot - r->op_started > OPERATION_MAX_MS)
		op_forget(r);
	poll_later(e, r, m->operation.retry_after_ms);
}

void watch_reply(struct engine *e, struct registry *r, const struct reply *m)
{
	if (r->job.ask == CALL_PATCH)
		patch_reply(e, r, m);
	else if (r->job.ask == CALL_OPERATION)
		op_reply(e, r, m);
	else if (m->fault.kind != FAULT_NONE)
		get_failed(e, r, &m->fault);
	else
		get_good(e, r, &m->registry);
	/* While it asks, its name is in use. */
	if (r->retiring && !watch_writing(r) && r->job.where == AT_REST)
		adopt_gone(e, r);
}

void watch_due(struct engine *e, struct registry *r)
{
	if (r->phase == PHASE_POLL && r->op_url) {
		phase_set(e, r, PHASE_POLLING);
		urgency(e, r);
		schedule_ask(e, &r->job, CALL_OPERATION, &r->scope->read,
			     r->scope->token);
		return;
	}
	if (r->phase == PHASE_POLL || r->phase == PHASE_VERIFY)
		phase_set(e, r, PHASE_VERIFY);
	else
		phase_set(e, r, PHASE_READ);
	ask_get(e, r);
}

void watch_kick(struct engine *e, struct registry *r)
{
	if (r->phase == PHASE_IDLE && r->job.where == AT_REST)
		schedule_at(e, &r->job, e->now.boot);
}

void watch_unreachable(struct engine *e, struct registry *r,
		       const struct fault *f)
{
	if (!r->refused)
		engine_fault_keep(&r->error, f);
	health_refresh(e, r);
}
