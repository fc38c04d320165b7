/* engine/snapshot: what survives a restart, and what a bad file may do. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "engine/model.h"
#include "engine/snapshot.h"
#include "engine_help.h"

static struct rig g;
static struct buf text;

static int start(void **state)
{
	(void)state;
	buf_init(&text, SNAPSHOT_MAX);
	rig_start(&g, rig_config("", RIG_KEY, "", 0, 2), 2);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	rig_stop(&g);
	buf_free(&text);
	return 0;
}

static void save(void)
{
	buf_reset(&text);
	assert_true(snapshot_write(g.engine, &text));
}

static void restart(void)
{
	rig_restart(&g, rig_config("", RIG_KEY, "", 0, 2));
}

static bool load(const char *s)
{
	struct fault f = fault_none();
	bool ok = snapshot_read(g.engine, s, strlen(s), &f);

	assert_int_equal(f.kind, ok ? FAULT_NONE : FAULT_INVALID);
	assert_int_equal(f.text[0] == '\0', ok);
	return ok;
}

static bool load_f(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static bool load_f(const char *fmt, ...)
{
	char s[4000];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s, sizeof(s), fmt, ap);
	va_end(ap);
	return load(s);
}

/* Without the time of saving. */
static char *essence(void)
{
	char *copy, *saved;

	save();
	copy = text_dup(text.data);
	saved = strstr(copy, "\"saved\":\"");
	assert_non_null(saved);
	memset(saved + strlen("\"saved\":\""), '-', 20);
	return copy;
}

static void moved(void)
{
	rig_tick(&g);
	rig_newer(&g, V2, rig_azure(&g));
	rig_run(&g, 5 * MINUTE);
	assert_string_equal(rig_summary(&g, "state"), "ok");
}

static void pause_one(unsigned i, int64_t until)
{
	size_t n;

	engine_pause_by(g.engine, engine_find(g.engine, rig_id(i), &n), until,
			"uid 1000", "CHG-1 \"freeze\"", NULL, 0, g.now);
	rig_drain(&g);
}

static void a_round_trip(void **state)
{
	char *before, *after;

	(void)state;
	moved();
	pause_one(1, rig_azure(&g) + HOUR);
	engine_pause(g.engine, NULL, rig_azure(&g) + 2 * HOUR, NULL, 0, g.now);
	rig_drain(&g);
	before = essence();
	assert_non_null(strstr(before, "\"format\":1"));
	assert_non_null(strstr(before, "\"paused_by\":\"uid 1000\""));
	assert_non_null(strstr(before, "CHG-1 \\\"freeze\\\""));
	assert_non_null(strstr(before, V1));
	assert_non_null(strstr(before, V2));
	restart();
	assert_true(load(before));
	after = essence();
	assert_string_equal(after, before);
	free(before);
	free(after);
}

/* What a move takes is known at once after a restart. */
static void the_pace_survives(void **state)
{
	(void)state;
	moved();
	assert_true(g.engine->pace.seen > 0);
	g.engine->pace = (struct pace){ .seen = 9, .op_ms = 23000 };
	save();
	restart();
	assert_int_equal(g.engine->pace.seen, 0);
	assert_true(load(buf_str(&text)));
	assert_int_equal(g.engine->pace.seen, 1);
	assert_int_equal(g.engine->pace.op_ms, 23000);
	assert_true(g.engine->pace.reads > 4);
	/* Nobody moves for days, and none backwards. */
	restart();
	assert_true(load("{\"format\":1,\"move_ms\":90000000}"));
	assert_true(load("{\"format\":1,\"move_ms\":-5}"));
	assert_int_equal(g.engine->pace.seen, 0);
}

static void an_empty_engine_has_one_too(void **state)
{
	char *before, *after;

	(void)state;
	before = essence();
	assert_true(load(before));
	after = essence();
	assert_string_equal(after, before);
	free(before);
	free(after);
}

