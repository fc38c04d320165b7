/* Jobs, lanes and tokens: who may ask what, when. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "engine/engine_internal.h"

#define TOKEN_EARLY_MS 300000 /* renew this long before the end */
#define TOKEN_LONG_MS 7200000 /* from here on: renew at half of the life */
#define TOKEN_RETRY_MS 30000  /* while the old token still serves */
#define WAKE_SPREAD_MS 30000  /* after an outage, at most */
#define STALL_SPREAD_MS 10000 /* after a suspend, at most */

static void advance(struct engine *e, struct job *j);
static void start(struct engine *e, struct job *j);
static void wait_ready(struct engine *e, struct job *j);
static bool full(const struct engine *e);
static bool outdated(struct engine *e, struct job *j);

void schedule_timer(struct engine *e, struct timer *t, int64_t boot)
{
	if (boot == INT64_MAX)
		heap_remove(&e->timers, &t->node);
	else
		heap_set(&e->timers, &t->node, boot);
}

void schedule_job_init(struct job *j, enum job_kind kind, void *owner)
{
	*j = (struct job){ .kind = kind, .owner = owner };
	j->timer.kind = TIMER_JOB;
	j->timer.owner = j;
}

static void wake_up(struct job *j)
{
	if (!j->asleep)
		return;
	TAILQ_REMOVE(&j->lane->sleepers, j, sleep);
	j->lane->n_sleepers--;
	j->asleep = false;
}

void schedule_cancel(struct engine *e, struct job *j)
{
	wake_up(j);
	heap_remove(&e->timers, &j->timer.node);
	if (j->where == AT_TOKEN)
		TAILQ_REMOVE(&j->token->waiters, j, link);
	else if (j->where == AT_LANE)
		heap_remove(&j->lane->queue, &j->wait);
	else if (j->where == AT_READY)
		heap_remove(&e->ready, &j->wait);
	else if (j->where == IN_FLIGHT)
		e->flights[j->flight].job = NULL;
	j->where = AT_REST;
}

void schedule_at(struct engine *e, struct job *j, int64_t boot)
{
	schedule_cancel(e, j);
	schedule_timer(e, &j->timer, boot);
}

void schedule_sleep(struct engine *e, struct job *j, int64_t delay)
{
	schedule_at(e, j, e->now.boot + delay);
	if (!j->lane)
		return;
	TAILQ_INSERT_TAIL(&j->lane->sleepers, j, sleep);
	j->lane->n_sleepers++;
	j->asleep = true;
}

int64_t schedule_delay(struct engine *e, struct job *j, const struct fault *f,
		       int64_t deadline)
{
	int64_t left = deadline == BACKOFF_NO_DEADLINE
			       ? BACKOFF_NO_DEADLINE
			       : deadline - engine_azure(e);
	int64_t delay;

	j->failures++;
	switch (f->kind) {
	case FAULT_DENIED:
	case FAULT_MISSING:
	case FAULT_REFUSED:
	case FAULT_AUTH:
		delay = backoff_denied(left, &e->rng);
		break;
	default:
		delay = backoff_delay(j->failures, left, &e->rng);
	}
	/* A server that names a time means it: sooner is refused again. */
	if (f->retry_after_ms >= 0) {
		int64_t told = backoff_told(f->retry_after_ms, 0);

		if (told > delay || f->kind == FAULT_THROTTLED)
			delay = told + random_below(&e->rng, 1000);
	}
	return delay;
}

/* ---- lanes ---- */

void schedule_lane_init(struct engine *e, struct lane *l, double rate,
			double burst)
{
	*l = (struct lane){ 0 };
	bucket_init(&l->bucket, rate, burst, e->now.boot);
	TAILQ_INIT(&l->sleepers);
	l->timer.kind = TIMER_LANE;
	l->timer.owner = l;
}

void schedule_lane_free(struct engine *e, struct lane *l)
{
	schedule_timer(e, &l->timer, INT64_MAX);
	heap_free(&l->queue);
}

static struct job *job_of_wait(struct heap_node *n)
{
	return (struct job *)(void *)((char *)n - offsetof(struct job, wait));
}

#define LANE_LOOK_MS 1000 /* again, when flights are what is missing */

static void lane_arm(struct engine *e, struct lane *l)
{
	int64_t at = INT64_MAX;

	if (heap_min(&l->queue)) {
		at = bucket_ready(&l->bucket, e->now.boot);
		if (at <= e->now.boot && full(e))
			at = e->now.boot + LANE_LOOK_MS;
	}
	schedule_timer(e, &l->timer, at);
}

