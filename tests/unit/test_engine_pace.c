/* How often Azure is asked what it does not answer well: whatever a server
 * says of the time to wait, or leaves out, it makes the daemon slower and
 * never faster than its own back-off. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "engine_help.h"

#define OP "https://management.azure.com/op/1"

static struct rig g;

static int stop(void **state)
{
	(void)state;
	rig_stop(&g);
	return 0;
}

static void begin(unsigned n)
{
	rig_start(&g, rig_config("", RIG_KEY, "canary = \"false\"", 0, n), n);
	g.hold = 0;
}

static void say(enum call_kind kind, enum fault_kind fault, int code,
		int64_t told)
{
	g.faults[kind] = fault_none();
	fault_set(&g.faults[kind], fault, code, "The answer was %d.", code);
	g.faults[kind].retry_after_ms = told;
}

/* How often a question of this kind went out, and the shortest time between
 * two of them. */
struct pace {
	unsigned n;
	int64_t least;
};

static struct pace measure(enum call_kind kind, int64_t ms)
{
	struct pace p = { 0, INT64_MAX };
	unsigned hold = g.hold;
	int64_t end = g.now.boot + ms, last = -1;

	g.hold |= 1u << kind;
	while (rig_until(&g, kind, end - g.now.boot)) {
		if (last >= 0 && g.now.boot - last < p.least)
			p.least = g.now.boot - last;
		last = g.now.boot;
		p.n++;
		rig_good_answer(&g, rig_find(&g, kind, NULL));
		assert_true(p.n < 2000);
	}
	g.hold = hold;
	return p;
}

/* 0 is also what a date in the past amounts to; -1 is silence. */
static const int64_t told[] = { -1, 0, 1, 200, 1000 };

static const struct {
	enum fault_kind kind;
	int code;
} bad[] = {
	{ FAULT_THROTTLED, 429 },
	{ FAULT_TRANSIENT, 503 },
	{ FAULT_TRANSIENT, 0 },
	{ FAULT_DENIED, 403 },
};

static const struct {
	enum call_kind kind;
	unsigned registries;
} asked[] = {
	{ CALL_TOKEN, 1 }, { CALL_KEY, 1 },   { CALL_REGISTRY, 1 },
	{ CALL_LIST, 3 },  { CALL_PATCH, 1 },
};

/* Our own back-off, well under way, is half a minute on average. */
static void no_answer_makes_us_faster_than_our_own_back_off(void **state)
{
	const size_t n_told = sizeof(told) / sizeof(*told);
	const size_t n_bad = sizeof(bad) / sizeof(*bad);

	(void)state;
	for (size_t i = 0; i < sizeof(asked) / sizeof(*asked); i++)
		for (size_t j = 0; j < n_bad * n_told; j++) {
			struct pace p;

			begin(asked[i].registries);
			if (asked[i].kind == CALL_PATCH)
				rig_newer(&g, V2, RIG_NOW - MINUTE);
			say(asked[i].kind, bad[j / n_told].kind,
			    bad[j / n_told].code, told[j % n_told]);
			rig_tick(&g);
			rig_run(&g, 2 * MINUTE);
			p = measure(asked[i].kind, 10 * MINUTE);
			if (p.n > 60)
				print_error("kind %d, answer %d, told %d: %u\n",
					    (int)asked[i].kind,
					    bad[j / n_told].code,
					    (int)told[j % n_told], p.n);
			assert_in_range(p.n, 1, 60);
			rig_stop(&g);
		}
	begin(1);
}

/* The same when the 429 speaks for a whole vault. */
static void a_throttled_vault_is_not_asked_faster(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(told) / sizeof(*told); i++) {
		int64_t last = -1, end;
		unsigned n = 0;

		begin(1);
		g.hold = 1u << CALL_KEY;
		rig_tick(&g);
		end = g.now.boot + 20 * MINUTE;
		while (rig_until(&g, CALL_KEY, end - g.now.boot)) {
			struct asked *a = rig_find(&g, CALL_KEY, NULL);
			struct reply r = rig_reply(&g, a);

			/* 1, 2, 4, 8, 16 seconds: the documents' own. */
			if (n > 0)
				assert_true(g.now.boot - last >=
					    1000 << (n < 5 ? n - 1 : 4));
			last = g.now.boot;
			n++;
			fault_set(&r.fault, FAULT_THROTTLED, 429, "Too many.");
			r.fault.retry_after_ms = told[i];
			r.throttles_all = true;
			rig_put(&g, a, &r);
			engine_poll(g.engine, NULL, g.now);
			rig_drain(&g);
		}
		assert_true(n > 5);
		rig_stop(&g);
	}
	begin(1);
}

/* ---- operations ---- */

static void operate(int64_t after)
{
	begin(1);
	rig_newer(&g, V2, RIG_NOW - MINUTE);
	g.hold = 1u << CALL_PATCH | 1u << CALL_OPERATION;
	rig_tick(&g);
	assert_true(rig_until(&g, CALL_PATCH, MINUTE));
	rig_accept(&g, rig_find(&g, CALL_PATCH, NULL), OP, after);
}

static void running(int64_t after)
{
	struct asked *a = rig_find(&g, CALL_OPERATION, NULL);
	struct reply r = rig_reply(&g, a);

	r.operation.status = OPERATION_RUNNING;
	r.operation.error = fault_none();
	r.operation.retry_after_ms = after;
	rig_put(&g, a, &r);
}

/* However it answers: it goes on, it cannot be had, one of both in turn; and
 * whoever polls meanwhile. */
static void an_operation_is_asked_once_a_second_at_most(void **state)
{
	const size_t n_told = sizeof(told) / sizeof(*told);

	(void)state;
	for (size_t i = 0; i < 5 * n_told; i++) {
		int64_t after = told[i % n_told], last, end;
		unsigned n = 0;

		operate(after);
		last = g.now.boot;
		end = g.now.boot + MINUTE;
		while (rig_until(&g, CALL_OPERATION, end - g.now.boot)) {
			assert_true(g.now.boot - last >= SECOND);
			last = g.now.boot;
			if (i / n_told == 0 || (i / n_told == 2 && n % 2)) {
				running(after);
			} else {
				say(CALL_OPERATION,
				    i / n_told == 3 ? FAULT_THROTTLED
						    : FAULT_TRANSIENT,
				    i / n_told == 4 ? 0 : 503, after);
				rig_good_answer(
					&g, rig_find(&g, CALL_OPERATION, NULL));
			}
			n++;
			engine_poll(g.engine, NULL, g.now);
			rig_drain(&g);
			rig_answer(&g);
		}
		assert_in_range(n, 1, 60);
		rig_stop(&g);
	}
	begin(1);
}

#define TEST(f) cmocka_unit_test_teardown(f, stop)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(no_answer_makes_us_faster_than_our_own_back_off),
		TEST(a_throttled_vault_is_not_asked_faster),
		TEST(an_operation_is_asked_once_a_second_at_most),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
