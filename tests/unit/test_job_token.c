/* traffic/job: tokens, who waits for them, and another cloud. */
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
#include "base/text.h"
#include "traffic_help.h"

#define MANY 40
#define VAULTS "https://vault.azure.net"
#define ARM "https://management.azure.com"
#define NAMED "https://named.example"

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

/* The token that is waited for comes, lives so long and may be renewed after
 * so long (-1: it does not say). */
static void token_comes(const char *audience, int64_t life, int64_t refresh_in)
{
	struct waiting *w = jig_find(&g, audience);
	struct reply r;

	assert_non_null(w);
	r = jig_reply(&g, w);
	r.token.lifetime_ms = life;
	r.token.refresh_in_ms = refresh_in;
	jig_put(&g, w, &r);
}

/* The same, as if it had failed in this way. */
static void token_fails(const char *audience, enum fault_kind kind, int code,
			int64_t told)
{
	struct waiting *w = jig_find(&g, audience);
	struct reply r;

	assert_non_null(w);
	r = jig_reply(&g, w);
	jig_fault(&r, kind, code);
	r.fault.retry_after_ms = told;
	jig_put(&g, w, &r);
}

static void answer_all(void)
{
	while (jig_out(&g) > 0)
		for (size_t i = 0; i < g.n_waiting; i++)
			if (g.waiting[i].kind != CALL_TOKEN) {
				jig_good(&g, g.waiting[i].name);
				break;
			}
}

/* A question is asked and answered; true when it went out at once, without a
 * token being asked for first. */
static bool served(struct question *x, struct end *end)
{
	jig_ask(&g, x, end, 0);
	jig_tick(&g);
	if (!jig_find(&g, x->name))
		return false;
	jig_good(&g, x->name);
	return true;
}

/* ---- one for many ---- */

static void one_question_for_many_waiters(void **state)
{
	struct end *b = jig_vault(&g, "b");

	(void)state;
	ask_n(a, 0, 20);
	ask_n(b, 20, 20);
	jig_tick(&g);
	assert_int_equal(g.n_waiting, 1);
	assert_string_equal(g.waiting[0].audience, VAULTS);
	assert_ptr_equal(g.waiting[0].credential, g.credential);
	assert_int_equal(g.waiting[0].token, a->token->slot);
	token_comes(VAULTS, HOUR, -1);
	assert_int_equal(g.sent[CALL_TOKEN], 1);
	assert_int_equal(jig_out(&g), 2);
	answer_all();
	assert_int_equal(g.sent[CALL_KEY], 40);
	assert_int_equal(g.sent[CALL_TOKEN], 1);
}

static void who_joins_late_asks_no_second_time(void **state)
{
	(void)state;
	ask_n(a, 0, 1);
	jig_tick(&g);
	ask_n(a, 1, 1);
	jig_tick(&g);
	job_cancel(&g.t, &q[0].job);
	ask_n(a, 2, 1);
	jig_tick(&g);
	assert_int_equal(g.sent[CALL_TOKEN], 1);
	token_comes(VAULTS, HOUR, -1);
	answer_all();
	assert_string_equal(g.order, "BC");
}

/* Their host is one like any other: a stranger gets one question. */
static void tokens_pass_their_host(void **state)
{
	(void)state;
	ask_n(a, 0, 1);
	ask_n(jig_subscription(&g), 1, 1);
	jig_tick(&g);
	assert_int_equal(g.n_waiting, 1);
	token_comes(VAULTS, HOUR, -1);
	assert_non_null(jig_find(&g, ARM));
	token_comes(ARM, HOUR, -1);
	assert_int_equal(jig_out(&g), 2);
}

/* ---- its life ---- */

static void it_is_renewed_early_and_serves_on(void **state)
{
	(void)state;
	ask_n(a, 0, 1);
	jig_tick(&g);
	token_comes(VAULTS, HOUR, -1);
	answer_all();
	/* Five minutes before its end; nobody waits for that. */
	jig_pass(&g, 55 * MINUTE - 1);
	assert_true(served(&q[1], a));
	assert_int_equal(g.sent[CALL_TOKEN], 1);
	jig_pass(&g, 1);
	assert_true(served(&q[2], a));
	assert_int_equal(g.sent[CALL_TOKEN], 2);
	assert_true(served(&q[3], a));
	assert_int_equal(g.sent[CALL_TOKEN], 2);
	token_comes(VAULTS, HOUR, -1);
	jig_pass(&g, 50 * MINUTE);
	assert_true(served(&q[4], a));
	assert_int_equal(g.sent[CALL_TOKEN], 2);
}

static void a_long_life_is_renewed_at_its_half(void **state)
{
	(void)state;
	ask_n(a, 0, 1);
	jig_tick(&g);
	token_comes(VAULTS, 24 * HOUR, -1);
	assert_int_equal(a->token->refresh, g.now.boot + 12 * HOUR);
	/* Counted from before the question, less a little. */
	assert_int_equal(a->token->expires, g.now.boot + 24 * HOUR - 10000);
	a->token->ready = false;
	ask_n(a, 1, 1);
	jig_tick(&g);
	jig_step(&g, 3000);
	/* Told by the server. */
	token_comes(VAULTS, 24 * HOUR, 2 * HOUR);
	assert_int_equal(a->token->refresh, g.now.boot - 3000 + 2 * HOUR);
	assert_int_equal(a->token->expires,
			 g.now.boot - 3000 + 24 * HOUR - 10000);
	/* Nonsense is not heeded. */
	a->token->ready = false;
	ask_n(a, 2, 1);
	jig_tick(&g);
	token_comes(VAULTS, HOUR, 2 * HOUR);
	assert_int_equal(a->token->refresh, g.now.boot + 55 * MINUTE);
	/* A short one at its half. */
	a->token->ready = false;
	ask_n(a, 3, 1);
	jig_tick(&g);
	token_comes(VAULTS, 4 * MINUTE, -1);
	assert_int_equal(a->token->refresh, g.now.boot + 2 * MINUTE);
	/* Never sooner than in half a minute. */
	a->token->ready = false;
	ask_n(a, 4, 1);
	jig_tick(&g);
	token_comes(VAULTS, 4 * MINUTE, 0);
	assert_int_equal(a->token->refresh, g.now.boot + 30 * SECOND);
	a->token->ready = false;
	ask_n(a, 5, 1);
	jig_tick(&g);
	token_comes(VAULTS, 20 * SECOND, -1);
	assert_int_equal(a->token->expires, g.now.boot + 18 * SECOND);
}

