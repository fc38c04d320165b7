/* engine/engine: what could be broken without any other test noticing: who
 * goes first, what does not go out any more, and when. */
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

static void hold(enum call_kind kind)
{
	g.hold |= 1u << kind;
}

static void let_go(enum call_kind kind)
{
	g.hold &= ~(1u << kind);
}

static struct asked *patch(unsigned i)
{
	return rig_find(&g, CALL_PATCH, rig_id(i));
}

/* All on V1, and nothing to do. */
static void settled(unsigned n, const char *top, const char *options)
{
	rig_start(&g, rig_config(top, RIG_KEY, options, 0, n), n);
	rig_tick(&g);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	hold(CALL_PATCH);
}

/* ... and then V2 comes; runs up to the first PATCH. */
static void behind(unsigned n, const char *top, const char *options)
{
	settled(n, top, options);
	rig_newer(&g, V2, rig_azure(&g));
	assert_true(rig_until(&g, CALL_PATCH, 61 * SECOND));
}

static void reload(char *text)
{
	engine_reload(g.engine, rig_parse(text), g.now);
	free(text);
	rig_drain(&g);
	rig_answer(&g);
}

static char *joined(char *text, char *more)
{
	text = text_realloc(text, strlen(text) + strlen(more) + 1, 1);
	strcat(text, more);
	free(more);
	return text;
}

static int stop(void **state)
{
	(void)state;
	rig_stop(&g);
	return 0;
}

/* ---- a tight budget for writes ---- */

/* Another key's new version was made before, and is seen later. */
static void nearer_deadline(void)
{
	struct asked *a;
	struct reply r;

	hold(CALL_KEY);
	engine_poll(g.engine, RIG_OTHER_KEY, g.now);
	rig_drain(&g);
	a = rig_find(&g, CALL_KEY, NULL);
	assert_string_equal(a->call.key.name, "other");
	r = rig_reply(&g, a);
	r.key = rig_good(V3, rig_azure(&g) - 50 * MINUTE);
	rig_put(&g, a, &r);
	rig_answer(&g);
}

/* Six writes, and one of them each ten seconds: whose deadline is near goes
 * first, though the others have waited for longer. */
static void the_nearer_deadline_is_written_first(void **state)
{
	static const unsigned order[] = { 0, 3, 4, 5, 1, 2 };
	struct fault f;

	(void)state;
	rig_start(&g,
		  joined(rig_config("write-rate = \"0.1\" write-burst = \"1\"",
				    RIG_KEY, "canary = \"false\"", 0, 3),
			 rig_config("", RIG_OTHER_KEY, "canary = \"false\"", 3,
				    3)),
		  6);
	for (unsigned i = 3; i < 6; i++)
		assert_true(
			keyid_parse(&g.models[i].view.key, RIG_OTHER_KEY, &f));
	rig_tick(&g);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	hold(CALL_PATCH);
	rig_newer(&g, V2, rig_azure(&g));
	engine_poll(g.engine, RIG_KEY, g.now);
	rig_drain(&g);
	rig_answer(&g);
	assert_int_equal(g.sent[CALL_PATCH], 1);
	nearer_deadline();
	for (unsigned i = 0; i < 6; i++) {
		assert_true(rig_until(&g, CALL_PATCH, 11 * SECOND));
		assert_string_equal(rig_find(&g, CALL_PATCH, NULL)->registry,
				    rig_id(order[i]));
		g.versions[g.n_versions - 1] =
			rig_good(order[i] < 3 ? V2 : V3, rig_azure(&g));
		rig_good_answer(&g, rig_find(&g, CALL_PATCH, NULL));
		rig_answer(&g);
	}
}

/* What waited for its budget is not written by a file that only observes. */
static void a_queued_write_ends_with_a_reload_to_observe(void **state)
{
	uint64_t ticket;

	(void)state;
	behind(3, "write-rate = \"0.1\" write-burst = \"1\"",
	       "canary = \"false\"");
	assert_int_equal(g.sent[CALL_PATCH], 1);
	ticket = patch(0)->call.ticket;
	assert_true(engine_still(g.engine, ticket, g.now));
	reload(rig_config("write-rate = \"0.1\" write-burst = \"1\"", RIG_KEY,
			  "canary = \"false\" mode = \"observe\"", 0, 3));
	/* Nor the one that is on its way to the wire. */
	assert_false(engine_still(g.engine, ticket, g.now));
	g.may_lose = true;
	rig_run(&g, 5 * MINUTE);
	assert_int_equal(g.sent[CALL_PATCH], 1);
	/* It was none of ours, then: who changes it now is another one. */
	g.models[1].view.auto_rotation = false;
	text_copy(g.models[1].view.key.version, KEYID_VERSION_MAX, V1);
	rig_run(&g, 5 * MINUTE);
	assert_int_equal(g.told[NOTE_DRIFT], 1);
}

