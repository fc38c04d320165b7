/* engine/retirement: when may an old version be disabled? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/text.h"
#include "engine/retirement.h"
#include "engine/snapshot.h"
#include "engine_help.h"

static struct rig g;

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

static void check(const char *version, const char *verdict)
{
	assert_string_equal(rig_version(&g, version, "verdict"), verdict);
}

/* n registries that have moved from V1 to V2 a moment ago. */
static void moved(unsigned n, const char *top)
{
	rig_start(&g, rig_config(top, RIG_KEY, "", 0, n), n);
	rig_tick(&g);
	check(V1, "newest");
	rig_newer(&g, V2, rig_azure(&g));
	rig_run(&g, 2 * MINUTE);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	check(V2, "newest");
}

static void in_use_draining_clear(void **state)
{
	int64_t since;

	(void)state;
	rig_start(&g, rig_config("", RIG_KEY, "", 0, 2), 2);
	rig_tick(&g);
	rig_newer(&g, V2, rig_azure(&g));
	hold(CALL_PATCH);
	rig_run(&g, 61 * SECOND);
	check(V1, "in use");
	assert_string_equal(rig_version(&g, V1, "registries"), "2");
	assert_string_equal(rig_version(&g, V1, "since"), "null");
	rig_good_answer(&g, rig_find(&g, CALL_PATCH, NULL));
	rig_answer(&g);
	check(V1, "in use");
	assert_string_equal(rig_version(&g, V1, "registries"), "1");
	let_go(CALL_PATCH);
	rig_answer(&g);
	rig_run(&g, 61 * SECOND);
	check(V1, "draining");
	assert_string_equal(rig_version(&g, V1, "registries"), "0");
	assert_string_equal(rig_version(&g, V2, "registries"), "2");
	since = rig_date(&g, rig_version(&g, V1, "since"));
	assert_in_range(-since, 0, 62);
	assert_int_equal(rig_date(&g, rig_version(&g, V1, "until")) - since,
			 24 * 3600);
	rig_run(&g, DAY - 2 * MINUTE);
	check(V1, "draining");
	rig_run(&g, 2 * MINUTE);
	check(V1, "clear");
	assert_string_equal(rig_version(&g, V1, "reason"), "null");
}

static void the_hold_is_configured(void **state)
{
	(void)state;
	moved(1, "retirement-hold = \"0s\"");
	rig_run(&g, MINUTE);
	check(V1, "clear");
	rig_stop(&g);
	moved(1, "retirement-hold = \"10m\"");
	rig_run(&g, 7 * MINUTE);
	check(V1, "draining");
	rig_run(&g, 4 * MINUTE);
	check(V1, "clear");
}

static void silence_is_never_clear(void **state)
{
	char since[40];

	(void)state;
	moved(3, "retirement-hold = \"1h\"");
	rig_run(&g, 2 * HOUR);
	check(V1, "clear");
	text_copy(since, sizeof(since), rig_version(&g, V1, "since"));
	g.may_lose = true;
	hold(CALL_LIST);
	hold(CALL_REGISTRY);
	rig_run(&g, 6 * MINUTE);
	check(V1, "unknown");
	assert_string_equal(rig_version(&g, V1, "since"), "null");
	assert_string_not_equal(rig_version(&g, V1, "reason"), "null");
	rig_run(&g, DAY);
	check(V1, "unknown");
	/* What was read again has not been on it meanwhile, as far as
	 * anybody can tell: the old date counts. */
	let_go(CALL_LIST);
	let_go(CALL_REGISTRY);
	rig_run(&g, 10 * MINUTE);
	check(V1, "clear");
	assert_string_equal(rig_version(&g, V1, "since"), since);
}

static void one_unread_registry_is_enough(void **state)
{
	(void)state;
	moved(3, "retirement-hold = \"0s\"");
	rig_run(&g, 5 * MINUTE);
	check(V1, "clear");
	g.models[1].unlisted = true;
	fault_set(&g.faults[CALL_REGISTRY], FAULT_DENIED, 403, "Denied.");
	rig_run(&g, 10 * MINUTE);
	check(V1, "unknown");
	check(V2, "newest");
}

