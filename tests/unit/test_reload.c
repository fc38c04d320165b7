/*
 * engine/adopt: whatever a new configuration changes counts at once.
 *
 * One case for each option of the table: an engine runs by one value until
 * that value is what holds it up, the file is read again with another one, and
 * the effect has to be there without waiting.
 */
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
#include "config/options.h"
#include "engine_help.h"

#define RIG_VAULT                                                             \
	"/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/" \
	"prod/providers/Microsoft.KeyVault/vaults/contoso"
#define RIG_VAULT_MOVED                                                       \
	"/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/" \
	"else/providers/Microsoft.KeyVault/vaults/contoso"
#define VIA_ARM(vault) \
	"read-key-via = resource-manager\nvault-resource = \"" vault "\""

static struct rig g;

static void hold(enum call_kind kind)
{
	g.hold |= 1u << kind;
}

static void begin(const char *top, const char *options, unsigned n)
{
	rig_start(&g, rig_config(top, RIG_KEY, options, 0, n), n);
}

/* All on V1, and nothing under way. */
static void settled(const char *top, const char *options, unsigned n)
{
	begin(top, options, n);
	rig_tick(&g);
	assert_int_equal(g.n_asked, 0);
}

/* ... and V2 comes and is seen; what follows by itself has gone out. */
static void behind(const char *top, const char *options, unsigned n)
{
	settled(top, options, n);
	hold(CALL_PATCH);
	rig_newer(&g, V2, rig_azure(&g));
	engine_poll(g.engine, NULL, g.now);
	rig_drain(&g);
	rig_answer(&g);
}

/* A moment later, for what was read in this very one is as new as can be. */
static void reload_text(char *text)
{
	rig_run(&g, SECOND);
	g.order[0] = '\0';
	engine_reload(g.engine, rig_parse(text), g.now);
	free(text);
	rig_drain(&g);
	rig_answer(&g);
}

static void reload(const char *top, const char *options, unsigned n)
{
	reload_text(rig_config(top, RIG_KEY, options, 0, n));
}

static unsigned patches(void)
{
	return rig_waiting(&g, CALL_PATCH);
}

/* ---- the top level ---- */

static void window(void)
{
	settled("window = \"2h\"", "mode = \"observe\"", 1);
	rig_newer(&g, V2, rig_azure(&g));
	rig_run(&g, 20 * MINUTE);
	assert_string_equal(rig_registry(&g, 0, "state"), "rotating");
	reload("window = \"10m\"", "mode = \"observe\"", 1);
	assert_string_equal(rig_registry(&g, 0, "state"), "overdue");
	assert_in_range(-rig_date(&g, rig_registry(&g, 0, "deadline")), 590,
			610);
	reload("window = \"2h\"", "mode = \"observe\"", 1);
	assert_string_equal(rig_registry(&g, 0, "state"), "rotating");
}

static void poll_interval(void)
{
	settled("poll-interval = \"15m\"", "", 1);
	rig_run(&g, 15 * MINUTE);
	rig_run(&g, (int64_t)(rig_date(&g, rig_key(&g, "next_poll")) - 300) *
			    SECOND);
	reload("poll-interval = \"60s\"", "", 1);
	assert_non_null(strchr(g.order, 'K')); /* its interval is over */
	assert_in_range(rig_date(&g, rig_key(&g, "next_poll")), 0, 90);
	/* Not over yet: the next one comes by the new one all the same. */
	reload("poll-interval = \"15m\"", "", 1);
	rig_run(&g, MINUTE);
	engine_poll(g.engine, NULL, g.now);
	rig_drain(&g);
	rig_answer(&g);
	reload("poll-interval = \"30s\"", "", 1);
	assert_in_range(rig_date(&g, rig_key(&g, "next_poll")), 0, 45);
	/* What is said of it follows: two intervals are over. */
	hold(CALL_KEY);
	rig_run(&g, 70 * SECOND);
	assert_string_equal(rig_summary(&g, "state"), "degraded");
	reload("poll-interval = \"15m\"", "", 1);
	assert_string_equal(rig_summary(&g, "state"), "ok");
}

