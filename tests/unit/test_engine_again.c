/* engine/move: what is written again and when, what is looked at again, and
 * what a newer version or a change of the key makes of it. */
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

static void settled(unsigned n, const char *top, const char *options)
{
	rig_start(&g, rig_config(top, RIG_KEY, options, 0, n), n);
	rig_tick(&g);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	hold(CALL_PATCH);
}

static void poll_key(void)
{
	engine_poll(g.engine, NULL, g.now);
	rig_drain(&g);
	rig_answer(&g);
}

static void behind(unsigned n, const char *top, const char *options)
{
	settled(n, top, options);
	rig_newer(&g, V2, rig_azure(&g));
	poll_key();
	assert_non_null(rig_find(&g, CALL_PATCH, NULL));
}

static void failed(unsigned i, enum fault_kind kind, int code)
{
	rig_fail(&g, patch(i), kind, code);
	rig_answer(&g);
}

/* Accepted, and nothing comes of it. */
static void in_vain(unsigned i)
{
	struct asked *a = patch(i);
	struct reply r = rig_reply(&g, a);

	r.patch.finished = true;
	r.patch.retry_after_ms = -1;
	rig_put(&g, a, &r);
	rig_answer(&g);
}

static int stop(void **state)
{
	(void)state;
	rig_stop(&g);
	return 0;
}

/* ---- a second write ---- */

/* However short the back-off's dice fall: a second, two, four, eight, ten. */
static void a_second_write_has_its_time(void **state)
{
	int64_t last;

	(void)state;
	behind(1, "", "");
	for (unsigned i = 0; i < 8; i++) {
		int64_t least = i < 4 ? SECOND << i : 10 * SECOND;

		last = g.now.boot;
		failed(0, FAULT_TRANSIENT, 503);
		assert_true(rig_until(&g, CALL_PATCH, 2 * MINUTE));
		assert_true(g.now.boot - last >= least);
	}
}

/* And it grows to about a minute, though each read in between is good. */
static void failing_writes_become_rare(void **state)
{
	(void)state;
	behind(1, "window = \"2h\"", "");
	while (rig_azure(&g) < g.versions[1].created + 30 * MINUTE)
		if (rig_until(&g, CALL_PATCH, MINUTE))
			failed(0, FAULT_TRANSIENT, 503);
	assert_in_range(g.sent[CALL_PATCH], 25, 80);
}

/* The pause is for one version: a newer one does not wait for it. */
static void a_newer_version_is_not_kept_waiting(void **state)
{
	(void)state;
	behind(1, "", "");
	for (int i = 0; i < 6; i++) {
		failed(0, FAULT_TRANSIENT, 503);
		if (i < 5)
			assert_true(rig_until(&g, CALL_PATCH, 2 * MINUTE));
	}
	rig_newer(&g, V3, rig_azure(&g));
	poll_key();
	assert_non_null(patch(0));
}

/* Nor does a refusal of the former one. */
static void a_refusal_was_of_the_former_version(void **state)
{
	(void)state;
	behind(1, "", "");
	failed(0, FAULT_REFUSED, 400);
	assert_string_equal(rig_registry(&g, 0, "state"), "blocked");
	assert_null(patch(0));
	rig_newer(&g, V3, rig_azure(&g));
	poll_key();
	assert_non_null(patch(0));
	assert_string_equal(rig_registry(&g, 0, "state"), "rotating");
}

/* The version was disabled and can be used again: what was refused for its
 * sake may be accepted; a denial is no matter of it, and another change of the
 * version is no matter of either. */