/* Without a flight, as many as may be paid for queue up for one: each flight
 * that lands then finds the most urgent of all lanes. */
static void lane_pump(struct engine *e, struct lane *l)
{
	double may = bucket_tokens(&l->bucket, e->now.boot);
	struct job *j;

	while (heap_min(&l->queue) && may >= 1) {
		may -= 1;
		j = job_of_wait(heap_pop(&l->queue));
		j->where = AT_REST;
		if (full(e))
			wait_ready(e, j);
		else if (outdated(e, j))
			continue;
		else if (bucket_take(&l->bucket, e->now.boot))
			start(e, j);
	}
	lane_arm(e, l);
}

/* The remote works again: what sleeps for it wakes, spread out. */
static void lane_wake(struct engine *e, struct lane *l)
{
	int64_t spread = (int64_t)l->n_sleepers * 20;
	struct job *j, *next;

	if (spread > WAKE_SPREAD_MS)
		spread = WAKE_SPREAD_MS;
	for (j = TAILQ_FIRST(&l->sleepers); j; j = next) {
		int64_t at = e->now.boot + random_below(&e->rng, spread + 1);

		next = TAILQ_NEXT(j, sleep);
		wake_up(j);
		if (heap_has(&j->timer.node) && at < j->timer.node.key)
			schedule_timer(e, &j->timer, at);
	}
}

static void lane_learn(struct engine *e, struct lane *l, const struct reply *r)
{
	int64_t told = r->fault.retry_after_ms;

	if (r->remaining >= 0)
		bucket_observe(&l->bucket, e->now.boot, r->remaining);
	if (r->fault.kind == FAULT_THROTTLED) {
		if (!r->throttles_all)
			return;
		/* Key Vault's documents: wait 1, 2, 4, 8, 16 seconds. */
		if (told < 0)
			told = (int64_t)1000
			       << (l->throttles < 4 ? l->throttles : 4);
		l->throttles++;
		bucket_close(&l->bucket, e->now.boot, backoff_told(told, 0));
		return;
	}
	l->throttles = 0;
	if (r->fault.kind == FAULT_TRANSIENT) {
		l->fail_streak++;
		return;
	}
	/* One item that keeps failing among others that work is no outage. */
	if (l->fail_streak >= 2)
		lane_wake(e, l);
	l->fail_streak = 0;
}

/* ---- tokens ---- */

struct token *schedule_token(struct engine *e, const struct credential *c,
			     const char *audience)
{
	struct token *t;

	for (size_t i = 0; i < e->n_tokens; i++)
		if (e->tokens[i]->credential == c &&
		    strcmp(e->tokens[i]->audience, audience) == 0)
			return e->tokens[i];
	if (e->n_tokens == ENGINE_TOKENS_MAX)
		return NULL;
	t = text_alloc(1, sizeof(*t));
	t->slot = (uint32_t)e->n_tokens;
	t->credential = c;
	text_copy(t->audience, sizeof(t->audience), audience);
	schedule_job_init(&t->job, JOB_TOKEN, t);
	t->job.urgency = INT64_MIN;
	t->fault = fault_none();
	TAILQ_INIT(&t->waiters);
	e->tokens =
		text_realloc(e->tokens, e->n_tokens + 1, sizeof(*e->tokens));
	e->tokens[e->n_tokens++] = t;
	return t;
}

static bool token_usable(const struct engine *e, const struct token *t)
{
	return t->ready && e->now.boot < t->expires;
}

/* See to it that a token comes, unless one is on its way or was refused a
 * moment ago (then its back-off timer runs). */
static void token_want(struct engine *e, struct token *t)
{
	if (t->job.where == AT_REST && !heap_has(&t->job.timer.node))
		schedule_ask(e, &t->job, CALL_TOKEN, NULL, NULL);
}

static void token_wake(struct engine *e, struct token *t)
{
	struct job_list woken = TAILQ_HEAD_INITIALIZER(woken);
	struct job *j;

	/* A list of its own: who must wait again joins the slot's. */
	TAILQ_CONCAT(&woken, &t->waiters, link);
	while ((j = TAILQ_FIRST(&woken))) {
		TAILQ_REMOVE(&woken, j, link);
		j->where = AT_REST;
		advance(e, j);
	}
}

