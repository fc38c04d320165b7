/* What is true of each registry and of the whole, kept up to date in O(1). */
#include "engine/health.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "engine/key.h"
#include "engine/lease.h"
#include "engine/move.h"
#include "engine/note.h"
#include "engine/outlook.h"
#include "engine/versions.h"
#include "traffic/host.h"

#define CLOCK_TOLD_MS 300000

#define UNREAD_MS 10000 /* a first try or two may fail */

struct assessment {
	enum decide_state state;
	enum decide_reason reason;
	bool fresh, missed;
	bool stands; /* late, and nothing of ours will change it */
};

static void put(struct assessment *a, enum decide_state state,
		enum decide_reason reason)
{
	a->state = state;
	a->reason = reason;
}

/* This version is still to be read. */
static bool still_asked(const struct watch *w, const char *version)
{
	const struct seen_version *s = versions_find(w, version);

	return s && s->failed < ENGINE_TRIES;
}

/* It will be known in a moment; a first try or two may fail. */
static bool is_awaited(const struct watch *w)
{
	return w->mode == WATCH_MANUAL && !w->error && !versions_target(w) &&
	       still_asked(w, w->key.version);
}

/* A write is wanted: where does it stand? */
static void assess_write(const struct engine *e, const struct registry *r,
			 struct decision d, struct assessment *a)
{
	const struct watch *w = r->watch;

	if (r->error && r->denied)
		put(a, STATE_BLOCKED, REASON_DENIED);
	else if (r->error && r->refused)
		put(a, STATE_BLOCKED, REASON_REFUSED);
	else if (r->futile) /* also while it is tried again */
		put(a, STATE_BLOCKED, REASON_IN_VAIN);
	else if (e->dry_run)
		put(a, STATE_HELD, REASON_DRY_RUN);
	else if (r->gated != DECIDE_DONE)
		put(a, STATE_ROTATING, REASON_STANDBY);
	else if (r->queue == QUEUE_WAITERS && w->canary_state == CANARY_REFUSED)
		put(a, STATE_HELD, REASON_CANARY_REFUSED);
	else if (r->wants != DECIDE_DONE)
		put(a, STATE_ROTATING, REASON_TURN);
	else if (r->phase == PHASE_VERIFY)
		put(a, STATE_VERIFYING, REASON_READ_BACK);
	else if (r->phase == PHASE_POLL || r->phase == PHASE_POLLING)
		put(a, STATE_ROTATING, REASON_OPERATION);
	else if (r->phase == PHASE_IDLE && r->error)
		put(a, STATE_ROTATING, REASON_RETRY);
	else
		put(a, STATE_ROTATING, d.reason);
}

static void assess_decision(const struct engine *e, const struct registry *r,
			    struct decision d, struct assessment *a)
{
	switch (d.action) {
	case DECIDE_DONE:
		/* What is written just now may be another version. */
		if (model_writing(r) && r->phase != PHASE_VERIFY)
			put(a, STATE_ROTATING, REASON_OPERATION);
		else if (!model_writing(r) &&
			 text_same(r->proven, r->facts.in_use))
			put(a, STATE_CURRENT, REASON_CURRENT);
		else
			put(a, STATE_VERIFYING, REASON_READ_BACK);
		break;
	case DECIDE_BLOCK:
		put(a, STATE_BLOCKED, d.reason);
		break;
	case DECIDE_HOLD:
		put(a,
		    d.reason == REASON_MANUAL_UNREAD && is_awaited(r->watch)
			    ? STATE_UNKNOWN
			    : STATE_HELD,
		    d.reason);
		break;
	case DECIDE_WAIT:
		if (r->futile && d.reason != REASON_OBSERVE) {
			put(a, STATE_BLOCKED, REASON_IN_VAIN);
			break;
		}
		put(a,
		    r->phase == PHASE_VERIFY ? STATE_VERIFYING : STATE_ROTATING,
		    d.reason);
		break;
	case DECIDE_LOOK:
		put(a, STATE_ROTATING, d.reason);
		break;
	case DECIDE_UNKNOWN:
		put(a, STATE_UNKNOWN,
		    r->contrary < ENGINE_LOOKS ? REASON_READ_FIRST : d.reason);
		break;
	case DECIDE_FOLLOW:
	case DECIDE_PIN:
	case DECIDE_RELEASE:
		assess_write(e, r, d, a);
		break;
	}
	/* A move has a bound: from then on somebody has to look. */
	if (model_drags(e, r) &&
	    (a->reason == REASON_BUSY || a->reason == REASON_OPERATION))
		put(a, STATE_HELD, REASON_BUSY_LONG);
}