static void one_that_comes_back_counts_anew(void **state)
{
	(void)state;
	moved(2, "retirement-hold = \"1h\"");
	rig_run(&g, 2 * HOUR);
	check(V1, "clear");
	hold(CALL_PATCH);
	g.models[1].view = rig_view(V1);
	assert_true(rig_until(&g, CALL_PATCH, 5 * MINUTE));
	check(V1, "in use");
	let_go(CALL_PATCH);
	rig_answer(&g);
	rig_run(&g, 5 * MINUTE);
	check(V1, "draining");
	assert_true(rig_date(&g, rig_version(&g, V1, "since")) > -600);
}

static void a_registry_that_is_gone_tells_nothing(void **state)
{
	(void)state;
	rig_start(&g,
		  rig_config("retirement-hold = \"0s\"", RIG_KEY,
			     "mode = \"observe\"", 0, 2),
		  2);
	rig_newer(&g, V2, RIG_NOW - MINUTE);
	g.models[0].view = rig_view(V2);
	rig_tick(&g);
	check(V1, "in use");
	/* Deleted, or the right to see it: nobody can tell. */
	g.models[1].missing = true;
	rig_run(&g, 10 * MINUTE);
	check(V1, "unknown");
}

static void another_key_is_not_counted(void **state)
{
	struct fault f;

	(void)state;
	rig_start(&g, rig_config("retirement-hold = \"0s\"", RIG_KEY, "", 0, 2),
		  2);
	keyid_parse(&g.models[1].view.key, RIG_OTHER_KEY, &f);
	rig_tick(&g);
	assert_string_equal(rig_version(&g, V1, "registries"), "1");
	/* It moves to this key, and away again. */
	g.models[1].view = rig_view(V1);
	rig_run(&g, 6 * MINUTE);
	assert_string_equal(rig_version(&g, V1, "registries"), "2");
	keyid_parse(&g.models[1].view.key, RIG_OTHER_KEY, &f);
	rig_run(&g, 6 * MINUTE);
	assert_string_equal(rig_version(&g, V1, "registries"), "1");
}

/* Set to another key already, but the data still needs this one; and the
 * other way round. */
static void the_key_in_use_counts_whatever_the_registry_is_set_to(void **state)
{
	char *one = rig_config("retirement-hold = \"0s\"", RIG_KEY, "", 0, 2);
	char *two = rig_config(one, RIG_OTHER_KEY, "mode = \"observe\"", 2, 1);
	struct fault f;

	(void)state;
	free(one);
	rig_start(&g, two, 3);
	rig_newer(&g, V2, RIG_NOW - MINUTE);
	g.models[0].view = g.models[2].view = rig_view(V2);
	keyid_parse(&g.models[2].view.key, RIG_OTHER_KEY, &f);
	/* An identifier that names the other key, and V1 of this one. */
	keyid_parse(&g.models[1].view.key, RIG_OTHER_KEY, &f);
	g.models[1].uses = RIG_KEY;
	rig_tick(&g);
	assert_string_equal(rig_registry(&g, 1, "state"), "blocked");
	assert_string_equal(rig_version(&g, V1, "registries"), "1");
	check(V1, "in use");
	/* A registry of the other watch that is on V1 of this key. */
	g.models[1].uses = NULL;
	g.models[1].view = rig_view(V2);
	text_copy(g.models[2].view.version_in_use, KEYID_VERSION_MAX, V1);
	g.models[2].uses = RIG_KEY;
	rig_run(&g, 15 * MINUTE);
	assert_string_equal(rig_version(&g, V1, "registries"), "1");
	check(V1, "in use");
	text_copy(g.models[2].view.version_in_use, KEYID_VERSION_MAX, V2);
	g.models[2].uses = NULL;
	rig_run(&g, 15 * MINUTE);
	assert_string_equal(rig_version(&g, V1, "registries"), "0");
	check(V1, "clear");
	assert_int_equal(g.sent[CALL_PATCH], 0);
}

/* It may be on any version of the key that it is set to. */
static void a_version_that_is_not_told_leaves_all_unknown(void **state)
{
	char *one = rig_config("retirement-hold = \"0s\"", RIG_KEY, "", 0, 2);
	char *two = rig_config(one, RIG_OTHER_KEY, "mode = \"observe\"", 2, 1);
	struct fault f;

	(void)state;
	free(one);
	rig_start(&g, two, 3);
	rig_newer(&g, V2, RIG_NOW - MINUTE);
	keyid_parse(&g.models[2].view.key, RIG_OTHER_KEY, &f);
	rig_tick(&g);
	rig_run(&g, 15 * MINUTE);
	check(V1, "clear");
	g.models[1].untold = true;
	rig_run(&g, 15 * MINUTE);
	check(V1, "unknown");
	g.models[1].untold = false;
	rig_run(&g, 15 * MINUTE);
	check(V1, "clear");
	/* One of another watch that is set to this key. */
	keyid_parse(&g.models[2].view.key, RIG_KEY, &f);
	g.models[2].untold = true;
	rig_run(&g, 15 * MINUTE);
	check(V1, "unknown");
	/* No registry of this key any more: what it tells is not asked. */
	keyid_parse(&g.models[2].view.key, RIG_OTHER_KEY, &f);
	rig_run(&g, 15 * MINUTE);
	check(V1, "clear");
}

