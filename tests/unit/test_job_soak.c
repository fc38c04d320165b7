/*
 * traffic/job under a random driver: fifty jobs at five hosts are asked,
 * timed and cancelled; answers are good, bad, late, vetoed or never come; the
 * limits and the cloud change.  After each step the structures are counted
 * against each other, and nobody who asked may be forgotten.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "azure/credential.h"
#include "base/backoff.h"
#include "base/random.h"
#include "base/text.h"
#include "traffic/host.h"
#include "traffic_help.h"

#define JOBS 50
#define ENDS 7
#define STEPS 50000 /* of one seed */
#define OLD 64
#define PLACES_MAX 64 /* jobs and tokens */
/* Nobody waits longer for a word: some may be silent before it at one host,
 * and its token may have been refused for some minutes. */
#define PATIENCE (15 * MINUTE)

/* Where a job was found. */
struct place {
	unsigned token, host, lane, flight, asleep, told;
};

static struct jig g;
static struct question q[JOBS];
static bool waits[JOBS];    /* asked, and not told anything since ... */
static int64_t since[JOBS]; /* ... boot ms */
static int64_t longest;
static struct end *ends[ENDS];
static struct random rng;
static struct waiting old[OLD]; /* of which the answer comes too late */
static struct cloud other;
static size_t was_flying;
static uint64_t values, answers, sent;

static int64_t below(int64_t n)
{
	return random_below(&rng, n);
}

/* ---- what the structures say ---- */

static struct place places[PLACES_MAX];

static struct place *place_of(const struct job *j)
{
	size_t at;

	if (j->end) {
		at = (size_t)((struct question *)j->owner - q);
		assert_true(at < JOBS);
		assert_ptr_equal(&q[at].job, j);
		return &places[at];
	}
	at = JOBS + j->token->slot;
	assert_true(at < PLACES_MAX);
	assert_ptr_equal(j->token->job, j);
	return &places[at];
}

static const struct job *job_of(const struct heap_node *n)
{
	return (const struct job *)(const void *)((const char *)n -
						  offsetof(struct job, wait));
}

static void look_at_lane(const struct lane *l, unsigned cleared)
{
	const struct job *j;
	unsigned n = 0;

	for (size_t i = 0; i < l->queue.n; i++) {
		j = job_of(l->queue.nodes[l->queue.places[i].slot]);
		assert_int_equal(j->where, JOB_LANE);
		assert_ptr_equal(j->lane, l);
		assert_false(j->cleared);
		place_of(j)->lane++;
	}
	TAILQ_FOREACH(j, &l->sleepers, link) {
		assert_true(j->asleep);
		assert_ptr_equal(j->lane, l);
		place_of(j)->asleep++;
		n++;
	}
	assert_int_equal(l->n_sleepers, n);
	assert_int_equal(l->cleared, cleared);
	/* Who waits for a budget is looked at again. */
	if (l->queue.n > 0)
		assert_true(timer_is_set(&l->timer));
}

static unsigned cleared_of(const struct lane *l)
{
	unsigned n = 0;

	for (int i = 0; i < JOBS; i++)
		n += q[i].job.cleared && q[i].job.lane == l;
	return n;
}

static void look_at_hosts(void)
{
	unsigned flying = 0, running;
	const struct flight *f;
	const struct host *h;

	for (size_t i = 0; i < TRAFFIC_HOST_BUCKETS; i++)
		LIST_FOREACH(h, &g.t.hosts.buckets[i], bucket)
		{
			running = 0;
			TAILQ_FOREACH(f, &g.t.flying, link)
				running += f->host == h;
			assert_int_equal(h->running, running);
			assert_true(running <= TRAFFIC_STREAMS);
			assert_true(h->limit >= 1);
			flying += running;
			for (size_t k = 0; k < h->queue.n; k++) {
				const struct job *j =
					job_of(h->queue.nodes[h->queue.places[k]
								      .slot]);

				assert_int_equal(j->where, JOB_HOST);
				assert_ptr_equal(j->end ? j->end->host
							: j->token->host,
						 h);
				place_of(j)->host++;
			}
		}
	assert_int_equal(g.t.in_flight, flying);
	/* Fewer than run may be allowed by a new file; then none follows. */
	assert_true(flying <= g.t.limits.max_requests || flying <= was_flying);
	was_flying = flying;
	/* Whatever could go out has gone out. */
	if (flying < g.t.limits.max_requests)
		assert_null(host_next(&g.t.hosts));
}

