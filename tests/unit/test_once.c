/* engine/health: a single pass ends, whatever does not answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "engine/report.h"
#include "engine_help.h"

/* A few attempts, each of which may take the time of its call, and where
 * nobody answers one question may wait for another. */
#define MOST (10 * MINUTE)

static struct rig g;
static unsigned lines;

static void line(const char *text, void *arg)
{
	(void)arg;
	assert_true(strlen(text) > 10);
	lines++;
}

static void begin(unsigned n, const char *options)
{
	rig_start(&g, rig_config("", RIG_KEY, options, 0, n), n);
	g.may_lose = true;
}

/* The pass is over in time, it is no success, and each registry has a why. */
static void ends(unsigned n)
{
	int64_t since = g.now.boot;

	engine_tick(g.engine, g.now);
	rig_drain(&g);
	rig_answer(&g);
	while (!engine_pass_done(g.engine)) {
		if (g.now.boot - since >= MOST) {
			for (unsigned i = 0; i < n; i++)
				print_error("registry %u is %s: %s\n", i,
					    rig_registry(&g, i, "state"),
					    rig_registry(&g, i, "reason"));
			fail_msg("hold %#x: %s", g.hold,
				 rig_summary(&g, "reason"));
		}
		rig_run(&g, SECOND);
	}
	assert_false(engine_all_current(g.engine));
	lines = 0;
	report_troubles(g.engine, line, NULL);
	assert_true(lines >= n);
	rig_stop(&g);
}

static void silent(enum call_kind kind, unsigned n)
{
	begin(n, "");
	rig_newer(&g, V2, RIG_NOW - HOUR / 2);
	g.hold = 1u << kind;
	ends(n);
	/* The same for one that is late. */
	begin(n, "");
	rig_newer(&g, V2, RIG_NOW - 2 * HOUR);
	g.hold = 1u << kind;
	ends(n);
}

static void nobody_answers(void **state)
{
	static const enum call_kind kinds[] = { CALL_TOKEN, CALL_KEY,
						CALL_REGISTRY };

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		silent(kinds[i], 1);
}

static void everything_fails(void **state)
{
	static const struct {
		enum fault_kind kind;
		int code;
	} some[] = { { FAULT_DENIED, 403 },    { FAULT_TRANSIENT, 503 },
		     { FAULT_THROTTLED, 429 }, { FAULT_MISSING, 404 },
		     { FAULT_INVALID, 200 },   { FAULT_REFUSED, 400 } };
	static const enum call_kind kinds[] = { CALL_TOKEN, CALL_KEY,
						CALL_REGISTRY, CALL_PATCH };

	(void)state;
	for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++)
		for (size_t k = 0; k < 4; k++)
			for (unsigned n = 1; n < 5; n += 3) {
				begin(n, "");
				rig_newer(&g, V2,
					  RIG_NOW -
						  (k % 2 ? 2 * HOUR : MINUTE));
				fault_set(&g.faults[kinds[k]], some[i].kind,
					  some[i].code, "It failed with %d.",
					  some[i].code);
				ends(n);
			}
}

static void overdue_and_in_the_way(void **state)
{
	(void)state;
	begin(2, "");
	rig_newer(&g, V2, RIG_NOW - 2 * HOUR);
	g.models[0].view.identity_attached = false;
	g.models[1].view.identity_attached = false;
	ends(2);
	begin(1, "");
	rig_newer(&g, V2, RIG_NOW - 2 * HOUR);
	engine_dry_run(g.engine, true);
	ends(1);
	begin(1, "mode = \"observe\"");
	rig_newer(&g, V2, RIG_NOW - 2 * HOUR);
	ends(1);
}

/* The version in use is not one that the model has: 404; or disabled. */
static void the_version_in_use(void **state)
{
	(void)state;
	for (int late = 0; late < 2; late++) {
		begin(1, "");
		rig_newer(&g, V2, RIG_NOW - (late ? 2 * HOUR : MINUTE));
		g.models[0].view = rig_view(V3);
		ends(1);
	}
	rig_start(&g, rig_config("", RIG_KEY "/" V1, "", 0, 1), 1);
	g.versions[0].enabled = false;
	ends(1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_answers),
		cmocka_unit_test(everything_fails),
		cmocka_unit_test(overdue_and_in_the_way),
		cmocka_unit_test(the_version_in_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
