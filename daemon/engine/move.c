/* One registry's way from an old version to the wanted one: judging it, and
 * acting on the judgement. */
#include "engine/move.h"

#include <stdlib.h>

#include "base/text.h"
#include "engine/key.h"
#include "engine/lease.h"
#include "engine/note.h"
#include "engine/order.h"
#include "engine/reading.h"
#include "engine/versions.h"
#include "traffic/job.h"

#define BUSY_MS 10000
#define BUSY_MAX_MS 120000 /* between looks at what goes on for long */
#define PACE_SEEN 32	   /* moves that a mean is taken of */
#define SEND_AGE_MS 30000  /* facts that a write may be based on */
#define STALE_MS 20000	   /* Azure may show what was before a write */
#define STALE_LOOK_MS 2000

/* ---- small things ---- */

void move_phase(struct engine *e, struct registry *r, enum move_phase phase)
{
	bool before = model_writing(r);

	r->phase = phase;
	if (before && !model_writing(r))
		e->n_writes--;
	else if (!before && model_writing(r))
		e->n_writes++;
	model_mark(e, r, MARK_LOOK);
}

void move_forget_operation(struct registry *r)
{
	if (!r->effort)
		return;
	free(r->effort->op_url);
	r->effort->op_url = NULL;
	r->effort->op_polls = 0;
}

struct effort *move_effort(struct registry *r)
{
	struct effort *x = r->effort;

	if (!x) {
		x = text_alloc(1, sizeof(*x));
		*x = *model_effort(r);
		r->effort = x;
	}
	return x;
}

void move_rest(struct engine *e, struct registry *r)
{
	if (!r->effort)
		return;
	move_forget_operation(r);
	intern_set(&e->names, &r->effort->tried, "");
	free(r->effort);
	r->effort = NULL;
}

void move_clear_error(struct engine *e, struct registry *r)
{
	model_fault_keep(e, &r->error, NULL);
	r->refused = r->denied = false;
}

void move_stop(struct engine *e, struct registry *r)
{
	job_cancel(&e->traffic, &r->job);
	move_forget_operation(r);
	move_phase(e, r, PHASE_IDLE);
	r->wants = DECIDE_DONE;
	r->going = false;
}

int64_t move_deadline(const struct engine *e, const struct registry *r)
{
	int64_t d = versions_deadline(e, r->watch);

	return d < 0 ? BACKOFF_NO_DEADLINE : d;
}

void move_urgency(const struct engine *e, struct registry *r)
{
	int64_t d = versions_deadline(e, r->watch);

	r->job.urgency = d >= 0 && !versions_on_target(r) ? d : INT64_MAX;
}

/* ---- its questions ---- */

static void fill(const void *world, const struct job *j, struct call *c)
{
	const struct registry *r = j->owner;

	(void)world;
	c->registry = model_place(r);
	c->url = model_effort(r)->op_url;
	c->sought = order_seeks(r);
	if (c->kind != CALL_PATCH)
		return;
	c->key = r->watch->key;
	c->key.version[0] = '\0';
	if (r->writing == DECIDE_PIN)
		text_copy(c->key.version, sizeof(c->key.version), r->wrote);
	text_copy(c->identity, sizeof(c->identity),
		  order_reader(r->order) ? order_reader(r->order)
					 : r->facts.identity);
}

/* The version was refused for its own sake to the one that went first, while
 * this one waited: it would be in vain here too. */
static bool others_refused(const struct registry *r)
{
	const struct watch *w = r->watch;

	return w->canary_first && w->canary_state == CANARY_REFUSED &&
	       text_same(w->canary_version, r->wrote) && w->canary != r &&
	       !versions_on_target(r);
}

/* A write that waited may be out of date by now, or its registry gone from
 * the file: then only the last step of a move is still made. */
static bool still_true(const void *world, const struct job *j,
		       struct instant now)
{
	const struct engine *e = world;
	const struct registry *r = j->owner;
	const struct seen_version *t = versions_target(r->watch);