static void look_at_flights(void)
{
	const struct flight *f;
	int64_t sent_at = INT64_MIN;

	TAILQ_FOREACH(f, &g.t.flying, link) {
		assert_true(f->ticket != 0);
		assert_int_equal(f->ticket & 0xffff, f - g.t.flights);
		assert_true(f->sent >= sent_at);
		sent_at = f->sent;
		assert_true(g.now.boot < f->sent + TRAFFIC_GUARD_MS);
		if (!f->job)
			continue;
		assert_int_equal(f->job->where, JOB_FLIGHT);
		assert_ptr_equal(&g.t.flights[f->job->flight], f);
		place_of(f->job)->flight++;
	}
}

static void look_at_tokens(void)
{
	const struct job *j;

	for (size_t i = 0; i < g.t.n_tokens; i++) {
		const struct token *k = g.t.tokens[i];

		assert_int_equal(k->slot, i);
		TAILQ_FOREACH(j, &k->waiters, link) {
			assert_int_equal(j->where, JOB_TOKEN);
			assert_ptr_equal(j->token, k);
			assert_ptr_equal(j->end->token, k);
			place_of(j)->token++;
		}
		/* Somebody sees to it that they get one. */
		if (!TAILQ_EMPTY(&k->waiters))
			assert_true(k->job && (k->job->where != JOB_REST ||
					       timer_is_set(&k->job->timer)));
	}
}

/* Each job in exactly one place, and that is where it says it is. */
static void judge(const struct job *j, const struct place *p)
{
	assert_int_equal(p->token, j->where == JOB_TOKEN);
	assert_int_equal(p->host, j->where == JOB_HOST);
	assert_int_equal(p->lane, j->where == JOB_LANE);
	assert_int_equal(p->flight, j->where == JOB_FLIGHT);
	assert_int_equal(p->asleep, j->asleep);
	assert_int_equal(p->told, 0);
	assert_int_equal(j->told, TOLD_ALL);
	if (j->where != JOB_REST)
		assert_false(timer_is_set(&j->timer) || j->asleep);
	if (j->asleep)
		assert_true(timer_is_set(&j->timer));
	if (j->where != JOB_HOST)
		assert_false(j->cleared);
	if (timer_is_set(&j->timer))
		assert_ptr_equal(g.t.timers.nodes[j->timer.node.slot],
				 &j->timer.node);
}

static void look(void)
{
	const struct end *end;

	memset(places, 0, sizeof(places));
	assert_true(TAILQ_EMPTY(&g.t.tell));
	assert_false(g.t.has_news);
	assert_null(g.t.answered);
	look_at_hosts();
	look_at_flights();
	look_at_tokens();
	TAILQ_FOREACH(end, &g.t.ends, link)
		for (int i = END_READ; i <= END_WRITE; i++)
			look_at_lane(&end->lanes[i],
				     cleared_of(&end->lanes[i]));
	for (int i = 0; i < JOBS; i++) {
		judge(&q[i].job, &places[i]);
		/* Whoever waits hears something, or is still on its way. */
		if (!waits[i])
			continue;
		if (q[i].job.where == JOB_REST)
			assert_true(timer_is_set(&q[i].job.timer));
		if (g.now.boot - since[i] > longest)
			longest = g.now.boot - since[i];
		assert_true(g.now.boot - since[i] < PATIENCE);
	}
	for (size_t i = 0; i < g.t.n_tokens; i++)
		if (g.t.tokens[i]->job)
			judge(g.t.tokens[i]->job, &places[JOBS + i]);
	/* What is due was done. */
	assert_true(job_wake(&g.t) > g.now.boot);
}

/* ---- the owners ---- */

static size_t index_of(const struct question *x)
{
	return (size_t)(x - q);
}

static void ask(struct question *x)
{
	static const enum call_kind kinds[] = { CALL_KEY, CALL_REGISTRY,
						CALL_PATCH };
	struct end *end = ends[below(ENDS)];
	enum end_lane lane = !end->vault && below(3) == 0 ? END_WRITE
							  : END_READ;

	x->job.urgency = job_azure(&g.t) + below(HOUR);
	job_ask(&g.t, &x->job, kinds[below(3)], end, lane);
	waits[index_of(x)] = true;
	since[index_of(x)] = g.now.boot;
}

static void rest(struct question *x)
{
	waits[index_of(x)] = false;
	if (below(4) == 0)
		job_cancel(&g.t, &x->job);
	else
		job_at(&g.t, &x->job, g.now.boot + below(15 * SECOND),
		       below(2) == 0);
}

