/* What takes long, fails for long, or is shown once: nothing of it may stop
 * what is well, be written on at once, or go on for ever without a word. */
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

static void release(enum call_kind kind)
{
	g.hold &= ~(1u << kind);
}

/* n registries, verified on V1. */
static void begin(unsigned n, const char *top, const char *options)
{
	rig_start(&g, rig_config(top, RIG_KEY, options, 0, n), n);
	rig_tick(&g);
	rig_run(&g, 2 * MINUTE);
	assert_string_equal(rig_summary(&g, "state"), "ok");
}

/* ---- versions in use that cannot be read ---- */

/* n registries on as many versions, none of which can be read: each answer
 * takes so long.  Returns how often the newest one was polled in an hour. */
static unsigned polls_beside(unsigned n, int64_t takes, enum fault_kind kind,
			     int code, unsigned *reads)
{
	unsigned polls = 0;
	int64_t end;

	rig_start(&g, rig_config("", RIG_KEY, "", 0, n), n);
	for (unsigned i = 0; i < n; i++)
		snprintf(g.models[i].view.version_in_use,
			 sizeof(g.models[i].view.version_in_use), "%032x",
			 0xabc000 + i);
	g.may_lose = true;
	hold(CALL_KEY);
	rig_tick(&g);
	*reads = 0;
	end = g.now.boot + HOUR;
	while (g.now.boot < end && rig_until(&g, CALL_KEY, end - g.now.boot)) {
		struct asked *a = rig_find(&g, CALL_KEY, NULL);

		if (a->call.key.version[0] == '\0') {
			polls++;
			rig_good_answer(&g, a);
		} else {
			(*reads)++;
			rig_run(&g, takes);
			rig_fail(&g, rig_find(&g, CALL_KEY, NULL), kind, code);
		}
		rig_answer(&g);
	}
	return polls;
}

/* When a vault is well again, the newest versions of its keys are asked for at
 * once: who reads a version in use first does not sleep on after that. */
static void a_version_in_use_does_not_put_off_the_newest(void **state)
{
	char *one = rig_config("", RIG_KEY, "", 0, 1);
	char *two = rig_config(one, RIG_OTHER_KEY, "", 1, 1);
	struct fault f;
	int64_t since;

	(void)state;
	free(one);
	rig_start(&g, two, 2);
	assert_true(keyid_parse(&g.models[1].view.key, RIG_OTHER_KEY, &f));
	fault_set(&g.faults[CALL_KEY], FAULT_TRANSIENT, 0, "No address.");
	rig_tick(&g);
	rig_run(&g, 20 * MINUTE);
	assert_string_not_equal(rig_registry(&g, 0, "version_in_use"), "null");
	g.faults[CALL_KEY] = fault_none();
	hold(CALL_KEY);
	assert_true(rig_until(&g, CALL_KEY, 2 * MINUTE));
	since = g.now.boot;
	release(CALL_KEY);
	rig_answer(&g);
	rig_run(&g, 2 * SECOND);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	assert_true(g.now.boot - since <= 2 * SECOND);
}

static void slow_versions_leave_the_newest_its_pace(void **state)
{
	unsigned reads;

	(void)state;
	assert_in_range(polls_beside(3, 30000, FAULT_TRANSIENT, 503, &reads),
			40, 70);
}

static void many_versions_leave_the_newest_its_pace(void **state)
{
	unsigned reads;

	(void)state;
	assert_in_range(polls_beside(40, 1000, FAULT_TRANSIENT, 503, &reads),
			50, 70);
}

static void gone_versions_leave_the_newest_its_pace(void **state)
{
	unsigned reads;

	(void)state;
	assert_in_range(polls_beside(40, 2000, FAULT_MISSING, 404, &reads), 50,
			70);
}

/* What fails at once is asked for ever later, and none is left out. */
static void failing_versions_are_asked_later(void **state)
{
	unsigned reads;

	(void)state;
	polls_beside(40, 0, FAULT_TRANSIENT, 503, &reads);
	assert_in_range(reads, 40 * 15, 40 * 30);
	for (unsigned i = 0; i < 40; i++)
		assert_non_null(
			strstr(rig_registry(&g, i, "reason"), "in use"));
}

/* ---- writes that wait for their budget ---- */

