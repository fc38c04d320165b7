/* traffic/job: rooms, budgets, sleepers, gates, cancels, timers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/backoff.h"
#include "base/text.h"
#include "traffic_help.h"

#define MANY 60

static struct jig g;
static struct question q[MANY];
static struct end *a;

static int fresh(void **state)
{
	char name[16];

	(void)state;
	jig_start(&g, 1);
	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "%c%d", 'A' + i % 26, i);
		jig_question(&q[i], name, (uint64_t)i + 1);
	}
	a = jig_vault(&g, "a");
	return 0;
}

static int over(void **state)
{
	(void)state;
	for (int i = 0; i < MANY; i++)
		job_cancel(&g.t, &q[i].job);
	jig_stop(&g);
	return 0;
}

static void ask_n(struct end *end, int from, int n)
{
	for (int i = from; i < from + n; i++)
		jig_ask(&g, &q[i], end, i);
}

/* A budget of so many at once, and then so many a second. */
static void budget(double burst, double rate)
{
	g.limits.vault_burst = burst;
	g.limits.vault_rate = rate;
	end_limits(&g.t, &g.limits);
}

static double gathered(struct end *end, enum end_lane lane)
{
	return bucket_tokens(end->lanes[lane].bucket, g.now.boot);
}

static void again(struct jig *jig, struct question *x, const struct value *v)
{
	(void)v;
	jig_again(jig, x);
}

static void again_once(struct jig *jig, struct question *x,
		       const struct value *v)
{
	(void)v;
	if (x->gets++ == 0)
		jig_again(jig, x);
}

/* As the owners in the daemon do: after trouble it sleeps. */
static void sleeps(struct jig *jig, struct question *x, const struct value *v)
{
	if (v->kind == VALUE_ANSWER && v->reply->fault.kind != FAULT_NONE)
		job_sleep(&jig->t, &x->job,
			  job_delay(&jig->t, &x->job, &v->reply->fault,
				    BACKOFF_NO_DEADLINE));
	else if (v->kind == VALUE_DUE)
		jig_again(jig, x);
}

/* ---- room at the host ---- */

static void one_question_until_one_was_answered(void **state)
{
	(void)state;
	ask_n(a, 0, 40);
	jig_tick(&g);
	/* First of all its token. */
	assert_int_equal(g.sent[CALL_TOKEN], 1);
	assert_int_equal(jig_out(&g), 0);
	jig_tokens(&g, HOUR);
	assert_int_equal(jig_out(&g), 1);
	jig_pass(&g, 10 * SECOND);
	assert_int_equal(jig_out(&g), 1);
	jig_good(&g, "A0");
	assert_int_equal(jig_out(&g), TRAFFIC_STREAMS);
	assert_int_equal(q[0].heard[VALUE_ANSWER], 1);
	jig_good(&g, "B1");
	assert_int_equal(jig_out(&g), TRAFFIC_STREAMS);
}

static void connections_are_fewer_than_streams(void **state)
{
	struct waiting *w;
	struct reply r;

	(void)state;
	ask_n(a, 0, 40);
	jig_tick(&g);
	jig_tokens(&g, HOUR);
	w = jig_find(&g, "A0");
	r = jig_reply(&g, w);
	r.multiplexed = false;
	jig_put(&g, w, &r);
	assert_int_equal(jig_out(&g), TRAFFIC_CONNECTIONS);
}

static void a_host_has_a_quarter_of_all_flights(void **state)
{
	struct end *b = jig_vault(&g, "b");

	(void)state;
	g.limits.max_requests = 40;
	end_limits(&g.t, &g.limits);
	jig_prove(&g, a);
	ask_n(a, 0, 30);
	ask_n(b, 30, 5);
	jig_tick(&g);
	assert_int_equal(jig_out(&g), 10 + 1);
	jig_good(&g, "E30");
	assert_int_equal(jig_out(&g), 10 + 4);
	/* More flights count at once. */
	g.limits.max_requests = 80;
	end_limits(&g.t, &g.limits);
	jig_tick(&g);
	assert_int_equal(jig_out(&g), 20 + 4);
}

static void all_flights_have_a_bound(void **state)
{
	struct end *end[10];
	char name[16];

	(void)state;
	g.limits.max_requests = 7;
	end_limits(&g.t, &g.limits);
	jig_prove(&g, a);
	for (int i = 0; i < 10; i++) {
		snprintf(name, sizeof(name), "v%d", i);
		end[i] = jig_vault(&g, name);
		jig_ask(&g, &q[i], end[i], 10 - i);
	}
	jig_tick(&g);
	assert_int_equal(jig_out(&g), 7);
	/* Nearest deadline first, over all hosts. */
	assert_string_equal(g.order, "JIHGFED");
	jig_good(&g, "J9");
	assert_string_equal(g.order, "JIHGFEDC");
}

/* One host hangs: it holds one flight, and the others go on. */
static void a_host_that_hangs_holds_one_flight(void **state)
{
	struct end *b = jig_vault(&g, "b");

	(void)state;
	ask_n(a, 0, 30);
	jig_tick(&g);
	jig_tokens(&g, HOUR);
	assert_int_equal(jig_out(&g), 1);
	ask_n(b, 30, 30);
	jig_tick(&g);
	assert_int_equal(jig_out(&g), 2);
	jig_good(&g, "E30");
	for (int i = 31; i < 60; i++)
		jig_good(&g, q[i].name);
	assert_int_equal(jig_out(&g), 1);
	assert_non_null(jig_find(&g, "A0"));
}

/* As many as there are flights hang, and are asked again and again: a vault
 * that answers finds room. */
static void many_hosts_that_hang_leave_half(void **state)
{
	enum { HANG = 20, ALL = 16 };
	struct end *hang[HANG], *b = jig_vault(&g, "b");
	char name[32];

	(void)state;
	g.limits.max_requests = ALL;
	end_limits(&g.t, &g.limits);
	jig_prove(&g, b);
	for (int i = 0; i < HANG; i++) {
		snprintf(name, sizeof(name), "hangs%d", i);
		hang[i] = jig_vault(&g, name);
		q[i].end = hang[i];
		q[i].owner = again;
		jig_ask(&g, &q[i], hang[i], 0);
	}
	jig_tick(&g);
	/* At first nobody can know. */
	assert_int_equal(jig_out(&g), ALL);
	jig_step(&g, MINUTE);
	for (int i = 0; i < ALL; i++)
		jig_silent(&g, g.waiting[0].name);
	for (int k = 0; k < 5; k++) {
		jig_ask(&g, &q[30], b, HOUR);
		jig_tick(&g);
		assert_true(jig_out(&g) <= ALL);
		assert_non_null(jig_find(&g, q[30].name));
		jig_good(&g, q[30].name);
		assert_in_range(jig_out(&g), 8, 12);
		jig_step(&g, MINUTE);
		for (unsigned i = jig_out(&g); i > 0; i--)
			jig_silent(&g, g.waiting[0].name);
	}
	assert_int_equal(jig_out(&g), ALL / 2);
	/* They all had their turns. */
	for (int i = 0; i < HANG; i++) {
		assert_in_range(q[i].heard[VALUE_ANSWER], 2, 5);
		q[i].owner = NULL;
	}
}

static void a_transient_failure_takes_it_back_to_one(void **state)
{
	(void)state;
	jig_prove(&g, a);
	jig_step(&g, 100);
	ask_n(a, 0, 40);
	jig_tick(&g);
	assert_int_equal(jig_out(&g), 32);
	jig_step(&g, 100);
	jig_fail(&g, "A0", FAULT_TRANSIENT, 503);
	assert_int_equal(a->host->limit, 1);
	/* Those under way end; none follows until one is left. */
	for (int i = 1; i < 32; i++)
		jig_fail(&g, q[i].name, FAULT_TRANSIENT, 503);
	assert_int_equal(jig_out(&g), 1);
	jig_good(&g, "G32");
	assert_int_equal(jig_out(&g), 7);
}

static void one_failure_among_answers_changes_nothing(void **state)
{
	(void)state;
	jig_prove(&g, a);
	jig_step(&g, 100);
	ask_n(a, 0, 40);
	jig_tick(&g);
	jig_step(&g, 100);
	jig_good(&g, "B1");
	jig_fail(&g, "A0", FAULT_TRANSIENT, 503);
	jig_silent(&g, "C2");
	assert_int_equal(a->host->limit, 32);
	assert_int_equal(jig_out(&g), 32);
	/* Refusals and 429 are answers. */
	jig_step(&g, 100);
	jig_fail(&g, "D3", FAULT_DENIED, 403);
	jig_fail(&g, "E4", FAULT_THROTTLED, 429);
	jig_silent(&g, "F5");
	assert_int_equal(a->host->limit, 32);
	/* Our own trouble says nothing of the host. */
	jig_step(&g, 100);
	jig_fail(&g, "G6", FAULT_LOCAL, 0);
	assert_int_equal(a->host->limit, 32);
}

