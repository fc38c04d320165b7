/* Jobs: timed, asked and answered, one value at a time. */
#include "traffic/job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/backoff.h"
#include "base/random.h"
#include "base/text.h"
#include "traffic/end.h"
#include "traffic/host.h"

#define TOKEN_EARLY_MS 300000  /* renew this long before the end */
#define TOKEN_LONG_MS 7200000  /* from here on: renew at half of the life */
#define TOKEN_RETRY_MS 30000   /* while the old token still serves */
#define TOKEN_REFUSED_MS 60000 /* between two that a 401 throws away */
#define TOKEN_DEMANDS 3	       /* ... but for claims that are new */
#define TOKEN_WAIT_MS 8000     /* at most, for a host that may come back */
#define TOKEN_LATER_MS 30000   /* ... when it has failed so often: */
#define TOKEN_SOON 15
#define TELL_MOST 5	      /* times that one hears of the same failure */
#define WAKE_SPREAD_MS 30000  /* after an outage, at most */
#define STALL_SPREAD_MS 10000 /* after a suspend, at most */
#define LANE_LOOK_MS 1000     /* again, when room is what is missing */
#define NEAR_MS 3600000	      /* deadlines further off are all the same */
#define FAILED_MS 30000	      /* for each failure: so much less urgent ... */
#define FAILED_MOST 10	      /* ... but nobody is put off for ever */

int64_t job_azure(const struct traffic *t)
{
	return skew_azure(&t->skew, t->now);
}

/* ---- one job ---- */

void job_init(struct job *j, const struct job_kind *kind, void *owner,
	      uint64_t id)
{
	*j = (struct job){ .kind = kind, .owner = owner, .id = id };
	timer_init(&j->timer, TIMER_JOB, j);
}

static struct random stream(const struct traffic *t, struct job *j)
{
	struct random r;

	random_init(&r, t->seed ^ j->id ^
				(++j->draws * UINT64_C(0x9e3779b97f4a7c15)));
	return r;
}

int64_t job_random(struct traffic *t, struct job *j, int64_t below)
{
	struct random r = stream(t, j);

	return random_below(&r, below);
}

static struct job *job_of_wait(struct heap_node *n)
{
	return (struct job *)(void *)((char *)n - offsetof(struct job, wait));
}

static struct host *host_of(const struct job *j)
{
	if (j->host)
		return j->host;
	return j->end ? j->end->host : j->token->host;
}

/*
 * Its place among those who wait, from when it is asked on: a nearer deadline
 * goes first, but what comes later has to be nearer by as much as the other
 * has waited.  So whoever waits is passed by for NEAR_MS at most, and whoever
 * asks again and again moves back.  In boot time: Azure's clock may step.
 */
static int64_t place(const struct traffic *t, const struct job *j)
{
	int64_t azure = job_azure(t), left;

	if (j->urgency <= azure - NEAR_MS)
		left = -NEAR_MS;
	else if (j->urgency >= azure + NEAR_MS)
		left = NEAR_MS;
	else
		left = j->urgency - azure;
	return 2 * t->now.boot + left;
}

/* The smallest goes first, in every queue.  What failed does not outrank what
 * is as urgent and never had its turn. */
static int64_t rank(const struct job *j)
{
	unsigned failures = j->failures < FAILED_MOST ? j->failures
						      : FAILED_MOST;

	return j->place + (int64_t)failures * FAILED_MS;
}

static void wake_up(struct job *j)
{
	if (!j->asleep)
		return;
	TAILQ_REMOVE(&j->lane->sleepers, j, link);
	j->lane->n_sleepers--;
	j->asleep = false;
}

static void not_cleared(struct job *j)
{
	if (j->cleared)
		j->lane->cleared--;
	j->cleared = false;
}

static void tell(struct traffic *t, struct job *j, enum job_told what)
{
	if (j->told != TOLD_ALL)
		TAILQ_REMOVE(&t->tell, j, tell);
	j->told = what;
	if (what != TOLD_ALL)
		TAILQ_INSERT_TAIL(&t->tell, j, tell);
}

static struct job *land(struct traffic *t, struct flight *f)
{
	struct job *j = f->job;

	TAILQ_REMOVE(&t->flying, f, link);
	TAILQ_INSERT_HEAD(&t->landed, f, link);
	t->in_flight--;
	f->ticket = 0;
	f->job = NULL;
	host_end(&t->hosts, f->host, t->now.boot);
	if (j)
		j->where = JOB_REST;
	return j;
}

/* Nobody waits for its answer any more.  A question that only reads is taken
 * back, so that it keeps no room; a write may happen, and comes to its end. */
static void abandon(struct traffic *t, struct job *j)
{
	struct flight *f = &t->flights[j->flight];

	if (j->ask == CALL_PATCH) {
		f->job = NULL;
		return;
	}
	end_errand(t, ERRAND_CANCEL)->call.ticket = f->ticket;
	land(t, f);
}

void job_cancel(struct traffic *t, struct job *j)
{
	wake_up(j);
	timer_set(&t->timers, &j->timer, INT64_MAX);
	tell(t, j, TOLD_ALL);
	switch (j->where) {
	case JOB_TOKEN:
		TAILQ_REMOVE(&j->token->waiters, j, link);
		break;
	case JOB_HOST:
		host_leave(&t->hosts, host_of(j), &j->wait);
		break;
	case JOB_LANE:
		heap_remove(&j->lane->queue, &j->wait);
		break;
	case JOB_FLIGHT:
		abandon(t, j);
		break;
	case JOB_REST:
		break;
	}
	not_cleared(j);
	if (t->answered == j)
		t->answered = NULL;
	j->where = JOB_REST;
}

