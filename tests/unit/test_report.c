/* engine/report: what people and programs are told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/text.h"
#include "config/event.h"
#include "engine/explain.h"
#include "engine/explain_key.h"
#include "engine/report.h"
#include "engine_help.h"

static struct rig g;
static struct buf out;
static struct json *root;

static int start(void **state)
{
	(void)state;
	buf_init(&out, REPORT_ROWS_MAX);
	root = NULL;
	rig_start(&g, rig_config("", RIG_KEY, "", 0, 3), 3);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	json_free(root);
	buf_free(&out);
	rig_stop(&g);
	return 0;
}

/* Parse what was reported; the root lives until the next time. */
static const struct json *parse(bool ok)
{
	struct fault f;

	assert_true(ok);
	json_free(root);
	root = json_parse(out.data, out.len, 10000000, &f);
	assert_non_null(root);
	buf_reset(&out);
	return root;
}

static const struct json *summary(void)
{
	return parse(report_summary(g.engine, "1.0.0", &out));
}

/* Rows of a list behind `last`, as an array; whether more follow. */
static bool rows(bool (*list)(const struct engine *e, char **last, size_t n,
			      struct buf *out),
		 char **last, size_t n)
{
	bool more;
	struct buf b;

	buf_init(&b, REPORT_ROWS_MAX);
	more = list(g.engine, last, n, &b);
	buf_printf(&out, "[%s]", buf_str(&b));
	buf_free(&b);
	parse(true);
	return more;
}

static const struct json *registry(unsigned i)
{
	char *last = i ? text_dup(rig_id(i - 1)) : NULL;

	rows(report_registries, &last, 1);
	assert_string_equal(last, rig_id(i));
	free(last);
	return json_first(root);
}

static const struct json *key(void)
{
	char *last = NULL;

	assert_false(rows(report_keys, &last, 10));
	free(last);
	return json_first(root);
}

struct member {
	const char *name;
	enum json_type type;
};

static void check_members(const struct json *o, const struct member *m,
			  size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct json *v = json_get(o, m[i].name);

		if (!v || json_type(v) != m[i].type)
			fail_msg("%s is absent or of another type", m[i].name);
	}
	assert_int_equal(json_count(o), n);
}

#define CHECK_MEMBERS(o, table) \
	check_members(o, table, sizeof(table) / sizeof(*(table)))

static void all_that_is_unknown_is_null(void **state)
{
	static const struct member of_registry[] = {
		{ "id", JSON_STRING },
		{ "key", JSON_STRING },
		{ "mode", JSON_STRING },
		{ "rule", JSON_NULL },
		{ "state", JSON_STRING },
		{ "reason", JSON_STRING },
		{ "version_in_use", JSON_NULL },
		{ "version_wanted", JSON_NULL },
		{ "auto_rotation", JSON_NULL },
		{ "deadline", JSON_NULL },
		{ "verified_at", JSON_NULL },
		{ "next_attempt", JSON_STRING },
		{ "last_error", JSON_NULL },
		{ "last_read", JSON_NULL },
		{ "paused_until", JSON_NULL },
		{ "paused_by", JSON_NULL },
		{ "pause_reason", JSON_NULL },
		{ "harm", JSON_NUMBER },
		{ "order", JSON_NULL },
		{ "order_outcome", JSON_NULL },
		{ "order_done", JSON_NULL },
		{ "warnings", JSON_ARRAY },
		{ "alarm", JSON_NULL },
		{ "advice", JSON_NULL },
		{ "role", JSON_STRING },
		{ "lease", JSON_NULL },
	};
	static const struct member of_key[] = {
		{ "key", JSON_STRING },	      { "newest_version", JSON_NULL },
		{ "effective", JSON_NULL },   { "usable", JSON_BOOL },
		{ "reason", JSON_STRING },    { "last_polled", JSON_NULL },
		{ "next_poll", JSON_STRING }, { "error", JSON_NULL },
		{ "advice", JSON_NULL },      { "warnings", JSON_ARRAY },
		{ "max_age_s", JSON_NULL },   { "rotation_policy", JSON_NULL },
		{ "versions", JSON_ARRAY },   { "read_via", JSON_STRING },
		{ "state", JSON_STRING },     { "role", JSON_STRING },
		{ "lease", JSON_NULL },
	};
	static const struct member of_all[] = {
		{ "version", JSON_STRING },
		{ "state", JSON_STRING },
		{ "reason", JSON_STRING },
		{ "dry_run", JSON_BOOL },
		{ "started", JSON_STRING },
		{ "now", JSON_STRING },
		{ "clock_offset_ms", JSON_NULL },
		{ "paused_until", JSON_NULL },
		{ "odd_clocks", JSON_ARRAY },
		{ "keys", JSON_NUMBER },
		{ "registries", JSON_NUMBER },
		{ "states", JSON_OBJECT },
		{ "rules", JSON_ARRAY },
		{ "worst", JSON_NULL },
		{ "forecast", JSON_NULL },
		{ "paused_by", JSON_NULL },
		{ "pause_reason", JSON_NULL },
		{ "rotation", JSON_NULL },
		{ "audit", JSON_NULL },
		{ "configuration_error", JSON_NULL },
		{ "configuration_changed", JSON_BOOL },
		{ "hints", JSON_ARRAY },
		{ "role", JSON_STRING },
		{ "leader", JSON_NULL },
		{ "leader_since", JSON_NULL },
		{ "leases", JSON_ARRAY },
		{ "event_queues", JSON_ARRAY },
	};

	(void)state;
	CHECK_MEMBERS(registry(0), of_registry);
	CHECK_MEMBERS(key(), of_key);
	CHECK_MEMBERS(summary(), of_all);
	assert_string_equal(json_get_str(root, "state"), "starting");
	assert_string_equal(
		json_get_str(root, "reason"),
		"0 of 3 registries and 0 of 1 key have been read, or have failed, so far.");
}