	if (j->ask != CALL_PATCH)
		return true;
	if (r->retiring && r->writing != DECIDE_RELEASE)
		return false;
	return t && text_same(t->v.version, r->wrote) &&
	       key_sure(e, r->watch) && !model_paused(e, r) &&
	       lease_lets(e, r, r->writing == DECIDE_RELEASE, now) &&
	       now.boot - r->read_at <= SEND_AGE_MS && !others_refused(r) &&
	       move_decision(e, r).action == r->writing;
}

const struct job_kind move_kind = { fill, still_true };

void move_read(struct engine *e, struct registry *r, enum move_phase phase)
{
	move_phase(e, r, phase);
	move_urgency(e, r);
	if (r->effort)
		r->effort->reads++;
	job_ask(&e->traffic, &r->job, CALL_REGISTRY, r->scope->end, END_READ);
}

/* At rest until the next routine read, which a LIST may do for many. */
static void routine(struct engine *e, struct registry *r, enum move_phase phase)
{
	int64_t boot = model_boot(e), next = reading_due(e, r);
	int64_t deadline = versions_deadline(e, r->watch);

	move_phase(e, r, phase);
	/* Azure may have done it by itself just in time: say what is true. */
	if (deadline >= 0 && !versions_on_target(r) &&
	    deadline > model_azure(e) &&
	    model_boot_of(e, deadline) - 1000 < next)
		next = model_boot_of(e, deadline) - 1000;
	if (next <= boot)
		next = boot + 1000;
	job_at(&e->traffic, &r->job, next, true);
}

/* ---- outcomes ---- */

/* Seconds: a window is ten minutes to seven days, and one hour as a rule. */
int64_t move_adoption_bound(size_t i)
{
	static const int bounds[ENGINE_ADOPTIONS - 1] = {
		30,   60,   120,  300,	 600,	900,
		1800, 2700, 3600, 10800, 86400, 604800,
	};

	return i < ENGINE_ADOPTIONS - 1 ? (int64_t)bounds[i] * 1000 : INT64_MAX;
}

static void count_adoption(struct engine *e, int64_t took)
{
	struct adoptions *a = &e->adoptions;
	size_t i = 0;

	while (took > move_adoption_bound(i))
		i++;
	a->within[i]++;
	a->n++;
	a->sum_ms += took > 0 ? took : 0;
}

static void tell_verified(struct engine *e, struct registry *r)
{
	const struct seen_version *s = versions_target(r->watch);
	int64_t took = model_azure(e) - versions_effective(r->watch, s);
	int64_t late = took - e->config->window_ms;
	char text[32];

	if (r->watch->mode == WATCH_MANUAL) {
		note_tell(
			e, NOTE_VERIFIED, r->watch, r, s->v.version, r->proven,
			"Registry %s is verified on version %.8s, which its watch names.",
			r->id, s->v.version);
		return;
	}
	count_adoption(e, took);
	text_duration(text, sizeof(text), took);
	note_tell(
		e, NOTE_VERIFIED, r->watch, r, s->v.version, r->proven,
		"Registry %s is verified on version %.8s, %s after it became effective.",
		r->id, s->v.version, text);
	if (late <= 0)
		return;
	text_duration(text, sizeof(text), late);
	note_tell(e, NOTE_LATE, r->watch, r, s->v.version, NULL,
		  "Registry %s was late by %s: the window had ended.", r->id,
		  text);
}

/* What a move takes: the mean of the first ones, then of those of late. */
static void measure(struct engine *e, struct registry *r)
{
	const struct effort *x = model_effort(r);
	struct pace *p = &e->pace;
	double part;

	if (x->went_at < 0 || r->writing == DECIDE_DONE)
		return;
	if (p->seen < PACE_SEEN)
		p->seen++;
	part = 1.0 / p->seen;
	p->op_ms += (int64_t)(part *
			      (double)(model_boot(e) - x->went_at - p->op_ms));
	p->reads += part * ((double)x->reads - p->reads);
	p->puts += part * ((double)x->puts - p->puts);
}