void job_at(struct traffic *t, struct job *j, int64_t boot, bool routine)
{
	job_cancel(t, j);
	j->routine = routine;
	timer_set(&t->timers, &j->timer, boot);
}

void job_sleep(struct traffic *t, struct job *j, int64_t delay)
{
	/* Woken in vain: it sleeps its own time out before it is woken again,
	 * or what fails among others that work would be asked at their pace. */
	bool again = j->roused;

	job_at(t, j, t->now.boot + delay, false);
	j->roused = false;
	if (!j->lane || again)
		return;
	TAILQ_INSERT_TAIL(&j->lane->sleepers, j, link);
	j->lane->n_sleepers++;
	j->asleep = true;
}

int64_t job_delay(struct traffic *t, struct job *j, const struct fault *f,
		  int64_t deadline)
{
	int64_t left = deadline == BACKOFF_NO_DEADLINE
			       ? BACKOFF_NO_DEADLINE
			       : deadline - job_azure(t);
	struct random rng = stream(t, j);
	int64_t delay;

	j->failures++;
	switch (f->kind) {
	case FAULT_DENIED:
	case FAULT_MISSING:
	case FAULT_REFUSED:
	case FAULT_AUTH:
		delay = backoff_denied(left, &rng);
		break;
	default:
		delay = backoff_delay(j->failures, left, &rng);
	}
	/* A server that names a time means it: sooner is refused again.  It
	 * makes nothing faster, and least of all the 0 of a careless one. */
	if (f->retry_after_ms >= 0) {
		int64_t told = backoff_told(f->retry_after_ms, 0);

		if (told > delay)
			delay = told + random_below(&rng, 1000);
	}
	return delay;
}

/* ---- tokens ---- */

static void fill_token(const void *world, const struct job *j, struct call *c)
{
	(void)world;
	(void)j;
	(void)c; /* slot, credential and audience are all there is to it */
}

static const struct job_kind token_kind = { fill_token, NULL };

static bool token_usable(const struct traffic *t, const struct token *k)
{
	return k->ready && t->now.boot < k->expires;
}

static void queue_up(struct traffic *t, struct job *j);

static void token_ask(struct traffic *t, struct token *k)
{
	struct job *j = k->job;

	if (t->now.boot < j->not_before) {
		job_at(t, j, j->not_before, false);
		return;
	}
	job_cancel(t, j);
	j->ask = CALL_TOKEN;
	queue_up(t, j);
}

/* See to it that a token comes, unless one is on its way or was refused a
 * moment ago (then its back-off timer runs). */
static void token_want(struct traffic *t, struct token *k)
{
	if (!k->job) {
		k->job = text_alloc(1, sizeof(*k->job));
		job_init(k->job, &token_kind, k,
			 text_hash(k->audience) ^ k->slot);
		k->job->token = k;
		k->job->place = INT64_MIN; /* all wait for it */
	}
	if (k->job->where == JOB_REST && k->job->told == TOLD_ALL &&
	    !timer_is_set(&k->job->timer))
		token_ask(t, k);
}

/* True when the job has to wait for its token; it does so from here on, or
 * rests when there is no room for one: it never goes with another one's. */
static bool wait_token(struct traffic *t, struct job *j)
{
	struct token *k;

	if (!j->end)
		return false; /* a token's own job, or a host's */
	if (end_is_blind(j->end))
		return false; /* it goes without, to learn of which tenant */
	k = j->end->token;
	if (!k) {
		job_at(t, j, t->now.boot + BACKOFF_CAP_BEFORE_MS, false);
		tell(t, j, TOLD_NO_ROOM);
		return true;
	}
	if (token_usable(t, k) && !(j->fresh && k->generation == j->stale)) {
		if (t->now.boot >= k->refresh)
			token_want(t, k);
		return false;
	}
	j->where = JOB_TOKEN;
	j->token = k;
	TAILQ_INSERT_TAIL(&k->waiters, j, link);
	token_want(t, k);
	return true;
}

static void token_wake(struct traffic *t, struct token *k)
{
	struct job_list woken = TAILQ_HEAD_INITIALIZER(woken);
	struct job *j;

	/* A list of its own: who must wait again joins the token's. */
	TAILQ_CONCAT(&woken, &k->waiters, link);
	while ((j = TAILQ_FIRST(&woken))) {
		TAILQ_REMOVE(&woken, j, link);
		j->where = JOB_REST;
		tell(t, j, TOLD_ALL);
		queue_up(t, j);
	}
}

/* Who waits for the token that the end had waits for the one it has now. */
static void wait_anew(struct traffic *t, struct end *end, struct token *k)
{
	struct job *j, *next;

	if (end->token == k)
		return;
	for (j = TAILQ_FIRST(&k->waiters); j; j = next) {
		next = TAILQ_NEXT(j, link);
		if (j->end != end)
			continue;
		TAILQ_REMOVE(&k->waiters, j, link);
		j->where = JOB_REST;
		tell(t, j, TOLD_ALL);
		queue_up(t, j);
	}
}

/* There is no such token to be had, and that is no passing trouble. */
static bool is_final(const struct fault *f)
{
	return f->kind != FAULT_NONE && f->kind != FAULT_TRANSIENT &&
	       f->kind != FAULT_THROTTLED && f->kind != FAULT_LOCAL;
}

