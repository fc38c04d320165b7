/* What went wrong once: budgets shorter than queues, versions without a date or
 * out of order, pauses that cannot be. */
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
#include "engine/explain.h"
#include "engine/report.h"
#include "engine/snapshot.h"
#include "engine_help.h"

static struct rig g;

static int stop(void **state)
{
	(void)state;
	rig_stop(&g);
	return 0;
}

/* Writes that wait longer than SEND_AGE_MS for the write budget are re-read,
 * lose the token they got, and queue again at the end: none ever goes. */
static void slow_write_budget_makes_progress(void **state)
{
	unsigned n = 8;

	(void)state;
	rig_start(
		&g,
		rig_config(
			"window=\"2h\" write-rate = \"0.05\" write-burst = \"1\"",
			RIG_KEY, "canary = \"false\"", 0, n),
		n);
	rig_newer(&g, V2, RIG_NOW - MINUTE);
	rig_tick(&g);
	rig_run(&g, 30 * MINUTE); /* 8 writes need 140 s */
	print_message("PATCHes sent in 30 min: %u, GETs %u\n",
		      g.sent[CALL_PATCH], g.sent[CALL_REGISTRY]);
	assert_true(engine_all_current(g.engine));
}

/* The same with the budgets of the default: 40 watches' worth at once. */
static void a_burst_of_one(void **state)
{
	unsigned n = 40;

	(void)state;
	rig_start(&g,
		  rig_config("write-rate = \"0.5\" write-burst = \"1\"",
			     RIG_KEY,
			     "canary = \"false\" max-parallel = \"40\"", 0, n),
		  n);
	rig_newer(&g, V2, RIG_NOW - MINUTE);
	rig_tick(&g);
	rig_run(&g, 20 * MINUTE); /* 40 writes need 80 s */
	print_message("PATCHes sent in 20 min: %u, GETs %u\n",
		      g.sent[CALL_PATCH], g.sent[CALL_REGISTRY]);
	assert_true(engine_all_current(g.engine));
}

/* Key Vault (a replica) shows an older newest at the first poll: overdue,
 * failed and "V1 was to be adopted by now" are not true. */
static void a_younger_version_in_use_is_not_overdue(void **state)
{
	(void)state;
	rig_start(&g, rig_config("", RIG_KEY, "", 0, 1), 1);
	g.versions[1] = g.versions[0];
	g.versions[0] = rig_good(V2, RIG_NOW - MINUTE);
	g.n_versions = 2;
	g.models[0].view = rig_view(V2);
	rig_tick(&g);
	rig_run(&g, MINUTE);
	print_message("%s %s\n", rig_registry(&g, 0, "state"),
		      g.told[NOTE_OVERDUE] ? rig_said(&g, NOTE_OVERDUE)->text
					   : "");
	assert_string_equal(rig_registry(&g, 0, "state"), "held");
	assert_int_equal(g.told[NOTE_OVERDUE], 0);
}

/* `created` absent (vault.c allows it): held for ever as "older". */
static void a_newest_version_without_created(void **state)
{
	(void)state;
	rig_start(&g, rig_config("", RIG_KEY, "", 0, 1), 1);
	rig_tick(&g);
	rig_newer(&g, V2, -1);
	rig_run(&g, 10 * MINUTE);
	print_message("%s: %s\n", rig_registry(&g, 0, "state"),
		      rig_registry(&g, 0, "reason"));
	assert_string_equal(rig_registry(&g, 0, "version_in_use"), V2);
}

/* A wrong pause of the state file: shown as one though it is none, and it
 * begins to hold writes back a day before its end. */
static void a_pause_of_thirty_days(void **state)
{
	struct fault f;
	char *t = text_printf("{\"format\":1,\"paused_until\":%lld}",
			      (long long)(RIG_NOW + 30 * DAY));

	(void)state;
	rig_start(&g, rig_config("", RIG_KEY, "", 0, 1), 1);
	assert_true(snapshot_read(g.engine, t, strlen(t), &f));
	free(t);
	rig_tick(&g);
	print_message("state %s, paused_until %s\n", rig_summary(&g, "state"),
		      rig_summary(&g, "paused_until"));
	rig_run(&g, 29 * DAY + 6 * HOUR);
	print_message("29 days later: %s\n", rig_registry(&g, 0, "state"));
	assert_string_equal(rig_registry(&g, 0, "state"), "current");
}