static void the_old_one_serves_until_its_end(void **state)
{
	(void)state;
	ask_n(a, 0, 1);
	jig_tick(&g);
	token_comes(VAULTS, HOUR, -1);
	answer_all();
	jig_pass(&g, 55 * MINUTE);
	assert_true(served(&q[1], a));
	/* Its renewal fails: told once, and tried again in half a minute. */
	token_fails(VAULTS, FAULT_TRANSIENT, 500, -1);
	assert_int_equal(g.news, 1);
	assert_int_equal(q[1].heard[VALUE_NO_TOKEN], 0);
	jig_pass(&g, 29 * SECOND);
	assert_true(served(&q[1], a));
	assert_int_equal(g.sent[CALL_TOKEN], 2);
	jig_pass(&g, SECOND);
	assert_true(served(&q[1], a));
	assert_int_equal(g.sent[CALL_TOKEN], 3);
	token_fails(VAULTS, FAULT_TRANSIENT, 500, -1);
	assert_int_equal(g.news, 1);
	jig_pass(&g, 4 * MINUTE + 19 * SECOND);
	assert_true(served(&q[1], a));
	token_fails(VAULTS, FAULT_TRANSIENT, 500, -1);
	/* Ten seconds before its end it is over. */
	jig_pass(&g, SECOND);
	assert_false(served(&q[2], a));
	assert_int_equal(q[2].job.where, JOB_TOKEN);
	token_comes(VAULTS, HOUR, -1);
	assert_non_null(jig_find(&g, "C2"));
}

/* One that is over when it comes helps nobody: it is a fault, and the next
 * one is not asked for at once, and again, and again. */
static void one_that_is_over_when_it_comes(void **state)
{
	(void)state;
	ask_n(a, 0, 1);
	jig_tick(&g);
	jig_step(&g, 3000);
	token_comes(VAULTS, 2000, -1);
	assert_int_equal(jig_out(&g), 0);
	assert_int_equal(g.n_waiting, 0);
	assert_int_equal(q[0].heard[VALUE_NO_TOKEN], 1);
	assert_int_equal(q[0].fault.kind, FAULT_INVALID);
	assert_int_equal(g.news, 1);
	assert_true(job_wake(&g.t) >= g.now.boot + BACKOFF_FLOOR_MS);
	jig_pass(&g, MINUTE);
	assert_int_equal(g.sent[CALL_TOKEN], 2);
	token_comes(VAULTS, HOUR, -1);
	/* It comes a minute late, but it lives. */
	assert_int_equal(jig_out(&g), 1);
}

/* ---- 401 ---- */

static void a_401_renews_once(void **state)
{
	(void)state;
	jig_prove(&g, a);
	ask_n(a, 0, 1);
	jig_tick(&g);
	jig_fail(&g, "A0", FAULT_AUTH, 401);
	assert_int_equal(q[0].heard[VALUE_ANSWER], 0);
	assert_int_equal(g.sent[CALL_TOKEN], 1);
	token_comes(VAULTS, HOUR, -1);
	assert_string_equal(g.order, "AA");
	/* The second one in a row is its answer. */
	jig_fail(&g, "A0", FAULT_AUTH, 401);
	assert_int_equal(q[0].heard[VALUE_ANSWER], 1);
	assert_int_equal(q[0].fault.kind, FAULT_AUTH);
	assert_int_equal(g.n_waiting, 0);
	/* Nor has another question a try of its own: this token is as new as
	 * one can be. */
	ask_n(a, 1, 1);
	jig_tick(&g);
	jig_fail(&g, "B1", FAULT_AUTH, 401);
	assert_int_equal(q[1].heard[VALUE_ANSWER], 1);
	assert_int_equal(q[1].fault.kind, FAULT_AUTH);
	assert_int_equal(g.sent[CALL_TOKEN], 1);
	/* A while later it has. */
	jig_pass(&g, MINUTE);
	ask_n(a, 0, 1);
	jig_tick(&g);
	jig_fail(&g, "A0", FAULT_AUTH, 401);
	token_comes(VAULTS, HOUR, -1);
	jig_good(&g, "A0");
	assert_int_equal(q[0].heard[VALUE_ANSWER], 2);
	assert_int_equal(g.sent[CALL_TOKEN], 2);
}

/* As the owners in the daemon do. */
static void asks_again(struct jig *jig, struct question *x,
		       const struct value *v)
{
	if (v->kind == VALUE_DUE)
		jig_again(jig, x);
	else if (v->kind == VALUE_ANSWER && v->reply->fault.kind != FAULT_NONE)
		job_sleep(&jig->t, &x->job,
			  job_delay(&jig->t, &x->job, &v->reply->fault,
				    BACKOFF_NO_DEADLINE));
}

/* A vault that answers 401 to whatever it is asked costs a token a minute at
 * most, however many ask; the others are not held up by that. */
static void a_vault_of_401_costs_few_tokens(void **state)
{
	unsigned asked = 0;

	(void)state;
	g.quiet = true;
	for (int i = 0; i < MANY; i++)
		q[i].owner = asks_again;
	ask_n(a, 0, MANY);
	jig_tick(&g);
	for (int i = 0; i < 600; i++) {
		while (g.n_waiting > 0) {
			struct waiting *w = &g.waiting[0];
			struct reply r = jig_reply(&g, w);

			if (w->kind != CALL_TOKEN) {
				jig_fault(&r, FAULT_AUTH, 401);
				asked++;
			}
			jig_put(&g, w, &r);
		}
		if (i == 0)
			assert_int_equal(g.sent[CALL_TOKEN], 2);
		jig_step(&g, SECOND);
	}
	assert_true(asked > 3 * MANY);
	assert_in_range(g.sent[CALL_TOKEN], 3, 11);
	for (int i = 0; i < MANY; i++)
		q[i].owner = NULL;
}

