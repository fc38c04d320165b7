/* ctl/history: what records come to, and that it stays within its bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "ctl/history.h"
#include "ctl/history_move.h"
#include "ctl/history_span.h"
#include "ctl/report_chart.h"
#include "ctl/report_words.h"

#define KEY "https://v.vault.azure.net/keys/k"
#define V1 "11111111111111111111111111111111"
#define V2 "22222222222222222222222222222222"
#define DAY INT64_C(1767225600000) /* 2026-01-01T00:00:00Z */
#define OF_KEY "\"key\":\"" KEY "\","
#define TIMED                                                            \
	OF_KEY "\"version\":\"" V2 "\",\"previous_version\":\"" V1 "\"," \
	       "\"effective\":\"2026-01-01T01:00:00.000Z\","             \
	       "\"window_ms\":3600000"
#define R(name) "\"registry\":\"/x/registries/" name "\","
#define WATCHED                                                            \
	"\"first\":true,\"last\":true,\"window_ms\":3600000,\"entries\":[" \
	"{" OF_KEY "\"version\":\"" V1 "\"},"                              \
	"{" R("a") OF_KEY "\"version\":\"" V1 "\"},"                       \
			  "{" R("b") OF_KEY "\"version\":\"" V1 "\"}]"

/* A record of the minute after DAY. */
static void add(struct history *h, int minute, const char *kind,
		const char *more)
{
	char object[2048], time[CHAIN_TIME_MAX];
	struct chain_record r;
	struct fault f;
	struct chain c;
	struct buf line;

	chain_init(&c);
	buf_init(&line, CHAIN_LINE_MAX);
	chain_time(time, DAY + minute * INT64_C(60000));
	snprintf(object, sizeof(object),
		 "{\"time\":\"%s\",\"kind\":\"%s\"%s%s}", time, kind,
		 more[0] ? "," : "", more);
	assert_true(chain_seal(&c, object, strlen(object), &line));
	assert_true(chain_read(line.data, line.len - 1, &r, &f));
	history_add(h, &r);
	chain_record_free(&r);
	buf_free(&line);
}

static int64_t minute(int n)
{
	return DAY + n * INT64_C(60000);
}

/* Two registries: one moves in time, one late. */
static void rotate(struct history *h)
{
	add(h, 0, "start", "");
	add(h, 1, "watched", WATCHED);
	add(h, 61, "sighting", "\"event\":\"new-version\"," TIMED);
	add(h, 62, "decision", "\"event\":\"write\"," R("a") TIMED);
	add(h, 63, "write", R("a") TIMED);
	add(h, 75, "read-back", "\"event\":\"verified\"," R("a") TIMED);
	add(h, 76, "failure",
	    "\"event\":\"blocked\",\"text\":\"no\"," R("b") TIMED);
	add(h, 130, "failure",
	    "\"event\":\"blocked\",\"text\":\"still no\"," R("b") TIMED);
}

static void a_rotation(void **state)
{
	char text[REPORT_WORDS_MAX];
	const struct history_registry *a, *b;
	struct history h;

	(void)state;
	history_init(&h, -1, -1);
	rotate(&h);
	history_end(&h);
	assert_int_equal(h.n_registries, 2);
	assert_int_equal(h.n_keys, 1);
	assert_int_equal(h.n_versions, 2);
	assert_int_equal(h.n_moves, 1);
	a = h.sorted[0];
	b = h.sorted[1];
	assert_string_equal(a->id, "/x/registries/a");
	assert_int_equal(h.moves[a->first].writes, 1);
	assert_int_equal(h.moves[a->first].written, minute(62));
	assert_int_equal(history_move_took(&h.moves[a->first]), 15 * 60000);
	assert_false(history_move_is_late(&h.moves[a->first]));
	report_words_used(text, &h.moves[a->first]);
	assert_string_equal(text, "25 %");
	assert_null(a->fault.text);
	assert_int_equal(history_due(&h, a), -1);
	assert_int_equal(b->moves, 0);
	assert_string_equal(b->fault.text, "still no");
	assert_int_equal(b->fault.times, 2);
	assert_int_equal(b->fault.since, minute(76));
	assert_int_equal(history_due(&h, b), minute(120));
	report_words_due(text, &h, b);
	assert_string_equal(text,
			    "Version 22222222 is not verified yet; the window "
			    "ended at 2026-01-01 02:00:00.");
	assert_int_equal(history_advice(&h, h.keys[0].newest), HISTORY_NEWEST);
	assert_int_equal(history_advice(&h, b->in_use), HISTORY_IN_USE);
	history_free(&h);
}