static void done(struct engine *e, struct registry *r)
{
	bool news = !text_same(r->proven, r->facts.in_use);

	measure(e, r);
	move_rest(e, r);
	if (news && r->proven[0] != '\0')
		tell_verified(e, r);
	intern_set(&e->names, &r->proven, r->facts.in_use);
	r->verified_at = r->read_azure;
	r->writing = r->wants = DECIDE_DONE;
	intern_set(&e->names, &r->wrote, "");
	r->write_failures = 0;
	r->maybe = r->going = r->futile = false;
	r->outcome = OUTCOME_PASSED;
	move_clear_error(e, r);
	if (news)
		note_save(e);
	routine(e, r, PHASE_IDLE);
}

/* Nothing can be done now: back to routine reads, out of the others' way. */
static void rest(struct engine *e, struct registry *r, bool yields)
{
	r->writing = r->wants = DECIDE_DONE;
	r->maybe = r->going = false;
	if (yields) {
		/* What is in the way now is another thing than the last
		 * refusal. */
		move_clear_error(e, r);
		r->outcome = OUTCOME_YIELD;
	}
	routine(e, r, PHASE_IDLE);
}

void move_retry(struct engine *e, struct registry *r, const struct fault *f)
{
	int64_t delay;

	r->wants = DECIDE_DONE;
	r->going = false;
	if (r->effort)
		r->effort->went_at = -1;
	model_fault_keep(e, &r->error, f);
	r->write_failures++;
	r->job.failures = r->write_failures - 1;
	delay = job_delay(&e->traffic, &r->job, f, move_deadline(e, r));
	move_phase(e, r, PHASE_IDLE);
	if (fault_is_transient(f))
		job_sleep(&e->traffic, &r->job, delay);
	else
		job_at(&e->traffic, &r->job, model_boot(e) + delay, false);
}

/* ---- writing ---- */

static const char *write_str(enum decide_action a)
{
	if (a == DECIDE_PIN)
		return "the new version";
	return a == DECIDE_RELEASE ? "the unversioned identifier again"
				   : "the unversioned identifier";
}

static void show_write(struct engine *e, struct registry *r,
		       const char *version)
{
	struct call c = { .kind = CALL_PATCH };

	if (text_same(r->wrote, version))
		return; /* shown before */
	intern_set(&e->names, &r->wrote, version);
	note_tell(e, NOTE_DRY_RUN, r->watch, r, version, r->facts.in_use,
		  "Dry run: %s would be written to %s.", write_str(r->writing),
		  r->id);
	fill(e, &r->job, &c);
	note_show(e, &c);
}

/* For people: what was sent, and what came of it. */
static void remember_sent(const struct engine *e, struct registry *r)
{
	if (!r->sent)
		r->sent = text_alloc(1, sizeof(*r->sent));
	*r->sent = (struct sent){
		.at = model_azure(e),
		.answered = -1,
		.version = trace_read(r->wrote),
		.action = (unsigned char)r->writing,
		.end = SENT_ASKED,
	};
}

/* Whoever leads has had three quarters of the window: a person should look.
 * Of the registries of one key that is told once. */
static void tell_lonely(struct engine *e, const struct watch *w,
			const char *version)
{
	char leader[NOTE_TEXT_MAX / 2];

	lease_say_leader(w->lease, leader, sizeof(leader));
	note_lease(
		e, NOTE_WARNING, w->lease,
		"Only a quarter of the window is left for version %.8s of %s, and nobody has moved all registries to it: this daemon does, though it is standby. As far as it knows, %s%s",
		version, w->base, leader, text_stop(leader));
}

static void write_now(struct engine *e, struct registry *r,
		      enum decide_action action)
{
	const char *version = versions_target(r->watch)->v.version;
	struct effort *x;