/* A vault that named this audience has, for all that is known, erred. */
static void audience_bad(struct traffic *t, struct token *k)
{
	struct end *end;

	if (!is_final(&k->fault))
		return;
	TAILQ_FOREACH(end, &t->ends, link)
		if (end->token == k && end_fall_back(t, end))
			wait_anew(t, end, k);
}

/* Everything of its credential waits for this one question: when its host is
 * well again, that is to be seen within seconds; after a while, within half a
 * minute. */
static int64_t token_delay(struct traffic *t, struct token *k,
			   const struct fault *f)
{
	int64_t delay = job_delay(t, k->job, f, BACKOFF_NO_DEADLINE);
	int64_t most = k->job->failures < TOKEN_SOON ? TOKEN_WAIT_MS
						     : TOKEN_LATER_MS;

	if (f->kind == FAULT_TRANSIENT && f->retry_after_ms < 0 && delay > most)
		delay = most / 2 + job_random(t, k->job, most / 2);
	return delay;
}

/* Of what a person has to mend, there is something else to mend.  Requests and
 * moments differ each time; what has no request id is this host's own words. */
static bool other_reason(const struct fault *a, const struct fault *b)
{
	return !text_same(a->azure_code, b->azure_code) ||
	       !text_same(a->inner_code, b->inner_code) ||
	       (!fault_is_transient(b) && !b->request_id[0] &&
		strcmp(a->text, b->text) != 0);
}

/* A sentence more, where there is room for all of it. */
static void add_when(struct fault *f, const char *before, int64_t azure,
		     const char *after)
{
	char date[32], more[128];
	size_t used = strlen(f->text);

	text_time(date, sizeof(date), azure);
	snprintf(more, sizeof(more), "%s%s%s", before, date, after);
	if (used + strlen(more) < sizeof(f->text))
		text_copy(f->text + used, sizeof(f->text) - used, more);
}

/*
 * Whoever hands it out has said that it is not there for a while, by itself
 * and for so long at most, and that while is not over: what fails until then
 * is no reason to give up.  It begins with the first such word since a token
 * came, so that one who says it for ever is not waited for as long.
 */
static bool is_healing(const struct traffic *t, struct token *k,
		       struct fault *f)
{
	int64_t azure = job_azure(t);
	bool healing;

	if (is_final(f)) {
		k->heals_at = -1;
		return false;
	}
	if (f->heals_ms > 0 && k->heals_at < 0)
		k->heals_at = t->now.boot + f->heals_ms;
	healing = t->now.boot < k->heals_at;
	azure += k->heals_at - t->now.boot;
	if (f->heals_ms > 0 && healing)
		add_when(f, " That may last until ", azure,
			 "; it is asked again until then.");
	else if (f->heals_ms > 0)
		add_when(f, " It says so since ", azure - f->heals_ms,
			 ", for longer than that should last.");
	return healing;
}

/* Those who wait are told, and have failed once more; once a while that was
 * not held against them is over, it is. */
static void tell_waiters(struct traffic *t, struct token *k, bool other,
			 bool healing)
{
	unsigned failed = healing ? 0 : 1 + k->spared;
	struct job *j;

	k->spared = healing ? k->spared + 1 : 0;
	TAILQ_FOREACH(j, &k->waiters, link) {
		/* The same again is no news to many who wait for long. */
		if (other || j->failures < TELL_MOST)
			tell(t, j, TOLD_NO_TOKEN);
		j->failures += failed;
	}
}

static void token_bad(struct traffic *t, struct token *k,
		      const struct fault *told)
{
	struct fault f = *told;
	bool healing = is_healing(t, k, &f);
	/* That it was to be over by now is news, too. */
	bool news = k->fault.kind != f.kind || (!healing && k->spared);
	bool other = news || other_reason(&k->fault, &f);
	struct job *j;

	if (news) {
		t->news = f;
		t->news_slot = k->slot;
		t->has_news = true;
	}
	k->fault = f;
	if (token_usable(t, k)) {
		k->job->failures++;
		k->refresh = t->now.boot + TOKEN_RETRY_MS;
		/* Whoever waits all the same wanted another one. */
		TAILQ_FOREACH(j, &k->waiters, link)
			tell(t, j, TOLD_NO_TOKEN);
		return;
	}
	k->ready = false;
	job_at(t, k->job, t->now.boot + token_delay(t, k, &f), false);
	audience_bad(t, k);
	tell_waiters(t, k, other, healing);
}

static void token_good(struct traffic *t, struct token *k,
		       const struct reply *r, int64_t sent)
{
	int64_t life = r->token.lifetime_ms;
	int64_t margin = life / 10 < 10000 ? life / 10 : 10000;
	int64_t refresh = life - TOKEN_EARLY_MS;

	if (life >= TOKEN_LONG_MS || refresh < life / 2)
		refresh = life / 2;
	if (r->token.refresh_in_ms >= 0 && r->token.refresh_in_ms < life)
		refresh = r->token.refresh_in_ms;
	k->generation++;
	k->who = r->token.who;
	k->expires = sent + life - margin;
	k->refresh = sent + refresh;
	/* Whoever asked again at once would get the same, without end. */
	if (t->now.boot >= k->expires) {
		struct fault over = fault_none();

		fault_set(
			&over, FAULT_INVALID, 0,
			"The token for %s had no time left to live when it came.",
			k->audience);
		k->ready = false;
		token_bad(t, k, &over);
		return;
	}
	k->ready = true;
	free(k->claims);
	k->claims = NULL;
	k->job->failures = k->spared = 0;
	k->heals_at = -1;
	k->fault = fault_none();
	/* The metadata service may hand out the same ageing token again. */
	if (k->refresh < t->now.boot + TOKEN_RETRY_MS)
		k->refresh = t->now.boot + TOKEN_RETRY_MS;
	token_wake(t, k);
}