/* Other audiences: what was a good token is none any more. */
static void a_changed_cloud_takes_new_tokens(void **state)
{
	char *text = rig_config("cloud { resource-manager-audience = "
				"\"https://elsewhere.example\" }",
				RIG_KEY, "", 0, 1);

	(void)state;
	rig_start(&g, rig_config("", RIG_KEY, "", 0, 1), 1);
	rig_tick(&g);
	assert_int_equal(g.sent[CALL_TOKEN], 2);
	engine_reload(g.engine, rig_parse(text), g.now);
	free(text);
	rig_drain(&g);
	rig_answer(&g);
	assert_int_equal(g.forgets, 2);
	rig_run(&g, 10 * MINUTE);
	assert_int_equal(g.sent[CALL_TOKEN], 4);
	assert_string_equal(rig_registry(&g, 0, "state"), "current");
}

/* The same file again: tokens stay. */
static void an_unchanged_cloud_keeps_tokens(void **state)
{
	char *text = rig_config("", RIG_KEY, "", 0, 1);

	(void)state;
	rig_start(&g, rig_config("", RIG_KEY, "", 0, 1), 1);
	rig_tick(&g);
	engine_reload(g.engine, rig_parse(text), g.now);
	free(text);
	rig_drain(&g);
	rig_run(&g, 10 * MINUTE);
	assert_int_equal(g.forgets, 0);
	assert_int_equal(g.sent[CALL_TOKEN], 2);
}

/* "Reported and not changed", as the manual has it. */
static void another_identity_holds_the_write(void **state)
{
	(void)state;
	rig_start(&g,
		  rig_config("", RIG_KEY,
			     "identity = "
			     "\"99999999-8888-7777-6666-555555555555\"",
			     0, 1),
		  1);
	rig_tick(&g);
	rig_newer(&g, V2, RIG_NOW - MINUTE);
	rig_run(&g, 30 * MINUTE);
	assert_int_equal(g.sent[CALL_PATCH], 0);
	assert_string_equal(rig_registry(&g, 0, "state"), "blocked");
	assert_non_null(strstr(rig_registry(&g, 0, "reason"), "identity"));
}

/* A wrong secret is said once, not with every try. */
static void token_trouble_is_told_once(void **state)
{
	(void)state;
	rig_start(&g, rig_config("", RIG_KEY, "", 0, 1), 1);
	fault_set(&g.faults[CALL_TOKEN], FAULT_DENIED, 401,
		  "The secret is wrong.");
	rig_tick(&g);
	rig_run(&g, 30 * MINUTE);
	assert_true(g.sent[CALL_TOKEN] > 4);
	assert_int_equal(g.told[NOTE_FAILED], 2); /* a service each */
	assert_string_equal(rig_said(&g, NOTE_FAILED)->text,
			    "The secret is wrong.");
	assert_string_equal(rig_registry(&g, 0, "state"), "unreachable");
}

/* ---- what the rooms of the engine said to each other wrongly, or not ---- */

static void reload(char *text)
{
	engine_reload(g.engine, rig_parse(text), g.now);
	free(text);
	rig_drain(&g);
	rig_answer(&g);
}

static char *audience(unsigned i)
{
	char top[120];

	snprintf(
		top, sizeof(top),
		"cloud { resource-manager-audience = \"https://a%u.example\" }",
		i);
	return rig_config(top, RIG_KEY, "", 0, 2);
}

/* Each reload brings one more audience, and takes the last one's place: who
 * reloads often is not without room for a token one day. */
static void each_reload_has_room_for_its_tokens(void **state)
{
	(void)state;
	rig_start(&g, audience(0), 2);
	g.may_lose = true;
	g.hold = 1u << CALL_TOKEN;
	rig_tick(&g);
	for (unsigned i = 1; i < 1500; i++)
		reload(audience(i));
	assert_int_equal(g.sent[CALL_REGISTRY], 0);
	assert_string_equal(rig_registry(&g, 0, "last_error"), "null");
	/* One at a time where nothing was answered, and none for nobody. */
	assert_int_equal(rig_waiting(&g, CALL_TOKEN), 1);
	g.hold = 0;
	rig_run(&g, SECOND);
	assert_true(engine_all_current(g.engine));
}