static void a_while_without_a_transfer(void **state)
{
	(void)state;
	jig_prove(&g, a);
	jig_pass(&g, TRAFFIC_TRUST_MS);
	ask_n(a, 0, 10);
	jig_tick(&g);
	assert_int_equal(jig_out(&g), 10);
	for (int i = 0; i < 10; i++)
		jig_good(&g, q[i].name);
	jig_pass(&g, TRAFFIC_TRUST_MS + 1);
	ask_n(a, 0, 10);
	jig_tick(&g);
	assert_int_equal(jig_out(&g), 1);
	jig_good(&g, "A0");
	assert_int_equal(jig_out(&g), 9);
}

/* ---- a fault that is shared ---- */

static void who_waits_for_an_unreachable_host_shares_its_fault(void **state)
{
	(void)state;
	ask_n(a, 0, 40);
	jig_tick(&g);
	jig_tokens(&g, HOUR);
	for (int i = 0; i < 40; i++)
		q[i].reached = q[i].maybe_done = true;
	jig_unreached(&g, "A0");
	for (int i = 0; i < 40; i++) {
		assert_int_equal(q[i].heard[VALUE_ANSWER], 1);
		assert_int_equal(q[i].fault.kind, FAULT_TRANSIENT);
		assert_string_equal(q[i].fault.text, "The call failed with 0.");
		/* A write that shared it was not sent. */
		assert_false(q[i].reached);
		assert_false(q[i].maybe_done);
		assert_int_equal(q[i].job.where, JOB_REST);
	}
	assert_int_equal(g.sent[CALL_KEY], 1);
	assert_int_equal(g.n_waiting, 0);
}

/* They sleep in their lanes, come again, and nobody is lost. */
static void they_come_again_when_it_is_reached(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++)
		q[i].owner = sleeps;
	ask_n(a, 0, 20);
	jig_tick(&g);
	jig_tokens(&g, HOUR);
	jig_unreached(&g, "A0");
	assert_int_equal(a->lanes[END_READ].n_sleepers, 20);
	for (int turn = 0; turn < 200 && q[19].heard[VALUE_ANSWER] < 2;
	     turn++) {
		jig_pass(&g, 500);
		while (jig_out(&g) > 0)
			jig_good(&g, g.waiting[0].name);
	}
	for (int i = 0; i < 20; i++)
		assert_int_equal(q[i].heard[VALUE_ANSWER], 2);
	assert_int_equal(a->lanes[END_READ].n_sleepers, 0);
}

static void silence_after_sending_is_not_shared(void **state)
{
	(void)state;
	ask_n(a, 0, 10);
	jig_tick(&g);
	jig_tokens(&g, HOUR);
	jig_silent(&g, "A0");
	assert_int_equal(q[0].heard[VALUE_ANSWER], 1);
	assert_true(q[0].maybe_done);
	assert_int_equal(q[1].heard[VALUE_ANSWER], 0);
	assert_int_equal(jig_out(&g), 1);
	/* Nor is an answer that says so. */
	jig_fail(&g, "B1", FAULT_TRANSIENT, 503);
	assert_int_equal(q[2].heard[VALUE_ANSWER], 0);
	assert_int_equal(jig_out(&g), 1);
}

static void a_known_host_s_fault_is_not_shared(void **state)
{
	(void)state;
	jig_prove(&g, a);
	ask_n(a, 0, 40);
	jig_tick(&g);
	jig_step(&g, 100);
	jig_unreached(&g, "A0");
	for (int i = 1; i < 40; i++)
		assert_int_equal(q[i].heard[VALUE_ANSWER], 0);
}

/* After a while without a transfer it is a stranger again, and the fault of
 * the one question that it got is shared. */
static void a_host_that_was_forgotten_shares_its_fault(void **state)
{
	(void)state;
	jig_prove(&g, a);
	jig_pass(&g, TRAFFIC_TRUST_MS + 1);
	ask_n(a, 0, 10);
	jig_tick(&g);
	assert_int_equal(jig_out(&g), 1);
	jig_unreached(&g, "A0");
	for (int i = 0; i < 10; i++)
		assert_int_equal(q[i].heard[VALUE_ANSWER], 1);
	assert_int_equal(g.sent[CALL_KEY], 1);
}

/* A fault that nobody waits for any more is shared all the same. */
static void a_cancelled_question_s_fault_is_shared(void **state)
{
	(void)state;
	job_ask(&g.t, &q[0].job, CALL_PATCH, a, END_WRITE);
	jig_tick(&g);
	jig_tokens(&g, HOUR);
	ask_n(a, 1, 2);
	job_cancel(&g.t, &q[0].job);
	jig_unreached(&g, "A0");
	assert_int_equal(q[0].heard[VALUE_ANSWER], 0);
	assert_int_equal(q[1].heard[VALUE_ANSWER], 1);
	assert_int_equal(q[2].heard[VALUE_ANSWER], 1);
}

/* ---- who goes first ---- */

static void nearest_deadline_first_at_the_host(void **state)
{
	(void)state;
	jig_ask(&g, &q[0], a, 50);
	jig_ask(&g, &q[1], a, 40);
	jig_ask(&g, &q[2], a, 60);
	jig_ask(&g, &q[3], a, 40);
	jig_tick(&g);
	jig_tokens(&g, HOUR);
	/* Also one that came later. */
	jig_ask(&g, &q[4], a, -5);
	jig_tick(&g);
	while (g.n_waiting > 0) {
		g.t.hosts.share = 1;
		jig_good(&g, g.waiting[0].name);
	}
	assert_string_equal(g.order, "BEDAC");
}

static void what_failed_goes_last_at_the_host(void **state)
{
	(void)state;
	g.limits.max_requests = 4; /* one at a host */
	end_limits(&g.t, &g.limits);
	jig_prove(&g, a);
	jig_ask(&g, &q[0], a, 1);
	jig_tick(&g);
	jig_silent(&g, "A0");
	job_delay(&g.t, &q[0].job, &q[0].fault, BACKOFF_NO_DEADLINE);
	assert_int_equal(q[0].job.failures, 1);
	/* One is under way when the others come. */
	jig_ask(&g, &q[5], a, 0);
	jig_tick(&g);
	jig_ask(&g, &q[0], a, 1);
	jig_ask(&g, &q[1], a, 10);
	jig_ask(&g, &q[2], a, 20);
	jig_tick(&g);
	while (g.n_waiting > 0)
		jig_good(&g, g.waiting[0].name);
	assert_string_equal(g.order, "AFBCA");
	/* An answer clears its name. */
	assert_int_equal(q[0].job.failures, 0);
}

static void nearest_deadline_first_under_a_tight_budget(void **state)
{
	(void)state;
	jig_prove(&g, a);
	budget(1, 1);
	jig_ask(&g, &q[0], a, 90);
	jig_tick(&g);
	jig_ask(&g, &q[1], a, 50);
	jig_ask(&g, &q[2], a, 30);
	jig_ask(&g, &q[3], a, 40);
	jig_tick(&g);
	assert_string_equal(g.order, "A");
	jig_pass(&g, 1100);
	assert_string_equal(g.order, "AC");
	/* Whoever comes late with a nearer deadline passes by. */
	jig_ask(&g, &q[4], a, 10);
	jig_pass(&g, 1100);
	assert_string_equal(g.order, "ACE");
	jig_pass(&g, 2200);
	assert_string_equal(g.order, "ACEDB");
}

/* One comes at the moment when the budget is there again: who waited with a
 * nearer deadline goes first. */
static void who_waits_for_the_budget_is_not_passed_by(void **state)
{
	(void)state;
	jig_prove(&g, a);
	budget(1, 1);
	ask_n(a, 0, 2);
	jig_tick(&g);
	assert_string_equal(g.order, "A");
	g.now.boot += 1000;
	jig_ask(&g, &q[7], a, 700);
	/* Before the lane's own timer. */
	assert_true(timer_at(&a->lanes[END_READ].timer) > g.now.boot);
	jig_tick(&g);
	assert_string_equal(g.order, "AB");
	assert_int_equal(q[7].job.where, JOB_LANE);
}

static void what_failed_goes_last_under_a_tight_budget(void **state)
{
	(void)state;
	jig_prove(&g, a);
	jig_ask(&g, &q[0], a, 1);
	jig_tick(&g);
	jig_fail(&g, "A0", FAULT_TRANSIENT, 500);
	job_delay(&g.t, &q[0].job, &q[0].fault, BACKOFF_NO_DEADLINE);
	jig_prove(&g, a);
	budget(1, 1);
	jig_ask(&g, &q[5], a, 0);
	jig_tick(&g);
	jig_ask(&g, &q[0], a, 1);
	jig_ask(&g, &q[1], a, 10);
	jig_ask(&g, &q[2], a, 20);
	jig_tick(&g);
	assert_int_equal(q[0].job.where, JOB_LANE);
	assert_int_equal(q[1].job.where, JOB_LANE);
	jig_pass(&g, 3300);
	assert_string_equal(g.order, "FBCA");
}

/* ---- budgets ---- */