void job_retry_tokens(struct traffic *t)
{
	for (size_t i = 0; i < t->n_tokens; i++) {
		struct job *j = t->tokens[i]->job;

		t->tokens[i]->refused_at = -1;
		/* Whoever needs it next asks. */
		if (j && TAILQ_EMPTY(&t->tokens[i]->waiters))
			job_cancel(t, j);
		else if (j && timer_is_set(&j->timer))
			timer_set(&t->timers, &j->timer, t->now.boot);
	}
}

bool job_hurry_token(struct traffic *t, struct token *k)
{
	struct job *j = k ? k->job : NULL;

	if (!j || t->now.boot < j->not_before)
		return false;
	if (token_usable(t, k)) {
		/* Whoever asks next asks for a new one as well. */
		if (k->fault.kind != FAULT_NONE)
			k->refresh = t->now.boot;
		return false;
	}
	if (timer_at(&j->timer) <= t->now.boot || !timer_is_set(&j->timer))
		return false;
	timer_set(&t->timers, &j->timer, t->now.boot);
	return true;
}

int64_t job_told_until(const struct traffic *t, const struct job *j)
{
	int64_t until = -1;

	if (j->where == JOB_TOKEN)
		j = j->token->job;
	if (j && j->where == JOB_REST && timer_is_set(&j->timer))
		until = j->not_before;
	else if (j && j->where == JOB_LANE)
		until = j->lane->bucket->closed_until;
	return until > t->now.boot ? until : -1;
}

/* Boot ms at which the token's request goes out, or `at` when it is there, or
 * nothing keeps it back. */
static int64_t token_at(const struct traffic *t, const struct token *k,
			int64_t at)
{
	int64_t next;

	if (!k || !k->job || token_usable(t, k) || k->job->where != JOB_REST)
		return at;
	next = timer_at(&k->job->timer);
	if (!timer_is_set(&k->job->timer))
		next = k->job->not_before;
	return next > at ? next : at;
}

int64_t job_asked_at(const struct traffic *t, const struct job *j, int64_t at)
{
	at = at < t->now.boot ? t->now.boot : at;
	at = at < j->not_before ? j->not_before : at;
	if (j->lane && at < j->lane->bucket->closed_until)
		at = j->lane->bucket->closed_until;
	return token_at(t, j->end ? j->end->token : NULL, at);
}

int64_t job_next_at(const struct traffic *t, const struct job *j)
{
	int64_t at = t->now.boot;

	switch (j->where) {
	case JOB_REST:
		if (j->told == TOLD_ALL && !timer_is_set(&j->timer))
			return INT64_MAX;
		return job_asked_at(
			t, j, j->told == TOLD_ALL ? timer_at(&j->timer) : at);
	case JOB_TOKEN:
		return token_at(t, j->token, at);
	case JOB_LANE:
		if (timer_is_set(&j->lane->timer) &&
		    timer_at(&j->lane->timer) > at)
			at = timer_at(&j->lane->timer);
		return at;
	case JOB_HOST:
	case JOB_FLIGHT:
		break;
	}
	return at;
}

/* ---- asking ---- */

/* Where every way begins, and where it goes on after a wait. */
static void queue_up(struct traffic *t, struct job *j)
{
	if (wait_token(t, j))
		return;
	j->where = JOB_HOST;
	host_join(&t->hosts, host_of(j), &j->wait, rank(j));
}

void job_ask(struct traffic *t, struct job *j, enum call_kind ask,
	     struct end *end, enum end_lane lane)
{
	job_cancel(t, j);
	j->ask = ask;
	j->end = end;
	j->host = NULL;
	j->lane = &end->lanes[lane];
	j->place = place(t, j);
	j->renewed = j->fresh = false;
	/* Whoever is in a hurry: a server that names a time means it. */
	if (t->now.boot < j->not_before)
		timer_set(&t->timers, &j->timer, j->not_before);
	else
		queue_up(t, j);
}

void job_ask_fresh(struct traffic *t, struct job *j, enum call_kind ask,
		   struct end *end, enum end_lane lane)
{
	job_ask(t, j, ask, end, lane);
	if (!end->token || j->where == JOB_TOKEN || j->where == JOB_REST ||
	    end_is_blind(end))
		return;
	job_cancel(t, j);
	j->fresh = true;
	j->stale = end->token->generation;
	queue_up(t, j);
}

void job_ask_host(struct traffic *t, struct job *j, enum call_kind ask,
		  struct host *host)
{
	job_cancel(t, j);
	j->ask = ask;
	j->end = NULL;
	j->lane = NULL;
	j->token = NULL;
	j->host = host;
	j->place = place(t, j);
	j->renewed = j->fresh = false;
	queue_up(t, j);
}

bool job_rebind(struct traffic *t, struct job *j, struct end *end)
{
	enum end_lane lane = END_READ;

	if (j->end == end)
		return j->where != JOB_REST;
	j->failures = 0;
	j->not_before = 0;
	if (j->where != JOB_REST && j->lane == &j->end->lanes[END_WRITE])
		lane = END_WRITE;
	if (j->where != JOB_REST &&
	    (j->where != JOB_FLIGHT || j->ask != CALL_PATCH)) {
		job_ask(t, j, j->ask, end, lane);
		return true;
	}
	/* At rest there is nothing to be woken for by the old one.  The answer
	 * to a write counts; what follows from that is the new one's. */
	wake_up(j);
	if (j->told == TOLD_ALL) { /* else it is its old one's word */
		j->end = end;
		j->lane = &end->lanes[lane];
	}
	return j->where != JOB_REST;
}