/* An answer of the old authority is no token of the new one. */
static void a_token_on_its_way_is_not_taken_from_the_old_cloud(void **state)
{
	struct asked old;
	struct reply r;

	(void)state;
	rig_start(&g, rig_config("", RIG_KEY, "", 0, 1), 1);
	g.may_lose = true;
	g.hold = 1u << CALL_TOKEN;
	rig_tick(&g);
	old = g.asked[0];
	reload(rig_config("cloud { authority = \"https://else.example\" "
			  "imds-endpoint = \"http://169.254.169.253\" }",
			  RIG_KEY, "", 0, 1));
	assert_int_equal(g.cancels, 1);
	r = rig_reply(&g, &old);
	r.token.secret = text_dup("secret");
	r.token.lifetime_ms = DAY;
	r.token.refresh_in_ms = -1;
	engine_reply(g.engine, &r, g.now);
	reply_free(&r);
	rig_drain(&g);
	assert_int_equal(g.sent[CALL_KEY] + g.sent[CALL_REGISTRY], 0);
	assert_int_equal(rig_waiting(&g, CALL_TOKEN), 1);
	g.hold = 0;
	rig_run(&g, SECOND);
	assert_true(engine_all_current(g.engine));
}

/* A token is asked for again only as long as somebody waits for it. */
static void a_token_that_nobody_needs_is_not_asked_for(void **state)
{
	unsigned sent;

	(void)state;
	rig_start(&g, rig_config("", RIG_KEY, "", 0, 1), 1);
	fault_set(&g.faults[CALL_TOKEN], FAULT_DENIED, 401, "Wrong.");
	rig_tick(&g);
	rig_run(&g, 10 * MINUTE);
	sent = g.sent[CALL_TOKEN];
	reload(text_dup(""));
	rig_run(&g, DAY);
	assert_int_equal(g.sent[CALL_TOKEN], sent);
	g.faults[CALL_TOKEN] = fault_none();
	reload(rig_config("", RIG_KEY, "", 0, 1));
	rig_run(&g, SECOND);
	assert_true(engine_all_current(g.engine));
}

/* Two tokens that are given up at the same moment are told of both. */
static void each_lost_token_is_told(void **state)
{
	static const char top[] =
		"credential \"new\" { type = \"managed-identity\" client-id ="
		" \"22222222-3333-4444-5555-666666666666\" }";

	(void)state;
	rig_start(&g, rig_config("", RIG_KEY, "", 0, 1), 1);
	g.may_lose = true;
	rig_tick(&g);
	g.hold = 1u << CALL_TOKEN;
	reload(rig_config(top, RIG_KEY, "credential = \"new\"", 0, 1));
	rig_run(&g, SECOND);
	assert_int_equal(rig_waiting(&g, CALL_TOKEN), 2);
	rig_run(&g, 75 * SECOND);
	assert_int_equal(g.told[NOTE_FAILED], 2);
}

/* What is not known of a host for long is not known: the first question that
 * cannot reach it speaks for all who wait. */
static void a_host_is_proven_anew_after_a_rest(void **state)
{
	struct asked *a;
	struct reply r;

	(void)state;
	rig_start(&g, rig_config("", RIG_KEY, "", 0, 2), 2);
	rig_tick(&g);
	rig_run(&g, 30 * SECOND);
	g.hold = 1u << CALL_REGISTRY;
	engine_pause(g.engine, NULL, 0, NULL, 0, g.now);
	rig_drain(&g);
	assert_int_equal(rig_waiting(&g, CALL_REGISTRY), 1);
	a = rig_find(&g, CALL_REGISTRY, NULL);
	r = rig_reply(&g, a);
	fault_set(&r.fault, FAULT_TRANSIENT, 0, "No route to it.");
	r.answered = r.reached = false;
	rig_put(&g, a, &r);
	assert_int_equal(rig_waiting(&g, CALL_REGISTRY), 0);
	assert_string_equal(rig_registry(&g, 0, "last_error"),
			    "No route to it.");
	assert_string_equal(rig_registry(&g, 1, "last_error"),
			    "No route to it.");
}