/* Nor by a key that was not read lately: it may have been disabled since. */
static void a_queued_write_ends_when_its_key_is_stale(void **state)
{
	uint64_t ticket;

	(void)state;
	behind(2,
	       "poll-interval = \"10s\" write-rate = \"0.04\" "
	       "write-burst = \"1\"",
	       "canary = \"false\"");
	assert_int_equal(g.sent[CALL_PATCH], 1);
	ticket = patch(0)->call.ticket;
	hold(CALL_KEY);
	rig_run(&g, 19 * SECOND);
	assert_true(engine_still(g.engine, ticket, g.now));
	rig_run(&g, 2 * SECOND);
	assert_false(engine_still(g.engine, ticket, g.now));
	g.may_lose = true;
	rig_run(&g, 38 * SECOND);
	assert_int_equal(g.sent[CALL_PATCH], 1);
	let_go(CALL_KEY);
	rig_answer(&g);
	assert_true(rig_until(&g, CALL_PATCH, 30 * SECOND));
}

/* ---- who leaves ---- */

/* It left the file while its write was under way, which then was ignored: the
 * second half of that move, pinning, is not for us to make any more. */
static void who_has_left_is_not_pinned(void **state)
{
	(void)state;
	behind(1, "", "");
	g.models[0].ignores = true;
	reload(text_dup(""));
	assert_string_equal(rig_summary(&g, "registries"), "1");
	let_go(CALL_PATCH);
	rig_answer(&g);
	rig_run(&g, 10 * MINUTE);
	assert_int_equal(g.sent[CALL_PATCH], 1);
	assert_string_equal(g.models[0].view.version_in_use, V1);
	assert_string_equal(rig_summary(&g, "registries"), "0");
}

/* ---- --once ---- */

static void one_of_two_current_is_not_all(void **state)
{
	struct fault f;

	(void)state;
	rig_start(&g, rig_config("", RIG_KEY, "", 0, 2), 2);
	assert_true(keyid_parse(&g.models[1].view.key, RIG_OTHER_KEY, &f));
	rig_tick(&g);
	assert_string_equal(rig_registry(&g, 0, "state"), "current");
	assert_string_equal(rig_registry(&g, 1, "state"), "blocked");
	assert_true(engine_pass_done(g.engine));
	assert_false(engine_all_current(g.engine));
}

/* Each read in between is good, and still every write fails: it ends. */
static void writes_that_fail_end_the_pass(void **state)
{
	(void)state;
	behind(1, "", "");
	assert_false(engine_pass_done(g.engine));
	let_go(CALL_PATCH);
	fault_set(&g.faults[CALL_PATCH], FAULT_TRANSIENT, 503, "Busy.");
	rig_answer(&g);
	rig_run(&g, 4 * MINUTE);
	assert_true(g.sent[CALL_PATCH] >= 3);
	while (!engine_pass_done(g.engine)) {
		assert_true(g.sent[CALL_PATCH] < 20);
		rig_run(&g, SECOND);
	}
	assert_false(engine_all_current(g.engine));
}

/* No token for Resource Manager, and all else is well. */
static void without_a_token_the_pass_ends(void **state)
{
	(void)state;
	rig_start(&g, rig_config("", RIG_KEY, "", 0, 1), 1);
	hold(CALL_TOKEN);
	rig_tick(&g);
	for (int failures = 0; failures < 3;) {
		assert_true(rig_until(&g, CALL_TOKEN, MINUTE));
		assert_false(engine_pass_done(g.engine));
		if (rig_find(&g, CALL_TOKEN, "vault")) {
			rig_good_answer(&g, rig_find(&g, CALL_TOKEN, "vault"));
			rig_answer(&g);
			continue;
		}
		rig_fail(&g, rig_find(&g, CALL_TOKEN, "management"),
			 FAULT_TRANSIENT, 503);
		failures++;
	}
	rig_run(&g, SECOND / 10);
	assert_true(engine_pass_done(g.engine));
	assert_int_equal(g.sent[CALL_REGISTRY], 0);
}

/* Nothing will be written to these, and that is the end of it. */
static void paused_and_observed_ones_end_the_pass(void **state)
{
	(void)state;
	settled(1, "", "");
	engine_pause(g.engine, NULL, rig_azure(&g) + 10 * HOUR, NULL, 0, g.now);
	rig_newer(&g, V2, rig_azure(&g));
	rig_run(&g, 2 * MINUTE);
	assert_string_equal(rig_registry(&g, 0, "state"), "paused");
	assert_true(engine_pass_done(g.engine));
	rig_stop(&g);
	settled(1, "", "mode = \"observe\"");
	rig_newer(&g, V2, rig_azure(&g));
	rig_run(&g, 2 * MINUTE);
	assert_string_equal(rig_registry(&g, 0, "state"), "rotating");
	assert_true(engine_pass_done(g.engine));
}

/* ---- a LIST among other things ---- */

