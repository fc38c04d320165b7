/* engine/command: a poll by hand ends waits of ours, and no others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "engine_help.h"

static struct rig g;

/* What the last poll has told: a line for each thing. */
static char told[4000];

static void keep(const struct polled *p, void *arg)
{
	size_t at = strlen(told);
	const char *slash = strrchr(p->name, '/');

	assert_null(arg);
	assert_true(p->wait == POLLED_WOKEN ? p->until == -1
					    : p->until > rig_azure(&g));
	snprintf(told + at, sizeof(told) - at, "%s %s %s\n",
		 polled_wait_str(p->wait), polled_kind_str(p->kind),
		 slash ? slash + 1 : p->name);
}

static size_t poll_now(const char *key)
{
	size_t n;

	told[0] = g.order[0] = '\0';
	n = engine_retry(g.engine, key, keep, NULL, g.now);
	rig_drain(&g);
	return n;
}

static void hold(enum call_kind kind)
{
	g.hold |= 1u << kind;
}

static void begin(unsigned n, const char *options)
{
	rig_start(
		&g,
		rig_config("reread-interval = \"1h\"", RIG_KEY, options, 0, n),
		n);
}

/* All on V1; V2 comes, and the first write of it waits. */
static void behind(unsigned n)
{
	begin(n, "");
	hold(CALL_PATCH);
	rig_tick(&g);
	rig_newer(&g, V2, rig_azure(&g));
	assert_true(rig_until(&g, CALL_PATCH, 61 * SECOND));
}

static void fail_all(enum call_kind kind, enum fault_kind fault, int code)
{
	g.faults[kind] = fault_none();
	fault_set(&g.faults[kind], fault, code, "It failed with %d.", code);
}

static void nothing_waits(void **state)
{
	(void)state;
	begin(4, "");
	rig_tick(&g);
	assert_int_equal(poll_now(NULL), 1);
	assert_string_equal(told, "");
	assert_string_equal(g.order, "K");
	rig_answer(&g);
	assert_int_equal(poll_now(RIG_OTHER_KEY), 0);
	assert_string_equal(g.order, "");
}

/* Its wait would be minutes. */
static void a_refused_token(void **state)
{
	(void)state;
	begin(1, "");
	fail_all(CALL_TOKEN, FAULT_DENIED, 401);
	rig_tick(&g);
	g.faults[CALL_TOKEN] = fault_none();
	hold(CALL_TOKEN);
	rig_run(&g, 10 * SECOND);
	assert_int_equal(rig_waiting(&g, CALL_TOKEN), 0);
	poll_now(NULL);
	assert_int_equal(rig_waiting(&g, CALL_TOKEN), 2);
	assert_non_null(strstr(told, "woken token vault"));
	assert_non_null(strstr(told, "woken token management"));
	g.hold = 0;
	rig_answer(&g);
	assert_true(engine_all_current(g.engine));
}

/* The same without a person: what was refused has been replaced. */
static void a_replaced_proof(void **state)
{
	struct credential stranger = { .kind = CREDENTIAL_CLIENT_SECRET };
	const struct credential *c;

	(void)state;
	begin(1, "");
	fail_all(CALL_TOKEN, FAULT_DENIED, 401);
	rig_tick(&g);
	c = g.last[CALL_TOKEN].call.credential;
	assert_non_null(c);
	g.faults[CALL_TOKEN] = fault_none();
	hold(CALL_TOKEN);
	rig_run(&g, 10 * SECOND);
	engine_proof_changed(g.engine, &stranger, g.now);
	rig_drain(&g);
	assert_int_equal(rig_waiting(&g, CALL_TOKEN), 0);
	engine_proof_changed(g.engine, c, g.now);
	rig_drain(&g);
	assert_int_equal(rig_waiting(&g, CALL_TOKEN), 2);
	g.hold = 0;
	rig_answer(&g);
	assert_true(engine_all_current(g.engine));
}

static void a_failing_key(void **state)
{
	(void)state;
	begin(1, "");
	rig_tick(&g);
	fail_all(CALL_KEY, FAULT_DENIED, 403);
	rig_run(&g, 61 * SECOND);
	g.faults[CALL_KEY] = fault_none();
	poll_now(NULL);
	assert_string_equal(told, "woken key acr-cmk\n");
	rig_answer(&g);
	assert_string_equal(rig_key(&g, "error"), "null");
}

