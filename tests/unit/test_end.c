/* traffic/end: credentials, far ends, tokens' places, budgets, the cloud. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "azure/credential.h"
#include "base/text.h"
#include "traffic_help.h"

static struct jig g;

static int fresh(void **state)
{
	(void)state;
	jig_start(&g, 1);
	return 0;
}

static int over(void **state)
{
	(void)state;
	jig_stop(&g);
	return 0;
}

static void forget_errands(void)
{
	struct errand x;

	while (job_errand(&g.t, &x))
		assert_int_equal(x.kind, ERRAND_FORGET);
}

static unsigned take_all(struct lane *l)
{
	unsigned n = 0;

	while (bucket_take(l->bucket, g.t.now.boot))
		n++;
	return n;
}

/* ---- credentials ---- */

static void a_credential_is_copied_once(void **state)
{
	struct credential mine = { .name = text_dup("other"),
				   .kind = CREDENTIAL_CLIENT_SECRET,
				   .tenant = text_dup("contoso.example"),
				   .client_id = text_dup("id") };
	const struct credential *c = end_credential(&g.t, &mine);

	(void)state;
	assert_ptr_not_equal(c, &mine);
	assert_ptr_not_equal(c->name, mine.name);
	assert_ptr_equal(end_credential(&g.t, &mine), c);
	assert_ptr_equal(end_credential(&g.t, c), c);
	assert_ptr_equal(end_credential(&g.t, &g.plain), g.credential);
	credential_free(&mine);
	/* It outlives the one that it was made from. */
	assert_string_equal(c->name, "other");
	assert_string_equal(c->tenant, "contoso.example");
}

static void another_name_is_another_credential(void **state)
{
	struct credential mine = credential_copy(&g.plain);

	(void)state;
	assert_ptr_equal(end_credential(&g.t, &mine), g.credential);
	free(mine.name);
	mine.name = text_dup("second");
	assert_ptr_not_equal(end_credential(&g.t, &mine), g.credential);
	credential_free(&mine);
}

/* ---- ends ---- */

static void a_vault_is_found_again(void **state)
{
	struct end *e = end_vault(&g.t, "a.vault.azure.net", g.credential);

	(void)state;
	assert_true(e->vault);
	assert_string_equal(e->host->origin, "https://a.vault.azure.net");
	assert_string_equal(e->audience, "https://vault.azure.net");
	assert_non_null(e->token);
	assert_string_equal(e->token->audience, e->audience);
	assert_ptr_equal(end_vault(&g.t, "A.Vault.Azure.Net", g.credential), e);
	assert_ptr_not_equal(end_vault(&g.t, "b.vault.azure.net", g.credential),
			     e);
}

static void storage_is_an_end_of_its_own(void **state)
{
	const char *host = "acct.blob.core.windows.net";
	struct end *e = end_storage(&g.t, host, g.credential);
	struct end *q =
		end_storage(&g.t, "acct.queue.core.windows.net", g.credential);

	(void)state;
	assert_true(e->storage);
	assert_false(e->vault);
	assert_string_equal(e->host->origin,
			    "https://acct.blob.core.windows.net");
	assert_string_equal(e->audience, "https://storage.azure.com");
	assert_ptr_equal(end_storage(&g.t, host, g.credential), e);
	assert_ptr_not_equal(q, e);
	/* One token is for all accounts; each end has its budgets. */
	assert_ptr_equal(q->token, e->token);
	assert_int_equal(take_all(&e->lanes[END_READ]), 200);
	assert_int_equal(take_all(&e->lanes[END_WRITE]), 200);
	assert_int_equal(take_all(&q->lanes[END_READ]), 200);
	/* New limits are not its own, and its audience is fixed. */
	job_limits(&g.t, &g.t.limits);
	g.t.now.boot += 1000;
	assert_int_equal(take_all(&e->lanes[END_READ]), 200);
	assert_false(end_fall_back(&g.t, e));
}

static void a_subscription_is_at_resource_manager(void **state)
{
	struct end *a = end_subscription(&g.t, "aaaa", g.credential);
	struct end *b = end_subscription(&g.t, "bbbb", g.credential);

	(void)state;
	assert_ptr_not_equal(a, b);
	assert_ptr_equal(end_subscription(&g.t, "AAAA", g.credential), a);
	assert_false(a->vault);
	/* One host and one token, but a budget each. */
	assert_ptr_equal(a->host, b->host);
	assert_ptr_equal(a->token, b->token);
	assert_string_equal(a->host->origin, "https://management.azure.com");
	assert_string_equal(a->audience, "https://management.azure.com");
	/* A vault of the same name is another end. */
	assert_ptr_not_equal(end_vault(&g.t, "aaaa", g.credential), a);
}

