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

#define TEST(f) cmocka_unit_test_teardown(f, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(slow_versions_leave_the_newest_its_pace),
		TEST(many_versions_leave_the_newest_its_pace),
		TEST(gone_versions_leave_the_newest_its_pace),
		TEST(failing_versions_are_asked_later),
		TEST(a_refused_version_holds_what_is_queued),
		TEST(a_second_refusal_holds_what_is_queued),
		TEST(an_attribute_that_alternates_repeats_no_refusal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