/* Answer the LIST that is held by what was so at another time. */
static void old_page(const struct registry_view *shown, unsigned n,
		     const char *next)
{
	struct asked *a = rig_find(&g, CALL_LIST, NULL);
	struct reply r = rig_reply(&g, a);

	r.list.items = text_alloc(n + 1, sizeof(*r.list.items));
	r.list.next_url = next ? text_dup(next) : NULL;
	for (; r.list.n < n; r.list.n++) {
		r.list.items[r.list.n].id =
			text_dup(rig_id((unsigned)r.list.n));
		r.list.items[r.list.n].view = shown[r.list.n];
	}
	rig_put(&g, a, &r);
	rig_answer(&g);
}

/* A LIST is asked, then a registry is moved and read, then the LIST comes: it
 * is older than that read, and not even a reason to ask again. */
static void a_page_that_is_older_than_a_read_says_nothing(void **state)
{
	struct registry_view old[3];
	unsigned sent;

	(void)state;
	settled(3, "", "");
	let_go(CALL_PATCH);
	for (unsigned i = 0; i < 3; i++)
		old[i] = g.models[i].view;
	hold(CALL_LIST);
	assert_true(rig_until(&g, CALL_LIST, 5 * MINUTE));
	old_page(old, 0, "https://management.azure.com/next");
	rig_newer(&g, V2, rig_azure(&g));
	g.now.boot += SECOND;
	g.now.wall += SECOND;
	engine_poll(g.engine, NULL, g.now);
	rig_drain(&g);
	rig_answer(&g);
	assert_true(engine_all_current(g.engine));
	assert_string_equal(rig_registry(&g, 0, "version_in_use"), V2);
	assert_int_equal(rig_waiting(&g, CALL_LIST), 1);
	sent = g.sent[CALL_REGISTRY];
	old_page(old, 3, NULL);
	rig_tick(&g);
	assert_int_equal(g.sent[CALL_REGISTRY], sent);
	assert_true(engine_all_current(g.engine));
	assert_int_equal(g.told[NOTE_DRIFT], 0);
	let_go(CALL_LIST);
	rig_run(&g, HOUR);
	assert_int_equal(g.sent[CALL_PATCH], 3);
}

/* A LIST in the middle of an operation: that one is followed to its end, and
 * nothing is said of what the LIST has shown. */
static void a_list_does_not_disturb_an_operation(void **state)
{
	struct registry_view mid[3];
	unsigned sent;

	(void)state;
	behind(3, "reread-interval = \"1m\"", "");
	hold(CALL_LIST);
	hold(CALL_OPERATION);
	rig_accept(&g, patch(0), "https://management.azure.com/op",
		   55 * SECOND);
	for (unsigned i = 0; i < 3; i++)
		mid[i] = g.models[i].view;
	assert_true(rig_until(&g, CALL_LIST, MINUTE));
	/* Not begun yet, and then half done. */
	sent = g.sent[CALL_REGISTRY];
	old_page(mid, 3, "https://management.azure.com/next");
	mid[0].provisioning = PROVISIONING_UPDATING;
	text_copy(mid[0].key.version, sizeof(mid[0].key.version), V2);
	mid[0].auto_rotation = false;
	old_page(mid, 3, NULL);
	rig_tick(&g);
	assert_int_equal(g.sent[CALL_REGISTRY], sent);
	assert_int_equal(g.told[NOTE_DRIFT], 0);
	assert_non_null(strstr(rig_registry(&g, 0, "reason"), "carrying out"));
	assert_true(rig_until(&g, CALL_OPERATION, MINUTE));
	assert_int_equal(g.sent[CALL_PATCH], 1);
}

/* A LIST that goes on for two pages is no circle, however often it is done. */
static void pages_are_counted_for_one_pass(void **state)
{
	unsigned passes = 0;

	(void)state;
	settled(3, "reread-interval = \"1m\"", "");
	rig_run(&g, MINUTE); /* each one has been asked itself, once */
	hold(CALL_LIST);
	g.sent[CALL_REGISTRY] = 0;
	for (; passes < 1002; passes++) {
		struct registry_view now[3];

		for (unsigned i = 0; i < 3; i++)
			now[i] = g.models[i].view;
		assert_true(rig_until(&g, CALL_LIST, MINUTE));
		old_page(now, 2, "https://management.azure.com/next");
		assert_non_null(rig_find(&g, CALL_LIST, "next"));
		old_page(now, 3, NULL);
	}
	assert_int_equal(g.sent[CALL_REGISTRY], 0);
}

/* Another kind of trouble is told, and with rare reads a LIST is still tried
 * every five minutes. */
