/* Whatever happens, something will read each key and each registry. */
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

static void begin(unsigned n, const char *top)
{
	rig_start(&g, rig_config(top, RIG_KEY, "", 0, n), n);
}

static void settled(unsigned n, const char *top)
{
	begin(n, top);
	rig_tick(&g);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	assert_int_equal(g.n_asked, 0);
}

static int stop(void **state)
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

static void break_calls(enum call_kind kind, enum fault_kind f, int code)
{
	fault_set(&g.faults[kind], f, code, "The call failed with %d.", code);
}

static void mend(enum call_kind kind)
{
	g.faults[kind] = fault_none();
}

static void reload(char *text)
{
	engine_reload(g.engine, rig_parse(text), g.now);
	free(text);
	rig_drain(&g);
	rig_answer(&g);
}

static void forget_counts(void)
{
	memset(g.sent, 0, sizeof(g.sent));
}

/* ---- nothing is left unread ---- */

/* Too few for a LIST are left, and they were waiting for something else. */
static void few_that_are_left_are_read(void **state)
{
	struct registry *r;
	size_t n;

	(void)state;
	settled(3, "");
	rig_newer(&g, V2, rig_azure(&g));
	hold(CALL_PATCH);
	assert_true(rig_until(&g, CALL_PATCH, 2 * MINUTE));
	assert_string_equal(g.last[CALL_PATCH].registry, rig_id(0));
	for (unsigned i = 1; i < 3; i++) {
		r = engine_find(g.engine, rig_id(i), &n);
		engine_pause(g.engine, r, rig_azure(&g) + 10 * HOUR, NULL, 0,
			     g.now);
	}
	rig_drain(&g);
	rig_answer(&g);
	/* The one that is being written is gone from the file, and then from
	 * the engine. */
	reload(rig_config("", RIG_KEY, "", 1, 2));
	let_go(CALL_PATCH);
	rig_answer(&g);
	rig_run(&g, SECOND);
	assert_string_equal(rig_summary(&g, "registries"), "2");
	forget_counts();
	rig_run(&g, 20 * MINUTE);
	assert_in_range(g.sent[CALL_REGISTRY], 8, 14);
	assert_int_equal(g.sent[CALL_LIST], 0);
	for (unsigned i = 1; i < 3; i++)
		assert_string_equal(rig_registry(&g, i, "state"), "paused");
}

/* They left for another credential: three are two and one. */
static void few_that_stay_behind_are_read(void **state)
{
	char *text, *more;

	(void)state;
	settled(4, "");
	text = rig_config(
		"credential \"default\" { type = \"managed-identity\" }\n"
		"credential \"new\" { type = \"managed-identity\" client-id = "
		"\"22222222-3333-4444-5555-666666666666\" }",
		RIG_KEY, "", 0, 2);
	more = rig_config("", RIG_KEY "/" V1, "credential = \"new\"", 2, 2);
	text = text_realloc(text, strlen(text) + strlen(more) + 1, 1);
	strcat(text, more);
	free(more);
	reload(text);
	rig_run(&g, MINUTE);
	forget_counts();
	rig_run(&g, HOUR);
	assert_in_range(g.sent[CALL_REGISTRY], 4 * 12, 4 * 20);
	assert_int_equal(g.sent[CALL_LIST], 0);
	assert_string_equal(rig_summary(&g, "state"), "ok");
}

/* ---- a LIST is an economy ---- */

static void without_a_list_each_one_is_read(void **state)
{
	(void)state;
	begin(5, "");
	break_calls(CALL_LIST, FAULT_TRANSIENT, 503);
	rig_tick(&g);
	rig_run(&g, 20 * SECOND);
	assert_in_range(g.sent[CALL_LIST], 3, 4);
	assert_int_equal(g.sent[CALL_REGISTRY], 5);
	assert_true(engine_all_current(g.engine));
	assert_string_equal(rig_registry(&g, 0, "last_error"), "null");
	/* And so on, for hours; a LIST is tried now and then. */
	forget_counts();
	rig_run(&g, 3 * HOUR);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	assert_in_range(g.sent[CALL_LIST], 30, 60);
	assert_in_range(g.sent[CALL_REGISTRY], 5 * 36, 5 * 60);
	assert_int_equal(g.told[NOTE_FAILED], 1);
	/* A new version is adopted in time. */
	rig_newer(&g, V2, rig_azure(&g));
	rig_run(&g, 10 * MINUTE);
	assert_true(engine_all_current(g.engine));
	/* One LIST that comes, and it is used again. */
	mend(CALL_LIST);
	rig_run(&g, 10 * MINUTE);
	forget_counts();
	rig_run(&g, HOUR);
	assert_int_equal(g.sent[CALL_REGISTRY], 0);
	assert_in_range(g.sent[CALL_LIST], 12, 22);
}