/* Whom it waits for changes for all at once: it is told by what is so when
 * somebody asks. */
enum decide_reason health_reason(const struct registry *r)
{
	const struct watch *w = r->watch;

	if (r->reason == REASON_TURN && r->queue == QUEUE_WAITERS &&
	    w->canary_first && w->canary_state != CANARY_PASSED && w->canary &&
	    w->canary != r)
		return REASON_CANARY_WAIT;
	return r->reason;
}

static bool structural(struct decision d)
{
	return d.action == DECIDE_BLOCK &&
	       d.reason != REASON_IDENTITY_DETACHED &&
	       d.reason != REASON_IDENTITY_OTHER;
}

/* The key cannot be judged by, and not because it is known to be gone. */
static bool key_unknown(const struct engine *e, const struct watch *w,
			struct assessment *a)
{
	if (key_fresh(e, w) || (w->error && w->error->kind == FAULT_MISSING))
		return false;
	if (w->error)
		put(a, STATE_UNREACHABLE, REASON_KEY_ERROR);
	else
		put(a, STATE_UNKNOWN,
		    w->polled_at < 0 ? REASON_KEY_UNREAD : REASON_KEY_STALE);
	return true;
}

/* The wanted version may turn out to be no newer than the one in use. */
static bool in_doubt(const struct registry *r, struct decision d)
{
	return d.reason == REASON_NEWEST_OLDER ||
	       d.reason == REASON_IN_USE_LOST ||
	       (d.reason == REASON_READ_FIRST &&
		r->watch->job.where != JOB_REST);
}

/* Nobody tells which version it uses: whoever was verified on the wanted one
 * was in time, and one answer is no verdict. */
static bool untold_in_time(const struct registry *r)
{
	return r->untold &&
	       (r->contrary < ENGINE_LOOKS ||
		text_same(r->proven, versions_target(r->watch)->v.version));
}

/* A former life has told that it is overdue for the newest version of its
 * key, which cannot be read in this one; and it still does not use it. */
static bool was_missed(const struct registry *r)
{
	const struct watch *w = r->watch;

	return r->late_told[0] != '\0' && r->read_at >= 0 &&
	       w->mode != WATCH_MANUAL && w->polled_at < 0 && !w->gone &&
	       text_same(r->late_told, w->newest) &&
	       !text_same(r->facts.in_use, w->newest);
}

static bool is_missed(const struct engine *e, const struct registry *r)
{
	int64_t deadline = versions_deadline(e, r->watch);

	if (was_missed(r))
		return true;
	return r->read_at >= 0 && deadline >= 0 && !model_dateless(e) &&
	       !versions_on_target(r) && !untold_in_time(r) &&
	       versions_fault(e, r->watch) == REASON_NONE &&
	       model_azure(e) > deadline;
}

/* Boot ms from which on nobody can say that it has not missed a deadline:
 * for longer than a window it was not read, or its key was not, which may
 * have had a new version.  INT64_MAX: that is no matter of time. */
static int64_t dark_from(const struct engine *e, const struct registry *r)
{
	const struct config *c = e->config;
	const struct watch *w = r->watch;
	int64_t read = r->read_at < 0 ? r->since : r->read_at;
	int64_t polled = w->polled_at < 0 ? w->since : w->polled_at;
	int64_t most = c->window_ms;

	if (w->mode == WATCH_MANUAL)
		return INT64_MAX;
	most = c->reread_interval_ms > most ? c->reread_interval_ms : most;
	if (!key_fresh(e, w) && !(w->error && w->error->kind == FAULT_MISSING))
		read = polled < read ? polled : read;
	return read + most + 1;
}