	r->writing = r->form = action;
	r->wants = DECIDE_DONE;
	r->maybe = false;
	r->lonely = lease_role(r->watch->lease, model_boot(e)) == ROLE_STANDBY;
	if (e->dry_run) {
		show_write(e, r, version);
		rest(e, r, true);
		return;
	}
	x = move_effort(r);
	if (!text_same(r->wrote, version)) {
		/* What was refused or failed was about another one. */
		x->writes = x->vain = 0;
		move_clear_error(e, r);
	}
	x->doubt = -1;
	intern_set(&e->names, &r->wrote, version);
	if (r->lonely)
		tell_lonely(e, r->watch, version);
	note_tell(
		e, NOTE_WRITE, r->watch, r, version, r->facts.in_use,
		"Writing %s to %s: version %.8s is wanted, %.8s is in use.%s",
		write_str(action), r->id, version, r->facts.in_use,
		r->lonely
			? " That is done though this daemon is standby: a quarter of the window is left, and nobody has moved it."
			: "");
	note_save(e);
	x->asked_at = model_boot(e);
	remember_sent(e, r);
	move_phase(e, r, PHASE_WRITE);
	move_urgency(e, r);
	/* What was read for it is not to get old in the queue. */
	if (r->read_at == model_boot(e))
		job_ask_on(&e->traffic, &r->job, CALL_PATCH, r->scope->end,
			   END_WRITE);
	else
		job_ask(&e->traffic, &r->job, CALL_PATCH, r->scope->end,
			END_WRITE);
}

/* Whatever asks for it, a second write for one version has its time.  Going
 * back to the unversioned identifier is the end of the first one, and has a
 * time of its own when it is done again. */
static bool too_soon(const struct engine *e, const struct registry *r,
		     enum decide_action action)
{
	const char *version = versions_target(r->watch)->v.version;

	return (action != DECIDE_RELEASE || r->form == action) &&
	       model_effort(r)->writes > 0 && text_same(r->wrote, version) &&
	       model_boot(e) < model_effort(r)->write_again;
}

/* Until then Azure may show what was before the last write: one of ours, or
 * of a former life. */
static int64_t stale_until(const struct registry *r)
{
	int64_t asked = model_effort(r)->asked_at;
	int64_t last = asked > r->since ? asked : r->since;

	return last + STALE_MS;
}

/* Its next write has a time; it is read then, and sooner while something of
 * the last one may still show. */
static void wait_to_write(struct engine *e, struct registry *r)
{
	int64_t again = model_effort(r)->write_again;
	int64_t look = model_boot(e) + STALE_LOOK_MS;

	r->wants = DECIDE_DONE;
	routine(e, r, PHASE_IDLE);
	if (look < again && look <= stale_until(r))
		again = look;
	if (again < timer_at(&r->job.timer))
		job_at(&e->traffic, &r->job, again, false);
}

/* Another daemon leads, and is to write it. */
static bool is_gated(const struct engine *e, const struct registry *r,
		     enum decide_action action)
{
	return !lease_lets(e, r, action == DECIDE_RELEASE, e->traffic.now);
}

static void leave_it(struct engine *e, struct registry *r,
		     enum decide_action action)
{
	order_fail(e, r, "another daemon leads now");
	rest(e, r, true);
	r->gated = action;
}

static void want_write(struct engine *e, struct registry *r,
		       enum decide_action action)
{
	/* The last step of a move is done even for one that leaves. */
	bool last = action == DECIDE_RELEASE && model_proof(e, r) &&
		    key_sure(e, r->watch);

	if (r->retiring && last && !model_paused(e, r) &&
	    !is_gated(e, r, action)) {
		write_now(e, r, action);
	} else if (model_paused(e, r) || r->retiring) {
		rest(e, r, true);
	} else if (is_gated(e, r, action)) {
		leave_it(e, r, action);
	} else if (too_soon(e, r, action)) {
		wait_to_write(e, r);
	} else {
		r->wants = action; /* it is read on while it waits */
		routine(e, r, PHASE_WAIT);
	}
}

void move_go(struct engine *e, struct registry *r)
{
	enum decide_action action = r->wants;
	struct effort *x = move_effort(r);

	if (is_gated(e, r, action)) {
		leave_it(e, r, action);
		return;
	}
	if (!r->going || x->went_at < 0) {
		x->went_at = model_boot(e);
		x->reads = x->puts = 0;
	}
	r->going = true;
	r->wants = DECIDE_DONE;
	if (model_proof(e, r) && key_sure(e, r->watch))
		write_now(e, r, action);
	else
		move_read(e, r, PHASE_READ);
}