/* It worked before: nobody is stale meanwhile, and nobody unreachable. */
static void a_list_that_stops_leaves_nobody_stale(void **state)
{
	(void)state;
	settled(5, "");
	break_calls(CALL_LIST, FAULT_TRANSIENT, 500);
	for (unsigned i = 0; i < 60; i++) {
		rig_run(&g, 10 * SECOND);
		assert_string_equal(rig_summary(&g, "state"), "ok");
	}
	assert_in_range(g.sent[CALL_REGISTRY], 5, 15);
}

/* The first page comes, the second one never does. */
static void a_page_that_never_comes_is_done_without(void **state)
{
	unsigned lists = 0;
	struct asked *a;
	struct reply r;

	(void)state;
	begin(4, "");
	hold(CALL_LIST);
	while (rig_until(&g, CALL_LIST, 30 * SECOND)) {
		a = rig_find(&g, CALL_LIST, NULL);
		r = rig_reply(&g, a);
		if (a->url[0]) {
			fault_set(&r.fault, FAULT_TRANSIENT, 500, "No page.");
		} else {
			r.list.items = text_alloc(2, sizeof(*r.list.items));
			r.list.items[0].id = text_dup(rig_id(0));
			r.list.items[0].view = g.models[0].view;
			r.list.n = 1;
			r.list.next_url =
				text_dup("https://management.azure.com/page2");
		}
		rig_put(&g, a, &r);
		assert_true(lists++ < 20);
	}
	assert_int_equal(lists, 6); /* three passes of two pages */
	assert_int_equal(g.sent[CALL_REGISTRY], 3);
	assert_true(engine_all_current(g.engine));
	assert_int_equal(g.told[NOTE_FAILED], 1);
}

/* ---- what a LIST shows otherwise is asked ---- */

/* An old LIST after a GET: no drift, no overdue, no doubt about the old
 * version, and each one is asked once. */
static void an_old_list_is_no_news(void **state)
{
	struct registry_view old;

	(void)state;
	settled(4, "reread-interval = \"1m\"");
	old = g.models[0].view;
	rig_newer(&g, V2, rig_azure(&g));
	rig_run(&g, 5 * MINUTE);
	assert_true(engine_all_current(g.engine));
	rig_run(&g, 2 * HOUR);
	forget_counts();
	hold(CALL_LIST);
	for (unsigned i = 0; i < 5; i++) {
		struct asked *a;
		struct reply r;

		assert_true(rig_until(&g, CALL_LIST, 2 * MINUTE));
		a = rig_find(&g, CALL_LIST, NULL);
		r = rig_reply(&g, a);
		r.list.items = text_alloc(4, sizeof(*r.list.items));
		for (; r.list.n < 4; r.list.n++) {
			r.list.items[r.list.n].id =
				text_dup(rig_id((unsigned)r.list.n));
			r.list.items[r.list.n].view = old;
		}
		rig_put(&g, a, &r);
		assert_true(engine_all_current(g.engine));
		assert_string_equal(rig_version(&g, V1, "verdict"), "draining");
		rig_answer(&g);
		rig_run(&g, SECOND);
		assert_int_equal(g.sent[CALL_REGISTRY], 4 * (i + 1));
		assert_string_equal(rig_summary(&g, "state"), "ok");
	}
	assert_int_equal(g.told[NOTE_DRIFT], 0);
	assert_int_equal(g.told[NOTE_OVERDUE], 0);
	assert_int_equal(g.sent[CALL_PATCH], 0);
}