/* A new file may have mended it. */
static void a_reload_renews_at_once(void **state)
{
	(void)state;
	jig_prove(&g, a);
	ask_n(a, 0, 1);
	jig_tick(&g);
	jig_fail(&g, "A0", FAULT_AUTH, 401);
	token_comes(VAULTS, HOUR, -1);
	jig_fail(&g, "A0", FAULT_AUTH, 401);
	assert_int_equal(q[0].heard[VALUE_ANSWER], 1);
	job_retry_tokens(&g.t);
	ask_n(a, 0, 1);
	jig_tick(&g);
	jig_fail(&g, "A0", FAULT_AUTH, 401);
	token_comes(VAULTS, HOUR, -1);
	jig_good(&g, "A0");
	assert_int_equal(q[0].heard[VALUE_ANSWER], 2);
}

/* Thirty questions under way with the same token: one new one is enough. */
static void many_401_are_one_new_token(void **state)
{
	(void)state;
	jig_prove(&g, a);
	ask_n(a, 0, 30);
	jig_tick(&g);
	for (int i = 0; i < 15; i++)
		jig_fail(&g, q[i].name, FAULT_AUTH, 401);
	assert_int_equal(g.sent[CALL_TOKEN], 1);
	token_comes(VAULTS, HOUR, -1);
	/* Those that were sent with the old one do not spoil the new one. */
	for (int i = 15; i < 30; i++)
		jig_fail(&g, q[i].name, FAULT_AUTH, 401);
	assert_int_equal(g.sent[CALL_TOKEN], 1);
	answer_all();
	for (int i = 0; i < 30; i++) {
		assert_int_equal(q[i].heard[VALUE_ANSWER], 1);
		assert_int_equal(q[i].fault.kind, FAULT_NONE);
	}
}

/* A question that was given up while it was renewed for leaves nothing to
 * the next one. */
static void another_question_renews_anew(void **state)
{
	(void)state;
	jig_prove(&g, a);
	ask_n(a, 0, 1);
	jig_tick(&g);
	jig_fail(&g, "A0", FAULT_AUTH, 401);
	job_cancel(&g.t, &q[0].job);
	token_comes(VAULTS, HOUR, -1);
	jig_pass(&g, 10 * MINUTE);
	ask_n(a, 0, 1);
	jig_tick(&g);
	jig_fail(&g, "A0", FAULT_AUTH, 401);
	assert_int_equal(q[0].heard[VALUE_ANSWER], 0);
	token_comes(VAULTS, HOUR, -1);
	jig_good(&g, "A0");
	assert_int_equal(q[0].heard[VALUE_ANSWER], 1);
}

static void a_token_s_own_401_is_its_fault(void **state)
{
	(void)state;
	ask_n(a, 0, 1);
	jig_tick(&g);
	token_fails(VAULTS, FAULT_AUTH, 401, -1);
	assert_int_equal(g.sent[CALL_TOKEN], 1);
	assert_int_equal(q[0].heard[VALUE_NO_TOKEN], 1);
	assert_int_equal(q[0].fault.kind, FAULT_AUTH);
}

/* ---- a vault's challenge ---- */

static void challenge(const char *name, const char *audience)
{
	struct waiting *w = jig_find(&g, name);
	struct reply r;

	assert_non_null(w);
	r = jig_reply(&g, w);
	jig_fault(&r, FAULT_AUTH, 401);
	text_copy(r.challenge_audience, sizeof(r.challenge_audience), audience);
	jig_put(&g, w, &r);
}

static void a_challenge_names_the_audience(void **state)
{
	struct end *b = jig_vault(&g, "b");

	(void)state;
	jig_prove(&g, a);
	jig_prove(&g, b);
	ask_n(a, 0, 4);
	ask_n(b, 10, 2);
	jig_tick(&g);
	/* One waits for a new token of the old audience already; so do two of
	 * another vault, which stay. */
	jig_fail(&g, "B1", FAULT_AUTH, 401);
	jig_fail(&g, "K10", FAULT_AUTH, 401);
	jig_fail(&g, "L11", FAULT_AUTH, 401);
	assert_int_equal(g.sent[CALL_TOKEN], 1);
	challenge("A0", NAMED);
	assert_string_equal(a->audience, NAMED);
	assert_string_equal(b->audience, VAULTS);
	assert_ptr_equal(q[0].job.token, a->token);
	assert_ptr_equal(q[1].job.token, a->token);
	assert_ptr_equal(q[10].job.token, b->token);
	assert_non_null(jig_find(&g, NAMED));
	token_comes(NAMED, HOUR, -1);
	assert_string_equal(g.order, "ABCDKLAB");
	/* Sent with the old one: the new one is at hand. */
	challenge("C2", NAMED);
	jig_fail(&g, "D3", FAULT_AUTH, 401);
	assert_string_equal(g.order, "ABCDKLABCD");
	token_comes(VAULTS, HOUR, -1);
	answer_all();
	for (int i = 0; i < 4; i++)
		assert_int_equal(q[i].fault.kind, FAULT_NONE);
	assert_int_equal(q[10].heard[VALUE_ANSWER], 1);
	assert_int_equal(q[11].heard[VALUE_ANSWER], 1);
	/* It stays known. */
	assert_true(served(&q[5], a));
	assert_int_equal(g.sent[CALL_TOKEN], 2);
}

static void a_challenge_that_names_the_same(void **state)
{
	(void)state;
	jig_prove(&g, a);
	ask_n(a, 0, 2);
	jig_tick(&g);
	jig_fail(&g, "B1", FAULT_AUTH, 401);
	challenge("A0", VAULTS);
	assert_int_equal(g.sent[CALL_TOKEN], 1);
	token_comes(VAULTS, HOUR, -1);
	answer_all();
	assert_int_equal(q[0].fault.kind, FAULT_NONE);
	assert_int_equal(q[1].fault.kind, FAULT_NONE);
}

/* Nothing to be had for what one odd answer named: the configured audience
 * serves on, and the question goes out with its token. */
