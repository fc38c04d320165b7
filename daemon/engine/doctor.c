/* The doctor's visit: what is asked, in which order, and what came of it. */
#include "engine/doctor.h"

#include <stdlib.h>

#include "azure/problem.h"
#include "base/text.h"
#include "engine/doctor_plan.h"
#include "engine/doctor_storage.h"
#include "traffic/end.h"
#include "traffic/job.h"

#define TRIES 2		 /* of one question that fails in passing */
#define AGAIN_MS 1000	 /* between them ... */
#define AGAIN_MOST 30000 /* ... or as a server says, up to this */

struct visit {
	struct job job;
	struct doctor_facts facts;
	unsigned tries, step;
	struct doctor_search *search; /* DOCTOR_RULE */
};

struct doctor {
	struct traffic *traffic;
	struct doctor_plan plan;
	size_t told, begun; /* subjects before these were */
	size_t done;
	int64_t silent_at;  /* boot ms: nothing was done for too long */
	struct timer timer; /* for that, or since there is room for more */
};

/* ---- questions ---- */

static void fill_host(const struct subject *s, struct call *c)
{
	c->bare = true;
	if (s->end && s->end->vault)
		c->key = s->watch->key;
	else if (s->end && s->end->storage)
		c->url = s->host->origin;
	else if (s->end)
		c->subscription = s->end->name;
	else
		c->url = s->host->origin;
}

/* No lease and no message has it. */
#define NOBODYS "00000000-0000-0000-0000-000000000000"

/* What is there; then, with the right to write, what changes nothing. */
static void fill_store(const struct subject *s, struct call *c)
{
	c->url = s->store->url;
	c->lease_step = s->visit->step ? LEASE_RENEW : LEASE_LOOK;
	c->lease_id = NOBODYS;
	c->peek = true;
	c->message = NOBODYS;
	c->receipt = "AAAA";
}

static enum call_kind ask_store(const struct subject *s)
{
	if (!s->queue)
		return CALL_LEASE;
	return s->visit->step ? CALL_HINT_DROP : CALL_HINTS;
}

static void fill(const void *world, const struct job *j, struct call *c)
{
	const struct subject *s = j->owner;

	(void)world;
	switch (s->kind) {
	case DOCTOR_HOST:
		fill_host(s, c);
		break;
	case DOCTOR_KEY:
		c->key = s->watch->key;
		if (!j->end->vault)
			c->vault_resource = s->watch->vault_resource;
		break;
	case DOCTOR_REGISTRY:
		c->registry = s->name;
		break;
	case DOCTOR_CREDENTIAL:
		if (s->watch)
			c->key = s->watch->key;
		if (s->store)
			fill_store(s, c);
		else
			c->subscription = j->end->name;
		break;
	case DOCTOR_LEASE:
	case DOCTOR_QUEUE:
		fill_store(s, c);
		break;
	case DOCTOR_RULE:
		doctor_search_fill(s->visit->search, c);
		break;
	case DOCTOR_CLOCK:
	case DOCTOR_KINDS:
		break;
	}
}

/* A credential's question is only for its token's sake: once that is there it
 * need not go out, but for one whose tenant only an answer can tell. */
static bool still_true(const void *world, const struct job *j,
		       struct instant now)
{
	const struct subject *s = j->owner;

	(void)world;
	(void)now;
	return s->kind != DOCTOR_CREDENTIAL || end_is_blind(j->end);
}

const struct job_kind doctor_kind = { fill, still_true };

static struct end *end_of(const struct subject *s)
{
	bool next = s->kind == DOCTOR_CREDENTIAL || s->kind == DOCTOR_KEY;

	if (s->kind == DOCTOR_RULE)
		return end_subscription(
			s->doctor->traffic,
			doctor_search_place(s->visit->search)->subscription,
			s->end->credential);
	return next && s->visit->step ? s->end_next : s->end;
}