static void refuse(const char *code)
{
	struct asked *a = rig_find(&g, CALL_PATCH, NULL);
	struct reply r = rig_reply(&g, a);

	fault_set(&r.fault, FAULT_REFUSED, 400, "Azure refused it: %s.", code);
	text_copy(r.fault.azure_code, sizeof(r.fault.azure_code), code);
	rig_put(&g, a, &r);
	rig_answer(&g);
}

/* All were let go, and their writes wait for the budget, one a second, when
 * the first one is refused.  Returns the writes of the next ten minutes. */
static unsigned writes_after(const char *code)
{
	int64_t end;
	unsigned n = 0;

	begin(20, "write-rate = \"1\" write-burst = \"1\"",
	      "max-parallel = \"20\"");
	hold(CALL_PATCH);
	rig_newer(&g, V2, rig_azure(&g) - 35 * MINUTE);
	assert_true(rig_until(&g, CALL_PATCH, 2 * MINUTE));
	refuse(code);
	end = g.now.boot + 10 * MINUTE;
	while (rig_until(&g, CALL_PATCH, end - g.now.boot)) {
		n++;
		refuse(code);
	}
	return n;
}

static void a_refused_version_holds_what_is_queued(void **state)
{
	(void)state;
	/* It is tried again itself, every few minutes. */
	assert_in_range(writes_after("KeyDisabled"), 2, 5);
	assert_string_equal(rig_registry(&g, 5, "state"), "held");
	/* Once it is accepted all others follow. */
	release(CALL_PATCH);
	rig_run(&g, 10 * MINUTE);
	assert_true(engine_all_current(g.engine));
}

/* A code that nobody knows needs a second one that is refused alike. */
static void a_second_refusal_holds_what_is_queued(void **state)
{
	(void)state;
	assert_in_range(writes_after("Whatever"), 2, 8);
	release(CALL_PATCH);
	rig_run(&g, 10 * MINUTE);
	assert_true(engine_all_current(g.engine));
}

/* Two replicas tell different things of the wanted version, in turns. */
static void an_attribute_that_alternates_repeats_no_refusal(void **state)
{
	int64_t end, next;

	(void)state;
	begin(1, "poll-interval = \"10s\"", "");
	hold(CALL_PATCH);
	rig_newer(&g, V2, rig_azure(&g));
	end = g.now.boot + 30 * MINUTE;
	while ((next = g.now.boot + 10 * SECOND) < end) {
		while (rig_until(&g, CALL_PATCH, next - g.now.boot))
			refuse("BadRequest");
		g.versions[1].expires = g.versions[1].expires < 0
						? rig_azure(&g) + 400 * DAY
						: -1;
	}
	assert_in_range(g.sent[CALL_PATCH], 5, 16);
	assert_string_equal(rig_registry(&g, 0, "state"), "blocked");
}

/* ---- one answer among others ---- */

/* A replica shows what was left: once, then as the model has it. */
static void show_once(const char *version)
{
	struct asked *a;
	struct reply r;

	hold(CALL_REGISTRY);
	assert_true(rig_until(&g, CALL_REGISTRY, 15 * MINUTE));
	a = rig_find(&g, CALL_REGISTRY, NULL);
	r = rig_reply(&g, a);
	text_copy(r.registry.version_in_use, sizeof(r.registry.version_in_use),
		  version);
	text_copy(r.registry.in_use_key.version,
		  sizeof(r.registry.in_use_key.version), version);
	r.registry.version_known = version[0] != '\0';
	rig_put(&g, a, &r);
	release(CALL_REGISTRY);
}

/* All verified on V2, whose deadline has passed. */
static void moved(void)
{
	begin(1, "", "");
	rig_newer(&g, V2, rig_azure(&g));
	rig_run(&g, 3 * HOUR);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	assert_int_equal(g.sent[CALL_PATCH], 1);
}

static void one_stale_answer_is_looked_at_again(void **state)
{
	(void)state;
	moved();
	show_once(V1);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	rig_run(&g, 10 * SECOND);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	assert_int_equal(g.sent[CALL_PATCH], 1);
	assert_int_equal(g.told[NOTE_OVERDUE], 0);
	assert_int_equal(g.told[NOTE_DRIFT], 0);
}

static void answers_that_alternate_cause_no_write(void **state)
{
	(void)state;
	moved();
	for (int i = 0; i < 20; i++) {
		show_once(V1);
		rig_run(&g, 10 * SECOND);
	}
	assert_int_equal(g.sent[CALL_PATCH], 1);
	assert_int_equal(g.told[NOTE_VERIFIED], 1);
	assert_string_equal(rig_summary(&g, "state"), "ok");
}