static void late_and_then_retired(void **state)
{
	size_t bins[REPORT_CHART_BINS];
	char text[REPORT_WORDS_MAX];
	struct history h;
	uint32_t old;

	(void)state;
	history_init(&h, -1, -1);
	rotate(&h);
	/* Others did it. */
	add(&h, 131, "read-back", "\"event\":\"verified\"," R("b") TIMED);
	history_end(&h);
	assert_int_equal(h.n_timed, 2);
	assert_int_equal(h.n_late, 1);
	assert_int_equal(h.sorted[1]->late, 1);
	assert_null(h.sorted[1]->fault.text);
	assert_int_equal(h.moves[h.sorted[1]->first].writes, 0);
	assert_int_equal(h.took[0], 15 * 60000);
	assert_int_equal(h.took[1], 71 * 60000);
	report_chart_count(&h, bins);
	assert_int_equal(bins[5], 1); /* up to 20 min */
	assert_int_equal(bins[9], 1); /* up to 2 h */
	old = h.moves[0].previous;
	assert_int_equal(h.versions[old].left, minute(131));
	assert_int_equal(history_advice(&h, old), HISTORY_CLEAR);
	report_words_advice(text, &h, old);
	assert_string_equal(text, "No watched registry is on it since "
				  "2026-01-01 02:11:00. Ask keyrotctl versions "
				  "before it is disabled.");
	report_words_rotated(text, &h, 0);
	assert_string_equal(text, "Rotated 1 time.");
	report_words_moves(text, &h);
	assert_string_equal(
		text, "2 moves were verified: 1 within the window, 1 late.");
	report_words_spans(text, &h);
	assert_string_equal(text, "From effective to verified: half within "
				  "15.0 min, 95 % within 15.0 min, all within "
				  "71.0 min.");
	/* Where something is missing, nothing is advised. */
	h.cut = true;
	assert_int_equal(history_advice(&h, old), HISTORY_UNKNOWN);
	history_free(&h);
}

/* Leaving the configuration is not leaving the version. */
static void left_the_file_on_it(void **state)
{
	char text[REPORT_WORDS_MAX];
	struct history h;
	uint32_t old;

	(void)state;
	history_init(&h, -1, -1);
	rotate(&h);
	old = h.moves[0].previous;
	add(&h, 131, "watched",
	    "\"first\":true,\"last\":true,\"entries\":[{" OF_KEY
	    "\"version\":\"" V2 "\"},{" R("a") OF_KEY "\"version\":\"" V2
						      "\"}]");
	history_end(&h);
	assert_int_equal(h.versions[old].users, 0);
	assert_int_equal(h.versions[old].departed, 1);
	assert_int_equal(history_advice(&h, old), HISTORY_UNKNOWN);
	report_words_advice(text, &h, old);
	assert_string_equal(text,
			    "Keep it: 1 registry that is no longer watched "
			    "was on it when it was last read; watch it again "
			    "until it was read elsewhere or is found gone.");
	history_free(&h);
}

/* Somebody moved it: to a version that is known, or to another key. */
static void drifted(void **state)
{
	struct history h;

	(void)state;
	history_init(&h, -1, -1);
	rotate(&h);
	add(&h, 140, "sighting",
	    "\"event\":\"drift\"," R("a") OF_KEY "\"version\":\"" V1
						 "\",\"text\":\"drift\"");
	assert_string_equal(h.versions[h.registries[0].in_use].name, V1);
	assert_string_equal(h.registries[0].fault.event, "drift");
	add(&h, 141, "sighting",
	    "\"event\":\"drift\"," R("a") OF_KEY
	    "\"version\":\"33333333333333333333333333333333\"");
	assert_int_equal(h.registries[0].in_use, HISTORY_NONE);
	history_end(&h);
	assert_int_equal(h.n_versions, 2);
	assert_int_equal(h.keys[0].unknown, 1);
	history_free(&h);
}