static void all_that_is_known_is_there(void **state)
{
	static const struct member of_registry[] = {
		{ "id", JSON_STRING },
		{ "key", JSON_STRING },
		{ "mode", JSON_STRING },
		{ "rule", JSON_NULL },
		{ "state", JSON_STRING },
		{ "reason", JSON_STRING },
		{ "version_in_use", JSON_STRING },
		{ "version_wanted", JSON_STRING },
		{ "auto_rotation", JSON_BOOL },
		{ "deadline", JSON_STRING },
		{ "verified_at", JSON_STRING },
		{ "next_attempt", JSON_STRING },
		{ "last_error", JSON_NULL },
		{ "last_read", JSON_STRING },
		{ "paused_until", JSON_NULL },
		{ "paused_by", JSON_NULL },
		{ "pause_reason", JSON_NULL },
		{ "harm", JSON_NUMBER },
		{ "order", JSON_NULL },
		{ "order_outcome", JSON_NULL },
		{ "order_done", JSON_NULL },
		{ "warnings", JSON_ARRAY },
		{ "alarm", JSON_NULL },
		{ "advice", JSON_NULL },
		{ "role", JSON_STRING },
		{ "lease", JSON_NULL },
	};
	static const struct member of_key[] = {
		{ "key", JSON_STRING },	      { "newest_version", JSON_STRING },
		{ "effective", JSON_STRING }, { "usable", JSON_BOOL },
		{ "reason", JSON_NULL },      { "last_polled", JSON_STRING },
		{ "next_poll", JSON_STRING }, { "error", JSON_NULL },
		{ "advice", JSON_NULL },      { "warnings", JSON_ARRAY },
		{ "max_age_s", JSON_NULL },   { "rotation_policy", JSON_NULL },
		{ "versions", JSON_ARRAY },   { "read_via", JSON_STRING },
		{ "state", JSON_STRING },     { "role", JSON_STRING },
		{ "lease", JSON_NULL },
	};
	static const struct member of_version[] = {
		{ "version", JSON_STRING },    { "verdict", JSON_STRING },
		{ "since", JSON_NULL },	       { "until", JSON_NULL },
		{ "registries", JSON_NUMBER }, { "reason", JSON_NULL },
	};

	(void)state;
	rig_tick(&g);
	CHECK_MEMBERS(registry(2), of_registry);
	CHECK_MEMBERS(key(), of_key);
	CHECK_MEMBERS(json_first(json_get(key(), "versions")), of_version);
	assert_string_equal(rig_key(&g, "effective"), "2026-02-28T12:00:00Z");
	assert_string_equal(rig_registry(&g, 0, "deadline"),
			    "2026-02-28T13:00:00Z");
	assert_string_equal(rig_registry(&g, 0, "last_read"),
			    "2026-03-01T12:00:00Z");
	assert_string_equal(rig_registry(&g, 0, "reason"),
			    "verified on the wanted version");
	assert_string_equal(rig_registry(&g, 0, "mode"), "follow");
	assert_string_equal(rig_registry(&g, 0, "key"), RIG_KEY);
}