static void a_budget_is_kept(void **state)
{
	(void)state;
	jig_prove(&g, a);
	budget(3, 2);
	ask_n(a, 0, 12);
	jig_tick(&g);
	assert_int_equal(jig_out(&g), 3);
	for (int i = 0; i < 3; i++)
		jig_good(&g, q[i].name);
	jig_pass(&g, 1010);
	assert_int_equal(g.sent[CALL_KEY], 5);
	jig_pass(&g, 3010);
	assert_int_equal(g.sent[CALL_KEY], 11);
	jig_pass(&g, 600);
	assert_int_equal(g.sent[CALL_KEY], 12);
	jig_pass(&g, 10 * SECOND);
	assert_int_equal(g.sent[CALL_KEY], 12);
	assert_false(timer_is_set(&a->lanes[END_READ].timer));
}

static void reads_and_writes_have_their_own(void **state)
{
	struct end *s = jig_subscription(&g);

	(void)state;
	g.limits.read_burst = 2;
	g.limits.write_burst = 3;
	g.limits.read_rate = g.limits.write_rate = 0.01;
	jig_prove(&g, s);
	end_limits(&g.t, &g.limits);
	for (int i = 0; i < 5; i++) {
		job_ask(&g.t, &q[i].job, CALL_REGISTRY, s, END_READ);
		job_ask(&g.t, &q[10 + i].job, CALL_PATCH, s, END_WRITE);
	}
	jig_tick(&g);
	assert_int_equal(g.sent[CALL_REGISTRY], 2);
	assert_int_equal(g.sent[CALL_PATCH], 3);
	/* Another subscription has its own, at the same host. */
	jig_ask(&g, &q[20], end_subscription(&g.t, "other", g.credential), 0);
	jig_tick(&g);
	assert_int_equal(g.sent[CALL_KEY], 1);
}

/* What may be paid for and then waits for room has not paid: it goes out at
 * the budget's pace once there is room, not in a burst. */
static void waiting_for_room_is_not_paid_for(void **state)
{
	(void)state;
	jig_prove(&g, a);
	budget(2, 1);
	jig_pass(&g, TRAFFIC_TRUST_MS + 1);
	ask_n(a, 0, 20);
	jig_tick(&g);
	assert_int_equal(jig_out(&g), 1);
	/* A minute without an answer: sixty could be paid for, two gather. */
	jig_pass(&g, MINUTE);
	assert_int_equal(jig_out(&g), 1);
	assert_true(a->lanes[END_READ].cleared <= 2);
	jig_good(&g, "A0");
	assert_int_equal(g.sent[CALL_KEY], 1 + 2);
	jig_pass(&g, 5050);
	assert_in_range(g.sent[CALL_KEY], 1 + 2 + 4, 1 + 2 + 5);
}

static void a_429_closes_the_lane_for_all(void **state)
{
	struct waiting *w;
	struct reply r;

	(void)state;
	jig_prove(&g, a);
	ask_n(a, 0, 1);
	jig_tick(&g);
	w = jig_find(&g, "A0");
	r = jig_reply(&g, w);
	jig_fault(&r, FAULT_THROTTLED, 429);
	r.fault.retry_after_ms = 30000;
	r.throttles_all = true;
	jig_put(&g, w, &r);
	assert_int_equal(q[0].heard[VALUE_ANSWER], 1);
	ask_n(a, 1, 5);
	jig_pass(&g, 29999);
	assert_int_equal(g.sent[CALL_KEY], 1);
	jig_pass(&g, 1);
	jig_tokens(&g, HOUR);
	assert_int_equal(g.sent[CALL_KEY], 1 + 1); /* 20 s without a transfer */
	jig_good(&g, "B1");
	assert_int_equal(g.sent[CALL_KEY], 1 + 5);
}

/* What the server told one question counts for that one, however much in a
 * hurry its owner is. */
static void a_told_wait_is_kept(void **state)
{
	struct waiting *w;
	struct reply r;

	(void)state;
	jig_prove(&g, a);
	ask_n(a, 0, 1);
	jig_tick(&g);
	w = jig_find(&g, "A0");
	r = jig_reply(&g, w);
	jig_fault(&r, FAULT_THROTTLED, 429);
	r.fault.retry_after_ms = 15000;
	jig_put(&g, w, &r);
	ask_n(a, 0, 2);
	jig_pass(&g, 14999);
	assert_int_equal(q[0].heard[VALUE_DUE], 0);
	assert_string_equal(g.order, "AB");
	jig_pass(&g, 1);
	assert_int_equal(q[0].heard[VALUE_DUE], 1);
	ask_n(a, 0, 1);
	jig_tick(&g);
	assert_string_equal(g.order, "ABA");
}

static void what_remains_at_the_server_is_heeded(void **state)
{
	struct waiting *w;
	struct reply r;

	(void)state;
	g.limits.vault_rate = 0.1;
	end_limits(&g.t, &g.limits);
	jig_prove(&g, a);
	ask_n(a, 0, 1);
	jig_tick(&g);
	w = jig_find(&g, "A0");
	r = jig_reply(&g, w);
	r.remaining = 10;
	jig_put(&g, w, &r);
	ask_n(a, 1, 20);
	jig_tick(&g);
	assert_int_equal(g.sent[CALL_KEY], 1 + 5);
}

/* A new file with a larger budget: who waits for the old one is let go. */
static void a_larger_budget_counts_at_once(void **state)
{
	(void)state;
	jig_prove(&g, a);
	budget(1, 0.001);
	ask_n(a, 0, 3);
	jig_tick(&g);
	assert_int_equal(g.sent[CALL_KEY], 1);
	jig_pass(&g, 5 * SECOND);
	assert_int_equal(g.sent[CALL_KEY], 1);
	budget(100, 100);
	jig_pass(&g, 100);
	assert_int_equal(g.sent[CALL_KEY], 3);
}

/* ---- sleepers ---- */

/* Ten that fail for ever among others that are answered, three a second: each
 * good answer ends what looks like an outage. */
static void what_fails_among_good_ones_keeps_its_own_pace(void **state)
{
	unsigned n;

	(void)state;
	jig_prove(&g, a);
	for (int i = 0; i < 10; i++)
		q[i].owner = sleeps;
	ask_n(a, 0, 10);
	jig_tick(&g);
	for (int turn = 0; turn < 3 * 600; turn++) {
		for (size_t i = g.n_waiting; i > 0; i--)
			jig_fail(&g, g.waiting[0].name, FAULT_TRANSIENT, 503);
		ask_n(a, 50, 1);
		jig_tick(&g);
		if (jig_find(&g, q[50].name))
			jig_good(&g, q[50].name);
		jig_pass(&g, 333);
	}
	n = g.sent[CALL_KEY] - q[50].heard[VALUE_ANSWER];
	/* Every half minute on average, and once before its time. */
	assert_in_range(n, 200, 10 * 60);
}

static void sleepers_wake_after_an_outage(void **state)
{
	int64_t at[40], first = INT64_MAX, last = 0;
	unsigned distinct = 0;

	(void)state;
	jig_prove(&g, a);
	for (int i = 0; i < 40; i++) {
		jig_ask(&g, &q[i], a, i);
		job_cancel(&g.t, &q[i].job);
		job_sleep(&g.t, &q[i].job, HOUR);
		assert_true(q[i].job.asleep);
	}
	assert_int_equal(a->lanes[END_READ].n_sleepers, 40);
	for (int i = 0; i < 2; i++) {
		ask_n(a, 50, 1);
		jig_tick(&g);
		jig_silent(&g, q[50].name);
	}
	assert_int_equal(jig_heard(&g, VALUE_DUE, NULL), 0);
	ask_n(a, 50, 1);
	jig_tick(&g);
	jig_good(&g, q[50].name);
	assert_int_equal(a->lanes[END_READ].n_sleepers, 0);
	for (int i = 0; i < 40; i++) {
		at[i] = timer_at(&q[i].job.timer) - g.now.boot;
		assert_in_range(at[i], 0, 40 * 20);
		first = at[i] < first ? at[i] : first;
		last = at[i] > last ? at[i] : last;
		distinct++;
		for (int k = 0; k < i; k++)
			if (at[k] == at[i]) {
				distinct--;
				break;
			}
	}
	/* Spread, not all at once. */
	assert_true(distinct > 25 && last - first > 400);
	jig_pass(&g, 40 * 20);
	assert_int_equal(jig_heard(&g, VALUE_DUE, NULL), 40);
}

/* It was asked before the end worked again, and fails after that: it is tried
 * once more as soon as those that slept, whatever it had been through. */
static void who_fails_late_is_tried_with_those_that_slept(void **state)
{
	(void)state;
	jig_prove(&g, a);
	for (int i = 0; i < 3; i++)
		q[i].owner = sleeps;
	q[1].job.failures = 12;
	ask_n(a, 0, 3);
	jig_tick(&g);
	assert_int_equal(jig_out(&g), 3);
	jig_silent(&g, q[0].name);
	jig_silent(&g, q[2].name);
	jig_step(&g, SECOND);
	ask_n(a, 50, 1);
	jig_tick(&g);
	jig_good(&g, q[50].name);
	jig_pass(&g, SECOND);
	jig_silent(&g, q[1].name);
	assert_in_range(timer_at(&q[1].job.timer) - g.now.boot, 1,
			BACKOFF_FIRST_MS);
	/* In vain: from here on its times are its own, and longer. */
	jig_pass(&g, BACKOFF_FIRST_MS);
	assert_non_null(jig_find(&g, q[1].name));
	jig_silent(&g, q[1].name);
	assert_int_equal(q[1].job.failures, 2);
}