/* A watch holds the old version by hand: it is the same key's. */
static void a_manual_watch_of_the_key_counts(void **state)
{
	char *one = rig_config("retirement-hold = \"0s\"", RIG_KEY, "", 0, 1);
	char *two = rig_config(one, RIG_KEY "/" V1, "", 1, 1);

	(void)state;
	free(one);
	rig_start(&g, two, 2);
	rig_newer(&g, V2, RIG_NOW - MINUTE);
	rig_tick(&g);
	rig_run(&g, 5 * MINUTE);
	assert_string_equal(rig_registry(&g, 0, "version_in_use"), V2);
	assert_string_equal(rig_registry(&g, 1, "version_in_use"), V1);
	check(V1, "in use");
	/* Its watch is gone; it is where it was. */
	one = rig_config("retirement-hold = \"0s\"", RIG_KEY, "", 0, 1);
	engine_reload(g.engine, rig_parse(one), g.now);
	free(one);
	rig_drain(&g);
	rig_answer(&g);
	rig_run(&g, 2 * MINUTE);
	check(V1, "unknown");
	assert_string_equal(rig_version(&g, V1, "registries"), "0");
	assert_non_null(strstr(rig_version(&g, V1, "reason"), "no longer"));
}

static void restart(const char *state)
{
	struct fault f;

	rig_restart(&g,
		    rig_config("retirement-hold = \"1h\"", RIG_KEY, "", 0, 2));
	if (state)
		assert_true(snapshot_read(g.engine, state, strlen(state), &f));
}

static void a_restart_remembers_since_when(void **state)
{
	char since[40];
	struct buf b;

	(void)state;
	moved(2, "retirement-hold = \"1h\"");
	rig_run(&g, 2 * HOUR);
	check(V1, "clear");
	text_copy(since, sizeof(since), rig_version(&g, V1, "since"));
	buf_init(&b, SNAPSHOT_MAX);
	assert_true(snapshot_write(g.engine, &b));
	restart(b.data);
	check(V1, "unknown");
	hold(CALL_REGISTRY);
	rig_tick(&g);
	check(V1, "unknown");
	rig_good_answer(&g, rig_find(&g, CALL_REGISTRY, "registry0"));
	check(V1, "unknown");
	let_go(CALL_REGISTRY);
	rig_answer(&g);
	check(V1, "clear");
	assert_string_equal(rig_version(&g, V1, "since"), since);
	buf_free(&b);
}

static void a_registry_that_went_back_meanwhile(void **state)
{
	struct buf b;

	(void)state;
	moved(2, "retirement-hold = \"1h\"");
	rig_run(&g, 2 * HOUR);
	buf_init(&b, SNAPSHOT_MAX);
	assert_true(snapshot_write(g.engine, &b));
	g.models[0].view = rig_view(V1);
	restart(b.data);
	rig_tick(&g);
	rig_run(&g, 2 * MINUTE);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	check(V1, "draining");
	buf_free(&b);
}

static void a_lost_state_makes_nothing_clear(void **state)
{
	(void)state;
	moved(2, "retirement-hold = \"1h\"");
	rig_run(&g, 2 * HOUR);
	restart(NULL);
	rig_tick(&g);
	/* Nothing is known of it any more: so nothing is said. */
	assert_string_equal(rig_version(&g, V1, "verdict"), "null");
	check(V2, "newest");
}

/* ---- a saved "since" is believed as far as it can be ---- */

#define T(ms) ((long long)(RIG_NOW + (ms)))

/* V1 of a day ago, V2 of ten hours ago; V1 was left at `since`, as a state of
 * a minute ago says.  Two registries are on the newest version. */