static void pauses_survive(void **state)
{
	(void)state;
	moved();
	pause_one(0, rig_azure(&g) + HOUR);
	save();
	restart();
	assert_true(load(text.data));
	rig_newer(&g, V3, rig_azure(&g));
	rig_tick(&g);
	assert_string_equal(rig_registry(&g, 0, "state"), "paused");
	assert_string_equal(rig_registry(&g, 0, "version_in_use"), V2);
	assert_string_equal(rig_registry(&g, 1, "version_in_use"), V3);
	rig_run(&g, HOUR);
	assert_string_equal(rig_registry(&g, 0, "version_in_use"), V3);
}

static void a_pause_of_all_survives(void **state)
{
	(void)state;
	moved();
	engine_pause(g.engine, NULL, rig_azure(&g) + HOUR, NULL, 0, g.now);
	save();
	restart();
	assert_true(load(text.data));
	rig_newer(&g, V3, rig_azure(&g));
	rig_tick(&g);
	rig_run(&g, 59 * MINUTE);
	assert_int_equal(g.sent[CALL_PATCH], 0);
	assert_string_equal(rig_registry(&g, 1, "state"), "paused");
	rig_run(&g, 2 * MINUTE);
	assert_string_equal(rig_registry(&g, 1, "version_in_use"), V3);
}

static void what_was_said_is_not_said_again(void **state)
{
	(void)state;
	moved();
	g.hold = 1u << CALL_PATCH;
	g.may_lose = true;
	rig_newer(&g, V3, rig_azure(&g));
	rig_run(&g, 2 * HOUR);
	assert_int_equal(g.told[NOTE_OVERDUE], 2);
	save();
	restart();
	assert_true(load(text.data));
	rig_tick(&g);
	assert_string_equal(rig_registry(&g, 0, "state"), "overdue");
	assert_int_equal(g.told[NOTE_OVERDUE], 0);
	assert_int_equal(g.told[NOTE_NEW_VERSION], 0);
	/* That it arrives is news. */
	g.hold = 0;
	rig_answer(&g);
	rig_run(&g, 5 * MINUTE);
	assert_int_equal(g.told[NOTE_VERIFIED], 2);
	assert_int_equal(g.told[NOTE_LATE], 2);
	save();
	restart();
	assert_true(load(text.data));
	rig_tick(&g);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	assert_int_equal(g.told[NOTE_VERIFIED], 0);
}

/* Overdue, as a former life has told: that nobody can read the key now makes
 * it no better. */
static void what_was_overdue_is_so_while_the_key_is_unread(void **state)
{
	(void)state;
	moved();
	g.hold = 1u << CALL_PATCH;
	g.may_lose = true;
	rig_newer(&g, V3, rig_azure(&g));
	rig_run(&g, 2 * HOUR);
	assert_string_equal(rig_summary(&g, "state"), "failed");
	save();
	restart();
	assert_true(load(text.data));
	fault_set(&g.faults[CALL_KEY], FAULT_DENIED, 403, "Denied.");
	rig_tick(&g);
	assert_string_equal(rig_summary(&g, "state"), "failed");
	assert_string_equal(rig_registry(&g, 0, "state"), "overdue");
	rig_run(&g, 30 * MINUTE);
	assert_string_equal(rig_summary(&g, "state"), "failed");
	assert_int_equal(g.told[NOTE_OVERDUE], 0);
	/* Azure has done it: nobody has to know the key for that. */
	g.models[0].view = g.models[1].view = rig_view(V3);
	rig_run(&g, 10 * MINUTE);
	assert_string_equal(rig_summary(&g, "state"), "degraded");
}

/* The first 404 of this life for a version that a former one has read is
 * looked at again. */