static void a_denied_write(void **state)
{
	(void)state;
	behind(1);
	rig_fail(&g, rig_find(&g, CALL_PATCH, NULL), FAULT_DENIED, 403);
	assert_string_equal(rig_registry(&g, 0, "state"), "blocked");
	rig_run(&g, 2 * SECOND);
	poll_now(RIG_KEY);
	assert_string_equal(told, "woken registry registry0\n");
	rig_answer(&g);
	assert_non_null(strchr(g.order, 'P'));
	/* Twice in a row: the next write has its time, some seconds. */
	rig_fail(&g, rig_find(&g, CALL_PATCH, NULL), FAULT_DENIED, 403);
	poll_now(RIG_KEY);
	assert_string_equal(told, "write registry registry0\n");
	rig_answer(&g);
	assert_null(strchr(g.order, 'P'));
	assert_non_null(strchr(g.order, 'R'));
	assert_true(rig_until(&g, CALL_PATCH, 3 * SECOND));
}

static void accept_in_vain(void)
{
	struct reply r = rig_reply(&g, rig_find(&g, CALL_PATCH, NULL));

	r.patch.finished = true;
	rig_put(&g, rig_find(&g, CALL_PATCH, NULL), &r);
	rig_answer(&g);
}

/* Going back to the unversioned identifier fails, and somebody polls and
 * polls: it is a write like any other. */
static void a_return_is_no_storm(void **state)
{
	unsigned sent;

	(void)state;
	begin(1, "");
	g.models[0].view.auto_rotation = false;
	text_copy(g.models[0].view.key.version, KEYID_VERSION_MAX, V1);
	g.hold = 1u << CALL_PATCH;
	rig_tick(&g);
	assert_true(rig_until(&g, CALL_PATCH, MINUTE));
	sent = g.sent[CALL_PATCH];
	for (int i = 0; i < 60; i++) {
		while (rig_find(&g, CALL_PATCH, NULL)) {
			rig_fail(&g, rig_find(&g, CALL_PATCH, NULL),
				 FAULT_TRANSIENT, 503);
			rig_answer(&g);
		}
		rig_run(&g, SECOND);
		poll_now(NULL);
		rig_answer(&g);
	}
	assert_in_range(g.sent[CALL_PATCH] - sent, 3, 12);
}

/* One poll is one look, not one every other second until the next write. */
static void a_look_at_what_is_in_vain(void **state)
{
	int64_t since;

	(void)state;
	behind(1);
	for (int i = 0; i < 4; i++) {
		accept_in_vain();
		if (i < 3)
			assert_true(rig_until(&g, CALL_PATCH, 3 * MINUTE));
	}
	rig_run(&g, 30 * SECOND);
	assert_string_equal(rig_registry(&g, 0, "state"), "blocked");
	g.sent[CALL_REGISTRY] = 0;
	since = g.now.boot;
	poll_now(NULL);
	rig_answer(&g);
	assert_true(rig_until(&g, CALL_PATCH, 5 * MINUTE));
	assert_true(g.now.boot - since > 30 * SECOND);
	assert_in_range(g.sent[CALL_REGISTRY], 2, 4);
}

/* Nobody's hurry makes a write go sooner that did nothing. */
static void a_write_in_vain(void **state)
{
	struct reply r;
	int64_t since;

	(void)state;
	behind(1);
	for (int i = 0; i < 4; i++) {
		r = rig_reply(&g, rig_find(&g, CALL_PATCH, NULL));
		r.patch.finished = true;
		rig_put(&g, rig_find(&g, CALL_PATCH, NULL), &r);
		rig_answer(&g);
		if (i < 3)
			assert_true(rig_until(&g, CALL_PATCH, 3 * MINUTE));
	}
	rig_run(&g, 21 * SECOND);
	assert_string_equal(rig_registry(&g, 0, "state"), "blocked");
	since = g.now.boot;
	for (int i = 0; i < 10; i++) {
		poll_now(NULL);
		rig_answer(&g);
		assert_null(strchr(g.order, 'P'));
		if (i == 0) {
			assert_string_equal(told, "write registry registry0\n");
			assert_non_null(strchr(g.order, 'R'));
		}
		assert_string_equal(rig_registry(&g, 0, "state"), "blocked");
		rig_run(&g, SECOND);
	}
	assert_true(rig_until(&g, CALL_PATCH, 10 * MINUTE));
	assert_true(g.now.boot - since >= 100 * SECOND);
}