static void remembered(int64_t since, const char *more)
{
	struct fault f;
	struct buf b;

	rig_start(&g, rig_config("retirement-hold = \"1h\"", RIG_KEY, "", 0, 2),
		  2);
	rig_newer(&g, V2, RIG_NOW - 10 * HOUR);
	g.models[0].view = g.models[1].view = rig_view(V2);
	buf_init(&b, SNAPSHOT_MAX);
	buf_printf(&b,
		   "{\"format\":1,\"saved\":\"2026-03-01T11:59:00Z\","
		   "\"keys\":[{\"key\":\"" RIG_KEY "\",\"newest\":\"" V2
		   "\",\"versions\":[{\"version\":\"" V1
		   "\",\"created\":%lld,\"off_since\":%lld},{\"version\":\"" V2
		   "\",\"created\":%lld}]%s}],\"registries\":["
		   "{\"id\":\"%s\",\"proven\":\"" V2 "\"},"
		   "{\"id\":\"%s\",\"proven\":\"" V2 "\"}]}",
		   T(-DAY), (long long)since, T(-10 * HOUR), more, rig_id(0),
		   rig_id(1));
	assert_true(snapshot_read(g.engine, b.data, b.len, &f));
	buf_free(&b);
	rig_tick(&g);
}

static void what_can_be_is_believed(void **state)
{
	(void)state;
	remembered(RIG_NOW - 2 * HOUR, "");
	check(V1, "clear");
	assert_int_equal(rig_date(&g, rig_version(&g, V1, "since")), -7200);
	rig_stop(&g);
	/* As soon as there was a newer one. */
	remembered(RIG_NOW - 10 * HOUR, "");
	check(V1, "clear");
	rig_stop(&g);
	/* The newest came later; the one that it was left for did not. */
	remembered(RIG_NOW - 9 * HOUR, "");
	rig_newer(&g, V3, RIG_NOW - MINUTE);
	g.models[0].view = g.models[1].view = rig_view(V3);
	rig_run(&g, 10 * MINUTE);
	check(V3, "newest");
	check(V1, "clear");
	check(V2, "draining");
}

static void what_cannot_be_is_not_believed(void **state)
{
	static const int64_t since[] = {
		RIG_NOW - 11 * HOUR, /* nothing newer was there */
		RIG_NOW - 10 * HOUR - MINUTE,
		RIG_NOW - 2 * DAY, /* nor was it itself */
		RIG_NOW + 30 * DAY,
		RIG_NOW + HOUR,
		RIG_NOW, /* later than the file */
		1,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(since) / sizeof(*since); i++) {
		remembered(since[i], "");
		rig_run(&g, 2 * MINUTE);
		check(V1, "draining");
		assert_in_range(rig_date(&g, rig_version(&g, V1, "since")) +
					3 * MINUTE / SECOND,
				0, 180);
		rig_run(&g, HOUR - 5 * MINUTE);
		check(V1, "draining");
		rig_run(&g, 6 * MINUTE);
		check(V1, "clear");
		rig_stop(&g);
	}
	remembered(-1, "");
}

/* Nothing that a state says of times makes a deadline or a date untrue. */
static void other_times_of_the_state_are_held_against_reason(void **state)
{
	struct fault f;
	char text[600];

	(void)state;
	rig_start(&g, rig_config("", RIG_KEY, "", 0, 1), 1);
	g.versions[0].created = -1;
	snprintf(text, sizeof(text),
		 "{\"format\":1,\"keys\":[{\"key\":\"" RIG_KEY
		 "\",\"newest\":\"" V1 "\",\"first_seen\":%lld,"
		 "\"known_since\":%lld}],"
		 "\"registries\":[{\"id\":\"%s\",\"verified_at\":%lld}]}",
		 T(9 * DAY), T(900 * DAY), rig_id(0), T(9 * DAY));
	assert_true(snapshot_read(g.engine, text, strlen(text), &f));
	g.hold = 1u << CALL_REGISTRY;
	rig_tick(&g);
	assert_string_equal(rig_registry(&g, 0, "verified_at"), "null");
	assert_in_range(rig_date(&g, rig_registry(&g, 0, "deadline")), 0, 3600);
	let_go(CALL_REGISTRY);
	rig_answer(&g);
	rig_newer(&g, V2, rig_azure(&g));
	rig_run(&g, 3 * DAY);
	check(V1, "clear");
}

/* ---- everyone was read since the last one left ---- */

