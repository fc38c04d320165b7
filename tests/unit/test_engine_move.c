/* engine/engine: a registry's way to a new version, call by call. */
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

static void begin(unsigned n, const char *top, const char *options)
{
	rig_start(&g, rig_config(top, RIG_KEY, options, 0, n), n);
	hold(CALL_PATCH);
}

/* All on V1, and nothing to do. */
static void settled(unsigned n, const char *options)
{
	begin(n, "", options);
	rig_tick(&g);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	assert_int_equal(g.n_asked, 0);
}

/* ... and then V2 comes; runs up to the first PATCH. */
static void behind(unsigned n, const char *options)
{
	settled(n, options);
	rig_newer(&g, V2, rig_azure(&g));
	g.order[0] = '\0';
	assert_true(rig_until(&g, CALL_PATCH, 61 * SECOND));
}

static void all_good(void)
{
	let_go(CALL_PATCH);
	rig_answer(&g);
}

static void check_moved(unsigned i, const char *version)
{
	const struct model *m = &g.models[i];

	assert_string_equal(rig_registry(&g, i, "state"), "current");
	assert_string_equal(rig_registry(&g, i, "version_in_use"), version);
	assert_string_equal(m->view.version_in_use, version);
	assert_string_equal(rig_registry(&g, i, "last_error"), "null");
}

static int stop(void **state)
{
	(void)state;
	rig_stop(&g);
	return 0;
}

/* ---- the plain ways ---- */

static void follow_writes_the_unversioned_identifier(void **state)
{
	struct asked *a;
	unsigned saves;

	(void)state;
	saves = g.saves;
	behind(1, "");
	a = patch(0);
	assert_string_equal(g.order, "KRP");
	assert_string_equal(a->call.key.host, "contoso.vault.azure.net");
	assert_string_equal(a->call.key.name, "acr-cmk");
	assert_string_equal(a->call.key.version, "");
	assert_string_equal(a->call.identity, "system");
	assert_string_equal(rig_registry(&g, 0, "state"), "rotating");
	assert_string_equal(rig_registry(&g, 0, "version_wanted"), V2);
	assert_string_equal(rig_registry(&g, 0, "version_in_use"), V1);
	assert_string_equal(rig_summary(&g, "state"), "rotating");
	assert_int_equal(g.told[NOTE_NEW_VERSION], 1);
	assert_int_equal(g.told[NOTE_WRITE], 1);
	assert_true(g.saves > saves);
	assert_false(engine_idle_writes(g.engine));
	assert_false(engine_pass_done(g.engine));
	all_good();
	assert_string_equal(g.order, "KRPR");
	check_moved(0, V2);
	assert_string_equal(rig_registry(&g, 0, "auto_rotation"), "true");
	assert_int_equal(g.told[NOTE_ACCEPTED], 1);
	assert_int_equal(g.told[NOTE_VERIFIED], 1);
	assert_string_equal(rig_said(&g, NOTE_VERIFIED)->version, V2);
	assert_int_equal(g.told[NOTE_LATE] + g.told[NOTE_OVERDUE], 0);
	assert_true(engine_idle_writes(g.engine));
	rig_run(&g, HOUR);
	assert_int_equal(g.sent[CALL_PATCH], 1);
	assert_int_equal(g.told[NOTE_DRIFT], 0);
}

static void pin_writes_the_version(void **state)
{
	(void)state;
	begin(1, "", "mode = \"pin\"");
	rig_newer(&g, V2, RIG_NOW - MINUTE);
	rig_tick(&g);
	assert_string_equal(patch(0)->call.key.version, V2);
	assert_string_equal(patch(0)->call.identity, "system");
	all_good();
	check_moved(0, V2);
	assert_string_equal(rig_registry(&g, 0, "auto_rotation"), "false");
	assert_string_equal(rig_summary(&g, "state"), "ok");
	rig_run(&g, HOUR);
	assert_int_equal(g.sent[CALL_PATCH], 1);
}

static void the_user_s_identity_goes_along(void **state)
{
	static const char id[] = "22222222-3333-4444-5555-666666666666";

	(void)state;
	begin(1, "", "");
	text_copy(g.models[0].view.identity, CALL_IDENTITY_MAX, id);
	rig_newer(&g, V2, RIG_NOW - MINUTE);
	rig_tick(&g);
	assert_string_equal(patch(0)->call.identity, id);
}

static void an_old_pin_is_released(void **state)
{
	(void)state;
	begin(1, "", "");
	text_copy(g.models[0].view.key.version, KEYID_VERSION_MAX, V1);
	g.models[0].view.auto_rotation = false;
	rig_tick(&g);
	assert_string_equal(patch(0)->call.key.version, "");
	assert_int_equal(g.told[NOTE_WARNING], 1);
	all_good();
	check_moved(0, V1);
	assert_string_equal(rig_registry(&g, 0, "auto_rotation"), "true");
	/* It was on the right version all the time. */
	assert_int_equal(g.told[NOTE_LATE], 0);
}

static void the_version_in_use_is_looked_at_first(void **state)
{
	(void)state;
	begin(1, "", "");
	rig_newer(&g, V2, RIG_NOW - MINUTE);
	hold(CALL_KEY);
	rig_tick(&g);
	rig_good_answer(&g, rig_find(&g, CALL_KEY, ""));
	assert_string_equal(rig_find(&g, CALL_KEY, NULL)->call.key.version, V1);
	assert_int_equal(g.sent[CALL_PATCH], 0);
	assert_string_equal(rig_registry(&g, 0, "state"), "rotating");
	let_go(CALL_KEY);
	rig_answer(&g);
	assert_int_equal(g.sent[CALL_PATCH], 1);
}

/* ---- the fall-back ---- */

static void an_ignored_identifier_is_pinned_and_released(void **state)
{
	(void)state;
	behind(1, "");
	g.models[0].ignores = true;
	rig_good_answer(&g, patch(0));
	rig_answer(&g);
	/* It may only show what was before: it is read again for a while. */
	assert_null(patch(0));
	assert_string_equal(rig_registry(&g, 0, "state"), "verifying");
	assert_false(rig_until(&g, CALL_PATCH, 19 * SECOND));
	assert_true(rig_until(&g, CALL_PATCH, 2 * SECOND));
	assert_string_equal(patch(0)->call.key.version, V2);
	assert_string_equal(g.order, "KRPRRRRRRP");
	rig_good_answer(&g, patch(0));
	rig_answer(&g);
	assert_string_equal(rig_registry(&g, 0, "version_in_use"), V2);
	assert_string_not_equal(rig_registry(&g, 0, "state"), "current");
	assert_string_equal(patch(0)->call.key.version, "");
	assert_string_equal(g.order, "KRPRRRRRRPRP");
	rig_good_answer(&g, patch(0));
	rig_answer(&g);
	assert_string_equal(g.order, "KRPRRRRRRPRPR");
	check_moved(0, V2);
	assert_string_equal(rig_registry(&g, 0, "auto_rotation"), "true");
	assert_int_equal(g.told[NOTE_VERIFIED], 1);
	assert_int_equal(g.told[NOTE_DRIFT], 0);
	rig_run(&g, HOUR);
	assert_int_equal(g.sent[CALL_PATCH], 3);
	/* The next version is tried the plain way again. */
	g.models[0].ignores = false;
	rig_newer(&g, V3, rig_azure(&g));
	assert_true(rig_until(&g, CALL_PATCH, 61 * SECOND));
	assert_string_equal(patch(0)->call.key.version, "");
}

/* A crash at any point of the three writes: the new life ends in the same
 * place, whether it has the old one's state or not. */
static void a_crash_amid_the_fall_back(void **state)
{
	(void)state;
	for (int at = 0; at < 8; at++) {
		behind(1, "");
		g.models[0].ignores = true;
		for (int i = 0; i < at / 2; i++) {
			rig_good_answer(&g, patch(0));
			rig_answer(&g);
			rig_until(&g, CALL_PATCH, 21 * SECOND);
		}
		if (at % 2 && patch(0))
			rig_apply(&g, patch(0));
		rig_restart(&g, rig_config("", RIG_KEY, "", 0, 1));
		let_go(CALL_PATCH);
		rig_tick(&g);
		rig_run(&g, MINUTE);
		check_moved(0, V2);
		assert_string_equal(rig_registry(&g, 0, "auto_rotation"),
				    "true");
		rig_stop(&g);
	}
	begin(1, "", "");
}

/* ---- what an answer says, and what not ---- */

static void a_lost_answer_is_read_before_anything(void **state)
{
	(void)state;
	behind(1, "");
	rig_apply(&g, patch(0));
	hold(CALL_REGISTRY);
	rig_fail(&g, patch(0), FAULT_TRANSIENT, 0);
	assert_true(rig_until(&g, CALL_REGISTRY, 7 * MINUTE));
	assert_int_equal(g.sent[CALL_PATCH], 1);
	assert_string_equal(rig_registry(&g, 0, "state"), "rotating");
	let_go(CALL_REGISTRY);
	rig_answer(&g);
	/* It had happened. */
	check_moved(0, V2);
	assert_int_equal(g.sent[CALL_PATCH], 1);
	assert_int_equal(g.told[NOTE_DRIFT], 0);
}