static void nobody_watched(void **state)
{
	struct history h;

	(void)state;
	history_init(&h, minute(15), -1);
	add(&h, 0, "start", "");
	add(&h, 5, "event", "\"event\":\"state\",\"state\":\"ok\"");
	add(&h, 10, "stop", "\"text\":\"x\"");
	add(&h, 10, "head", ""); /* the signature behind it */
	add(&h, 20, "start", "");
	add(&h, 30, "event", "\"event\":\"state\",\"state\":\"ok\"");
	add(&h, 50, "start", ""); /* it was killed */
	add(&h, 60, "lost", "\"records\":7");
	add(&h, 61, "stop", "");
	history_end(&h);
	assert_int_equal(h.n_gaps, 2);
	assert_int_equal(h.gaps[0].from, minute(15)); /* what was asked for */
	assert_int_equal(h.gaps[0].to, minute(20));
	assert_true(h.gaps[0].stopped);
	assert_int_equal(h.gaps[1].from, minute(30));
	assert_int_equal(h.gaps[1].to, minute(50));
	assert_false(h.gaps[1].stopped);
	assert_int_equal(h.down_ms, 25 * 60000);
	assert_int_equal(h.lost, 7);
	assert_true(h.stopped);
	history_free(&h);
}

/* Also where the time asked for begins or ends within it. */
static void nobody_watched_at_the_edges(void **state)
{
	static const struct {
		int from, to;	/* minutes asked for */
		int begin, end; /* of the gap; equal: there is none */
		bool stopped;
	} rows[] = {
		{ 0, 15, 10, 15, true },   { 12, 15, 12, 15, true },
		{ 0, 10, 10, 10, true },   { 0, 9, 9, 9, false },
		{ 15, 25, 15, 20, true },  { 20, 25, 20, 20, true },
		{ 21, 29, 21, 21, false }, { 0, 35, 10, 20, true },
		{ 26, 35, 30, 35, false }, { 32, 35, 32, 35, false },
		{ 32, 50, 32, 50, false }, { 55, 90, 55, 55, false },
	};
	struct history h;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		history_init(&h, minute(rows[i].from), minute(rows[i].to));
		add(&h, 0, "start", "");
		add(&h, 5, "event", "\"event\":\"state\",\"state\":\"ok\"");
		add(&h, 10, "stop", "\"text\":\"x\"");
		add(&h, 11, "head", ""); /* the signature behind it */
		add(&h, 20, "start", "");
		add(&h, 30, "event", "\"event\":\"state\",\"state\":\"ok\"");
		add(&h, 49, "torn", ""); /* what it was killed in */
		add(&h, 50, "start", "");
		add(&h, 60, "event", "\"event\":\"state\",\"state\":\"ok\"");
		history_end(&h);
		if (rows[i].begin == rows[i].end) {
			assert_int_equal(h.down_ms, 0);
		} else {
			assert_true(h.n_gaps > 0);
			assert_int_equal(h.gaps[0].from, minute(rows[i].begin));
			assert_int_equal(h.gaps[0].to, minute(rows[i].end));
			assert_int_equal(h.gaps[0].stopped, rows[i].stopped);
			assert_true(history_span_until(&h) >= h.gaps[0].to);
		}
		history_free(&h);
	}
}

/* Late by a second is more than all of the window, in words as well. */
static void what_part_was_used(void **state)
{
	struct history_move m = { .effective = DAY, .window_ms = 3600000 };
	char text[REPORT_WORDS_MAX];

	(void)state;
	m.verified = DAY + 3600000;
	report_words_used(text, &m);
	assert_string_equal(text, "100 %");
	m.verified += 1000;
	report_words_used(text, &m);
	assert_string_equal(text, "101 %");
	m.verified = DAY + 2 * 3600000;
	report_words_used(text, &m);
	assert_string_equal(text, "200 %");
	m.window_ms = 0;
	report_words_used(text, &m);
	assert_string_equal(text, "");
}

static void only_the_time_asked_for(void **state)
{
	struct history h;

	(void)state;
	/* What was before is known, but no move of this time. */
	history_init(&h, minute(100), minute(120));
	rotate(&h);
	history_end(&h);
	assert_int_equal(h.n_moves, 0);
	assert_int_equal(h.n_registries, 2);
	assert_int_equal(h.last, minute(76));
	assert_true(history_span_is_empty(&h));
	assert_int_equal(h.sorted[1]->fault.times, 1);
	history_free(&h);
	history_init(&h, minute(70), minute(90));
	rotate(&h);
	history_end(&h);
	assert_false(history_span_is_empty(&h));
	assert_int_equal(h.n_moves, 1);
	assert_int_equal(history_span_begin(&h), minute(70));
	history_free(&h);
}

