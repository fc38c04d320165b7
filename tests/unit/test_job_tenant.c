/* traffic/job: whose tenant a token is of, and claims that are asked for. */
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
#include "traffic/end.h"
#include "traffic/job.h"
#include "traffic_help.h"

#define MANY 12
#define VAULTS "https://vault.azure.net"
#define T1 "11111111-0000-4000-8000-000000000001"
#define T2 "22222222-0000-4000-8000-000000000002"
#define CLAIMS "{\"access_token\":{}}"
#define OTHER_CLAIMS "{\"access_token\":{\"acrs\":{}}}"

static struct jig g;
static struct question q[MANY];
static struct end *a, *arm;

static void begin(const char *tenant)
{
	struct credential app = { .name = (char[]){ "app" },
				  .kind = CREDENTIAL_CLIENT_SECRET,
				  .tenant = (char *)(uintptr_t)tenant };
	char name[16];

	jig_start(&g, 1);
	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "%c%d", 'A' + i % 26, i);
		jig_question(&q[i], name, (uint64_t)i + 1);
	}
	g.credential = end_credential(&g.t, &app);
	a = jig_vault(&g, "a");
	arm = jig_subscription(&g);
}

static int fresh(void **state)
{
	(void)state;
	begin(NULL);
	return 0;
}