/* What the file does not name any more is not written, if it can be helped. */
static void a_retired_write_that_waits_does_not_leave(void **state)
{
	uint64_t ticket;

	(void)state;
	rig_start(&g,
		  rig_config("write-rate = \"0.1\" write-burst = \"1\"",
			     RIG_KEY, "canary = \"false\"", 0, 2),
		  2);
	g.hold = 1u << CALL_PATCH;
	rig_newer(&g, V2, RIG_NOW - MINUTE);
	rig_tick(&g);
	assert_int_equal(g.sent[CALL_PATCH], 1);
	ticket = g.asked[0].call.ticket;
	assert_true(engine_still(g.engine, ticket, g.now));
	reload(text_dup(""));
	assert_false(engine_still(g.engine, ticket, g.now));
	rig_run(&g, 20 * SECOND);
	assert_int_equal(g.sent[CALL_PATCH], 1);
	assert_string_equal(rig_summary(&g, "registries"), "1");
	rig_good_answer(&g, &g.asked[0]);
	rig_answer(&g);
	assert_string_equal(rig_summary(&g, "registries"), "0");
}

/* Each registry was read by itself: that the list is denied is no failure of
 * theirs, and does not end a pass in which no key was read yet. */
static void a_denied_list_ends_no_pass(void **state)
{
	(void)state;
	rig_start(&g, rig_config("", RIG_KEY, "", 0, 3), 3);
	fault_set(&g.faults[CALL_LIST], FAULT_DENIED, 403, "Denied.");
	g.hold = 1u << CALL_KEY;
	rig_tick(&g);
	assert_int_equal(g.sent[CALL_REGISTRY], 3);
	assert_false(engine_pass_done(g.engine));
	assert_string_equal(rig_registry(&g, 0, "last_error"), "null");
	g.hold = 0;
	rig_answer(&g);
	assert_true(engine_pass_done(g.engine));
	assert_true(engine_all_current(g.engine));
}

/* A key that cannot be read ends a pass, whatever it fails of. */
static void a_key_that_fails_thrice_ends_the_pass(void **state)
{
	(void)state;
	rig_start(&g, rig_config("", RIG_KEY, "", 0, 1), 1);
	fault_set(&g.faults[CALL_KEY], FAULT_TRANSIENT, 503, "Busy.");
	rig_tick(&g);
	assert_false(engine_pass_done(g.engine));
	rig_run(&g, 30 * SECOND);
	assert_true(g.sent[CALL_KEY] > 3);
	assert_true(engine_pass_done(g.engine));
	rig_stop(&g);

	rig_start(&g, rig_config("", RIG_KEY, "", 0, 1), 1);
	g.hold = 1u << CALL_TOKEN;
	rig_tick(&g);
	for (int i = 0; i < 4; i++) {
		assert_true(rig_until(&g, CALL_TOKEN, MINUTE));
		while (rig_find(&g, CALL_TOKEN, "management"))
			rig_good_answer(&g,
					rig_find(&g, CALL_TOKEN, "management"));
		rig_answer(&g);
		if (rig_find(&g, CALL_TOKEN, "vault"))
			rig_fail(&g, rig_find(&g, CALL_TOKEN, "vault"),
				 FAULT_TRANSIENT, 503);
	}
	assert_int_equal(g.sent[CALL_REGISTRY], 1);
	assert_true(engine_pass_done(g.engine));
}