/* What is so is found by the GET that the LIST led to. */
static void a_list_that_is_right_is_confirmed(void **state)
{
	(void)state;
	settled(4, "");
	text_copy(g.models[2].view.key.version, KEYID_VERSION_MAX, V1);
	g.models[2].view.auto_rotation = false;
	rig_run(&g, 5 * MINUTE);
	assert_int_equal(g.told[NOTE_DRIFT], 1);
	assert_string_equal(rig_said(&g, NOTE_DRIFT)->registry, rig_id(2));
	assert_true(g.sent[CALL_REGISTRY] >= 1);
	assert_true(engine_all_current(g.engine)); /* released again */
}

/* ---- a denial is told, and slow ---- */

/* LISTs work, the registry itself may not be read. */
static void denied_before_the_write(void **state)
{
	(void)state;
	settled(4, "");
	rig_run(&g, 5 * MINUTE); /* each one was asked itself, once */
	break_calls(CALL_REGISTRY, FAULT_DENIED, 403);
	rig_newer(&g, V2, rig_azure(&g));
	rig_run(&g, 90 * SECOND);
	for (unsigned i = 0; i < 4; i++) {
		assert_string_equal(rig_registry(&g, i, "state"), "blocked");
		assert_non_null(strstr(rig_registry(&g, i, "reason"),
				       "access is denied: The call failed"));
	}
	assert_int_equal(g.told[NOTE_BLOCKED], 4);
	assert_string_equal(rig_summary(&g, "state"), "degraded");
	forget_counts();
	rig_run(&g, 30 * MINUTE);
	/* Every two to four minutes, however many LISTs come. */
	assert_in_range(g.sent[CALL_REGISTRY], 4 * 7, 4 * 16);
	assert_true(g.sent[CALL_LIST] >= 6);
	assert_int_equal(g.told[NOTE_BLOCKED], 4);
	mend(CALL_REGISTRY);
	rig_run(&g, 5 * MINUTE);
	assert_true(engine_all_current(g.engine));
}

/* Told at once, not when what was known is stale. */
static void denied_and_current(void **state)
{
	(void)state;
	settled(1, "");
	break_calls(CALL_REGISTRY, FAULT_DENIED, 403);
	assert_true(!rig_until(&g, CALL_LIST, 4 * MINUTE));
	assert_string_equal(rig_registry(&g, 0, "state"), "blocked");
	assert_int_equal(g.told[NOTE_BLOCKED], 1);
	mend(CALL_REGISTRY);
	rig_run(&g, 5 * MINUTE);
	assert_string_equal(rig_summary(&g, "state"), "ok");
}

/* The same of the very first read. */
static void denied_from_the_start(void **state)
{
	(void)state;
	begin(1, "");
	break_calls(CALL_REGISTRY, FAULT_DENIED, 403);
	rig_tick(&g);
	assert_string_equal(rig_registry(&g, 0, "state"), "blocked");
	assert_non_null(strstr(rig_registry(&g, 0, "reason"), "denied"));
	assert_true(engine_pass_done(g.engine));
}

/* ---- one 404 is no verdict ---- */

/* The next `times` answers of this kind are 404. */
static void missing_for(enum call_kind kind, unsigned times)
{
	while (times-- > 0) {
		assert_true(rig_until(&g, kind, 5 * MINUTE));
		rig_fail(&g, rig_find(&g, kind, NULL), FAULT_MISSING, 404);
	}
}

static void a_registry_s_404_that_passes(void **state)
{
	int64_t begun;

	(void)state;
	settled(1, "");
	hold(CALL_REGISTRY);
	missing_for(CALL_REGISTRY, 1);
	begun = g.now.boot;
	missing_for(CALL_REGISTRY, 1);
	assert_string_equal(rig_registry(&g, 0, "state"), "current");
	let_go(CALL_REGISTRY);
	rig_run(&g, 11 * SECOND);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	assert_int_equal(g.told[NOTE_BLOCKED], 0);
	/* Three in a row, within half a minute: it is gone. */
	hold(CALL_REGISTRY);
	missing_for(CALL_REGISTRY, 1);
	begun = g.now.boot;
	missing_for(CALL_REGISTRY, 2);
	assert_true(g.now.boot - begun <= 30 * SECOND);
	assert_string_equal(rig_registry(&g, 0, "state"), "blocked");
	assert_int_equal(g.told[NOTE_BLOCKED], 1);
	/* And it is looked at every minute. */
	for (unsigned i = 0; i < 5; i++) {
		begun = g.now.boot;
		missing_for(CALL_REGISTRY, 1);
		assert_true(g.now.boot - begun <= MINUTE);
	}
	let_go(CALL_REGISTRY);
	rig_run(&g, MINUTE);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	assert_int_equal(g.told[NOTE_BLOCKED], 1);
}