static void token_good(struct engine *e, struct token *t, const struct reply *r,
		       int64_t sent)
{
	int64_t life = r->token.lifetime_ms;
	int64_t margin = life / 10 < 10000 ? life / 10 : 10000;
	int64_t refresh = life - TOKEN_EARLY_MS;

	if (life >= TOKEN_LONG_MS || refresh < life / 2)
		refresh = life / 2;
	if (r->token.refresh_in_ms >= 0 && r->token.refresh_in_ms < life)
		refresh = r->token.refresh_in_ms;
	t->ready = true;
	t->generation++;
	t->job.failures = 0;
	t->fault = fault_none();
	t->expires = sent + life - margin;
	t->refresh = sent + refresh;
	/* The metadata service may hand out the same ageing token again. */
	if (t->refresh < e->now.boot + TOKEN_RETRY_MS)
		t->refresh = e->now.boot + TOKEN_RETRY_MS;
	token_wake(e, t);
}

static void owner_unreachable(struct engine *e, struct job *j,
			      const struct fault *f)
{
	struct watch *w = j->owner;

	if (j->kind == JOB_REGISTRY) {
		watch_unreachable(e, j->owner, f);
	} else if (j->kind == JOB_KEY) {
		engine_fault_keep(&w->error, f);
		health_key(e, w);
		health_refresh_watch(e, w);
	} else if (j->kind == JOB_LIST) {
		struct scope *s = j->owner;
		struct registry *r;

		engine_fault_keep(&s->error, f);
		TAILQ_FOREACH(r, &s->registries, scope_link)
			if (list_covers(r))
				watch_unreachable(e, r, f);
	}
}

static void token_bad(struct engine *e, struct token *t, const struct fault *f)
{
	struct job *j, *next;
	bool news = t->fault.kind != f->kind;

	t->fault = *f;
	if (news)
		engine_note(e, NOTE_FAILED, NULL, NULL, NULL, NULL, "%s",
			    f->text);
	if (token_usable(e, t)) {
		t->job.failures++;
		t->refresh = e->now.boot + TOKEN_RETRY_MS;
		return;
	}
	t->ready = false;
	/* Everything waits for this: a denial is not slower than an outage
	 * by more than it must be. */
	schedule_at(e, &t->job,
		    e->now.boot +
			    schedule_delay(e, &t->job, f, BACKOFF_NO_DEADLINE));
	for (j = TAILQ_FIRST(&t->waiters); j; j = next) {
		next = TAILQ_NEXT(j, link);
		j->failures++;
		owner_unreachable(e, j, f);
	}
}

/* ---- asking ---- */

static void fill(const struct job *j, struct call *c)
{
	const struct token *t = j->kind == JOB_TOKEN ? j->owner : j->token;

	*c = (struct call){ .kind = j->ask };
	if (t) {
		c->token = t->slot;
		c->credential = t->credential;
		c->audience = t->audience;
	}
	if (j->kind == JOB_KEY)
		key_fill(j->owner, c);
	else if (j->kind == JOB_REGISTRY)
		watch_fill(j->owner, c);
	else if (j->kind == JOB_LIST)
		list_fill(j->owner, c);
}

static void launch(struct engine *e, struct job *j)
{
	struct flight *f = TAILQ_FIRST(&e->landed);
	struct action *a = engine_push(e, ACTION_CALL);

	TAILQ_REMOVE(&e->landed, f, link);
	TAILQ_INSERT_TAIL(&e->flying, f, link);
	e->in_flight++;
	j->where = IN_FLIGHT;
	j->flight = (uint16_t)(f - e->flights);
	f->job = j;
	f->sent = e->now.boot;
	f->ticket = (++e->tickets << 16) | j->flight;
	f->token_generation = j->token ? j->token->generation : 0;
	fill(j, &a->call);
	a->call.ticket = f->ticket;
}

static bool full(const struct engine *e)
{
	return e->in_flight >= e->config->max_requests;
}

static void wait_ready(struct engine *e, struct job *j)
{
	j->where = AT_READY;
	heap_set(&e->ready, &j->wait, j->urgency);
}

static bool wait_token(struct engine *e, struct job *j)
{
	if (j->token && !token_usable(e, j->token)) {
		j->where = AT_TOKEN;
		TAILQ_INSERT_TAIL(&j->token->waiters, j, link);
		token_want(e, j->token);
		return true;
	}
	if (j->token && e->now.boot >= j->token->refresh)
		token_want(e, j->token);
	return false;
}