/* One that takes long and fails among others that work sees no outage end. */
static void who_fails_late_among_others_waits_ever_longer(void **state)
{
	(void)state;
	jig_prove(&g, a);
	q[1].owner = sleeps;
	q[1].job.failures = 12;
	ask_n(a, 1, 1);
	jig_tick(&g);
	jig_step(&g, SECOND);
	ask_n(a, 50, 1);
	jig_tick(&g);
	jig_good(&g, q[50].name);
	jig_silent(&g, q[1].name);
	assert_int_equal(q[1].job.failures, 13);
}

/* However many there are: within half a minute after an outage, and within
 * ten seconds after a suspend. */
static void thousands_are_spread_within_bounds(void **state)
{
	enum { THOUSANDS = 4000 };
	struct question *many = text_alloc(THOUSANDS, sizeof(*many));
	int64_t last = 0, at;

	(void)state;
	g.quiet = true;
	jig_prove(&g, a);
	for (int i = 0; i < THOUSANDS; i++) {
		jig_question(&many[i], "m", (uint64_t)i + 100);
		jig_ask(&g, &many[i], a, i);
		job_cancel(&g.t, &many[i].job);
		job_sleep(&g.t, &many[i].job, HOUR);
	}
	a->lanes[END_READ].fail_streak = 2;
	ask_n(a, 50, 1);
	jig_tick(&g);
	jig_good(&g, q[50].name);
	for (int i = 0; i < THOUSANDS; i++) {
		at = timer_at(&many[i].job.timer) - g.now.boot;
		last = at > last ? at : last;
		job_at(&g.t, &many[i].job, g.now.boot, true);
	}
	assert_in_range(last, 25 * SECOND, 30 * SECOND);
	jig_step(&g, HOUR);
	last = 0;
	for (int i = 0; i < THOUSANDS; i++) {
		at = timer_at(&many[i].job.timer) - g.now.boot;
		/* One or the other is due at once. */
		if (timer_is_set(&many[i].job.timer) && at > last)
			last = at;
		job_cancel(&g.t, &many[i].job);
	}
	assert_in_range(last, 9 * SECOND, 10 * SECOND);
	free(many);
}

/* Many who are told the same do not come back in one moment. */
static void a_told_wait_is_spread(void **state)
{
	struct fault f = fault_none();
	int64_t first, delay;
	unsigned others = 0;

	(void)state;
	fault_set(&f, FAULT_THROTTLED, 429, "Too many.");
	f.retry_after_ms = 10 * SECOND;
	first = job_delay(&g.t, &q[0].job, &f, BACKOFF_NO_DEADLINE);
	for (int i = 0; i < 20; i++) {
		delay = job_delay(&g.t, &q[i].job, &f, BACKOFF_NO_DEADLINE);
		assert_in_range(delay, 10 * SECOND, 11 * SECOND);
		others += delay != first;
	}
	assert_true(others > 10);
}

/* A refusal by what lies behind it is an answer: the host is there. */
static void a_refusal_proves_the_host(void **state)
{
	(void)state;
	ask_n(a, 0, 10);
	jig_tick(&g);
	jig_tokens(&g, HOUR);
	assert_int_equal(jig_out(&g), 1);
	jig_fail(&g, "A0", FAULT_MISSING, 404);
	assert_int_equal(jig_out(&g), 9);
}

/* One that is given up was sent: who waits behind it is asked, and not told
 * that the host cannot be reached. */
static void what_is_given_up_is_not_shared(void **state)
{
	(void)state;
	ask_n(a, 0, 2);
	jig_tick(&g);
	jig_tokens(&g, HOUR);
	assert_int_equal(jig_out(&g), 1);
	jig_pass(&g, TRAFFIC_GUARD_MS);
	assert_int_equal(q[0].heard[VALUE_ANSWER], 1);
	assert_true(q[0].reached);
	assert_true(q[0].maybe_done);
	assert_int_equal(q[1].heard[VALUE_ANSWER], 0);
	assert_int_equal(q[1].job.where, JOB_FLIGHT);
}

static void waking_never_makes_anybody_later(void **state)
{
	(void)state;
	jig_prove(&g, a);
	for (int i = 0; i < 40; i++) {
		jig_ask(&g, &q[i], a, i);
		job_sleep(&g.t, &q[i].job, 3);
	}
	a->lanes[END_READ].fail_streak = 2;
	ask_n(a, 50, 1);
	jig_tick(&g);
	jig_good(&g, q[50].name);
	for (int i = 0; i < 40; i++)
		assert_true(timer_at(&q[i].job.timer) <= g.now.boot + 3);
	jig_pass(&g, 3);
	assert_int_equal(jig_heard(&g, VALUE_DUE, NULL), 40);
}

/* Who is timed and not asleep is left alone; a single failure is no outage;
 * another end's outage is none of ours. */
static void who_does_not_sleep_is_left_alone(void **state)
{
	struct end *b = jig_vault(&g, "b");

	(void)state;
	jig_prove(&g, a);
	jig_prove(&g, b);
	jig_ask(&g, &q[0], a, 0);
	job_at(&g.t, &q[0].job, g.now.boot + HOUR, false);
	jig_ask(&g, &q[1], a, 0);
	job_sleep(&g.t, &q[1].job, HOUR);
	jig_ask(&g, &q[2], b, 0);
	job_sleep(&g.t, &q[2].job, HOUR);
	ask_n(a, 5, 1);
	jig_tick(&g);
	jig_silent(&g, q[5].name);
	ask_n(a, 5, 1);
	jig_tick(&g);
	jig_good(&g, q[5].name);
	assert_true(q[1].job.asleep);
	a->lanes[END_READ].fail_streak = 2;
	ask_n(a, 5, 1);
	jig_tick(&g);
	jig_good(&g, q[5].name);
	assert_false(q[1].job.asleep);
	assert_true(q[2].job.asleep);
	assert_int_equal(timer_at(&q[0].job.timer), g.now.boot + HOUR);
	/* One that was never asked has no lane to sleep in. */
	job_sleep(&g.t, &q[9].job, 100);
	assert_false(q[9].job.asleep);
	jig_pass(&g, 100);
	assert_int_equal(q[9].heard[VALUE_DUE], 1);
}

/* ---- still true? ---- */

static void what_is_not_true_does_not_go_out(void **state)
{
	double before;

	(void)state;
	jig_prove(&g, a);
	budget(5, 0.001);
	before = gathered(a, END_READ);
	ask_n(a, 0, 3);
	q[0].untrue = q[2].untrue = true;
	jig_tick(&g);
	assert_string_equal(g.order, "B");
	assert_int_equal(q[0].heard[VALUE_UNTRUE], 1);
	assert_int_equal(q[1].heard[VALUE_UNTRUE], 0);
	assert_int_equal(q[2].heard[VALUE_UNTRUE], 1);
	assert_true(gathered(a, END_READ) > before - 1.1);
	assert_true(gathered(a, END_READ) < before - 0.9);
	assert_int_equal(a->host->running, 1);
	assert_int_equal(q[0].job.failures, 0);
	/* Once, and it rests. */
	jig_pass(&g, MINUTE);
	assert_int_equal(q[0].heard[VALUE_UNTRUE], 1);
}

/* One whose turn came and is not true any more does not keep the budget from
 * who waits for it. */
static void the_next_one_gets_its_budget(void **state)
{
	(void)state;
	jig_prove(&g, a);
	budget(1, 0.5);
	ask_n(a, 0, 4);
	jig_tick(&g);
	assert_string_equal(g.order, "A");
	q[1].untrue = q[2].untrue = true;
	jig_pass(&g, 2100);
	assert_string_equal(g.order, "AD");
	assert_int_equal(q[1].heard[VALUE_UNTRUE], 1);
	assert_int_equal(q[2].heard[VALUE_UNTRUE], 1);
}

/* Its owner looks again, and asks once more. */
static void look_again(struct jig *jig, struct question *x,
		       const struct value *v)
{
	if (v->kind == VALUE_UNTRUE) {
		x->untrue = false;
		job_ask(&jig->t, &x->job, CALL_REGISTRY, a, END_READ);
	} else if (v->kind == VALUE_ANSWER && v->reply->kind == CALL_REGISTRY) {
		job_ask(&jig->t, &x->job, CALL_PATCH, a, END_WRITE);
	}
}

/* What has waited so long that it has to be looked at again is not put behind
 * all others for that, and they are not looked at before it is their turn. */