static void a_registry_unread_while_the_others_move(void **state)
{
	(void)state;
	rig_start(&g,
		  rig_config("retirement-hold = \"1h\"", RIG_KEY,
			     "mode = \"observe\"", 0, 3),
		  3);
	rig_newer(&g, V2, RIG_NOW - MINUTE);
	g.models[2].view = rig_view(V2);
	rig_tick(&g);
	check(V1, "in use");
	/* It shows V2, for the last time; and then the others leave V1. */
	g.models[2].unlisted = true;
	hold(CALL_REGISTRY);
	g.models[0].view = g.models[1].view = rig_view(V2);
	g.may_lose = true;
	assert_true(rig_until(&g, CALL_REGISTRY, 6 * MINUTE));
	for (unsigned i = 0; i < 2; i++) {
		struct asked *a = rig_find(&g, CALL_REGISTRY, rig_id(i));

		if (a)
			rig_good_answer(&g, a);
	}
	for (int i = 0; i < 90; i++) {
		struct asked *a;

		for (unsigned k = 0; k < 2; k++)
			if ((a = rig_find(&g, CALL_REGISTRY, rig_id(k))))
				rig_good_answer(&g, a);
		rig_run(&g, 2 * MINUTE);
		assert_string_not_equal(rig_version(&g, V1, "verdict"),
					"clear");
	}
	check(V1, "unknown");
	assert_non_null(strstr(rig_version(&g, V1, "reason"), "not every"));
	/* It may have been on V1 until now. */
	g.models[2].unlisted = false;
	let_go(CALL_REGISTRY);
	rig_answer(&g);
	rig_run(&g, 20 * MINUTE);
	check(V1, "draining");
	assert_true(rig_date(&g, rig_version(&g, V1, "since")) > -1260);
	rig_run(&g, HOUR);
	check(V1, "clear");
}

static size_t awaited(void)
{
	const struct registry *who[1];

	return retirement_awaits(g.engine, TAILQ_FIRST(&g.engine->watches), V1,
				 who, 1);
}

/* No hold: then each has to be read again since the last one left. */
static void a_short_hold_still_waits_for_all(void **state)
{
	(void)state;
	rig_start(&g,
		  rig_config("retirement-hold = \"0s\"\n"
			     "reread-interval = \"30m\"",
			     RIG_KEY, "mode = \"observe\"", 0, 2),
		  2);
	rig_newer(&g, V2, RIG_NOW - MINUTE);
	g.models[1].view = rig_view(V2);
	rig_tick(&g);
	rig_run(&g, MINUTE);
	check(V1, "in use");
	g.models[0].view = rig_view(V2);
	hold(CALL_REGISTRY);
	assert_true(rig_until(&g, CALL_REGISTRY, 30 * MINUTE));
	while (!rig_find(&g, CALL_REGISTRY, "registry0")) {
		/* Should the other one be first, it will be again. */
		rig_good_answer(&g, rig_find(&g, CALL_REGISTRY, NULL));
		assert_true(rig_until(&g, CALL_REGISTRY, 30 * MINUTE));
	}
	if (rig_find(&g, CALL_REGISTRY, "registry1"))
		rig_good_answer(&g, rig_find(&g, CALL_REGISTRY, "registry1"));
	rig_run(&g, SECOND);
	rig_good_answer(&g, rig_find(&g, CALL_REGISTRY, "registry0"));
	rig_run(&g, 61 * SECOND);
	check(V1, "draining");
	assert_non_null(
		strstr(rig_version(&g, V1, "reason"), "not every registry"));
	assert_true(awaited() >= 1);
	let_go(CALL_REGISTRY);
	rig_answer(&g);
	rig_run(&g, 30 * MINUTE);
	check(V1, "clear");
	assert_string_equal(rig_version(&g, V1, "reason"), "null");
	assert_int_equal(awaited(), 0);
}

static void reload(const char *top, unsigned n)
{
	char *text = rig_config(top, RIG_KEY, "", 0, n);

	engine_reload(g.engine, rig_parse(text), g.now);
	free(text);
	rig_drain(&g);
}