/* ---- what is known -> what to do ---- */

static struct decision decision(const struct registry *r,
				const struct order *order,
				enum decide_reason target_fault)
{
	const struct watch *w = r->watch;
	const struct seen_version *target = versions_target(w);
	const struct seen_version *in_use = versions_find(w, r->facts.in_use);
	bool gone = in_use && (in_use->missing || in_use->disabled ||
			       in_use->failed >= ENGINE_LOOKS);
	/* What a former life has read of it is as good: it cannot change. */
	bool known = in_use &&
		     (in_use->read_at >= 0 || (gone && in_use->v.created >= 0));
	if (order_overtaken(w, order))
		order = NULL; /* it is over, and allows nothing any more */
	struct decide_input in = {
		.mode = model_mode(r),
		.takeover = w->takeover || (order && order->takeover),
		.identity = w->identity,
		.facts = &r->facts,
		.target = target ? &target->v : NULL,
		.target_fault = target_fault,
		.in_use = known ? &in_use->v : NULL,
		.in_use_gone = gone || (in_use == NULL && r->facts.in_use[0]),
		.tried = target &&
			 text_same(model_effort(r)->tried, target->v.version),
		/* Who is to read the key has been looked for. */
		.ordered = order && (!order->identity || order->looked),
		.reader = order_reader(order),
	};

	return decide_step(&in);
}

struct decision move_decision(const struct engine *e, const struct registry *r)
{
	return move_if(e, r, r->order);
}

struct decision move_if(const struct engine *e, const struct registry *r,
			const struct order *o)
{
	return decision(r, o, versions_fault(e, r->watch));
}

bool move_would_write(const struct registry *r)
{
	enum decide_action a = decision(r, r->order, REASON_NONE).action;

	return a == DECIDE_FOLLOW || a == DECIDE_PIN || a == DECIDE_RELEASE;
}

/* Azure is at work on it.  The longer that lasts the less often it is looked
 * at; what may last for ever is nobody's turn any more, and no write of ours
 * that is nearly done. */
static void wait_busy(struct engine *e, struct registry *r)
{
	int64_t delay;

	if (r->busy_since < 0)
		r->busy_since = model_writing(r) ? model_effort(r)->op_started
						 : model_boot(e);
	delay = (model_boot(e) - r->busy_since) / 8;
	if (delay < BUSY_MS)
		delay = BUSY_MS;
	if (delay > BUSY_MAX_MS)
		delay = BUSY_MAX_MS;
	if (r->going &&
	    model_boot(e) - model_effort(r)->op_started > ENGINE_SLOT_MS)
		r->going = false;
	r->wants = DECIDE_DONE;
	if (model_drags(e, r)) {
		r->maybe |= model_writing(r);
		move_phase(e, r, PHASE_IDLE);
		model_mark_watch(e, r->watch, MARK_LOOK);
	} else {
		move_phase(e, r, model_writing(r) ? PHASE_VERIFY : PHASE_IDLE);
	}
	job_at(&e->traffic, &r->job, model_boot(e) + delay, false);
}

/* What a move begins from: `done` tells by it that one has happened. */
static void note_origin(struct engine *e, struct registry *r)
{
	if (r->facts.in_use[0] == '\0' ||
	    text_same(r->proven, r->facts.in_use) ||
	    (r->proven[0] != '\0' &&
	     (versions_on_target(r) || !model_proof(e, r))))
		return;
	intern_set(&e->names, &r->proven, r->facts.in_use);
	note_save(e);
}