/* What one failed poll has said is so until the next one. */
static void a_key_has_a_state(void **state)
{
	(void)state;
	assert_string_equal(rig_key(&g, "state"), "unknown");
	rig_tick(&g);
	assert_string_equal(rig_key(&g, "state"), "usable");
	rig_newer(&g, V2, rig_azure(&g));
	g.versions[1].enabled = false;
	rig_run(&g, 61 * SECOND);
	assert_string_equal(rig_key(&g, "state"), "unusable");
	fault_set(&g.faults[CALL_KEY], FAULT_DENIED, 403, "Not you.");
	rig_run(&g, 2 * MINUTE);
	assert_string_equal(rig_key(&g, "state"), "unreachable");
	fault_set(&g.faults[CALL_KEY], FAULT_MISSING, 404, "Deleted.");
	rig_run(&g, 10 * MINUTE);
	assert_string_equal(rig_key(&g, "state"), "unusable");
	g.versions[1].enabled = true;
	g.faults[CALL_KEY] = fault_none();
	rig_run(&g, 10 * MINUTE);
	assert_string_equal(rig_key(&g, "state"), "usable");
	/* Asked, and never answered. */
	g.hold = 1u << CALL_KEY;
	g.may_lose = true;
	rig_run(&g, 3 * MINUTE);
	assert_string_equal(rig_key(&g, "state"), "unreachable");
}

static void the_summary_counts(void **state)
{
	const struct json *states;
	int64_t n, all = 0;

	(void)state;
	g.models[1].missing = true;
	rig_tick(&g);
	states = json_get(summary(), "states");
	assert_true(json_int(json_get(states, "current"), &n) && n == 2);
	assert_true(json_int(json_get(states, "blocked"), &n) && n == 1);
	for (const struct json *s = json_first(states); s; s = json_next(s)) {
		assert_true(json_int(s, &n));
		all += n;
	}
	assert_int_equal(all, 3);
	assert_int_equal(json_count(states), 9);
	assert_string_equal(json_get_str(root, "version"), "1.0.0");
	assert_string_equal(json_get_str(root, "started"),
			    "2026-03-01T12:00:00Z");
	assert_string_equal(rig_summary(&g, "keys"), "1");
	assert_string_equal(rig_summary(&g, "registries"), "3");
	assert_string_equal(rig_summary(&g, "clock_offset_ms"), "0");
	assert_string_equal(rig_summary(&g, "reason"), "1 blocked, 2 current.");
}

/* While nothing can be proved the whole is not well, and that is told once
 * when it begins and once when it ends. */
static void evidence_that_is_not_kept(void **state)
{
	struct engine_evidence how = { .kept = true, .sequence = 7 };
	const struct json *audit;
	unsigned before;
	int64_t n;

	(void)state;
	rig_tick(&g);
	assert_int_equal(json_type(json_get(summary(), "audit")), JSON_NULL);
	before = g.told[NOTE_WARNING];
	text_copy(how.hash, sizeof(how.hash), "ab");
	engine_evidence(g.engine, &how, g.now);
	rig_drain(&g);
	audit = json_get(summary(), "audit");
	assert_true(json_int(json_get(audit, "sequence"), &n) && n == 7);
	assert_string_equal(json_get_str(audit, "hash"), "ab");
	assert_null(json_get_str(audit, "error"));
	assert_int_equal(engine_state(g.engine), ENGINE_OK);
	for (int i = 0; i < 3; i++) {
		how.waiting = (uint64_t)i;
		text_copy(how.problem, sizeof(how.problem),
			  "The disk is full.");
		engine_evidence(g.engine, &how, g.now);
		rig_drain(&g);
	}
	assert_int_equal(g.told[NOTE_WARNING], before + 1);
	assert_int_equal(engine_state(g.engine), ENGINE_DEGRADED);
	assert_string_equal(rig_summary(&g, "reason"),
			    "3 registries are verified current, the audit is "
			    "not written.");
	audit = json_get(summary(), "audit");
	assert_string_equal(json_get_str(audit, "error"), "The disk is full.");
	assert_true(json_int(json_get(audit, "waiting"), &n) && n == 2);
	how.problem[0] = '\0';
	engine_evidence(g.engine, &how, g.now);
	rig_drain(&g);
	assert_int_equal(g.told[NOTE_WARNING], before + 2);
	assert_int_equal(engine_state(g.engine), ENGINE_OK);
}

/* Whoever pauses is warned of that. */
static bool paused_with(const char *words)
{
	char warning[1024];

	engine_pause(g.engine, NULL, engine_now(g.engine, g.now) + 60000,
		     warning, sizeof(warning), g.now);
	rig_drain(&g);
	return strstr(warning, words) != NULL;
}