/* Put the question of its step. */
static void ask(struct subject *s)
{
	struct traffic *t = s->doctor->traffic;
	struct job *j = &s->visit->job;
	struct end *end = end_of(s);

	s->visit->tries++;
	j->urgency = INT64_MAX; /* what the daemon is for goes first */
	switch (s->kind) {
	case DOCTOR_HOST:
		job_ask_host(t, j, CALL_REACH, s->host);
		break;
	case DOCTOR_CREDENTIAL:
		job_hurry_token(t, end->token);
		job_ask_fresh(t, j,
			      s->store	   ? ask_store(s)
			      : end->vault ? CALL_KEY
					   : CALL_LIST,
			      end, END_READ);
		break;
	case DOCTOR_LEASE:
	case DOCTOR_QUEUE:
		job_ask(t, j, ask_store(s), end, END_READ);
		break;
	case DOCTOR_KEY:
		job_ask(t, j, CALL_KEY, end, END_READ);
		break;
	case DOCTOR_REGISTRY:
		job_ask(t, j, s->visit->step ? CALL_RIGHTS : CALL_REGISTRY, end,
			END_READ);
		break;
	case DOCTOR_RULE:
		job_ask(t, j, CALL_LIST, end, END_READ);
		break;
	case DOCTOR_CLOCK:
	case DOCTOR_KINDS:
		break;
	}
}

/* ---- one subject's way ---- */

static void stay_awake(struct doctor *d)
{
	d->silent_at = d->traffic->now.boot + DOCTOR_SILENCE_MS;
	timer_set(&d->traffic->timers, &d->timer, d->silent_at);
}

static void finish(struct subject *s)
{
	struct doctor *d = s->doctor;
	struct doctor_facts *f = &s->visit->facts;

	job_cancel(d->traffic, &s->visit->job);
	f->azure_ms = job_azure(d->traffic);
	if (s->kind == DOCTOR_RULE)
		doctor_search_tell(s->visit->search, f);
	if (s->end && s->end->token && s->kind != DOCTOR_HOST)
		f->who = s->end->token->who;
	s->failed = !doctor_checks_run(f, NULL, NULL);
	s->state = SUBJECT_DONE;
	d->done++;
	stay_awake(d);
}

static void next_step(struct subject *s)
{
	struct visit *v = s->visit;
	bool more = v->step == 0 && v->facts.fault.kind == FAULT_NONE;

	if (more && s->kind == DOCTOR_CREDENTIAL)
		more = s->end_next != NULL;
	else if (s->kind == DOCTOR_LEASE)
		more |= v->step == 0 && doctor_storage_is_new(&v->facts.fault);
	else if (s->kind == DOCTOR_KEY)
		more = v->step == 0 && s->end_next &&
		       problem_is_network(&v->facts.fault);
	else if (s->kind != DOCTOR_REGISTRY && s->kind != DOCTOR_QUEUE)
		more = false;
	if (!more) {
		finish(s);
		return;
	}
	v->step++;
	v->tries = 0;
	ask(s);
}

static void read_clock(struct subject *s)
{
	struct traffic *t = s->doctor->traffic;
	struct doctor_facts *f = &s->visit->facts;

	f->clock_known = skew_offset(&t->skew, t->now, &f->clock_ms);
	finish(s);
}

static void begin(struct subject *s, bool left_out)
{
	const struct config_watch *w = s->watch;
	struct doctor_facts *f;

	s->state = SUBJECT_ASKS;
	s->visit = text_alloc(1, sizeof(*s->visit));
	job_init(&s->visit->job, &doctor_kind, s, text_hash(s->name));
	f = &s->visit->facts;
	f->kind = s->kind;
	f->name = s->name;
	f->left_out = left_out;
	f->fault = f->rights_fault = fault_none();
	if (s->kind != DOCTOR_HOST && s->end)
		f->credential = s->end->credential;
	if (w) {
		f->key = w->key;
		f->mode = w->mode;
		f->takeover = w->takeover;
		f->identity = w->identity;
		f->by_arm = s->kind == DOCTOR_KEY && s->end && !s->end->vault;
	}
	f->unused = s->kind == DOCTOR_CREDENTIAL && !w && !s->store &&
		    s->rule == DOCTOR_NOBODY;
	if (s->kind == DOCTOR_RULE)
		s->visit->search =
			doctor_search_new(&s->doctor->plan.rules, s->rule);
	f->vault = s->kind == DOCTOR_HOST && s->end && s->end->vault;
	f->storage = s->kind == DOCTOR_HOST && s->end && s->end->storage;
	f->url = s->store ? s->store->url : NULL;
	if (left_out)
		finish(s);
	else if (s->kind == DOCTOR_CLOCK)
		read_clock(s);
	else
		ask(s);
}