static void no_token_for_what_a_challenge_names(void **state)
{
	(void)state;
	jig_prove(&g, a);
	ask_n(a, 0, 3);
	jig_tick(&g);
	challenge("A0", NAMED);
	jig_fail(&g, "B1", FAULT_AUTH, 401);
	assert_string_equal(a->audience, NAMED);
	token_fails(NAMED, FAULT_DENIED, 400, -1);
	assert_string_equal(a->audience, VAULTS);
	token_comes(VAULTS, HOUR, -1);
	answer_all();
	assert_string_equal(g.order, "ABCAB");
	for (int i = 0; i < 3; i++) {
		assert_int_equal(q[i].fault.kind, FAULT_NONE);
		assert_int_equal(q[i].heard[VALUE_NO_TOKEN], 0);
	}
	/* The same answer again, when a token may be thrown away again: the one
	 * that it names was refused a moment ago. */
	jig_pass(&g, 61 * SECOND);
	ask_n(a, 3, 1);
	jig_tick(&g);
	challenge("D3", NAMED);
	assert_null(jig_find(&g, NAMED));
	assert_string_equal(a->audience, VAULTS);
	token_comes(VAULTS, HOUR, -1);
	jig_good(&g, "D3");
	/* Much later a person may have seen to it. */
	jig_pass(&g, HOUR / 2);
	ask_n(a, 4, 1);
	jig_tick(&g);
	challenge("E4", NAMED);
	token_comes(NAMED, HOUR, -1);
	jig_good(&g, "E4");
	assert_string_equal(a->audience, NAMED);
}

/* A login host in trouble says nothing of the audience. */
static void a_token_that_is_late_is_waited_for(void **state)
{
	(void)state;
	jig_prove(&g, a);
	ask_n(a, 0, 1);
	jig_tick(&g);
	challenge("A0", NAMED);
	token_fails(NAMED, FAULT_TRANSIENT, 503, -1);
	assert_string_equal(a->audience, NAMED);
	jig_pass(&g, 5 * MINUTE);
	token_comes(NAMED, HOUR, -1);
	jig_good(&g, "A0");
	assert_int_equal(q[0].fault.kind, FAULT_NONE);
}

/* There is a token for what was named, and the vault does not take it. */
static void a_challenge_names_what_serves_nothing(void **state)
{
	(void)state;
	jig_prove(&g, a);
	ask_n(a, 0, 2);
	jig_tick(&g);
	challenge("A0", NAMED);
	token_comes(NAMED, HOUR, -1);
	jig_fail(&g, "B1", FAULT_AUTH, 401);
	a->token->ready = false; /* its time is over: one waits for the next */
	ask_n(a, 2, 1);
	jig_tick(&g);
	assert_ptr_equal(q[2].job.token, a->token);
	jig_fail(&g, "A0", FAULT_AUTH, 401);
	assert_int_equal(q[0].fault.kind, FAULT_AUTH);
	assert_string_equal(a->audience, VAULTS);
	assert_ptr_equal(q[2].job.token, a->token);
	ask_n(a, 0, 1);
	jig_tick(&g);
	token_comes(VAULTS, HOUR, -1);
	jig_good(&g, "A0");
	assert_int_equal(q[0].fault.kind, FAULT_NONE);
}

/* Resource Manager has one audience, whatever an answer says. */
static void only_a_vault_names_one(void **state)
{
	struct end *s = jig_subscription(&g);

	(void)state;
	jig_prove(&g, s);
	ask_n(s, 0, 1);
	jig_tick(&g);
	challenge("A0", NAMED);
	assert_string_equal(s->audience, ARM);
	assert_null(jig_find(&g, NAMED));
	token_comes(ARM, HOUR, -1);
	jig_good(&g, "A0");
	assert_int_equal(q[0].fault.kind, FAULT_NONE);
}

/* ---- no token ---- */

/* All of its credential wait for it: the end of the trouble is seen within
 * seconds, and when it has lasted for long within half a minute; but a server
 * that names a time means it, and one that throttles is given more and more of
 * it. */
/* The short wait that a host names (the metadata service's second after a 5xx)
 * is a least one: it makes none of ours longer. */
static void a_host_that_comes_back_is_soon_heard(void **state)
{
	(void)state;
	ask_n(a, 0, 1);
	jig_tick(&g);
	for (int i = 0; i < 60; i++) {
		int64_t from = g.now.boot;

		token_fails(VAULTS, FAULT_TRANSIENT, 503, i % 2 ? SECOND : -1);
		while (!jig_find(&g, VAULTS))
			jig_step(&g, job_wake(&g.t) - g.now.boot);
		assert_true(g.now.boot - from <= (i < 14 ? 8 : 30) * SECOND);
		assert_true(g.now.boot - from >= BACKOFF_FLOOR_MS);
	}
	assert_true(g.now.boot - JIG_BOOT > 2 * MINUTE);
	/* One that is longer than ours holds, and no longer than it says. */
	for (int i = 0; i < 20; i++) {
		token_fails(VAULTS, FAULT_TRANSIENT, 503, 31 * SECOND);
		jig_pass(&g, 31 * SECOND - 1);
		assert_null(jig_find(&g, VAULTS));
		jig_pass(&g, 2 * SECOND);
		assert_non_null(jig_find(&g, VAULTS));
	}
	token_fails(VAULTS, FAULT_TRANSIENT, 503, 100 * SECOND);
	jig_pass(&g, 100 * SECOND - 1);
	assert_null(jig_find(&g, VAULTS));
	jig_pass(&g, 2 * SECOND);
	token_comes(VAULTS, HOUR, -1);
	jig_good(&g, "A0");
}

static void its_failure_is_told_to_who_waits(void **state)
{
	(void)state;
	ask_n(a, 0, 3);
	jig_tick(&g);
	token_fails(VAULTS, FAULT_TRANSIENT, 503, -1);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(q[i].heard[VALUE_NO_TOKEN], 1);
		assert_int_equal(q[i].fault.kind, FAULT_TRANSIENT);
		assert_int_equal(q[i].job.where, JOB_TOKEN);
	}
	assert_int_equal(g.news, 1);
	/* News first, then those whom it concerns. */
	assert_int_equal(g.heard[0].kind, VALUE_NEWS);
	assert_string_equal(g.heard[0].fault.text, "The call failed with 503.");
	/* The same kind of trouble is no news. */
	jig_pass(&g, 2 * SECOND);
	token_fails(VAULTS, FAULT_TRANSIENT, 502, -1);
	assert_int_equal(g.news, 1);
	assert_int_equal(q[0].heard[VALUE_NO_TOKEN], 2);
	/* Another kind is. */
	jig_pass(&g, 3 * SECOND);
	token_fails(VAULTS, FAULT_DENIED, 403, -1);
	assert_int_equal(g.news, 2);
	/* A person has to act: slowly. */
	jig_pass(&g, 2 * MINUTE - SECOND);
	assert_int_equal(g.n_waiting, 0);
	jig_pass(&g, 2 * MINUTE + 2 * SECOND);
	token_comes(VAULTS, HOUR, -1);
	answer_all();
	for (int i = 0; i < 3; i++)
		assert_int_equal(q[i].heard[VALUE_ANSWER], 1);
	/* After a good one, the same trouble is news again. */
	a->token->ready = false;
	ask_n(a, 0, 1);
	jig_tick(&g);
	token_fails(VAULTS, FAULT_DENIED, 403, -1);
	assert_int_equal(g.news, 3);
}