static void each_credential_has_its_own_ends(void **state)
{
	struct credential mine = credential_copy(&g.plain);
	const struct credential *c;
	struct end *a = jig_vault(&g, "a"), *b;

	(void)state;
	free(mine.name);
	mine.name = text_dup("second");
	c = end_credential(&g.t, &mine);
	credential_free(&mine);
	b = end_vault(&g.t, "a.vault.azure.net", c);
	assert_ptr_not_equal(a, b);
	assert_ptr_not_equal(a->token, b->token);
	/* The host is one: its room is shared. */
	assert_ptr_equal(a->host, b->host);
}

static void vaults_of_one_suffix_share_a_token(void **state)
{
	struct end *a = jig_vault(&g, "a"), *b = jig_vault(&g, "b");
	struct end *hsm =
		end_vault(&g.t, "a.managedhsm.azure.net", g.credential);

	(void)state;
	assert_ptr_equal(a->token, b->token);
	assert_ptr_not_equal(a->token, hsm->token);
	assert_string_equal(hsm->audience, "https://managedhsm.azure.net");
}

static void an_origin_is_scheme_name_and_port(void **state)
{
	static const struct {
		const char *url, *origin;
	} rows[] = {
		{ "https://arm.example", "https://arm.example" },
		{ "https://arm.example/", "https://arm.example" },
		{ "https://arm.example:8443/a/b", "https://arm.example:8443" },
		{ "https://arm.example?x=/", "https://arm.example" },
		{ "https://arm.example#y", "https://arm.example" },
		{ "arm.example", "arm.example" },
	};
	struct cloud c = g.cloud;
	struct end *e = jig_subscription(&g);
	char *text;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		c.resource_manager = text = text_dup(rows[i].url);
		end_cloud(&g.t, &c, true);
		assert_string_equal(e->host->origin, rows[i].origin);
		free(text);
	}
	/* One that is too long is cut, not written past its end. */
	c.resource_manager = text = text_alloc(1, 1000);
	memcpy(text, "https://", 8);
	memset(text + 8, 'a', 900);
	end_cloud(&g.t, &c, true);
	assert_int_equal(strlen(e->host->origin), TRAFFIC_ORIGIN_MAX - 1);
	free(text);
	end_cloud(&g.t, &g.cloud, true);
	forget_errands();
}

/* ---- tokens ---- */

static void tokens_are_asked_for_where_they_are_made(void **state)
{
	struct credential mine = { .name = text_dup("secret"),
				   .kind = CREDENTIAL_CLIENT_SECRET,
				   .tenant = text_dup("contoso.example"),
				   .client_id = text_dup("id") };
	const struct credential *c = end_credential(&g.t, &mine);

	(void)state;
	credential_free(&mine);
	assert_string_equal(end_token(&g.t, c, "x")->host->origin,
			    "https://login.microsoftonline.com");
	assert_string_equal(end_token(&g.t, g.credential, "x")->host->origin,
			    "http://169.254.169.254");
}

static void a_token_is_found_by_credential_and_audience(void **state)
{
	struct token *a = end_token(&g.t, g.credential, "a");
	struct token *b = end_token(&g.t, g.credential, "b");

	(void)state;
	assert_ptr_not_equal(a, b);
	assert_ptr_equal(end_token(&g.t, g.credential, "a"), a);
	assert_ptr_equal(g.t.tokens[a->slot], a);
	assert_ptr_equal(g.t.tokens[b->slot], b);
	assert_false(a->ready);
	assert_int_equal(a->fault.kind, FAULT_NONE);
}

static void the_table_of_tokens_has_an_end(void **state)
{
	struct end *before = jig_vault(&g, "before"), *late;
	char audience[40];

	(void)state;
	for (int i = 1; i < TRAFFIC_TOKENS_MAX; i++) {
		snprintf(audience, sizeof(audience), "https://%d.example", i);
		assert_non_null(end_token(&g.t, g.credential, audience));
	}
	assert_int_equal(g.t.n_tokens, TRAFFIC_TOKENS_MAX);
	assert_null(end_token(&g.t, g.credential, "https://late.example"));
	/* Who was there before is served. */
	assert_ptr_equal(end_token(&g.t, g.credential, "https://7.example"),
			 g.t.tokens[7]);
	assert_ptr_equal(jig_vault(&g, "late")->token, before->token);
	late = jig_subscription(&g);
	assert_null(late->token);
	/* An audience that cannot have a token takes the old one with it. */
	end_audience(&g.t, before, "https://late.example");
	assert_null(before->token);
	end_audience(&g.t, before, "https://vault.azure.net");
	assert_ptr_equal(before->token, g.t.tokens[0]);
	assert_int_equal(g.t.n_tokens, TRAFFIC_TOKENS_MAX);
}