/* Who asks; NULL: nobody, a host alone is asked. */
static const struct credential *credential_of(const struct job *j,
					      const struct token *k)
{
	if (j->end)
		return j->end->credential;
	return k ? k->credential : NULL;
}

static const char *audience_of(const struct job *j, const struct token *k)
{
	if (k)
		return k->audience;
	return j->end ? j->end->audience : NULL;
}

static void launch(struct traffic *t, struct job *j)
{
	struct flight *f = TAILQ_FIRST(&t->landed);
	struct call *c = &end_errand(t, ERRAND_CALL)->call;
	const struct token *k = j->end ? j->end->token : j->token;
	bool bare = j->end && end_is_blind(j->end);

	TAILQ_REMOVE(&t->landed, f, link);
	TAILQ_INSERT_TAIL(&t->flying, f, link);
	t->in_flight++;
	j->where = JOB_FLIGHT;
	j->flight = (uint16_t)(f - t->flights);
	f->job = j;
	f->host = host_of(j);
	f->lane = j->lane;
	f->sent = t->now.boot;
	f->ticket = (++t->tickets << 16) | j->flight;
	f->token = k;
	f->token_generation = k ? k->generation : 0;
	f->bare = bare;
	if (j->failures)
		host_retry(f->host);
	host_begin(&t->hosts, f->host, t->now.boot);
	f->limit = f->host->limit; /* which a long rest took back to one */
	*c = (struct call){ .kind = j->ask,
			    .ticket = f->ticket,
			    .token = k ? k->slot : 0,
			    .bare = bare,
			    .credential = credential_of(j, k),
			    .audience = audience_of(j, k),
			    .claims = j->kind == &token_kind ? k->claims
							     : NULL };
	if (j->kind == &token_kind) {
		free(j->token->asked);
		j->token->asked = text_dup(k->claims);
	}
	j->kind->fill(t->world, j, c);
}

static void lane_arm(struct traffic *t, struct lane *l)
{
	int64_t at = INT64_MAX;

	if (heap_min(&l->queue)) {
		at = bucket_ready(l->bucket, t->now.boot);
		if (at <= t->now.boot)
			at = t->now.boot + LANE_LOOK_MS;
	}
	timer_set(&t->timers, &l->timer, at);
}

/* As many as may be paid for go on to wait for room; they pay when they go
 * out, so that nothing that paid and then waited goes out in a burst. */
static void lane_clear(struct traffic *t, struct lane *l)
{
	double may = bucket_tokens(l->bucket, t->now.boot) - l->cleared;

	while (may >= 1 && heap_min(&l->queue)) {
		struct job *j = job_of_wait(heap_pop(&l->queue));

		may -= 1;
		j->where = JOB_REST;
		j->cleared = true;
		l->cleared++;
		queue_up(t, j);
		if (j->where != JOB_HOST)
			not_cleared(j);
	}
	lane_arm(t, l);
}

void job_limits(struct traffic *t, const struct traffic_limits *l)
{
	struct end *end;

	end_limits(t, l);
	TAILQ_FOREACH(end, &t->ends, link)
		for (int i = END_READ; i <= END_WRITE; i++)
			lane_clear(t, &end->lanes[i]);
}

static void lane_wait(struct job *j)
{
	j->where = JOB_LANE;
	heap_set(&j->lane->queue, &j->wait, rank(j));
}

/* Of this job and those that wait for its budget: the nearest deadline goes
 * first. */
static struct job *most_urgent(struct job *j)
{
	struct heap_node *n = j->lane ? heap_min(&j->lane->queue) : NULL;

	if (!n || n->key >= rank(j))
		return j;
	heap_pop(&j->lane->queue);
	lane_wait(j);
	j = job_of_wait(n);
	j->where = JOB_REST;
	return j;
}

/* There is room and a flight: still true? can it be paid for?  Then out. */
static void go(struct traffic *t, struct job *j)
{
	struct lane *l = j->lane;

	j->where = JOB_REST;
	not_cleared(j);
	if (wait_token(t, j))
		return;
	if (l && bucket_tokens(l->bucket, t->now.boot) < 1) {
		lane_wait(j);
		lane_arm(t, l);
		return;
	}
	j = most_urgent(j);
	/* The same lane, so the same token: it is there. */
	if (j->kind->still_true && !j->kind->still_true(t->world, j, t->now)) {
		tell(t, j, TOLD_UNTRUE);
	} else {
		if (l)
			bucket_take(l->bucket, t->now.boot);
		launch(t, j);
	}
	if (l)
		lane_clear(t, l);
}

/* Send what may be sent. */
static void pump(struct traffic *t)
{
	struct host *h;

	while (t->in_flight < t->limits.max_requests &&
	       (h = host_next(&t->hosts)))
		go(t, job_of_wait(host_pop(&t->hosts, h)));
}

/* ---- answers ---- */

/* An end works again: what sleeps for it wakes, spread out. */
static void lane_wake(struct traffic *t, struct lane *l)
{
	int64_t spread = (int64_t)l->n_sleepers * 20;
	struct job *j, *next;

	if (spread > WAKE_SPREAD_MS)
		spread = WAKE_SPREAD_MS;
	l->woken_at = t->now.boot;
	for (j = TAILQ_FIRST(&l->sleepers); j; j = next) {
		int64_t at = t->now.boot + job_random(t, j, spread + 1);

		next = TAILQ_NEXT(j, link);
		wake_up(j);
		j->roused = true;
		if (at < timer_at(&j->timer))
			timer_set(&t->timers, &j->timer, at);
	}
}