/* It was tried, and not only once. */
static bool tried_twice(const struct registry *r)
{
	const struct token *k = r->scope->end->token;
	const struct fault *f = model_error(r);
	unsigned n = r->job.failures;

	if (model_listed(r) && r->scope->job.failures > n)
		n = r->scope->job.failures;
	if (k && k->job && k->job->failures > n)
		n = k->job->failures;
	return f && (n >= 2 || !fault_is_transient(f));
}

/* Not read in this life, and by what was known before not verified either:
 * a deadline that has passed may have been missed. */
static bool is_late_unread(const struct engine *e, const struct registry *r)
{
	const struct seen_version *s = versions_target(r->watch);
	int64_t deadline = versions_deadline(e, r->watch);

	return r->read_at < 0 && tried_twice(r) && deadline >= 0 &&
	       !model_dateless(e) &&
	       versions_fault(e, r->watch) == REASON_NONE &&
	       !text_same(r->proven, s->v.version) &&
	       model_azure(e) > deadline &&
	       model_boot(e) >= r->since + UNREAD_MS;
}

static void assess_unread(const struct engine *e, const struct registry *r,
			  struct assessment *a)
{
	a->missed = true;
	if (model_boot(e) >= dark_from(e, r)) {
		put(a, STATE_OVERDUE, REASON_DARK);
	} else if (is_late_unread(e, r)) {
		put(a, STATE_OVERDUE, REASON_LATE_UNREAD);
	} else {
		a->missed = false;
		if (r->error && r->denied)
			put(a, STATE_BLOCKED, REASON_DENIED);
		else if (model_error(r))
			put(a, STATE_UNREACHABLE, REASON_UNREACHABLE);
		else
			put(a, STATE_UNKNOWN, REASON_NOT_READ);
	}
}

/* What stands in the way outside of the decision: then nothing of what that
 * would lead to is under way. */
static void assess_hindrance(const struct engine *e, const struct registry *r,
			     struct decision d, bool late, struct assessment *a)
{
	if (late && d.reason == REASON_READ_FIRST && !in_doubt(r, d))
		put(a, STATE_UNKNOWN, d.reason);
	else if (r->error && r->denied && !r->refused)
		put(a, STATE_BLOCKED, REASON_DENIED); /* to read it */
	else if (model_paused(e, r))
		put(a, STATE_PAUSED, REASON_PAUSED);
	else if (!a->fresh && !model_error(r) && model_writing(r))
		return; /* Azure is at work; it is read back after that */
	else if (!a->fresh && model_error(r))
		put(a, STATE_UNREACHABLE, REASON_UNREACHABLE);
	else if (!a->fresh)
		put(a, STATE_UNKNOWN, REASON_STALE);
	else
		key_unknown(e, r->watch, a);
}

static void assess(const struct engine *e, const struct registry *r,
		   struct assessment *a)
{
	struct decision d;
	bool late;

	*a = (struct assessment){ 0 };
	if (r->read_at < 0) {
		assess_unread(e, r, a);
		return;
	}
	d = move_decision(e, r);
	a->fresh = model_boot(e) - r->read_at <= e->config->reread_interval_ms;
	late = !structural(d) && is_missed(e, r);
	a->missed = late && !in_doubt(r, d);
	assess_decision(e, r, d, a);
	if (structural(d) && a->fresh)
		return;
	if (!a->missed && model_boot(e) >= dark_from(e, r)) {
		a->missed = true;
		put(a, STATE_OVERDUE, REASON_DARK);
		return;
	}
	assess_hindrance(e, r, d, late, a);
	if (a->missed) {
		if (d.action == DECIDE_UNKNOWN)
			put(a, STATE_UNKNOWN, REASON_LATE_UNTOLD);
		a->stands = a->state == STATE_BLOCKED ||
			    a->state == STATE_HELD || model_paused(e, r) ||
			    a->reason == REASON_LATE_UNTOLD;
		a->state = STATE_OVERDUE;
	}
}