static void a_list_that_fails_is_tried_and_told(void **state)
{
	(void)state;
	settled(3, "reread-interval = \"1h\"", "");
	fault_set(&g.faults[CALL_LIST], FAULT_TRANSIENT, 503, "Busy.");
	rig_run(&g, HOUR);
	assert_int_equal(g.told[NOTE_FAILED], 1);
	fault_set(&g.faults[CALL_LIST], FAULT_DENIED, 403, "Denied.");
	rig_run(&g, 6 * MINUTE);
	assert_int_equal(g.told[NOTE_FAILED], 2);
	g.sent[CALL_LIST] = 0;
	rig_run(&g, HOUR);
	assert_in_range(g.sent[CALL_LIST], 10, 14);
	assert_int_equal(g.told[NOTE_FAILED], 2);
}

/* A registry is sought by a LIST, which fails: it is sought again later. */
static void a_search_that_failed_is_made_again(void **state)
{
	(void)state;
	settled(1, "", "");
	fault_set(&g.faults[CALL_LIST], FAULT_TRANSIENT, 503, "Busy.");
	g.models[0].group = "dr";
	rig_run(&g, 7 * MINUTE);
	assert_string_equal(rig_registry(&g, 0, "state"), "blocked");
	assert_true(g.sent[CALL_LIST] >= 1);
	g.faults[CALL_LIST] = fault_none();
	rig_run(&g, 10 * MINUTE);
	assert_true(engine_all_current(g.engine));
}

/* ---- the version in use ---- */

/* V1 is in use and V2 is the newest; V1 is not to be had. */
static void old_version_fails(const struct fault *f)
{
	int64_t end = g.now.boot + MINUTE;
	unsigned looks = 0;

	while (g.now.boot < end && looks < 3) {
		struct asked *a;
		struct reply r;

		if (!rig_until(&g, CALL_KEY, SECOND))
			continue;
		a = rig_find(&g, CALL_KEY, NULL);
		if (!text_same(a->call.key.version, V1)) {
			rig_good_answer(&g, a);
			continue;
		}
		if (looks++ == 0)
			end = g.now.boot + 25 * SECOND;
		r = rig_reply(&g, a);
		r.fault = *f;
		rig_put(&g, a, &r);
	}
	assert_int_equal(looks, 3);
}

/* Three looks within half a minute, and then it is believed. */
static void a_version_that_is_gone_is_believed_soon(void **state)
{
	struct fault f = fault_none();

	(void)state;
	settled(1, "", "mode = \"observe\"");
	rig_newer(&g, V2, rig_azure(&g));
	rig_run(&g, 4 * MINUTE);
	assert_string_equal(rig_summary(&g, "state"), "rotating");
	hold(CALL_KEY);
	fault_set(&f, FAULT_MISSING, 404, "No such key.");
	while (!rig_find(&g, CALL_KEY, V1)) {
		assert_true(rig_until(&g, CALL_KEY, 2 * MINUTE));
		if (!rig_find(&g, CALL_KEY, V1))
			rig_good_answer(&g, rig_find(&g, CALL_KEY, NULL));
	}
	old_version_fails(&f);
	rig_tick(&g);
	assert_string_equal(rig_summary(&g, "state"), "failed");
}

/* Three tries within some seconds, and then nobody waits for it. */
static void a_version_that_cannot_be_read_is_given_up_soon(void **state)
{
	struct fault f = fault_none();

	(void)state;
	rig_start(&g, rig_config("", RIG_KEY, "", 0, 1), 1);
	rig_newer(&g, V2, RIG_NOW - MINUTE);
	hold(CALL_KEY);
	rig_tick(&g);
	fault_set(&f, FAULT_TRANSIENT, 503, "Busy.");
	old_version_fails(&f);
	rig_tick(&g);
	assert_string_equal(rig_registry(&g, 0, "state"), "held");
	assert_true(engine_pass_done(g.engine));
	assert_int_equal(g.told[NOTE_KEY_ERROR], 1);
}

/* A key that was never read is not looked at again before that is told. */
static void a_key_that_is_not_there_ends_the_pass(void **state)
{
	(void)state;
	rig_start(&g, rig_config("", RIG_KEY, "", 0, 1), 1);
	fault_set(&g.faults[CALL_KEY], FAULT_MISSING, 404, "No such key.");
	rig_tick(&g);
	assert_int_equal(g.told[NOTE_KEY_ERROR], 1);
	assert_true(engine_pass_done(g.engine));
	assert_false(engine_all_current(g.engine));
}

/* Only what says that it is disabled means that, and each kind is told. */
static void a_refused_key_is_not_called_disabled(void **state)
{
	(void)state;
	settled(1, "", "");
	fault_set(&g.faults[CALL_KEY], FAULT_REFUSED, 400, "Not so.");
	text_copy(g.faults[CALL_KEY].inner_code, FAULT_CODE_MAX, "Other");
	rig_run(&g, 3 * MINUTE);
	assert_string_equal(rig_key(&g, "error"), "Not so.");
	assert_null(strstr(rig_registry(&g, 0, "reason"), "disabled"));
	assert_int_equal(g.told[NOTE_KEY_ERROR], 1);
	fault_set(&g.faults[CALL_KEY], FAULT_TRANSIENT, 503, "Busy.");
	rig_run(&g, 5 * MINUTE);
	assert_int_equal(g.told[NOTE_KEY_ERROR], 2);
}