/* A write that waited too long is read again first.  This is asked before the
 * budget is drawn on: a queue longer than that would never send anything. */
static bool outdated(struct engine *e, struct job *j)
{
	return j->ask == CALL_PATCH && !watch_may_send(e, j->owner);
}

/* Everything is there: out it goes. */
static void start(struct engine *e, struct job *j)
{
	if (!wait_token(e, j))
		launch(e, j);
}

/* The budget is drawn on last, when a flight is to be had: what had paid and
 * then waited would go out in one burst later. */
static void advance(struct engine *e, struct job *j)
{
	struct lane *l = j->lane;

	if (wait_token(e, j))
		return;
	if (full(e)) {
		wait_ready(e, j);
		return;
	}
	if (outdated(e, j))
		return;
	if (l &&
	    (heap_min(&l->queue) || !bucket_take(&l->bucket, e->now.boot))) {
		j->where = AT_LANE;
		heap_set(&l->queue, &j->wait, j->urgency);
		lane_pump(e, l);
		return;
	}
	start(e, j);
	if (l)
		lane_arm(e, l);
}

/* Never with another one's token: rather not at all. */
static void without_token(struct engine *e, struct job *j)
{
	struct fault f;

	fault_set(
		&f, FAULT_LOCAL, 0,
		"There is no room for the token of one more credential and audience (%d at most); it is tried again in a while. A restart forgets those of earlier configurations.",
		ENGINE_TOKENS_MAX);
	schedule_at(e, j, e->now.boot + BACKOFF_CAP_BEFORE_MS);
	owner_unreachable(e, j, &f);
}

void schedule_ask(struct engine *e, struct job *j, enum call_kind ask,
		  struct lane *lane, struct token *token)
{
	if (!token && j->kind != JOB_TOKEN) {
		without_token(e, j);
		return;
	}
	/* Whoever is in a hurry: a server that names a time means it. */
	if (e->now.boot < j->not_before) {
		schedule_at(e, j, j->not_before);
		return;
	}
	schedule_cancel(e, j);
	j->ask = ask;
	j->lane = lane;
	j->token = token;
	advance(e, j);
}

void schedule_pump(struct engine *e)
{
	while (e->in_flight < e->config->max_requests && heap_min(&e->ready)) {
		struct job *j = job_of_wait(heap_pop(&e->ready));

		j->where = AT_REST;
		advance(e, j);
	}
}

/* The job belongs to another token from now on, wherever it waits. */
void schedule_retoken(struct engine *e, struct job *j, struct token *t)
{
	if (!j->token || !t || j->token == t)
		return;
	if (j->where == AT_TOKEN) {
		TAILQ_REMOVE(&j->token->waiters, j, link);
		TAILQ_INSERT_TAIL(&t->waiters, j, link);
		token_want(e, t);
	}
	j->token = t;
}

/* ---- answers ---- */

/* A 401: one new token, one more try.  True when that is under way. */
static bool renew(struct engine *e, struct job *j, const struct reply *r,
		  unsigned generation)
{
	struct token *t = j->token;

	if (r->fault.kind != FAULT_AUTH || !t || j->renewed)
		return false;
	j->renewed = true;
	if (t->generation == generation)
		t->ready = false;
	if (j->kind == JOB_KEY && r->challenge_audience[0] != '\0') {
		struct vault *v = ((struct watch *)j->owner)->vault;

		text_copy(v->audience, sizeof(v->audience),
			  r->challenge_audience);
		t = schedule_token(e, v->credential, v->audience);
		if (!t)
			return false;
		v->token = t;
	}
	schedule_ask(e, j, j->ask, j->lane, t);
	return true;
}

static void token_reply(struct engine *e, struct token *t,
			const struct reply *r, int64_t sent)
{
	if (r->fault.kind == FAULT_NONE)
		token_good(e, t, r, sent);
	else
		token_bad(e, t, &r->fault);
}

static void deliver(struct engine *e, struct job *j, const struct reply *r,
		    int64_t sent)
{
	if (r->fault.kind == FAULT_NONE)
		j->failures = 0;
	switch (j->kind) {
	case JOB_TOKEN:
		token_reply(e, j->owner, r, sent);
		break;
	case JOB_KEY:
		key_reply(e, j->owner, r);
		break;
	case JOB_REGISTRY:
		watch_reply(e, j->owner, r);
		break;
	case JOB_LIST:
		list_reply(e, j->owner, r);
		break;
	}
}