/* In the middle of a move it is still read back. */
static void a_404_on_the_way(void **state)
{
	(void)state;
	settled(1, "");
	rig_newer(&g, V2, rig_azure(&g));
	hold(CALL_PATCH);
	assert_true(rig_until(&g, CALL_PATCH, 2 * MINUTE));
	hold(CALL_REGISTRY);
	let_go(CALL_PATCH);
	rig_answer(&g);
	missing_for(CALL_REGISTRY, 2);
	assert_string_equal(rig_registry(&g, 0, "state"), "verifying");
	let_go(CALL_REGISTRY);
	rig_run(&g, 11 * SECOND);
	assert_true(engine_all_current(g.engine));
	assert_int_equal(g.sent[CALL_PATCH], 1);
}

/* The registry is there, as its reads tell: that is no denial. */
static void a_write_s_404_that_passes(void **state)
{
	int64_t since;

	(void)state;
	settled(3, "");
	rig_newer(&g, V2, rig_azure(&g));
	hold(CALL_PATCH);
	assert_true(rig_until(&g, CALL_PATCH, 61 * SECOND));
	since = g.now.boot;
	rig_fail(&g, rig_find(&g, CALL_PATCH, NULL), FAULT_MISSING, 404);
	rig_answer(&g);
	assert_string_equal(rig_registry(&g, 0, "state"), "rotating");
	let_go(CALL_PATCH);
	while (!engine_all_current(g.engine)) {
		assert_true(g.now.boot - since < 30 * SECOND);
		rig_run(&g, SECOND);
	}
	assert_int_equal(g.told[NOTE_BLOCKED], 0);
}

/* What stands in the way now is told, and not what did before. */
static void an_old_error_is_not_the_reason(void **state)
{
	char warning[300];

	(void)state;
	settled(1, "");
	rig_newer(&g, V2, rig_azure(&g));
	fault_set(&g.faults[CALL_PATCH], FAULT_DENIED, 403, "No right.");
	rig_run(&g, 2 * MINUTE);
	assert_non_null(strstr(rig_registry(&g, 0, "reason"), "No right."));
	/* Once, with what was answered. */
	assert_int_equal(g.told[NOTE_BLOCKED], 1);
	assert_string_equal(rig_said(&g, NOTE_BLOCKED)->text, "No right.");
	fault_set(&g.faults[CALL_KEY], FAULT_DENIED, 403, "Not the key.");
	rig_run(&g, 10 * MINUTE);
	assert_null(strstr(rig_registry(&g, 0, "reason"), "No right."));
	assert_non_null(strstr(rig_registry(&g, 0, "reason"), "Not the key."));
	g.faults[CALL_KEY] = fault_none();
	rig_run(&g, 10 * MINUTE);
	engine_pause(g.engine, NULL, rig_azure(&g) + HOUR, warning,
		     sizeof(warning), g.now);
	rig_drain(&g);
	rig_run(&g, 10 * MINUTE);
	assert_null(strstr(rig_registry(&g, 0, "reason"), "No right."));
}

/* Two watches of one key: a version is news once. */
static void a_new_version_is_told_once(void **state)
{
	char *text = rig_config("", RIG_KEY, "", 0, 2);
	char *more = rig_config("", RIG_KEY "/" V1, "", 2, 1);

	(void)state;
	text = text_realloc(text, strlen(text) + strlen(more) + 1, 1);
	strcat(text, more);
	free(more);
	rig_start(&g, text, 3);
	rig_tick(&g);
	rig_newer(&g, V2, rig_azure(&g));
	rig_run(&g, 2 * HOUR);
	assert_int_equal(g.told[NOTE_NEW_VERSION], 1);
}