/* A pause would not outlive a restart. */
static void state_that_is_not_saved(void **state)
{
	unsigned before;

	(void)state;
	rig_tick(&g);
	before = g.told[NOTE_STATE];
	for (int i = 0; i < 3; i++) {
		engine_saved(g.engine, false, g.now);
		rig_drain(&g);
	}
	assert_int_equal(engine_state(g.engine), ENGINE_DEGRADED);
	assert_int_equal(g.told[NOTE_STATE], before + 1);
	assert_string_equal(rig_summary(&g, "reason"),
			    "3 registries are verified current, the state is "
			    "not saved.");
	assert_true(paused_with("this pause is forgotten"));
	engine_saved(g.engine, true, g.now);
	rig_drain(&g);
	assert_false(paused_with("this pause is forgotten"));
	engine_pause(g.engine, NULL, 0, NULL, 0, g.now);
	rig_drain(&g);
	assert_int_equal(engine_state(g.engine), ENGINE_OK);
}

static void one_sentence_for_each_state(void **state)
{
	char s[256], tiny[8];

	(void)state;
	rig_tick(&g);
	engine_sentence(g.engine, s, sizeof(s));
	assert_string_equal(s, "3 registries are verified current.");
	/* Cut, not overrun. */
	engine_sentence(g.engine, tiny, sizeof(tiny));
	assert_string_equal(tiny, "3 regis");
	engine_sentence(g.engine, tiny, 1);
	assert_string_equal(tiny, "");
	g.hold = 1u << CALL_PATCH;
	rig_newer(&g, V2, rig_azure(&g));
	rig_until(&g, CALL_PATCH, MINUTE + SECOND);
	assert_string_equal(rig_summary(&g, "reason"), "3 rotating.");
	g.may_lose = true;
	rig_run(&g, 2 * HOUR);
	assert_string_equal(rig_summary(&g, "reason"), "3 overdue.");
	rig_restart(&g, rig_config("", RIG_KEY, "", 0, 1));
	g.hold = 0;
	rig_tick(&g);
	assert_string_equal(rig_summary(&g, "reason"),
			    "1 registry is verified current.");
}

static void warnings_are_listed(void **state)
{
	const struct json *w;

	(void)state;
	g.models[0].view.identity_attached = false;
	g.versions[0].purge_protected = false;
	g.versions[0].expires = RIG_NOW + DAY;
	rig_tick(&g);
	w = json_get(registry(0), "warnings");
	assert_int_equal(json_count(w), 3);
	assert_string_equal(json_str(json_first(w)), "identity-detached");
	assert_string_equal(
		rig_registry(&g, 0, "reason"),
		"verified on the wanted version; warning: identity-detached"
		"; warning: in-use-expiring; warning: purgeable");
	assert_non_null(
		strstr(rig_summary(&g, "reason"),
		       "1 with a serious warning (identity-detached)."));
	assert_non_null(
		strstr(rig_registry(&g, 0, "alarm"), "all access to images"));
	assert_string_equal(rig_registry(&g, 1, "alarm"), "null");
	assert_string_equal(
		rig_summary(&g, "worst"),
		"registry0: The identity that reads the key is no longer assigned to the registry: about three months later all access to images is lost. Assign it again.");
	assert_string_equal(rig_summary(&g, "state"), "degraded");
}

/* Of many in trouble the one that loses most. */
static void the_worst_is_named(void **state)
{
	(void)state;
	g.models[0].missing = true;
	g.models[2].view.identity_attached = false;
	rig_tick(&g);
	assert_string_equal(rig_summary(&g, "state"), "degraded");
	assert_non_null(
		strstr(rig_summary(&g, "worst"), "registry2: The ident"));
	g.models[2].view.identity_attached = true;
	rig_run(&g, 6 * MINUTE);
	assert_non_null(
		strstr(rig_summary(&g, "worst"), "registry0 is blocked: not"));
	g.models[0].missing = false;
	rig_run(&g, 10 * MINUTE);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	assert_string_equal(rig_summary(&g, "worst"), "null");
}

static void parts_of_lists(void **state)
{
	char *last = NULL;

	(void)state;
	assert_true(rows(report_registries, &last, 2));
	assert_int_equal(json_count(root), 2);
	assert_string_equal(last, rig_id(1));
	assert_false(rows(report_registries, &last, 2));
	assert_int_equal(json_count(root), 1);
	assert_string_equal(last, rig_id(2));
	assert_false(rows(report_registries, &last, 2));
	assert_int_equal(json_count(root), 0);
	/* Who has left since is no matter to the others. */
	free(last);
	last = text_printf("%s!", rig_id(0));
	assert_false(rows(report_registries, &last, 3));
	assert_int_equal(json_count(root), 2);
	free(last);
	last = NULL;
	assert_false(rows(report_keys, &last, 2));
	assert_int_equal(json_count(root), 1);
	assert_string_equal(last, RIG_KEY);
	assert_false(rows(report_keys, &last, 2));
	assert_int_equal(json_count(root), 0);
	free(last);
}