static void reread_of(unsigned n)
{
	char which = n < 3 ? 'R' : 'L';

	settled("reread-interval = \"1h\"\npoll-interval = \"15m\"", "", n);
	rig_run(&g, 10 * MINUTE);
	reload("reread-interval = \"1m\"\npoll-interval = \"15m\"", "", n);
	assert_non_null(strchr(g.order, which));
	assert_in_range(rig_date(&g, rig_registry(&g, 0, "next_attempt")), 0,
			60);
	g.order[0] = '\0';
	rig_run(&g, MINUTE);
	assert_non_null(strchr(g.order, which));
	rig_stop(&g);
}

static void reread_interval(void)
{
	reread_of(1);
	reread_of(4);
	/* Also of a version in use that is not the newest. */
	settled("reread-interval = \"1h\"\npoll-interval = \"15m\"",
		"mode = \"observe\"", 1);
	rig_newer(&g, V2, rig_azure(&g));
	engine_poll(g.engine, NULL, g.now);
	rig_drain(&g);
	rig_answer(&g);
	rig_run(&g, MINUTE);
	hold(CALL_REGISTRY);
	reload("reread-interval = \"1m\"\npoll-interval = \"15m\"",
	       "mode = \"observe\"", 1);
	hold(CALL_KEY);
	rig_run(&g, 61 * SECOND);
	assert_non_null(rig_find(&g, CALL_KEY, V1));
}

static void retirement_hold(void)
{
	settled("retirement-hold = \"24h\"", "", 1);
	rig_newer(&g, V2, rig_azure(&g));
	rig_run(&g, 10 * MINUTE);
	assert_string_equal(rig_version(&g, V1, "verdict"), "draining");
	reload("retirement-hold = \"1m\"", "", 1);
	assert_string_equal(rig_version(&g, V1, "verdict"), "clear");
}

/* V1 is a day old. */
static void max_age(void)
{
	settled("", "", 1);
	reload("max-age = 12h", "", 1);
	assert_string_equal(rig_summary(&g, "state"), "degraded");
	reload("max-age = 12h", "max-age = 90d", 1);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	reload("max-age = 90d", "max-age = 12h", 1);
	assert_string_equal(rig_summary(&g, "state"), "degraded");
	reload("", "", 1);
	assert_string_equal(rig_summary(&g, "state"), "ok");
}

/* At once it is no longer read, or planned. */
static void read_rotation_policy(void)
{
	settled("read-rotation-policy = true", "", 1);
	reload("read-rotation-policy = false", "", 1);
	rig_run(&g, 26 * HOUR);
	assert_int_equal(g.sent[CALL_POLICY], 0);
	reload("read-rotation-policy = true", "", 1);
	rig_run(&g, 12 * MINUTE);
	assert_int_equal(g.sent[CALL_POLICY], 1);
}

/* A quarter of them may go to one host. */
static void max_requests(void)
{
	behind("max-requests = \"4\"", "canary = \"false\"", 8);
	assert_int_equal(g.n_asked, 1);
	reload("max-requests = \"128\"", "canary = \"false\"", 8);
	assert_int_equal(patches(), 8);
}

/* One call has used the budget up; the next would come in 1,000 s. */
static void rate(const char *which)
{
	char slow[200], fast[200];

	snprintf(slow, sizeof(slow), "%s-rate = \"0.001\"\n%s-burst = \"1\"",
		 which, which);
	snprintf(fast, sizeof(fast), "%s-rate = \"1000\"\n%s-burst = \"1\"",
		 which, which);
	if (which[0] == 'w') {
		behind(slow, "canary = \"false\"", 2);
		assert_int_equal(patches(), 1);
		reload(fast, "canary = \"false\"", 2);
		rig_run(&g, SECOND);
		assert_int_equal(patches(), 2);
		return;
	}
	begin(slow, "", 2);
	rig_tick(&g);
	if (which[0] == 'v') {
		engine_poll(g.engine, NULL, g.now);
		rig_drain(&g);
	}
	g.order[0] = '\0';
	rig_run(&g, 5 * SECOND);
	assert_string_equal(g.order, "");
	reload(fast, "", 2);
	rig_run(&g, SECOND);
	assert_non_null(strchr(g.order, which[0] == 'v' ? 'K' : 'R'));
	assert_true(engine_all_current(g.engine));
}