static int configured(void **state)
{
	(void)state;
	begin(T1);
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

/* A 401 that names a tenant, or claims. */
static void refuse(const char *name, const char *tenant, const char *claims)
{
	struct waiting *w = jig_find(&g, name);
	struct reply r;

	assert_non_null(w);
	r = jig_reply(&g, w);
	jig_fault(&r, FAULT_AUTH, 401);
	text_copy(r.challenge_tenant, sizeof(r.challenge_tenant), tenant);
	r.claims = text_dup(claims);
	jig_put(&g, w, &r);
	reply_free(&r);
}

static struct waiting *token_of(const char *tenant)
{
	struct waiting *w = jig_find(&g, VAULTS);

	assert_non_null(w);
	assert_string_equal(w->credential->tenant, tenant);
	return w;
}

static void a_question_without_a_token_tells(void **state)
{
	(void)state;
	jig_ask(&g, &q[0], a, 0);
	jig_tick(&g);
	assert_int_equal(g.sent[CALL_TOKEN], 0);
	assert_true(jig_find(&g, "A0")->bare);
	assert_null(jig_find(&g, "A0")->credential->tenant);
	refuse("A0", T1, NULL);
	token_of(T1);
	jig_good(&g, VAULTS);
	assert_false(jig_find(&g, "A0")->bare);
	/* Judged by what is configured, not by what was learnt. */
	assert_null(jig_find(&g, "A0")->credential->tenant);
	jig_good(&g, "A0");
	assert_int_equal(q[0].fault.kind, FAULT_NONE);
	/* It stays known, but to this end only. */
	jig_ask(&g, &q[1], a, 0);
	jig_ask(&g, &q[2], arm, 0);
	jig_tick(&g);
	assert_false(jig_find(&g, "B1")->bare);
	assert_true(jig_find(&g, "C2")->bare);
	jig_good(&g, "B1");
	assert_int_equal(g.sent[CALL_TOKEN], 1);
}

static void several_without_a_token(void **state)
{
	(void)state;
	/* The host is known, so that they go side by side. */
	jig_ask(&g, &q[0], a, 0);
	jig_tick(&g);
	jig_fail(&g, "A0", FAULT_MISSING, 404);
	for (int i = 1; i < 4; i++)
		jig_ask(&g, &q[i], a, 0);
	jig_tick(&g);
	assert_true(jig_find(&g, "B1")->bare && jig_find(&g, "D3")->bare);
	refuse("B1", T1, NULL);
	refuse("C2", T1, NULL);
	jig_good(&g, VAULTS);
	refuse("D3", T1, NULL);
	for (int i = 1; i < 4; i++) {
		assert_false(jig_find(&g, q[i].name)->bare);
		jig_good(&g, q[i].name);
	}
	assert_int_equal(g.sent[CALL_TOKEN], 1);
}

static void nothing_is_named(void **state)
{
	(void)state;
	jig_ask(&g, &q[0], a, 0);
	jig_tick(&g);
	refuse("A0", "", NULL);
	assert_int_equal(q[0].fault.kind, FAULT_AUTH);
	assert_int_equal(g.sent[CALL_TOKEN], 0);
	assert_int_equal(jig_out(&g), 0);
}

/* The pure half lets through only what is allowed. */
static void another_tenant_is_followed(void **state)
{
	(void)state;
	jig_ask(&g, &q[0], a, 0);
	jig_tick(&g);
	token_of(T1);
	jig_good(&g, VAULTS);
	refuse("A0", T2, NULL);
	token_of(T2);
	jig_good(&g, VAULTS);
	jig_good(&g, "A0");
	assert_int_equal(q[0].fault.kind, FAULT_NONE);
	/* And back: that token is there still. */
	jig_ask(&g, &q[1], a, 0);
	jig_tick(&g);
	refuse("B1", T1, NULL);
	jig_good(&g, "B1");
	assert_int_equal(g.sent[CALL_TOKEN], 2);
	assert_ptr_equal(a->as, a->credential);
}

/* Whoever names another one each time is not followed for ever. */
static void tenants_without_end(void **state)
{
	char tenant[CALL_TENANT_MAX];
	unsigned n = 0;

	(void)state;
	jig_ask(&g, &q[0], a, 0);
	jig_tick(&g);
	for (; n < 50 && q[0].fault.kind == FAULT_NONE; n++) {
		if (jig_find(&g, VAULTS))
			jig_good(&g, VAULTS);
		snprintf(tenant, sizeof(tenant), "%.34s%02u", T2, n);
		if (jig_find(&g, "A0"))
			refuse("A0", tenant, NULL);
	}
	assert_int_equal(q[0].fault.kind, FAULT_AUTH);
	assert_true(n < TRAFFIC_MOVES + 4);
}

static void the_same_tenant_is_no_news(void **state)
{
	(void)state;
	jig_ask(&g, &q[0], a, 0);
	jig_tick(&g);
	jig_good(&g, VAULTS);
	refuse("A0", T1, NULL);
	jig_good(&g, VAULTS); /* renewed once, and no more */
	refuse("A0", T1, NULL);
	assert_int_equal(q[0].fault.kind, FAULT_AUTH);
	assert_int_equal(g.sent[CALL_TOKEN], 2);
}

static void claims_go_once(void **state)
{
	(void)state;
	jig_ask(&g, &q[0], a, 0);
	jig_tick(&g);
	assert_string_equal(token_of(T1)->claims, "");
	jig_good(&g, VAULTS);
	refuse("A0", "", CLAIMS);
	assert_string_equal(token_of(T1)->claims, CLAIMS);
	/* They are kept until a token came. */
	jig_fail(&g, VAULTS, FAULT_TRANSIENT, 503);
	jig_pass(&g, 2 * MINUTE);
	assert_string_equal(token_of(T1)->claims, CLAIMS);
	jig_good(&g, VAULTS);
	assert_string_equal(jig_find(&g, "A0")->claims, "");
	refuse("A0", "", CLAIMS);
	assert_int_equal(q[0].fault.kind, FAULT_AUTH);
	assert_int_equal(jig_out(&g), 0);
	/* Other claims may be asked for though that was a moment ago, the same
	 * after a minute. */
	jig_ask(&g, &q[1], a, 0);
	jig_tick(&g);
	refuse("B1", "", OTHER_CLAIMS);
	assert_string_equal(token_of(T1)->claims, OTHER_CLAIMS);
	jig_good(&g, VAULTS);
	jig_good(&g, "B1");
	assert_int_equal(q[1].fault.kind, FAULT_NONE);
	jig_pass(&g, 2 * MINUTE);
	jig_ask(&g, &q[2], a, 0);
	jig_tick(&g);
	refuse("C2", "", OTHER_CLAIMS);
	assert_string_equal(token_of(T1)->claims, OTHER_CLAIMS);
	jig_good(&g, VAULTS);
	jig_good(&g, "C2");
	assert_int_equal(q[2].fault.kind, FAULT_NONE);
}

/* Each question is refused, and its second try; other(i) are the i-th one's
 * claims. */
static void refuse_many(const char *(*other)(int i))
{
	for (int i = 0; i < MANY; i++) {
		jig_ask(&g, &q[i], a, 0);
		jig_tick(&g);
		jig_tokens(&g, HOUR);
		refuse(q[i].name, "", other(2 * i));
		jig_tokens(&g, HOUR);
		if (jig_find(&g, q[i].name))
			refuse(q[i].name, "", other(2 * i + 1));
		assert_int_equal(q[i].fault.kind, FAULT_AUTH);
		assert_int_equal(jig_out(&g), 0);
	}
}

static const char *the_same(int i)
{
	(void)i;
	return CLAIMS;
}

/* As with a moment in them: {"access_token":{"nbf":...}}. */
static const char *another(int i)
{
	static char text[40];

	snprintf(text, sizeof(text), "{\"access_token\":{\"nbf\":%d}}", i);
	return text;
}

/* Nobody accepts any: that costs a token or two a minute, however many ask. */
static void claims_in_vain_cost_little(void **state)
{
	(void)state;
	refuse_many(the_same);
	assert_int_equal(g.sent[CALL_TOKEN], 2);
	jig_pass(&g, 2 * MINUTE);
	refuse_many(the_same);
	assert_int_equal(g.sent[CALL_TOKEN], 3);
}

static void claims_that_differ_cost_little(void **state)
{
	(void)state;
	refuse_many(another);
	assert_in_range(g.sent[CALL_TOKEN], 3, 5);
	jig_pass(&g, 2 * MINUTE);
	refuse_many(another);
	assert_in_range(g.sent[CALL_TOKEN], 6, 9);
}

static void another_cloud_starts_anew(void **state)
{
	(void)state;
	jig_ask(&g, &q[0], a, 0);
	jig_tick(&g);
	refuse("A0", T1, NULL);
	jig_good(&g, VAULTS);
	jig_good(&g, "A0");
	assert_false(end_is_blind(a));
	end_cloud(&g.t, &g.cloud, true);
	assert_true(end_is_blind(a));
}

#define TEST(name, start) cmocka_unit_test_setup_teardown(name, start, over)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_question_without_a_token_tells, fresh),
		TEST(several_without_a_token, fresh),
		TEST(nothing_is_named, fresh),
		TEST(another_tenant_is_followed, configured),
		TEST(tenants_without_end, configured),
		TEST(the_same_tenant_is_no_news, configured),
		TEST(claims_go_once, configured),
		TEST(claims_in_vain_cost_little, configured),
		TEST(claims_that_differ_cost_little, configured),
		TEST(another_cloud_starts_anew, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