static void a_vault_names_its_audience(void **state)
{
	struct end *a = jig_vault(&g, "a"), *b = jig_vault(&g, "b");
	struct token *was = a->token;

	(void)state;
	end_audience(&g.t, a, "https://other.example");
	assert_string_equal(a->audience, "https://other.example");
	assert_string_equal(a->token->audience, "https://other.example");
	assert_ptr_equal(b->token, was);
}

static void forgetting_wipes_the_slot(void **state)
{
	struct token *k = end_token(&g.t, g.credential, "a");
	struct errand x;

	(void)state;
	k->ready = true;
	end_forget(&g.t, k);
	assert_false(k->ready);
	assert_true(job_errand(&g.t, &x));
	assert_int_equal(x.kind, ERRAND_FORGET);
	assert_int_equal(x.token, k->slot);
	assert_false(job_errand(&g.t, &x));
}

/* ---- budgets ---- */

static void each_lane_has_its_budget(void **state)
{
	struct traffic_limits l = g.limits;
	struct end *v, *s, *other;

	(void)state;
	l.vault_rate = l.read_rate = l.write_rate = 1;
	l.vault_burst = 3;
	l.read_burst = 5;
	l.write_burst = 7;
	end_limits(&g.t, &l);
	v = jig_vault(&g, "a");
	other = jig_vault(&g, "b");
	s = jig_subscription(&g);
	assert_int_equal(take_all(&v->lanes[END_READ]), 3);
	assert_int_equal(take_all(&other->lanes[END_READ]), 3);
	assert_int_equal(take_all(&s->lanes[END_READ]), 5);
	assert_int_equal(take_all(&s->lanes[END_WRITE]), 7);
}

/* A vault allows so many calls, whoever makes them; Resource Manager allows
 * them to each principal. */
static void a_vault_has_one_budget_for_all_credentials(void **state)
{
	struct credential mine = { .name = text_dup("mine"),
				   .client_id = text_dup("another") };
	const struct credential *c = end_credential(&g.t, &mine);
	struct traffic_limits l = g.limits;
	struct end *v, *s;

	(void)state;
	credential_free(&mine);
	l.vault_rate = l.read_rate = l.write_rate = 1;
	l.vault_burst = 3;
	l.read_burst = l.write_burst = 5;
	end_limits(&g.t, &l);
	v = end_vault(&g.t, "A.vault.azure.net", c);
	s = end_subscription(&g.t, jig_subscription(&g)->name, c);
	assert_ptr_not_equal(v, jig_vault(&g, "a"));
	assert_true(bucket_take(jig_vault(&g, "a")->lanes[END_READ].bucket,
				g.t.now.boot));
	assert_int_equal(take_all(&v->lanes[END_READ]), 2);
	assert_int_equal(take_all(&jig_vault(&g, "a")->lanes[END_READ]), 0);
	assert_int_equal(take_all(&s->lanes[END_READ]), 5);
	assert_int_equal(take_all(&jig_subscription(&g)->lanes[END_READ]), 5);
	l.vault_burst = 9;
	end_limits(&g.t, &l);
	assert_int_equal(take_all(&v->lanes[END_READ]), 0);
}

static void new_limits_count_at_once(void **state)
{
	struct end *v = jig_vault(&g, "a"), *s = jig_subscription(&g);
	struct traffic_limits l = g.limits;

	(void)state;
	l.vault_burst = 2;
	l.read_burst = 4;
	l.write_burst = 6;
	l.max_requests = 40;
	end_limits(&g.t, &l);
	assert_int_equal(g.t.hosts.share, 10);
	assert_int_equal(take_all(&v->lanes[END_READ]), 2);
	assert_int_equal(take_all(&s->lanes[END_READ]), 4);
	assert_int_equal(take_all(&s->lanes[END_WRITE]), 6);
}

static struct reply answer(enum fault_kind kind, int64_t told)
{
	struct reply r = { .date_ms = -1, .remaining = -1, .answered = true };

	r.fault = fault_none();
	if (kind != FAULT_NONE)
		fault_set(&r.fault, kind, 500, "So it is.");
	r.fault.retry_after_ms = told;
	return r;
}