static unsigned warnings_of(const struct engine *e, const struct registry *r)
{
	const struct watch *w = r->watch;
	const struct seen_version *s = versions_find(w, r->facts.in_use);
	unsigned bits;
	bool known = s && s->read_at >= 0;

	if (r->read_at < 0)
		return 0;
	bits = decide_warnings(model_mode(r), w->identity, &r->facts,
			       known ? &s->v : NULL, s && s->missing,
			       s && s->disabled, model_azure(e));
	bits |= versions_age(e, w);
	/* Between pinning and releasing it is off by our own doing. */
	if (model_effort(r)->tried[0] != '\0' &&
	    (r->writing == DECIDE_PIN || r->writing == DECIDE_RELEASE))
		bits &= ~(unsigned)WARN_AUTO_OFF;
	return bits;
}

/* ---- --once: has this one had its pass? ---- */

static bool gave_up(const struct fault *f, unsigned failures)
{
	return f && (failures >= ENGINE_TRIES || !fault_is_transient(f));
}

bool health_gave_up(const struct registry *r)
{
	unsigned failures = r->job.failures;

	if (r->write_failures > failures)
		failures = r->write_failures;
	if (model_listed(r) && r->scope->job.failures > failures)
		failures = r->scope->job.failures;
	return gave_up(model_error(r), failures);
}

/* What its key's vault has yet to tell is waited for. */
static bool waits_for_vault(const struct engine *e, const struct registry *r)
{
	return !key_fresh(e, r->watch) || r->reason == REASON_READ_FIRST ||
	       r->reason == REASON_MANUAL_UNREAD;
}

const char *health_mute_host(const struct engine *e, const struct registry *r)
{
	/* Where its key is read. */
	const struct host *vault = r->watch->job.end->host;
	const struct host *arm = r->scope->end->host;

	if (e->traffic.hosts.n_mute == 0 || r->state == STATE_CURRENT)
		return NULL;
	if (host_mute(arm))
		return arm->origin;
	return host_mute(vault) && waits_for_vault(e, r) ? vault->origin : NULL;
}

/* The version that it uses is being asked for: it may be newer than the one
 * that is wanted. */
static bool is_looked_at(const struct registry *r, const struct assessment *a)
{
	return a->reason == REASON_READ_FIRST &&
	       still_asked(r->watch, r->facts.in_use);
}

static bool is_settled(const struct registry *r, const struct assessment *a)
{
	const struct watch *w = r->watch;
	bool resting = r->phase == PHASE_IDLE || r->phase == PHASE_WAIT;

	if (a->reason == REASON_BUSY_LONG)
		return true;
	if (gave_up(w->error, w->job.failures))
		return !model_writing(r);
	if (health_gave_up(r))
		return resting || r->job.where == JOB_TOKEN;
	if (!resting || r->read_at < 0 ||
	    (a->reason == REASON_MANUAL_UNREAD &&
	     still_asked(w, w->key.version)))
		return false;
	/* Nobody waits for the one that goes first once that has no hope. */
	if (r->queue == QUEUE_WAITERS && w->judged.stuck)
		return true;
	/* Nor for who leads, once that is known to be another one. */
	if (a->reason == REASON_STANDBY)
		return !lease_is_unheard(w->lease);
	return a->state == STATE_CURRENT || a->state == STATE_BLOCKED ||
	       a->state == STATE_HELD || a->state == STATE_PAUSED ||
	       a->stands || a->reason == REASON_IN_USE_UNTOLD ||
	       (model_mode(r) == WATCH_OBSERVE && versions_target(w) &&
		!is_looked_at(r, a));
}

/* ---- counting ---- */

static void count(struct engine *e, struct registry *r, size_t by)
{
	e->n_state[r->state] += by;
	e->n_harm[decide_harm(r->state, r->warnings)] += by;
	if (r->missed)
		e->n_missed += by;
	if (r->warnings & DECIDE_LOCKED)
		e->n_locked += by;
	if (r->warnings & DECIDE_SERIOUS)
		e->n_serious += by;
	for (unsigned i = 0; r->warnings >> i; i++)
		if (r->warnings & (1u << i))
			e->n_warning[i] += by;
	if (!r->settled)
		e->n_unsettled += by;
	if (r->dragging)
		e->n_dragging += by;
	if (!r->heard)
		e->n_unheard += by;
	e->n_counted += by;
	if (r->shown)
		e->n_fresh += by;
}