static void one_answer_does_not_make_a_version_lost(void **state)
{
	unsigned looks = 0;

	(void)state;
	rig_stop(&g);
	rig_start(&g, rig_config("", RIG_KEY, "mode = \"observe\"", 0, 1), 1);
	rig_tick(&g);
	rig_newer(&g, V2, rig_azure(&g));
	rig_run(&g, 10 * MINUTE);
	assert_string_equal(rig_summary(&g, "state"), "rotating");
	save();
	rig_restart(&g, rig_config("", RIG_KEY, "mode = \"observe\"", 0, 1));
	assert_true(load(text.data));
	g.hold = 1u << CALL_KEY;
	rig_tick(&g);
	while (looks < 3) {
		if (rig_find(&g, CALL_KEY, V1)) {
			rig_fail(&g, rig_find(&g, CALL_KEY, V1), FAULT_MISSING,
				 404);
			rig_answer(&g);
			assert_string_equal(rig_summary(&g, "state"),
					    ++looks < 3 ? "rotating"
							: "failed");
		} else if (rig_find(&g, CALL_KEY, NULL)) {
			rig_good_answer(&g, rig_find(&g, CALL_KEY, NULL));
			rig_answer(&g);
		}
		rig_run(&g, SECOND);
	}
}

static void a_new_version_met_while_away_is_told(void **state)
{
	(void)state;
	moved();
	save();
	rig_newer(&g, V3, rig_azure(&g));
	restart();
	assert_true(load(text.data));
	rig_tick(&g);
	rig_run(&g, MINUTE);
	assert_int_equal(g.told[NOTE_NEW_VERSION], 1);
	assert_int_equal(g.told[NOTE_VERIFIED], 2);
}

static void verified_at_is_history(void **state)
{
	char verified[40];

	(void)state;
	moved();
	text_copy(verified, sizeof(verified),
		  rig_registry(&g, 0, "verified_at"));
	save();
	restart();
	assert_true(load(text.data));
	/* When, is known; that it still is so, is not. */
	assert_string_equal(rig_registry(&g, 0, "verified_at"), verified);
	assert_string_equal(rig_registry(&g, 0, "state"), "unknown");
	assert_string_equal(rig_summary(&g, "state"), "starting");
	assert_string_equal(rig_registry(&g, 0, "version_in_use"), "null");
}

/* It was verified on the wanted version: no deadline was missed, for as long
 * as nobody can have made another version that it should be on. */
static void what_was_verified_before_is_not_late(void **state)
{
	(void)state;
	moved();
	save();
	rig_run(&g, 2 * HOUR);
	restart();
	assert_true(load(text.data));
	fault_set(&g.faults[CALL_REGISTRY], FAULT_TRANSIENT, 503, "Down.");
	rig_run(&g, 59 * MINUTE);
	assert_string_equal(rig_registry(&g, 0, "state"), "unreachable");
	assert_int_equal(g.told[NOTE_OVERDUE], 0);
	rig_run(&g, 2 * MINUTE);
	assert_string_equal(rig_registry(&g, 0, "state"), "overdue");
	assert_string_equal(rig_summary(&g, "state"), "failed");
}

static void an_ignored_identifier_is_remembered(void **state)
{
	unsigned first; /* who goes first */

	(void)state;
	moved();
	g.hold = 1u << CALL_PATCH;
	g.models[0].ignores = g.models[1].ignores = true;
	rig_newer(&g, V3, rig_azure(&g));
	assert_true(rig_until(&g, CALL_PATCH, 61 * SECOND));
	rig_good_answer(&g, rig_find(&g, CALL_PATCH, NULL));
	rig_answer(&g);
	assert_true(rig_until(&g, CALL_PATCH, 21 * SECOND));
	assert_string_equal(rig_find(&g, CALL_PATCH, NULL)->call.key.version,
			    V3);
	first = text_same(rig_find(&g, CALL_PATCH, NULL)->call.registry,
			  rig_id(1));
	save();
	assert_non_null(strstr(text.data, "\"writing\":\"" V3 "\""));
	rig_restart(&g, rig_config("", RIG_KEY, "", first, 1));
	assert_true(load(text.data));
	rig_tick(&g);
	/* That one may show yet: it is not written again at once ... */
	assert_false(rig_until(&g, CALL_PATCH, 7 * SECOND));
	/* ... but in the form that was found to do something. */
	assert_true(rig_until(&g, CALL_PATCH, 9 * SECOND));
	assert_string_equal(rig_find(&g, CALL_PATCH, NULL)->call.key.version,
			    V3);
}

