/* engine/key_way: a vault that refuses this host, and the way round it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/text.h"
#include "engine/snapshot.h"
#include "engine_help.h"

#define VAULT                                                                 \
	"/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/" \
	"prod/providers/Microsoft.KeyVault/vaults/contoso"
#define VIA(word) "read-key-via = " word "\nvault-resource = \"" VAULT "\""
#define TOP "reread-interval = 5m\npoll-interval = 60s"

static struct rig g;

static char *text(const char *options)
{
	return rig_config(TOP, RIG_KEY, options, 0, 1);
}

static void begin(const char *options)
{
	rig_start(&g, text(options), 1);
}

static void vault_says(enum fault_kind kind, int code, const char *inner)
{
	g.vault_fault = fault_none();
	fault_set(&g.vault_fault, kind, code, "The vault says %d %s.", code,
		  inner);
	text_copy(g.vault_fault.azure_code, sizeof(g.vault_fault.azure_code),
		  "Forbidden");
	text_copy(g.vault_fault.inner_code, sizeof(g.vault_fault.inner_code),
		  inner);
}

static void closed(void)
{
	vault_says(FAULT_DENIED, 403, "ForbiddenByFirewall");
}

/* How often each way was gone since `order` was emptied. */
static unsigned count(char way)
{
	unsigned n = 0;

	for (const char *s = g.order; *s; s++)
		n += *s == way;
	return n;
}

static void through_resource_manager_only(void **state)
{
	(void)state;
	begin(VIA("resource-manager"));
	closed();
	rig_run(&g, 10 * MINUTE);
	assert_true(engine_all_current(g.engine));
	assert_int_equal(count('K'), 0);
	assert_in_range(count('A'), 9, 12);
	assert_string_equal(g.last[CALL_KEY].vault_resource, VAULT);
	assert_string_equal(rig_key(&g, "read_via"), "resource-manager");
	assert_int_equal(g.told[NOTE_KEY_WAY], 0);
	rig_stop(&g);
}

static void refused_by(const char *inner)
{
	begin(VIA("auto"));
	rig_run(&g, 2 * MINUTE);
	assert_string_equal(rig_key(&g, "read_via"), "vault");
	assert_int_equal(count('A'), 0);
	vault_says(FAULT_DENIED, 403, inner);
	rig_newer(&g, V2, rig_azure(&g));
	rig_run(&g, 2 * MINUTE);
	assert_string_equal(rig_key(&g, "newest_version"), V2);
	assert_string_equal(rig_registry(&g, 0, "version_in_use"), V2);
	assert_string_equal(rig_key(&g, "read_via"), "resource-manager");
	assert_string_equal(rig_key(&g, "error"), "null");
	assert_int_equal(g.told[NOTE_KEY_WAY], 1);
	assert_int_equal(g.told[NOTE_KEY_ERROR], 0);
	assert_non_null(strstr(rig_said(&g, NOTE_KEY_WAY)->text, inner));
	assert_string_equal(rig_summary(&g, "state"), "ok");
}

static void falls_back(void **state)
{
	(void)state;
	refused_by("ForbiddenByConnection");
	rig_stop(&g);
	refused_by("ForbiddenByFirewall");
	/* An hour on: the vault is tried each five minutes, not each minute. */
	g.order[0] = '\0';
	rig_run(&g, HOUR);
	assert_in_range(count('K'), 10, 13);
	assert_in_range(count('A'), 55, 65);
	assert_int_equal(g.told[NOTE_KEY_WAY], 1);
	/* It lets us in again. */
	g.vault_fault = fault_none();
	rig_run(&g, 6 * MINUTE);
	assert_string_equal(rig_key(&g, "read_via"), "vault");
	assert_int_equal(g.told[NOTE_KEY_WAY], 2);
	g.order[0] = '\0';
	rig_run(&g, 10 * MINUTE);
	assert_int_equal(count('A'), 0);
	rig_stop(&g);
}

/* A poll by hand: whoever has just opened the firewall wants to see it. */
static void a_poll_tries_the_vault(void **state)
{
	(void)state;
	refused_by("ForbiddenByFirewall");
	g.vault_fault = fault_none();
	g.order[0] = '\0';
	engine_poll(g.engine, NULL, g.now);
	rig_drain(&g);
	rig_answer(&g);
	assert_int_equal(count('K'), 1);
	assert_int_equal(count('A'), 0);
	assert_string_equal(rig_key(&g, "read_via"), "vault");
	rig_stop(&g);
}