static void a_429_closes_the_lane(void **state)
{
	struct lane *l = &jig_subscription(&g)->lanes[END_READ];
	struct reply r = answer(FAULT_THROTTLED, 17000);
	int64_t boot = g.now.boot;

	(void)state;
	/* It speaks for one item only. */
	assert_false(end_learn(&g.t, l, &r));
	assert_true(bucket_tokens(l->bucket, boot) > 1000);
	r.throttles_all = true;
	assert_false(end_learn(&g.t, l, &r));
	assert_true(bucket_tokens(l->bucket, boot + 16999) < 1);
	assert_true(bucket_tokens(l->bucket, boot + 17000) >= 1);
	/* A server may not ask for ever. */
	r.fault.retry_after_ms = 100 * HOUR;
	end_learn(&g.t, l, &r);
	assert_int_equal(bucket_ready(l->bucket, boot), boot + 10 * MINUTE);
}

/* Key Vault's documents: 1, 2, 4, 8, 16 seconds when it names none. */
static void a_silent_429_doubles(void **state)
{
	static const int64_t waits[] = { 1, 2, 4, 8, 16, 16, 16 };
	struct lane *l = &jig_vault(&g, "a")->lanes[END_READ];
	struct reply r = answer(FAULT_THROTTLED, -1);
	struct reply good = answer(FAULT_NONE, -1);
	int64_t boot = g.now.boot;

	(void)state;
	r.throttles_all = true;
	for (size_t i = 0; i < sizeof(waits) / sizeof(*waits); i++) {
		bucket_init(l->bucket, 1000, 10, boot);
		end_learn(&g.t, l, &r);
		assert_int_equal(bucket_ready(l->bucket, boot),
				 boot + waits[i] * SECOND);
	}
	end_learn(&g.t, l, &good);
	bucket_init(l->bucket, 1000, 10, boot);
	end_learn(&g.t, l, &r);
	assert_int_equal(bucket_ready(l->bucket, boot), boot + SECOND);
}

static void what_remains_is_heeded(void **state)
{
	struct lane *l = &jig_subscription(&g)->lanes[END_READ];
	struct reply r = answer(FAULT_NONE, -1);

	(void)state;
	r.remaining = 40;
	end_learn(&g.t, l, &r);
	assert_int_equal(take_all(l), 20);
	/* Also beside a fault. */
	bucket_init(l->bucket, 10, 100, g.now.boot);
	r = answer(FAULT_TRANSIENT, -1);
	r.remaining = 6;
	end_learn(&g.t, l, &r);
	assert_int_equal(take_all(l), 3);
}

/* Two failures in a row are an outage; the next answer ends it, also one
 * that refuses.  Our own trouble says nothing. */
static void an_outage_has_an_end(void **state)
{
	struct lane *l = &jig_vault(&g, "a")->lanes[END_READ];
	struct reply bad = answer(FAULT_TRANSIENT, -1);
	struct reply local = answer(FAULT_LOCAL, -1);
	struct reply busy = answer(FAULT_THROTTLED, -1);
	struct reply denied = answer(FAULT_DENIED, -1);
	struct reply good = answer(FAULT_NONE, -1);

	(void)state;
	assert_false(end_learn(&g.t, l, &good));
	assert_false(end_learn(&g.t, l, &bad));
	assert_false(end_learn(&g.t, l, &good));
	assert_false(end_learn(&g.t, l, &bad));
	assert_false(end_learn(&g.t, l, &bad));
	assert_false(end_learn(&g.t, l, &local));
	assert_false(end_learn(&g.t, l, &busy));
	assert_true(end_learn(&g.t, l, &denied));
	assert_false(end_learn(&g.t, l, &good));
}

/* ---- the cloud ---- */

static void the_same_cloud_keeps_everything(void **state)
{
	struct end *v = jig_vault(&g, "a");
	struct token *k = v->token;
	struct cloud c;
	struct errand x;

	(void)state;
	k->ready = true;
	assert_true(cloud_profile(&c, "public"));
	end_cloud(&g.t, &c, false);
	assert_ptr_equal(g.t.cloud, &c);
	assert_ptr_equal(v->token, k);
	assert_true(k->ready);
	assert_false(job_errand(&g.t, &x));
	end_cloud(&g.t, &g.cloud, false);
	cloud_free(&c);
}