/* A key without and with a version, and one whose name is longer. */
static void keys_in_parts_come_once(void **state)
{
	static const char *const titles[] = { RIG_KEY, RIG_KEY "-b",
					      RIG_KEY "/" V1, RIG_KEY "/" V2 };
	char *text = NULL, *last = NULL, *both;
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		char *one = rig_config("", titles[i], "", (unsigned)i, 1);

		both = text ? text_printf("%s\n%s", text, strstr(one, "watch "))
			    : text_dup(one);
		free(one);
		free(text);
		text = both;
	}
	rig_restart(&g, text);
	for (bool more = true; more; n++) {
		assert_true(n < 4);
		more = rows(report_keys, &last, 1);
		assert_int_equal(json_count(root), 1);
		assert_string_equal(json_get_str(json_first(root), "key"),
				    last);
	}
	assert_int_equal(n, 4);
	free(last);
}

/* ---- why ---- */

static const char *check_result(const char *name)
{
	const struct json *c = json_first(json_get(root, "checks"));

	for (; c; c = json_next(c))
		if (text_same(json_get_str(c, "name"), name))
			return json_get_str(c, "result");
	return NULL;
}

static void explain(unsigned i)
{
	const struct json *c;
	size_t n;

	parse(explain_registry(g.engine, engine_find(g.engine, rig_id(i), &n),
			       &out));
	assert_string_equal(json_get_str(json_get(root, "registry"), "id"),
			    rig_id(i));
	for (c = json_first(json_get(root, "checks")); c; c = json_next(c)) {
		assert_int_equal(json_count(c), 3);
		assert_non_null(json_get_str(c, "name"));
		assert_non_null(json_get_str(c, "result"));
		assert_true(strlen(json_get_str(c, "text")) > 3);
	}
}

static void why_before_anything_was_read(void **state)
{
	(void)state;
	explain(0);
	assert_string_equal(check_result("key"), "unknown");
	assert_string_equal(check_result("read"), "unknown");
	assert_string_equal(check_result("state"), "unknown");
	assert_null(check_result("usable"));
	assert_null(check_result("sku"));
}

static void why_all_is_well(void **state)
{
	static const char *const names[] = {
		"key",	 "usable",     "read",	  "exists",  "sku",
		"state", "encryption", "own-key", "identity"
	};

	(void)state;
	rig_tick(&g);
	explain(1);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		assert_string_equal(check_result(names[i]), "ok");
	assert_int_equal(json_count(json_get(root, "checks")), 9);
}

static void why_it_is_not(void **state)
{
	struct fault f;

	(void)state;
	g.models[0].view.premium = g.models[0].view.encrypted = false;
	g.models[0].view.key_valid = false;
	keyid_parse(&g.models[1].view.key, RIG_OTHER_KEY, &f);
	g.models[1].view.identity_attached = false;
	g.models[2].missing = true;
	g.versions[0].enabled = false;
	rig_tick(&g);
	explain(0);
	/* What follows from that is no second fault. */
	assert_string_equal(check_result("sku"), "failed");
	assert_null(check_result("encryption"));
	assert_null(check_result("own-key"));
	assert_null(check_result("identity"));
	assert_string_equal(check_result("usable"), "failed");
	assert_string_equal(check_result("state"), "failed");
	explain(1);
	assert_string_equal(check_result("own-key"), "failed");
	assert_string_equal(check_result("identity"), "failed");
	assert_null(check_result("identity-detached"));
	explain(2);
	assert_string_equal(check_result("exists"), "failed");
	assert_null(check_result("sku"));
}

/* ---- what is told beside the checks ---- */

static const char *told(const char *object, const char *member)
{
	const char *s = json_get_str(json_get(root, object), member);

	return s ? s : "";
}

/* Whether some remedy is, or has, that command. */
static bool cures(const char *command)
{
	const struct json *m = json_first(json_get(root, "remedies"));

	for (; m; m = json_next(m)) {
		const char *s = json_get_str(m, "command");

		if (s && strstr(s, command))
			return true;
	}
	return false;
}