/* What nobody can have meant makes nobody wait. */
static void a_time_to_write_again_is_doubted(void **state)
{
	static const char form[] =
		"{\"format\":1,\"registries\":[{\"id\":\"%s\",\"wrote\":\"" V3
		"\",\"write_again\":%" PRId64 "}]}";
	const int64_t ahead[] = { -HOUR,       0,	    6 * MINUTE,
				  1000 * HOUR, 15 * SECOND, 4 * MINUTE };
	char file[1024];

	(void)state;
	moved();
	rig_newer(&g, V3, rig_azure(&g));
	for (size_t i = 0; i < sizeof(ahead) / sizeof(*ahead); i++) {
		rig_restart(&g, rig_config("", RIG_KEY, "", 0, 1));
		snprintf(file, sizeof(file), form, rig_id(0),
			 rig_azure(&g) + ahead[i]);
		assert_true(load(file));
		g.hold = 1u << CALL_PATCH;
		rig_tick(&g);
		assert_int_equal(rig_until(&g, CALL_PATCH, 5 * SECOND), i < 4);
	}
	/* What was in vain is not written sooner for a restart, nor is it
	 * looked at every other second until then. */
	assert_false(rig_until(&g, CALL_PATCH, 3 * MINUTE));
	assert_true(rig_until(&g, CALL_PATCH, 70 * SECOND));
	assert_in_range(g.sent[CALL_REGISTRY], 2, 15);
}

/* ---- bad files ---- */

static void every_cut_is_refused(void **state)
{
	char *before, *after;
	struct fault f;
	size_t n;

	(void)state;
	moved();
	pause_one(0, rig_azure(&g) + HOUR);
	save();
	n = text.len;
	restart();
	before = text_ndup(text.data, n);
	for (size_t i = 0; i < n; i++)
		assert_false(snapshot_read(g.engine, before, i, &f));
	assert_false(snapshot_read(g.engine, before, n + 1, &f));
	free(before);
	/* Nothing was taken over from any of them. */
	before = essence();
	restart();
	after = essence();
	assert_string_equal(before, after);
	free(before);
	free(after);
}

static void any_changed_byte_is_survived(void **state)
{
	char *good;
	struct fault f;
	size_t n;

	(void)state;
	moved();
	save();
	good = text_dup(text.data);
	n = text.len;
	restart();
	for (size_t i = 0; i < n; i++)
		for (int bit = 0; bit < 8; bit += 3) {
			good[i] = (char)(good[i] ^ (1 << bit));
			snapshot_read(g.engine, good, n, &f);
			good[i] = (char)(good[i] ^ (1 << bit));
		}
	free(good);
	rig_tick(&g);
	rig_run(&g, 10 * MINUTE);
	assert_string_equal(rig_registry(&g, 0, "version_in_use"), V2);
}