static void land(struct engine *e, struct flight *f)
{
	TAILQ_REMOVE(&e->flying, f, link);
	TAILQ_INSERT_HEAD(&e->landed, f, link);
	e->in_flight--;
	f->ticket = 0;
	f->job = NULL;
}

static int64_t sent_back(const struct engine *e, const struct fault *f)
{
	return e->now.boot + backoff_told(f->retry_after_ms, 0);
}

void schedule_reply(struct engine *e, const struct reply *r)
{
	size_t index = r->ticket & 0xffff;
	struct flight *f;
	struct job *j;
	int64_t sent;
	unsigned generation;

	if (index >= ENGINE_FLIGHTS_MAX || e->flights[index].ticket == 0 ||
	    e->flights[index].ticket != r->ticket)
		return;
	f = &e->flights[index];
	j = f->job;
	sent = f->sent;
	generation = f->token_generation;
	land(e, f);
	if (r->date_ms >= 0)
		skew_add(&e->skew, e->now, r->date_ms, r->rtt_ms);
	if (!j)
		return;
	j->where = AT_REST;
	if (j->lane)
		lane_learn(e, j->lane, r);
	if (r->fault.kind != FAULT_NONE)
		j->not_before = sent_back(e, &r->fault);
	if (renew(e, j, r, generation))
		return;
	j->renewed = false;
	deliver(e, j, r, sent);
}

/* ---- time ---- */

/* Every flight has an end, even when its reply is lost on our own side. */
static void give_up(struct engine *e, const struct flight *f)
{
	struct reply r = { .ticket = f->ticket,
			   .kind = f->job ? f->job->ask : CALL_TOKEN,
			   .date_ms = -1,
			   .remaining = -1,
			   .maybe_done = true };

	fault_set(&r.fault, FAULT_TRANSIENT, 0,
		  "No answer came within %d seconds.",
		  ENGINE_REPLY_GUARD_MS / 1000);
	schedule_reply(e, &r);
}

/* After a suspend everything is due at once: routine work is spread. */
static bool put_off(struct engine *e, struct job *j, int64_t due)
{
	int64_t spread = (int64_t)e->n_registries * 20;
	bool routine = j->kind == JOB_KEY || j->kind == JOB_LIST ||
		       (j->kind == JOB_REGISTRY &&
			((struct registry *)j->owner)->phase == PHASE_IDLE);

	if (j->spread || !routine || e->now.boot - due < ENGINE_STALL_MS) {
		j->spread = false;
		return false;
	}
	if (spread > STALL_SPREAD_MS)
		spread = STALL_SPREAD_MS;
	j->spread = true;
	schedule_at(e, j, e->now.boot + random_below(&e->rng, spread));
	return true;
}

static void job_due(struct engine *e, struct job *j, int64_t due)
{
	if (put_off(e, j, due))
		return;
	wake_up(j);
	switch (j->kind) {
	case JOB_TOKEN:
		schedule_ask(e, j, CALL_TOKEN, NULL, NULL);
		break;
	case JOB_KEY:
		key_due(e, j->owner);
		break;
	case JOB_REGISTRY:
		watch_due(e, j->owner);
		break;
	case JOB_LIST:
		list_due(e, j->owner);
		break;
	}
}

static void timer_due(struct engine *e, struct timer *t, int64_t due)
{
	switch (t->kind) {
	case TIMER_JOB:
		job_due(e, t->owner, due);
		break;
	case TIMER_TRUTH:
		health_refresh(e, t->owner);
		break;
	case TIMER_LANE:
		lane_pump(e, t->owner);
		break;
	case TIMER_WATCH:
		key_time(e, t->owner);
		break;
	}
}

void schedule_run(struct engine *e)
{
	/* A bound on one turn, so that a mistake that keeps setting timers
	 * in the past shows as load and not as a hang. */
	size_t most = 4 * e->timers.n + 1000;
	struct heap_node *n;
	struct flight *f;

	while ((f = TAILQ_FIRST(&e->flying)) &&
	       f->sent + ENGINE_REPLY_GUARD_MS <= e->now.boot)
		give_up(e, f);
	while (most-- > 0 && (n = heap_min(&e->timers)) &&
	       n->key <= e->now.boot) {
		int64_t due = n->key;

		heap_pop(&e->timers);
		timer_due(e, (struct timer *)(void *)n, due);
	}
	schedule_pump(e);
}
