/* engine/adopt: what a reload finds under way.  Who waits for an end that no
 * file names any more goes on at the new one. */
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

static const char top[] =
	"credential \"bad\" { type = \"managed-identity\" client-id ="
	" \"11111111-2222-3333-4444-555555555555\" }\n"
	"credential \"good\" { type = \"managed-identity\" client-id ="
	" \"22222222-3333-4444-5555-666666666666\" }\n";

static struct rig g;

static int teardown(void **state)
{
	(void)state;
	rig_stop(&g);
	return 0;
}

static void hold(enum call_kind kind)
{
	g.hold |= 1u << kind;
}

static void let_go(enum call_kind kind)
{
	g.hold &= ~(1u << kind);
}

/* A watch under this credential, with so many registries. */
static void begin(const char *credential, unsigned n)
{
	char options[64];

	snprintf(options, sizeof(options), "credential = \"%s\"", credential);
	rig_start(&g, rig_config(top, RIG_KEY, options, 0, n), n);
	g.may_lose = true;
}

static void reload(const char *credential, const char *options, unsigned n)
{
	char all[200], *text;

	snprintf(all, sizeof(all), "credential = \"%s\" %s", credential,
		 options);
	text = rig_config(top, RIG_KEY, all, 0, n);
	engine_reload(g.engine, rig_parse(text), g.now);
	free(text);
	rig_drain(&g);
}

/* The bad credential gets no token, the good one gets its own; how often the
 * bad one's were asked for. */
static unsigned tokens(int64_t ms)
{
	int64_t end = g.now.boot + ms;
	unsigned bad = 0;

	hold(CALL_TOKEN);
	while (rig_until(&g, CALL_TOKEN, end - g.now.boot)) {
		struct asked *t = rig_find(&g, CALL_TOKEN, NULL);

		if (strcmp(t->credential, "bad") != 0) {
			rig_good_answer(&g, t);
			continue;
		}
		bad++;
		rig_fail(&g, t, FAULT_DENIED, 400);
	}
	let_go(CALL_TOKEN);
	return bad;
}

/* A version is new, and this registry's write of it is under way. */
static void writes(unsigned n)
{
	begin("bad", n);
	rig_tick(&g);
	rig_run(&g, MINUTE);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	rig_newer(&g, V2, rig_azure(&g));
	hold(CALL_PATCH);
	assert_true(rig_until(&g, CALL_PATCH, 10 * MINUTE));
}

/* ---- a credential that gets no token ---- */

static void one_registry_is_read_by_the_corrected_one(void **state)
{
	(void)state;
	begin("bad", 1);
	hold(CALL_TOKEN);
	rig_tick(&g);
	assert_true(tokens(20 * MINUTE) > 0);
	assert_int_equal(g.sent[CALL_REGISTRY], 0);
	reload("good", "", 1);
	assert_int_equal(tokens(MINUTE), 0);
	assert_string_equal(g.last[CALL_REGISTRY].credential, "good");
	assert_string_equal(rig_registry(&g, 0, "error"), "null");
	assert_string_equal(rig_summary(&g, "state"), "ok");
}

static void many_registries_are_read_by_the_corrected_one(void **state)
{
	(void)state;
	begin("bad", 6);
	hold(CALL_TOKEN);
	rig_tick(&g);
	assert_true(tokens(20 * MINUTE) > 0);
	reload("good", "", 6);
	assert_int_equal(tokens(MINUTE), 0);
	assert_string_equal(g.last[CALL_LIST].credential, "good");
	assert_string_equal(rig_summary(&g, "state"), "ok");
}

/* The list of a scope that nobody is in any more asks for nothing. */
static void an_emptied_scope_is_silent(void **state)
{
	(void)state;
	begin("bad", 6);
	hold(CALL_TOKEN);
	rig_tick(&g);
	assert_true(tokens(20 * MINUTE) > 0);
	reload("good", "", 6);
	assert_int_equal(tokens(10 * HOUR), 0);
	assert_string_equal(rig_summary(&g, "state"), "ok");
}

/* Back and forth, and so few that none of them is listed. */
static void a_credential_may_come_back(void **state)
{
	(void)state;
	begin("bad", 2);
	hold(CALL_TOKEN);
	rig_tick(&g);
	for (unsigned i = 0; i < 3; i++) {
		assert_true(tokens(20 * MINUTE) > 0);
		reload("good", "", 2);
		assert_int_equal(tokens(MINUTE), 0);
		assert_string_equal(rig_summary(&g, "state"), "ok");
		g.token_life = 10 * MINUTE;
		reload("bad", "", 2);
	}
	let_go(CALL_TOKEN);
	rig_run(&g, HOUR);
	assert_string_equal(g.last[CALL_REGISTRY].credential, "bad");
	assert_string_equal(rig_summary(&g, "state"), "ok");
}