/* Only the two refusals lead to the other way ... */
static void nothing_else_does(void **state)
{
	static const struct {
		enum fault_kind kind;
		int code;
		const char *inner;
	} cases[] = {
		{ FAULT_DENIED, 403, "ForbiddenByRbac" },
		{ FAULT_DENIED, 403, "ForbiddenByPolicy" },
		{ FAULT_DENIED, 403, "AccessDenied" },
		{ FAULT_MISSING, 404, "" },
		{ FAULT_TRANSIENT, 0, "" },
		{ FAULT_TRANSIENT, 503, "ForbiddenByFirewall" },
		{ FAULT_THROTTLED, 429, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		begin(VIA("auto"));
		vault_says(cases[i].kind, cases[i].code, cases[i].inner);
		rig_run(&g, 5 * MINUTE);
		assert_int_equal(count('A'), 0);
		assert_string_equal(rig_key(&g, "read_via"), "vault");
		assert_string_not_equal(rig_key(&g, "error"), "null");
		rig_stop(&g);
	}
}

/* ... nor does anything at all, unless the file allows it. */
static void vault_alone_never_falls_back(void **state)
{
	(void)state;
	begin("");
	closed();
	rig_run(&g, 5 * MINUTE);
	assert_int_equal(count('A'), 0);
	assert_string_not_equal(rig_key(&g, "error"), "null");
	rig_stop(&g);
}

/* What the vault says when it is tried again takes nothing away that the other
 * way gives, unless it is about the key. */
static void a_trial_in_vain_changes_nothing(void **state)
{
	(void)state;
	refused_by("ForbiddenByFirewall");
	vault_says(FAULT_TRANSIENT, 0, "");
	rig_run(&g, 20 * MINUTE);
	vault_says(FAULT_DENIED, 403, "ForbiddenByRbac");
	rig_run(&g, 20 * MINUTE);
	assert_string_equal(rig_key(&g, "read_via"), "resource-manager");
	assert_string_equal(rig_key(&g, "error"), "null");
	assert_int_equal(g.told[NOTE_KEY_WAY], 1);
	assert_int_equal(g.told[NOTE_KEY_ERROR], 0);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	vault_says(FAULT_MISSING, 404, "");
	rig_run(&g, 10 * MINUTE);
	assert_string_equal(rig_key(&g, "read_via"), "vault");
	assert_int_equal(g.told[NOTE_KEY_WAY], 2);
	assert_int_equal(g.told[NOTE_KEY_ERROR], 1);
	rig_stop(&g);
}

/* Both ways are closed: told, asked slowly, and the one that opens serves. */
static void neither_way(void **state)
{
	(void)state;
	begin(VIA("auto"));
	closed();
	fault_set(&g.faults[CALL_KEY], FAULT_DENIED, 403, "No right there.");
	rig_run(&g, 20 * MINUTE);
	assert_string_equal(rig_key(&g, "error"), "No right there.");
	assert_string_equal(rig_summary(&g, "state"), "degraded");
	assert_int_equal(g.told[NOTE_KEY_ERROR], 1);
	assert_int_equal(count('K'), count('A'));
	assert_in_range(count('A'), 5, 11);
	g.vault_fault = fault_none();
	g.faults[CALL_KEY] = fault_none();
	rig_run(&g, 5 * MINUTE);
	assert_string_equal(rig_key(&g, "error"), "null");
	assert_string_equal(rig_key(&g, "read_via"), "vault");
	rig_stop(&g);
}

/* A version in use is read the same way, and is retired the same. */
static void versions_too(void **state)
{
	(void)state;
	begin(VIA("auto") "\nmode = observe");
	rig_newer(&g, V2, RIG_NOW - HOUR / 2);
	g.models[0].view.auto_rotation = false;
	closed();
	rig_run(&g, 10 * MINUTE);
	assert_string_equal(g.last[CALL_KEY].vault_resource, VAULT);
	assert_string_equal(rig_version(&g, V1, "verdict"), "in use");
	assert_string_equal(rig_version(&g, V2, "verdict"), "newest");
	/* V1 itself was asked for, and by that way. */
	g.versions[0].enabled = false;
	rig_run(&g, 10 * MINUTE);
	assert_string_equal(rig_summary(&g, "state"), "failed");
	rig_stop(&g);
}

/* Two watches of one key each find their way. */
static void two_watches(void **state)
{
	char *one = rig_config(TOP, RIG_KEY, VIA("auto"), 0, 1);
	char *two = rig_config("", RIG_KEY "/" V1, VIA("auto"), 1, 1);
	char *both = text_printf("%s\n%s", one, two);

	(void)state;
	free(one);
	free(two);
	rig_start(&g, both, 2);
	closed();
	rig_run(&g, 10 * MINUTE);
	assert_true(engine_all_current(g.engine));
	assert_true(count('A') > count('K'));
	rig_stop(&g);
}

/* The state is kept over a restart: the vault is tried first, and that it
 * refuses is no news. */
static void over_a_restart(void **state)
{
	struct fault f;
	struct buf out;

	(void)state;
	refused_by("ForbiddenByFirewall");
	buf_init(&out, 1 << 20);
	assert_true(snapshot_write(g.engine, &out));
	rig_restart(&g, text(VIA("auto")));
	assert_true(snapshot_read(g.engine, out.data, out.len, &f));
	g.order[0] = '\0';
	rig_run(&g, 3 * MINUTE);
	assert_int_equal(count('K'), 1);
	assert_true(count('A') >= 2);
	assert_int_equal(g.told[NOTE_KEY_WAY], 0);
	assert_string_equal(rig_key(&g, "read_via"), "resource-manager");
	/* Of a file that says otherwise it is forgotten. */
	rig_restart(&g, text(""));
	g.vault_fault = fault_none();
	assert_true(snapshot_read(g.engine, out.data, out.len, &f));
	rig_run(&g, MINUTE);
	assert_string_equal(rig_key(&g, "read_via"), "vault");
	buf_free(&out);
	rig_stop(&g);
}

/* A token that the vault told to wait for does not hold up the other way. */
static void what_one_told_is_nothing_to_the_other(void **state)
{
	(void)state;
	begin(VIA("auto"));
	closed();
	g.vault_fault.retry_after_ms = HOUR;
	rig_run(&g, 3 * MINUTE);
	assert_true(count('A') >= 3);
	assert_true(engine_all_current(g.engine));
	rig_stop(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(through_resource_manager_only),
		cmocka_unit_test(falls_back),
		cmocka_unit_test(a_poll_tries_the_vault),
		cmocka_unit_test(nothing_else_does),
		cmocka_unit_test(vault_alone_never_falls_back),
		cmocka_unit_test(a_trial_in_vain_changes_nothing),
		cmocka_unit_test(neither_way),
		cmocka_unit_test(versions_too),
		cmocka_unit_test(two_watches),
		cmocka_unit_test(over_a_restart),
		cmocka_unit_test(what_one_told_is_nothing_to_the_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