static void act(struct engine *e, struct registry *r, struct decision d)
{
	r->gated = DECIDE_DONE;
	if (d.action != DECIDE_DONE)
		note_origin(e, r);
	order_judge(e, r, d);
	if (d.reason != REASON_BUSY)
		r->busy_since = -1;
	switch (d.action) {
	case DECIDE_DONE:
		done(e, r);
		break;
	case DECIDE_BLOCK:
		rest(e, r, true);
		break;
	case DECIDE_HOLD:
		rest(e, r, false);
		/* What it uses is its own affair; all else is the key's. */
		if (d.reason == REASON_IN_USE_UNREAD ||
		    d.reason == REASON_IN_USE_LOST ||
		    d.reason == REASON_NEWEST_OLDER)
			r->outcome = OUTCOME_YIELD;
		break;
	case DECIDE_WAIT:
		if (d.reason == REASON_OBSERVE)
			rest(e, r, false);
		else
			wait_busy(e, r);
		break;
	case DECIDE_UNKNOWN:
		rest(e, r, true);
		if (r->contrary < ENGINE_LOOKS)
			job_at(&e->traffic, &r->job,
			       model_boot(e) + ENGINE_DOUBT_MS, false);
		break;
	case DECIDE_LOOK:
		model_mark_watch(e, r->watch, MARK_ASK);
		rest(e, r, false);
		break;
	case DECIDE_FOLLOW:
	case DECIDE_PIN:
	case DECIDE_RELEASE:
		want_write(e, r, d.action);
		break;
	}
	/* It was asked before there was something to look for. */
	if (order_unseen(r) && model_proof(e, r) && r->phase == PHASE_IDLE)
		job_at(&e->traffic, &r->job, model_boot(e), false);
}

/*
 * Azure said yes, and yet nothing came of it.  A form of write that has done
 * nothing twice is given up for the other one, and then for an alarm.
 */
static void in_vain(struct engine *e, struct registry *r, const char *target)
{
	struct fault f = fault_none();
	struct effort *x = move_effort(r);
	bool twice = ++x->vain >= 2;

	if (twice && r->writing == DECIDE_FOLLOW) {
		intern_set(&e->names, &x->tried, target);
		x->vain = 0;
	} else if (twice) {
		r->futile = true;
	}
	/* A person has to look: as slow as for a denial. */
	fault_set(
		&f, r->futile ? FAULT_REFUSED : FAULT_TRANSIENT, 0,
		"Azure accepted the write to %s, but its key settings did not change; it is tried again%s.",
		r->id, r->futile ? " in some minutes" : "");
	r->writing = DECIDE_DONE;
	r->busy_since = -1;
	note_tell(e, NOTE_FAILED, r->watch, r, r->wrote, NULL, "%s", f.text);
	if (r->futile)
		order_fail(
			e, r,
			"Azure accepted what was written, and nothing changed");
	move_retry(e, r, &f);
	/* Whatever reads it sooner, be it a LIST or a person's poll. */
	x->write_again = timer_at(&r->job.timer);
	if (r->futile)
		r->outcome = OUTCOME_YIELD;
}

/* A write is over and was read back: true when what was read counts. */
static bool read_back(struct engine *e, struct registry *r, const char *target)
{
	struct decide_effect in = {
		.facts = &r->facts,
		.writing = r->writing,
		.wrote = r->wrote,
		.target = target,
		.reader = order_reader(r->order),
	};
	enum decide_came came = decide_effect(&in);
	int64_t boot = model_boot(e), age;

	if (came != CAME_TRUE && !r->maybe) {
		/* What Azure shows may be older than the write. */
		struct effort *x = move_effort(r);

		if (x->doubt < 0)
			x->doubt = boot;
		age = boot - x->doubt;
		if (age < STALE_MS) {
			int64_t delay = age > STALE_LOOK_MS ? age
							    : STALE_LOOK_MS;

			if (delay > STALE_MS - age)
				delay = STALE_MS - age;
			move_phase(e, r, PHASE_VERIFY);
			job_at(&e->traffic, &r->job, boot + delay, false);
			return false;
		}
	}
	/* Pinning is next.  After a lost answer this cannot be told from a
	 * write that never came; pinning is right in both cases. */
	if (came == CAME_IGNORED)
		intern_set(&e->names, &move_effort(r)->tried, target);
	if (came == CAME_TO_NOTHING && !r->maybe) {
		in_vain(e, r, target);
		return false;
	}
	if (!versions_on_target(r) || r->facts.pinned[0] == '\0')
		r->maybe = false;
	return true;
}