/* Three in a row are one: it may well be a missing right. */
static void a_write_s_404_that_lasts(void **state)
{
	(void)state;
	settled(1, "");
	rig_newer(&g, V2, rig_azure(&g));
	fault_set(&g.faults[CALL_PATCH], FAULT_MISSING, 404, "Not there.");
	rig_run(&g, 2 * MINUTE);
	assert_string_equal(rig_registry(&g, 0, "state"), "blocked");
	assert_int_equal(g.sent[CALL_PATCH], 3);
}

static void a_key_s_404_that_passes(void **state)
{
	int64_t begun;

	(void)state;
	settled(1, "");
	hold(CALL_KEY);
	missing_for(CALL_KEY, 2);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	assert_int_equal(g.told[NOTE_KEY_ERROR], 0);
	let_go(CALL_KEY);
	rig_run(&g, 2 * MINUTE);
	assert_int_equal(g.told[NOTE_STATE], 2); /* degraded, ok: the start */
	hold(CALL_KEY);
	missing_for(CALL_KEY, 1);
	begun = g.now.boot;
	missing_for(CALL_KEY, 2);
	assert_true(g.now.boot - begun <= 30 * SECOND);
	assert_string_equal(rig_summary(&g, "state"), "failed");
	for (unsigned i = 0; i < 5; i++) {
		begun = g.now.boot;
		missing_for(CALL_KEY, 1);
		assert_true(g.now.boot - begun <= MINUTE);
	}
	/* Recovered: seen within a minute, with the version in use. */
	let_go(CALL_KEY);
	rig_run(&g, MINUTE);
	assert_string_equal(rig_summary(&g, "state"), "ok");
}

/* The same of an older version that is in use, of a key that is recovered. */
static void a_version_s_404_that_passes(void **state)
{
	struct asked *a;

	(void)state;
	rig_start(&g, rig_config("", RIG_KEY "/" V1, "", 0, 1), 1);
	rig_newer(&g, V2, RIG_NOW - HOUR);
	rig_tick(&g);
	assert_string_equal(rig_registry(&g, 0, "state"), "current");
	hold(CALL_KEY);
	for (unsigned i = 0; i < 3;) {
		assert_true(rig_until(&g, CALL_KEY, 6 * MINUTE));
		a = rig_find(&g, CALL_KEY, NULL);
		if (a->call.key.version[0] == '\0') {
			rig_good_answer(&g, a);
			continue;
		}
		assert_string_not_equal(rig_summary(&g, "state"), "failed");
		rig_fail(&g, a, FAULT_MISSING, 404);
		i++;
	}
	assert_string_equal(rig_summary(&g, "state"), "failed");
	let_go(CALL_KEY);
	rig_run(&g, 61 * SECOND);
	assert_string_not_equal(rig_summary(&g, "state"), "failed");
}

/* ---- what a reload changes counts at once ---- */

static void a_shorter_poll_interval_polls_at_once(void **state)
{
	(void)state;
	settled(1, "poll-interval = \"15m\"");
	rig_run(&g, 14 * MINUTE);
	forget_counts();
	reload(rig_config("poll-interval = \"10s\"", RIG_KEY, "", 0, 1));
	assert_int_equal(g.sent[CALL_KEY], 1);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	assert_in_range(rig_date(&g, rig_key(&g, "next_poll")), 0, 15);
	rig_run(&g, MINUTE);
	assert_in_range(g.sent[CALL_KEY], 6, 8);
	assert_string_equal(rig_summary(&g, "state"), "ok");
}

/* It was read, only not lately: that is what is said. */
static void an_old_poll_is_not_called_none(void **state)
{
	(void)state;
	settled(1, "poll-interval = \"15m\"");
	rig_run(&g, 14 * MINUTE);
	hold(CALL_KEY);
	reload(rig_config("poll-interval = \"10s\"", RIG_KEY, "", 0, 1));
	assert_string_equal(rig_registry(&g, 0, "state"), "unknown");
	assert_null(strstr(rig_registry(&g, 0, "reason"), "yet"));
	assert_non_null(
		strstr(rig_registry(&g, 0, "reason"), "two poll intervals"));
}