/* A replica that lagged for a while an hour ago makes the next one no more
 * credible. */
static void an_old_lag_is_forgotten(void **state)
{
	(void)state;
	settled(1, "", "");
	let_go(CALL_PATCH);
	rig_newer(&g, V2, rig_azure(&g));
	rig_run(&g, 2 * MINUTE);
	assert_true(engine_all_current(g.engine));
	g.n_versions = 1;
	rig_run(&g, 5 * MINUTE);
	assert_string_equal(rig_summary(&g, "state"), "degraded");
	g.n_versions = 2;
	rig_run(&g, HOUR);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	g.n_versions = 1;
	rig_run(&g, 2 * MINUTE);
	assert_string_equal(rig_key(&g, "newest_version"), V2);
	g.n_versions = 2;
	rig_run(&g, 2 * MINUTE);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	assert_int_equal(g.told[NOTE_NEW_VERSION], 1);
	assert_int_equal(g.sent[CALL_PATCH], 1);
}

/* Who has mended something and reloads is answered at once. */
static void a_reload_asks_for_a_failing_key_at_once(void **state)
{
	unsigned sent;

	(void)state;
	settled(1, "poll-interval = \"15m\"", "");
	fault_set(&g.faults[CALL_KEY], FAULT_DENIED, 403, "Denied.");
	engine_poll(g.engine, NULL, g.now);
	rig_drain(&g);
	rig_answer(&g);
	assert_string_equal(rig_key(&g, "error"), "Denied.");
	sent = g.sent[CALL_KEY];
	g.faults[CALL_KEY] = fault_none();
	reload(rig_config("poll-interval = \"15m\"", RIG_KEY, "", 0, 1));
	assert_true(g.sent[CALL_KEY] > sent);
	assert_string_equal(rig_summary(&g, "state"), "ok");
}

/* Who waits for its turn does not make a failing key be asked without end. */
static void a_failing_key_is_not_hammered_for_who_waits(void **state)
{
	(void)state;
	behind(3, "", "max-parallel = \"1\"");
	hold(CALL_OPERATION);
	g.may_lose = true;
	rig_accept(&g, patch(0), "https://management.azure.com/op", MINUTE);
	fault_set(&g.faults[CALL_KEY], FAULT_TRANSIENT, 503, "Busy.");
	g.sent[CALL_KEY] = 0;
	rig_run(&g, 10 * MINUTE);
	assert_in_range(g.sent[CALL_KEY], 5, 60);
	assert_int_equal(g.sent[CALL_PATCH], 1);
}

/* None of those in use is forgotten, nor the newest, though nobody uses it. */
static void forty_versions_are_all_known(void **state)
{
	char version[KEYID_VERSION_MAX];

	(void)state;
	rig_start(&g, rig_config("", RIG_KEY, "mode = \"observe\"", 0, 40), 40);
	for (unsigned i = 0; i < 40; i++) {
		snprintf(version, sizeof(version), "%032x", 0xabc000 + i);
		text_copy(g.models[i].view.version_in_use,
			  sizeof(g.models[i].view.version_in_use), version);
	}
	hold(CALL_LIST);
	rig_tick(&g);
	let_go(CALL_LIST);
	rig_answer(&g);
	assert_string_equal(rig_version(&g, V1, "verdict"), "newest");
	rig_run(&g, 10 * MINUTE);
	for (unsigned i = 0; i < 40; i++) {
		snprintf(version, sizeof(version), "%032x", 0xabc000 + i);
		assert_string_equal(rig_version(&g, version, "verdict"),
				    "in use");
	}
	assert_string_equal(rig_version(&g, V1, "verdict"), "newest");
}

/* Azure's clock is known to about a second: a version is not written in the
 * first second of its life, however it is looked at. */
static void a_version_is_not_written_in_its_first_second(void **state)
{
	int64_t begins;

	(void)state;
	settled(1, "poll-interval = \"15m\"", "");
	begins = rig_azure(&g) + 5 * MINUTE;
	rig_newer(&g, V2, rig_azure(&g));
	g.versions[1].not_before = begins;
	engine_poll(g.engine, NULL, g.now);
	rig_drain(&g);
	rig_answer(&g);
	assert_false(rig_until(&g, CALL_PATCH, begins + 500 - rig_azure(&g)));
	engine_poll(g.engine, NULL, g.now);
	rig_drain(&g);
	rig_answer(&g);
	assert_null(patch(0));
	assert_true(rig_until(&g, CALL_PATCH, 2 * SECOND));
	assert_in_range(rig_azure(&g) - begins, SECOND, 2 * SECOND);
}