static void vault_rate(void)
{
	rate("vault");
}

static void read_rate(void)
{
	rate("read");
}

static void write_rate(void)
{
	rate("write");
}

/* Much has gathered; only so much of it may go at once from here on. */
static unsigned burst(const char *which, enum call_kind kind)
{
	char wide[200], narrow[200];
	unsigned before;

	snprintf(wide, sizeof(wide), "%s-rate = \"0.001\"\n%s-burst = \"90\"",
		 which, which);
	snprintf(narrow, sizeof(narrow),
		 "%s-rate = \"0.001\"\n%s-burst = \"1\"", which, which);
	settled(wide, "canary = \"false\"", 2);
	if (kind == CALL_PATCH)
		hold(CALL_PATCH);
	rig_newer(&g, V2, rig_azure(&g));
	before = g.sent[kind];
	reload(narrow, "canary = \"false\"", 2);
	for (int i = 0; i < 3; i++) {
		engine_poll(g.engine, NULL, g.now);
		rig_drain(&g);
		rig_answer(&g);
	}
	return g.sent[kind] - before;
}

static void vault_burst(void)
{
	assert_int_equal(burst("vault", CALL_KEY), 1);
}

static void read_burst(void)
{
	assert_int_equal(burst("read", CALL_REGISTRY), 1);
}

static void write_burst(void)
{
	assert_int_equal(burst("write", CALL_PATCH), 1);
}

/* ---- a watch ---- */

static void registries(void)
{
	settled("", "", 1);
	g.n_models = 2;
	g.models[1].view = rig_view(V1);
	reload("", "", 2);
	assert_string_equal(rig_registry(&g, 1, "state"), "current");
	reload("", "", 1);
	assert_string_equal(rig_summary(&g, "registries"), "1");
}

static void mode_of(unsigned n)
{
	behind("", "mode = \"observe\"", n);
	assert_int_equal(patches(), 0);
	reload("", "mode = \"pin\"", n);
	assert_int_equal(patches(), 1);
	assert_string_equal(g.last[CALL_PATCH].call.key.version, V2);
	rig_stop(&g);
}

static void mode(void)
{
	mode_of(1);
	mode_of(4);
	settled("", "", 1);
}

static void identity(void)
{
	settled("", "", 1);
	reload("", "identity = \"c11e7700-0000-4000-8000-000000000001\"", 1);
	assert_string_not_equal(rig_registry(&g, 0, "alarm"), "null");
	reload("", "identity = \"system\"", 1);
	assert_string_equal(rig_registry(&g, 0, "alarm"), "null");
}

static void takeover_of(unsigned n)
{
	struct fault f;

	begin("", "", n);
	hold(CALL_PATCH);
	for (unsigned i = 0; i < n; i++) {
		assert_true(
			keyid_parse(&g.models[i].view.key, RIG_OTHER_KEY, &f));
		g.models[i].view.in_use_key = g.models[i].view.key;
	}
	rig_tick(&g);
	assert_string_equal(rig_registry(&g, 0, "state"), "blocked");
	reload("", "takeover = \"true\"", n);
	assert_int_equal(patches(), n); /* the window is over: all at once */
	rig_stop(&g);
}

static void takeover(void)
{
	takeover_of(1);
	takeover_of(4);
	settled("", "", 1);
}

static void canary(void)
{
	behind("", "", 4);
	assert_int_equal(patches(), 1);
	reload("", "canary = \"false\"", 4);
	assert_int_equal(patches(), 4);
}