static void a_shorter_reread_interval_counts_for_lists(void **state)
{
	(void)state;
	settled(4, "reread-interval = \"24h\"");
	rig_run(&g, 3 * HOUR);
	forget_counts();
	reload(rig_config("reread-interval = \"1m\"", RIG_KEY, "", 0, 4));
	assert_string_equal(rig_summary(&g, "state"), "ok");
	rig_run(&g, 10 * MINUTE);
	assert_in_range(g.sent[CALL_LIST], 12, 22);
	assert_string_equal(rig_summary(&g, "state"), "ok");
}

/* What waits for a budget of one in an hour goes out when there is more. */
static void a_larger_budget_counts_at_once(void **state)
{
	(void)state;
	begin(2, "read-rate = \"0.001\" read-burst = \"1\"");
	rig_tick(&g);
	rig_run(&g, MINUTE);
	assert_int_equal(g.sent[CALL_REGISTRY], 1);
	reload(rig_config("", RIG_KEY, "", 0, 2));
	rig_run(&g, 2 * SECOND);
	assert_true(engine_all_current(g.engine));
}

static void a_shorter_window_counts_at_once(void **state)
{
	(void)state;
	begin(1, "window = \"24h\"");
	rig_newer(&g, V2, RIG_NOW - 2 * HOUR);
	hold(CALL_PATCH);
	rig_tick(&g);
	assert_string_equal(rig_registry(&g, 0, "state"), "rotating");
	g.may_lose = true;
	reload(rig_config("window = \"1h\"", RIG_KEY, "", 0, 1));
	assert_string_equal(rig_registry(&g, 0, "state"), "overdue");
}

/* The host is busy with a LIST that takes long.  Who is due meanwhile waits,
 * and is not asked once more when that has shown it. */
static void a_late_list_spares_who_waits(void **state)
{
	unsigned reads;

	(void)state;
	settled(6, "max-requests = 4\nread-rotation-policy = \"false\"\n"
		   "reread-interval = 2m\n");
	rig_run(&g, 30 * MINUTE);
	reads = g.sent[CALL_REGISTRY];
	g.may_lose = true;
	hold(CALL_LIST);
	assert_true(rig_until(&g, CALL_LIST, 2 * MINUTE));
	rig_run(&g, 50 * SECOND);
	assert_int_equal(g.sent[CALL_REGISTRY], reads);
	let_go(CALL_LIST);
	rig_answer(&g);
	rig_run(&g, MINUTE);
	assert_int_equal(g.sent[CALL_REGISTRY], reads);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	rig_run(&g, 30 * MINUTE);
	assert_int_equal(g.sent[CALL_REGISTRY], reads);
}

#define TEST(f) cmocka_unit_test_teardown(f, stop)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(few_that_are_left_are_read),
		TEST(few_that_stay_behind_are_read),
		TEST(without_a_list_each_one_is_read),
		TEST(a_list_that_stops_leaves_nobody_stale),
		TEST(a_page_that_never_comes_is_done_without),
		TEST(a_late_list_spares_who_waits),
		TEST(an_old_list_is_no_news),
		TEST(a_list_that_is_right_is_confirmed),
		TEST(denied_before_the_write),
		TEST(denied_and_current),
		TEST(denied_from_the_start),
		TEST(a_registry_s_404_that_passes),
		TEST(a_404_on_the_way),
		TEST(a_write_s_404_that_passes),
		TEST(a_write_s_404_that_lasts),
		TEST(an_old_error_is_not_the_reason),
		TEST(a_new_version_is_told_once),
		TEST(a_key_s_404_that_passes),
		TEST(a_version_s_404_that_passes),
		TEST(a_shorter_poll_interval_polls_at_once),
		TEST(an_old_poll_is_not_called_none),
		TEST(a_shorter_reread_interval_counts_for_lists),
		TEST(a_larger_budget_counts_at_once),
		TEST(a_shorter_window_counts_at_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