static void why_tells_what_was_seen(void **state)
{
	(void)state;
	explain(0);
	assert_int_equal(json_type(json_get(root, "encryption")), JSON_NULL);
	assert_int_equal(json_type(json_get(root, "sent")), JSON_NULL);
	assert_string_equal(told("seen", "at"), "");
	g.models[1].view.rotated_at = RIG_NOW - HOUR;
	rig_tick(&g);
	explain(1);
	assert_string_equal(told("seen", "key_version"), V1);
	assert_string_equal(told("seen", "version"), V1);
	assert_true(told("seen", "at")[0] && told("seen", "key_at")[0]);
	assert_string_equal(told("encryption", "key_identifier"), RIG_KEY);
	assert_string_equal(told("encryption", "versioned_key_identifier"),
			    RIG_KEY "/" V1);
	assert_true(told("encryption", "last_key_rotation_timestamp")[0]);
	assert_int_equal(json_count(json_get(root, "encryption")), 5);
	assert_non_null(strstr(json_get_str(root, "decision"),
			       "Nothing has to be written"));
	assert_int_equal(json_count(json_get(root, "remedies")), 0);
}

static void why_tells_the_other_key(void **state)
{
	struct fault f;

	(void)state;
	keyid_parse(&g.models[0].view.key, RIG_OTHER_KEY "/" V2, &f);
	g.models[0].view.in_use_key = g.models[0].view.key;
	text_copy(g.models[0].view.version_in_use, KEYID_VERSION_MAX, V2);
	rig_tick(&g);
	explain(0);
	assert_string_equal(told("encryption", "key_identifier"),
			    RIG_OTHER_KEY "/" V2);
	assert_string_equal(told("encryption", "versioned_key_identifier"),
			    RIG_OTHER_KEY "/" V2);
	assert_true(cures("keyrotctl reload"));
	assert_non_null(strstr(
		json_get_str(json_first(json_get(root, "remedies")), "text"),
		RIG_OTHER_KEY));
}

static void why_tells_the_last_write(void **state)
{
	(void)state;
	rig_tick(&g);
	rig_newer(&g, V2, rig_azure(&g));
	rig_run(&g, 5 * MINUTE);
	explain(0);
	assert_string_equal(told("sent", "what"), "the unversioned identifier");
	assert_string_equal(told("sent", "version"), V2);
	assert_string_equal(told("sent", "outcome"), "done");
	assert_true(told("sent", "answered")[0]);
}

static void why_tells_the_refused_write(void **state)
{
	(void)state;
	rig_tick(&g);
	rig_newer(&g, V2, rig_azure(&g));
	fault_set(&g.faults[CALL_PATCH], FAULT_REFUSED, 400, "No.");
	rig_run(&g, 5 * MINUTE);
	explain(0);
	assert_string_equal(told("sent", "outcome"), "refused");
	assert_non_null(strstr(json_get_str(root, "decision"), "would move"));
	assert_int_equal(json_count(json_get(root, "remedies")), 1);
}

static void why_tells_what_to_do(void **state)
{
	size_t n;

	(void)state;
	g.models[0].view.identity_attached = false;
	g.models[1].view.premium = g.models[1].view.encrypted = false;
	rig_tick(&g);
	explain(0);
	assert_true(cures("az acr identity assign"));
	explain(1);
	assert_true(cures("--sku Premium"));
	engine_pause_by(g.engine, engine_find(g.engine, rig_id(2), &n),
			rig_azure(&g) + HOUR, "uid 7", "CHG-1", NULL, 0, g.now);
	explain(2);
	assert_true(cures("keyrotctl resume registry2"));
	/* Who paused it, and why, is told of the registry itself. */
	assert_string_equal(
		json_get_str(json_first(json_get(root, "remedies")), "text"),
		"To end its pause before that:");
	assert_string_equal(
		json_get_str(json_get(root, "registry"), "paused_by"), "uid 7");
	assert_string_equal(
		json_get_str(json_get(root, "registry"), "pause_reason"),
		"CHG-1");
	g.versions[0].enabled = false;
	rig_run(&g, 10 * MINUTE);
	explain(0);
	assert_true(
		cures("set-attributes --id " RIG_KEY "/" V1 " --enabled true"));
}

/* ---- the versions of a key ---- */

static void explain_the_key(const char *key)
{
	const struct watch *w = explain_key_find(g.engine, key);

	assert_non_null(w);
	parse(explain_key(g.engine, w, &out));
	assert_string_equal(json_get_str(root, "key"), key);
}

static const struct json *version_of(const char *version)
{
	const struct json *v = json_first(json_get(root, "versions"));

	while (v && !text_same(json_get_str(v, "version"), version))
		v = json_next(v);
	return v;
}