/* ---- a write ---- */

/* A write that has gone out is waited for, and read back by the new one. */
static void a_write_under_way_is_read_back_by_the_new_one(void **state)
{
	(void)state;
	writes(1);
	reload("good", "", 1);
	assert_int_equal(g.cancels, 0);
	let_go(CALL_PATCH);
	assert_int_equal(tokens(MINUTE), 0);
	assert_int_equal(g.sent[CALL_PATCH], 1);
	assert_string_equal(g.last[CALL_REGISTRY].credential, "good");
	assert_string_equal(rig_registry(&g, 0, "state"), "current");
	assert_string_equal(rig_summary(&g, "state"), "ok");
}

/* A 401 to it asks for a token: the new one's. */
static void a_write_that_is_to_go_again_goes_by_the_new_one(void **state)
{
	(void)state;
	writes(1);
	reload("good", "", 1);
	rig_fail(&g, rig_find(&g, CALL_PATCH, NULL), FAULT_AUTH, 401);
	let_go(CALL_PATCH);
	assert_int_equal(tokens(MINUTE), 0);
	assert_int_equal(g.sent[CALL_PATCH], 2);
	assert_string_equal(g.last[CALL_PATCH].credential, "good");
	assert_string_equal(rig_summary(&g, "state"), "ok");
}

/* It has not gone out: it waits for its token. */
static void a_write_that_waits_goes_by_the_new_one(void **state)
{
	(void)state;
	writes(1);
	rig_fail(&g, rig_find(&g, CALL_PATCH, NULL), FAULT_AUTH, 401);
	assert_int_equal(rig_waiting(&g, CALL_PATCH), 0);
	assert_true(tokens(SECOND) > 0);
	let_go(CALL_PATCH);
	reload("good", "", 1);
	assert_int_equal(tokens(MINUTE), 0);
	assert_string_equal(g.last[CALL_PATCH].credential, "good");
	assert_string_equal(rig_registry(&g, 0, "state"), "current");
}

/* An operation's status is asked for by the new one, too. */
static void an_operation_is_followed_by_the_new_one(void **state)
{
	(void)state;
	writes(1);
	rig_apply(&g, rig_find(&g, CALL_PATCH, NULL));
	rig_accept(&g, rig_find(&g, CALL_PATCH, NULL),
		   "https://management.azure.com/op/1", 1000);
	hold(CALL_OPERATION);
	assert_true(rig_until(&g, CALL_OPERATION, MINUTE));
	rig_fail(&g, rig_find(&g, CALL_OPERATION, NULL), FAULT_AUTH, 401);
	assert_true(tokens(SECOND) > 0);
	let_go(CALL_OPERATION);
	reload("good", "", 1);
	assert_int_equal(tokens(MINUTE), 0);
	assert_string_equal(g.last[CALL_OPERATION].credential, "good");
	assert_string_equal(rig_registry(&g, 0, "state"), "current");
	assert_int_equal(g.sent[CALL_PATCH], 1);
}

/* ---- what is under way and is nobody's any more ---- */

static void begins_at_once(enum call_kind kind)
{
	int64_t from;

	begin("bad", 1);
	hold(kind);
	rig_tick(&g);
	rig_run(&g, 5 * SECOND);
	assert_int_equal(rig_waiting(&g, kind), 1);
	from = g.now.boot;
	reload("good", "", 1);
	while (g.now.boot < from + 3 * MINUTE &&
	       strcmp(g.last[kind].credential, "good") != 0)
		rig_run(&g, SECOND);
	assert_true(g.now.boot - from < 3 * SECOND);
	assert_true(g.cancels > 0);
}

static void a_silent_vault_keeps_no_room_from_the_new_one(void **state)
{
	(void)state;
	begins_at_once(CALL_KEY);
}

static void a_silent_login_keeps_no_room_from_the_new_one(void **state)
{
	(void)state;
	begins_at_once(CALL_TOKEN);
}

static void a_silent_registry_keeps_no_room_from_the_new_one(void **state)
{
	(void)state;
	begins_at_once(CALL_REGISTRY);
}

/* ---- the files on the disk, between two reloads ---- */

static void disk(bool changed, const char *mistake)
{
	engine_disk(g.engine, changed, mistake, g.now);
	rig_drain(&g);
}