static void who_looks_again_keeps_its_turn(void **state)
{
	struct traffic_limits l = g.t.limits;

	(void)state;
	jig_prove(&g, a);
	l.write_rate = 0.1;
	l.write_burst = 1;
	job_limits(&g.t, &l);
	for (size_t i = 0; i < 4; i++) {
		q[i].owner = look_again;
		job_ask(&g.t, &q[i].job, CALL_PATCH, a, END_WRITE);
		jig_step(&g, 10);
	}
	jig_tick(&g);
	assert_string_equal(g.order, "A");
	q[1].untrue = q[2].untrue = q[3].untrue = true;
	jig_pass(&g, 10100);
	assert_string_equal(g.order, "AB");
	assert_int_equal(q[1].job.ask, CALL_REGISTRY);
	assert_int_equal(q[2].heard[VALUE_UNTRUE], 0);
	jig_good(&g, "B1");
	jig_tick(&g);
	assert_string_equal(g.order, "ABB");
	assert_int_equal(q[1].job.ask, CALL_PATCH);
	assert_int_equal(q[2].heard[VALUE_UNTRUE], 0);
	/* Whose owner is at something else keeps nobody waiting. */
	jig_pass(&g, 10100);
	assert_string_equal(g.order, "ABBC");
	job_cancel(&g.t, &q[2].job);
	jig_pass(&g, 1100);
	assert_string_equal(g.order, "ABBCD");
	assert_int_equal(q[3].job.ask, CALL_REGISTRY);
	/* Nor does one that does not come to an end. */
	ask_n(a, 4, 1);
	q[5].owner = NULL;
	job_ask(&g.t, &q[5].job, CALL_PATCH, a, END_WRITE);
	jig_pass(&g, 10200);
	assert_int_equal(q[5].job.where, JOB_FLIGHT);
}

static void a_kind_without_the_question_is_always_true(void **state)
{
	struct job_kind plain = *q[0].job.kind;
	struct instant now = g.now;

	(void)state;
	plain.still_true = NULL;
	jig_prove(&g, a);
	q[0].untrue = true;
	q[0].job.kind = &plain;
	ask_n(a, 0, 1);
	job_tick(&g.t, now);
	jig_drain(&g);
	assert_int_equal(jig_out(&g), 1);
	assert_true(job_still(&g.t, g.waiting[0].ticket, now));
	job_cancel(&g.t, &q[0].job);
	q[0].job.kind = q[1].job.kind;
}

static void a_veto_is_no_failure(void **state)
{
	struct waiting *w;
	struct reply r;

	(void)state;
	jig_prove(&g, a);
	jig_step(&g, 100);
	ask_n(a, 0, 2);
	jig_tick(&g);
	w = jig_find(&g, "A0");
	r = jig_reply(&g, w);
	jig_fault(&r, FAULT_TRANSIENT, 0);
	r.reached = false;
	r.vetoed = true;
	jig_put(&g, w, &r);
	assert_int_equal(q[0].heard[VALUE_UNTRUE], 1);
	assert_int_equal(q[0].heard[VALUE_ANSWER], 0);
	assert_int_equal(q[0].job.failures, 0);
	assert_int_equal(a->host->limit, 32);
	assert_int_equal(a->lanes[END_READ].fail_streak, 0);
	/* Nor is it one of a stranger's: nobody shares it. */
	jig_good(&g, "B1");
	jig_pass(&g, TRAFFIC_TRUST_MS + 1);
	ask_n(a, 0, 3);
	jig_tick(&g);
	w = jig_find(&g, "A0");
	r.ticket = w->ticket;
	jig_put(&g, w, &r);
	assert_int_equal(q[0].heard[VALUE_UNTRUE], 2);
	assert_int_equal(q[2].heard[VALUE_ANSWER], 0);
	assert_int_equal(jig_out(&g), 1);
	/* A veto of what nobody waits for is dropped. */
	w = jig_find(&g, "B1");
	q[1].job.ask = CALL_PATCH; /* which is not taken back */
	job_cancel(&g.t, &q[1].job);
	r.ticket = w->ticket;
	jig_put(&g, w, &r);
	assert_int_equal(q[1].heard[VALUE_UNTRUE], 0);
}

static void the_last_gate(void **state)
{
	uint64_t ticket;

	(void)state;
	assert_false(job_still(&g.t, 0, g.now));
	assert_false(job_still(&g.t, UINT64_MAX, g.now));
	assert_false(job_still(&g.t, (1 << 16) | TRAFFIC_FLIGHTS_MAX, g.now));
	jig_prove(&g, a);
	ask_n(a, 0, 2);
	jig_tick(&g);
	ticket = jig_find(&g, "A0")->ticket;
	assert_true(job_still(&g.t, ticket, g.now));
	assert_false(job_still(&g.t, ticket + (1 << 16), g.now));
	assert_false(job_still(&g.t, ticket & 0xffff, g.now));
	q[0].untrue = true;
	assert_false(job_still(&g.t, ticket, g.now));
	q[0].untrue = false;
	assert_true(job_still(&g.t, ticket, g.now));
	job_cancel(&g.t, &q[0].job);
	assert_false(job_still(&g.t, ticket, g.now));
	/* Asked anew: the old question is still not wanted. */
	ask_n(a, 0, 1);
	jig_tick(&g);
	assert_false(job_still(&g.t, ticket, g.now));
	ticket = jig_find(&g, "B1")->ticket;
	jig_good(&g, "B1");
	assert_false(job_still(&g.t, ticket, g.now));
}

/* ---- the guard ---- */

static void every_flight_has_an_end(void **state)
{
	struct waiting lost;
	struct reply r;

	(void)state;
	jig_prove(&g, a);
	jig_step(&g, 1000);
	ask_n(a, 0, 2);
	jig_tick(&g);
	lost = *jig_find(&g, "A0");
	jig_good(&g, "B1");
	assert_int_equal(job_wake(&g.t), g.now.boot + TRAFFIC_GUARD_MS);
	jig_pass(&g, TRAFFIC_GUARD_MS - 1);
	assert_int_equal(q[0].heard[VALUE_ANSWER], 0);
	assert_int_equal(g.cancels, 0);
	jig_pass(&g, 1);
	assert_int_equal(q[0].heard[VALUE_ANSWER], 1);
	assert_int_equal(q[0].fault.kind, FAULT_TRANSIENT);
	/* It may have happened. */
	assert_true(q[0].maybe_done);
	assert_int_equal(g.cancels, 1);
	assert_true(g.cancelled == lost.ticket);
	assert_int_equal(a->host->running, 0);
	assert_false(job_still(&g.t, lost.ticket, g.now));
	/* A late reply finds nobody, also once the place is used again. */
	r = jig_reply(&g, &lost);
	job_landed(&g.t, &r, g.now);
	jig_drain(&g);
	ask_n(a, 0, 1);
	jig_tick(&g);
	assert_int_equal(jig_find(&g, "A0")->ticket & 0xffff,
			 lost.ticket & 0xffff);
	job_landed(&g.t, &r, g.now);
	jig_drain(&g);
	assert_int_equal(q[0].heard[VALUE_ANSWER], 1);
	jig_pass(&g, HOUR);
	assert_int_equal(g.cancels, 2);
	assert_int_equal(q[0].heard[VALUE_ANSWER], 2);
}

static void many_are_given_up_in_one_event(void **state)
{
	(void)state;
	jig_prove(&g, a);
	ask_n(a, 0, 32);
	jig_tick(&g);
	job_cancel(&g.t, &q[3].job);
	jig_step(&g, 10 * MINUTE);
	assert_int_equal(g.cancels, 32);
	for (int i = 0; i < 32; i++)
		assert_int_equal(q[i].heard[VALUE_ANSWER], i == 3 ? 0 : 1);
	assert_int_equal(g.t.in_flight, 0);
}

static void unknown_tickets_are_dropped(void **state)
{
	static const uint64_t tickets[] = { 0,	   1,	  999,	     1000,
					    65535, 65536, UINT64_MAX };
	struct waiting w = { .kind = CALL_KEY };

	(void)state;
	for (size_t i = 0; i < sizeof(tickets) / sizeof(*tickets); i++) {
		struct reply r;

		w.ticket = tickets[i];
		r = jig_reply(&g, &w);
		job_landed(&g.t, &r, g.now);
		jig_drain(&g);
	}
	assert_int_equal(g.n_heard, 0);
}

/* ---- cancel, wherever it is ---- */

static void nothing_of_it_is_left(struct question *x)
{
	job_cancel(&g.t, &x->job);
	assert_int_equal(x->job.where, JOB_REST);
	assert_false(timer_is_set(&x->job.timer));
	assert_false(heap_has(&x->job.wait));
	assert_false(x->job.asleep);
	assert_false(x->job.cleared);
	assert_int_equal(x->job.told, TOLD_ALL);
	job_cancel(&g.t, &x->job); /* twice is once */
	memset(x->heard, 0, sizeof(x->heard));
}

static void unheard(const struct question *x)
{
	for (int i = 0; i < VALUE_NEWS; i++)
		assert_int_equal(x->heard[i], 0);
}

static void cancel_at_rest_timed_and_asleep(void **state)
{
	(void)state;
	nothing_of_it_is_left(&q[0]);
	job_at(&g.t, &q[0].job, g.now.boot + 10, false);
	nothing_of_it_is_left(&q[0]);
	jig_prove(&g, a);
	ask_n(a, 0, 1);
	job_sleep(&g.t, &q[0].job, 10);
	assert_int_equal(a->lanes[END_READ].n_sleepers, 1);
	nothing_of_it_is_left(&q[0]);
	assert_int_equal(a->lanes[END_READ].n_sleepers, 0);
	jig_pass(&g, MINUTE);
	unheard(&q[0]);
	assert_string_equal(g.order, "");
}