static void one_that_comes_begins_the_hold_anew(void **state)
{
	struct buf b;

	(void)state;
	moved(2, "retirement-hold = \"1h\"");
	g.models[g.n_models++].view = rig_view(V2);
	rig_run(&g, 2 * HOUR);
	check(V1, "clear");
	hold(CALL_REGISTRY);
	hold(CALL_LIST);
	reload("retirement-hold = \"1h\"", 3);
	rig_run(&g, 30 * SECOND);
	check(V1, "unknown");
	let_go(CALL_REGISTRY);
	let_go(CALL_LIST);
	rig_answer(&g);
	rig_run(&g, MINUTE);
	check(V1, "draining");
	rig_run(&g, HOUR);
	check(V1, "clear");
	/* One of which the saved state knows nothing. */
	buf_init(&b, SNAPSHOT_MAX);
	assert_true(snapshot_write(g.engine, &b));
	g.models[g.n_models++].view = rig_view(V2);
	rig_restart(&g,
		    rig_config("retirement-hold = \"1h\"", RIG_KEY, "", 0, 4));
	assert_true(
		snapshot_read(g.engine, b.data, b.len, &(struct fault){ 0 }));
	buf_free(&b);
	rig_tick(&g);
	rig_run(&g, MINUTE);
	check(V1, "draining");
	rig_run(&g, HOUR);
	check(V1, "clear");
}

/* What came a moment before the end is remembered, too. */
static void a_restart_does_not_forget_who_came(void **state)
{
	struct buf b;

	(void)state;
	moved(2, "retirement-hold = \"1h\"");
	g.models[g.n_models++].view = rig_view(V2);
	rig_run(&g, 2 * HOUR);
	reload("retirement-hold = \"1h\"", 3);
	rig_answer(&g);
	rig_run(&g, MINUTE);
	check(V1, "draining");
	buf_init(&b, SNAPSHOT_MAX);
	assert_true(snapshot_write(g.engine, &b));
	rig_restart(&g,
		    rig_config("retirement-hold = \"1h\"", RIG_KEY, "", 0, 3));
	assert_true(
		snapshot_read(g.engine, b.data, b.len, &(struct fault){ 0 }));
	buf_free(&b);
	rig_tick(&g);
	rig_run(&g, MINUTE);
	check(V1, "draining");
}

/* ---- leaving the file is not leaving the version ---- */

static void reload_two(const char *top, unsigned n, const char *key,
		       const char *more, unsigned from, unsigned m)
{
	char *one = rig_config(top, RIG_KEY, "mode = \"observe\"", 0, n);
	char *two = m ? rig_config(one, key, more, from, m) : text_dup(one);

	engine_reload(g.engine, rig_parse(two), g.now);
	free(one);
	free(two);
	rig_drain(&g);
	rig_answer(&g);
	rig_run(&g, 6 * MINUTE);
}

/* Registry 0 is on V2, registry 1 on V1 and no longer watched. */
static void one_departs(void)
{
	rig_start(&g,
		  rig_config("retirement-hold = \"0s\"", RIG_KEY,
			     "mode = \"observe\"", 0, 2),
		  2);
	rig_newer(&g, V2, RIG_NOW - MINUTE);
	g.models[0].view = rig_view(V2);
	rig_tick(&g);
	check(V1, "in use");
	reload_two("retirement-hold = \"0s\"", 1, NULL, NULL, 0, 0);
	check(V1, "unknown");
	assert_non_null(strstr(rig_version(&g, V1, "reason"), "no longer"));
}

static void who_leaves_the_file_does_not_leave_the_version(void **state)
{
	(void)state;
	one_departs();
	rig_run(&g, 3 * DAY);
	check(V1, "unknown");
	/* Watched again it is seen where it is, and then elsewhere. */
	reload_two("retirement-hold = \"0s\"", 2, NULL, NULL, 0, 0);
	check(V1, "in use");
	g.models[1].view = rig_view(V2);
	rig_run(&g, 15 * MINUTE);
	check(V1, "clear");
	reload_two("retirement-hold = \"0s\"", 1, NULL, NULL, 0, 0);
	check(V1, "clear");
	check(V2, "newest");
}

static void one_that_is_found_gone_is_on_no_version(void **state)
{
	(void)state;
	one_departs();
	g.models[1].missing = true;
	reload_two("retirement-hold = \"0s\"", 2, NULL, NULL, 0, 0);
	rig_run(&g, 10 * MINUTE);
	reload_two("retirement-hold = \"0s\"", 1, NULL, NULL, 0, 0);
	check(V1, "clear");
}