/* The same, by a service that will be there again within 70 seconds. */
static void token_heals(int code, int64_t told)
{
	struct waiting *w = jig_find(&g, VAULTS);
	struct reply r;

	assert_non_null(w);
	r = jig_reply(&g, w);
	jig_fault(&r, FAULT_TRANSIENT, code);
	r.fault.heals_ms = 70 * SECOND;
	r.fault.retry_after_ms = told;
	jig_put(&g, w, &r);
}

static void wait_for_try(void)
{
	while (!jig_find(&g, VAULTS))
		jig_step(&g, job_wake(&g.t) - g.now.boot);
}

/* What heals by itself is held against nobody until it should have, counted
 * from its first word; then all of it is at once.  It is asked as often as
 * for any trouble. */
static void what_heals_by_itself_counts_when_that_is_over(void **state)
{
	int64_t until = g.now.boot + 70 * SECOND, from;
	unsigned asked = 0;

	(void)state;
	ask_n(a, 0, 1);
	jig_tick(&g);
	while (g.now.boot < until) {
		from = g.now.boot;
		if (asked % 3)
			token_heals(asked % 2 ? 404 : 410, -1);
		else if (asked == 0)
			token_heals(410, -1);
		else
			token_fails(VAULTS, FAULT_TRANSIENT, 500, -1);
		asked++;
		assert_int_equal(q[0].heard[VALUE_NO_TOKEN], asked);
		assert_int_equal(q[0].job.failures, 0);
		assert_int_equal(q[0].job.where, JOB_TOKEN);
		if (asked % 3 != 1 || asked == 1)
			assert_non_null(strstr(
				q[0].fault.text,
				" That may last until 2026-03-01T12:01:10Z; it is asked again until then."));
		else
			assert_null(strstr(q[0].fault.text, "until"));
		assert_int_equal(g.news, 1);
		wait_for_try();
		assert_in_range(g.now.boot - from, BACKOFF_FLOOR_MS,
				(asked < 15 ? 8 : 30) * SECOND);
	}
	assert_in_range(asked, 8, 40);
	token_heals(410, -1);
	assert_int_equal(q[0].job.failures, asked + 1);
	assert_int_equal(q[0].heard[VALUE_NO_TOKEN], asked + 1);
	assert_non_null(strstr(
		q[0].fault.text,
		" It says so since 2026-03-01T12:00:00Z, for longer than that should last."));
	/* That is news, and it begins no second time. */
	assert_int_equal(g.news, 2);
	wait_for_try();
	token_heals(404, -1);
	assert_int_equal(q[0].job.failures, asked + 2);
	assert_int_equal(g.news, 2);
	/* A token ends it: what comes after that is another one. */
	wait_for_try();
	token_comes(VAULTS, HOUR, -1);
	jig_good(&g, "A0");
	a->token->ready = false;
	ask_n(a, 0, 1);
	jig_tick(&g);
	token_heals(410, -1);
	assert_int_equal(q[0].job.failures, 0);
	/* And so does what nobody but a person mends. */
	wait_for_try();
	token_fails(VAULTS, FAULT_DENIED, 400, -1);
	assert_int_equal(q[0].job.failures, 2);
}

/* While the old one serves, nobody waits. */
static void a_renewal_that_heals_by_itself(void **state)
{
	(void)state;
	ask_n(a, 0, 1);
	jig_tick(&g);
	token_comes(VAULTS, HOUR, -1);
	answer_all();
	jig_pass(&g, 55 * MINUTE);
	assert_true(served(&q[1], a));
	token_heals(410, -1);
	assert_int_equal(g.news, 1);
	assert_non_null(strstr(g.heard[g.n_heard - 1].fault.text,
			       "until 2026-03-01T12:56:10Z"));
	assert_int_equal(q[1].heard[VALUE_NO_TOKEN], 0);
	jig_pass(&g, 30 * SECOND);
	assert_true(served(&q[1], a));
	token_comes(VAULTS, HOUR, -1);
	/* The next one is a time of its own. */
	assert_int_equal(a->token->heals_at, -1);
}

/* There is no room for more: what was said is said whole. */
static void no_room_for_when_it_heals(void **state)
{
	struct waiting *w;
	struct reply r;

	(void)state;
	ask_n(a, 0, 1);
	jig_tick(&g);
	w = jig_find(&g, VAULTS);
	assert_non_null(w);
	r = jig_reply(&g, w);
	jig_fault(&r, FAULT_TRANSIENT, 410);
	memset(r.fault.text, 'x', sizeof(r.fault.text) - 20);
	r.fault.text[sizeof(r.fault.text) - 20] = '\0';
	r.fault.heals_ms = 70 * SECOND;
	jig_put(&g, w, &r);
	assert_int_equal(strlen(q[0].fault.text), sizeof(r.fault.text) - 20);
	assert_int_equal(q[0].job.failures, 0);
}

static void next_try(void)
{
	for (int i = 0; i < 100 && !jig_find(&g, VAULTS); i++)
		jig_pass(&g, 10 * SECOND);
}

/* Who has heard the same five times hears of something else. */
static void another_reason_is_told(void **state)
{
	unsigned heard;

	(void)state;
	ask_n(a, 0, 1);
	jig_tick(&g);
	for (int i = 0; i < 8; i++) {
		token_fails(VAULTS, FAULT_DENIED, 401, -1);
		next_try();
	}
	heard = q[0].heard[VALUE_NO_TOKEN];
	assert_in_range(heard, 2, 6);
	token_fails(VAULTS, FAULT_DENIED, 400, -1);
	assert_int_equal(q[0].heard[VALUE_NO_TOKEN], heard + 1);
	assert_string_equal(q[0].fault.text, "The call failed with 400.");
	assert_int_equal(g.news, 1);
	next_try();
	token_fails(VAULTS, FAULT_DENIED, 400, -1);
	assert_int_equal(q[0].heard[VALUE_NO_TOKEN], heard + 1);
}