static void cancel_at_token_host_and_flight(void **state)
{
	(void)state;
	ask_n(a, 0, 3);
	jig_tick(&g);
	assert_int_equal(q[2].job.where, JOB_TOKEN);
	nothing_of_it_is_left(&q[2]);
	jig_tokens(&g, HOUR);
	assert_int_equal(q[0].job.where, JOB_FLIGHT);
	assert_int_equal(q[1].job.where, JOB_HOST);
	nothing_of_it_is_left(&q[0]);
	nothing_of_it_is_left(&q[1]);
	/* It only read: its transfer is ended, and there is room again. */
	assert_int_equal(a->host->running, 0);
	assert_int_equal(a->host->limit, 1);
	jig_tick(&g);
	assert_int_equal(g.cancels, 1);
	assert_int_equal(g.n_waiting, 0);
	jig_pass(&g, MINUTE);
	for (int i = 0; i < 3; i++)
		unheard(&q[i]);
	assert_string_equal(g.order, "A");
}

/* A write may happen: its flight goes on until it lands; nobody is told. */
static void cancel_a_write_in_flight(void **state)
{
	(void)state;
	jig_prove(&g, a);
	a->host->limit = 1;
	job_ask(&g.t, &q[0].job, CALL_PATCH, a, END_WRITE);
	jig_tick(&g);
	nothing_of_it_is_left(&q[0]);
	assert_int_equal(a->host->running, 1);
	jig_tick(&g);
	assert_int_equal(g.cancels, 0);
	jig_good(&g, "A0");
	assert_int_equal(a->host->running, 0);
	assert_int_equal(a->host->limit, 32);
	unheard(&q[0]);
}

/* Wherever it waits, it goes on at the other end, as if never asked. */
static void another_end_for_what_waits(void **state)
{
	struct end *b = jig_vault(&g, "b");

	(void)state;
	ask_n(a, 0, 3);
	jig_tick(&g);
	assert_int_equal(q[2].job.where, JOB_TOKEN);
	q[2].job.failures = 7;
	assert_true(job_rebind(&g.t, &q[2].job, b));
	assert_int_equal(q[2].job.failures, 0);
	jig_tokens(&g, HOUR);
	assert_non_null(jig_find(&g, "A0"));
	assert_non_null(jig_find(&g, "C2"));
	jig_good(&g, "C2");
	assert_int_equal(q[1].job.where, JOB_HOST);
	assert_true(job_rebind(&g.t, &q[1].job, b));
	assert_true(job_rebind(&g.t, &q[0].job, b));
	jig_tick(&g);
	assert_int_equal(g.cancels, 1);
	assert_int_equal(a->host->running, 0);
	jig_good(&g, "A0");
	jig_good(&g, "B1");
	/* The same end changes nothing, nor does any to one at rest. */
	assert_false(job_rebind(&g.t, &q[0].job, b));
	assert_false(job_rebind(&g.t, &q[0].job, a));
	assert_false(job_rebind(&g.t, &q[3].job, a));
	jig_ask(&g, &q[0], b, 0);
	jig_tick(&g);
	assert_true(job_rebind(&g.t, &q[0].job, b));
	jig_good(&g, "A0");
	assert_int_equal(g.cancels, 1);
	assert_string_equal(g.order, "ACABA");
}

static void another_end_for_what_waits_for_its_budget(void **state)
{
	struct end *b = jig_vault(&g, "b");

	(void)state;
	jig_prove(&g, a);
	budget(1, 1);
	ask_n(a, 0, 2);
	jig_tick(&g);
	assert_int_equal(q[1].job.where, JOB_LANE);
	assert_true(job_rebind(&g.t, &q[1].job, b));
	jig_tick(&g);
	assert_string_equal(g.order, "AB");
	assert_null(heap_min(&a->lanes[END_READ].queue));
}

/* A write under way keeps its flight; what follows its answer does not. */
static void another_end_for_a_write_in_flight(void **state)
{
	struct end *b = jig_vault(&g, "b");

	(void)state;
	jig_prove(&g, a);
	job_ask(&g.t, &q[0].job, CALL_PATCH, a, END_WRITE);
	jig_tick(&g);
	assert_true(job_rebind(&g.t, &q[0].job, b));
	jig_tick(&g);
	assert_int_equal(g.cancels, 0);
	assert_ptr_equal(q[0].job.lane, &b->lanes[END_WRITE]);
	jig_fail(&g, "A0", FAULT_AUTH, 401);
	jig_tokens(&g, HOUR);
	assert_int_equal(b->host->running, 1);
	assert_int_equal(a->host->running, 0);
	jig_good(&g, "A0");
	assert_int_equal(q[0].heard[VALUE_ANSWER], 1);
}

static void cancel_at_the_lane(void **state)
{
	(void)state;
	jig_prove(&g, a);
	budget(1, 1);
	ask_n(a, 0, 4);
	jig_tick(&g);
	assert_int_equal(q[1].job.where, JOB_LANE);
	nothing_of_it_is_left(&q[1]);
	jig_pass(&g, 1100);
	assert_string_equal(g.order, "AC");
	unheard(&q[1]);
}

/* Let go by its lane, waiting for room: the budget is another one's. */
static void cancel_when_cleared(void **state)
{
	(void)state;
	jig_prove(&g, a);
	budget(1, 1);
	ask_n(a, 0, 4);
	jig_tick(&g);
	a->host->limit = 1;
	jig_pass(&g, 1100);
	assert_int_equal(q[1].job.where, JOB_HOST);
	assert_true(q[1].job.cleared);
	assert_int_equal(a->lanes[END_READ].cleared, 1);
	nothing_of_it_is_left(&q[1]);
	assert_int_equal(a->lanes[END_READ].cleared, 0);
	jig_pass(&g, 1100);
	assert_true(q[2].job.cleared);
	jig_good(&g, "A0");
	assert_string_equal(g.order, "AC");
}

static void cancel_third(struct jig *jig, struct question *x,
			 const struct value *v)
{
	(void)x;
	(void)v;
	job_cancel(&jig->t, &q[2].job);
}

/* Its value is about to be handed out. */
static void cancel_what_is_to_be_told(void **state)
{
	(void)state;
	jig_prove(&g, a);
	ask_n(a, 0, 3);
	q[0].untrue = q[1].untrue = q[2].untrue = true;
	q[0].owner = cancel_third;
	jig_tick(&g);
	assert_int_equal(q[0].heard[VALUE_UNTRUE], 1);
	assert_int_equal(q[1].heard[VALUE_UNTRUE], 1);
	unheard(&q[2]);
	/* The same for a fault that is shared, and for no token. */
	q[0].untrue = q[1].untrue = q[2].untrue = false;
	jig_pass(&g, TRAFFIC_TRUST_MS + 1);
	a->host->limit = 1;
	ask_n(a, 0, 3);
	jig_tick(&g);
	jig_unreached(&g, "A0");
	assert_int_equal(q[1].heard[VALUE_ANSWER], 1);
	unheard(&q[2]);
}

static void cancel_what_was_answered(void **state)
{
	struct waiting w;
	struct reply r;

	(void)state;
	jig_prove(&g, a);
	ask_n(a, 0, 1);
	jig_tick(&g);
	w = g.waiting[0];
	g.n_waiting = 0;
	r = jig_reply(&g, &w);
	job_landed(&g.t, &r, g.now);
	nothing_of_it_is_left(&q[0]);
	jig_drain(&g);
	unheard(&q[0]);
}

/* ---- asked again while its value is handled ---- */

static void asked_again_while_its_value_is_handled(void **state)
{
	(void)state;
	jig_prove(&g, a);
	for (int i = 0; i < 4; i++)
		q[i].owner = again_once;
	/* An answer. */
	ask_n(a, 0, 1);
	jig_tick(&g);
	jig_good(&g, "A0");
	assert_string_equal(g.order, "AA");
	jig_good(&g, "A0");
	assert_int_equal(q[0].heard[VALUE_ANSWER], 2);
	/* Its time. */
	q[1].end = a;
	job_at(&g.t, &q[1].job, g.now.boot + 100, false);
	jig_pass(&g, 100);
	assert_string_equal(g.order, "AAB");
	/* Not true when it was to go out, but then it is. */
	q[2].untrue = true;
	ask_n(a, 2, 1);
	job_tick(&g.t, g.now);
	{
		struct value v;

		assert_true(job_next(&g.t, &v));
		assert_int_equal(v.kind, VALUE_UNTRUE);
		q[2].untrue = false;
		jig_ask(&g, &q[2], a, 0);
	}
	jig_drain(&g);
	assert_string_equal(g.order, "AABC");
	/* A guard that gave it up. */
	ask_n(a, 3, 1);
	jig_tick(&g);
	jig_step(&g, TRAFFIC_GUARD_MS);
	assert_int_equal(q[3].heard[VALUE_ANSWER], 1);
	assert_true(q[3].job.where == JOB_FLIGHT || q[3].job.where == JOB_HOST);
}