static void another_watch_that_takes_it_counts_it(void **state)
{
	(void)state;
	one_departs();
	reload_two("retirement-hold = \"0s\"", 1, RIG_OTHER_KEY,
		   "mode = \"observe\"", 1, 1);
	check(V1, "in use");
	/* It leaves that one, too. */
	reload_two("retirement-hold = \"0s\"", 1, NULL, NULL, 0, 0);
	check(V1, "unknown");
}

/* Its version was never proven, was proven, or is a state's of before. */
static void a_restart_does_not_forget_who_left(void **state)
{
	static const char *const old =
		"{\"format\":1,\"keys\":[{\"key\":\"" RIG_KEY
		"\",\"newest\":\"" V2 "\",\"versions\":[{\"version\":\"" V1
		"\"}]}],\"registries\":[{\"id\":\"%s\",\"proven\":\"" V1
		"\"%s}]}";
	struct fault f;
	struct buf b;

	(void)state;
	one_departs();
	buf_init(&b, SNAPSHOT_MAX);
	for (unsigned i = 0; i < 4; i++) {
		buf_reset(&b);
		if (i < 2)
			assert_true(snapshot_write(g.engine, &b));
		else
			buf_printf(&b, old, rig_id(1),
				   i == 2 ? "" : ",\"nowhere\":true");
		rig_restart(&g, rig_config("retirement-hold = \"0s\"", RIG_KEY,
					   "mode = \"observe\"", 0, 1));
		assert_true(snapshot_read(g.engine, b.data, b.len, &f));
		rig_tick(&g);
		rig_run(&g, 15 * MINUTE);
		check(V1, i < 3 ? "unknown" : "clear");
	}
	buf_free(&b);
}

static void the_file_changed_while_no_daemon_ran(void **state)
{
	struct fault f;
	struct buf b;

	(void)state;
	rig_start(&g, rig_config("", RIG_KEY, "mode = \"observe\"", 0, 2), 2);
	rig_newer(&g, V2, RIG_NOW - MINUTE);
	g.models[0].view = rig_view(V2);
	rig_tick(&g);
	rig_run(&g, 6 * MINUTE);
	buf_init(&b, SNAPSHOT_MAX);
	assert_true(snapshot_write(g.engine, &b));
	rig_restart(&g, rig_config("retirement-hold = \"0s\"", RIG_KEY,
				   "mode = \"observe\"", 0, 1));
	assert_true(snapshot_read(g.engine, b.data, b.len, &f));
	buf_free(&b);
	rig_tick(&g);
	rig_run(&g, 15 * MINUTE);
	check(V1, "unknown");
}

static void a_paused_one_counts(void **state)
{
	(void)state;
	moved(2, "retirement-hold = \"0s\"");
	rig_run(&g, 10 * MINUTE);
	check(V1, "clear");
	engine_pause(g.engine, engine_find(g.engine, rig_id(1), &(size_t){ 0 }),
		     rig_azure(&g) + HOUR, NULL, 0, g.now);
	g.models[1].view = rig_view(V1);
	rig_run(&g, 10 * MINUTE);
	assert_string_equal(rig_registry(&g, 1, "state"), "paused");
	check(V1, "in use");
}

static void every_verdict_has_its_word(void **state)
{
	(void)state;
	assert_string_equal(retirement_str(RETIREMENT_UNKNOWN), "unknown");
	assert_string_equal(retirement_str(RETIREMENT_NEWEST), "newest");
	assert_string_equal(retirement_str(RETIREMENT_IN_USE), "in use");
	assert_string_equal(retirement_str(RETIREMENT_DRAINING), "draining");
	assert_string_equal(retirement_str(RETIREMENT_CLEAR), "clear");
	assert_string_equal(retirement_str(RETIREMENT_CLEAR + 1), "unknown");
}

/* ---- a LIST that is old ---- */

static struct registry_view old_views[3];

/* What a LIST shows from now on, whatever becomes of the registries. */
static void freeze(void)
{
	for (unsigned i = 0; i < 3; i++) {
		struct registry_view *v = &old_views[i];

		*v = g.models[i].view;
		v->in_use_key = v->key;
		text_copy(v->in_use_key.version, KEYID_VERSION_MAX,
			  v->version_in_use);
		v->version_known = true;
	}
	hold(CALL_LIST);
}

static void old_list(struct asked *a)
{
	struct reply r = rig_reply(&g, a);

	r.list.items = text_alloc(4, sizeof(*r.list.items));
	for (unsigned i = 0; i < 3; i++) {
		r.list.items[i].id = text_dup(rig_id(i));
		r.list.items[i].view = old_views[i];
	}
	r.list.n = 3;
	rig_put(&g, a, &r);
	rig_answer(&g);
}