static void max_parallel(void)
{
	behind("", "canary = \"false\"\nmax-parallel = \"1\"", 4);
	assert_int_equal(patches(), 1);
	reload("", "canary = \"false\"\nmax-parallel = \"3\"", 4);
	assert_int_equal(patches(), 3);
}

static void credential_of(unsigned n)
{
	static const char two[] =
		"credential \"bad\" { type = \"managed-identity\"\n client-id "
		"= \"c11e7700-0000-4000-8000-000000000001\" }\n"
		"credential \"good\" { type = \"managed-identity\" }";

	/* Everything waits for a token that cannot be had. */
	begin(two, "credential = \"bad\"", n);
	fault_set(&g.faults[CALL_TOKEN], FAULT_DENIED, 400, "Not found.");
	rig_tick(&g);
	assert_string_equal(rig_registry(&g, 0, "state"), "unreachable");
	g.faults[CALL_TOKEN] = fault_none();
	hold(CALL_TOKEN);
	reload(two, "credential = \"good\"", n);
	assert_null(strstr(g.order, "R"));
	for (size_t i = 0; i < g.n_asked;)
		if (strcmp(g.asked[i].credential, "good") == 0) {
			rig_good_answer(&g, &g.asked[i]);
			i = 0;
		} else {
			i++;
		}
	rig_answer(&g);
	assert_true(engine_all_current(g.engine));
	rig_stop(&g);
}

static void credential(void)
{
	credential_of(1);
	credential_of(4);
	settled("", "", 1);
}

/* The vault answers nobody: the other way counts at once. */
static void read_key_via(void)
{
	settled("", "", 1);
	hold(CALL_KEY);
	engine_poll(g.engine, NULL, g.now);
	rig_drain(&g);
	g.may_lose = true;
	reload("", VIA_ARM(RIG_VAULT), 1);
	assert_int_equal(g.order[0], 'A');
	assert_string_equal(rig_key(&g, "read_via"), "resource-manager");
	g.hold = 0;
	rig_answer(&g);
	reload("", "", 1);
	assert_string_equal(rig_key(&g, "read_via"), "vault");
	engine_poll(g.engine, NULL, g.now);
	rig_drain(&g);
	assert_string_equal(rig_find(&g, CALL_KEY, NULL)->vault_resource, "");
}

/* The vault was moved to another group. */
static void vault_resource(void)
{
	settled("", VIA_ARM(RIG_VAULT), 1);
	reload("", VIA_ARM(RIG_VAULT_MOVED), 1);
	engine_poll(g.engine, NULL, g.now);
	rig_drain(&g);
	assert_string_equal(rig_find(&g, CALL_KEY, NULL)->vault_resource,
			    RIG_VAULT_MOVED);
}

#define FLEET                                                         \
	"lease \"fleet\" { url = "                                    \
	"\"https://contoso.blob.core.windows.net/keyrotd/fleet\" }\n" \
	"lease = \"fleet\"\n"

/* Somebody else holds the one that the new file names. */
static void lease(void)
{
	settled("", "", 1);
	text_copy(g.lease.holder, sizeof(g.lease.holder), "another");
	g.lease.until = INT64_MAX;
	rig_newer(&g, V2, rig_azure(&g));
	reload(FLEET, "", 1);
	engine_poll(g.engine, NULL, g.now);
	rig_run(&g, MINUTE);
	assert_string_equal(rig_summary(&g, "role"), "standby");
	assert_int_equal(g.sent[CALL_PATCH], 0);
	reload(FLEET, "lease = none", 1);
	rig_run(&g, MINUTE);
	assert_string_equal(rig_registry(&g, 0, "version_in_use"), V2);
}