/* While it is refused, whoever comes waits along: nobody asks sooner. */
static void who_joins_a_back_off_asks_nothing(void **state)
{
	(void)state;
	ask_n(a, 0, 1);
	jig_tick(&g);
	token_fails(VAULTS, FAULT_DENIED, 403, -1);
	for (int i = 1; i < 10; i++) {
		ask_n(a, i, 1);
		jig_step(&g, 10 * SECOND);
	}
	assert_int_equal(g.sent[CALL_TOKEN], 1);
	assert_int_equal(g.n_waiting, 0);
	jig_pass(&g, 3 * MINUTE);
	assert_true(g.sent[CALL_TOKEN] > 1);
}

static void who_is_cancelled_hears_nothing(void **state)
{
	(void)state;
	ask_n(a, 0, 2);
	jig_tick(&g);
	job_cancel(&g.t, &q[0].job);
	token_fails(VAULTS, FAULT_TRANSIENT, 503, -1);
	assert_int_equal(q[0].heard[VALUE_NO_TOKEN], 0);
	assert_int_equal(q[1].heard[VALUE_NO_TOKEN], 1);
	/* Nobody waits for it: it is asked for again when somebody does. */
	job_cancel(&g.t, &q[1].job);
	jig_pass(&g, 2 * SECOND);
	assert_int_equal(g.n_waiting, 0);
	ask_n(a, 2, 1);
	jig_tick(&g);
	token_comes(VAULTS, HOUR, -1);
	answer_all();
	assert_true(served(&q[2], a));
}

static void gives_up(struct jig *jig, struct question *x, const struct value *v)
{
	(void)jig;
	assert_int_equal(v->kind, VALUE_NO_TOKEN);
	job_cancel(&g.t, &x->job);
	job_cancel(&g.t, &q[1].job);
}

/* Cancelled, and another one with it, while it is told. */
static void an_owner_may_give_up_when_it_is_told(void **state)
{
	(void)state;
	q[0].owner = gives_up;
	ask_n(a, 0, 3);
	jig_tick(&g);
	token_fails(VAULTS, FAULT_DENIED, 403, -1);
	assert_int_equal(q[0].heard[VALUE_NO_TOKEN], 1);
	assert_int_equal(q[1].heard[VALUE_NO_TOKEN], 0);
	assert_int_equal(q[2].heard[VALUE_NO_TOKEN], 1);
	q[0].owner = NULL;
	jig_pass(&g, 5 * MINUTE);
	token_comes(VAULTS, HOUR, -1);
	answer_all();
	assert_string_equal(g.order, "C");
}

static void what_the_authority_tells_is_kept(void **state)
{
	(void)state;
	ask_n(a, 0, 1);
	jig_tick(&g);
	token_fails(VAULTS, FAULT_THROTTLED, 429, 40000);
	jig_pass(&g, 39999);
	assert_int_equal(g.n_waiting, 0);
	/* Not even a new file makes it come sooner than told. */
	job_retry_tokens(&g.t);
	jig_tick(&g);
	assert_int_equal(g.n_waiting, 0);
	jig_pass(&g, 1001);
	assert_int_equal(g.n_waiting, 1);
}

/* Also one that is asked for early, while the old one serves. */
static void a_told_wait_holds_for_a_renewal(void **state)
{
	(void)state;
	ask_n(a, 0, 1);
	jig_tick(&g);
	token_comes(VAULTS, HOUR, -1);
	answer_all();
	jig_pass(&g, 55 * MINUTE);
	assert_true(served(&q[0], a));
	token_fails(VAULTS, FAULT_THROTTLED, 429, 2 * MINUTE);
	jig_pass(&g, MINUTE);
	assert_true(served(&q[0], a));
	assert_int_equal(g.n_waiting, 0);
	/* Then with the next question that finds it old. */
	jig_pass(&g, MINUTE);
	assert_int_equal(g.n_waiting, 0);
	assert_true(served(&q[0], a));
	assert_int_equal(g.n_waiting, 1);
	token_comes(VAULTS, HOUR, -1);
}

static void a_new_file_asks_again_at_once(void **state)
{
	(void)state;
	ask_n(a, 0, 1);
	jig_tick(&g);
	token_fails(VAULTS, FAULT_DENIED, 403, -1);
	jig_pass(&g, SECOND);
	assert_int_equal(g.n_waiting, 0);
	job_retry_tokens(&g.t);
	jig_tick(&g);
	assert_int_equal(g.n_waiting, 1);
	/* One that nobody asked for stays so. */
	job_retry_tokens(&g.t);
	jig_tick(&g);
	assert_int_equal(g.n_waiting, 1);
}

/* The authority cannot be reached: those who wait there share the fault. */
static void an_unreachable_authority_is_shared(void **state)
{
	struct end *s = jig_subscription(&g);
	struct end *hsm =
		end_vault(&g.t, "h.managedhsm.azure.net", g.credential);

	(void)state;
	ask_n(a, 0, 2);
	ask_n(s, 2, 2);
	ask_n(hsm, 4, 2);
	jig_tick(&g);
	assert_int_equal(g.n_waiting, 1);
	jig_unreached(&g, VAULTS);
	for (int i = 0; i < 6; i++) {
		assert_int_equal(q[i].heard[VALUE_NO_TOKEN], 1);
		assert_int_equal(q[i].fault.kind, FAULT_TRANSIENT);
	}
	/* Three tokens, three pieces of news. */
	assert_int_equal(g.news, 3);
	assert_int_equal(g.n_waiting, 0);
	for (int i = 0; i < 200 && (g.n_waiting > 0 || i < 20); i++) {
		if (g.n_waiting > 0)
			jig_good(&g, g.waiting[0].name);
		jig_pass(&g, 100);
	}
	for (int i = 0; i < 6; i++)
		assert_int_equal(q[i].heard[VALUE_ANSWER], 1);
}