/* Nor does it take a poll to see that one has expired. */
static void a_version_expires_by_itself(void **state)
{
	(void)state;
	rig_start(&g, rig_config("poll-interval = \"15m\"", RIG_KEY, "", 0, 1),
		  1);
	g.versions[0].expires = RIG_NOW + 5 * MINUTE;
	rig_tick(&g);
	assert_string_equal(rig_registry(&g, 0, "state"), "current");
	rig_run(&g, RIG_NOW + 5 * MINUTE - SECOND - rig_azure(&g));
	assert_string_equal(rig_registry(&g, 0, "state"), "current");
	rig_run(&g, 2 * SECOND);
	assert_string_equal(rig_registry(&g, 0, "state"), "held");
	assert_non_null(strstr(rig_registry(&g, 0, "reason"), "expired"));
	/* Its end was moved: then it has not come yet. */
	g.versions[0].expires = RIG_NOW + 300 * DAY;
	engine_poll(g.engine, NULL, g.now);
	rig_drain(&g);
	rig_answer(&g);
	rig_run(&g, 5 * MINUTE);
	assert_string_equal(rig_registry(&g, 0, "state"), "current");
}

/* The same of its beginning, which had passed. */
static void a_beginning_that_is_put_off_has_not_passed(void **state)
{
	(void)state;
	settled(1, "", "");
	g.models[0].view.identity_attached = false;
	rig_newer(&g, V2, rig_azure(&g) - MINUTE);
	g.versions[1].not_before = rig_azure(&g) - MINUTE;
	rig_run(&g, 2 * MINUTE);
	assert_string_equal(rig_registry(&g, 0, "state"), "blocked");
	g.versions[1].not_before = rig_azure(&g) + 2 * HOUR;
	g.models[0].view.identity_attached = true;
	rig_run(&g, 30 * MINUTE);
	assert_int_equal(g.sent[CALL_PATCH], 0);
	assert_string_equal(rig_registry(&g, 0, "state"), "held");
}

/* ---- who goes first ---- */

static void a_named_canary_goes_first_again(void **state)
{
	(void)state;
	settled(3, "", "canary = \"registry1\"");
	g.models[1].view.identity_attached = false;
	rig_newer(&g, V2, rig_azure(&g));
	assert_true(rig_until(&g, CALL_PATCH, 61 * SECOND));
	assert_null(patch(1));
	let_go(CALL_PATCH);
	rig_answer(&g);
	assert_string_equal(rig_registry(&g, 0, "version_in_use"), V2);
	assert_string_equal(rig_registry(&g, 2, "version_in_use"), V2);
	/* It was mended, and has followed. */
	g.models[1].view.identity_attached = true;
	rig_run(&g, 10 * MINUTE);
	assert_true(engine_all_current(g.engine));
	hold(CALL_PATCH);
	rig_newer(&g, V3, rig_azure(&g));
	assert_true(rig_until(&g, CALL_PATCH, 61 * SECOND));
	assert_int_equal(rig_waiting(&g, CALL_PATCH), 1);
	assert_non_null(patch(1));
}

/* The others go when half of the window is left, and neither by the next poll
 * nor by what the first one does: it was told to wait ten minutes. */
static void half_of_the_window_rings_by_itself(void **state)
{
	struct asked *a;
	int64_t effective;

	(void)state;
	settled(3, "poll-interval = \"15m\" reread-interval = \"1h\"", "");
	hold(CALL_KEY);
	assert_true(rig_until(&g, CALL_KEY, 16 * MINUTE));
	let_go(CALL_KEY);
	rig_answer(&g);
	rig_run(&g, 9 * MINUTE);
	effective = rig_azure(&g);
	rig_newer(&g, V2, effective);
	while (rig_until(&g, CALL_PATCH, 11 * MINUTE) && (a = patch(0))) {
		struct reply r = rig_reply(&g, a);

		assert_int_equal(rig_waiting(&g, CALL_PATCH), 1);
		fault_set(&r.fault, FAULT_THROTTLED, 429, "Too many.");
		r.fault.retry_after_ms = 10 * MINUTE;
		rig_put(&g, a, &r);
		rig_answer(&g);
	}
	assert_int_equal(g.sent[CALL_PATCH], 3 + 2);
	assert_in_range(rig_azure(&g) - effective, 30 * MINUTE,
			30 * MINUTE + 2 * SECOND);
	assert_non_null(patch(1));
	assert_non_null(patch(2));
}

/* ---- all at once ---- */

#define KEYS 30

static char *many_keys(void)
{
	char *text = text_dup("");
	char key[80];

	for (unsigned i = 0; i < KEYS; i++) {
		snprintf(key, sizeof(key),
			 "https://contoso.vault.azure.net/keys/key%u", i);
		text = joined(text, rig_config("", key, "", i, 1));
	}
	return text;
}