static void cancel(struct question *x)
{
	waits[index_of(x)] = false;
	job_cancel(&g.t, &x->job);
}

static void failed(struct question *x, const struct fault *f)
{
	int64_t delay =
		job_delay(&g.t, &x->job, f,
			  below(2) ? BACKOFF_NO_DEADLINE
				   : job_azure(&g.t) + below(HOUR) - HOUR / 2);

	waits[index_of(x)] = false;
	if (fault_is_transient(f))
		job_sleep(&g.t, &x->job, delay);
	else
		job_at(&g.t, &x->job, g.now.boot + delay, false);
}

static void owner(struct jig *jig, struct question *x, const struct value *v)
{
	bool waited = waits[index_of(x)];

	(void)jig;
	values++;
	/* Now and then somebody else goes meanwhile, or it goes itself. */
	if (below(50) == 0)
		cancel(&q[below(JOBS)]);
	switch (v->kind) {
	case VALUE_DUE:
		ask(x);
		break;
	case VALUE_ANSWER:
		assert_true(waited);
		answers++;
		if (v->reply->fault.kind == FAULT_NONE)
			rest(x);
		else if (below(10) == 0)
			ask(x);
		else
			failed(x, &v->reply->fault);
		break;
	case VALUE_NO_TOKEN:
		assert_true(waited);
		since[index_of(x)] = g.now.boot;
		if (below(20) == 0)
			cancel(x);
		break;
	case VALUE_UNTRUE:
		assert_true(waited);
		rest(x);
		break;
	case VALUE_TIMER:
	case VALUE_NEWS:
		fail_msg("A job has no such value.");
	}
}

/* ---- the world ---- */

static void spoil(struct reply *r)
{
	static const enum fault_kind refusals[] = {
		FAULT_DENIED, FAULT_MISSING,   FAULT_CONFLICT, FAULT_REFUSED,
		FAULT_LOCAL,  FAULT_TRANSIENT, FAULT_INVALID
	};

	switch (below(6)) {
	case 0: /* no connection */
		jig_fault(r, FAULT_TRANSIENT, 0);
		r->reached = false;
		break;
	case 1: /* sent, and then nothing */
		jig_fault(r, FAULT_TRANSIENT, 0);
		r->maybe_done = true;
		break;
	case 2:
		jig_fault(r, FAULT_THROTTLED, 429);
		r->throttles_all = below(2) == 0;
		r->fault.retry_after_ms = below(2) ? -1 : below(MINUTE);
		break;
	case 3:
		jig_fault(r, FAULT_AUTH, 401);
		if (below(4) == 0)
			snprintf(r->challenge_audience,
				 sizeof(r->challenge_audience),
				 "https://named%d.example", (int)below(3));
		break;
	case 4:
		if (r->kind == CALL_TOKEN)
			break;
		jig_fault(r, FAULT_TRANSIENT, 0);
		r->reached = false;
		r->vetoed = true;
		break;
	default:
		jig_fault(r, refusals[below(7)], 500);
	}
}

static struct reply some_reply(const struct waiting *w)
{
	struct reply r = jig_reply(&g, w);

	r.multiplexed = below(2) == 0;
	if (below(5) == 0)
		r.remaining = (int)below(40);
	if (below(3) == 0)
		r.date_ms = g.now.wall + below(2000);
	if (w->kind == CALL_TOKEN) {
		r.token.lifetime_ms = 1000 + below(below(2) ? MINUTE : HOUR);
		r.token.refresh_in_ms = below(2) ? -1 : below(HOUR);
	}
	if (below(4) == 0)
		spoil(&r);
	return r;
}

static void somebody_answers(void)
{
	struct waiting w;
	struct reply r;

	if (g.n_waiting == 0)
		return;
	w = g.waiting[below((int64_t)g.n_waiting)];
	old[below(OLD)] = w;
	/* Some are never answered: the guard sees to those. */
	if (w.ticket % 97 < 3)
		return;
	r = some_reply(&w);
	jig_put(&g, &w, &r);
}

/* Answers that nobody waits for any more, or never did. */
static void an_old_answer(void)
{
	const struct waiting *w = &old[below(OLD)];
	struct reply r = some_reply(w);

	for (size_t i = 0; i < g.n_waiting; i++)
		if (g.waiting[i].ticket == w->ticket)
			return;
	job_landed(&g.t, &r, g.now);
	jig_drain(&g);
}

