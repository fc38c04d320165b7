/* A rig to drive traffic by hand, in virtual time. */
#include "traffic_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "azure/cloud.h"
#include "azure/credential.h"
#include "base/text.h"

#define STEPS_MAX 200000 /* of one jig_pass: more is a traffic that spins */
#define TOKEN_NAME "token"

/* ---- questions ---- */

static void fill(const void *world, const struct job *j, struct call *c)
{
	const struct question *q = j->owner;

	assert_non_null(world);
	assert_int_equal(c->kind, j->ask);
	assert_true(c->ticket != 0);
	assert_non_null(c->credential);
	assert_true(c->audience[0] != '\0');
	c->registry = q->name;
}

static bool still_true(const void *world, const struct job *j,
		       struct instant now)
{
	const struct question *q = j->owner;

	assert_non_null(world);
	assert_true(now.boot > 0);
	return !q->untrue;
}

static const struct job_kind kind = { fill, still_true };

void jig_question(struct question *q, const char *name, uint64_t id)
{
	*q = (struct question){ .untrue = false };
	text_copy(q->name, sizeof(q->name), name);
	q->fault = fault_none();
	job_init(&q->job, &kind, q, id);
}

/* ---- life ---- */

void jig_start(struct jig *g, uint64_t seed)
{
	memset(g, 0, sizeof(*g));
	g->now = (struct instant){ JIG_BOOT, JIG_WALL };
	assert_true(cloud_profile(&g->cloud, "public"));
	g->plain = (struct credential){ .name = text_dup("default"),
					.kind = CREDENTIAL_MANAGED_IDENTITY };
	g->limits = (struct traffic_limits){
		.vault_rate = 1e5,
		.vault_burst = 1e5,
		.read_rate = 1e5,
		.read_burst = 1e5,
		.write_rate = 1e5,
		.write_burst = 1e5,
		.max_requests = 200,
	};
	job_traffic_init(&g->t, g, seed, g->now);
	end_limits(&g->t, &g->limits);
	end_cloud(&g->t, &g->cloud, false);
	g->credential = end_credential(&g->t, &g->plain);
}

void jig_stop(struct jig *g)
{
	job_traffic_free(&g->t);
	cloud_free(&g->cloud);
	credential_free(&g->plain);
}

struct end *jig_vault(struct jig *g, const char *name)
{
	char host[64];

	snprintf(host, sizeof(host), "%s.vault.azure.net", name);
	return end_vault(&g->t, host, g->credential);
}

struct end *jig_subscription(struct jig *g)
{
	return end_subscription(&g->t, "11111111-2222-3333-4444-555555555555",
				g->credential);
}

void jig_ask(struct jig *g, struct question *q, struct end *end,
	     int64_t urgency)
{
	q->job.urgency = JIG_WALL + urgency * SECOND;
	q->end = end;
	jig_again(g, q);
}

void jig_again(struct jig *g, struct question *q)
{
	q->asks++;
	job_ask(&g->t, &q->job, CALL_KEY, q->end, END_READ);
}

/* ---- values and errands ---- */

static void hear(struct jig *g, const struct value *v)
{
	struct question *q = v->job ? v->job->owner : NULL;

	if (v->kind == VALUE_NEWS)
		g->news++;
	if (q) {
		/* Whatever is handed out is at rest, or goes on waiting. */
		assert_true(v->job->kind == &kind);
		assert_true(v->job->where == JOB_REST ||
			    v->kind == VALUE_NO_TOKEN);
		assert_true(v->job->told == TOLD_ALL);
		q->heard[v->kind]++;
	}
	if (q && v->fault)
		q->fault = *v->fault;
	if (v->kind == VALUE_ANSWER) {
		q->fault = v->reply->fault;
		q->reached = v->reply->reached;
		q->maybe_done = v->reply->maybe_done;
	}
	if (!g->quiet) {
		assert_true(g->n_heard < JIG_HEARD_MAX);
		g->heard[g->n_heard++] = (struct heard){
			.kind = v->kind,
			.q = q,
			.timer = v->timer,
			.fault = v->fault   ? *v->fault
				 : v->reply ? v->reply->fault
					    : fault_none(),
			.boot = g->now.boot,
		};
	}
	if (q && q->owner)
		q->owner(g, q, v);
}

static void keep_call(struct jig *g, const struct call *c)
{
	struct waiting *w = &g->waiting[g->n_waiting++];
	size_t n = strlen(g->order);

	assert_true(g->n_waiting < JIG_WAITING_MAX);
	*w = (struct waiting){ .ticket = c->ticket,
			       .kind = c->kind,
			       .token = c->token,
			       .credential = c->credential,
			       .bare = c->bare,
			       .sent = g->now.boot };
	text_copy(w->audience, sizeof(w->audience), c->audience);
	text_copy(w->claims, sizeof(w->claims), c->claims ? c->claims : "");
	text_copy(w->name, sizeof(w->name),
		  c->kind == CALL_TOKEN ? TOKEN_NAME : c->registry);
	g->sent[c->kind]++;
	if (c->kind == CALL_TOKEN || n + 1 == sizeof(g->order))
		return;
	g->order[n] = w->name[0];
	g->order[n + 1] = '\0';
}