static void versions_tell_who_is_on_them(void **state)
{
	bool enabled = false;

	(void)state;
	assert_null(explain_key_find(g.engine, "nonsense"));
	assert_null(explain_key_find(g.engine, RIG_OTHER_KEY));
	explain_the_key(RIG_KEY);
	assert_int_equal(json_count(json_get(root, "versions")), 0);
	assert_int_equal(json_count(json_get(root, "unread_names")), 3);
	g.models[1].missing = true;
	rig_tick(&g);
	rig_run(&g, MINUTE);
	explain_the_key(RIG_KEY);
	assert_int_equal(json_count(json_get(root, "versions")), 1);
	assert_int_equal(json_count(json_get(version_of(V1), "users")), 2);
	assert_true(json_bool(json_get(version_of(V1), "enabled"), &enabled));
	assert_true(enabled);
	assert_int_equal(json_count(json_get(root, "unread_names")), 1);
	assert_string_equal(
		json_str(json_first(json_get(root, "unread_names"))),
		rig_id(1));
}

static void versions_tell_what_disables_them(void **state)
{
	(void)state;
	rig_tick(&g);
	rig_newer(&g, V2, rig_azure(&g));
	rig_run(&g, 26 * HOUR);
	explain_the_key(RIG_KEY);
	assert_string_equal(json_get_str(version_of(V1), "verdict"), "clear");
	assert_string_equal(json_get_str(version_of(V1), "command"),
			    "az keyvault key set-attributes --id " RIG_KEY
			    "/" V1 " --enabled false");
	assert_null(json_get_str(version_of(V2), "command"));
	/* The newest one comes first. */
	assert_string_equal(
		json_get_str(json_first(json_get(root, "versions")), "version"),
		V2);
}

static void why_nothing_can_be_read(void **state)
{
	(void)state;
	for (unsigned i = 1; i < RIG_CALLS; i++)
		fault_set(&g.faults[i], FAULT_DENIED, 403,
			  "It said \"no\" \\ in many words.");
	rig_tick(&g);
	explain(0);
	assert_string_equal(check_result("key"), "failed");
	assert_string_equal(check_result("read"), "failed");
	assert_string_equal(check_result("state"), "failed");
	assert_non_null(strstr(rig_registry(&g, 0, "reason"), "\"no\" \\"));
	assert_non_null(strstr(rig_key(&g, "error"), "many words"));
}

static void why_it_is_stale(void **state)
{
	(void)state;
	rig_tick(&g);
	g.may_lose = true;
	g.hold = ~0u;
	rig_run(&g, 10 * MINUTE);
	explain(0);
	assert_string_equal(check_result("key"), "failed");
	assert_string_equal(check_result("read"), "failed");
	assert_string_not_equal(check_result("state"), "ok");
}

/* ---- events ---- */

static void every_event_is_an_object(void **state)
{
	static const char *const names[] = {
		"new-version",	 "write",      "accepted", "verified",
		"late",		 "failed",     "blocked",  "held",
		"overdue",	 "drift",      "warning",  "key-error",
		"key-ok",	 "key-way",    "paused",   "resumed",
		"order",	 "order-over", "reload",   "reload-refused",
		"state",	 "clock",      "dry-run",  "forecast",
		"forecast-over", "found",      "retired",  "leader",
		"standby",	 "alone",      "hello",
	};
	char k[] = RIG_KEY, r[] = "/subscriptions/x";
	struct note n = { .time = RIG_NOW,
			  .key = k,
			  .registry = r,
			  .version = V2,
			  .previous = V1,
			  .text = "A \"b\".\t" };
	int64_t sequence;

	(void)state;
	for (unsigned i = 0; i <= NOTE_HELLO; i++) {
		const struct json *e;

		n.kind = i;
		e = json_get(parse(report_event(&n, 7, &out)), "event");
		assert_int_equal(json_count(e), 8);
		assert_true(json_int(json_get(e, "sequence"), &sequence));
		assert_int_equal(sequence, 7);
		assert_string_equal(json_get_str(e, "kind"), names[i]);
		assert_string_equal(note_kind_str(i), names[i]);
		assert_string_equal(json_get_str(e, "time"),
				    "2026-03-01T12:00:00Z");
		assert_string_equal(json_get_str(e, "key"), RIG_KEY);
		assert_string_equal(json_get_str(e, "registry"), r);
		assert_string_equal(json_get_str(e, "version"), V2);
		assert_string_equal(json_get_str(e, "previous"), V1);
		assert_string_equal(json_get_str(e, "text"), "A \"b\".\t");
	}
}

/* The configuration knows each kind by its word. */
static void every_kind_can_be_chosen(void **state)
{
	(void)state;
	for (unsigned i = 0; i < NOTE_HELLO; i++) {
		assert_string_equal(event_words[i], note_kind_str(i));
		assert_true(event_chosen("late,all", note_kind_str(i)));
		assert_int_equal(event_chosen("late,order", note_kind_str(i)),
				 i == NOTE_LATE || i == NOTE_ORDER);
	}
	assert_string_equal(event_words[NOTE_HELLO], "all");
	assert_null(event_words[NOTE_HELLO + 1]);
	assert_true(event_chosen(NULL, "overdue"));
	assert_false(event_chosen(NULL, "verified"));
	assert_false(event_chosen(NULL, "over"));
}