static void any_failed_write_is_read_first(void **state)
{
	static const struct {
		enum fault_kind kind;
		int code;
	} rows[] = {
		{ FAULT_TRANSIENT, 0 },	  { FAULT_TRANSIENT, 503 },
		{ FAULT_THROTTLED, 429 }, { FAULT_CONFLICT, 409 },
		{ FAULT_INVALID, 200 },	  { FAULT_DENIED, 403 },
		{ FAULT_REFUSED, 400 },	  { FAULT_MISSING, 404 },
		{ FAULT_LOCAL, 12 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		behind(1, "");
		rig_fail(&g, patch(0), rows[i].kind, rows[i].code);
		assert_string_equal(g.order, "KRP");
		hold(CALL_REGISTRY);
		assert_true(rig_until(&g, CALL_REGISTRY, 11 * MINUTE));
		assert_int_equal(g.sent[CALL_PATCH], 1);
		let_go(CALL_REGISTRY);
		rig_answer(&g);
		/* Never sooner than a second after the first one. */
		assert_true(patch(0) || rig_until(&g, CALL_PATCH, SECOND));
		assert_int_equal(g.sent[CALL_PATCH], 2);
		all_good();
		rig_run(&g, MINUTE);
		check_moved(0, V2);
		rig_stop(&g);
	}
	begin(1, "", "");
}

/* That of an unversioned identifier cannot be told from an ignored one. */
static void a_lost_write_is_pinned_next(void **state)
{
	(void)state;
	behind(1, "");
	rig_fail(&g, patch(0), FAULT_TRANSIENT, 0);
	assert_true(rig_until(&g, CALL_PATCH, 7 * MINUTE));
	assert_string_equal(patch(0)->call.key.version, V2);
	all_good();
	check_moved(0, V2);
	assert_string_equal(rig_registry(&g, 0, "auto_rotation"), "true");
	assert_int_equal(g.sent[CALL_PATCH], 3);
}

static void a_write_without_effect_is_tried_again(void **state)
{
	struct reply r;

	(void)state;
	behind(1, "mode = \"pin\"");
	r = rig_reply(&g, patch(0));
	r.patch.finished = true;
	rig_put(&g, patch(0), &r);
	rig_answer(&g);
	assert_int_equal(g.told[NOTE_FAILED], 0);
	rig_run(&g, 20 * SECOND);
	assert_int_equal(g.told[NOTE_FAILED], 1);
	assert_non_null(
		strstr(rig_registry(&g, 0, "last_error"), "did not change"));
	assert_int_equal(g.sent[CALL_PATCH], 1);
	assert_true(rig_until(&g, CALL_PATCH, 7 * MINUTE));
	all_good();
	check_moved(0, V2);
}

/* Accepted, and nothing comes of it: of the one that waits here. */
static void accept_in_vain(void)
{
	struct reply r = rig_reply(&g, patch(0));

	r.patch.finished = true;
	rig_put(&g, patch(0), &r);
	rig_answer(&g);
}

/* Pinned to the old version, and every write is accepted and does nothing:
 * two of each form, and then an alarm and some minutes between two. */
static void writes_in_vain_are_given_up(void **state)
{
	int64_t last = 0, before;

	(void)state;
	begin(1, "", "");
	text_copy(g.models[0].view.key.version, KEYID_VERSION_MAX, V1);
	g.models[0].view.auto_rotation = false;
	rig_newer(&g, V2, RIG_NOW - MINUTE);
	rig_tick(&g);
	for (int i = 0; i < 4; i++) {
		assert_non_null(patch(0));
		assert_string_equal(patch(0)->call.key.version,
				    i < 2 ? "" : V2);
		before = g.now.boot;
		assert_true(i == 0 || before - last >= 20 * SECOND);
		last = before;
		accept_in_vain();
		if (i < 3)
			assert_true(rig_until(&g, CALL_PATCH, 3 * MINUTE));
	}
	rig_run(&g, 21 * SECOND);
	assert_string_equal(rig_registry(&g, 0, "state"), "blocked");
	assert_non_null(
		strstr(rig_registry(&g, 0, "reason"), "nothing changes"));
	assert_int_equal(g.told[NOTE_BLOCKED], 1);
	assert_false(rig_until(&g, CALL_PATCH, 90 * SECOND));
	assert_true(rig_until(&g, CALL_PATCH, 5 * MINUTE));
	/* When it does something after all, it is over. */
	all_good();
	check_moved(0, V2);
	assert_string_equal(rig_summary(&g, "state"), "ok");
}

/* It is tried now and then, and what is said of it does not change for that:
 * neither while it is written, nor while Azure is at it. */
static void an_alarm_in_vain_stays(void **state)
{
	unsigned patches;

	(void)state;
	begin(1, "window = \"7d\"", "");
	g.may_lose = true;
	rig_newer(&g, V2, RIG_NOW - MINUTE);
	rig_tick(&g);
	for (int i = 0; i < 4; i++) {
		assert_true(rig_until(&g, CALL_PATCH, 3 * MINUTE));
		accept_in_vain();
	}
	rig_run(&g, 21 * SECOND);
	assert_string_equal(rig_registry(&g, 0, "state"), "blocked");
	patches = g.sent[CALL_PATCH];
	g.told[NOTE_STATE] = g.told[NOTE_BLOCKED] = 0;
	for (int i = 0; i < 1800; i++) {
		if (patch(0))
			accept_in_vain();
		g.models[0].view.provisioning =
			i % 600 < 20 ? PROVISIONING_UPDATING
				     : PROVISIONING_SUCCEEDED;
		rig_run(&g, SECOND);
		assert_string_equal(rig_registry(&g, 0, "state"), "blocked");
	}
	assert_in_range(g.sent[CALL_PATCH] - patches, 5, 16);
	assert_int_equal(g.told[NOTE_STATE], 0);
	assert_int_equal(g.told[NOTE_BLOCKED], 0);
	all_good();
	rig_run(&g, 5 * MINUTE);
	check_moved(0, V2);
}

/* The same where the watch takes over a foreign key. */
static void a_takeover_in_vain_is_no_storm(void **state)
{
	struct fault f;

	(void)state;
	begin(1, "", "takeover = \"true\"");
	keyid_parse(&g.models[0].view.key, RIG_OTHER_KEY, &f);
	rig_tick(&g);
	assert_non_null(patch(0));
	while (rig_azure(&g) < RIG_NOW + 10 * MINUTE)
		if (rig_until(&g, CALL_PATCH, MINUTE))
			accept_in_vain();
	assert_in_range(g.sent[CALL_PATCH], 4, 8);
	assert_string_equal(rig_registry(&g, 0, "state"), "overdue");
	assert_non_null(
		strstr(rig_registry(&g, 0, "reason"), "nothing changes"));
}

/* A GET that lags behind the write costs no second one. */
static void a_stale_answer_after_a_write_is_read_again(void **state)
{
	struct registry_view after;

	(void)state;
	behind(1, "");
	rig_apply(&g, patch(0));
	after = g.models[0].view;
	g.models[0].view = rig_view(V1);
	text_copy(g.models[0].view.key.version, KEYID_VERSION_MAX, V1);
	accept_in_vain();
	rig_run(&g, 9 * SECOND);
	assert_string_equal(rig_registry(&g, 0, "state"), "verifying");
	g.models[0].view = after;
	rig_run(&g, 12 * SECOND);
	check_moved(0, V2);
	assert_int_equal(g.sent[CALL_PATCH], 1);
	assert_int_equal(g.told[NOTE_FAILED], 0);
}

static void a_refused_write_is_reported_at_once(void **state)
{
	(void)state;
	behind(1, "");
	rig_fail(&g, patch(0), FAULT_REFUSED, 400);
	assert_string_equal(rig_registry(&g, 0, "state"), "blocked");
	assert_string_equal(rig_summary(&g, "state"), "degraded");
	assert_true(g.told[NOTE_FAILED] + g.told[NOTE_BLOCKED] > 0);
	assert_false(rig_until(&g, CALL_PATCH, 119 * SECOND));
	assert_true(rig_until(&g, CALL_PATCH, 122 * SECOND));
	all_good();
	check_moved(0, V2);
	assert_string_equal(rig_summary(&g, "state"), "ok");
}

static void a_403_of_a_write_is_denied(void **state)
{
	(void)state;
	behind(1, "");
	rig_fail(&g, patch(0), FAULT_DENIED, 403);
	assert_string_equal(rig_registry(&g, 0, "state"), "blocked");
	assert_non_null(strstr(rig_registry(&g, 0, "reason"), "denied"));
	assert_int_equal(g.told[NOTE_BLOCKED] > 0, 1);
}

static void a_read_back_that_fails_is_repeated(void **state)
{
	(void)state;
	behind(1, "");
	hold(CALL_REGISTRY);
	rig_good_answer(&g, patch(0));
	assert_string_equal(rig_registry(&g, 0, "state"), "verifying");
	for (int i = 0; i < 4; i++) {
		rig_fail(&g, rig_find(&g, CALL_REGISTRY, NULL),
			 i == 2 ? FAULT_DENIED : FAULT_TRANSIENT, 403);
		assert_false(engine_idle_writes(g.engine));
		assert_true(rig_until(&g, CALL_REGISTRY, 11 * MINUTE));
	}
	assert_int_equal(g.sent[CALL_PATCH], 1);
	let_go(CALL_REGISTRY);
	rig_answer(&g);
	check_moved(0, V2);
}

/* ---- operations ---- */

#define OP "https://management.azure.com/operations/1"
#define OP2 "https://management.azure.com/operations/2"

static void an_operation_is_followed(void **state)
{
	struct asked *a;
	struct reply r;

	(void)state;
	behind(1, "");
	hold(CALL_OPERATION);
	rig_apply(&g, patch(0));
	rig_accept(&g, patch(0), OP, 5000);
	assert_string_equal(rig_registry(&g, 0, "state"), "rotating");
	assert_non_null(strstr(rig_registry(&g, 0, "reason"), "carrying"));
	assert_false(rig_until(&g, CALL_OPERATION, 4999));
	assert_true(rig_until(&g, CALL_OPERATION, 1));
	a = rig_find(&g, CALL_OPERATION, NULL);
	assert_string_equal(a->url, OP);
	r = rig_reply(&g, a);
	r.operation.status = OPERATION_RUNNING;
	r.operation.operation_url = text_dup(OP2);
	r.operation.retry_after_ms = 3000;
	rig_put(&g, a, &r);
	assert_true(rig_until(&g, CALL_OPERATION, 3000));
	assert_string_equal(rig_find(&g, CALL_OPERATION, NULL)->url, OP2);
	rig_operation(&g, rig_find(&g, CALL_OPERATION, NULL),
		      OPERATION_RUNNING);
	/* Told nothing: ten seconds. */
	assert_false(rig_until(&g, CALL_OPERATION, 9999));
	assert_true(rig_until(&g, CALL_OPERATION, 1));
	assert_int_equal(g.sent[CALL_REGISTRY], 2);
	rig_operation(&g, rig_find(&g, CALL_OPERATION, NULL),
		      OPERATION_SUCCEEDED);
	rig_answer(&g);
	assert_string_equal(g.order, "KRPOOOR");
	check_moved(0, V2);
}

static void an_operation_is_not_polled_too_often_or_rarely(void **state)
{
	static const struct {
		int64_t told, at;
	} rows[] = {
		{ 0, 1000 },	  { 999, 1000 },	{ 60000, 60000 },
		{ 60001, 60000 }, { INT64_MAX, 60000 }, { -1, 10000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		behind(1, "");
		hold(CALL_OPERATION);
		rig_accept(&g, patch(0), OP, rows[i].told);
		assert_false(rig_until(&g, CALL_OPERATION, rows[i].at - 1));
		assert_true(rig_until(&g, CALL_OPERATION, 1));
		rig_stop(&g);
	}
	begin(1, "", "");
}

static void an_accepted_write_without_an_url_is_read_back(void **state)
{
	(void)state;
	behind(1, "");
	rig_apply(&g, patch(0));
	rig_accept(&g, patch(0), NULL, 2000);
	rig_run(&g, 2000);
	assert_int_equal(g.sent[CALL_OPERATION], 0);
	check_moved(0, V2);
}

static void a_failed_operation_is_told(void **state)
{
	static const enum operation_status ends[] = { OPERATION_FAILED,
						      OPERATION_CANCELED };

	(void)state;
	for (int i = 0; i < 2; i++) {
		behind(1, "");
		hold(CALL_OPERATION);
		rig_accept(&g, patch(0), OP, 1000);
		rig_until(&g, CALL_OPERATION, 2000);
		rig_operation(&g, rig_find(&g, CALL_OPERATION, NULL), ends[i]);
		assert_string_equal(rig_registry(&g, 0, "state"), "blocked");
		assert_int_equal(g.told[NOTE_FAILED], 1);
		assert_true(rig_until(&g, CALL_PATCH, 5 * MINUTE));
		all_good();
		check_moved(0, V2);
		rig_stop(&g);
	}
	begin(1, "", "");
}

/* That the status cannot be had says nothing about the operation. */
static void an_unreadable_status_is_no_failure(void **state)
{
	(void)state;
	behind(1, "");
	hold(CALL_OPERATION);
	rig_accept(&g, patch(0), OP, 1000);
	for (int i = 0; i < 5; i++) {
		assert_true(rig_until(&g, CALL_OPERATION, 5 * MINUTE));
		rig_fail(&g, rig_find(&g, CALL_OPERATION, NULL),
			 FAULT_TRANSIENT, 500);
		assert_false(engine_idle_writes(g.engine));
	}
	assert_int_equal(g.sent[CALL_REGISTRY], 2);
	assert_true(rig_until(&g, CALL_OPERATION, 5 * MINUTE));
	g.models[0].view.version_in_use[0] = '\0';
	text_copy(g.models[0].view.version_in_use, KEYID_VERSION_MAX, V2);
	/* Its URL is gone: the registry itself is asked. */
	rig_fail(&g, rig_find(&g, CALL_OPERATION, NULL), FAULT_MISSING, 404);
	rig_run(&g, 11 * SECOND);
	check_moved(0, V2);
	assert_int_equal(g.sent[CALL_PATCH], 1);
}

static void an_endless_operation_is_read_back_after_half_an_hour(void **state)
{
	(void)state;
	behind(1, "");
	hold(CALL_OPERATION);
	rig_accept(&g, patch(0), OP, 60000);
	for (int i = 0; i < 29; i++) {
		assert_true(rig_until(&g, CALL_OPERATION, 61 * SECOND));
		rig_operation(&g, rig_find(&g, CALL_OPERATION, NULL),
			      OPERATION_RUNNING);
		rig_run(&g, 20 * SECOND);
	}
	g.models[0].view.provisioning = PROVISIONING_UPDATING;
	for (int i = 0; i < 90 && g.sent[CALL_REGISTRY] < 4; i++) {
		struct asked *a;

		rig_run(&g, 30 * SECOND);
		a = rig_find(&g, CALL_OPERATION, NULL);
		if (a)
			rig_operation(&g, a, OPERATION_RUNNING);
	}
	assert_true(g.sent[CALL_REGISTRY] >= 4);
	assert_int_equal(g.sent[CALL_PATCH], 1);
	g.models[0].view = rig_view(V2);
	rig_run(&g, 2 * MINUTE);
	check_moved(0, V2);
}

static void a_long_operation_lets_others_by(void **state)
{
	(void)state;
	behind(2, "canary = \"false\" max-parallel = \"1\"");
	hold(CALL_OPERATION);
	assert_int_equal(rig_waiting(&g, CALL_PATCH), 1);
	assert_non_null(patch(0));
	rig_accept(&g, patch(0), OP, 60000);
	for (int i = 0; i < 9; i++) {
		rig_run(&g, 30 * SECOND);
		if (rig_find(&g, CALL_OPERATION, NULL))
			rig_operation(&g, rig_find(&g, CALL_OPERATION, NULL),
				      OPERATION_RUNNING);
		assert_null(patch(1));
	}
	for (int i = 0; i < 8 && !patch(1); i++) {
		rig_run(&g, 30 * SECOND);
		if (rig_find(&g, CALL_OPERATION, NULL))
			rig_operation(&g, rig_find(&g, CALL_OPERATION, NULL),
				      OPERATION_RUNNING);
	}
	assert_non_null(patch(1));
}

static void a_busy_registry_is_waited_for(void **state)
{
	(void)state;
	settled(1, "");
	g.models[0].view.provisioning = PROVISIONING_UPDATING;
	rig_newer(&g, V2, rig_azure(&g));
	assert_false(rig_until(&g, CALL_PATCH, 10 * MINUTE));
	assert_non_null(strstr(rig_registry(&g, 0, "reason"), "updating"));
	g.models[0].view.provisioning = PROVISIONING_SUCCEEDED;
	assert_true(rig_until(&g, CALL_PATCH, 80 * SECOND));
}

/* ---- one goes first ---- */

static void the_canary_goes_first_then_a_few(void **state)
{
	(void)state;
	behind(6, "max-parallel = \"2\"");
	assert_int_equal(rig_waiting(&g, CALL_PATCH), 1);
	assert_non_null(patch(0));
	assert_non_null(strstr(rig_registry(&g, 1, "reason"), "goes first"));
	assert_string_equal(rig_registry(&g, 1, "state"), "rotating");
	rig_run(&g, 10 * SECOND);
	assert_int_equal(g.sent[CALL_PATCH], 1);
	rig_good_answer(&g, patch(0));
	assert_int_equal(rig_waiting(&g, CALL_PATCH), 0);
	rig_answer(&g);
	check_moved(0, V2);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(rig_waiting(&g, CALL_PATCH), 2);
		rig_good_answer(&g, rig_find(&g, CALL_PATCH, NULL));
		rig_answer(&g);
	}
	assert_int_equal(rig_waiting(&g, CALL_PATCH), 2);
	all_good();
	for (unsigned i = 0; i < 6; i++)
		check_moved(i, V2);
	assert_int_equal(g.sent[CALL_PATCH], 6);
	assert_int_equal(g.told[NOTE_VERIFIED], 6);
}

static void without_a_canary_all_go(void **state)
{
	(void)state;
	behind(12, "canary = \"false\"");
	assert_int_equal(rig_waiting(&g, CALL_PATCH), 8);
	all_good();
	assert_int_equal(g.sent[CALL_PATCH], 12);
}

static void a_named_canary_goes_first(void **state)
{
	(void)state;
	behind(4, "canary = \"registry2\"");
	assert_int_equal(rig_waiting(&g, CALL_PATCH), 1);
	assert_non_null(patch(2));
	rig_good_answer(&g, patch(2));
	rig_answer(&g);
	assert_int_equal(rig_waiting(&g, CALL_PATCH), 3);
}

static void a_named_canary_that_cannot_go_does_not_hold(void **state)
{
	(void)state;
	settled(4, "canary = \"registry2\"");
	g.models[2].view.identity_attached = false;
	rig_newer(&g, V2, rig_azure(&g));
	assert_true(rig_until(&g, CALL_PATCH, 61 * SECOND));
	assert_null(patch(2));
	assert_int_equal(rig_waiting(&g, CALL_PATCH), 1);
	all_good();
	check_moved(0, V2);
	check_moved(3, V2);
	assert_string_equal(rig_registry(&g, 2, "state"), "blocked");
}

static void another_goes_first_when_one_is_denied(void **state)
{
	(void)state;
	behind(3, "");
	rig_fail(&g, patch(0), FAULT_DENIED, 403);
	rig_answer(&g);
	assert_int_equal(rig_waiting(&g, CALL_PATCH), 1);
	assert_null(patch(0));
	all_good();
	check_moved(1, V2);
	check_moved(2, V2);
}

static void a_refused_canary_holds_the_rest(void **state)
{
	(void)state;
	behind(4, "");
	rig_fail(&g, patch(0), FAULT_REFUSED, 400);
	/* Nobody knows why: a second one is tried at once. */
	assert_int_equal(g.told[NOTE_HELD], 0);
	rig_answer(&g);
	assert_int_equal(rig_waiting(&g, CALL_PATCH), 1);
	assert_non_null(patch(1));
	rig_fail(&g, patch(1), FAULT_REFUSED, 400);
	assert_int_equal(g.told[NOTE_HELD], 1);
	assert_non_null(strstr(rig_said(&g, NOTE_HELD)->text, "3 registries"));
	for (unsigned i = 2; i < 4; i++) {
		assert_string_equal(rig_registry(&g, i, "state"), "held");
		assert_non_null(
			strstr(rig_registry(&g, i, "reason"), "went first"));
	}
	for (unsigned i = 0; i < 2; i++)
		assert_string_equal(rig_registry(&g, i, "state"), "blocked");
	/* Nor does the end of the window make them go. */
	while (rig_azure(&g) < g.versions[1].created + 65 * MINUTE) {
		if (!rig_until(&g, CALL_PATCH, 5 * MINUTE))
			continue;
		assert_int_equal(rig_waiting(&g, CALL_PATCH), 1);
		assert_true(patch(0) || patch(1));
		rig_fail(&g, patch(0) ? patch(0) : patch(1), FAULT_REFUSED,
			 400);
	}
	assert_string_equal(rig_registry(&g, 3, "state"), "overdue");
	assert_string_equal(rig_summary(&g, "state"), "failed");
	rig_until(&g, CALL_PATCH, 5 * MINUTE);
	all_good();
	rig_run(&g, MINUTE);
	for (unsigned i = 0; i < 4; i++)
		check_moved(i, V2);
	assert_int_equal(g.told[NOTE_LATE], 4);
	assert_string_equal(rig_summary(&g, "state"), "ok");
}

static void rig_refuse(unsigned i, const char *code)
{
	struct asked *a = patch(i);
	struct reply r = rig_reply(&g, a);

	fault_set(&r.fault, FAULT_REFUSED, 400, "The change was refused.");
	text_copy(r.fault.azure_code, sizeof(r.fault.azure_code), code);
	rig_put(&g, a, &r);
	rig_answer(&g);
}

/* It was that registry's own trouble: nobody else is held for it. */
static void a_refusal_that_a_second_does_not_share_holds_nobody(void **state)
{
	(void)state;
	behind(4, "");
	rig_refuse(0, "BadRequest");
	assert_non_null(patch(1));
	all_good();
	for (unsigned i = 1; i < 4; i++)
		check_moved(i, V2);
	assert_int_equal(g.told[NOTE_HELD], 0);
	assert_string_equal(rig_registry(&g, 0, "state"), "blocked");
}

/* Two that are refused for different reasons have each their own. */
static void refusals_that_differ_hold_nobody(void **state)
{
	(void)state;
	behind(4, "");
	rig_refuse(0, "BadRequest");
	rig_refuse(1, "InvalidThing");
	assert_int_equal(g.told[NOTE_HELD], 0);
	assert_non_null(patch(2));
	rig_refuse(2, "InvalidThing");
	assert_int_equal(g.told[NOTE_HELD], 1);
	assert_string_equal(rig_registry(&g, 3, "state"), "held");
}

/* What is known to be the key's fault needs no second opinion. */
static void a_refusal_for_the_key_holds_at_once(void **state)
{
	(void)state;
	behind(3, "");
	rig_refuse(0, "KeyDisabled");
	assert_int_equal(g.told[NOTE_HELD], 1);
	assert_int_equal(rig_waiting(&g, CALL_PATCH), 0);
}

static void a_newer_version_ends_the_hold(void **state)
{
	(void)state;
	behind(3, "");
	rig_fail(&g, patch(0), FAULT_REFUSED, 400);
	rig_newer(&g, V3, rig_azure(&g));
	rig_run(&g, 61 * SECOND);
	assert_string_not_equal(rig_registry(&g, 1, "state"), "held");
	let_go(CALL_PATCH);
	rig_run(&g, 10 * MINUTE);
	for (unsigned i = 0; i < 3; i++)
		check_moved(i, V3);
}

static void half_of_the_window_waits_for_the_canary(void **state)
{
	int64_t effective;

	(void)state;
	behind(3, "");
	effective = g.versions[1].created;
	while (!patch(1) && !patch(2)) {
		assert_true(rig_azure(&g) - effective < HOUR);
		if (patch(0))
			rig_fail(&g, patch(0), FAULT_TRANSIENT, 503);
		rig_run(&g, SECOND);
	}
	assert_in_range(rig_azure(&g) - effective, 30 * MINUTE, 31 * MINUTE);
	assert_non_null(patch(1));
	assert_non_null(patch(2));
	all_good();
	check_moved(1, V2);
	check_moved(2, V2);
}

/* A version that came in between is tried by one first, too. */
static void a_version_that_comes_in_between(void **state)
{
	(void)state;
	behind(4, "mode = \"pin\"");
	rig_newer(&g, V3, rig_azure(&g));
	engine_poll(g.engine, NULL, g.now);
	rig_drain(&g);
	rig_answer(&g);
	assert_int_equal(rig_waiting(&g, CALL_PATCH), 2);
	assert_non_null(rig_find(&g, CALL_PATCH, V3));
	rig_good_answer(&g, rig_find(&g, CALL_PATCH, V2));
	rig_answer(&g);
	assert_int_equal(rig_waiting(&g, CALL_PATCH), 1);
	assert_non_null(rig_find(&g, CALL_PATCH, V3));
	all_good();
	rig_run(&g, MINUTE);
	for (unsigned i = 0; i < 4; i++)
		check_moved(i, V3);
}

/* ---- what must not be written ---- */

static void observe_never_writes(void **state)
{
	(void)state;
	settled(1, "mode = \"observe\"");
	rig_newer(&g, V2, rig_azure(&g));
	rig_run(&g, 59 * MINUTE);
	assert_string_equal(rig_registry(&g, 0, "state"), "rotating");
	assert_non_null(strstr(rig_registry(&g, 0, "reason"), "observes"));
	rig_run(&g, HOUR);
	assert_string_equal(rig_registry(&g, 0, "state"), "overdue");
	assert_int_equal(g.told[NOTE_OVERDUE], 1);
	/* Azure's own rotation, late. */
	g.models[0].view = rig_view(V2);
	rig_run(&g, 6 * MINUTE);
	check_moved(0, V2);
	assert_int_equal(g.told[NOTE_LATE], 1);
	assert_int_equal(g.told[NOTE_DRIFT], 0);
	assert_int_equal(g.sent[CALL_PATCH], 0);
	assert_int_equal(g.shows, 0);
}

static void a_manual_key_never_writes(void **state)
{
	(void)state;
	rig_start(&g, rig_config("", RIG_KEY "/" V1, "", 0, 2), 2);
	hold(CALL_PATCH);
	rig_newer(&g, V2, RIG_NOW - 2 * HOUR);
	g.models[1].view = rig_view(V2);
	rig_tick(&g);
	rig_run(&g, DAY);
	assert_string_equal(rig_registry(&g, 0, "state"), "current");
	assert_string_equal(rig_registry(&g, 0, "version_wanted"), V1);
	assert_string_equal(rig_registry(&g, 0, "deadline"), "null");
	assert_string_equal(rig_registry(&g, 1, "state"), "held");
	assert_string_equal(rig_key(&g, "newest_version"), V2);
	assert_string_equal(rig_key(&g, "key"), RIG_KEY "/" V1);
	assert_int_equal(g.sent[CALL_PATCH], 0);
	assert_int_equal(g.told[NOTE_OVERDUE], 0);
}

static void a_dry_run_shows_and_does_not_write(void **state)
{
	(void)state;
	begin(3, "", "");
	engine_dry_run(g.engine, true);
	rig_newer(&g, V2, RIG_NOW - MINUTE);
	rig_tick(&g);
	rig_run(&g, SECOND);
	assert_int_equal(g.shows, 3);
	assert_int_equal(g.shown.call.kind, CALL_PATCH);
	assert_string_equal(g.shown.call.key.name, "acr-cmk");
	assert_string_equal(g.shown.call.key.version, "");
	assert_string_equal(g.shown.call.identity, "system");
	assert_int_equal(g.told[NOTE_DRY_RUN], 3);
	assert_string_equal(rig_registry(&g, 0, "state"), "held");
	assert_non_null(strstr(rig_registry(&g, 0, "reason"), "dry run"));
	assert_string_equal(rig_summary(&g, "dry_run"), "true");
	assert_true(engine_pass_done(g.engine));
	assert_false(engine_all_current(g.engine));
	rig_run(&g, 2 * HOUR);
	assert_int_equal(g.shows, 3);
	assert_int_equal(g.sent[CALL_PATCH], 0);
	assert_string_equal(rig_registry(&g, 0, "state"), "overdue");
}

static void a_detached_identity_blocks(void **state)
{
	(void)state;
	settled(1, "");
	g.models[0].view.identity_attached = false;
	rig_newer(&g, V2, rig_azure(&g));
	assert_false(rig_until(&g, CALL_PATCH, 10 * MINUTE));
	assert_string_equal(rig_registry(&g, 0, "state"), "blocked");
	assert_int_equal(g.told[NOTE_WARNING], 1);
	g.models[0].view.identity_attached = true;
	assert_true(rig_until(&g, CALL_PATCH, 6 * MINUTE));
}

static void a_foreign_key_is_left_alone(void **state)
{
	struct fault f;

	(void)state;
	begin(1, "", "");
	keyid_parse(&g.models[0].view.key, RIG_OTHER_KEY, &f);
	rig_tick(&g);
	assert_false(rig_until(&g, CALL_PATCH, 2 * HOUR));
	assert_string_equal(rig_registry(&g, 0, "state"), "blocked");
	assert_non_null(strstr(rig_registry(&g, 0, "reason"), RIG_OTHER_KEY));
}

static void takeover_moves_it(void **state)
{
	struct fault f;

	(void)state;
	begin(1, "", "takeover = \"true\"");
	keyid_parse(&g.models[0].view.key, RIG_OTHER_KEY, &f);
	rig_tick(&g);
	assert_string_equal(patch(0)->call.key.name, "acr-cmk");
	all_good();
	check_moved(0, V1);
}

static void nothing_is_written_while_the_version_is_not_told(void **state)
{
	(void)state;
	begin(1, "", "");
	g.models[0].untold = true;
	rig_newer(&g, V2, RIG_NOW - MINUTE);
	rig_tick(&g);
	rig_run(&g, 10 * SECOND); /* one answer is no verdict */
	assert_string_equal(rig_registry(&g, 0, "state"), "unknown");
	assert_string_equal(rig_registry(&g, 0, "reason"),
			    "Azure does not tell which version is in use");
	assert_string_equal(rig_registry(&g, 0, "version_in_use"), "null");
	assert_string_equal(rig_summary(&g, "state"), "degraded");
	assert_true(engine_pass_done(g.engine));
	assert_false(engine_all_current(g.engine));
	assert_false(rig_until(&g, CALL_PATCH, 50 * MINUTE));
	/* Past the deadline that it was late cannot be excluded. */
	rig_run(&g, 20 * MINUTE);
	assert_string_equal(rig_registry(&g, 0, "state"), "overdue");
	assert_non_null(
		strstr(rig_registry(&g, 0, "reason"), "cannot be excluded"));
	assert_string_equal(rig_summary(&g, "state"), "failed");
	assert_int_equal(g.sent[CALL_PATCH], 0);
	g.models[0].untold = false;
	assert_true(rig_until(&g, CALL_PATCH, 6 * MINUTE));
	all_good();
	check_moved(0, V2);
}

/* Not even a key is told, by who was on it: no write, and nobody's change. */
static void a_registry_that_tells_no_key_is_unknown(void **state)
{
	for (int takeover = 0; takeover < 2; takeover++) {
		begin(4, "", takeover ? "takeover = \"true\"" : "");
		let_go(CALL_PATCH);
		rig_tick(&g);
		rig_run(&g, MINUTE);
		assert_true(engine_all_current(g.engine));
		g.models[0].hidden = true;
		rig_newer(&g, V2, rig_azure(&g));
		rig_run(&g, 20 * MINUTE);
		assert_string_equal(rig_registry(&g, 0, "state"), "unknown");
		assert_string_equal(
			rig_registry(&g, 0, "reason"),
			"Azure does not tell which version is in use");
		assert_int_equal(g.told[NOTE_DRIFT], 0);
		assert_int_equal(g.sent[CALL_PATCH], 3);
		assert_string_equal(rig_version(&g, V1, "verdict"), "unknown");
		g.models[0].hidden = false;
		rig_run(&g, 20 * MINUTE);
		assert_true(engine_all_current(g.engine));
		assert_int_equal(g.sent[CALL_PATCH], 4);
		assert_int_equal(g.told[NOTE_DRIFT], 0);
		rig_stop(&g);
	}
	(void)state;
	begin(1, "", "");
}

static void an_untold_version_after_a_write_is_not_pinned(void **state)
{
	(void)state;
	behind(1, "");
	g.models[0].untold = true;
	all_good();
	assert_int_equal(g.sent[CALL_PATCH], 1);
	hold(CALL_PATCH);
	assert_false(rig_until(&g, CALL_PATCH, 50 * MINUTE));
	assert_string_equal(rig_registry(&g, 0, "state"), "unknown");
	assert_string_equal(g.models[0].view.key.version, "");
	g.models[0].untold = false;
	rig_run(&g, 6 * MINUTE);
	check_moved(0, V2);
	assert_int_equal(g.sent[CALL_PATCH], 1);
	assert_string_equal(rig_registry(&g, 0, "auto_rotation"), "true");
}

/* What a list leaves out is asked of the registry itself. */
static void a_list_that_tells_no_version_changes_nothing(void **state)
{
	unsigned told;

	(void)state;
	settled(4, "");
	told = g.told[NOTE_STATE];
	g.models[1].hushed = true;
	rig_run(&g, 2 * HOUR);
	assert_true(g.sent[CALL_LIST] > 2);
	assert_string_equal(rig_registry(&g, 1, "state"), "current");
	assert_int_equal(g.told[NOTE_STATE], told);
	assert_int_equal(g.told[NOTE_DRIFT], 0);
}

/* Another key protects the data than the one that it is set to. */
static void a_version_of_another_key_is_in_the_way(void **state)
{
	(void)state;
	begin(1, "", "");
	g.models[0].uses = RIG_OTHER_KEY;
	rig_tick(&g);
	assert_false(rig_until(&g, CALL_PATCH, 2 * HOUR));
	assert_string_equal(rig_registry(&g, 0, "state"), "blocked");
	assert_non_null(
		strstr(rig_registry(&g, 0, "reason"), RIG_OTHER_KEY "/" V1));
	assert_string_equal(rig_version(&g, V1, "registries"), "0");
}

static void never_back_to_an_older_version(void **state)
{
	(void)state;
	rig_start(&g, rig_config("", RIG_KEY, "", 0, 1), 1);
	hold(CALL_PATCH);
	/* A replica shows V1, and the registry has the younger V2. */
	g.versions[1] = g.versions[0];
	g.versions[0] = rig_good(V2, RIG_NOW - MINUTE);
	g.n_versions = 2;
	g.models[0].view = rig_view(V2);
	rig_tick(&g);
	assert_false(rig_until(&g, CALL_PATCH, 3 * HOUR));
	assert_string_not_equal(rig_registry(&g, 0, "state"), "current");
	assert_non_null(strstr(rig_registry(&g, 0, "reason"), "older"));
	/* The replica has caught up. */
	g.n_versions = 1;
	rig_run(&g, 61 * SECOND);
	check_moved(0, V2);
}

/* Answer the poll that waits: this version is the newest. */
static void show_newest(const char *version)
{
	struct asked *a = rig_find(&g, CALL_KEY, NULL);
	struct reply r = rig_reply(&g, a);

	assert_string_equal(a->call.key.version, "");
	for (size_t i = 0; i < g.n_versions; i++)
		if (strcmp(g.versions[i].version, version) == 0)
			r.key = g.versions[i];
	rig_put(&g, a, &r);
}

/* A replica that lags shows an older version as newest: the newest that is
 * known is looked up, and what was said stays so. */
static void a_replica_that_lags_changes_nothing(void **state)
{
	unsigned said;

	(void)state;
	behind(1, "");
	all_good();
	check_moved(0, V2);
	said = (unsigned)g.n_said;
	for (int i = 0; i < 60; i++) {
		hold(CALL_KEY);
		assert_true(rig_until(&g, CALL_KEY, 61 * SECOND));
		show_newest(V1);
		assert_string_equal(
			rig_find(&g, CALL_KEY, NULL)->call.key.version, V2);
		let_go(CALL_KEY);
		rig_answer(&g);
	}
	check_moved(0, V2);
	assert_string_equal(rig_key(&g, "newest_version"), V2);
	assert_string_equal(rig_key(&g, "usable"), "true");
	assert_string_equal(rig_summary(&g, "state"), "ok");
	assert_int_equal(g.sent[CALL_PATCH], 1);
	assert_int_equal(g.n_said, said);
}

/* Two versions of one second, told in turn: the later one stays. */
static void two_versions_of_one_second(void **state)
{
	unsigned said;

	(void)state;
	behind(1, "");
	all_good();
	rig_newer(&g, V3, g.versions[1].created);
	rig_run(&g, 61 * SECOND);
	check_moved(0, V3);
	said = g.told[NOTE_NEW_VERSION];
	for (int i = 0; i < 30; i++) {
		hold(CALL_KEY);
		assert_true(rig_until(&g, CALL_KEY, 61 * SECOND));
		show_newest(i % 2 ? V3 : V2);
		let_go(CALL_KEY);
		rig_answer(&g);
	}
	check_moved(0, V3);
	assert_int_equal(g.sent[CALL_PATCH], 2);
	assert_int_equal(g.told[NOTE_NEW_VERSION], said);
}

/* ... unless Key Vault shows the other one, and only that, for long: what is
 * read outranks what is remembered. */
static void the_steady_one_of_one_second_is_believed(void **state)
{
	(void)state;
	behind(1, "");
	all_good();
	rig_newer(&g, V3, g.versions[1].created);
	rig_run(&g, 61 * SECOND);
	check_moved(0, V3);
	for (int i = 0; i < 12; i++) {
		hold(CALL_KEY);
		assert_true(rig_until(&g, CALL_KEY, 61 * SECOND));
		show_newest(V2);
		let_go(CALL_KEY);
		rig_answer(&g);
		/* Until then nothing is written. */
		if (i == 8)
			assert_int_equal(g.sent[CALL_PATCH], 2);
	}
	assert_string_equal(rig_key(&g, "newest_version"), V2);
}

/* The key was restored from a backup that is older than its newest version:
 * nothing is held for ever by what is remembered. */
static void a_key_restored_without_its_newest(void **state)
{
	unsigned asked;

	(void)state;
	settled(1, "");
	hold(CALL_PATCH);
	rig_newer(&g, V2, rig_azure(&g));
	assert_true(rig_until(&g, CALL_PATCH, 61 * SECOND));
	rig_fail(&g, patch(0), FAULT_DENIED, 403);
	g.n_versions = 1;
	rig_run(&g, 2 * MINUTE);
	assert_string_not_equal(rig_registry(&g, 0, "state"), "current");
	assert_int_equal(g.told[NOTE_KEY_ERROR], 1);
	assert_non_null(strstr(rig_key(&g, "error"), "does not find"));
	/* Looking for it costs two questions for each poll, however long. */
	asked = g.sent[CALL_KEY];
	rig_run(&g, 7 * MINUTE);
	assert_non_null(strstr(rig_key(&g, "error"), "does not find"));
	assert_in_range(g.sent[CALL_KEY] - asked, 7, 2 * 7 + 4);
	rig_run(&g, 8 * MINUTE);
	assert_string_equal(rig_registry(&g, 0, "state"), "current");
	assert_string_equal(rig_key(&g, "newest_version"), V1);
	assert_string_equal(rig_key(&g, "error"), "null");
}

/* Key Vault has just not found the version: it is not written until that is
 * settled, however rarely the key is polled. */
static void a_version_that_is_not_found_is_not_written(void **state)
{
	int64_t end;

	(void)state;
	begin(1, "poll-interval = \"15m\"", "");
	let_go(CALL_PATCH);
	rig_tick(&g);
	rig_newer(&g, V2, rig_azure(&g) - 2 * HOUR);
	rig_run(&g, 40 * MINUTE);
	assert_true(engine_all_current(g.engine));
	hold(CALL_PATCH);
	rig_newer(&g, V3, rig_azure(&g));
	assert_true(rig_until(&g, CALL_PATCH, 20 * MINUTE));
	g.n_versions = 2;
	end = g.now.boot + 2 * HOUR;
	while (rig_until(&g, CALL_PATCH, end - g.now.boot)) {
		assert_int_equal(g.told[NOTE_KEY_ERROR], 0);
		rig_fail(&g, patch(0), FAULT_TRANSIENT, 503);
		rig_answer(&g);
	}
	assert_int_equal(g.told[NOTE_KEY_ERROR], 1);
	assert_string_equal(rig_key(&g, "newest_version"), V2);
	assert_string_equal(rig_registry(&g, 0, "state"), "current");
}

/* One answer that says so costs a moment. */
static void a_version_that_is_found_again_is_written(void **state)
{
	(void)state;
	settled(1, "");
	hold(CALL_PATCH);
	rig_newer(&g, V2, rig_azure(&g));
	assert_true(rig_until(&g, CALL_PATCH, 61 * SECOND));
	rig_fail(&g, patch(0), FAULT_DENIED, 403);
	g.n_versions = 1;
	while (!g.told[NOTE_KEY_ERROR])
		rig_run(&g, SECOND);
	rig_run(&g, 2 * SECOND);
	g.n_versions = 2;
	assert_true(rig_until(&g, CALL_PATCH, 5 * MINUTE));
	all_good();
	check_moved(0, V2);
}

static void an_unusable_version_is_not_written(void **state)
{
	(void)state;
	settled(2, "");
	rig_newer(&g, V2, rig_azure(&g));
	g.versions[1].enabled = false;
	rig_run(&g, 61 * SECOND);
	assert_string_equal(rig_registry(&g, 0, "state"), "held");
	assert_string_equal(rig_key(&g, "usable"), "false");
	assert_non_null(strstr(rig_key(&g, "reason"), "disabled"));
	assert_int_equal(g.told[NOTE_HELD], 2);
	assert_false(rig_until(&g, CALL_PATCH, 2 * HOUR));
	/* It could not be adopted: that is no missed deadline. */
	assert_string_equal(rig_registry(&g, 0, "state"), "held");
	assert_int_equal(g.told[NOTE_OVERDUE], 0);
	g.versions[1].enabled = true;
	assert_true(rig_until(&g, CALL_PATCH, 61 * SECOND));
}

static void a_version_waits_for_its_time(void **state)
{
	int64_t from;

	(void)state;
	settled(1, "");
	rig_newer(&g, V2, rig_azure(&g));
	from = rig_azure(&g) + 2 * HOUR;
	g.versions[1].not_before = from;
	rig_run(&g, 61 * SECOND);
	assert_string_equal(rig_registry(&g, 0, "state"), "held");
	assert_in_range(text_parse_rfc3339(rig_registry(&g, 0, "deadline")),
			from + HOUR - SECOND, from + HOUR);
	assert_true(rig_until(&g, CALL_PATCH, 3 * HOUR));
	assert_in_range(rig_azure(&g), from, from + 5 * SECOND);
	all_good();
	check_moved(0, V2);
	assert_int_equal(g.told[NOTE_LATE], 0);
}

static void an_expiring_version_is_held_when_it_ends(void **state)
{
	(void)state;
	settled(1, "");
	rig_newer(&g, V2, rig_azure(&g));
	g.versions[1].expires = rig_azure(&g) + HOUR;
	assert_true(rig_until(&g, CALL_PATCH, 61 * SECOND));
	all_good();
	check_moved(0, V2);
	assert_int_equal(g.told[NOTE_WARNING], 1);
	rig_run(&g, 2 * HOUR);
	assert_string_equal(rig_registry(&g, 0, "state"), "held");
	assert_int_equal(g.told[NOTE_WARNING], 2);
	assert_string_not_equal(rig_summary(&g, "state"), "ok");
}

static void a_disabled_newest_is_known_by_its_403(void **state)
{
	(void)state;
	settled(1, "");
	fault_set(&g.faults[CALL_KEY], FAULT_REFUSED, 403, "Disabled.");
	text_copy(g.faults[CALL_KEY].inner_code, FAULT_CODE_MAX, "KeyDisabled");
	rig_run(&g, 61 * SECOND);
	assert_string_equal(rig_registry(&g, 0, "state"), "held");
	assert_string_equal(rig_summary(&g, "state"), "degraded");
	rig_run(&g, 6 * MINUTE);
	assert_string_equal(rig_key(&g, "error"), "null");
	assert_non_null(strstr(rig_key(&g, "reason"), "disabled"));
	/* Is it the one in use?  That is asked too, and it is. */
	assert_string_equal(rig_summary(&g, "state"), "failed");
	g.faults[CALL_KEY] = fault_none();
	rig_run(&g, 6 * MINUTE);
	assert_string_equal(rig_summary(&g, "state"), "ok");
}

static void a_deleted_key_is_told_soon(void **state)
{
	(void)state;
	settled(2, "");
	fault_set(&g.faults[CALL_KEY], FAULT_MISSING, 404, "Deleted.");
	rig_run(&g, 91 * SECOND);
	assert_string_equal(rig_summary(&g, "state"), "failed");
	assert_string_equal(rig_registry(&g, 0, "state"), "held");
	assert_int_equal(g.told[NOTE_KEY_ERROR], 1);
	assert_int_equal(g.told[NOTE_WARNING], 2);
	rig_run(&g, HOUR);
	assert_int_equal(g.sent[CALL_PATCH], 0);
	g.faults[CALL_KEY] = fault_none();
	rig_run(&g, 10 * MINUTE);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	assert_int_equal(g.told[NOTE_KEY_OK], 1);
}

/* ---- others ---- */

static void somebody_else_s_change_is_told(void **state)
{
	(void)state;
	settled(1, "");
	text_copy(g.models[0].view.key.version, KEYID_VERSION_MAX, V1);
	g.models[0].view.auto_rotation = false;
	assert_true(rig_until(&g, CALL_PATCH, 6 * MINUTE));
	assert_int_equal(g.told[NOTE_DRIFT], 1);
	/* Who it was cannot be told: it may be another daemon like this. */
	assert_non_null(strstr(rig_said(&g, NOTE_DRIFT)->text,
			       "Another writer changed"));
	all_good();
	check_moved(0, V1);
	assert_string_equal(g.models[0].view.key.version, "");
}

/* A list shows that Azure has moved them: each is asked itself. */
static void a_list_is_no_proof_of_a_move(void **state)
{
	(void)state;
	settled(3, "mode = \"observe\"");
	rig_run(&g, 5 * MINUTE);
	rig_newer(&g, V2, rig_azure(&g));
	g.sent[CALL_REGISTRY] = 0;
	rig_run(&g, 61 * SECOND);
	for (unsigned i = 0; i < 3; i++)
		g.models[i].view = rig_view(V2);
	assert_int_equal(g.sent[CALL_REGISTRY], 0);
	hold(CALL_REGISTRY);
	assert_true(rig_until(&g, CALL_REGISTRY, 5 * MINUTE));
	assert_int_equal(rig_waiting(&g, CALL_REGISTRY), 3);
	assert_int_equal(g.told[NOTE_VERIFIED], 0);
	assert_string_not_equal(rig_registry(&g, 0, "state"), "current");
	let_go(CALL_REGISTRY);
	rig_answer(&g);
	for (unsigned i = 0; i < 3; i++)
		check_moved(i, V2);
	assert_int_equal(g.told[NOTE_VERIFIED], 3);
}

/* ---- deadlines ---- */

/* It was late once, and verified: that it was put back and is late again is
 * told again. */
static void late_twice_is_told_twice(void **state)
{
	(void)state;
	behind(1, "");
	g.may_lose = true;
	rig_run(&g, 2 * HOUR);
	assert_int_equal(g.told[NOTE_OVERDUE], 1);
	all_good();
	rig_run(&g, HOUR);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	hold(CALL_PATCH);
	g.models[0].view = rig_view(V1);
	g.models[0].view.auto_rotation = false;
	text_copy(g.models[0].view.key.version, KEYID_VERSION_MAX, V1);
	rig_run(&g, 2 * HOUR);
	assert_string_equal(rig_registry(&g, 0, "state"), "overdue");
	assert_int_equal(g.told[NOTE_OVERDUE], 2);
}

static void seen_too_late_it_is_acted_on_at_once(void **state)
{
	(void)state;
	begin(1, "", "");
	rig_newer(&g, V2, RIG_NOW - 3 * HOUR);
	rig_tick(&g);
	assert_int_equal(g.sent[CALL_PATCH], 1);
	assert_string_equal(rig_registry(&g, 0, "state"), "overdue");
	assert_string_equal(rig_summary(&g, "state"), "failed");
	assert_int_equal(g.told[NOTE_OVERDUE], 1);
	assert_string_equal(rig_registry(&g, 0, "deadline"),
			    "2026-03-01T10:00:00Z");
	all_good();
	check_moved(0, V2);
	assert_int_equal(g.told[NOTE_LATE], 1);
	assert_non_null(strstr(rig_said(&g, NOTE_LATE)->text, "late by 2 h"));
	assert_string_equal(rig_summary(&g, "state"), "ok");
}

static void overdue_is_said_when_the_window_ends(void **state)
{
	(void)state;
	behind(1, "");
	while (rig_azure(&g) < g.versions[1].created + HOUR - 2 * SECOND) {
		if (patch(0))
			rig_fail(&g, patch(0), FAULT_TRANSIENT, 503);
		rig_run(&g, SECOND);
	}
	assert_int_equal(g.told[NOTE_OVERDUE], 0);
	assert_string_equal(rig_registry(&g, 0, "state"), "rotating");
	/* Near the end it is tried every second or so. */
	assert_true(rig_date(&g, rig_registry(&g, 0, "next_attempt")) <= 2);
	rig_run(&g, 4 * SECOND);
	assert_string_equal(rig_registry(&g, 0, "state"), "overdue");
	assert_int_equal(g.told[NOTE_OVERDUE], 1);
	all_good();
	rig_run(&g, 6 * MINUTE);
	check_moved(0, V2);
	assert_int_equal(g.told[NOTE_LATE], 1);
}

#define YEAR_9999 INT64_C(253402300799000)

static void times_near_their_ends(void **state)
{
	static const int64_t times[] = {
		-1, 0, 1, 999, YEAR_9999 - 1, YEAR_9999
	};

	(void)state;
	for (size_t i = 0; i < 6 * 6 * 6; i++) {
		struct key_version *v;

		begin(2, "window = \"7d\"", "");
		g.may_lose = true;
		rig_newer(&g, V2, times[i % 6]);
		v = &g.versions[1];
		v->not_before = times[i / 6 % 6];
		v->expires = times[i / 36];
		g.versions[0].created = times[i % 4];
		rig_tick(&g);
		rig_run(&g, 10 * MINUTE);
		assert_true(engine_wake(g.engine) > g.now.boot);
		assert_string_not_equal(rig_registry(&g, 0, "deadline"), "");
		if (v->not_before > RIG_NOW ||
		    (v->expires >= 0 && v->expires < RIG_NOW))
			assert_int_equal(g.sent[CALL_PATCH], 0);
		rig_stop(&g);
	}
	begin(1, "", "");
}

static void a_deadline_at_the_beginning_of_time(void **state)
{
	(void)state;
	begin(1, "", "");
	g.versions[0].created = 0;
	rig_newer(&g, V2, 1000);
	rig_tick(&g);
	assert_string_equal(rig_registry(&g, 0, "deadline"),
			    "1970-01-01T01:00:01Z");
	assert_string_equal(rig_registry(&g, 0, "state"), "overdue");
	all_good();
	check_moved(0, V2);
}

static void a_deadline_at_the_end_of_time(void **state)
{
	(void)state;
	begin(1, "", "");
	rig_newer(&g, V2, YEAR_9999);
	rig_tick(&g);
	/* Ten thousand years have no four digits. */
	assert_string_equal(rig_registry(&g, 0, "deadline"), "null");
	assert_string_equal(rig_key(&g, "effective"), "9999-12-31T23:59:59Z");
	assert_int_equal(g.sent[CALL_PATCH], 1);
	all_good();
	check_moved(0, V2);
}

/* Versions without a date count from when they were seen. */
static void a_version_without_a_date(void **state)
{
	(void)state;
	begin(1, "", "");
	g.versions[0].created = -1;
	rig_tick(&g);
	rig_run(&g, HOUR);
	rig_newer(&g, V2, -1);
	assert_true(rig_until(&g, CALL_PATCH, 61 * SECOND));
	assert_in_range(rig_date(&g, rig_registry(&g, 0, "deadline")), 3595,
			3600);
	all_good();
	check_moved(0, V2);
}

/* ---- pauses ---- */

static void pause_until(unsigned i, int64_t until, char *warning)
{
	size_t n;
	struct registry *r = engine_find(g.engine, rig_id(i), &n);

	assert_int_equal(engine_pause(g.engine, r, until, warning, 300, g.now),
			 1);
	rig_drain(&g);
	rig_answer(&g);
}

static void a_paused_registry_is_not_written(void **state)
{
	char warning[300];

	(void)state;
	settled(2, "");
	pause_until(0, rig_azure(&g) + 30 * MINUTE, warning);
	assert_string_equal(warning, "");
	assert_string_equal(rig_registry(&g, 0, "state"), "paused");
	assert_string_equal(rig_summary(&g, "state"), "degraded");
	assert_in_range(rig_date(&g, rig_registry(&g, 0, "paused_until")), 1799,
			1800);
	assert_int_equal(g.told[NOTE_PAUSED], 1);
	rig_newer(&g, V2, rig_azure(&g));
	rig_run(&g, 61 * SECOND);
	assert_null(patch(0));
	rig_good_answer(&g, patch(1));
	rig_answer(&g);
	check_moved(1, V2);
	/* Soon enough to be in time, and when not. */
	pause_until(0, rig_azure(&g) + 50 * MINUTE, warning);
	assert_string_equal(warning, "");
	pause_until(0, rig_azure(&g) + DAY, warning);
	assert_non_null(strstr(warning, rig_id(0)));
	assert_non_null(strstr(warning, "deadline"));
	assert_false(rig_until(&g, CALL_PATCH, 2 * HOUR));
	assert_string_equal(rig_registry(&g, 0, "state"), "overdue");
	pause_until(0, 0, NULL);
	assert_int_equal(g.told[NOTE_RESUMED], 1);
	assert_true(rig_until(&g, CALL_PATCH, SECOND));
	all_good();
	check_moved(0, V2);
}

static void a_pause_ends_by_itself(void **state)
{
	(void)state;
	settled(1, "");
	pause_until(0, rig_azure(&g) + 10 * MINUTE, NULL);
	rig_newer(&g, V2, rig_azure(&g));
	assert_false(rig_until(&g, CALL_PATCH, 10 * MINUTE));
	assert_true(rig_until(&g, CALL_PATCH, 5 * SECOND));
	assert_string_equal(rig_registry(&g, 0, "paused_until"), "null");
}

static void all_can_be_paused(void **state)
{
	char warning[300];

	(void)state;
	settled(4, "");
	rig_newer(&g, V2, rig_azure(&g));
	pause_until(3, rig_azure(&g) + DAY, NULL);
	assert_int_equal(engine_pause(g.engine, NULL, rig_azure(&g) + 2 * HOUR,
				      warning, sizeof(warning), g.now),
			 4);
	rig_drain(&g);
	assert_string_equal(warning, "");
	assert_string_not_equal(rig_summary(&g, "paused_until"), "null");
	assert_false(rig_until(&g, CALL_PATCH, 30 * MINUTE));
	for (unsigned i = 0; i < 4; i++)
		assert_string_equal(rig_registry(&g, i, "state"), "paused");
	/* Resuming all ends each one's own pause, too. */
	engine_pause(g.engine, NULL, 0, NULL, 0, g.now);
	rig_drain(&g);
	all_good();
	rig_run(&g, 10 * SECOND);
	for (unsigned i = 0; i < 4; i++)
		check_moved(i, V2);
	assert_string_equal(rig_summary(&g, "paused_until"), "null");
}

/* What is under way at Azure is followed to its end. */
static void a_pause_does_not_stop_a_write(void **state)
{
	(void)state;
	behind(1, "");
	hold(CALL_OPERATION);
	rig_apply(&g, patch(0));
	rig_accept(&g, patch(0), OP, 5000);
	pause_until(0, rig_azure(&g) + HOUR, NULL);
	assert_true(rig_until(&g, CALL_OPERATION, 6 * SECOND));
	let_go(CALL_OPERATION);
	rig_answer(&g);
	assert_string_equal(rig_registry(&g, 0, "version_in_use"), V2);
	assert_int_equal(g.told[NOTE_VERIFIED], 1);
	assert_string_equal(rig_registry(&g, 0, "state"), "paused");
}

static void a_queued_write_is_looked_at_again(void **state)
{
	unsigned queued;

	(void)state;
	begin(2, "write-rate = \"0.05\" write-burst = \"1\"",
	      "canary = \"false\"");
	rig_newer(&g, V2, RIG_NOW - MINUTE);
	rig_tick(&g);
	assert_int_equal(g.sent[CALL_PATCH], 1);
	queued = patch(0) ? 1 : 0;
	rig_run(&g, 10 * SECOND);
	pause_until(queued, rig_azure(&g) + HOUR, NULL);
	g.order[0] = '\0';
	rig_run(&g, 11 * SECOND);
	assert_int_equal(g.sent[CALL_PATCH], 1);
	assert_string_equal(g.order, "R");
	assert_string_equal(rig_registry(&g, queued, "state"), "paused");
}

static void notes_that_nobody_fetches_are_bounded(void **state)
{
	struct action a;
	unsigned n = 0;

	(void)state;
	settled(1, "");
	for (int i = 0; i < 12000; i++) {
		engine_pause(g.engine, NULL, rig_azure(&g) + HOUR, NULL, 0,
			     g.now);
		engine_pause(g.engine, NULL, 0, NULL, 0, g.now);
	}
	while (engine_action(g.engine, &a))
		n++;
	assert_in_range(n, 10000, 21000);
}

static void many_versions_are_bounded(void **state)
{
	char version[KEYID_VERSION_MAX];

	(void)state;
	settled(2, "");
	let_go(CALL_PATCH);
	for (int i = 0; i < 50; i++) {
		snprintf(version, sizeof(version), "%032x", i + 1);
		g.versions[1] = rig_good(version, rig_azure(&g));
		g.n_versions = 2;
		rig_run(&g, 2 * MINUTE);
		check_moved(0, version);
		check_moved(1, version);
	}
	assert_string_equal(rig_version(&g, version, "verdict"), "newest");
	assert_string_equal(rig_version(&g, V1, "verdict"), "null");
	assert_string_equal(rig_summary(&g, "state"), "ok");
}

/* ---- reload ---- */

static void reload(char *text)
{
	engine_reload(g.engine, rig_parse(text), g.now);
	free(text);
	rig_drain(&g);
	rig_answer(&g);
}

static void a_retired_registry_finishes_its_write(void **state)
{
	(void)state;
	rig_start(&g, rig_config("", RIG_KEY, "canary = \"false\"", 0, 2), 3);
	hold(CALL_PATCH);
	rig_newer(&g, V2, RIG_NOW - MINUTE);
	rig_tick(&g);
	assert_int_equal(rig_waiting(&g, CALL_PATCH), 2);
	reload(rig_config("", RIG_OTHER_KEY, "", 2, 1));
	assert_false(engine_idle_writes(g.engine));
	assert_string_equal(rig_summary(&g, "keys"), "2");
	g.order[0] = '\0';
	rig_good_answer(&g, patch(0));
	rig_answer(&g);
	assert_string_equal(g.order, "R");
	assert_false(engine_idle_writes(g.engine));
	rig_good_answer(&g, patch(1));
	rig_answer(&g);
	assert_true(engine_idle_writes(g.engine));
	assert_string_equal(rig_registry(&g, 0, "state"), "null");
	assert_string_equal(rig_registry(&g, 1, "state"), "null");
	assert_string_equal(rig_summary(&g, "keys"), "1");
	assert_string_equal(rig_summary(&g, "registries"), "1");
	rig_run(&g, HOUR);
	assert_int_equal(g.sent[CALL_PATCH], 2);
}

/* The last step of a move is made: it ends on the unversioned identifier. */
static void a_retired_registry_is_released(void **state)
{
	(void)state;
	behind(1, "");
	g.models[0].ignores = true;
	rig_good_answer(&g, patch(0));
	rig_answer(&g);
	assert_true(rig_until(&g, CALL_PATCH, 21 * SECOND));
	assert_string_equal(patch(0)->call.key.version, V2);
	reload(text_dup(""));
	rig_good_answer(&g, patch(0));
	rig_answer(&g);
	assert_string_equal(patch(0)->call.key.version, "");
	all_good();
	assert_string_equal(g.models[0].view.key.version, "");
	assert_string_equal(rig_summary(&g, "registries"), "0");
	assert_true(engine_idle_writes(g.engine));
	assert_int_equal(g.n_asked, 0);
}

static void a_retired_registry_comes_back(void **state)
{
	(void)state;
	behind(1, "");
	reload(text_dup(""));
	assert_int_equal(rig_waiting(&g, CALL_PATCH), 1);
	reload(rig_config("", RIG_KEY, "", 0, 1));
	assert_int_equal(rig_waiting(&g, CALL_PATCH), 1);
	all_good();
	rig_run(&g, SECOND);
	check_moved(0, V2);
	assert_int_equal(g.sent[CALL_PATCH], 1);
}

static void a_retired_write_that_fails_is_let_go(void **state)
{
	(void)state;
	behind(1, "");
	reload(text_dup(""));
	rig_fail(&g, patch(0), FAULT_REFUSED, 400);
	assert_string_equal(rig_summary(&g, "registries"), "0");
	rig_run(&g, DAY);
	assert_int_equal(g.sent[CALL_PATCH], 1);
	assert_true(engine_idle_writes(g.engine));
}

static void a_mode_may_change_under_way(void **state)
{
	(void)state;
	settled(2, "mode = \"observe\"");
	rig_newer(&g, V2, rig_azure(&g));
	assert_false(rig_until(&g, CALL_PATCH, 10 * MINUTE));
	reload(rig_config("", RIG_KEY, "mode = \"pin\"", 0, 2));
	assert_true(rig_until(&g, CALL_PATCH, 2 * SECOND));
	reload(rig_config("", RIG_KEY, "mode = \"observe\"", 0, 2));
	all_good();
	rig_run(&g, HOUR);
	/* The one that was under way has arrived, the other stays. */
	check_moved(0, V2);
	assert_int_equal(g.sent[CALL_PATCH], 1);
}

#define TEST(f) cmocka_unit_test_teardown(f, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(follow_writes_the_unversioned_identifier),
		TEST(pin_writes_the_version),
		TEST(the_user_s_identity_goes_along),
		TEST(an_old_pin_is_released),
		TEST(the_version_in_use_is_looked_at_first),
		TEST(an_ignored_identifier_is_pinned_and_released),
		TEST(a_crash_amid_the_fall_back),
		TEST(a_lost_answer_is_read_before_anything),
		TEST(any_failed_write_is_read_first),
		TEST(a_lost_write_is_pinned_next),
		TEST(a_write_without_effect_is_tried_again),
		TEST(writes_in_vain_are_given_up),
		TEST(an_alarm_in_vain_stays),
		TEST(a_takeover_in_vain_is_no_storm),
		TEST(a_stale_answer_after_a_write_is_read_again),
		TEST(a_refused_write_is_reported_at_once),
		TEST(a_403_of_a_write_is_denied),
		TEST(a_read_back_that_fails_is_repeated),
		TEST(an_operation_is_followed),
		TEST(an_operation_is_not_polled_too_often_or_rarely),
		TEST(an_accepted_write_without_an_url_is_read_back),
		TEST(a_failed_operation_is_told),
		TEST(an_unreadable_status_is_no_failure),
		TEST(an_endless_operation_is_read_back_after_half_an_hour),
		TEST(a_long_operation_lets_others_by),
		TEST(a_busy_registry_is_waited_for),
		TEST(the_canary_goes_first_then_a_few),
		TEST(without_a_canary_all_go),
		TEST(a_named_canary_goes_first),
		TEST(a_named_canary_that_cannot_go_does_not_hold),
		TEST(another_goes_first_when_one_is_denied),
		TEST(a_refused_canary_holds_the_rest),
		TEST(a_refusal_that_a_second_does_not_share_holds_nobody),
		TEST(refusals_that_differ_hold_nobody),
		TEST(a_refusal_for_the_key_holds_at_once),
		TEST(a_newer_version_ends_the_hold),
		TEST(half_of_the_window_waits_for_the_canary),
		TEST(a_version_that_comes_in_between),
		TEST(observe_never_writes),
		TEST(a_manual_key_never_writes),
		TEST(a_dry_run_shows_and_does_not_write),
		TEST(a_detached_identity_blocks),
		TEST(a_foreign_key_is_left_alone),
		TEST(takeover_moves_it),
		TEST(nothing_is_written_while_the_version_is_not_told),
		TEST(a_registry_that_tells_no_key_is_unknown),
		TEST(an_untold_version_after_a_write_is_not_pinned),
		TEST(a_list_that_tells_no_version_changes_nothing),
		TEST(a_version_of_another_key_is_in_the_way),
		TEST(never_back_to_an_older_version),
		TEST(a_replica_that_lags_changes_nothing),
		TEST(two_versions_of_one_second),
		TEST(the_steady_one_of_one_second_is_believed),
		TEST(a_key_restored_without_its_newest),
		TEST(a_version_that_is_not_found_is_not_written),
		TEST(a_version_that_is_found_again_is_written),
		TEST(an_unusable_version_is_not_written),
		TEST(a_version_waits_for_its_time),
		TEST(an_expiring_version_is_held_when_it_ends),
		TEST(a_disabled_newest_is_known_by_its_403),
		TEST(a_deleted_key_is_told_soon),
		TEST(somebody_else_s_change_is_told),
		TEST(a_list_is_no_proof_of_a_move),
		TEST(late_twice_is_told_twice),
		TEST(seen_too_late_it_is_acted_on_at_once),
		TEST(overdue_is_said_when_the_window_ends),
		TEST(times_near_their_ends),
		TEST(a_deadline_at_the_beginning_of_time),
		TEST(a_deadline_at_the_end_of_time),
		TEST(a_version_without_a_date),
		TEST(a_paused_registry_is_not_written),
		TEST(a_pause_ends_by_itself),
		TEST(all_can_be_paused),
		TEST(a_pause_does_not_stop_a_write),
		TEST(a_queued_write_is_looked_at_again),
		TEST(notes_that_nobody_fetches_are_bounded),
		TEST(many_versions_are_bounded),
		TEST(a_retired_registry_finishes_its_write),
		TEST(a_retired_registry_is_released),
		TEST(a_retired_registry_comes_back),
		TEST(a_retired_write_that_fails_is_let_go),
		TEST(a_mode_may_change_under_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