static void what_mends(void **state)
{
	static const char error[] = "\"event\":\"key-error\"," OF_KEY
				    "\"text\":\"not there\"";
	struct history h;

	(void)state;
	history_init(&h, -1, -1);
	rotate(&h);
	add(&h, 131, "failure", error);
	assert_string_equal(h.keys[0].fault.text, "not there");
	add(&h, 132, "sighting",
	    "\"event\":\"key-ok\"," OF_KEY "\"text\":\"\"");
	assert_null(h.keys[0].fault.text);
	assert_non_null(h.registries[1].fault.text);
	add(&h, 133, "event", "\"event\":\"state\",\"state\":\"degraded\"");
	assert_non_null(h.registries[1].fault.text);
	add(&h, 134, "event", "\"event\":\"state\",\"state\":\"ok\"");
	assert_null(h.registries[1].fault.text);
	/* One that is not in the next list is watched no more. */
	add(&h, 140, "watched",
	    "\"first\":true,\"entries\":[{" R("b") OF_KEY "\"version\":\"" V1
							  "\"}]");
	assert_true(h.registries[0].watched);
	add(&h, 140, "watched", "\"last\":true,\"entries\":[]");
	assert_false(h.registries[0].watched);
	assert_true(h.registries[1].watched);
	history_end(&h);
	history_free(&h);
}

/* By hand there is no window, and what is no time is none. */
static void odd_records(void **state)
{
	char text[REPORT_WORDS_MAX];
	struct history h;

	(void)state;
	history_init(&h, -1, -1);
	add(&h, 1, "read-back",
	    "\"event\":\"verified\"," R("a") OF_KEY
	    "\"version\":\"" V1
	    "\",\"effective\":\"soon\",\"window_ms\":9223372036854775807");
	add(&h, 2, "read-back",
	    "\"event\":\"verified\"," R("a") "\"version\":7,\"window_ms\":-1");
	add(&h, 3, "read-back", "\"event\":7," R("a") "\"version\":\"x\"");
	add(&h, 4, "watched", "\"entries\":[7,{},{\"registry\":\"\"}]");
	history_end(&h);
	assert_int_equal(h.n_moves, 1);
	assert_int_equal(h.n_timed, 0);
	assert_int_equal(history_move_took(&h.moves[0]), -1);
	assert_int_equal(h.moves[0].window_ms, 0);
	assert_false(h.listed);
	report_words_rotated(text, &h, 0);
	assert_string_equal(text, "Not rotated in this time.");
	assert_int_equal(history_advice(&h, 0), HISTORY_IN_USE);
	history_free(&h);
}

static void thousands(void **state)
{
	char more[512];
	struct history h;

	(void)state;
	history_init(&h, -1, -1);
	for (int i = 0; i < 3000; i++) {
		snprintf(more, sizeof(more),
			 "\"event\":\"verified\",\"registry\":\"/r/%d\"," TIMED,
			 i % 1000);
		add(&h, 61 + i / 1000, "read-back", more);
	}
	history_end(&h);
	assert_int_equal(h.n_registries, 1000);
	assert_int_equal(h.n_moves, 3000);
	for (size_t i = 0; i < h.n_registries; i++)
		assert_int_equal(h.registries[i].moves, 3);
	assert_int_equal(h.left_out, 0);
	history_free(&h);
}

/* ---- of several daemons ---- */

static void of(struct history *h, unsigned source, int at, const char *kind,
	       const char *more)
{
	history_from(h, source);
	add(h, at, kind, more);
}

#define LEADER "\"event\":\"leader\",\"text\":\"It leads.\""
#define OBSERVES "\"event\":\"standby\",\"text\":\"It observes.\""