/* Whoever is late as well as blocked or held is waited for by nobody. */
static void a_late_one_that_cannot_move_ends_the_pass(void **state)
{
	(void)state;
	rig_start(&g, rig_config("", RIG_KEY, "", 0, 1), 1);
	rig_newer(&g, V2, RIG_NOW - 2 * HOUR);
	g.models[0].view.identity_attached = false;
	rig_tick(&g);
	rig_run(&g, SECOND);
	assert_string_equal(rig_registry(&g, 0, "state"), "overdue");
	assert_true(engine_pass_done(g.engine));
	assert_false(engine_all_current(g.engine));
	rig_stop(&g);

	/* The same when a move is on its way: that one is waited for. */
	rig_start(&g, rig_config("", RIG_KEY, "", 0, 1), 1);
	rig_newer(&g, V2, RIG_NOW - 2 * HOUR);
	g.hold = 1u << CALL_PATCH;
	rig_tick(&g);
	rig_run(&g, SECOND);
	assert_string_equal(rig_registry(&g, 0, "state"), "overdue");
	assert_false(engine_pass_done(g.engine));
}

static void a_pause_of_all_reads_nothing(void **state)
{
	unsigned sent;

	(void)state;
	rig_start(&g, rig_config("", RIG_KEY, "", 0, 2), 2);
	rig_tick(&g);
	sent = g.sent[CALL_REGISTRY];
	engine_pause(g.engine, NULL, rig_azure(&g) + HOUR, NULL, 0, g.now);
	rig_drain(&g);
	rig_answer(&g);
	assert_int_equal(g.sent[CALL_REGISTRY], sent);
	engine_pause(g.engine, NULL, 0, NULL, 0, g.now);
	rig_drain(&g);
	rig_answer(&g);
	assert_int_equal(g.sent[CALL_REGISTRY], sent + 2);
}

/* Who waits for long is read on, also when no list does it. */
static void who_is_held_is_read_on_without_a_list(void **state)
{
	(void)state;
	rig_start(&g, rig_config("", RIG_KEY, "", 0, 4), 4);
	fault_set(&g.faults[CALL_LIST], FAULT_DENIED, 403, "Denied.");
	rig_tick(&g);
	fault_set(&g.faults[CALL_PATCH], FAULT_REFUSED, 400, "Refused.");
	rig_newer(&g, V2, rig_azure(&g));
	rig_run(&g, 30 * MINUTE);
	assert_string_equal(rig_registry(&g, 3, "state"), "held");
	assert_true(rig_date(&g, rig_registry(&g, 3, "last_read")) >= -5 * 60);
}

static void first_page(void)
{
	struct asked *a;
	struct reply r;

	rig_start(&g, rig_config("", RIG_KEY, "", 0, 3), 4);
	g.models[3].unlisted = true;
	g.hold = 1u << CALL_LIST;
	rig_tick(&g);
	a = rig_find(&g, CALL_LIST, NULL);
	r = rig_reply(&g, a);
	r.list.items = text_alloc(3, sizeof(*r.list.items));
	for (r.list.n = 0; r.list.n < 3; r.list.n++) {
		r.list.items[r.list.n].id =
			text_dup(rig_id((unsigned)r.list.n));
		r.list.items[r.list.n].view = g.models[r.list.n].view;
	}
	r.list.next_url = text_dup("https://management.azure.com/next");
	rig_put(&g, a, &r);
	assert_int_equal(g.sent[CALL_LIST], 2);
	assert_int_equal(g.sent[CALL_REGISTRY], 0);
}

static void last_page(void)
{
	struct asked *a = rig_find(&g, CALL_LIST, NULL);
	struct reply r = rig_reply(&g, a);

	rig_put(&g, a, &r);
	rig_tick(&g);
}

/* A reload between two pages of a list: who has come, or has come to another
 * key, may have stood on the first. */
static void who_comes_between_two_pages_is_read(void **state)
{
	char *text = rig_config("", RIG_OTHER_KEY, "", 2, 1);

	(void)state;
	first_page();
	reload(rig_config("", RIG_KEY, "", 1, 3));
	last_page();
	assert_int_equal(g.sent[CALL_REGISTRY], 1);
	assert_string_equal(rig_registry(&g, 3, "state"), "current");
	rig_stop(&g);

	first_page();
	reload(rig_config(text, RIG_KEY, "", 0, 2));
	free(text);
	last_page();
	assert_int_equal(g.sent[CALL_REGISTRY], 1);
	assert_string_equal(rig_registry(&g, 2, "state"), "blocked");
}