/* Two authorities that both are silent are two pieces of news. */
static void news_of_one_moment_are_all_told(void **state)
{
	struct credential secret = { .name = text_dup("secret"),
				     .kind = CREDENTIAL_CLIENT_SECRET,
				     .tenant = text_dup("contoso.example"),
				     .client_id = text_dup("id") };
	struct end *b = end_vault(&g.t, "b.vault.azure.net",
				  end_credential(&g.t, &secret));

	(void)state;
	credential_free(&secret);
	ask_n(a, 0, 1);
	ask_n(b, 1, 1);
	jig_tick(&g);
	assert_int_equal(g.n_waiting, 2);
	jig_step(&g, TRAFFIC_GUARD_MS);
	assert_int_equal(g.cancels, 2);
	assert_int_equal(q[0].heard[VALUE_NO_TOKEN], 1);
	assert_int_equal(q[1].heard[VALUE_NO_TOKEN], 1);
	assert_int_equal(g.news, 2);
}

/* ---- no room for a token ---- */

static void fill_the_table(void)
{
	char audience[40];

	while (g.t.n_tokens < TRAFFIC_TOKENS_MAX) {
		snprintf(audience, sizeof(audience), "https://%zu.example",
			 g.t.n_tokens);
		assert_non_null(end_token(&g.t, g.credential, audience));
	}
}

static void no_room_is_a_fault(void **state)
{
	struct end *s;

	(void)state;
	fill_the_table();
	s = jig_subscription(&g);
	ask_n(s, 0, 2);
	jig_tick(&g);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(q[i].heard[VALUE_NO_TOKEN], 1);
		assert_int_equal(q[i].fault.kind, FAULT_LOCAL);
		assert_non_null(strstr(q[i].fault.text, "1024 at most"));
		assert_int_equal(q[i].job.where, JOB_REST);
	}
	assert_int_equal(g.n_waiting, 0);
	/* Its time comes again; who has a token is served meanwhile. */
	jig_pass(&g, BACKOFF_CAP_BEFORE_MS - 1);
	assert_int_equal(q[0].heard[VALUE_DUE], 0);
	jig_pass(&g, 1);
	assert_int_equal(q[0].heard[VALUE_DUE], 1);
	ask_n(a, 5, 1);
	jig_tick(&g);
	token_comes(VAULTS, HOUR, -1);
	jig_good(&g, "F5");
	/* One that is cancelled is told nothing. */
	ask_n(s, 0, 1);
	job_cancel(&g.t, &q[0].job);
	jig_pass(&g, HOUR);
	assert_int_equal(q[0].heard[VALUE_NO_TOKEN], 1);
}

/* A challenge names an audience for whose token there is no room.  Wherever
 * another question of that vault waits then: it never goes out with another
 * one's token. */
static void no_room_for_what_a_challenge_names(void **state)
{
	(void)state;
	fill_the_table();
	jig_prove(&g, a);
	ask_n(a, 0, 33); /* 32 fly, one waits for room */
	jig_tick(&g);
	g.limits.vault_burst = g.limits.vault_rate = 1;
	end_limits(&g.t, &g.limits);
	ask_n(a, 33, 2);
	jig_tick(&g);
	job_cancel(&g.t, &q[34].job);
	/* One waits for the new token. */
	jig_fail(&g, "B1", FAULT_AUTH, 401);
	assert_int_equal(q[1].job.where, JOB_TOKEN);
	challenge("A0", NAMED);
	/* It has its answer, and the others their fault. */
	assert_int_equal(q[0].heard[VALUE_ANSWER], 1);
	assert_int_equal(q[0].fault.kind, FAULT_AUTH);
	assert_int_equal(q[1].heard[VALUE_NO_TOKEN], 1);
	assert_int_equal(q[1].fault.kind, FAULT_LOCAL);
	if (jig_find(&g, VAULTS))
		token_comes(VAULTS, HOUR, -1);
	for (int i = 2; i < 32; i++)
		jig_good(&g, q[i].name);
	jig_pass(&g, 10 * SECOND);
	assert_int_equal(q[32].heard[VALUE_NO_TOKEN], 1);
	assert_int_equal(q[33].heard[VALUE_NO_TOKEN], 1);
	assert_int_equal(g.n_waiting, 0);
	assert_null(strchr(g.order + 32, 'H')); /* the 33rd */
	/* Asked again: the same. */
	ask_n(a, 1, 1);
	jig_tick(&g);
	assert_int_equal(q[1].heard[VALUE_NO_TOKEN], 2);
}

/* ---- another cloud ---- */

static struct cloud china;

static void to_china(void)
{
	assert_true(cloud_profile(&china, "china"));
	end_cloud(&g.t, &china, true);
	job_reroute(&g.t);
	job_retry_tokens(&g.t);
	jig_tick(&g);
}

static void and_back(void)
{
	end_cloud(&g.t, &g.cloud, true);
	job_reroute(&g.t);
	cloud_free(&china);
}

static void whatever_waits_starts_anew(void **state)
{
	struct end *s = jig_subscription(&g), *hsm;

	(void)state;
	jig_prove(&g, s);
	hsm = end_vault(&g.t, "h.managedhsm.azure.net", g.credential);
	g.limits.read_rate = g.limits.read_burst = 1;
	end_limits(&g.t, &g.limits);
	ask_n(s, 0, 3); /* one flies, two wait for the budget */
	s->host->limit = 1;
	ask_n(hsm, 3, 2); /* these for a token */
	ask_n(jig_subscription(&g), 5, 1);
	job_at(&g.t, &q[6].job, g.now.boot + HOUR, false);
	jig_tick(&g);
	assert_string_equal(g.order, "A");
	assert_non_null(jig_find(&g, "https://managedhsm.azure.net"));
	to_china();
	assert_int_equal(
		g.forgets,
		g.t.n_tokens -
			1); /* that of the new Resource Manager came after */
	assert_int_equal(a->lanes[END_READ].cleared, 0);
	assert_int_equal(s->lanes[END_READ].cleared, 0);
	for (int i = 1; i < 6; i++)
		assert_int_equal(q[i].job.where, JOB_TOKEN);
	/* What flew lands, what is timed stays timed. */
	assert_int_equal(q[0].job.where, JOB_FLIGHT);
	jig_good(&g, "A0");
	assert_int_equal(q[0].heard[VALUE_ANSWER], 1);
	assert_int_equal(timer_at(&q[6].job.timer), g.now.boot + HOUR);
	jig_tokens(&g, HOUR);
	for (int i = 0; i < 10; i++) {
		answer_all();
		jig_tokens(&g, HOUR);
		jig_pass(&g, 1000);
	}
	for (int i = 0; i < 6; i++)
		assert_int_equal(q[i].heard[VALUE_ANSWER], 1);
	and_back();
}