/* The first one writes and dies; the second one verifies, and leads. */
static void what_one_wrote_another_verified(void **state)
{
	const struct history_registry *a;
	struct history h;

	(void)state;
	history_init(&h, -1, -1);
	of(&h, 0, 0, "start", "\"host\":\"one\"");
	of(&h, 1, 0, "start", "\"host\":\"two\"");
	of(&h, 0, 1, "watched", WATCHED);
	of(&h, 1, 1, "watched", WATCHED);
	of(&h, 0, 2, "decision", LEADER);
	of(&h, 1, 3, "decision", OBSERVES);
	of(&h, 0, 61, "sighting", "\"event\":\"new-version\"," TIMED);
	of(&h, 1, 61, "sighting", "\"event\":\"new-version\"," TIMED);
	of(&h, 0, 62, "decision", "\"event\":\"write\"," R("a") TIMED);
	of(&h, 1, 63, "read-back", "\"event\":\"verified\"," R("a") TIMED);
	of(&h, 1, 64, "decision", LEADER);
	of(&h, 1, 65, "decision", "\"event\":\"write\"," R("b") TIMED);
	of(&h, 1, 66, "read-back", "\"event\":\"verified\"," R("b") TIMED);
	/* The first one comes back, and sees the same. */
	of(&h, 0, 70, "start", "\"host\":\"one\"");
	of(&h, 0, 71, "failure", "\"event\":\"overdue\"," R("a") TIMED);
	of(&h, 0, 72, "read-back", "\"event\":\"verified\"," R("a") TIMED);
	of(&h, 0, 72, "read-back", "\"event\":\"verified\"," R("b") TIMED);
	of(&h, 1, 73, "event", "\"event\":\"state\",\"state\":\"ok\"");
	history_end(&h);
	assert_int_equal(h.n_moves, 2);
	assert_int_equal(h.n_missed, 0);
	a = h.sorted[0];
	assert_int_equal(a->moves, 1);
	assert_true(h.moves[a->first].verified == minute(63));
	assert_int_equal(h.moves[a->first].writes, 1);
	assert_int_equal(h.moves[a->first].by, 0);
	assert_int_equal(h.moves[h.sorted[1]->first].by, 1);
	assert_int_equal(h.n_turns, 3);
	assert_string_equal(h.turns[2].role, "leader");
	assert_int_equal(h.turns[2].source, 1);
	assert_string_equal(h.sources[0].host, "one");
	assert_true(h.listed);
	/* The second one watched all the time. */
	assert_int_equal(h.n_gaps, 0);
	history_free(&h);
}

#define LEADS(lease) \
	"\"event\":\"leader\",\"text\":\"It holds lease \\\"" lease "\\\".\""
#define YIELDS(lease) \
	"\"event\":\"standby\",\"text\":\"One holds lease \\\"" lease "\\\".\""

#define ALONE(lease) \
	"\"event\":\"alone\",\"text\":\"Under lease \\\"" lease "\\\".\""

/* Who led when it begins was told before. */
static void who_led_at_its_beginning(void **state)
{
	struct history h;

	(void)state;
	history_init(&h, minute(60), -1);
	of(&h, 0, 0, "start", "");
	of(&h, 1, 0, "start", "");
	of(&h, 0, 1, "decision", LEADS("east"));
	of(&h, 0, 2, "decision", YIELDS("west"));
	of(&h, 1, 3, "decision", LEADS("west"));
	of(&h, 0, 4, "decision", YIELDS("east"));
	of(&h, 1, 4, "decision", LEADS("east"));
	of(&h, 0, 5, "decision", LEADS("east"));
	of(&h, 1, 6, "decision", YIELDS("east"));
	of(&h, 1, 70, "decision", LEADS("east"));
	of(&h, 1, 80, "decision", ALONE("east"));
	history_end(&h);
	/* The last of each lease, of each daemon; then what came later. */
	assert_int_equal(h.n_turns, 6);
	assert_int_equal(h.turns[0].time, minute(2));
	assert_int_equal(h.turns[1].time, minute(3));
	assert_string_equal(h.turns[1].role, "leader");
	assert_int_equal(h.turns[1].source, 1);
	assert_int_equal(h.turns[2].time, minute(5));
	assert_string_equal(h.turns[2].role, "leader");
	assert_int_equal(h.turns[2].source, 0);
	assert_int_equal(h.turns[3].time, minute(6));
	assert_string_equal(h.turns[3].role, "standby");
	assert_int_equal(h.turns[4].time, minute(70));
	assert_int_equal(h.turns[5].time, minute(80));
	assert_string_equal(h.turns[5].role, "alone");
	history_free(&h);
}

/* A lease is its blob, whatever each file calls it; records of before tell
 * only the name, in their sentence. */
#define OF(event, lease, blob)                                             \
	"\"event\":\"" event "\",\"lease\":\"" lease "\",\"blob\":\"" blob \
	"\",\"text\":\"It holds lease \\\"" lease "\\\".\""