/* What goes on being shown is true, and is seen within seconds. */
static void what_stays_is_believed(void **state)
{
	unsigned gets;

	(void)state;
	moved();
	g.models[0].view = rig_view(V1);
	hold(CALL_PATCH);
	gets = g.sent[CALL_REGISTRY];
	for (int i = 0; i < 900 && g.sent[CALL_REGISTRY] == gets; i++)
		rig_run(&g, SECOND);
	rig_run(&g, 10 * SECOND);
	assert_string_equal(rig_registry(&g, 0, "state"), "overdue");
	assert_non_null(rig_find(&g, CALL_PATCH, NULL));
	assert_int_equal(g.sent[CALL_REGISTRY], gets + 3);
}

static void one_answer_without_a_version_is_no_alarm(void **state)
{
	unsigned told;

	(void)state;
	moved();
	told = g.told[NOTE_STATE];
	show_once("");
	assert_string_equal(rig_summary(&g, "state"), "ok");
	rig_run(&g, 10 * SECOND);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	assert_int_equal(g.told[NOTE_STATE], told);
}

/* Whoever was verified was in time: nobody knows is not "too late". */
static void what_is_not_told_any_more_is_unknown(void **state)
{
	(void)state;
	moved();
	g.models[0].untold = true;
	rig_run(&g, 3 * HOUR);
	assert_string_equal(rig_summary(&g, "state"), "degraded");
	assert_string_equal(rig_summary(&g, "reason"), "1 unknown.");
	assert_int_equal(g.told[NOTE_WARNING], 1);
	assert_non_null(strstr(rig_said(&g, NOTE_WARNING)->text, rig_id(0)));
	assert_non_null(strstr(rig_said(&g, NOTE_WARNING)->text,
			       "does not tell which version"));
	assert_int_equal(g.told[NOTE_OVERDUE], 0);
	assert_true(engine_pass_done(g.engine));
}

/* Never verified on the wanted one, and its deadline has passed. */
static void what_was_never_told_may_be_overdue(void **state)
{
	(void)state;
	rig_start(&g, rig_config("", RIG_KEY, "", 0, 1), 1);
	g.models[0].untold = true;
	rig_tick(&g);
	assert_string_equal(rig_registry(&g, 0, "state"), "unknown");
	assert_int_equal(g.told[NOTE_OVERDUE], 0);
	assert_false(engine_pass_done(g.engine));
	rig_run(&g, MINUTE);
	assert_string_equal(rig_summary(&g, "state"), "failed");
	assert_string_equal(rig_summary(&g, "reason"), "1 overdue.");
	assert_non_null(
		strstr(rig_registry(&g, 0, "reason"), "cannot be excluded"));
	assert_int_equal(g.told[NOTE_OVERDUE], 1);
	assert_true(engine_pass_done(g.engine));
	assert_int_equal(g.sent[CALL_PATCH], 0);
}

/* ---- operations that do not end ---- */

static void an_operation_of_others_has_a_bound(void **state)
{
	unsigned gets;

	(void)state;
	rig_start(&g, rig_config("", RIG_KEY, "", 0, 2), 2);
	g.models[1].view.provisioning = PROVISIONING_UPDATING;
	rig_tick(&g);
	rig_run(&g, 9 * MINUTE);
	assert_string_equal(rig_registry(&g, 1, "state"), "rotating");
	assert_false(engine_pass_done(g.engine));
	rig_run(&g, 5 * MINUTE);
	assert_string_equal(rig_registry(&g, 1, "state"), "held");
	assert_string_equal(rig_summary(&g, "state"), "degraded");
	assert_int_equal(g.told[NOTE_HELD], 1);
	assert_non_null(strstr(rig_said(&g, NOTE_HELD)->text, rig_id(1)));
	assert_non_null(strstr(rig_said(&g, NOTE_HELD)->text,
			       "under way since 2026-03-01T12:00"));
	assert_true(engine_pass_done(g.engine));
	assert_false(engine_all_current(g.engine));
	/* It is looked at every two minutes, beside the other's reads. */
	gets = g.sent[CALL_REGISTRY];
	rig_run(&g, HOUR);
	assert_in_range(g.sent[CALL_REGISTRY] - gets, 30, 60);
	assert_int_equal(g.told[NOTE_HELD], 1);
	/* And when it ends all is well. */
	g.models[1].view.provisioning = PROVISIONING_SUCCEEDED;
	rig_run(&g, 3 * MINUTE);
	assert_string_equal(rig_summary(&g, "state"), "ok");
}