/* It went out before its end worked again, and has failed since: it belongs to
 * those that were woken then, and is tried once more as soon as they. */
static void woken_late(struct job *j, const struct flight *was)
{
	if (!was->lane || was->sent >= was->lane->woken_at || j->roused)
		return;
	j->failures = 0;
	j->roused = true;
}

/* Only what speaks of the host: a refusal by what lies behind it does not,
 * nor does what was never sent. */
static enum host_lesson lesson(const struct reply *r)
{
	if (r->vetoed)
		return HOST_NOTHING;
	if (r->fault.kind == FAULT_TRANSIENT)
		return r->answered ? HOST_FAILED : HOST_SILENT;
	return r->answered || r->fault.kind == FAULT_NONE ? HOST_ANSWERED
							  : HOST_NOTHING;
}

/* Whoever waits for a host that cannot be reached shares the fault: one after
 * the other would only wait as long again. */
static void share_fault(struct traffic *t, struct host *h,
			const struct fault *f)
{
	struct heap_node *n;

	if (!h->fault)
		h->fault = text_alloc(1, sizeof(*h->fault));
	*h->fault = *f;
	while ((n = host_pop(&t->hosts, h))) {
		struct job *j = job_of_wait(n);

		j->where = JOB_REST;
		not_cleared(j);
		tell(t, j, TOLD_SHARED);
	}
}

/* Whether its token was refused a moment ago: its back-off still runs. */
static bool is_in_vain(struct traffic *t, const struct end *end,
		       const char *audience)
{
	const struct token *k = end_token(t, end->as, audience);

	return k && is_final(&k->fault) && timer_is_set(&k->job->timer);
}

/* Whether one was thrown away a moment ago and this is what came of it.  Claims
 * that it was not asked for with may help; who names others each time asks for
 * too much. */
static bool is_braked(const struct traffic *t, struct token *k,
		      const char *claims)
{
	if (k->refused_at < 0 ||
	    t->now.boot - k->refused_at >= TOKEN_REFUSED_MS) {
		k->demands = 0;
		return false;
	}
	return !claims || (k->asked && strcmp(k->asked, claims) == 0) ||
	       k->demands >= TOKEN_DEMANDS;
}

/*
 * It was refused: a new one is asked for, once for all that were sent with it.
 * False when that was done a moment ago: where nobody accepts any, each
 * question would cost one more.
 */
static bool throw_away(struct traffic *t, struct token *k, const char *claims)
{
	bool usable = token_usable(t, k);

	if (usable && is_braked(t, k, claims))
		return false;
	if (claims) {
		free(k->claims);
		k->claims = text_dup(claims);
	}
	if (!usable)
		return true;
	k->demands += claims != NULL;
	k->ready = false;
	k->refused_at = t->now.boot;
	return true;
}

/* The answer to a question without a token: it tells of which tenant one is to
 * be got. */
static bool learn_tenant(struct traffic *t, struct job *j,
			 const struct reply *r)
{
	struct end *end = j->end;

	if (end_is_blind(end)) {
		if (*r->challenge_tenant)
			end_tenant(t, end, r->challenge_tenant);
		if (end->vault && *r->challenge_audience)
			end_audience(t, end, r->challenge_audience);
	}
	if (end_is_blind(end))
		return false;
	queue_up(t, j);
	return true;
}

/* A 401: one new token, one more try.  True when that is under way. */
static bool renew(struct traffic *t, struct job *j, const struct reply *r,
		  const struct flight *was)
{
	const char *named = r->challenge_audience;
	struct end *end = j->end;
	struct token *k = end ? end->token : NULL;
	bool other = true;

	if (r->fault.kind != FAULT_AUTH || !end || (!k && !was->bare))
		return false;
	if (was->bare)
		return learn_tenant(t, j, r);
	/* Another tenant is another question, and how often that happens is
	 * counted. */
	if (*r->challenge_tenant && end_tenant(t, end, r->challenge_tenant)) {
		wait_anew(t, end, k);
		if (!end->token)
			return false;
		queue_up(t, j);
		return true;
	}
	if (j->renewed) {
		/* What it named is not what it takes. */
		if (k == was->token && strcmp(named, end->audience) != 0 &&
		    end_fall_back(t, end))
			wait_anew(t, end, k);
		return false;
	}
	j->renewed = true;
	if (k == was->token && k->generation == was->token_generation)
		other = throw_away(t, k, r->claims);
	if (end->vault && *named && !is_in_vain(t, end, named)) {
		end_audience(t, end, named);
		wait_anew(t, end, k);
		if (!end->token)
			return false;
	}
	if (!other && end->token == k)
		return false;
	queue_up(t, j);
	return true;
}

/* Its Date is a vote on what time it is; one that is not believed is told. */
static void dated(struct traffic *t, struct host *h, const struct reply *r)
{
	unsigned steps = t->skew.steps;
	char date[32];
	bool believed;

	if (r->date_ms < 0)
		return;
	believed = skew_add(&t->skew, h, t->now, r->date_ms, r->rtt_ms);
	if (t->skew.steps != steps)
		host_forgive(&t->hosts);
	if (!host_dated(&t->hosts, h, r->date_ms, believed, t->skew.known))
		return;
	text_time(date, sizeof(date), r->date_ms);
	t->has_odd = true;
	t->odd = fault_none();
	fault_set(
		&t->odd, FAULT_CONFLICT, 0,
		"%s says that it is %s, more than a day from what is held to be Azure's time; that is not believed unless a second host says so. See to its clock, or to what lies on the way to it.",
		h->origin, date);
}