static void foreign_ones_are_refused(void **state)
{
	static const char *const texts[] = {
		"",
		" ",
		"null",
		"[]",
		"1",
		"\"format\"",
		"{}",
		"{\"format\":2}",
		"{\"format\":0}",
		"{\"format\":-1}",
		"{\"format\":1.5}",
		"{\"format\":\"1\"}",
		"{\"format\":null}",
		"{\"format\":99999999999999999999999999}",
		"{\"format\":1",
		"{\"format\":1}}",
		"{\"format\":1,\"format\":1}",
		"{\"format\":1,\"keys\":[}",
		"\xff\xfe{\"format\":1}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_false(load(texts[i]));
	assert_string_equal(rig_summary(&g, "paused_until"), "null");
}

static void members_of_a_wrong_kind_are_left_out(void **state)
{
	static const char *const texts[] = {
		"{\"format\":1}",
		"{\"format\":1,\"keys\":5,\"registries\":\"x\"}",
		"{\"format\":1,\"keys\":{},\"registries\":{\"a\":{}}}",
		"{\"format\":1,\"keys\":[1,null,\"x\",[],{}]}",
		"{\"format\":1,\"registries\":[1,null,\"x\",[],{}]}",
		"{\"format\":1,\"keys\":[{\"key\":5},{\"key\":\"x\"},"
		"{\"key\":null}]}",
		"{\"format\":1,\"registries\":[{\"id\":5},{\"id\":\"\"},"
		"{\"id\":\"/subscriptions\"}]}",
		"{\"format\":1,\"keys\":[{\"key\":\"" RIG_KEY
		"\",\"newest\":7,\"first_seen\":\"soon\",\"versions\":[1,{},"
		"{\"version\":[]},{\"version\":\"\"},{\"version\":\"xyz\"},"
		"{\"version\":\"000000000000000000000000000000000\"}]}]}",
		"{\"format\":1,\"keys\":[{\"key\":\"" RIG_KEY
		"\",\"newest\":\"../../etc\",\"versions\":{\"version\":\"1\"}}"
		"]}",
		"{\"format\":1,\"paused_until\":\"tomorrow\"}",
		"{\"format\":1,\"paused_until\":null,\"new\":[[[[1]]]],"
		"\"later\":{\"a\":{\"b\":[]}}}",
		"{\"format\":1,\"keys\":[{\"key\":\"" RIG_OTHER_KEY
		"\",\"newest\":\"" V3 "\"}]}",
	};
	char *before = essence(), *after;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_true(load(texts[i]));
	after = essence();
	assert_string_equal(before, after);
	free(before);
	free(after);
	rig_tick(&g);
	assert_string_equal(rig_summary(&g, "state"), "ok");
}

/* Whatever the file says of when it was written, or nothing. */
static void a_version_of_the_future_holds_nothing_up(void **state)
{
	static const char *const saved[] = {
		"",
		"\"saved\":\"2026-03-01T11:59:00Z\",",
		"\"saved\":\"9997-03-01T11:59:00Z\",",
		"\"saved\":\"soon\",",
		"\"saved\":7,",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(saved) / sizeof(*saved); i++) {
		restart();
		assert_true(load_f(
			"{\"format\":1,%s\"keys\":[{\"key\":\"%s\","
			"\"newest\":\"%s\",\"versions\":["
			"{\"version\":\"%s\",\"created\":%" PRId64 "},"
			"{\"version\":\"%s\",\"created\":253302300799000}"
			"]}]}",
			saved[i], RIG_KEY, V3, V1, RIG_NOW - DAY, V3));
		rig_run(&g, MINUTE);
		assert_string_equal(rig_summary(&g, "state"), "ok");
		assert_string_equal(TAILQ_FIRST(&g.engine->watches)->newest,
				    V1);
	}
}

static void odd_numbers_are_left_out(void **state)
{
	static const char *const numbers[] = {
		"-1",
		"-9223372036854775808",
		"9223372036854775807",
		"253402300799001",
		"1e300",
		"-1e300",
		"1e-300",
		"123456789012345678901234567890",
		"0.5",
		"\"1772370000000\"",
		"true",
		"[]",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		const char *n = numbers[i];

		load_f("{\"format\":1,\"paused_until\":%s,\"keys\":[{\"key\":"
		       "\"" RIG_KEY "\",\"newest\":\"" V1
		       "\",\"first_seen\":%s,\"versions\":[{\"version\":\"" V3
		       "\",\"created\":%s,\"off_since\":%s}]}],"
		       "\"registries\":[{\"id\":\"%s\",\"verified_at\":%s,"
		       "\"paused_until\":%s}]}",
		       n, n, n, n, rig_id(0), n, n);
		assert_string_equal(rig_summary(&g, "paused_until"), "null");
		assert_string_equal(rig_registry(&g, 0, "paused_until"),
				    "null");
		assert_string_equal(rig_registry(&g, 0, "verified_at"), "null");
	}
	rig_tick(&g);
	rig_run(&g, MINUTE);
	assert_string_equal(rig_summary(&g, "state"), "ok");
}

static void load_pause(int64_t until)
{
	assert_true(load_f("{\"format\":1,\"paused_until\":%lld,"
			   "\"registries\":[{\"id\":\"%s\","
			   "\"paused_until\":%lld}]}",
			   (long long)until, rig_id(0), (long long)until));
	rig_tick(&g);
}

/* A pause of more than a day was never given: the file is wrong. */
static void a_pause_beyond_a_day_is_no_pause(void **state)
{
	(void)state;
	load_pause(RIG_NOW + 2 * DAY);
	assert_string_equal(rig_registry(&g, 0, "state"), "current");
	assert_string_equal(rig_summary(&g, "state"), "ok");
	rig_newer(&g, V2, rig_azure(&g));
	rig_run(&g, 2 * MINUTE);
	assert_string_equal(rig_registry(&g, 0, "version_in_use"), V2);
	restart();
	load_pause(rig_azure(&g) + DAY);
	assert_string_equal(rig_registry(&g, 0, "state"), "paused");
	assert_string_equal(rig_registry(&g, 1, "state"), "paused");
}

static void names_are_compared_without_case(void **state)
{
	char id[RESID_TEXT_MAX];

	(void)state;
	text_copy(id, sizeof(id), rig_id(1));
	memcpy(strstr(id, "registry1"), "REGISTRY1", 9);
	assert_true(load_f("{\"format\":1,\"registries\":[{\"id\":\"%s\","
			   "\"verified_at\":1772360000000}]}",
			   id));
	assert_string_equal(rig_registry(&g, 1, "verified_at"),
			    "2026-03-01T10:13:20Z");
}

static void too_many_versions_are_bounded(void **state)
{
	struct fault f;
	struct buf b;

	(void)state;
	buf_init(&b, SNAPSHOT_MAX);
	buf_puts(&b, "{\"format\":1,\"keys\":[{\"key\":\"" RIG_KEY
		     "\",\"newest\":\"" V1 "\",\"versions\":[");
	for (int i = 0; i < 1000; i++)
		buf_printf(&b, "%s{\"version\":\"%032x\",\"created\":%d}",
			   i ? "," : "", i + 1, 1000 + i);
	buf_puts(&b, "]}]}");
	assert_true(snapshot_read(g.engine, b.data, b.len, &f));
	buf_free(&b);
	save();
	assert_true(text.len < 10000);
	rig_tick(&g);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	assert_string_equal(rig_version(&g, V1, "verdict"), "newest");
}

static void one_that_does_not_fit_is_not_half_written(void **state)
{
	struct buf small;

	(void)state;
	moved();
	for (size_t max = 0; max < 400; max += 37) {
		buf_init(&small, max);
		assert_false(snapshot_write(g.engine, &small));
		buf_free(&small);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_round_trip),
		TEST(the_pace_survives),
		TEST(an_empty_engine_has_one_too),
		TEST(pauses_survive),
		TEST(a_pause_of_all_survives),
		TEST(what_was_said_is_not_said_again),
		TEST(what_was_overdue_is_so_while_the_key_is_unread),
		TEST(one_answer_does_not_make_a_version_lost),
		TEST(a_new_version_met_while_away_is_told),
		TEST(verified_at_is_history),
		TEST(what_was_verified_before_is_not_late),
		TEST(an_ignored_identifier_is_remembered),
		TEST(a_time_to_write_again_is_doubted),
		TEST(every_cut_is_refused),
		TEST(any_changed_byte_is_survived),
		TEST(foreign_ones_are_refused),
		TEST(members_of_a_wrong_kind_are_left_out),
		TEST(a_version_of_the_future_holds_nothing_up),
		TEST(odd_numbers_are_left_out),
		TEST(a_pause_beyond_a_day_is_no_pause),
		TEST(names_are_compared_without_case),
		TEST(too_many_versions_are_bounded),
		TEST(one_that_does_not_fit_is_not_half_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