static void one_blob_has_one_leader(void **state)
{
	struct history h;

	(void)state;
	history_init(&h, minute(60), -1);
	of(&h, 0, 1, "decision", OF("leader", "east", "a/c/one"));
	of(&h, 1, 2, "decision", OF("leader", "west", "a/c/one"));
	of(&h, 2, 3, "decision", OF("leader", "west", "a/c/two"));
	of(&h, 3, 4, "decision", LEADS("west"));
	of(&h, 0, 70, "event", "");
	history_end(&h);
	/* "west" of before may be either one: its holder is the last. */
	assert_int_equal(h.n_turns, 1);
	assert_int_equal(h.turns[0].source, 3);
	history_free(&h);
	history_init(&h, minute(60), -1);
	of(&h, 3, 1, "decision", LEADS("west"));
	of(&h, 0, 2, "decision", OF("leader", "east", "a/c/one"));
	of(&h, 1, 3, "decision", OF("leader", "west", "a/c/one"));
	of(&h, 2, 4, "decision", OF("leader", "west", "a/c/two"));
	of(&h, 0, 5, "decision", OF("standby", "renamed", "a/c/one"));
	of(&h, 0, 6, "decision", OF("standby", "again", "a/c/one"));
	of(&h, 0, 70, "event", "");
	history_end(&h);
	assert_int_equal(h.n_turns, 3);
	assert_int_equal(h.turns[0].source, 1);
	assert_int_equal(h.turns[1].source, 2);
	assert_int_equal(h.turns[2].source, 0);
	assert_int_equal(h.turns[2].time, minute(6));
	history_free(&h);
}

/* Who stopped or began anew leads no more, nor does who lost it while dead. */
static void who_had_led_before(void **state)
{
	struct history h;

	(void)state;
	history_init(&h, minute(60), -1);
	of(&h, 0, 1, "decision", LEADS("east"));
	of(&h, 1, 1, "decision", LEADS("west"));
	of(&h, 2, 1, "decision", LEADS("north"));
	of(&h, 0, 2, "stop", "");
	of(&h, 1, 3, "start", "");
	of(&h, 3, 4, "decision", LEADS("north"));
	of(&h, 0, 61, "start", "");
	history_end(&h);
	assert_int_equal(h.n_turns, 1);
	assert_int_equal(h.turns[0].source, 3);
	history_free(&h);
}

static void nobody_watched_when_none_did(void **state)
{
	struct history h;

	(void)state;
	history_init(&h, -1, -1);
	of(&h, 0, 0, "start", "");
	of(&h, 1, 10, "start", "");
	of(&h, 0, 20, "stop", "");
	of(&h, 1, 30, "stop", "");
	of(&h, 1, 40, "start", "");
	of(&h, 0, 50, "start", "");
	of(&h, 1, 60, "event", "");
	of(&h, 0, 90, "event", "");
	history_end(&h);
	assert_int_equal(h.n_gaps, 1);
	assert_true(h.gaps[0].from == minute(30));
	assert_true(h.gaps[0].to == minute(40));
	assert_true(h.gaps[0].stopped);
	assert_int_equal(h.down_ms, minute(10) - minute(0));
	history_free(&h);
}

/* Each watches its own; who leaves one list is watched by the other. */
static void watched_by_any(void **state)
{
	struct history h;

	(void)state;
	history_init(&h, -1, -1);
	of(&h, 0, 0, "start", "");
	of(&h, 0, 1, "watched", WATCHED);
	of(&h, 1, 1, "start", "");
	of(&h, 1, 2, "watched",
	   "\"first\":true,\"last\":true,\"entries\":[{" R("a") OF_KEY
	   "\"version\":\"" V1 "\"}]");
	of(&h, 0, 3, "watched", "\"first\":true,\"last\":true,\"entries\":[]");
	history_end(&h);
	assert_int_equal(h.n_registries, 2);
	assert_true(h.sorted[0]->watched);
	assert_false(h.sorted[1]->watched);
	history_free(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rotation),
		cmocka_unit_test(late_and_then_retired),
		cmocka_unit_test(left_the_file_on_it),
		cmocka_unit_test(drifted),
		cmocka_unit_test(nobody_watched),
		cmocka_unit_test(nobody_watched_at_the_edges),
		cmocka_unit_test(what_part_was_used),
		cmocka_unit_test(only_the_time_asked_for),
		cmocka_unit_test(what_mends),
		cmocka_unit_test(odd_records),
		cmocka_unit_test(what_one_wrote_another_verified),
		cmocka_unit_test(who_led_at_its_beginning),
		cmocka_unit_test(one_blob_has_one_leader),
		cmocka_unit_test(who_had_led_before),
		cmocka_unit_test(nobody_watched_when_none_did),
		cmocka_unit_test(watched_by_any),
		cmocka_unit_test(thousands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