/* Whether it may begin.  The clock hangs on all before it: their answers tell
 * what time it is. */
static bool is_ready(const struct doctor *d, const struct subject *s,
		     bool *left_out)
{
	*left_out = false;
	if (s->kind == DOCTOR_CLOCK)
		for (const struct subject *h = d->plan.subjects; h < s; h++)
			if (h->state != SUBJECT_DONE)
				return false;
	for (int i = 0; i < DOCTOR_DEPENDS; i++) {
		const struct subject *on;

		if (s->depends[i] == DOCTOR_NOBODY)
			continue;
		on = &d->plan.subjects[s->depends[i]];
		if (on->state != SUBJECT_DONE)
			return false;
		*left_out |= on->failed;
	}
	return true;
}

/* Begin what may begin, not too far ahead of what was told. */
static void advance(struct doctor *d)
{
	bool all_begun = true, left_out;

	for (size_t i = d->begun; i < d->plan.n && i < d->told + DOCTOR_AHEAD;
	     i++) {
		struct subject *s = &d->plan.subjects[i];

		if (s->state == SUBJECT_WAITS && is_ready(d, s, &left_out))
			begin(s, left_out);
		all_begun &= s->state != SUBJECT_WAITS;
		if (all_begun)
			d->begun = i + 1;
	}
}

static void visit_free(struct subject *s)
{
	doctor_search_free(s->visit->search);
	free(s->visit);
	s->visit = NULL;
}

/* ---- what happens ---- */

/* What may be well in a moment is asked once more. */
static bool try_again(struct subject *s, const struct fault *f)
{
	int64_t wait = f->retry_after_ms > AGAIN_MS ? f->retry_after_ms
						    : AGAIN_MS;

	if (!fault_is_transient(f) || s->visit->tries >= TRIES ||
	    wait > AGAIN_MOST)
		return false;
	job_at(s->doctor->traffic, &s->visit->job,
	       s->doctor->traffic->now.boot + wait, false);
	return true;
}

/* A page of a rule's LISTs. */
static void listed(struct subject *s, const struct reply *r)
{
	struct visit *v = s->visit;
	const struct traffic *t = s->doctor->traffic;

	v->facts.fault = r->fault;
	if (r->fault.kind == FAULT_NONE &&
	    doctor_search_take(v->search, t->cloud, r, &v->facts.fault)) {
		stay_awake(s->doctor);
		v->tries = 0;
		ask(s);
	} else {
		finish(s);
	}
}

static void answered(struct subject *s, const struct reply *r)
{
	struct doctor_facts *f = &s->visit->facts;
	bool good = r->fault.kind == FAULT_NONE;

	if (!good && try_again(s, &r->fault))
		return;
	if (s->visit->step && s->store && s->kind != DOCTOR_CREDENTIAL) {
		f->rights_fault = r->fault;
		next_step(s);
		return;
	}
	if (s->kind == DOCTOR_RULE) {
		listed(s, r);
		return;
	}
	if (s->kind == DOCTOR_REGISTRY && s->visit->step) {
		f->rights_known = good && !r->rights.partial;
		f->rights = good ? r->rights.granted : 0;
		f->rights_fault = r->fault;
		next_step(s);
		return;
	}
	if (s->kind == DOCTOR_KEY && s->visit->step)
		f->by_arm = f->around = true;
	f->fault = r->fault;
	if (s->kind == DOCTOR_HOST) {
		f->step = r->step;
		if (good) {
			text_copy(f->peer, sizeof(f->peer), r->reach.peer);
			f->proxied = r->reach.proxied;
		}
	} else if (good && s->kind == DOCTOR_KEY) {
		f->version = r->key;
	} else if (good && s->kind == DOCTOR_REGISTRY) {
		f->view = r->registry;
	} else if (good && s->kind == DOCTOR_LEASE) {
		f->held = r->lease.held;
		f->told = r->lease.told;
		f->holder = r->lease.holder;
	} else if (good && s->kind == DOCTOR_QUEUE) {
		/* What is only looked at has no receipt. */
		f->messages = r->hints.n + r->hints.dropped;
	}
	next_step(s);
}