/* What another key was refused for is no matter of this one's. */
static void a_refusal_is_not_taken_to_another_key(void **state)
{
	(void)state;
	rig_start(&g, rig_config("", RIG_KEY, "", 0, 1), 1);
	rig_newer(&g, V2, RIG_NOW - MINUTE);
	fault_set(&g.faults[CALL_PATCH], FAULT_REFUSED, 400, "Refused.");
	rig_tick(&g);
	assert_string_equal(rig_registry(&g, 0, "state"), "blocked");
	g.hold = 1u << CALL_PATCH;
	reload(rig_config("", RIG_OTHER_KEY, "takeover = \"true\"", 0, 1));
	rig_run(&g, SECOND);
	assert_int_equal(rig_waiting(&g, CALL_PATCH), 1);
	assert_string_equal(rig_registry(&g, 0, "state"), "rotating");
}

/* Who waits for a budget of the old file does not wait for it on. */
static void a_larger_budget_counts_at_once(void **state)
{
	(void)state;
	rig_start(&g,
		  rig_config("write-rate = \"0.05\" write-burst = \"1\"",
			     RIG_KEY, "canary = \"false\"", 0, 2),
		  2);
	rig_newer(&g, V2, RIG_NOW - MINUTE);
	rig_tick(&g);
	assert_int_equal(g.sent[CALL_PATCH], 1);
	reload(rig_config("write-rate = \"10\" write-burst = \"10\"", RIG_KEY,
			  "canary = \"false\"", 0, 2));
	rig_run(&g, SECOND);
	assert_int_equal(g.sent[CALL_PATCH], 2);
	assert_true(engine_all_current(g.engine));
}

/* ---- words that a stranger would take at their word ---- */

static bool why_says(const char *text)
{
	struct buf b;
	bool found;
	size_t n;

	buf_init(&b, REPORT_ROWS_MAX);
	assert_true(explain_registry(g.engine,
				     engine_find(g.engine, rig_id(0), &n), &b));
	found = strstr(buf_str(&b), text) != NULL;
	buf_free(&b);
	return found;
}

/* Nothing is being written while it is paused, late or not. */
static void overdue_says_what_stands_in_the_way(void **state)
{
	size_t n;

	(void)state;
	rig_start(&g, rig_config("", RIG_KEY, "", 0, 1), 1);
	rig_tick(&g);
	engine_pause(g.engine, engine_find(g.engine, rig_id(0), &n),
		     rig_azure(&g) + 3 * HOUR, NULL, 0, g.now);
	rig_newer(&g, V2, rig_azure(&g));
	rig_run(&g, 90 * MINUTE);
	assert_string_equal(rig_registry(&g, 0, "state"), "overdue");
	assert_string_equal(rig_registry(&g, 0, "reason"), "paused by hand");
	rig_stop(&g);
	/* Nor does it wait for anybody when its key cannot be read. */
	rig_start(&g, rig_config("", RIG_KEY, "", 0, 1), 1);
	rig_tick(&g);
	rig_newer(&g, V2, rig_azure(&g));
	fault_set(&g.faults[CALL_PATCH], FAULT_TRANSIENT, 503, "Busy.");
	rig_run(&g, 2 * MINUTE);
	fault_set(&g.faults[CALL_KEY], FAULT_TRANSIENT, 503, "Vault down.");
	rig_run(&g, 62 * MINUTE);
	assert_string_equal(rig_registry(&g, 0, "state"), "overdue");
	assert_non_null(strstr(rig_registry(&g, 0, "reason"),
			       "its key cannot be read"));
}

static void what_may_be_past_its_deadline_is_counted(void **state)
{
	(void)state;
	rig_start(&g, rig_config("", RIG_KEY, "", 0, 1), 1);
	g.models[0].untold = true;
	rig_newer(&g, V2, RIG_NOW - 2 * HOUR);
	rig_tick(&g);
	rig_run(&g, MINUTE);
	assert_string_equal(rig_summary(&g, "state"), "failed");
	assert_string_equal(rig_summary(&g, "reason"), "1 overdue.");
}