static void other_limits(void)
{
	g.limits.vault_rate = 1 + (double)below(20);
	g.limits.vault_burst = 1 + (double)below(20);
	g.limits.read_rate = 1 + (double)below(20);
	g.limits.read_burst = 1 + (double)below(20);
	g.limits.write_rate = 0.5 + (double)below(5);
	g.limits.write_burst = 1 + (double)below(5);
	g.limits.max_requests = 1 + (unsigned)below(below(4) ? 200 : 8);
	end_limits(&g.t, &g.limits);
}

static void a_new_file(void)
{
	const struct cloud *next = g.t.cloud == &other ? &g.cloud : &other;

	job_tick(&g.t, g.now);
	other_limits();
	if (below(3) == 0) {
		end_cloud(&g.t, next, true);
		job_reroute(&g.t);
	}
	job_retry_tokens(&g.t);
	jig_drain(&g);
}

static void time_passes(void)
{
	int64_t ms = below(400);

	if (below(100) == 0)
		ms = below(50 * SECOND);
	if (below(2000) == 0)
		ms = below(10 * MINUTE);
	/* Whoever waits while the machine sleeps is not forgotten. */
	if (ms > MINUTE)
		for (int i = 0; i < JOBS; i++)
			since[i] += ms;
	jig_step(&g, ms);
}

static void step(void)
{
	struct question *x = &q[below(JOBS)];
	int64_t dice = below(100);

	if (dice < 40)
		time_passes();
	else if (dice < 80)
		somebody_answers();
	else if (dice < 84)
		an_old_answer();
	else if (dice < 88)
		x->untrue = below(4) == 0;
	else if (dice < 94)
		ask(x);
	else if (dice < 96)
		cancel(x);
	else if (dice < 98)
		rest(x);
	else if (below(20) == 0)
		a_new_file();
	else if (!waits[index_of(x)] || x->job.where != JOB_REST)
		job_rebind(&g.t, &x->job, ends[below(ENDS)]);
	/* A command comes between events; the next one carries it out, but
	 * for what is taken back. */
	jig_errands(&g);
	if (dice >= 84 && below(3))
		return;
	jig_tick(&g);
	look();
}

static void soak(uint64_t seed)
{
	char name[32];

	random_init(&rng, seed);
	jig_start(&g, seed);
	g.quiet = true;
	other_limits();
	assert_true(cloud_profile(&other, "public"));
	free(other.imds_endpoint);
	other.imds_endpoint = text_dup("http://127.0.0.1:40342");
	for (int i = 0; i < JOBS; i++) {
		snprintf(name, sizeof(name), "Q%d", i);
		jig_question(&q[i], name, (uint64_t)i);
		q[i].owner = owner;
		waits[i] = false;
	}
	for (int i = 0; i < 4; i++) {
		snprintf(name, sizeof(name), "v%d", i);
		ends[i] = jig_vault(&g, name);
	}
	for (int i = 4; i < ENDS; i++) {
		snprintf(name, sizeof(name), "subscription%d", i);
		ends[i] = end_subscription(&g.t, name, g.credential);
	}
	memset(old, 0, sizeof(old));
	values = answers = sent = 0;
	longest = 0;
	was_flying = 0;
	for (int i = 0; i < STEPS; i++)
		step();
	for (int i = 0; i < CALL_OPERATION; i++)
		sent += g.sent[i];
	print_message("# seed %d: %d h, %d values, %d answers, %d calls (%d "
		      "for tokens), %d given up, longest wait %d s\n",
		      (int)seed, (int)((g.now.boot - JIG_BOOT) / HOUR),
		      (int)values, (int)answers, (int)sent,
		      (int)g.sent[CALL_TOKEN], (int)g.cancels,
		      (int)(longest / SECOND));
	/* It was no idle time. */
	assert_true(answers > 1000 && g.cancels > 10 && g.news > 10);
	for (int i = 0; i < JOBS; i++)
		job_cancel(&g.t, &q[i].job);
	jig_stop(&g);
	cloud_free(&other);
}

static void first_seed(void **state)
{
	(void)state;
	soak(1);
}

static void second_seed(void **state)
{
	(void)state;
	soak(2);
}

static void third_seed(void **state)
{
	(void)state;
	soak(3);
}

static void fourth_seed(void **state)
{
	(void)state;
	soak(4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_seed),
		cmocka_unit_test(second_seed),
		cmocka_unit_test(third_seed),
		cmocka_unit_test(fourth_seed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