static void begin_many(void)
{
	struct fault f;
	char key[80];

	rig_start(&g, many_keys(), KEYS);
	for (unsigned i = 0; i < KEYS; i++) {
		snprintf(key, sizeof(key),
			 "https://contoso.vault.azure.net/keys/key%u", i);
		assert_true(keyid_parse(&g.models[i].view.key, key, &f));
	}
	rig_tick(&g);
	rig_run(&g, 5 * MINUTE);
	assert_string_equal(rig_summary(&g, "state"), "ok");
}

/* KEY calls that go out within ms from now; *most: in one moment. */
static unsigned polls_within(int64_t ms, unsigned *most)
{
	unsigned before = g.sent[CALL_KEY], last = before;

	*most = 0;
	for (int64_t i = 0; i < ms; i += 20) {
		rig_run(&g, 20);
		if (g.sent[CALL_KEY] - last > *most)
			*most = g.sent[CALL_KEY] - last;
		last = g.sent[CALL_KEY];
	}
	return last - before;
}

/* The machine slept: all polls are due at once, and are spread. */
static void after_a_suspend_polls_are_spread(void **state)
{
	unsigned most;

	(void)state;
	begin_many();
	g.now.boot += 5 * HOUR;
	g.now.wall += 5 * HOUR;
	g.sent[CALL_KEY] = 0;
	rig_tick(&g);
	assert_in_range(g.sent[CALL_KEY], 0, 5);
	assert_in_range(polls_within(10 * SECOND, &most), KEYS - 5, KEYS + 5);
	assert_in_range(most, 1, 10);
	assert_string_equal(rig_summary(&g, "state"), "ok");
}

/* The vault works again: who was told so by the first success does not come
 * all in one moment. */
static void after_an_outage_polls_are_spread(void **state)
{
	unsigned most;

	(void)state;
	begin_many();
	fault_set(&g.faults[CALL_KEY], FAULT_TRANSIENT, 503, "Busy.");
	rig_run(&g, 30 * MINUTE);
	assert_string_equal(rig_summary(&g, "state"), "degraded");
	g.faults[CALL_KEY] = fault_none();
	hold(CALL_KEY);
	assert_true(rig_until(&g, CALL_KEY, 5 * MINUTE));
	let_go(CALL_KEY);
	g.sent[CALL_KEY] = 0;
	rig_answer(&g);
	assert_in_range(g.sent[CALL_KEY], 0, 5);
	assert_in_range(polls_within(20 * (KEYS + 1), &most), KEYS - 10,
			KEYS + 5);
	assert_in_range(most, 1, 10);
	rig_run(&g, SECOND);
	assert_string_equal(rig_summary(&g, "state"), "ok");
}

/* ---- what is told in other letters ---- */

#define LOWER "abcdef01-2345-6789-abcd-ef0123456789"
#define UPPER "ABCDEF01-2345-6789-ABCD-EF0123456789"

static void an_identity_in_other_letters_is_the_same(void **state)
{
	(void)state;
	rig_start(&g, rig_config("", RIG_KEY, "identity = \"" LOWER "\"", 0, 1),
		  1);
	text_copy(g.models[0].view.identity, sizeof(g.models[0].view.identity),
		  UPPER);
	rig_tick(&g);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	assert_int_equal(g.told[NOTE_WARNING], 0);
	rig_newer(&g, V2, rig_azure(&g));
	rig_run(&g, 61 * SECOND);
	assert_int_equal(g.sent[CALL_PATCH], 1);
	assert_true(engine_all_current(g.engine));
}

/* ---- the end of a token ---- */

/* In its last seconds it is not used: it might be over when it arrives. */
static void a_token_s_last_seconds_are_not_used(void **state)
{
	int64_t came;
	unsigned sent;

	(void)state;
	rig_start(&g, rig_config("poll-interval = \"1s\"", RIG_KEY, "", 0, 1),
		  1);
	g.token_life = 10 * MINUTE;
	came = g.now.boot;
	rig_tick(&g);
	hold(CALL_TOKEN);
	g.may_lose = true;
	fault_set(&g.faults[CALL_TOKEN], FAULT_TRANSIENT, 503, "Busy.");
	rig_run(&g, came + 10 * MINUTE - 11 * SECOND - g.now.boot);
	sent = g.sent[CALL_KEY];
	assert_true(sent > 500);
	rig_run(&g, 2 * SECOND);
	sent = g.sent[CALL_KEY];
	rig_run(&g, MINUTE);
	assert_int_equal(g.sent[CALL_KEY], sent);
}

/* ---- what is said of each ---- */

/* Where nobody goes first nobody is waited for. */
static void without_a_canary_it_is_a_turn_that_is_waited_for(void **state)
{
	(void)state;
	behind(3, "", "canary = \"false\" max-parallel = \"1\"");
	assert_non_null(strstr(rig_registry(&g, 2, "reason"), "its turn"));
	rig_stop(&g);
	behind(3, "", "");
	assert_non_null(strstr(rig_registry(&g, 2, "reason"), "goes first"));
}

