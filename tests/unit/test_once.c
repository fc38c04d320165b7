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

#define KEYS 40

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

/* One question at a time goes to a host that never answered, and each takes
 * its whole time: nobody waits until each has had a few. */
static void many_beside_a_silent_manager(void **state)
{
	(void)state;
	begin(KEYS, "");
	rig_newer(&g, V2, RIG_NOW - HOUR / 2);
	g.hold = 1u << CALL_REGISTRY | 1u << CALL_LIST;
	ends(KEYS);
}

static void begin_keys(void)
{
	char *text = rig_config("", RIG_KEY, "", 0, 1), *more, key[100];

	for (unsigned i = 1; i < KEYS; i++) {
		snprintf(key, sizeof(key),
			 "https://contoso.vault.azure.net/keys/k%u", i);
		more = rig_config("", key, "", i, 1);
		text = text_realloc(text, strlen(text) + strlen(more) + 1, 1);
		strcat(text, more);
		free(more);
	}
	rig_start(&g, text, KEYS);
	g.may_lose = true;
	for (unsigned i = 1; i < KEYS; i++) {
		struct fault f;

		snprintf(key, sizeof(key),
			 "https://contoso.vault.azure.net/keys/k%u", i);
		assert_true(keyid_parse(&g.models[i].view.key, key, &f));
		g.models[i].view.in_use_key = g.models[i].view.key;
	}
}

static void many_beside_a_silent_vault(void **state)
{
	(void)state;
	begin_keys();
	g.hold = 1u << CALL_KEY;
	ends(KEYS);
}

/* It says why. */
static void a_silent_host_is_named(void **state)
{
	(void)state;
	begin_keys();
	g.hold = 1u << CALL_KEY;
	rig_tick(&g);
	rig_run(&g, 2 * MINUTE);
	assert_false(engine_pass_done(g.engine));
	rig_run(&g, 4 * MINUTE);
	assert_true(engine_pass_done(g.engine));
	assert_non_null(strstr(rig_registry(&g, KEYS - 1, "reason"),
			       "https://contoso.vault.azure.net has left"));
	/* One answer: it is waited for again. */
	g.hold = 0;
	rig_answer(&g);
	rig_run(&g, MINUTE);
	assert_null(strstr(rig_registry(&g, 0, "reason"), "has left"));
	rig_stop(&g);
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

/* Microsoft: the metadata service is back within 70 seconds of an update; as
 * long it is asked. */
static void an_update_is_waited_for(void **state)
{
	(void)state;
	begin(2, "");
	rig_newer(&g, V2, RIG_NOW - MINUTE);
	fault_set(&g.faults[CALL_TOKEN], FAULT_TRANSIENT, 410, "It says 410.");
	g.faults[CALL_TOKEN].heals_ms = 70 * SECOND;
	rig_tick(&g);
	rig_run(&g, 68 * SECOND);
	assert_false(engine_pass_done(g.engine));
	assert_non_null(strstr(rig_registry(&g, 0, "reason"),
			       "It says 410. That may last until "));
	g.faults[CALL_TOKEN] = fault_none();
	rig_run(&g, 2 * MINUTE);
	assert_true(engine_pass_done(g.engine));
	assert_true(engine_all_current(g.engine));
	rig_stop(&g);
}

/* The first look after that decides. */
static void an_update_without_end(void **state)
{
	int64_t since;

	(void)state;
	for (unsigned n = 1; n < 5; n += 3) {
		begin(n, "");
		fault_set(&g.faults[CALL_TOKEN], FAULT_TRANSIENT, 404,
			  "It says 404.");
		g.faults[CALL_TOKEN].heals_ms = 70 * SECOND;
		since = g.now.boot;
		rig_tick(&g);
		rig_run(&g, 68 * SECOND);
		assert_false(engine_pass_done(g.engine));
		while (!engine_pass_done(g.engine) &&
		       g.now.boot < since + 10 * MINUTE)
			rig_run(&g, SECOND);
		assert_in_range(g.now.boot - since, 70 * SECOND, 110 * SECOND);
		assert_non_null(strstr(rig_registry(&g, 0, "reason"),
				       "It says 404. It says so since "));
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
		cmocka_unit_test(many_beside_a_silent_manager),
		cmocka_unit_test(many_beside_a_silent_vault),
		cmocka_unit_test(a_silent_host_is_named),
		cmocka_unit_test(everything_fails),
		cmocka_unit_test(an_update_is_waited_for),
		cmocka_unit_test(an_update_without_end),
		cmocka_unit_test(overdue_and_in_the_way),
		cmocka_unit_test(the_version_in_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