static void asked_again_while_a_fault_is_shared(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++)
		q[i].owner = again_once;
	ask_n(a, 0, 5);
	jig_tick(&g);
	jig_tokens(&g, HOUR);
	jig_unreached(&g, "A0");
	for (int i = 0; i < 5; i++)
		assert_int_equal(q[i].heard[VALUE_ANSWER], 1);
	assert_int_equal(jig_out(&g), 1);
	jig_good(&g, "A0");
	assert_int_equal(jig_out(&g), 4);
}

/* ---- timers ---- */

static void a_job_is_due_when_it_is_timed(void **state)
{
	(void)state;
	assert_true(job_wake(&g.t) == INT64_MAX);
	job_at(&g.t, &q[0].job, g.now.boot + 500, true);
	job_at(&g.t, &q[1].job, g.now.boot - 500, false);
	job_at(&g.t, &q[2].job, INT64_MAX, false);
	assert_int_equal(job_wake(&g.t), g.now.boot - 500);
	jig_tick(&g);
	assert_int_equal(q[1].heard[VALUE_DUE], 1);
	assert_int_equal(job_wake(&g.t), g.now.boot + 500);
	jig_step(&g, 499);
	assert_int_equal(q[0].heard[VALUE_DUE], 0);
	jig_step(&g, 1);
	assert_int_equal(q[0].heard[VALUE_DUE], 1);
	jig_pass(&g, HOUR);
	assert_int_equal(g.n_heard, 2);
	assert_true(job_wake(&g.t) == INT64_MAX);
}

static void timing_takes_it_out_of_wherever_it_waits(void **state)
{
	(void)state;
	ask_n(a, 0, 3);
	jig_tick(&g);
	job_at(&g.t, &q[2].job, g.now.boot + 10, false);
	jig_tokens(&g, HOUR);
	job_at(&g.t, &q[0].job, g.now.boot + 10, false);
	job_at(&g.t, &q[1].job, g.now.boot + 10, false);
	jig_pass(&g, 10);
	for (int i = 0; i < 3; i++)
		assert_int_equal(q[i].heard[VALUE_DUE], 1);
	assert_int_equal(g.cancels, 1);
	assert_int_equal(q[0].heard[VALUE_ANSWER], 0);
}

static void an_owner_s_timer_is_its_own(void **state)
{
	struct timer timer;

	(void)state;
	timer_init(&timer, TIMER_OWNER, &timer);
	timer_set(&g.t.timers, &timer, g.now.boot + 5);
	assert_int_equal(job_wake(&g.t), g.now.boot + 5);
	jig_pass(&g, 5);
	assert_int_equal(g.n_heard, 1);
	assert_int_equal(g.heard[0].kind, VALUE_TIMER);
	assert_ptr_equal(g.heard[0].timer, &timer);
	assert_null(g.heard[0].q);
}

static void after_a_stall_routine_is_spread_once(void **state)
{
	int64_t late = TRAFFIC_STALL_MS, at;
	unsigned moments = 0;

	(void)state;
	for (int i = 0; i < 40; i++)
		job_at(&g.t, &q[i].job, g.now.boot + i % 2, i >= 20);
	jig_step(&g, late + 1);
	/* The urgent ones at once. */
	for (int i = 0; i < 40; i++)
		assert_int_equal(q[i].heard[VALUE_DUE], i < 20);
	for (int i = 20; i < 40; i++) {
		at = timer_at(&q[i].job.timer) - g.now.boot;
		assert_in_range(at, 0, 10 * SECOND);
		moments += at != timer_at(&q[20].job.timer) - g.now.boot;
	}
	assert_true(moments > 10);
	/* Once: also when the machine sleeps again. */
	jig_step(&g, HOUR);
	for (int i = 20; i < 40; i++)
		assert_int_equal(q[i].heard[VALUE_DUE], 1);
}

static void a_little_late_is_no_stall(void **state)
{
	(void)state;
	job_at(&g.t, &q[0].job, g.now.boot, true);
	jig_step(&g, TRAFFIC_STALL_MS - 1);
	assert_int_equal(q[0].heard[VALUE_DUE], 1);
	/* A next stall spreads it again. */
	for (int turn = 0; turn < 2; turn++) {
		for (int i = 0; i < 30; i++)
			job_at(&g.t, &q[i].job, g.now.boot, true);
		g.n_heard = 0;
		jig_step(&g, TRAFFIC_STALL_MS);
		assert_int_equal(g.n_heard, 0);
		jig_pass(&g, 10 * SECOND);
		assert_int_equal(g.n_heard, 30);
	}
}

static void runs_again_at_once(struct jig *jig, struct question *x,
			       const struct value *v)
{
	(void)v;
	job_at(&jig->t, &x->job, jig->now.boot - 1, false);
}

/* A mistake that keeps setting timers in the past is load, not a hang. */
static void one_event_has_a_bound(void **state)
{
	(void)state;
	q[0].owner = q[1].owner = runs_again_at_once;
	job_at(&g.t, &q[0].job, g.now.boot, false);
	job_at(&g.t, &q[1].job, g.now.boot, false);
	g.quiet = true;
	jig_tick(&g);
	assert_in_range(q[0].heard[VALUE_DUE] + q[1].heard[VALUE_DUE], 1000,
			1100);
	/* The rest is for the next one, which is due now. */
	assert_true(job_wake(&g.t) <= g.now.boot);
	jig_tick(&g);
	assert_in_range(q[0].heard[VALUE_DUE] + q[1].heard[VALUE_DUE], 2000,
			2200);
}

/* But as many as there are may ring in one. */
static void all_that_are_due_ring(void **state)
{
	static struct timer timers[3000];

	(void)state;
	for (int i = 0; i < 3000; i++) {
		timer_init(&timers[i], TIMER_OWNER, NULL);
		timer_set(&g.t.timers, &timers[i], g.now.boot + i % 7);
	}
	jig_step(&g, 10);
	assert_int_equal(jig_heard(&g, VALUE_TIMER, NULL), 3000);
}

/* ---- waits and chance ---- */

static void waits_go_by_the_kind_of_fault(void **state)
{
	struct fault f = fault_none();

	(void)state;
	fault_set(&f, FAULT_TRANSIENT, 503, "Busy.");
	assert_in_range(job_delay(&g.t, &q[0].job, &f, BACKOFF_NO_DEADLINE),
			BACKOFF_FLOOR_MS, BACKOFF_FIRST_MS);
	for (int i = 0; i < 30; i++)
		assert_in_range(
			job_delay(&g.t, &q[0].job, &f, BACKOFF_NO_DEADLINE),
			BACKOFF_FLOOR_MS, BACKOFF_CAP_BEFORE_MS);
	assert_int_equal(q[0].job.failures, 31);
	/* A tenth of what is left, on Azure's clock. */
	assert_true(job_delay(&g.t, &q[0].job, &f,
			      job_azure(&g.t) + 20 * SECOND) <= 2000);
	for (enum fault_kind k = FAULT_AUTH; k <= FAULT_MISSING; k++) {
		f.kind = k;
		assert_in_range(
			job_delay(&g.t, &q[1].job, &f, BACKOFF_NO_DEADLINE),
			2 * MINUTE, 4 * MINUTE);
	}
	f.kind = FAULT_REFUSED;
	assert_true(job_delay(&g.t, &q[1].job, &f, BACKOFF_NO_DEADLINE) >=
		    2 * MINUTE);
	/* What the server tells is never undercut ... */
	f.kind = FAULT_TRANSIENT;
	f.retry_after_ms = 90000;
	assert_in_range(job_delay(&g.t, &q[2].job, &f, BACKOFF_NO_DEADLINE),
			90000, 91000);
	/* ... and makes nothing faster. */
	f.kind = FAULT_DENIED;
	f.retry_after_ms = 1000;
	assert_true(job_delay(&g.t, &q[2].job, &f, BACKOFF_NO_DEADLINE) >=
		    2 * MINUTE);
	f.kind = FAULT_THROTTLED;
	for (int told = 0, slow = 0; told <= 1000; told += 1000, slow = 0) {
		f.retry_after_ms = told;
		for (int i = 0; i < 100; i++) {
			q[2].job.failures = 20;
			slow += job_delay(&g.t, &q[2].job, &f,
					  BACKOFF_NO_DEADLINE) > 10 * SECOND;
		}
		assert_in_range(slow, 60, 100); /* of 0..60 s */
	}
}

static void azure_s_clock_is_learnt_from_answers(void **state)
{
	struct waiting *w;
	struct reply r;

	(void)state;
	jig_prove(&g, a);
	assert_int_equal(job_azure(&g.t), g.now.wall);
	ask_n(a, 0, 1);
	jig_tick(&g);
	w = jig_find(&g, "A0");
	r = jig_reply(&g, w);
	r.date_ms = g.now.wall + HOUR - 500;
	jig_put(&g, w, &r);
	assert_int_equal(job_azure(&g.t), g.now.wall + HOUR);
}