static void landed(struct traffic *t, struct flight *f, const struct reply *r)
{
	struct flight was = *f;
	struct job *j = land(t, f);

	dated(t, was.host, r);
	if (!r->vetoed)
		host_count(was.host, r->status,
			   r->fault.kind == FAULT_THROTTLED);
	host_learn(&t->hosts, was.host, lesson(r), r->multiplexed, was.sent,
		   t->now.boot);
	if (lesson(r) == HOST_SILENT && !r->reached && was.limit == 1)
		share_fault(t, was.host, &r->fault);
	if (was.lane && !r->vetoed && end_learn(t, was.lane, r))
		lane_wake(t, was.lane);
	if (!j)
		return;
	if (r->vetoed) {
		tell(t, j, TOLD_UNTRUE);
		return;
	}
	if (r->fault.kind == FAULT_NONE) {
		j->failures = 0;
		j->roused = false;
	} else {
		if (fault_is_transient(&r->fault))
			woken_late(j, &was);
		j->not_before =
			t->now.boot + backoff_told(r->fault.retry_after_ms, 0);
	}
	if (renew(t, j, r, &was))
		return;
	if (j->kind != &token_kind) {
		t->answered = j;
		t->reply = r;
	} else if (r->fault.kind == FAULT_NONE) {
		token_good(t, j->owner, r, was.sent);
	} else {
		token_bad(t, j->owner, &r->fault);
	}
}

static void event(struct traffic *t, struct instant now)
{
	t->now = now;
	/* A bound on one event, so that a mistake that keeps setting timers
	 * in the past shows as load and not as a hang. */
	t->most = 4 * t->timers.n + 1000;
	t->answered = NULL;
}

void job_tick(struct traffic *t, struct instant now)
{
	event(t, now);
}

void job_landed(struct traffic *t, const struct reply *r, struct instant now)
{
	size_t index = r->ticket & 0xffff;

	event(t, now);
	if (index < TRAFFIC_FLIGHTS_MAX && t->flights[index].ticket != 0 &&
	    t->flights[index].ticket == r->ticket)
		landed(t, &t->flights[index], r);
}

/* ---- another cloud ---- */

/* What the old authority still sends, told or refused is nothing to the new
 * one; its answer would even fill the place of the new one's token. */
static void token_anew(struct traffic *t, struct token *k)
{
	struct job *j = k->job;

	k->fault = fault_none();
	k->refused_at = k->heals_at = -1;
	k->spared = 0;
	if (!j)
		return;
	job_cancel(t, j);
	j->failures = 0;
	j->not_before = 0;
}

/* Out of the queue that it was in; a token's own job is begun anew by who
 * waits for it. */
static void gather(struct job_list *all, struct job *j)
{
	j->where = JOB_REST;
	not_cleared(j);
	if (j->end || j->host)
		TAILQ_INSERT_TAIL(all, j, link);
}

void job_reroute(struct traffic *t)
{
	struct job_list all = TAILQ_HEAD_INITIALIZER(all);
	struct end *end;
	struct job *j;
	struct host *h;

	for (size_t i = 0; i < TRAFFIC_HOST_BUCKETS; i++)
		LIST_FOREACH(h, &t->hosts.buckets[i], bucket)
	while (heap_min(&h->queue))
		gather(&all, job_of_wait(host_pop(&t->hosts, h)));
	TAILQ_FOREACH(end, &t->ends, link)
		for (int i = END_READ; i <= END_WRITE; i++)
			while (heap_min(&end->lanes[i].queue))
				gather(&all, job_of_wait(heap_pop(
						     &end->lanes[i].queue)));
	for (size_t i = 0; i < t->n_tokens; i++) {
		TAILQ_CONCAT(&all, &t->tokens[i]->waiters, link);
		token_anew(t, t->tokens[i]);
	}
	while ((j = TAILQ_FIRST(&all))) {
		TAILQ_REMOVE(&all, j, link);
		j->where = JOB_REST;
		tell(t, j, TOLD_ALL);
		queue_up(t, j);
	}
}

/* ---- values ---- */

static void make_reply(struct traffic *t, const struct job *j,
		       const struct fault *f)
{
	t->made = (struct reply){ .kind = j ? j->ask : CALL_TOKEN,
				  .fault = *f,
				  .date_ms = -1,
				  .remaining = -1 };
}

/* Every flight has an end, even when its reply is lost on our own side. */
static void give_up(struct traffic *t, struct flight *f)
{
	struct fault lost = fault_none();

	fault_set(&lost, FAULT_TRANSIENT, 0,
		  "No answer came within %d seconds.", TRAFFIC_GUARD_MS / 1000);
	end_errand(t, ERRAND_CANCEL)->call.ticket = f->ticket;
	make_reply(t, f->job, &lost);
	t->made.ticket = f->ticket;
	t->made.maybe_done = t->made.reached = true;
	landed(t, f, &t->made);
}

static bool take_answer(struct traffic *t, struct value *v)
{
	struct flight *f;

	/* One at a time: there is place for one answer and one news. */
	while (!t->answered && !t->has_news && (f = TAILQ_FIRST(&t->flying)) &&
	       f->sent + TRAFFIC_GUARD_MS <= t->now.boot)
		give_up(t, f);
	if (!t->answered)
		return false;
	*v = (struct value){ .kind = VALUE_ANSWER,
			     .job = t->answered,
			     .reply = t->reply };
	t->answered = NULL;
	return true;
}