void health_leave(struct engine *e, struct registry *r)
{
	if (r->counted)
		count(e, r, (size_t)-1);
	r->counted = false;
	outlook_moving(e, r, false);
	timer_set(&e->traffic.timers, &r->truth, INT64_MAX);
}

static void tell_dragging(struct engine *e, const struct registry *r,
			  const char *target)
{
	char since[32];

	text_time(since, sizeof(since),
		  model_azure(e) - (model_boot(e) - r->busy_since));
	note_tell(
		e, NOTE_HELD, r->watch, r, target, r->facts.in_use,
		"Registry %s is held: an operation on it has been under way since %s; it is read less often until that ends.",
		r->id, since);
}

static void tell_state(struct engine *e, struct registry *r,
		       const struct assessment *a)
{
	const struct watch *w = r->watch;
	const char *target = w->mode == WATCH_MANUAL ? w->key.version
						     : w->newest;
	bool dark = a->reason == REASON_DARK ||
		    a->reason == REASON_LATE_UNREAD ||
		    a->reason == REASON_LATE_UNTOLD;

	/* Should it leave it again, that is another matter. */
	if (a->state == STATE_CURRENT && r->late_told[0] != '\0') {
		intern_set(&e->names, &r->late_told, "");
		note_save(e);
	}
	/* Where nobody knows, each time that it comes to that. */
	if (a->state == STATE_OVERDUE && dark) {
		if (r->state != STATE_OVERDUE)
			note_tell(e, NOTE_OVERDUE, r->watch, r, target, NULL,
				  "Registry %s may be overdue: %s.", r->id,
				  decide_reason_str(a->reason));
	} else if (a->state == STATE_OVERDUE &&
		   !text_same(r->late_told, target)) {
		intern_set(&e->names, &r->late_told, target);
		note_tell(
			e, NOTE_OVERDUE, r->watch, r, target, r->facts.in_use,
			"Registry %s is overdue: it still uses %.8s and version %.8s was to be adopted by now (%s).",
			r->id, r->facts.in_use, target,
			decide_reason_str(a->reason));
	}
	if (a->state == r->state && a->reason == r->reason && r->counted)
		return;
	/* The denial itself was told just now. */
	if (a->state == STATE_BLOCKED &&
	    !(a->reason == REASON_DENIED && r->told_turn == e->turn))
		note_tell(e, NOTE_BLOCKED, r->watch, r, target, r->facts.in_use,
			  "Registry %s is blocked: %s%s%s%s", r->id,
			  decide_reason_str(a->reason), r->error ? "; " : "",
			  r->error ? r->error->text : "",
			  text_stop(r->error ? r->error->text : ""));
	if (a->state == STATE_UNKNOWN && a->reason == REASON_IN_USE_UNTOLD)
		note_tell(e, NOTE_WARNING, r->watch, r, target, NULL,
			  "Registry %s is unknown: %s.", r->id,
			  decide_reason_str(a->reason));
	if (a->state == STATE_HELD && a->reason == REASON_BUSY_LONG)
		tell_dragging(e, r, target);
	else if (a->state == STATE_HELD && a->reason != REASON_CANARY_REFUSED)
		note_tell(e, NOTE_HELD, r->watch, r, target, r->facts.in_use,
			  "Registry %s is held: %s.", r->id,
			  decide_reason_str(a->reason));
}

static void tell_warnings(struct engine *e, struct registry *r, unsigned bits)
{
	for (unsigned i = 0; i < DECIDE_WARNINGS; i++)
		if ((bits & ~r->warnings) & (1u << i))
			note_tell(e, NOTE_WARNING, r->watch, r, r->facts.in_use,
				  NULL, "Registry %s: %s", r->id,
				  decide_warning_text(i));
}