static void run_with_old_lists(int64_t ms)
{
	int64_t end = g.now.boot + ms;

	while (g.now.boot < end && rig_until(&g, CALL_LIST, end - g.now.boot))
		old_list(rig_find(&g, CALL_LIST, NULL));
}

static void pin_to_v1(unsigned i)
{
	struct registry_view *v = &g.models[i].view;

	v->auto_rotation = false;
	text_copy(v->key.version, KEYID_VERSION_MAX, V1);
	text_copy(v->version_in_use, KEYID_VERSION_MAX, V1);
}

static void an_old_list_makes_nothing_clear(void **state)
{
	(void)state;
	/* Of a key that nobody moves back. */
	rig_start(&g, rig_config("", RIG_KEY, "mode = \"observe\"", 0, 3), 3);
	rig_tick(&g);
	rig_newer(&g, V2, rig_azure(&g));
	for (unsigned i = 0; i < 3; i++)
		g.models[i].view = rig_view(V2);
	rig_run(&g, 12 * MINUTE);
	check(V1, "draining");
	freeze();
	pin_to_v1(0);
	run_with_old_lists(30 * HOUR);
	check(V1, "in use");
	assert_string_equal(rig_registry(&g, 0, "version_in_use"), V1);
}

static void an_old_list_and_a_memory_make_nothing_clear(void **state)
{
	struct fault f;
	struct buf b;

	(void)state;
	moved(3, "");
	rig_run(&g, 26 * HOUR);
	check(V1, "clear");
	freeze();
	pin_to_v1(0);
	buf_init(&b, SNAPSHOT_MAX);
	assert_true(snapshot_write(g.engine, &b));
	rig_restart(&g, rig_config("", RIG_KEY, "mode = \"observe\"", 0, 3));
	assert_true(snapshot_read(g.engine, b.data, b.len, &f));
	buf_free(&b);
	rig_tick(&g);
	run_with_old_lists(10 * SECOND);
	check(V1, "draining");
	run_with_old_lists(5 * MINUTE);
	check(V1, "in use");
}

/* A GET of each is enough, once. */
static void a_list_stays_an_economy(void **state)
{
	unsigned gets;

	(void)state;
	moved(3, "");
	gets = g.sent[CALL_REGISTRY];
	rig_run(&g, 26 * HOUR);
	check(V1, "clear");
	assert_int_equal(g.sent[CALL_REGISTRY], gets + 3);
	rig_run(&g, 3 * DAY);
	check(V1, "clear");
	assert_int_equal(g.sent[CALL_REGISTRY], gets + 3);
}

#define TEST(f) cmocka_unit_test_teardown(f, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(in_use_draining_clear),
		TEST(the_hold_is_configured),
		TEST(silence_is_never_clear),
		TEST(one_unread_registry_is_enough),
		TEST(one_that_comes_back_counts_anew),
		TEST(a_registry_that_is_gone_tells_nothing),
		TEST(another_key_is_not_counted),
		TEST(the_key_in_use_counts_whatever_the_registry_is_set_to),
		TEST(a_version_that_is_not_told_leaves_all_unknown),
		TEST(a_manual_watch_of_the_key_counts),
		TEST(a_restart_remembers_since_when),
		TEST(a_registry_that_went_back_meanwhile),
		TEST(a_lost_state_makes_nothing_clear),
		TEST(what_can_be_is_believed),
		TEST(what_cannot_be_is_not_believed),
		TEST(other_times_of_the_state_are_held_against_reason),
		TEST(a_registry_unread_while_the_others_move),
		TEST(a_short_hold_still_waits_for_all),
		TEST(one_that_comes_begins_the_hold_anew),
		TEST(a_restart_does_not_forget_who_came),
		TEST(who_leaves_the_file_does_not_leave_the_version),
		TEST(one_that_is_found_gone_is_on_no_version),
		TEST(another_watch_that_takes_it_counts_it),
		TEST(a_restart_does_not_forget_who_left),
		TEST(the_file_changed_while_no_daemon_ran),
		TEST(a_paused_one_counts),
		TEST(an_old_list_makes_nothing_clear),
		TEST(an_old_list_and_a_memory_make_nothing_clear),
		TEST(a_list_stays_an_economy),
		cmocka_unit_test(every_verdict_has_its_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