static void a_version_usable_again_ends_a_refusal_only(void **state)
{
	static const struct {
		enum fault_kind kind;
		int code;
		bool usable, again;
	} cases[] = {
		{ FAULT_REFUSED, 400, true, true },
		{ FAULT_REFUSED, 400, false, false },
		{ FAULT_DENIED, 403, true, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		behind(1, "poll-interval = \"10s\"", "");
		failed(0, cases[i].kind, cases[i].code);
		assert_null(patch(0));
		rig_run(&g, 2 * SECOND);
		g.versions[1].enabled = !cases[i].usable;
		rig_run(&g, 15 * SECOND);
		g.versions[1].enabled = true;
		g.versions[1].expires = rig_azure(&g) + 300 * DAY;
		/* Not by hand: that would try a denied one again as well. */
		assert_int_equal(rig_until(&g, CALL_PATCH, 60 * SECOND),
				 cases[i].again);
		if (i + 1 < sizeof(cases) / sizeof(*cases))
			rig_stop(&g);
	}
}

/* ---- a write that waits ---- */

/* A version that is the newest no more is not written. */
static void a_queued_write_of_a_former_version_does_not_leave(void **state)
{
	uint64_t ticket;

	(void)state;
	behind(2, "write-rate = \"0.1\" write-burst = \"1\"",
	       "canary = \"false\" mode = \"pin\"");
	assert_int_equal(rig_waiting(&g, CALL_PATCH), 1);
	assert_string_equal(patch(0)->call.key.version, V2);
	ticket = patch(0)->call.ticket;
	rig_newer(&g, V3, rig_azure(&g));
	poll_key();
	assert_false(engine_still(g.engine, ticket, g.now));
	rig_good_answer(&g, patch(0));
	rig_answer(&g);
	for (int i = 0; i < 2; i++) {
		assert_true(rig_until(&g, CALL_PATCH, 30 * SECOND));
		assert_string_equal(
			rig_find(&g, CALL_PATCH, NULL)->call.key.version, V3);
		rig_good_answer(&g, rig_find(&g, CALL_PATCH, NULL));
		rig_answer(&g);
	}
	assert_true(engine_all_current(g.engine));
}

/* What was read half a minute ago is read again before it is written. */
static void a_write_that_waited_is_read_anew(void **state)
{
	(void)state;
	behind(2, "write-rate = \"0.02\" write-burst = \"1\"",
	       "canary = \"false\"");
	rig_good_answer(&g, patch(0));
	rig_answer(&g);
	assert_null(patch(1));
	g.order[0] = '\0';
	assert_true(rig_until(&g, CALL_PATCH, 2 * MINUTE));
	assert_true(text_suffix(g.order, "RP"));
}

/* ---- an operation ---- */

/* A version that comes while one is under way waits for its end. */
static void a_newer_version_waits_for_the_operation(void **state)
{
	(void)state;
	behind(1, "", "");
	hold(CALL_OPERATION);
	rig_accept(&g, patch(0), "https://management.azure.com/op",
		   20 * SECOND);
	rig_newer(&g, V3, rig_azure(&g));
	poll_key();
	assert_int_equal(g.sent[CALL_PATCH], 1);
	assert_true(rig_until(&g, CALL_OPERATION, 21 * SECOND));
	assert_int_equal(g.sent[CALL_PATCH], 1);
	rig_operation(&g, rig_find(&g, CALL_OPERATION, NULL),
		      OPERATION_SUCCEEDED);
	let_go(CALL_PATCH);
	rig_answer(&g);
	rig_run(&g, MINUTE);
	assert_true(engine_all_current(g.engine));
}

/* The next one is asked about as soon as the first one was. */
static void each_operation_begins_with_short_waits(void **state)
{
	(void)state;
	settled(1, "", "");
	hold(CALL_OPERATION);
	for (int i = 0; i < 2; i++) {
		rig_newer(&g, i ? V3 : V2, rig_azure(&g));
		poll_key();
		rig_apply(&g, patch(0));
		rig_accept(&g, patch(0), "https://management.azure.com/op", -1);
		for (int j = 0; j < 4; j++) {
			/* ... and then less often. */
			if (j == 3)
				assert_false(rig_until(&g, CALL_OPERATION,
						       29 * SECOND));
			assert_true(
				rig_until(&g, CALL_OPERATION,
					  j < 3 ? 11 * SECOND : 31 * SECOND));
			rig_operation(&g, rig_find(&g, CALL_OPERATION, NULL),
				      j < 3 ? OPERATION_RUNNING
					    : OPERATION_SUCCEEDED);
		}
		rig_answer(&g);
		assert_true(engine_all_current(g.engine));
	}
}

/* Azure keeps a registry busy without an operation to ask about: after five
 * minutes, and not sooner, others have its turn. */
static void a_busy_registry_lets_others_by(void **state)
{
	int64_t began;

	(void)state;
	behind(2, "", "canary = \"false\" max-parallel = \"1\"");
	began = g.now.boot;
	g.models[0].view.provisioning = PROVISIONING_UPDATING;
	in_vain(0);
	assert_true(rig_until(&g, CALL_PATCH, 10 * MINUTE));
	assert_non_null(patch(1));
	assert_in_range(g.now.boot - began, 5 * MINUTE, 6 * MINUTE);
}

/* ---- in vain ---- */

/* One that accepts everything and does nothing is passed by, and a newer
 * version finds nothing of that held against it. */
static void one_in_vain_yields(void **state)
{
	(void)state;
	behind(3, "", "");
	g.may_lose = true;
	while (!patch(1)) {
		assert_true(rig_azure(&g) <
			    g.versions[1].created + 10 * MINUTE);
		if (patch(0))
			in_vain(0);
		rig_until(&g, CALL_PATCH, MINUTE);
	}
	assert_string_equal(rig_registry(&g, 0, "state"), "blocked");
	rig_newer(&g, V3, rig_azure(&g));
	poll_key();
	while (!patch(0)) {
		assert_true(rig_azure(&g) < g.versions[2].created + 5 * MINUTE);
		for (unsigned i = 1; i < 3; i++)
			if (patch(i))
				rig_good_answer(&g, patch(i));
		rig_answer(&g);
		rig_run(&g, SECOND);
	}
	assert_string_equal(patch(0)->call.key.version, "");
	g.told[NOTE_FAILED] = 0;
	in_vain(0);
	while (!g.told[NOTE_FAILED])
		rig_run(&g, SECOND);
	assert_null(strstr(rig_said(&g, NOTE_FAILED)->text, "some minutes"));
	assert_string_equal(rig_registry(&g, 0, "state"), "rotating");
}

/* ---- a key that is lost in the middle ---- */

static void a_key_disabled_during_a_write(void **state)
{
	(void)state;
	behind(1, "", "");
	fault_set(&g.faults[CALL_KEY], FAULT_REFUSED, 403, "Disabled.");
	text_copy(g.faults[CALL_KEY].inner_code, FAULT_CODE_MAX, "KeyDisabled");
	poll_key();
	rig_good_answer(&g, patch(0));
	rig_answer(&g);
	rig_run(&g, MINUTE);
	assert_string_equal(rig_registry(&g, 0, "state"), "held");
	assert_string_equal(rig_registry(&g, 0, "version_in_use"), V2);
	g.faults[CALL_KEY] = fault_none();
	rig_run(&g, 5 * MINUTE);
	assert_true(engine_all_current(g.engine));
	assert_int_equal(g.sent[CALL_PATCH], 1);
}

/* ---- what is told ---- */

/* A denial that is over is not what a later failure is called. */
static void a_denial_that_is_over_is_forgotten(void **state)
{
	(void)state;
	behind(1, "", "");
	failed(0, FAULT_DENIED, 403);
	assert_string_equal(rig_registry(&g, 0, "state"), "blocked");
	let_go(CALL_PATCH);
	rig_run(&g, 5 * MINUTE);
	assert_true(engine_all_current(g.engine));
	fault_set(&g.faults[CALL_REGISTRY], FAULT_TRANSIENT, 503, "Busy.");
	rig_newer(&g, V3, rig_azure(&g));
	poll_key();
	assert_string_equal(rig_registry(&g, 0, "state"), "rotating");
	assert_non_null(strstr(rig_registry(&g, 0, "reason"), "tried again"));
}

/* Azure did by itself what was refused to us. */
static void a_refusal_that_is_over_is_forgotten(void **state)
{
	(void)state;
	behind(1, "", "");
	failed(0, FAULT_REFUSED, 400);
	text_copy(g.models[0].view.version_in_use, KEYID_VERSION_MAX, V2);
	rig_run(&g, 5 * MINUTE);
	assert_true(engine_all_current(g.engine));
	assert_string_equal(rig_registry(&g, 0, "last_error"), "null");
}

/* What is in the way now is another thing than the refusal. */
static void what_blocks_now_is_told_alone(void **state)
{
	(void)state;
	behind(1, "", "");
	failed(0, FAULT_REFUSED, 400);
	g.models[0].view.identity_attached = false;
	rig_run(&g, 5 * MINUTE);
	assert_string_equal(rig_registry(&g, 0, "state"), "blocked");
	assert_non_null(strstr(rig_registry(&g, 0, "reason"), "identity"));
	assert_null(strstr(rig_registry(&g, 0, "reason"), "400"));
	assert_string_equal(rig_registry(&g, 0, "last_error"), "null");
}

/* That a write of ours was the last one before does not make it ours. */
static void another_writer_after_our_own_move_is_told(void **state)
{
	(void)state;
	behind(1, "", "");
	let_go(CALL_PATCH);
	rig_answer(&g);
	assert_true(engine_all_current(g.engine));
	g.models[0].view.auto_rotation = false;
	text_copy(g.models[0].view.key.version, KEYID_VERSION_MAX, V1);
	text_copy(g.models[0].view.version_in_use, KEYID_VERSION_MAX, V1);
	rig_run(&g, 5 * MINUTE);
	assert_int_equal(g.told[NOTE_DRIFT], 1);
	assert_true(engine_all_current(g.engine));
}

/* Of a manual key nobody was late: there is no window. */
static void a_manual_key_is_never_late(void **state)
{
	(void)state;
	rig_start(&g, rig_config("", RIG_KEY "/" V1, "", 0, 1), 1);
	rig_newer(&g, V2, RIG_NOW - 20 * HOUR);
	text_copy(g.models[0].view.version_in_use, KEYID_VERSION_MAX, V2);
	rig_tick(&g);
	assert_string_equal(rig_registry(&g, 0, "state"), "held");
	text_copy(g.models[0].view.version_in_use, KEYID_VERSION_MAX, V1);
	rig_run(&g, 10 * MINUTE);
	assert_true(engine_all_current(g.engine));
	assert_int_equal(g.told[NOTE_VERIFIED], 1);
	assert_int_equal(g.told[NOTE_LATE], 0);
}

static void each_form_of_write_has_its_words(void **state)
{
	(void)state;
	behind(1, "", "mode = \"pin\"");
	assert_non_null(strstr(rig_said(&g, NOTE_WRITE)->text,
			       "Writing the new version to"));
	rig_stop(&g);
	behind(1, "", "");
	assert_non_null(strstr(rig_said(&g, NOTE_WRITE)->text,
			       "Writing the unversioned identifier to"));
}

/* It is refused again and again, and blocked all the while: said once. */
static void a_refusal_that_lasts_is_told_once(void **state)
{
	(void)state;
	behind(1, "window = \"2h\"", "");
	while (rig_azure(&g) < g.versions[1].created + 30 * MINUTE) {
		if (rig_until(&g, CALL_PATCH, 5 * MINUTE))
			failed(0, FAULT_REFUSED, 400);
	}
	assert_in_range(g.sent[CALL_PATCH], 7, 16);
	assert_int_equal(g.told[NOTE_BLOCKED], 1);
}

/* A write that was refused is none: what changes then is another's doing. */
static void another_writer_after_a_refusal_is_told(void **state)
{
	(void)state;
	behind(1, "", "");
	failed(0, FAULT_REFUSED, 400);
	g.models[0].view.auto_rotation = false;
	text_copy(g.models[0].view.key.version, KEYID_VERSION_MAX, V1);
	assert_true(rig_until(&g, CALL_PATCH, 5 * MINUTE));
	assert_int_equal(g.told[NOTE_DRIFT], 1);
}

/* A good answer ends a failure to read, whatever else is in the way. */
static void a_good_read_ends_a_bad_one(void **state)
{
	(void)state;
	settled(1, "reread-interval = \"1m\"", "mode = \"observe\"");
	rig_newer(&g, V2, rig_azure(&g));
	poll_key();
	fault_set(&g.faults[CALL_REGISTRY], FAULT_TRANSIENT, 503, "Busy.");
	rig_run(&g, MINUTE);
	assert_string_equal(rig_registry(&g, 0, "last_error"), "Busy.");
	assert_int_equal(g.told[NOTE_FAILED], 1);
	/* Another kind of trouble is told again. */
	fault_set(&g.faults[CALL_REGISTRY], FAULT_INVALID, 200, "No JSON.");
	rig_run(&g, 2 * MINUTE);
	assert_int_equal(g.told[NOTE_FAILED], 2);
	g.faults[CALL_REGISTRY] = fault_none();
	rig_run(&g, 5 * MINUTE);
	assert_string_equal(rig_registry(&g, 0, "state"), "rotating");
	assert_string_equal(rig_registry(&g, 0, "last_error"), "null");
}

/* Once it is believed to be gone it is looked at each minute. */
static void who_is_gone_is_looked_at_each_minute(void **state)
{
	unsigned sent;

	(void)state;
	settled(1, "", "");
	g.models[0].missing = true;
	rig_run(&g, 6 * MINUTE);
	assert_string_equal(rig_registry(&g, 0, "state"), "blocked");
	sent = g.sent[CALL_REGISTRY];
	rig_run(&g, 20 * MINUTE);
	assert_in_range(g.sent[CALL_REGISTRY] - sent, 19, 21);
}

/* One that is deleted in the middle of its move ends a pass. */
static void one_deleted_during_its_move_ends_the_pass(void **state)
{
	(void)state;
	behind(1, "", "");
	g.models[0].missing = true;
	in_vain(0);
	assert_false(engine_pass_done(g.engine));
	rig_run(&g, MINUTE);
	assert_true(engine_pass_done(g.engine));
	assert_false(engine_all_current(g.engine));
}

/* ---- an operation that ends badly ---- */

static void an_operation_fails(unsigned i, enum fault_kind kind)
{
	struct asked *a;
	struct reply r;

	hold(CALL_OPERATION);
	rig_accept(&g, patch(i), "https://management.azure.com/op",
		   20 * SECOND);
	assert_true(rig_until(&g, CALL_OPERATION, 21 * SECOND));
	assert_int_equal(rig_waiting(&g, CALL_PATCH), 0);
	a = rig_find(&g, CALL_OPERATION, NULL);
	r = rig_reply(&g, a);
	r.operation.status = OPERATION_FAILED;
	r.operation.retry_after_ms = -1;
	r.operation.error = fault_none();
	fault_set(&r.operation.error, kind, 0, "It failed.");
	rig_put(&g, a, &r);
	rig_answer(&g);
}

/* It is as a refusal of the write: another one is tried at once. */
static void another_is_tried_when_an_operation_fails(void **state)
{
	(void)state;
	behind(3, "", "");
	an_operation_fails(0, FAULT_REFUSED);
	assert_non_null(patch(1));
	assert_string_equal(rig_registry(&g, 0, "state"), "blocked");
}

/* A right that is missing is each one's own trouble: two hold nobody. */
static void operations_that_are_denied_hold_nobody(void **state)
{
	(void)state;
	behind(3, "", "");
	an_operation_fails(0, FAULT_DENIED);
	assert_string_equal(rig_registry(&g, 0, "state"), "blocked");
	an_operation_fails(1, FAULT_DENIED);
	assert_int_equal(g.told[NOTE_HELD], 0);
	assert_non_null(patch(2));
}

/* What is accepted after all is on its way, and not refused any more. */
static void what_is_accepted_is_not_refused_any_more(void **state)
{
	(void)state;
	behind(1, "", "");
	failed(0, FAULT_REFUSED, 400);
	assert_true(rig_until(&g, CALL_PATCH, 5 * MINUTE));
	rig_accept(&g, patch(0), "https://management.azure.com/op",
		   20 * SECOND);
	assert_string_equal(rig_registry(&g, 0, "state"), "rotating");
	assert_string_equal(rig_registry(&g, 0, "last_error"), "null");
}

/* Its status is not to be had: after half an hour the registry itself is
 * read. */
static void a_status_that_is_never_told_is_done_without(void **state)
{
	int64_t began;

	(void)state;
	behind(1, "", "");
	rig_apply(&g, patch(0));
	rig_accept(&g, patch(0), "https://management.azure.com/op", -1);
	began = g.now.boot;
	fault_set(&g.faults[CALL_OPERATION], FAULT_TRANSIENT, 503, "Busy.");
	hold(CALL_REGISTRY);
	assert_true(rig_until(&g, CALL_REGISTRY, HOUR));
	assert_in_range(g.now.boot - began, 30 * MINUTE, 36 * MINUTE);
	assert_int_equal(g.told[NOTE_FAILED], 1);
	assert_string_equal(rig_registry(&g, 0, "last_error"), "Busy.");
	let_go(CALL_REGISTRY);
	rig_answer(&g);
	assert_true(engine_all_current(g.engine));
}

/* ---- the last look before the deadline ---- */

/* Azure does it by itself, later than the last routine read: who looks just
 * before the deadline does not say what is untrue. */
static void azure_s_own_move_is_seen_in_time(void **state)
{
	(void)state;
	settled(1, "reread-interval = \"4h\"", "mode = \"observe\"");
	rig_newer(&g, V2, rig_azure(&g));
	rig_run(&g, HOUR - 5 * SECOND);
	text_copy(g.models[0].view.version_in_use, KEYID_VERSION_MAX, V2);
	rig_run(&g, 10 * MINUTE);
	assert_true(engine_all_current(g.engine));
	assert_int_equal(g.told[NOTE_OVERDUE], 0);
}

/* ... and it is one look, or two. */
static void the_last_look_is_no_storm(void **state)
{
	unsigned sent;

	(void)state;
	settled(1, "reread-interval = \"4h\"", "mode = \"observe\"");
	rig_newer(&g, V2, rig_azure(&g));
	rig_run(&g, 55 * MINUTE);
	sent = g.sent[CALL_REGISTRY];
	rig_run(&g, 10 * MINUTE);
	assert_int_equal(g.told[NOTE_OVERDUE], 1);
	assert_in_range(g.sent[CALL_REGISTRY] - sent, 1, 3);
}

/* Who is paused is read by routine, and not at each look. */
static void a_pause_is_no_reason_to_ask(void **state)
{
	unsigned sent;

	(void)state;
	settled(1, "", "");
	engine_pause(g.engine, engine_find(g.engine, rig_id(0), &(size_t){ 0 }),
		     rig_azure(&g) + 10 * HOUR, NULL, 0, g.now);
	rig_drain(&g);
	rig_answer(&g);
	sent = g.sent[CALL_REGISTRY];
	rig_run(&g, 20 * MINUTE);
	assert_in_range(g.sent[CALL_REGISTRY] - sent, 3, 7);
}

#define TEST(f) cmocka_unit_test_teardown(f, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_second_write_has_its_time),
		TEST(failing_writes_become_rare),
		TEST(a_newer_version_is_not_kept_waiting),
		TEST(a_refusal_was_of_the_former_version),
		TEST(a_version_usable_again_ends_a_refusal_only),
		TEST(a_queued_write_of_a_former_version_does_not_leave),
		TEST(a_write_that_waited_is_read_anew),
		TEST(a_newer_version_waits_for_the_operation),
		TEST(each_operation_begins_with_short_waits),
		TEST(a_busy_registry_lets_others_by),
		TEST(one_in_vain_yields),
		TEST(a_key_disabled_during_a_write),
		TEST(a_denial_that_is_over_is_forgotten),
		TEST(a_refusal_that_is_over_is_forgotten),
		TEST(what_blocks_now_is_told_alone),
		TEST(another_writer_after_our_own_move_is_told),
		TEST(a_manual_key_is_never_late),
		TEST(each_form_of_write_has_its_words),
		TEST(a_refusal_that_lasts_is_told_once),
		TEST(another_writer_after_a_refusal_is_told),
		TEST(a_good_read_ends_a_bad_one),
		TEST(who_is_gone_is_looked_at_each_minute),
		TEST(one_deleted_during_its_move_ends_the_pass),
		TEST(another_is_tried_when_an_operation_fails),
		TEST(operations_that_are_denied_hold_nobody),
		TEST(what_is_accepted_is_not_refused_any_more),
		TEST(a_status_that_is_never_told_is_done_without),
		TEST(azure_s_own_move_is_seen_in_time),
		TEST(the_last_look_is_no_storm),
		TEST(a_pause_is_no_reason_to_ask),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