/* The next moment at which the assessment changes without an event. */
static void arm_truth(struct engine *e, struct registry *r)
{
	int64_t at = INT64_MAX, t, azure = model_azure(e);
	int64_t deadline = versions_deadline(e, r->watch);

	if (r->fresh)
		at = r->read_at + e->config->reread_interval_ms + 1;
	else if (r->read_at < 0 && model_boot(e) < r->since + UNREAD_MS)
		at = r->since + UNREAD_MS;
	t = dark_from(e, r);
	if (t > model_boot(e) && t < at)
		at = t;
	if (deadline >= azure && !versions_on_target(r)) {
		t = model_boot_of(e, deadline) + 1;
		at = t < at ? t : at;
	}
	if (model_paused(e, r)) {
		t = model_boot_of(e, model_paused_until(e, r)) + 1;
		at = t < at ? t : at;
	}
	if (r->gated != DECIDE_DONE) {
		t = lease_opens(e, r->watch);
		if (t != INT64_MAX && t >= model_boot(e) && t < at)
			at = t + 1;
	}
	timer_set(&e->traffic.timers, &r->truth, at);
}

/* It is late as long as it has not come to the wanted version, and that is
 * the daemon's to do. */
static bool has_to_move(const struct engine *e, const struct registry *r)
{
	return (model_mode(r) == WATCH_FOLLOW || model_mode(r) == WATCH_PIN) &&
	       !e->dry_run && r->gated == DECIDE_DONE &&
	       !versions_on_target(r) &&
	       (r->state == STATE_ROTATING || r->state == STATE_VERIFYING ||
		(r->state == STATE_OVERDUE &&
		 (r->queue == QUEUE_WAITERS || r->slot)));
}

void health_refresh(struct engine *e, struct registry *r)
{
	struct assessment a;
	unsigned warnings;

	if (r->retiring)
		return;
	assess(e, r, &a);
	warnings = warnings_of(e, r);
	tell_state(e, r, &a);
	tell_warnings(e, r, warnings);
	if (r->counted)
		count(e, r, (size_t)-1);
	r->state = a.state;
	r->reason = a.reason;
	r->fresh = a.fresh;
	/* A 404 may be a missing right: it shows no version. */
	r->shown = a.fresh && !r->facts.missing;
	r->missed = a.missed;
	r->warnings = warnings;
	r->settled = is_settled(r, &a);
	r->dragging = a.reason == REASON_BUSY_LONG && model_writing(r);
	r->heard = r->heard || model_error(r) ||
		   (r->read_at >= 0 && !is_awaited(r->watch));
	r->counted = true;
	count(e, r, 1);
	outlook_moving(e, r, has_to_move(e, r));
	arm_truth(e, r);
}

void health_key(struct engine *e, struct watch *w)
{
	bool bad = !w->retired && (w->error || !key_fresh(e, w));
	bool heard = w->retired || w->error ||
		     (w->polled_at >= 0 && !is_awaited(w));

	if (heard && !w->heard)
		e->n_unheard_keys--;
	w->heard = w->heard || heard;
	if (bad && !w->bad)
		e->n_bad_keys++;
	if (!bad && w->bad)
		e->n_bad_keys--;
	w->bad = bad;
}

/* ---- the whole ---- */

/* What a reload has added is neither well nor ill until it was asked for, and
 * hides nothing of what the rest has come to. */
enum engine_state engine_state(const struct engine *e)
{
	const size_t *n = e->n_state;
	bool unheard = e->n_unheard || e->n_unheard_keys || e->n_looks_unheard;
	int64_t offset;
	bool skewed = skew_offset(&e->traffic.skew, e->traffic.now, &offset) &&
		      (offset > CLOCK_TOLD_MS || offset < -CLOCK_TOLD_MS);

	if (unheard && !e->begun)
		return ENGINE_STARTING;
	if (n[STATE_OVERDUE] || e->n_missed || e->n_locked)
		return ENGINE_FAILED;
	if (n[STATE_UNKNOWN] > e->n_unheard || n[STATE_HELD] ||
	    n[STATE_BLOCKED] || n[STATE_UNREACHABLE] || n[STATE_PAUSED] ||
	    e->n_bad_keys > e->n_unheard_keys || e->n_serious || skewed ||
	    e->evidence.problem[0] || e->evidence.missing[0] || e->unsaved ||
	    e->refused[0] || e->n_looks_dark || e->n_beyond)
		return ENGINE_DEGRADED;
	if (unheard)
		return ENGINE_STARTING;
	if (n[STATE_ROTATING] || n[STATE_VERIFYING])
		return ENGINE_ROTATING;
	return ENGINE_OK;
}