static void drop(struct jig *g, uint64_t ticket)
{
	for (size_t i = 0; i < g->n_waiting; i++) {
		if (g->waiting[i].ticket != ticket)
			continue;
		memmove(&g->waiting[i], &g->waiting[i + 1],
			(g->n_waiting - i - 1) * sizeof(*g->waiting));
		g->n_waiting--;
		return;
	}
	fail_msg("Nobody waits for the answer with this ticket.");
}

void jig_errands(struct jig *g)
{
	struct errand x;

	while (job_errand(&g->t, &x)) {
		if (x.kind == ERRAND_FORGET) {
			g->forgets++;
		} else if (x.kind == ERRAND_CANCEL) {
			g->cancels++;
			g->cancelled = x.call.ticket;
			drop(g, x.call.ticket);
		} else {
			keep_call(g, &x.call);
		}
	}
	assert_int_equal(g->t.in_flight, g->n_waiting);
}

void jig_drain(struct jig *g)
{
	struct value v;

	while (job_next(&g->t, &v))
		hear(g, &v);
	jig_errands(g);
}

void jig_tick(struct jig *g)
{
	job_tick(&g->t, g->now);
	jig_drain(g);
}

void jig_step(struct jig *g, int64_t ms)
{
	g->now.boot += ms;
	g->now.wall += ms;
	jig_tick(g);
}

void jig_pass(struct jig *g, int64_t ms)
{
	int64_t end = g->now.boot + ms;

	for (unsigned i = 0; job_wake(&g->t) <= end; i++) {
		int64_t at = job_wake(&g->t);

		assert_true(i < STEPS_MAX);
		jig_step(g, at > g->now.boot ? at - g->now.boot : 0);
	}
	jig_step(g, end - g->now.boot);
}

struct waiting *jig_find(struct jig *g, const char *name)
{
	for (size_t i = 0; i < g->n_waiting; i++)
		if (strcmp(g->waiting[i].name, name) == 0 ||
		    (g->waiting[i].kind == CALL_TOKEN &&
		     strcmp(g->waiting[i].audience, name) == 0))
			return &g->waiting[i];
	return NULL;
}

unsigned jig_out(const struct jig *g)
{
	unsigned n = 0;

	for (size_t i = 0; i < g->n_waiting; i++)
		n += g->waiting[i].kind != CALL_TOKEN;
	return n;
}

/* ---- answers ---- */

struct reply jig_reply(const struct jig *g, const struct waiting *w)
{
	struct reply r = { .kind = w->kind,
			   .ticket = w->ticket,
			   .date_ms = -1,
			   .remaining = -1,
			   .rtt_ms = g->now.boot - w->sent,
			   .answered = true,
			   .reached = true,
			   .multiplexed = true };

	r.fault = fault_none();
	if (w->kind == CALL_TOKEN) {
		r.token.lifetime_ms = 24 * HOUR;
		r.token.refresh_in_ms = -1;
	}
	return r;
}

void jig_fault(struct reply *r, enum fault_kind kind_of, int code)
{
	r->fault = fault_none();
	fault_set(&r->fault, kind_of, code, "The call failed with %d.", code);
	r->answered = code != 0;
}

void jig_put(struct jig *g, struct waiting *w, const struct reply *r)
{
	assert_non_null(w);
	drop(g, w->ticket);
	job_landed(&g->t, r, g->now);
	jig_drain(g);
}

void jig_good(struct jig *g, const char *name)
{
	struct waiting *w = jig_find(g, name);
	struct reply r;

	assert_non_null(w);
	r = jig_reply(g, w);
	jig_put(g, w, &r);
}

void jig_fail(struct jig *g, const char *name, enum fault_kind kind_of,
	      int code)
{
	struct waiting *w = jig_find(g, name);
	struct reply r;

	assert_non_null(w);
	r = jig_reply(g, w);
	jig_fault(&r, kind_of, code);
	jig_put(g, w, &r);
}

static void no_answer(struct jig *g, const char *name, bool reached)
{
	struct waiting *w = jig_find(g, name);
	struct reply r;

	assert_non_null(w);
	r = jig_reply(g, w);
	jig_fault(&r, FAULT_TRANSIENT, 0);
	r.reached = r.maybe_done = reached;
	r.multiplexed = false;
	jig_put(g, w, &r);
}

void jig_unreached(struct jig *g, const char *name)
{
	no_answer(g, name, false);
}

void jig_silent(struct jig *g, const char *name)
{
	no_answer(g, name, true);
}

void jig_tokens(struct jig *g, int64_t life)
{
	struct waiting *w;

	while ((w = jig_find(g, TOKEN_NAME))) {
		struct reply r = jig_reply(g, w);

		r.token.lifetime_ms = life;
		jig_put(g, w, &r);
	}
}

void jig_prove(struct jig *g, struct end *end)
{
	static struct question q;

	jig_question(&q, "+", 999);
	jig_ask(g, &q, end, 0);
	jig_tick(g);
	jig_tokens(g, 24 * HOUR);
	jig_good(g, "+");
	assert_int_equal(g->n_waiting, 0);
	assert_int_equal(q.heard[VALUE_ANSWER], 1);
	g->n_heard = 0;
	g->order[0] = '\0';
	memset(g->sent, 0, sizeof(g->sent));
}

unsigned jig_heard(const struct jig *g, enum value_kind of,
		   const struct question *q)
{
	unsigned n = 0;

	for (size_t i = 0; i < g->n_heard; i++)
		n += g->heard[i].kind == of && (!q || g->heard[i].q == q);
	return n;
}