/* A LIST has read it just now: its own question, which has not gone out, would
 * bring nothing more. */
static void spare(struct engine *e, struct registry *r)
{
	if (r->read_at != model_boot(e) || !model_read_waits(r))
		return;
	job_cancel(&e->traffic, &r->job);
	move_phase(e, r, PHASE_IDLE);
}

void move_judge(struct engine *e, struct registry *r)
{
	const struct seen_version *target = versions_target(r->watch);
	bool back = model_proof(e, r) &&
		    r->facts.provisioning == PROVISIONING_SUCCEEDED &&
		    (r->phase == PHASE_VERIFY || r->maybe);

	spare(e, r);
	if (r->job.where != JOB_REST || r->read_at < 0)
		return;
	if (target && back && !read_back(e, r, target->v.version))
		return;
	act(e, r, move_decision(e, r));
}

void move_retarget(struct engine *e, struct registry *r, bool another,
		   bool better)
{
	if (another) {
		r->write_failures = 0;
		if (r->effort)
			r->effort->vain = 0;
		r->futile = false;
	}
	if ((r->phase != PHASE_IDLE && r->phase != PHASE_WAIT) ||
	    r->job.where != JOB_REST || r->read_at < 0 || r->retiring)
		return;
	r->proof = 0;
	/* What was refused of a version that is another one now, or can be
	 * used again, may be accepted.  Whatever else of it has changed, or
	 * alternates between two replicas, our own back-off goes on. */
	if (another || (better && r->refused && !r->denied && !r->futile))
		move_clear_error(e, r);
	else if (r->error)
		return;
	model_mark(e, r, MARK_JUDGE);
}

/* Nothing is under way, and it waits for no more than its next read. */
static bool at_rest(const struct registry *r)
{
	return (r->phase == PHASE_IDLE || r->phase == PHASE_WAIT) &&
	       r->job.where == JOB_REST;
}

void move_ask(struct engine *e, struct registry *r)
{
	if (at_rest(r))
		job_at(&e->traffic, &r->job, model_boot(e), false);
}

/*
 * What waits for a back-off of ours has something to show for it: an error, or
 * a verdict that it is gone.  The pace of an operation is Azure's, a read-back
 * in doubt and a second look have their own.
 */
bool move_hurry(struct engine *e, struct registry *r)
{
	bool again = r->phase == PHASE_POLL || r->phase == PHASE_VERIFY ||
		     at_rest(r);

	if (!again || r->job.where != JOB_REST || r->retiring ||
	    !(r->error || r->facts.missing) ||
	    timer_at(&r->job.timer) <= model_boot(e))
		return false;
	job_at(&e->traffic, &r->job, model_boot(e), false);
	return true;
}

void move_in_time(struct engine *e, struct registry *r)
{
	int64_t due;

	/* A retry has its own time. */
	if (!at_rest(r) || (r->error && timer_is_set(&r->job.timer)))
		return;
	due = reading_due(e, r);
	if (due < timer_at(&r->job.timer))
		job_at(&e->traffic, &r->job, due, true);
}

void move_look(struct engine *e, struct registry *r)
{
	bool paused = model_paused(e, r);

	order_due(e, r);
	if (model_absurd_pause(e, model_until(r->pause)))
		model_pause_keep(&r->pause, 0, NULL, NULL);
	/* Nor was it verified in the future, as a saved state may say. */
	if (e->traffic.skew.known && r->verified_at > model_azure(e) + 60000)
		r->verified_at = -1;
	if (r->was_paused && !paused && !r->retiring)
		move_ask(e, r);
	r->was_paused = paused;
	/* We lead now, or it is nobody else who will do it in time. */
	if (r->gated != DECIDE_DONE && !r->retiring &&
	    !is_gated(e, r, r->gated)) {
		r->gated = DECIDE_DONE;
		move_ask(e, r);
	}
	if (r->owed_at >= 0)
		move_in_time(e, r);
}