static void an_event_alone_is_a_line(void **state)
{
	struct note n = { .kind = NOTE_STATE, .time = RIG_NOW, .text = "a\nb" };
	const struct json *e;

	(void)state;
	e = parse(report_event_line(&n, &out));
	assert_string_equal(json_get_str(e, "kind"), "state");
	assert_string_equal(json_get_str(e, "text"), "a\nb");
}

static void an_event_of_nothing_has_nulls(void **state)
{
	struct note n = { .kind = NOTE_STATE, .time = -1 };
	const struct json *e;

	(void)state;
	e = json_get(parse(report_event(&n, -1, &out)), "event");
	assert_int_equal(json_count(e), 8);
	assert_int_equal(json_type(json_get(e, "sequence")), JSON_NULL);
	assert_int_equal(json_type(json_get(e, "time")), JSON_NULL);
	assert_int_equal(json_type(json_get(e, "key")), JSON_NULL);
	assert_int_equal(json_type(json_get(e, "registry")), JSON_NULL);
	assert_int_equal(json_type(json_get(e, "version")), JSON_NULL);
}

/* ---- others ---- */

static void matches_are_at_most_ten(void **state)
{
	(void)state;
	parse(report_matches(g.engine, "REGISTRY1", &out));
	assert_string_equal(json_get_str(root, "registry"), "REGISTRY1");
	assert_int_equal(json_count(json_get(root, "matches")), 1);
	assert_string_equal(json_str(json_first(json_get(root, "matches"))),
			    rig_id(1));
	parse(report_matches(g.engine, "none", &out));
	assert_int_equal(json_count(json_get(root, "matches")), 0);
}

static void on_line(const char *line, void *arg)
{
	size_t n = strlen(line);

	assert_true(n > 10);
	assert_int_equal(line[n - 1], '.');
	++*(int *)arg;
}

static void troubles_are_lines(void **state)
{
	int n = 0;

	(void)state;
	report_troubles(g.engine, on_line, &n);
	assert_int_equal(n, 3);
	g.models[1].missing = true;
	rig_tick(&g);
	n = 0;
	report_troubles(g.engine, on_line, &n);
	assert_int_equal(n, 1);
	fault_set(&g.faults[CALL_KEY], FAULT_MISSING, 404, "It is not there.");
	rig_run(&g, 91 * SECOND);
	n = 0;
	report_troubles(g.engine, on_line, &n);
	assert_int_equal(n, 4);
}

static void what_does_not_fit_is_refused(void **state)
{
	struct note n = { .kind = NOTE_STATE, .text = "x" };
	struct buf small;
	size_t k;

	(void)state;
	buf_init(&small, 20);
	assert_false(report_summary(g.engine, "1.0.0", &small));
	buf_reset(&small);
	assert_false(report_now(g.engine, &small));
	buf_reset(&small);
	assert_false(explain_registry(
		g.engine, engine_find(g.engine, rig_id(0), &k), &small));
	buf_reset(&small);
	assert_false(report_event(&n, 7, &small));
	buf_reset(&small);
	assert_false(report_matches(g.engine, "registry1", &small));
	buf_free(&small);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_that_is_unknown_is_null),
		TEST(all_that_is_known_is_there),
		TEST(a_key_has_a_state),
		TEST(the_summary_counts),
		TEST(evidence_that_is_not_kept),
		TEST(state_that_is_not_saved),
		TEST(one_sentence_for_each_state),
		TEST(warnings_are_listed),
		TEST(the_worst_is_named),
		TEST(parts_of_lists),
		TEST(keys_in_parts_come_once),
		TEST(why_before_anything_was_read),
		TEST(why_all_is_well),
		TEST(why_it_is_not),
		TEST(why_tells_what_was_seen),
		TEST(why_tells_the_other_key),
		TEST(why_tells_the_last_write),
		TEST(why_tells_the_refused_write),
		TEST(why_tells_what_to_do),
		TEST(versions_tell_who_is_on_them),
		TEST(versions_tell_what_disables_them),
		TEST(why_nothing_can_be_read),
		TEST(why_it_is_stale),
		TEST(every_event_is_an_object),
		TEST(every_kind_can_be_chosen),
		TEST(an_event_alone_is_a_line),
		TEST(an_event_of_nothing_has_nulls),
		TEST(matches_are_at_most_ten),
		TEST(troubles_are_lines),
		TEST(what_does_not_fit_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