/* Without a key of its own nothing is said of that key, or who reads it. */
static void why_says_nothing_of_what_is_not_there(void **state)
{
	struct fault f;

	(void)state;
	rig_start(&g, rig_config("", RIG_KEY, "", 0, 1), 1);
	g.models[0].view = (struct registry_view){
		.provisioning = PROVISIONING_SUCCEEDED,
		.premium = true,
		.rotated_at = -1,
	};
	rig_tick(&g);
	assert_string_equal(rig_registry(&g, 0, "state"), "blocked");
	assert_true(why_says("encryption is not enabled with a key"));
	assert_false(why_says("own-key"));
	assert_false(why_says("cannot be understood"));
	assert_false(why_says("no longer assigned"));
	rig_stop(&g);
	rig_start(&g, rig_config("", RIG_KEY, "", 0, 1), 1);
	keyid_parse(&g.models[0].view.key, RIG_OTHER_KEY, &f);
	rig_tick(&g);
	assert_true(why_says("It uses another key: " RIG_OTHER_KEY));
	rig_stop(&g);
	/* Key Vault tells no name of one that is disabled. */
	rig_start(&g, rig_config("", RIG_KEY, "", 0, 1), 1);
	fault_set(&g.faults[CALL_KEY], FAULT_REFUSED, 403, "Disabled.");
	text_copy(g.faults[CALL_KEY].inner_code, FAULT_CODE_MAX, "KeyDisabled");
	rig_tick(&g);
	assert_true(why_says("its newest version is disabled."));
	assert_false(why_says("newest version is ."));
}

static void drift_says_what_has_changed(void **state)
{
	struct model *m = &g.models[0];

	(void)state;
	rig_start(&g, rig_config("", RIG_KEY, "mode = \"observe\"", 0, 1), 1);
	rig_tick(&g);
	text_copy(m->view.key.version, KEYID_VERSION_MAX, V1);
	rig_run(&g, 6 * MINUTE);
	assert_non_null(strstr(rig_said(&g, NOTE_DRIFT)->text,
			       "names a version now, and it still uses"));
	text_copy(m->view.key.version, KEYID_VERSION_MAX, V2);
	text_copy(m->view.version_in_use, KEYID_VERSION_MAX, V2);
	rig_run(&g, 6 * MINUTE);
	assert_non_null(strstr(rig_said(&g, NOTE_DRIFT)->text,
			       "it uses 22222222 now (before: 11111111)"));
	m->view.key.version[0] = '\0';
	m->untold = true;
	rig_run(&g, 6 * MINUTE);
	assert_non_null(strstr(rig_said(&g, NOTE_DRIFT)->text,
			       "Azure does not tell which version"));
}

#define TEST(f) cmocka_unit_test_teardown(f, stop)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(slow_write_budget_makes_progress),
		TEST(a_burst_of_one),
		TEST(a_younger_version_in_use_is_not_overdue),
		TEST(a_newest_version_without_created),
		TEST(a_pause_of_thirty_days),
		TEST(a_changed_cloud_takes_new_tokens),
		TEST(an_unchanged_cloud_keeps_tokens),
		TEST(another_identity_holds_the_write),
		TEST(token_trouble_is_told_once),
		TEST(each_reload_has_room_for_its_tokens),
		TEST(a_token_on_its_way_is_not_taken_from_the_old_cloud),
		TEST(a_token_that_nobody_needs_is_not_asked_for),
		TEST(each_lost_token_is_told),
		TEST(a_host_is_proven_anew_after_a_rest),
		TEST(a_retired_write_that_waits_does_not_leave),
		TEST(a_denied_list_ends_no_pass),
		TEST(a_key_that_fails_thrice_ends_the_pass),
		TEST(a_late_one_that_cannot_move_ends_the_pass),
		TEST(a_pause_of_all_reads_nothing),
		TEST(who_is_held_is_read_on_without_a_list),
		TEST(who_comes_between_two_pages_is_read),
		TEST(a_refusal_is_not_taken_to_another_key),
		TEST(a_larger_budget_counts_at_once),
		TEST(overdue_says_what_stands_in_the_way),
		TEST(what_may_be_past_its_deadline_is_counted),
		TEST(why_says_nothing_of_what_is_not_there),
		TEST(drift_says_what_has_changed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