/* A manual key has no window, and so no deadline that may have been missed. */
static void a_manual_key_in_the_dark_is_not_overdue(void **state)
{
	(void)state;
	rig_start(&g, rig_config("", RIG_KEY "/" V1, "", 0, 1), 1);
	rig_tick(&g);
	assert_string_equal(rig_registry(&g, 0, "state"), "current");
	fault_set(&g.faults[CALL_REGISTRY], FAULT_TRANSIENT, 503, "Busy.");
	rig_run(&g, 3 * HOUR);
	assert_string_equal(rig_registry(&g, 0, "state"), "unreachable");
	assert_string_equal(rig_summary(&g, "state"), "degraded");
	assert_int_equal(g.told[NOTE_OVERDUE], 0);
}

/* What is read more rarely than the window is long is not in the dark. */
static void a_long_interval_is_no_dark(void **state)
{
	(void)state;
	settled(1, "reread-interval = \"4h\"", "");
	rig_run(&g, 2 * HOUR + 30 * MINUTE);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	assert_int_equal(g.told[NOTE_OVERDUE], 0);
}

/* An operation that lasts longer than the interval is no silence. */
static void a_long_operation_is_not_called_unknown(void **state)
{
	int64_t began;

	(void)state;
	behind(1, "", "");
	hold(CALL_OPERATION);
	rig_accept(&g, patch(0), "https://management.azure.com/op", MINUTE);
	began = g.now.boot;
	while (rig_azure(&g) < g.versions[1].created + 20 * MINUTE) {
		assert_true(rig_until(&g, CALL_OPERATION, 2 * MINUTE));
		rig_operation(&g, rig_find(&g, CALL_OPERATION, NULL),
			      OPERATION_RUNNING);
		assert_string_equal(rig_registry(&g, 0, "state"),
				    g.now.boot - began <= 10 * MINUTE
					    ? "rotating"
					    : "held");
	}
}

/* What was in the way when it was read last may be over: it is not said for
 * ever of one that cannot be read. */
static void what_was_in_the_way_is_not_said_for_ever(void **state)
{
	struct fault f;

	(void)state;
	rig_start(&g, rig_config("", RIG_KEY, "", 0, 1), 1);
	assert_true(keyid_parse(&g.models[0].view.key, RIG_OTHER_KEY, &f));
	rig_tick(&g);
	assert_string_equal(rig_registry(&g, 0, "state"), "blocked");
	fault_set(&g.faults[CALL_REGISTRY], FAULT_TRANSIENT, 503, "Busy.");
	rig_run(&g, 10 * MINUTE);
	assert_string_equal(rig_registry(&g, 0, "state"), "unreachable");
	rig_run(&g, HOUR);
	assert_string_equal(rig_registry(&g, 0, "state"), "overdue");
}

#define TEST(f) cmocka_unit_test_teardown(f, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_nearer_deadline_is_written_first),
		TEST(a_queued_write_ends_with_a_reload_to_observe),
		TEST(a_queued_write_ends_when_its_key_is_stale),
		TEST(who_has_left_is_not_pinned),
		TEST(one_of_two_current_is_not_all),
		TEST(writes_that_fail_end_the_pass),
		TEST(without_a_token_the_pass_ends),
		TEST(paused_and_observed_ones_end_the_pass),
		TEST(a_page_that_is_older_than_a_read_says_nothing),
		TEST(a_list_does_not_disturb_an_operation),
		TEST(pages_are_counted_for_one_pass),
		TEST(a_list_that_fails_is_tried_and_told),
		TEST(a_search_that_failed_is_made_again),
		TEST(a_version_that_is_gone_is_believed_soon),
		TEST(a_version_that_cannot_be_read_is_given_up_soon),
		TEST(a_key_that_is_not_there_ends_the_pass),
		TEST(a_refused_key_is_not_called_disabled),
		TEST(a_failing_key_is_not_hammered_for_who_waits),
		TEST(forty_versions_are_all_known),
		TEST(a_version_is_not_written_in_its_first_second),
		TEST(a_version_expires_by_itself),
		TEST(a_beginning_that_is_put_off_has_not_passed),
		TEST(an_old_lag_is_forgotten),
		TEST(a_reload_asks_for_a_failing_key_at_once),
		TEST(a_named_canary_goes_first_again),
		TEST(half_of_the_window_rings_by_itself),
		TEST(after_a_suspend_polls_are_spread),
		TEST(after_an_outage_polls_are_spread),
		TEST(an_identity_in_other_letters_is_the_same),
		TEST(a_token_s_last_seconds_are_not_used),
		TEST(without_a_canary_it_is_a_turn_that_is_waited_for),
		TEST(what_was_in_the_way_is_not_said_for_ever),
		TEST(a_long_operation_is_not_called_unknown),
		TEST(a_manual_key_in_the_dark_is_not_overdue),
		TEST(a_long_interval_is_no_dark),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