const char *engine_state_str(enum engine_state s)
{
	static const char *const names[] = {
		[ENGINE_STARTING] = "starting", [ENGINE_OK] = "ok",
		[ENGINE_ROTATING] = "rotating", [ENGINE_DEGRADED] = "degraded",
		[ENGINE_FAILED] = "failed",
	};

	return names[s];
}

static const enum decide_state by_weight[] = {
	STATE_OVERDUE,	   STATE_BLOCKED,   STATE_HELD,
	STATE_UNREACHABLE, STATE_PAUSED,    STATE_UNKNOWN,
	STATE_ROTATING,	   STATE_VERIFYING, STATE_CURRENT,
};

static size_t add(char *dst, size_t size, size_t at, size_t n, const char *what)
{
	int done;

	if (n == 0 || at >= size)
		return at;
	done = snprintf(dst + at, size - at, "%s%zu %s", at ? ", " : "", n,
			what);
	return done < 0 ? at : at + (size_t)done;
}

/* Which ones the serious warnings are. */
static void name_serious(const struct engine *e, char *dst, size_t size)
{
	const char *before = "with a serious warning (";
	size_t at = 0;

	for (unsigned i = 0; i < DECIDE_WARNINGS && at < size; i++) {
		if (!(DECIDE_SERIOUS & (1u << i)) || !e->n_warning[i])
			continue;
		at += (size_t)snprintf(dst + at, size - at, "%s%s", before,
				       decide_warning_name(i));
		before = ", ";
	}
	text_copy(at < size ? dst + at : dst, at < size ? size - at : 0, ")");
}

/* What is amiss here, whatever Azure says. */
static size_t add_own(const struct engine *e, char *dst, size_t size, size_t at)
{
	const struct {
		bool so;
		const char *what;
	} own[] = {
		{ e->evidence.problem[0], "the audit is not written" },
		{ e->evidence.missing[0],
		  "records of the audit were taken away" },
		{ e->unsaved, "the state is not saved" },
		{ e->refused[0], "the configuration on disk was refused" },
	};

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]) && at < size; i++)
		if (own[i].so)
			at += (size_t)snprintf(dst + at, size - at, "%s%s",
					       at ? ", " : "", own[i].what);
	return at;
}

/* What rules should watch and do not. */
static size_t say_rules(const struct engine *e, char *dst, size_t size,
			size_t at)
{
	at = add(dst, size, at, e->n_beyond,
		 "not watched, beyond max-registries of their rule");
	return add(dst, size, at, e->n_looks_dark,
		   e->n_looks_dark == 1 ? "list of a rule not read"
					: "lists of rules not read");
}

/* Nobody is watched, so nothing else can be told. */
static void say_nothing(const struct engine *e, char *dst, size_t size)
{
	size_t at = (size_t)snprintf(dst, size, "Nothing is watched");

	at = add(dst, size, at, e->n_looks_unheard,
		 e->n_looks_unheard == 1 ? "list of a rule is yet to come"
					 : "lists of rules are yet to come");
	at = say_rules(e, dst, size, at);
	at = add_own(e, dst, size, at);
	if (at + 1 < size)
		text_copy(dst + at, size - at, ".");
}

static void say_starting(const struct engine *e, size_t all, char *dst,
			 size_t size)
{
	if (!e->n_unheard && !e->n_unheard_keys)
		snprintf(dst, size, "%zu %s.", e->n_looks_unheard,
			 e->n_looks_unheard == 1
				 ? "list of a rule is yet to come"
				 : "lists of rules are yet to come");
	else
		snprintf(
			dst, size,
			"%zu of %zu %s and %zu of %zu %s have been read, or have failed, so far.",
			all - e->n_unheard, all,
			all == 1 ? "registry" : "registries",
			e->n_watches - e->n_unheard_keys, e->n_watches,
			e->n_watches == 1 ? "key" : "keys");
}