/* What waited for room at Resource Manager waits at the new one's. */
static void who_waits_for_room_moves(void **state)
{
	struct end *s = jig_subscription(&g);

	(void)state;
	jig_prove(&g, s);
	jig_pass(&g, TRAFFIC_TRUST_MS + 1);
	ask_n(s, 0, 10);
	jig_tick(&g);
	assert_int_equal(jig_out(&g), 1);
	assert_int_equal(q[9].job.where, JOB_HOST);
	to_china();
	jig_tokens(&g, HOUR);
	assert_string_equal(s->host->origin,
			    "https://management.chinacloudapi.cn");
	/* A stranger gets one, whatever runs at the old one. */
	assert_int_equal(jig_out(&g), 2);
	jig_good(&g, "B1");
	assert_int_equal(jig_out(&g), 9);
	/* What is cancelled leaves the right host. */
	job_cancel(&g.t, &q[0].job);
	job_cancel(&g.t, &q[9].job);
	jig_tick(&g);
	assert_int_equal(g.cancels, 2);
	answer_all();
	assert_int_equal(q[9].heard[VALUE_ANSWER], 0);
	assert_int_equal(q[8].heard[VALUE_ANSWER], 1);
	and_back();
}

/* A token that the old authority still sends is none of the new cloud's. */
static void no_token_of_before_is_good(void **state)
{
	struct waiting old;
	struct reply r;

	(void)state;
	ask_n(a, 0, 2);
	jig_tick(&g);
	old = *jig_find(&g, VAULTS);
	/* Another authority, but the vaults are the same. */
	china = g.cloud;
	china.imds_endpoint = text_dup("http://127.0.0.1:40342");
	end_cloud(&g.t, &china, true);
	job_reroute(&g.t);
	jig_tick(&g);
	/* The old question is taken back: its answer, late, would fill the
	 * place of the new one. */
	assert_int_equal(g.cancels, 1);
	assert_true(g.cancelled == old.ticket);
	assert_int_equal(g.sent[CALL_TOKEN], 2);
	r = jig_reply(&g, &old);
	job_landed(&g.t, &r, g.now);
	jig_drain(&g);
	assert_int_equal(jig_out(&g), 0);
	assert_false(a->token->ready);
	token_comes(VAULTS, HOUR, -1);
	answer_all();
	assert_int_equal(q[0].heard[VALUE_ANSWER], 1);
	assert_int_equal(q[1].heard[VALUE_ANSWER], 1);
	end_cloud(&g.t, &g.cloud, true);
	job_reroute(&g.t);
	jig_tick(&g);
	free(china.imds_endpoint);
}

/* Also one that was to be renewed early while nobody waited for it. */
static void a_renewal_of_before_is_taken_back(void **state)
{
	(void)state;
	ask_n(a, 0, 1);
	jig_tick(&g);
	token_comes(VAULTS, HOUR, -1);
	answer_all();
	jig_pass(&g, 55 * MINUTE);
	assert_true(served(&q[0], a));
	assert_non_null(jig_find(&g, VAULTS));
	to_china();
	assert_int_equal(g.cancels, 1);
	assert_int_equal(g.n_waiting, 0);
	assert_int_equal(g.t.in_flight, 0);
	assert_int_equal(g.t.tokens[0]->host->running, 0);
	and_back();
}

/* What the old authority told is nothing to the new one. */
static void a_wait_that_the_old_authority_told_is_over(void **state)
{
	(void)state;
	ask_n(a, 0, 1);
	jig_tick(&g);
	token_fails(VAULTS, FAULT_THROTTLED, 429, 5 * MINUTE);
	china = g.cloud;
	china.imds_endpoint = text_dup("http://127.0.0.1:40342");
	end_cloud(&g.t, &china, true);
	job_reroute(&g.t);
	jig_tick(&g);
	assert_int_equal(g.n_waiting, 1);
	token_comes(VAULTS, HOUR, -1);
	answer_all();
	assert_int_equal(q[0].heard[VALUE_ANSWER], 1);
	end_cloud(&g.t, &g.cloud, true);
	job_reroute(&g.t);
	jig_tick(&g);
	free(china.imds_endpoint);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh, over)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_question_for_many_waiters),
		TEST(who_joins_late_asks_no_second_time),
		TEST(tokens_pass_their_host),
		TEST(it_is_renewed_early_and_serves_on),
		TEST(a_long_life_is_renewed_at_its_half),
		TEST(the_old_one_serves_until_its_end),
		TEST(one_that_is_over_when_it_comes),
		TEST(a_401_renews_once),
		TEST(a_vault_of_401_costs_few_tokens),
		TEST(a_reload_renews_at_once),
		TEST(many_401_are_one_new_token),
		TEST(another_question_renews_anew),
		TEST(a_token_s_own_401_is_its_fault),
		TEST(a_challenge_names_the_audience),
		TEST(a_challenge_that_names_the_same),
		TEST(no_token_for_what_a_challenge_names),
		TEST(a_token_that_is_late_is_waited_for),
		TEST(a_challenge_names_what_serves_nothing),
		TEST(only_a_vault_names_one),
		TEST(its_failure_is_told_to_who_waits),
		TEST(what_heals_by_itself_counts_when_that_is_over),
		TEST(a_renewal_that_heals_by_itself),
		TEST(no_room_for_when_it_heals),
		TEST(another_reason_is_told),
		TEST(a_host_that_comes_back_is_soon_heard),
		TEST(who_joins_a_back_off_asks_nothing),
		TEST(who_is_cancelled_hears_nothing),
		TEST(an_owner_may_give_up_when_it_is_told),
		TEST(what_the_authority_tells_is_kept),
		TEST(a_told_wait_holds_for_a_renewal),
		TEST(a_new_file_asks_again_at_once),
		TEST(an_unreachable_authority_is_shared),
		TEST(news_of_one_moment_are_all_told),
		TEST(no_room_is_a_fault),
		TEST(no_room_for_what_a_challenge_names),
		TEST(whatever_waits_starts_anew),
		TEST(who_waits_for_room_moves),
		TEST(no_token_of_before_is_good),
		TEST(a_renewal_of_before_is_taken_back),
		TEST(a_wait_that_the_old_authority_told_is_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