/* The order in which two draw changes neither's numbers. */
static void each_job_has_its_own_chance(void **state)
{
	int64_t x[2][20];
	struct fault f = fault_none();
	unsigned same = 0;

	(void)state;
	fault_set(&f, FAULT_TRANSIENT, 503, "Busy.");
	for (int turn = 0; turn < 2; turn++) {
		jig_question(&q[0], "A0", 7);
		jig_question(&q[1], "B1", 8);
		for (int i = 0; i < 10; i++) {
			int first = turn ? 1 : 0;

			/* B draws a second time in between, or not at all. */
			if (turn)
				x[turn][10 + i] = job_random(
					&g.t, &q[first].job, 1000000);
			x[turn][i] = i % 2 ? job_random(&g.t, &q[0].job, 100000)
					   : job_delay(&g.t, &q[0].job, &f,
						       BACKOFF_NO_DEADLINE);
			if (!turn)
				x[turn][10 + i] =
					job_random(&g.t, &q[1].job, 1000000);
		}
	}
	assert_memory_equal(x[0], x[1], sizeof(x[0]));
	/* The numbers of two jobs are not the same ones. */
	jig_question(&q[0], "A0", 7);
	jig_question(&q[1], "B1", 8);
	for (int i = 0; i < 100; i++)
		same += job_random(&g.t, &q[0].job, 1000000) ==
			job_random(&g.t, &q[1].job, 1000000);
	assert_true(same < 3);
	/* Another seed, other numbers. */
	g.t.seed++;
	jig_question(&q[0], "A0", 7);
	jig_question(&q[1], "A0", 7);
	x[0][0] = job_random(&g.t, &q[0].job, INT64_MAX);
	g.t.seed--;
	assert_true(x[0][0] != job_random(&g.t, &q[1].job, INT64_MAX));
	assert_int_equal(job_random(&g.t, &q[0].job, 1), 0);
	assert_int_equal(job_random(&g.t, &q[0].job, 0), 0);
}

/* One host, one question at a time; a minute for each answer. */
static void one_at_a_time(void)
{
	g.limits.max_requests = 4;
	end_limits(&g.t, &g.limits);
	jig_prove(&g, a);
}

/* So many in a row are answered, after a minute each. */
static void answer_n(int n, bool well)
{
	for (int i = 0; i < n; i++) {
		jig_step(&g, MINUTE);
		assert_int_equal(g.n_waiting, 1);
		if (well)
			jig_good(&g, g.waiting[0].name);
		else
			jig_silent(&g, g.waiting[0].name);
	}
}

/* Ten that are overdue and fail, again and again, leave room for one whose
 * deadline is far: what is passed by is passed by for an hour at most, and as
 * long as there are others. */
static void failing_ones_starve_nobody(void **state)
{
	(void)state;
	one_at_a_time();
	for (int i = 0; i < 10; i++) {
		q[i].owner = again;
		jig_ask(&g, &q[i], a, -2 * HOUR);
	}
	jig_tick(&g);
	jig_ask(&g, &q[20], a, 100 * HOUR / SECOND);
	answer_n(50, false);
	assert_int_equal(q[20].heard[VALUE_ANSWER], 0);
	answer_n(21, false);
	assert_int_equal(q[20].heard[VALUE_ANSWER], 1);
	/* Each of them had its turn as often as the next. */
	for (int i = 0; i < 10; i++) {
		assert_in_range(q[i].heard[VALUE_ANSWER], 6, 8);
		q[i].owner = NULL;
	}
}

/* Nor do those that never fail leave one waiting that did, however often. */
static void good_ones_do_not_starve_what_failed(void **state)
{
	(void)state;
	one_at_a_time();
	for (int i = 0; i < 10; i++) {
		q[i].owner = again;
		jig_ask(&g, &q[i], a, HOUR / SECOND);
		/* As the daemon's owners do: so long from when it is asked. */
	}
	jig_tick(&g);
	q[20].job.failures = 1000;
	jig_ask(&g, &q[20], a, HOUR / SECOND);
	answer_n(10, true);
	assert_int_equal(q[20].heard[VALUE_ANSWER], 0);
	answer_n(10, true);
	assert_int_equal(q[20].heard[VALUE_ANSWER], 1);
	for (int i = 0; i < 10; i++)
		q[i].owner = NULL;
}

/* One failure more or less is nothing against a deadline that is near. */
static void what_failed_and_is_urgent_goes_before_routine(void **state)
{
	(void)state;
	one_at_a_time();
	jig_ask(&g, &q[0], a, 0);
	jig_tick(&g);
	for (int i = 1; i < 10; i++)
		jig_ask(&g, &q[i], a, HOUR / SECOND);
	q[20].job.failures = 3;
	jig_ask(&g, &q[20], a, 20 * MINUTE / SECOND);
	answer_n(3, true);
	assert_string_equal(g.order, "AUBC");
}

/* A step of Azure's clock changes nothing about who waits longest. */
static void a_step_of_the_clock_leaves_who_waits_in_order(void **state)
{
	struct waiting *w;
	struct reply r;

	(void)state;
	one_at_a_time();
	ask_n(a, 0, 3);
	jig_tick(&g);
	w = jig_find(&g, "A0");
	r = jig_reply(&g, w);
	r.date_ms = g.now.wall - 20 * HOUR;
	jig_put(&g, w, &r);
	assert_true(job_azure(&g.t) < g.now.wall - 19 * HOUR);
	q[3].job.urgency = job_azure(&g.t) + 10 * SECOND;
	q[3].end = a;
	jig_again(&g, &q[3]);
	answer_n(3, true);
	assert_string_equal(g.order, "ABCD");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh, over)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_question_until_one_was_answered),
		TEST(connections_are_fewer_than_streams),
		TEST(a_host_has_a_quarter_of_all_flights),
		TEST(all_flights_have_a_bound),
		TEST(a_host_that_hangs_holds_one_flight),
		TEST(many_hosts_that_hang_leave_half),
		TEST(a_transient_failure_takes_it_back_to_one),
		TEST(one_failure_among_answers_changes_nothing),
		TEST(a_while_without_a_transfer),
		TEST(who_waits_for_an_unreachable_host_shares_its_fault),
		TEST(they_come_again_when_it_is_reached),
		TEST(silence_after_sending_is_not_shared),
		TEST(a_known_host_s_fault_is_not_shared),
		TEST(a_host_that_was_forgotten_shares_its_fault),
		TEST(a_cancelled_question_s_fault_is_shared),
		TEST(nearest_deadline_first_at_the_host),
		TEST(what_failed_goes_last_at_the_host),
		TEST(nearest_deadline_first_under_a_tight_budget),
		TEST(who_waits_for_the_budget_is_not_passed_by),
		TEST(what_failed_goes_last_under_a_tight_budget),
		TEST(a_budget_is_kept),
		TEST(reads_and_writes_have_their_own),
		TEST(waiting_for_room_is_not_paid_for),
		TEST(a_429_closes_the_lane_for_all),
		TEST(a_told_wait_is_kept),
		TEST(what_remains_at_the_server_is_heeded),
		TEST(a_larger_budget_counts_at_once),
		TEST(what_fails_among_good_ones_keeps_its_own_pace),
		TEST(sleepers_wake_after_an_outage),
		TEST(who_fails_late_is_tried_with_those_that_slept),
		TEST(who_fails_late_among_others_waits_ever_longer),
		TEST(thousands_are_spread_within_bounds),
		TEST(a_told_wait_is_spread),
		TEST(a_refusal_proves_the_host),
		TEST(what_is_given_up_is_not_shared),
		TEST(waking_never_makes_anybody_later),
		TEST(who_does_not_sleep_is_left_alone),
		TEST(what_is_not_true_does_not_go_out),
		TEST(the_next_one_gets_its_budget),
		TEST(who_looks_again_keeps_its_turn),
		TEST(a_kind_without_the_question_is_always_true),
		TEST(a_veto_is_no_failure),
		TEST(the_last_gate),
		TEST(every_flight_has_an_end),
		TEST(many_are_given_up_in_one_event),
		TEST(unknown_tickets_are_dropped),
		TEST(cancel_at_rest_timed_and_asleep),
		TEST(cancel_at_token_host_and_flight),
		TEST(cancel_a_write_in_flight),
		TEST(another_end_for_what_waits),
		TEST(another_end_for_what_waits_for_its_budget),
		TEST(another_end_for_a_write_in_flight),
		TEST(cancel_at_the_lane),
		TEST(cancel_when_cleared),
		TEST(cancel_what_is_to_be_told),
		TEST(cancel_what_was_answered),
		TEST(asked_again_while_its_value_is_handled),
		TEST(asked_again_while_a_fault_is_shared),
		TEST(a_job_is_due_when_it_is_timed),
		TEST(timing_takes_it_out_of_wherever_it_waits),
		TEST(an_owner_s_timer_is_its_own),
		TEST(after_a_stall_routine_is_spread_once),
		TEST(a_little_late_is_no_stall),
		TEST(one_event_has_a_bound),
		TEST(all_that_are_due_ring),
		TEST(waits_go_by_the_kind_of_fault),
		TEST(azure_s_clock_is_learnt_from_answers),
		TEST(each_job_has_its_own_chance),
		TEST(failing_ones_starve_nobody),
		TEST(good_ones_do_not_starve_what_failed),
		TEST(what_failed_and_is_urgent_goes_before_routine),
		TEST(a_step_of_the_clock_leaves_who_waits_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