static void another_cloud_forgets_every_token(void **state)
{
	struct end *v = end_vault(&g.t, "a.vault.azure.cn", g.credential);
	struct end *old = jig_vault(&g, "a"), *s = jig_subscription(&g);
	size_t n = g.t.n_tokens;
	bool forgotten[8] = { false };
	struct cloud c;
	struct errand x;

	(void)state;
	assert_in_range(n, 2, 8);
	assert_string_equal(v->audience, ""); /* not of this cloud */
	for (size_t i = 0; i < n; i++)
		g.t.tokens[i]->ready = true;
	assert_true(cloud_profile(&c, "china"));
	free(c.imds_endpoint);
	c.imds_endpoint = text_dup("http://127.0.0.1:40342/x");
	end_cloud(&g.t, &c, true);
	for (size_t i = 0; i < n; i++) {
		assert_true(job_errand(&g.t, &x));
		assert_int_equal(x.kind, ERRAND_FORGET);
		assert_true(x.token < n && !forgotten[x.token]);
		forgotten[x.token] = true;
		assert_false(g.t.tokens[i]->ready);
		assert_string_equal(g.t.tokens[i]->host->origin,
				    "http://127.0.0.1:40342");
	}
	assert_false(job_errand(&g.t, &x));
	assert_string_equal(v->audience, "https://vault.azure.cn");
	assert_string_equal(v->token->audience, "https://vault.azure.cn");
	assert_string_equal(s->audience, "https://management.chinacloudapi.cn");
	assert_string_equal(s->host->origin,
			    "https://management.chinacloudapi.cn");
	/* One that is not of the new cloud is still itself. */
	assert_string_equal(old->host->origin, "https://a.vault.azure.net");
	end_cloud(&g.t, &g.cloud, true);
	forget_errands();
	cloud_free(&c);
}

/* ---- errands ---- */

static void errands_come_out_in_order(void **state)
{
	struct errand x;
	uint32_t next = 0;

	(void)state;
	for (uint32_t i = 0; i < 1000; i++)
		end_errand(&g.t, ERRAND_FORGET)->token = i;
	for (; next < 300; next++) {
		assert_true(job_errand(&g.t, &x));
		assert_int_equal(x.token, next);
	}
	for (uint32_t i = 1000; i < 1500; i++)
		end_errand(&g.t, ERRAND_FORGET)->token = i;
	for (; next < 1500; next++) {
		assert_true(job_errand(&g.t, &x));
		assert_int_equal(x.token, next);
	}
	assert_false(job_errand(&g.t, &x));
	/* What was fetched makes room: the queue does not grow for ever. */
	for (uint32_t i = 0; i < 100000; i++) {
		end_errand(&g.t, ERRAND_FORGET)->token = i;
		assert_true(job_errand(&g.t, &x));
		assert_int_equal(x.token, i);
	}
	assert_true(g.t.size_errands <= 2048);
}

/* Ten thousand of them: none is found by walking past the others. */
static void finding_one_of_many_is_cheap(void **state)
{
	enum { N = 10000 };
	static struct end *ends[N];
	char name[64];

	(void)state;
	for (int again = 0; again < 2; again++)
		for (int i = 0; i < N; i++) {
			struct end *end;

			snprintf(name, sizeof(name), "%s%d.vault.azure.net",
				 again ? "VAULT" : "vault", i);
			end = end_vault(&g.t, name, g.credential);
			if (again)
				assert_ptr_equal(end, ends[i]);
			ends[i] = end;
		}
	assert_true(g.t.looks < 2 * 20 * N);
	/* Of the same name, and yet another one. */
	assert_ptr_not_equal(end_subscription(&g.t, name, g.credential),
			     ends[N - 1]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh, over)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_credential_is_copied_once),
		TEST(another_name_is_another_credential),
		TEST(finding_one_of_many_is_cheap),
		TEST(a_vault_is_found_again),
		TEST(storage_is_an_end_of_its_own),
		TEST(a_subscription_is_at_resource_manager),
		TEST(each_credential_has_its_own_ends),
		TEST(vaults_of_one_suffix_share_a_token),
		TEST(an_origin_is_scheme_name_and_port),
		TEST(tokens_are_asked_for_where_they_are_made),
		TEST(a_token_is_found_by_credential_and_audience),
		TEST(the_table_of_tokens_has_an_end),
		TEST(a_vault_names_its_audience),
		TEST(forgetting_wipes_the_slot),
		TEST(each_lane_has_its_budget),
		TEST(a_vault_has_one_budget_for_all_credentials),
		TEST(new_limits_count_at_once),
		TEST(a_429_closes_the_lane),
		TEST(a_silent_429_doubles),
		TEST(what_remains_is_heeded),
		TEST(an_outage_has_an_end),
		TEST(the_same_cloud_keeps_everything),
		TEST(another_cloud_forgets_every_token),
		TEST(errands_come_out_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