void engine_sentence(const struct engine *e, char *dst, size_t size)
{
	char serious[128];
	size_t at = 0, all = 0;
	int64_t offset;

	dst[0] = '\0';
	for (size_t i = 0; i < DECIDE_STATES; i++)
		all += e->n_state[i];
	if (e->n_watches == 0 || all == 0) {
		say_nothing(e, dst, size);
		return;
	}
	if (engine_state(e) == ENGINE_STARTING) {
		say_starting(e, all, dst, size);
		return;
	}
	if (e->n_state[STATE_CURRENT] == all)
		at = add(dst, size, at, all,
			 all == 1 ? "registry is verified current"
				  : "registries are verified current");
	else
		for (size_t i = 0; i < DECIDE_STATES; i++)
			at = add(dst, size, at, e->n_state[by_weight[i]],
				 decide_state_str(by_weight[i]));
	at = add(dst, size, at, e->n_locked,
		 "on a version that is disabled or gone");
	name_serious(e, serious, sizeof(serious));
	at = add(dst, size, at, e->n_serious, serious);
	at = say_rules(e, dst, size, at);
	at = add(dst, size, at, e->n_bad_keys,
		 e->n_bad_keys == 1 ? "key not read" : "keys not read");
	if (skew_offset(&e->traffic.skew, e->traffic.now, &offset) &&
	    (offset > CLOCK_TOLD_MS || offset < -CLOCK_TOLD_MS))
		at = add(dst, size, at,
			 (size_t)((offset < 0 ? -offset : offset) / 60000),
			 "minutes between this clock and Azure's");
	at = add(dst, size, at, e->traffic.hosts.n_odd,
		 e->traffic.hosts.n_odd == 1
			 ? "host tells a date that is not believed"
			 : "hosts tell dates that are not believed");
	at = add(dst, size, at, e->n_queues_dark,
		 e->n_queues_dark == 1 ? "queue of events not read"
				       : "queues of events not read");
	at = add_own(e, dst, size, at);
	if (at + 1 < size)
		text_copy(dst + at, size - at, ".");
}

void health_tell(struct engine *e)
{
	enum engine_state s;
	char sentence[256];
	int64_t offset;

	if (!e->clock_told &&
	    skew_offset(&e->traffic.skew, e->traffic.now, &offset) &&
	    (offset > CLOCK_TOLD_MS || offset < -CLOCK_TOLD_MS)) {
		e->clock_told = true;
		note_tell(
			e, NOTE_CLOCK, NULL, NULL, NULL, NULL,
			"This host's clock is %lld s %s Azure's; deadlines follow Azure's. Check time synchronisation.",
			(long long)((offset < 0 ? -offset : offset) / 1000),
			offset < 0 ? "behind" : "ahead of");
	}
	e->begun = e->begun ||
		   (!e->n_unheard && !e->n_unheard_keys && !e->n_looks_unheard);
	s = engine_state(e);
	if (e->state_told && s == e->told)
		return;
	e->told = s;
	e->state_told = true;
	engine_sentence(e, sentence, sizeof(sentence));
	note_tell(e, NOTE_STATE, NULL, NULL, NULL, NULL, "State is %s: %s",
		  engine_state_str(s), sentence);
}

/* Each question to a host that does not answer takes its whole time, one after
 * the other: where it has failed all of those of late, whoever waits for it
 * has been tried.  Only a pass beside such a host looks at each. */
bool engine_pass_done(const struct engine *e)
{
	if (e->n_writes != e->n_dragging || e->n_looks_unheard)
		return false;
	if (e->n_unsettled == 0 || e->traffic.hosts.n_mute == 0)
		return e->n_unsettled == 0;
	for (size_t i = 0; i < e->n_registries; i++)
		if (!e->by_id[i]->settled && !health_mute_host(e, e->by_id[i]))
			return false;
	return true;
}

bool engine_all_current(const struct engine *e)
{
	return e->n_state[STATE_CURRENT] == e->n_registries &&
	       e->n_locked == 0 && e->n_looks_dark == 0 && e->n_beyond == 0;
}