/* Nor do the others wait for one that goes first and is not let to. */
static void a_pass_does_not_wait_for_others_operations(void **state)
{
	(void)state;
	begin(2, "", "canary = \"registry0\"");
	hold(CALL_PATCH);
	rig_newer(&g, V2, rig_azure(&g));
	assert_true(rig_until(&g, CALL_PATCH, 2 * MINUTE));
	g.models[0].view.provisioning = PROVISIONING_UPDATING;
	rig_accept(&g, rig_find(&g, CALL_PATCH, rig_id(0)),
		   "https://management.azure.com/op", -1);
	rig_run(&g, 8 * MINUTE);
	assert_false(engine_pass_done(g.engine));
	rig_run(&g, 6 * MINUTE);
	assert_string_equal(rig_registry(&g, 0, "state"), "held");
	assert_true(engine_pass_done(g.engine));
	g.models[0].view = rig_view(V2);
	release(CALL_PATCH);
	rig_run(&g, 5 * MINUTE);
	assert_true(engine_all_current(g.engine));
}

/* Our own write is not over after half an hour: its status first, then the
 * registry itself, is asked for less often; once it is over it counts. */
static void an_operation_of_ours_has_a_bound(void **state)
{
	unsigned sent;

	(void)state;
	begin(1, "", "");
	hold(CALL_PATCH);
	rig_newer(&g, V2, rig_azure(&g));
	assert_true(rig_until(&g, CALL_PATCH, 2 * MINUTE));
	rig_accept(&g, rig_find(&g, CALL_PATCH, NULL),
		   "https://management.azure.com/op", 5 * SECOND);
	g.models[0].view.provisioning = PROVISIONING_UPDATING;
	hold(CALL_OPERATION);
	for (int i = 0; i < 15 * 60; i++) {
		struct asked *a = rig_find(&g, CALL_OPERATION, NULL);

		if (a)
			rig_operation(&g, a, OPERATION_RUNNING);
		rig_answer(&g);
		rig_run(&g, SECOND);
		if (i == 9 * 60)
			assert_string_equal(rig_registry(&g, 0, "state"),
					    "rotating");
	}
	assert_string_equal(rig_registry(&g, 0, "state"), "held");
	assert_int_equal(g.told[NOTE_HELD], 1);
	assert_true(engine_pass_done(g.engine));
	sent = g.sent[CALL_OPERATION] + g.sent[CALL_REGISTRY];
	for (int i = 0; i < 60 * 60; i++) {
		struct asked *a = rig_find(&g, CALL_OPERATION, NULL);

		if (a)
			rig_operation(&g, a, OPERATION_RUNNING);
		rig_answer(&g);
		rig_run(&g, SECOND);
	}
	assert_in_range(g.sent[CALL_OPERATION] + g.sent[CALL_REGISTRY] - sent,
			30, 60);
	assert_string_equal(rig_registry(&g, 0, "state"), "overdue");
	assert_int_equal(g.sent[CALL_PATCH], 1);
	g.models[0].view = rig_view(V2);
	rig_run(&g, 3 * MINUTE);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	assert_int_equal(g.sent[CALL_PATCH], 1);
}

#define TEST(f) cmocka_unit_test_teardown(f, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_version_in_use_does_not_put_off_the_newest),
		TEST(slow_versions_leave_the_newest_its_pace),
		TEST(many_versions_leave_the_newest_its_pace),
		TEST(gone_versions_leave_the_newest_its_pace),
		TEST(failing_versions_are_asked_later),
		TEST(a_refused_version_holds_what_is_queued),
		TEST(a_second_refusal_holds_what_is_queued),
		TEST(an_attribute_that_alternates_repeats_no_refusal),
		TEST(one_stale_answer_is_looked_at_again),
		TEST(answers_that_alternate_cause_no_write),
		TEST(what_stays_is_believed),
		TEST(one_answer_without_a_version_is_no_alarm),
		TEST(what_is_not_told_any_more_is_unknown),
		TEST(what_was_never_told_may_be_overdue),
		TEST(an_operation_of_others_has_a_bound),
		TEST(a_pass_does_not_wait_for_others_operations),
		TEST(an_operation_of_ours_has_a_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