/* A server that names a time means it. */
static void what_a_server_told(void **state)
{
	struct reply r;

	(void)state;
	begin(1, "");
	hold(CALL_REGISTRY);
	rig_tick(&g);
	r = rig_reply(&g, rig_find(&g, CALL_REGISTRY, NULL));
	fault_set(&r.fault, FAULT_THROTTLED, 429, "Too many.");
	r.fault.retry_after_ms = 5 * MINUTE;
	rig_put(&g, rig_find(&g, CALL_REGISTRY, NULL), &r);
	for (int i = 0; i < 3; i++) {
		poll_now(NULL);
		rig_answer(&g);
		assert_string_equal(told, "told registry registry0\n");
		assert_int_equal(rig_waiting(&g, CALL_REGISTRY), 0);
		rig_run(&g, SECOND);
	}
	assert_false(rig_until(&g, CALL_REGISTRY, 296 * SECOND));
	assert_true(rig_until(&g, CALL_REGISTRY, 3 * SECOND));
}

static void a_list_that_fails(void **state)
{
	(void)state;
	begin(4, "");
	fail_all(CALL_LIST, FAULT_TRANSIENT, 503);
	rig_tick(&g);
	rig_run(&g, MINUTE);
	g.faults[CALL_LIST] = fault_none();
	rig_answer(&g);
	poll_now(NULL);
	assert_int_equal(strncmp(told, "woken list ", 11), 0);
	assert_non_null(strchr(g.order, 'L'));
}

/* Nothing failed, but what stands in the way may have been mended. */
static void a_blocked_registry(void **state)
{
	(void)state;
	behind(2);
	g.hold = 0;
	rig_answer(&g);
	rig_run(&g, MINUTE);
	g.models[1].view.identity_attached = false;
	rig_run(&g, HOUR);
	assert_string_equal(rig_registry(&g, 1, "state"), "current");
	assert_string_not_equal(rig_registry(&g, 1, "alarm"), "null");
	g.models[1].view.identity_attached = true;
	poll_now(NULL);
	assert_string_equal(told, "woken registry registry1\n");
	rig_answer(&g);
	assert_string_equal(rig_registry(&g, 1, "alarm"), "null");
}

/* The version in use could not be read, and is asked for after the newest. */
static void a_version_in_use(void **state)
{
	(void)state;
	begin(1, "");
	g.models[0].view = rig_view(V3);
	hold(CALL_KEY);
	rig_tick(&g);
	rig_good_answer(&g, rig_find(&g, CALL_KEY, NULL));
	for (int i = 0; i < 4; i++) {
		assert_true(rig_until(&g, CALL_KEY, MINUTE));
		if (!rig_find(&g, CALL_KEY, V3))
			rig_good_answer(&g, rig_find(&g, CALL_KEY, NULL));
		else
			rig_fail(&g, rig_find(&g, CALL_KEY, V3),
				 FAULT_TRANSIENT, 500);
	}
	poll_now(NULL);
	assert_int_equal(strncmp(told, "woken key acr-cmk\n", 18), 0);
	rig_good_answer(&g, rig_find(&g, CALL_KEY, NULL));
	assert_non_null(rig_find(&g, CALL_KEY, V3));
}

static int stop(void **state)
{
	(void)state;
	rig_stop(&g);
	return 0;
}

#define TEST(f) cmocka_unit_test_teardown(f, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_waits),
		TEST(a_refused_token),
		TEST(a_replaced_proof),
		TEST(a_failing_key),
		TEST(a_denied_write),
		TEST(a_return_is_no_storm),
		TEST(a_look_at_what_is_in_vain),
		TEST(a_write_in_vain),
		TEST(what_a_server_told),
		TEST(a_list_that_fails),
		TEST(a_blocked_registry),
		TEST(a_version_in_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