static void prefer(void)
{
	settled(FLEET, "", 1);
	rig_run(&g, SECOND);
	assert_string_equal(rig_summary(&g, "role"), "leader");
	reload(FLEET "prefer = true", "", 1);
	/* Who asks for it is not heard any more. */
	text_copy(g.lease.said.wanted_id, sizeof(g.lease.said.wanted_id),
		  "another");
	rig_run(&g, 2 * MINUTE);
	assert_string_equal(rig_summary(&g, "role"), "leader");
	reload(FLEET, "", 1);
	text_copy(g.lease.said.wanted_id, sizeof(g.lease.said.wanted_id),
		  "another");
	for (int i = 0; i < 42 && strcmp(rig_summary(&g, "role"), "standby");
	     i++)
		rig_run(&g, SECOND);
	assert_string_equal(rig_summary(&g, "role"), "standby");
}

/* ---- the tables ---- */

static const struct {
	const char *option;
	void (*see)(void); /* NULL: it is not the engine's */
} cases[] = {
	{ "cloud", NULL },	 /* system/119-ways */
	{ "https-proxy", NULL }, /* the same */
	{ "no-proxy", NULL },	 /* the same */
	{ "window", window },
	{ "poll-interval", poll_interval },
	{ "reread-interval", reread_interval },
	{ "retirement-hold", retirement_hold },
	{ "max-age", max_age },
	{ "read-rotation-policy", read_rotation_policy },
	{ "log-level", NULL },	       /* system/140-reload */
	{ "state-directory", NULL },   /* the same: after a restart */
	{ "runtime-directory", NULL }, /* the same */
	{ "admin-group", NULL },       /* system/150-socket */
	{ "metrics-file", NULL },      /* system/185-metrics */
	{ "on-event", NULL },	       /* system/255-hooks */
	{ "on-event-kinds", NULL },    /* the same */
	{ "lease", lease },
	{ "prefer", prefer },
	{ "audit-max-size", NULL }, /* system/220-audit, and the others */
	{ "audit-keep", NULL },
	{ "audit-wait", NULL },
	{ "audit-required", NULL },
	{ "audit-sign-key", NULL },
	{ "max-requests", max_requests },
	{ "vault-rate", vault_rate },
	{ "vault-burst", vault_burst },
	{ "read-rate", read_rate },
	{ "read-burst", read_burst },
	{ "write-rate", write_rate },
	{ "write-burst", write_burst },
	{ "registries", registries },
	{ "mode", mode },
	{ "credential", credential },
	{ "identity", identity },
	{ "read-key-via", read_key_via },
	{ "vault-resource", vault_resource },
	{ "takeover", takeover },
	{ "canary", canary },
	{ "max-parallel", max_parallel },
};

#define CASES (sizeof(cases) / sizeof(cases[0]))

static void counts_at_once(void **state)
{
	void (*see)(void) = cases[(size_t)(uintptr_t)*state].see;

	see();
}

static int stop(void **state)
{
	(void)state;
	rig_stop(&g);
	return 0;
}

/* A new option needs its case. */
static void no_option_is_left_out(void **state)
{
	static const enum config_block blocks[] = { CONFIG_TOP, CONFIG_WATCH };

	(void)state;
	for (size_t b = 0; b < 2; b++) {
		size_t n;
		const struct config_option *o = options_of(blocks[b], &n);

		for (size_t i = 0; i < n; i++) {
			bool found = false;

			for (size_t k = 0; k < CASES; k++)
				found |= !strcmp(cases[k].option, o[i].name);
			if (!found)
				print_error("%s has no case.\n", o[i].name);
			assert_true(found);
		}
	}
}

int main(void)
{
	struct CMUnitTest tests[CASES + 1] = { cmocka_unit_test(
		no_option_is_left_out) };
	size_t n = 1;

	for (size_t i = 0; i < CASES; i++)
		if (cases[i].see)
			tests[n++] = (struct CMUnitTest){
				.name = cases[i].option,
				.test_func = counts_at_once,
				.teardown_func = stop,
				.initial_state = (void *)(uintptr_t)i,
			};
	return _cmocka_run_group_tests("options", tests, n, NULL, NULL);
}