static void expect_disk(bool changed, const char *mistake, const char *refused)
{
	const char *told;

	assert_int_equal(engine_changed(g.engine, &told), changed);
	assert_string_equal(told, mistake);
	assert_string_equal(engine_refused(g.engine), refused);
}

/* A hint: nothing is worse for it, whatever the files come to be. */
static void other_files_are_told_and_do_no_harm(void **state)
{
	(void)state;
	begin("good", 1);
	rig_run(&g, MINUTE);
	expect_disk(false, "", "");
	assert_int_equal(engine_state(g.engine), ENGINE_OK);
	disk(true, "");
	expect_disk(true, "", "");
	disk(true, "f:3: no");
	expect_disk(true, "f:3: no", "");
	assert_int_equal(engine_state(g.engine), ENGINE_OK);
	disk(false, "");
	expect_disk(false, "", "");
	disk(true, "f:3: no");
	reload("good", "", 1);
	expect_disk(false, "", "");
}

/* A reload that was refused is told until the files are mended, by the mistake
 * that is in them now. */
static void a_refusal_ends_when_the_files_are_mended(void **state)
{
	(void)state;
	begin("good", 1);
	rig_run(&g, MINUTE);
	engine_refuse(g.engine, "f:1: bad", g.now);
	rig_drain(&g);
	expect_disk(true, "f:1: bad", "f:1: bad");
	assert_int_equal(engine_state(g.engine), ENGINE_DEGRADED);
	disk(true, "f:2: worse");
	expect_disk(true, "f:2: worse", "f:2: worse");
	assert_int_equal(engine_state(g.engine), ENGINE_DEGRADED);
	disk(true, "");
	expect_disk(true, "", "");
	assert_int_equal(engine_state(g.engine), ENGINE_OK);
	/* Nobody has asked for a reload since. */
	disk(true, "f:2: worse");
	assert_int_equal(engine_state(g.engine), ENGINE_OK);
	engine_refuse(g.engine, "f:2: worse", g.now);
	rig_drain(&g);
	disk(false, "");
	expect_disk(false, "", "");
	assert_int_equal(engine_state(g.engine), ENGINE_OK);
}

/* ---- tokens of a credential that is not asked for any more ---- */

static void tokens_that_nobody_needs_are_forgotten(void **state)
{
	(void)state;
	begin("bad", 1);
	rig_tick(&g);
	rig_run(&g, MINUTE);
	reload("bad", "", 1);
	assert_int_equal(g.forgets, 0);
	reload("good", "", 1);
	assert_int_equal(g.forgets, 2); /* the vault's, Resource Manager's */
	rig_run(&g, MINUTE);
	assert_int_equal(g.forgets, 2);
	assert_string_equal(rig_summary(&g, "state"), "ok");
}

/* Its write is still under way: what it needs is kept until that is over. */
static void tokens_are_kept_for_a_write_under_way(void **state)
{
	char *text;

	(void)state;
	writes(2);
	text = rig_config(top, RIG_KEY, "credential = \"good\"", 1, 1);
	engine_reload(g.engine, rig_parse(text), g.now);
	free(text);
	rig_drain(&g);
	assert_int_equal(rig_waiting(&g, CALL_PATCH), 1);
	assert_int_equal(g.forgets, 1); /* the vault's */
	rig_good_answer(&g, rig_find(&g, CALL_PATCH, NULL));
	let_go(CALL_PATCH);
	rig_run(&g, 10 * MINUTE);
	assert_true(g.forgets > 1);
	assert_string_equal(rig_summary(&g, "state"), "ok");
}

#define TEST(f) cmocka_unit_test_teardown(f, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_registry_is_read_by_the_corrected_one),
		TEST(many_registries_are_read_by_the_corrected_one),
		TEST(an_emptied_scope_is_silent),
		TEST(a_credential_may_come_back),
		TEST(a_write_under_way_is_read_back_by_the_new_one),
		TEST(a_write_that_is_to_go_again_goes_by_the_new_one),
		TEST(a_write_that_waits_goes_by_the_new_one),
		TEST(an_operation_is_followed_by_the_new_one),
		TEST(a_silent_vault_keeps_no_room_from_the_new_one),
		TEST(a_silent_login_keeps_no_room_from_the_new_one),
		TEST(a_silent_registry_keeps_no_room_from_the_new_one),
		TEST(other_files_are_told_and_do_no_harm),
		TEST(a_refusal_ends_when_the_files_are_mended),
		TEST(tokens_that_nobody_needs_are_forgotten),
		TEST(tokens_are_kept_for_a_write_under_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