static bool take_told(struct traffic *t, struct value *v)
{
	struct job *j = TAILQ_FIRST(&t->tell);
	enum job_told what;

	if (t->has_news) {
		t->has_news = false;
		*v = (struct value){ .kind = VALUE_NEWS,
				     .fault = &t->news,
				     .slot = t->news_slot };
		return true;
	}
	if (t->has_odd) {
		t->has_odd = false;
		*v = (struct value){ .kind = VALUE_NEWS, .fault = &t->odd };
		return true;
	}
	if (!j)
		return false;
	what = j->told;
	tell(t, j, TOLD_ALL);
	*v = (struct value){ .kind = VALUE_UNTRUE, .job = j };
	if (what == TOLD_NO_TOKEN || what == TOLD_NO_ROOM) {
		v->kind = VALUE_NO_TOKEN;
		v->fault = what == TOLD_NO_TOKEN ? &j->token->fault
						 : &t->no_room;
	} else if (what == TOLD_SHARED) {
		make_reply(t, j, host_of(j)->fault);
		v->kind = VALUE_ANSWER;
		v->reply = &t->made;
		if (j->kind == &token_kind) {
			token_bad(t, j->owner, host_of(j)->fault);
			return take_told(t, v);
		}
	}
	return true;
}

/* After a suspend everything is due at once: routine work is spread. */
static bool put_off(struct traffic *t, struct job *j, int64_t due)
{
	int64_t spread = (int64_t)t->timers.n * 20;

	if (j->spread || !j->routine || t->now.boot - due < TRAFFIC_STALL_MS) {
		j->spread = false;
		return false;
	}
	if (spread > STALL_SPREAD_MS)
		spread = STALL_SPREAD_MS;
	job_at(t, j, t->now.boot + job_random(t, j, spread), true);
	j->spread = true;
	return true;
}

static bool take_timer(struct traffic *t, struct value *v)
{
	struct timer *timer;
	int64_t due;

	while (t->most > 0 &&
	       (timer = timer_due(&t->timers, t->now.boot, &due))) {
		t->most--;
		if (timer->kind == TIMER_LANE) {
			lane_clear(t, timer->owner);
		} else if (timer->kind != TIMER_JOB) {
			*v = (struct value){ .kind = VALUE_TIMER,
					     .timer = timer };
			return true;
		} else {
			struct job *j = timer->owner;

			if (put_off(t, j, due))
				continue;
			wake_up(j);
			/* Nobody waits for it: whoever needs it next asks. */
			if (j->kind == &token_kind) {
				if (!TAILQ_EMPTY(&j->token->waiters))
					token_ask(t, j->token);
				continue;
			}
			*v = (struct value){ .kind = VALUE_DUE, .job = j };
			return true;
		}
	}
	return false;
}

bool job_next(struct traffic *t, struct value *v)
{
	if (take_answer(t, v) || take_told(t, v) || take_timer(t, v))
		return true;
	pump(t);
	return take_told(t, v);
}

bool job_errand(struct traffic *t, struct errand *x)
{
	if (t->next_errand == t->n_errands)
		return false;
	*x = t->errands[t->next_errand++];
	return true;
}

int64_t job_wake(const struct traffic *t)
{
	const struct heap_node *n = heap_min(&t->timers);
	const struct flight *f = TAILQ_FIRST(&t->flying);
	int64_t at = n ? n->key : INT64_MAX;

	if (f && f->sent + TRAFFIC_GUARD_MS < at)
		at = f->sent + TRAFFIC_GUARD_MS;
	return at;
}

bool job_still(const struct traffic *t, uint64_t ticket, struct instant now)
{
	size_t index = ticket & 0xffff;
	const struct flight *f = &t->flights[index];

	if (index >= TRAFFIC_FLIGHTS_MAX || f->ticket == 0 ||
	    f->ticket != ticket || !f->job)
		return false;
	return !f->job->kind->still_true ||
	       f->job->kind->still_true(t->world, f->job, now);
}

/* ---- the whole ---- */

void job_traffic_init(struct traffic *t, const void *world, uint64_t seed,
		      struct instant now)
{
	*t = (struct traffic){ .world = world, .seed = seed, .now = now };
	host_init(&t->hosts);
	TAILQ_INIT(&t->ends);
	TAILQ_INIT(&t->flying);
	TAILQ_INIT(&t->landed);
	TAILQ_INIT(&t->tell);
	t->flights = text_alloc(TRAFFIC_FLIGHTS_MAX, sizeof(*t->flights));
	for (size_t i = 0; i < TRAFFIC_FLIGHTS_MAX; i++)
		TAILQ_INSERT_TAIL(&t->landed, &t->flights[i], link);
	t->no_room = fault_none();
	fault_set(
		&t->no_room, FAULT_LOCAL, 0,
		"There is no room for the token of one more credential and audience (%d at most); it is tried again in a while. A restart forgets those of earlier configurations.",
		TRAFFIC_TOKENS_MAX);
}

void job_traffic_free(struct traffic *t)
{
	for (size_t i = 0; i < t->n_tokens; i++)
		if (t->tokens[i]->job) {
			job_cancel(t, t->tokens[i]->job);
			free(t->tokens[i]->job);
		}
	end_free(t);
	host_free(&t->hosts);
	heap_free(&t->timers);
	free(t->flights);
}