/* Nothing was done for long: whoever is under way gets no answer any more. */
static void give_up(struct doctor *d)
{
	for (size_t i = d->told; i < d->plan.n && i < d->told + DOCTOR_AHEAD;
	     i++) {
		struct subject *s = &d->plan.subjects[i];

		if (s->state != SUBJECT_ASKS)
			continue;
		fault_set(
			&s->visit->facts.fault, FAULT_TRANSIENT, 0,
			"No answer came within %d s: a server has told to wait longer, or others use up its budget.",
			DOCTOR_SILENCE_MS / 1000);
		finish(s);
	}
}

static void take(struct subject *s, const struct value *v)
{
	switch (v->kind) {
	case VALUE_DUE:
		ask(s);
		break;
	case VALUE_ANSWER:
		answered(s, v->reply);
		break;
	case VALUE_NO_TOKEN:
		if (try_again(s, v->fault))
			break;
		s->visit->facts.fault = *v->fault;
		finish(s);
		break;
	case VALUE_UNTRUE:
		if (s->kind == DOCTOR_CREDENTIAL)
			next_step(s);
		else
			ask(s);
		break;
	case VALUE_TIMER:
	case VALUE_NEWS:
		break;
	}
}

void doctor_take(struct doctor *d, const struct value *v)
{
	if (v->kind != VALUE_TIMER)
		take(v->job->owner, v);
	else if (d->traffic->now.boot >= d->silent_at)
		give_up(d);
	advance(d);
	if (!timer_is_set(&d->timer))
		timer_set(&d->traffic->timers, &d->timer, d->silent_at);
}

bool doctor_next(struct doctor *d, doctor_found *found, void *arg)
{
	struct subject *s;

	if (doctor_over(d) || d->plan.subjects[d->told].state != SUBJECT_DONE)
		return false;
	s = &d->plan.subjects[d->told];
	if (s->kind == DOCTOR_REGISTRY) /* its key was told before it */
		s->visit->facts.key_failed = d->plan.subjects[s->key].failed;
	doctor_checks_run(&s->visit->facts, found, arg);
	visit_free(s);
	d->told++;
	/* Whoever takes findings is no event: the next one is at once. */
	timer_set(&d->traffic->timers, &d->timer, d->traffic->now.boot);
	return true;
}

bool doctor_over(const struct doctor *d)
{
	return d->told == d->plan.n;
}

void doctor_progress(const struct doctor *d, size_t *done, size_t *all)
{
	*done = d->done;
	*all = d->plan.n;
}

struct doctor *doctor_new(struct traffic *t, const struct config *c,
			  unsigned kind)
{
	struct doctor *d = text_alloc(1, sizeof(*d));

	d->traffic = t;
	timer_init(&d->timer, kind, d);
	doctor_plan_make(&d->plan, t, c);
	for (size_t i = 0; i < d->plan.n; i++)
		d->plan.subjects[i].doctor = d;
	stay_awake(d);
	advance(d);
	return d;
}

void doctor_free(struct doctor *d)
{
	if (!d)
		return;
	for (size_t i = 0; i < d->plan.n; i++) {
		if (!d->plan.subjects[i].visit)
			continue;
		job_cancel(d->traffic, &d->plan.subjects[i].visit->job);
		visit_free(&d->plan.subjects[i]);
	}
	timer_set(&d->traffic->timers, &d->timer, INT64_MAX);
	doctor_plan_free(&d->plan);
	free(d);
}
