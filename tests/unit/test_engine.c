/* engine/engine: asking, waiting, time and configuration, by hand. */
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

/* n registries, all on the newest version; nothing is asked yet. */
static void begin(unsigned n, const char *top)
{
	rig_start(&g, rig_config(top, RIG_KEY, "", 0, n), n);
}

static void settled(unsigned n, const char *top)
{
	begin(n, top);
	rig_tick(&g);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	assert_int_equal(g.n_asked, 0);
}

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

static void let_go(enum call_kind kind)
{
	g.hold &= ~(1u << kind);
}

static void break_calls(enum call_kind kind, enum fault_kind f, int code)
{
	fault_set(&g.faults[kind], f, code, "The call failed with %d.", code);
}

static void mend(enum call_kind kind)
{
	g.faults[kind] = fault_none();
}

static void step(int64_t ms)
{
	g.now.boot += ms;
	g.now.wall += ms;
}

/* ---- the first pass ---- */

static void the_first_pass_asks_each_thing_once(void **state)
{
	(void)state;
	begin(1, "");
	assert_int_equal(engine_wake(g.engine), RIG_BOOT);
	assert_string_equal(rig_summary(&g, "state"), "starting");
	/* Both tokens come from one host, of which nothing is known yet. */
	g.hold = ~0u;
	rig_tick(&g);
	assert_int_equal(g.n_asked, 1);
	rig_good_answer(&g, rig_find(&g, CALL_TOKEN, NULL));
	assert_int_equal(rig_waiting(&g, CALL_TOKEN), 1);
	let_go(CALL_TOKEN);
	rig_answer(&g);
	assert_int_equal(g.n_asked, 2);
	assert_string_equal(rig_find(&g, CALL_KEY, "")->call.key.version, "");
	assert_string_equal(rig_find(&g, CALL_REGISTRY, "")->registry,
			    rig_id(0));
	assert_false(engine_pass_done(g.engine));
	let_go(CALL_KEY);
	rig_answer(&g);
	assert_string_equal(rig_summary(&g, "state"), "starting");
	assert_string_equal(
		rig_summary(&g, "reason"),
		"0 of 1 registry and 1 of 1 key have been read, or have failed, so far.");
	let_go(CALL_REGISTRY);
	rig_answer(&g);
	assert_string_equal(rig_registry(&g, 0, "state"), "current");
	assert_string_equal(rig_summary(&g, "state"), "ok");
	assert_true(engine_pass_done(g.engine));
	assert_true(engine_all_current(g.engine));
	assert_int_equal(g.sent[CALL_TOKEN], 2);
	assert_int_equal(g.sent[CALL_KEY], 1);
	assert_int_equal(g.sent[CALL_REGISTRY], 1);
	assert_int_equal(g.told[NOTE_VERIFIED], 0);
	assert_int_equal(g.saves > 0, 1);
}

/* Whichever comes first, the key or the registry: the same end. */
static void either_answer_may_come_first(void **state)
{
	(void)state;
	begin(1, "");
	hold(CALL_REGISTRY);
	rig_tick(&g);
	assert_string_equal(rig_registry(&g, 0, "state"), "unknown");
	let_go(CALL_REGISTRY);
	rig_answer(&g);
	assert_string_equal(rig_registry(&g, 0, "state"), "current");
	rig_stop(&g);
	begin(1, "");
	hold(CALL_KEY);
	rig_tick(&g);
	assert_string_not_equal(rig_registry(&g, 0, "state"), "current");
	assert_string_not_equal(rig_summary(&g, "state"), "ok");
	let_go(CALL_KEY);
	rig_answer(&g);
	assert_string_equal(rig_registry(&g, 0, "state"), "current");
}

static void one_read_for_a_key_of_many(void **state)
{
	(void)state;
	settled(20, "");
	assert_int_equal(g.sent[CALL_KEY], 1);
	assert_int_equal(g.sent[CALL_LIST], 1);
	assert_int_equal(g.sent[CALL_REGISTRY], 0);
	rig_run(&g, HOUR);
	assert_in_range(g.sent[CALL_KEY], 60, 62);
	assert_in_range(g.sent[CALL_LIST], 12, 22);
	/* Once each, to hold the LIST against. */
	assert_int_equal(g.sent[CALL_REGISTRY], 20);
	assert_string_equal(rig_summary(&g, "state"), "ok");
}

static void nothing_to_watch(void **state)
{
	char sentence[100];

	(void)state;
	rig_start(&g, text_dup(""), 0);
	rig_tick(&g);
	assert_int_equal(g.n_asked, 0);
	assert_true(engine_wake(g.engine) == INT64_MAX);
	step(DAY);
	assert_false(engine_overdue(g.engine, g.now, 0));
	assert_int_equal(engine_state(g.engine), ENGINE_OK);
	engine_sentence(g.engine, sentence, sizeof(sentence));
	assert_string_equal(sentence, "Nothing is watched.");
	assert_int_equal(engine_poll(g.engine, NULL, g.now), 0);
	assert_true(engine_idle_writes(g.engine));
}

/* ---- tokens ---- */

static void a_401_is_answered_by_one_new_token(void **state)
{
	(void)state;
	begin(1, "");
	hold(CALL_REGISTRY);
	rig_tick(&g);
	assert_int_equal(g.sent[CALL_TOKEN], 2);
	rig_fail(&g, rig_find(&g, CALL_REGISTRY, NULL), FAULT_AUTH, 401);
	assert_int_equal(g.sent[CALL_TOKEN], 3);
	assert_string_equal(g.last[CALL_TOKEN].audience,
			    "https://management.azure.com");
	rig_answer(&g);
	assert_int_equal(g.sent[CALL_REGISTRY], 2);
	assert_string_equal(rig_registry(&g, 0, "last_error"), "null");
	/* Refused again: that is reported, and tried slowly. */
	rig_fail(&g, rig_find(&g, CALL_REGISTRY, NULL), FAULT_AUTH, 401);
	assert_int_equal(g.sent[CALL_TOKEN], 3);
	assert_string_equal(rig_registry(&g, 0, "state"), "blocked");
	assert_non_null(strstr(rig_registry(&g, 0, "last_error"), "401"));
	assert_int_equal(g.told[NOTE_BLOCKED], 1);
	assert_false(rig_until(&g, CALL_REGISTRY, 100 * SECOND));
	assert_true(rig_until(&g, CALL_REGISTRY, 141 * SECOND));
	let_go(CALL_REGISTRY);
	rig_answer(&g);
	assert_string_equal(rig_registry(&g, 0, "state"), "current");
	assert_string_equal(rig_registry(&g, 0, "last_error"), "null");
}

/* Two questions about registries at once: the first answer has shown that the
 * host bears more than one. */
static void both_in_the_air(void)
{
	begin(2, "");
	hold(CALL_REGISTRY);
	rig_tick(&g);
	assert_int_equal(rig_waiting(&g, CALL_REGISTRY), 1);
	rig_good_answer(&g, rig_find(&g, CALL_REGISTRY, "registry0"));
	engine_pause(g.engine, NULL, 0, NULL, 0, g.now);
	rig_drain(&g);
	assert_int_equal(rig_waiting(&g, CALL_REGISTRY), 2);
}

static void many_401_are_one_new_token(void **state)
{
	(void)state;
	both_in_the_air();
	hold(CALL_TOKEN);
	rig_fail(&g, rig_find(&g, CALL_REGISTRY, "registry0"), FAULT_AUTH, 401);
	rig_fail(&g, rig_find(&g, CALL_REGISTRY, "registry1"), FAULT_AUTH, 401);
	assert_int_equal(g.sent[CALL_TOKEN], 3);
	assert_int_equal(rig_waiting(&g, CALL_TOKEN), 1);
	let_go(CALL_TOKEN);
	let_go(CALL_REGISTRY);
	rig_answer(&g);
	assert_int_equal(g.sent[CALL_TOKEN], 3);
	assert_true(engine_all_current(g.engine));
}

/* The second 401 is about the old token, and the new one is there. */
static void a_401_of_an_old_token_asks_for_none(void **state)
{
	(void)state;
	both_in_the_air();
	rig_fail(&g, rig_find(&g, CALL_REGISTRY, "registry0"), FAULT_AUTH, 401);
	rig_answer(&g);
	assert_int_equal(g.sent[CALL_TOKEN], 3);
	rig_fail(&g, rig_find(&g, CALL_REGISTRY, "registry1"), FAULT_AUTH, 401);
	rig_answer(&g);
	assert_int_equal(g.sent[CALL_TOKEN], 3);
	assert_int_equal(rig_waiting(&g, CALL_REGISTRY), 2);
}

static void a_challenge_names_the_audience(void **state)
{
	struct asked *a;
	struct reply r;
	uint32_t slot;

	(void)state;
	begin(1, "");
	hold(CALL_KEY);
	rig_tick(&g);
	a = rig_find(&g, CALL_KEY, NULL);
	slot = a->call.token;
	r = rig_reply(&g, a);
	fault_set(&r.fault, FAULT_AUTH, 401, "Not this token.");
	text_copy(r.challenge_audience, sizeof(r.challenge_audience),
		  "https://vault.example");
	rig_put(&g, a, &r);
	rig_answer(&g);
	assert_string_equal(g.last[CALL_TOKEN].audience,
			    "https://vault.example");
	a = rig_find(&g, CALL_KEY, NULL);
	assert_int_not_equal(a->call.token, slot);
	assert_int_equal(a->call.token, g.last[CALL_TOKEN].call.token);
	/* It is remembered for the next poll. */
	let_go(CALL_KEY);
	rig_answer(&g);
	rig_run(&g, 5 * MINUTE);
	assert_int_equal(g.last[CALL_KEY].call.token,
			 g.last[CALL_TOKEN].call.token);
	assert_int_equal(g.sent[CALL_TOKEN], 3);
}

static void tokens_are_renewed_early(void **state)
{
	static const struct {
		int64_t life, refresh, at;
	} rows[] = {
		{ HOUR, -1, 55 * MINUTE },	 { DAY, -1, 12 * HOUR },
		{ 2 * HOUR, -1, HOUR },		 { 6 * MINUTE, -1, 3 * MINUTE },
		{ DAY, 2 * HOUR, 2 * HOUR },	 { HOUR, HOUR, 55 * MINUTE },
		{ HOUR, 2 * HOUR, 55 * MINUTE }, { HOUR, 0, 30 * SECOND },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct asked *a;

		begin(1, "");
		hold(CALL_TOKEN);
		rig_tick(&g);
		while ((a = rig_find(&g, CALL_TOKEN, NULL))) {
			struct reply r = rig_reply(&g, a);

			r.token.secret = text_dup("secret");
			r.token.lifetime_ms = rows[i].life;
			r.token.refresh_in_ms = rows[i].refresh;
			rig_put(&g, a, &r);
		}
		rig_answer(&g);
		/* The old one serves until it is asked for at a poll. */
		rig_run(&g, rows[i].at - SECOND);
		assert_int_equal(g.sent[CALL_TOKEN], 2);
		rig_run(&g, 65 * SECOND);
		assert_true(g.sent[CALL_TOKEN] > 2);
		rig_stop(&g);
	}
	rig_start(&g, text_dup(""), 0);
}

static void an_old_token_serves_until_its_end(void **state)
{
	(void)state;
	begin(1, "");
	g.token_life = HOUR;
	rig_tick(&g);
	break_calls(CALL_TOKEN, FAULT_TRANSIENT, 503);
	rig_run(&g, 59 * MINUTE);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	/* It is tried again and again meanwhile, but not in a hurry. */
	assert_in_range(g.sent[CALL_TOKEN], 4, 30);
	rig_run(&g, 10 * MINUTE);
	assert_string_not_equal(rig_summary(&g, "state"), "ok");
	assert_string_equal(rig_registry(&g, 0, "state"), "unreachable");
	mend(CALL_TOKEN);
	rig_run(&g, 6 * MINUTE);
	assert_string_equal(rig_summary(&g, "state"), "ok");
}

static void without_a_token_all_is_unreachable(void **state)
{
	unsigned sent;

	(void)state;
	begin(4, "");
	break_calls(CALL_TOKEN, FAULT_DENIED, 403);
	rig_tick(&g);
	rig_run(&g, 10 * SECOND);
	assert_int_equal(g.sent[CALL_TOKEN], 2);
	assert_int_equal(g.sent[CALL_KEY] + g.sent[CALL_LIST], 0);
	for (unsigned i = 0; i < 4; i++)
		assert_string_equal(rig_registry(&g, i, "state"),
				    "unreachable");
	assert_non_null(strstr(rig_key(&g, "error"), "403"));
	assert_true(engine_pass_done(g.engine));
	assert_false(engine_all_current(g.engine));
	rig_run(&g, HOUR);
	sent = g.sent[CALL_TOKEN];
	assert_in_range(sent, 2 * 3600 / 240, 2 + 2 * 3600 / 120);
	mend(CALL_TOKEN);
	rig_run(&g, 5 * MINUTE);
	assert_true(engine_all_current(g.engine));
}

/* ---- lists ---- */

static void two_registries_are_asked_each(void **state)
{
	(void)state;
	settled(2, "");
	assert_int_equal(g.sent[CALL_LIST], 0);
	assert_int_equal(g.sent[CALL_REGISTRY], 2);
	rig_run(&g, HOUR);
	assert_int_equal(g.sent[CALL_LIST], 0);
	assert_string_equal(rig_summary(&g, "state"), "ok");
}

static void one_that_is_not_listed_is_asked_itself(void **state)
{
	(void)state;
	begin(3, "");
	g.models[1].unlisted = true;
	rig_tick(&g);
	assert_int_equal(g.sent[CALL_LIST], 1);
	assert_int_equal(g.sent[CALL_REGISTRY], 1);
	assert_string_equal(g.last[CALL_REGISTRY].registry, rig_id(1));
	assert_true(engine_all_current(g.engine));
}

/* A list finds it, and a person is told; it is read and written there. */
static void moved_to_another_group(unsigned n)
{
	begin(n, "");
	rig_tick(&g);
	assert_string_equal(rig_registry(&g, 0, "state"), "current");
	g.models[0].group = "elsewhere";
	rig_newer(&g, V2, rig_azure(&g));
	rig_run(&g, 20 * MINUTE);
	assert_string_equal(rig_registry(&g, 0, "state"), "current");
	assert_string_equal(rig_registry(&g, 0, "version_in_use"), V2);
	assert_non_null(strstr(g.last[CALL_REGISTRY].registry, "/elsewhere/"));
	assert_non_null(strstr(rig_registry(&g, 0, "reason"), "/elsewhere/"));
	assert_int_equal(g.told[NOTE_WARNING], 1);
	assert_non_null(strstr(rig_said(&g, NOTE_WARNING)->text, "was moved"));
	assert_non_null(
		strstr(rig_said(&g, NOTE_WARNING)->text, "/elsewhere/"));
	rig_run(&g, 2 * HOUR);
	assert_int_equal(g.told[NOTE_WARNING], 1);
	/* Back again. */
	g.models[0].group = NULL;
	rig_run(&g, 20 * MINUTE);
	assert_string_equal(rig_registry(&g, 0, "state"), "current");
	assert_null(strstr(rig_registry(&g, 0, "reason"), "moved"));
	assert_int_equal(g.told[NOTE_WARNING], 2);
}

static void a_registry_that_moved_is_followed(void **state)
{
	(void)state;
	moved_to_another_group(1);
	/* Nothing is listed that one GET tells. */
	assert_int_equal(g.sent[CALL_LIST], 2);
}

static void a_listed_registry_that_moved_is_followed(void **state)
{
	(void)state;
	moved_to_another_group(4);
}

static void one_that_is_gone_is_sought_now_and_then(void **state)
{
	unsigned lists;

	(void)state;
	begin(1, "");
	rig_tick(&g);
	g.models[0].missing = true;
	rig_run(&g, 20 * MINUTE);
	assert_string_equal(rig_registry(&g, 0, "state"), "blocked");
	lists = g.sent[CALL_LIST];
	assert_true(lists >= 1);
	rig_run(&g, HOUR);
	assert_true(g.sent[CALL_LIST] - lists <= 12);
	/* Who may not list is not told of it. */
	fault_set(&g.faults[CALL_LIST], FAULT_DENIED, 403, "Not allowed.");
	rig_run(&g, HOUR);
	assert_int_equal(g.told[NOTE_FAILED], 0);
}

/* Its letters are Azure's affair: the same group, asked for as it is told. */
static void a_group_in_other_letters_is_no_move(void **state)
{
	(void)state;
	begin(4, "");
	g.models[0].group = "PROD";
	rig_tick(&g);
	assert_string_equal(rig_registry(&g, 0, "state"), "current");
	assert_int_equal(g.told[NOTE_WARNING], 0);
	assert_null(strstr(rig_registry(&g, 0, "reason"), "moved"));
}

/* Whoever corrects the file is not told any more. */
static void a_corrected_id_is_taken_over(void **state)
{
	char *text = rig_config("", RIG_KEY, "", 0, 1), *new_text, *at;

	(void)state;
	begin(1, "");
	rig_tick(&g);
	g.models[0].group = "elsewhere";
	rig_run(&g, 20 * MINUTE);
	at = strstr(text, "/prod/");
	*at = '\0';
	new_text = text_printf("%s/elsewhere/%s", text, at + strlen("/prod/"));
	engine_reload(g.engine, rig_parse(new_text), g.now);
	rig_drain(&g);
	rig_answer(&g);
	free(text);
	free(new_text);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	rig_run(&g, HOUR);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	assert_int_equal(g.told[NOTE_WARNING], 1);
}

static void only_a_get_says_missing(void **state)
{
	(void)state;
	begin(3, "");
	g.models[2].missing = true;
	hold(CALL_REGISTRY);
	rig_tick(&g);
	assert_string_equal(rig_registry(&g, 2, "state"), "unknown");
	let_go(CALL_REGISTRY);
	rig_answer(&g);
	assert_string_equal(rig_registry(&g, 2, "state"), "blocked");
	assert_non_null(strstr(rig_registry(&g, 2, "reason"), "not found"));
	assert_string_equal(rig_registry(&g, 2, "version_in_use"), "null");
	assert_string_equal(rig_registry(&g, 2, "auto_rotation"), "null");
	assert_string_equal(rig_registry(&g, 1, "state"), "current");
	assert_int_equal(g.told[NOTE_BLOCKED], 1);
	g.models[2].missing = false;
	rig_run(&g, 6 * MINUTE);
	assert_string_equal(rig_registry(&g, 2, "state"), "current");
}

static struct asked *list_page(const char *next, unsigned from, unsigned to)
{
	struct asked *a = rig_find(&g, CALL_LIST, NULL);
	struct reply r = rig_reply(&g, a);

	r.list.items = text_alloc(to - from + 1, sizeof(*r.list.items));
	for (unsigned i = from; i < to; i++) {
		r.list.items[r.list.n].id = text_dup(rig_id(i));
		r.list.items[r.list.n++].view = g.models[i].view;
	}
	r.list.next_url = text_dup(next);
	rig_put(&g, a, &r);
	return rig_find(&g, CALL_LIST, NULL);
}

static void every_page_is_followed(void **state)
{
	struct asked *a;

	(void)state;
	begin(4, "");
	hold(CALL_LIST);
	rig_tick(&g);
	assert_string_equal(rig_find(&g, CALL_LIST, NULL)->url, "");
	a = list_page("https://management.azure.com/page2", 0, 1);
	assert_string_equal(a->url, "https://management.azure.com/page2");
	a = list_page("https://management.azure.com/page3", 1, 3);
	assert_string_equal(a->url, "https://management.azure.com/page3");
	assert_int_equal(g.sent[CALL_REGISTRY], 0);
	assert_null(list_page(NULL, 3, 4));
	assert_int_equal(g.sent[CALL_REGISTRY], 0);
	assert_true(engine_all_current(g.engine));
	/* The next pass begins at the first page. */
	assert_true(rig_until(&g, CALL_LIST, 5 * MINUTE));
	assert_string_equal(rig_find(&g, CALL_LIST, NULL)->url, "");
}

/* A LIST whose page of this number leads to page `next`, and so on until it
 * is given up: how many pages were asked for. */
static unsigned pages_until_the_end(unsigned (*next)(unsigned page))
{
	unsigned page = 1;
	char url[100];

	begin(3, "read-rate = \"100000\" read-burst = \"100000\"");
	hold(CALL_LIST);
	rig_tick(&g);
	do
		snprintf(url, sizeof(url),
			 "https://management.azure.com/page?$skiptoken=%u",
			 next(page++));
	while (list_page(url, 0, page == 2) && page < 2000);
	rig_answer(&g);
	return page - 1;
}

static unsigned same_again(unsigned page)
{
	(void)page;
	return 2;
}

static unsigned circle_of_three(unsigned page)
{
	return page < 7 ? page + 1 : 5;
}

static unsigned always_another(unsigned page)
{
	return page + 1;
}

/* It is told once, what no page showed is asked itself, and a LIST is tried
 * again in some minutes. */
static void pages_in_a_circle_end_at_once(void **state)
{
	static const struct {
		unsigned (*next)(unsigned page);
		unsigned pages;
		const char *says;
	} rows[] = {
		{ same_again, 2, "page 2 leads back to page 2" },
		{ circle_of_three, 7, "page 7 leads back to page 5" },
		{ always_another, 1000, "no end after 1000 pages" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(pages_until_the_end(rows[i].next),
				 rows[i].pages);
		assert_int_equal(g.told[NOTE_FAILED], 1);
		assert_non_null(
			strstr(rig_said(&g, NOTE_FAILED)->text, rows[i].says));
		assert_non_null(
			strstr(rig_said(&g, NOTE_FAILED)->text, "skiptoken="));
		rig_run(&g, 10 * SECOND);
		assert_int_equal(g.sent[CALL_LIST], rows[i].pages);
		assert_int_equal(g.sent[CALL_REGISTRY], 2);
		assert_true(engine_all_current(g.engine));
		/* The same trouble is no news; its end is seen. */
		assert_true(rig_until(&g, CALL_LIST, 6 * MINUTE));
		assert_string_equal(rig_find(&g, CALL_LIST, NULL)->url, "");
		list_page("https://management.azure.com/a", 0, 0);
		list_page("https://management.azure.com/a", 0, 0);
		assert_int_equal(g.told[NOTE_FAILED], 1);
		let_go(CALL_LIST);
		rig_run(&g, HOUR);
		assert_true(engine_all_current(g.engine));
		assert_string_equal(rig_summary(&g, "state"), "ok");
		rig_stop(&g);
	}
	begin(1, "");
}

static void empty_pages_that_go_on_are_fine(void **state)
{
	char url[100];

	(void)state;
	begin(4, "");
	hold(CALL_LIST);
	rig_tick(&g);
	for (unsigned i = 0; i < 100; i++) {
		snprintf(url, sizeof(url), "https://management.azure.com/%u",
			 i);
		assert_non_null(list_page(url, 0, 0));
	}
	assert_null(list_page(NULL, 0, 4));
	assert_int_equal(g.sent[CALL_REGISTRY], 0);
	assert_int_equal(g.told[NOTE_FAILED], 0);
	assert_true(engine_all_current(g.engine));
	/* The next pass may follow the same links. */
	assert_true(rig_until(&g, CALL_LIST, 5 * MINUTE));
	assert_non_null(list_page("https://management.azure.com/0", 0, 0));
	assert_null(list_page(NULL, 0, 4));
	assert_int_equal(g.told[NOTE_FAILED], 0);
}

static void strangers_in_the_list_are_no_matter(void **state)
{
	struct asked *a;
	struct reply r;

	(void)state;
	begin(3, "");
	hold(CALL_LIST);
	rig_tick(&g);
	a = rig_find(&g, CALL_LIST, NULL);
	r = rig_reply(&g, a);
	r.list.items = text_alloc(3, sizeof(*r.list.items));
	r.list.n = 3;
	r.list.items[0].id = text_dup(rig_id(9));
	r.list.items[1].id = text_dup("");
	r.list.items[2].id = text_dup("/subscriptions/x");
	rig_put(&g, a, &r);
	rig_tick(&g);
	assert_int_equal(g.sent[CALL_REGISTRY], 3);
	assert_true(engine_all_current(g.engine));
}

static void a_list_that_is_denied_is_done_without(void **state)
{
	(void)state;
	begin(3, "");
	break_calls(CALL_LIST, FAULT_DENIED, 403);
	rig_tick(&g);
	assert_int_equal(g.sent[CALL_LIST], 1);
	assert_int_equal(g.sent[CALL_REGISTRY], 3);
	assert_true(engine_all_current(g.engine));
	rig_run(&g, HOUR);
	assert_string_equal(rig_summary(&g, "state"), "ok");
}

static void a_list_that_fails_is_tried_again(void **state)
{
	(void)state;
	begin(3, "");
	break_calls(CALL_LIST, FAULT_TRANSIENT, 503);
	rig_tick(&g);
	assert_string_equal(rig_registry(&g, 0, "state"), "unreachable");
	assert_false(engine_pass_done(g.engine));
	break_calls(CALL_REGISTRY, FAULT_TRANSIENT, 503);
	rig_run(&g, MINUTE);
	assert_int_equal(g.sent[CALL_LIST], 3);
	assert_true(engine_pass_done(g.engine));
	assert_false(engine_all_current(g.engine));
	mend(CALL_LIST);
	rig_run(&g, 5 * MINUTE);
	assert_true(engine_all_current(g.engine));
}

/* One answer tells of all of them: when Azure answers again, the list is not
 * waited for as long as one that fails alone. */
static void a_list_is_asked_for_when_azure_answers_again(void **state)
{
	unsigned lists;

	(void)state;
	settled(20, "");
	break_calls(CALL_LIST, FAULT_TRANSIENT, 503);
	break_calls(CALL_REGISTRY, FAULT_TRANSIENT, 503);
	rig_run(&g, 20 * MINUTE);
	/* It has just been asked for in vain. */
	for (lists = g.sent[CALL_LIST]; g.sent[CALL_LIST] == lists;)
		rig_run(&g, SECOND);
	assert_string_equal(rig_registry(&g, 0, "state"), "unreachable");
	mend(CALL_LIST);
	mend(CALL_REGISTRY);
	lists = g.sent[CALL_LIST];
	rig_run(&g, MINUTE);
	assert_int_equal(g.sent[CALL_LIST], lists + 1);
	assert_true(engine_all_current(g.engine));
}

/* ---- replies ---- */

static void strange_tickets_are_dropped(void **state)
{
	static const uint64_t tickets[] = {
		0, 1, 65535, UINT64_MAX, UINT64_C(1) << 63, 999, 1000
	};
	uint64_t real;

	(void)state;
	begin(1, "");
	hold(CALL_REGISTRY);
	rig_tick(&g);
	real = rig_find(&g, CALL_REGISTRY, NULL)->call.ticket;
	for (size_t i = 0; i < sizeof(tickets) / sizeof(*tickets) + 2; i++) {
		struct asked a = g.asked[0];
		struct reply r = rig_reply(&g, &a);

		r.ticket = i < sizeof(tickets) / sizeof(*tickets)
				   ? tickets[i]
				   : real + (i % 2 ? 1 << 16 : 1);
		engine_reply(g.engine, &r, g.now);
		rig_drain(&g);
		assert_int_equal(g.n_asked, 1);
	}
	assert_string_equal(rig_registry(&g, 0, "state"), "unknown");
}

static void a_reply_counts_once(void **state)
{
	struct asked *a, copy;
	struct reply r;

	(void)state;
	begin(1, "");
	hold(CALL_REGISTRY);
	rig_tick(&g);
	a = rig_find(&g, CALL_REGISTRY, NULL);
	copy = *a;
	let_go(CALL_REGISTRY);
	rig_answer(&g);
	r = rig_reply(&g, &copy);
	fault_set(&r.fault, FAULT_MISSING, 404, "Not there.");
	for (int i = 0; i < 3; i++) {
		engine_reply(g.engine, &r, g.now);
		rig_drain(&g);
		assert_int_equal(engine_in_flight(g.engine), 0);
		assert_string_equal(rig_registry(&g, 0, "state"), "current");
	}
}

static void a_reply_that_never_comes_is_given_up(void **state)
{
	struct asked late;
	struct reply r;

	(void)state;
	begin(1, "");
	g.may_lose = true;
	hold(CALL_REGISTRY);
	rig_tick(&g);
	late = *rig_find(&g, CALL_REGISTRY, NULL);
	rig_run(&g, 74 * SECOND);
	assert_int_equal(g.sent[CALL_REGISTRY], 1);
	assert_true(engine_in_flight(g.engine) == 1);
	assert_true(engine_wake(g.engine) <= RIG_BOOT + 75 * SECOND);
	rig_run(&g, 2 * SECOND);
	assert_string_equal(rig_registry(&g, 0, "state"), "unreachable");
	assert_non_null(strstr(rig_registry(&g, 0, "last_error"), "75"));
	assert_int_equal(g.cancels, 1);
	rig_run(&g, 2 * SECOND);
	assert_int_equal(g.sent[CALL_REGISTRY], 2);
	/* It comes after all: nobody waits for it. */
	r = rig_reply(&g, &late);
	r.registry = g.models[0].view;
	engine_reply(g.engine, &r, g.now);
	rig_drain(&g);
	assert_string_equal(rig_registry(&g, 0, "state"), "unreachable");
	let_go(CALL_REGISTRY);
	rig_answer(&g);
	assert_string_equal(rig_registry(&g, 0, "state"), "current");
}

static void no_more_in_flight_than_allowed(void **state)
{
	(void)state;
	begin(2, "max-requests = \"1\"");
	g.hold = ~0u;
	rig_tick(&g);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(g.n_asked, 1);
		rig_good_answer(&g, &g.asked[0]);
	}
	g.hold = 0;
	rig_answer(&g);
	assert_true(engine_all_current(g.engine));
}

static void budgets_are_kept(void **state)
{
	(void)state;
	begin(2, "read-rate = \"0.1\" read-burst = \"1\"");
	rig_tick(&g);
	assert_int_equal(g.sent[CALL_REGISTRY], 1);
	rig_run(&g, 9900);
	assert_int_equal(g.sent[CALL_REGISTRY], 1);
	rig_run(&g, 200);
	assert_int_equal(g.sent[CALL_REGISTRY], 2);
	assert_true(engine_all_current(g.engine));
}

/* ---- being told to wait ---- */

static void throttle(struct asked *a, int64_t wait, bool all)
{
	struct reply r = rig_reply(&g, a);

	fault_set(&r.fault, FAULT_THROTTLED, 429, "Too many requests.");
	r.fault.retry_after_ms = wait;
	r.throttles_all = all;
	rig_put(&g, a, &r);
}

static void retry_after_is_honoured(void **state)
{
	(void)state;
	begin(2, "");
	hold(CALL_REGISTRY);
	rig_tick(&g);
	throttle(rig_find(&g, CALL_REGISTRY, "registry0"), 45 * SECOND, false);
	rig_good_answer(&g, rig_find(&g, CALL_REGISTRY, "registry1"));
	assert_string_equal(rig_registry(&g, 1, "state"), "current");
	assert_false(rig_until(&g, CALL_REGISTRY, 44990));
	assert_true(rig_until(&g, CALL_REGISTRY, 1100));
	assert_string_equal(rig_find(&g, CALL_REGISTRY, NULL)->registry,
			    rig_id(0));
}

static void retry_after_is_bounded(void **state)
{
	(void)state;
	begin(1, "");
	hold(CALL_REGISTRY);
	rig_tick(&g);
	throttle(rig_find(&g, CALL_REGISTRY, NULL), INT64_MAX, false);
	assert_false(rig_until(&g, CALL_REGISTRY, 599 * SECOND));
	assert_true(rig_until(&g, CALL_REGISTRY, 3 * SECOND));
}

/* Two keys of one vault. */
static void a_throttled_vault_rests_for_all(void **state)
{
	char *one = rig_config("", RIG_KEY, "", 0, 1);
	char *two = rig_config(one, RIG_OTHER_KEY, "", 1, 1);

	(void)state;
	free(one);
	rig_start(&g, two, 2);
	hold(CALL_KEY);
	rig_tick(&g);
	rig_good_answer(&g, rig_find(&g, CALL_KEY, NULL));
	engine_poll(g.engine, NULL, g.now);
	rig_drain(&g);
	assert_int_equal(rig_waiting(&g, CALL_KEY), 2);
	throttle(rig_find(&g, CALL_KEY, NULL), 20 * SECOND, true);
	rig_good_answer(&g, rig_find(&g, CALL_KEY, NULL));
	assert_int_equal(engine_poll(g.engine, NULL, g.now), 2);
	rig_drain(&g);
	assert_false(rig_until(&g, CALL_KEY, 19900));
	assert_true(rig_until(&g, CALL_KEY, 200));
	rig_run(&g, SECOND);
	assert_int_equal(rig_waiting(&g, CALL_KEY), 2);
}

/* Without a time: 1, 2, 4, 8, 16 seconds, as Key Vault's documents say. */
static void a_silent_429_closes_longer_and_longer(void **state)
{
	int64_t least = SECOND;

	(void)state;
	begin(1, "");
	hold(CALL_KEY);
	rig_tick(&g);
	for (int i = 0; i < 7; i++) {
		int64_t before = g.now.boot;

		throttle(rig_find(&g, CALL_KEY, NULL), -1, true);
		assert_true(rig_until(&g, CALL_KEY, 10 * MINUTE));
		assert_true(g.now.boot - before >= least);
		least = least < 16 * SECOND ? 2 * least : least;
	}
	let_go(CALL_KEY);
	rig_answer(&g);
	assert_true(engine_all_current(g.engine));
}

static void the_server_s_count_is_heeded(void **state)
{
	struct asked *a;
	struct reply r;

	(void)state;
	begin(2, "read-rate = \"0.5\" read-burst = \"100\"");
	hold(CALL_REGISTRY);
	rig_tick(&g);
	a = rig_find(&g, CALL_REGISTRY, NULL);
	r = rig_reply(&g, a);
	r.registry = g.models[0].view;
	r.remaining = 0;
	rig_put(&g, a, &r);
	/* A full bucket would let it go at once; this one is empty. */
	assert_int_equal(g.sent[CALL_REGISTRY], 1);
	assert_true(rig_until(&g, CALL_REGISTRY, 2100));
	rig_good_answer(&g, rig_find(&g, CALL_REGISTRY, NULL));
	let_go(CALL_REGISTRY);
	/* Two reads of a full bucket would go at once; this one is empty. */
	engine_reload(g.engine,
		      rig_parse("read-rate = \"0.5\"\n watch \"" RIG_KEY
				"\" { registries = { \"/subscriptions/"
				"11111111-2222-3333-4444-555555555555/"
				"resourceGroups/prod/providers/Microsoft."
				"ContainerRegistry/registries/registry0\" } }"),
		      g.now);
	rig_drain(&g);
	assert_int_equal(g.sent[CALL_REGISTRY], 2);
	rig_run(&g, 2100);
	assert_int_equal(g.sent[CALL_REGISTRY], 3);
}

/* ---- outages ---- */

static void the_first_success_wakes_the_rest(void **state)
{
	unsigned sent;

	(void)state;
	settled(2, "");
	break_calls(CALL_REGISTRY, FAULT_TRANSIENT, 503);
	rig_run(&g, HOUR);
	assert_string_equal(rig_registry(&g, 0, "state"), "unreachable");
	hold(CALL_REGISTRY);
	assert_true(rig_until(&g, CALL_REGISTRY, 6 * MINUTE));
	mend(CALL_REGISTRY);
	assert_int_equal(rig_waiting(&g, CALL_REGISTRY), 1);
	sent = g.sent[CALL_REGISTRY];
	rig_good_answer(&g, rig_find(&g, CALL_REGISTRY, NULL));
	let_go(CALL_REGISTRY);
	rig_run(&g, 100);
	assert_int_equal(g.sent[CALL_REGISTRY], sent + 1);
	assert_true(engine_all_current(g.engine));
}

static void an_outage_is_not_hammered(void **state)
{
	(void)state;
	settled(2, "");
	for (unsigned i = 0; i < RIG_CALLS; i++)
		break_calls(i, FAULT_TRANSIENT, 0);
	rig_run(&g, DAY / 2 - HOUR);
	memset(g.sent, 0, sizeof(g.sent));
	rig_run(&g, HOUR);
	/* One key and two registries, each every 30 s at the mean or less. */
	assert_in_range(g.sent[CALL_KEY], 10, 300);
	assert_in_range(g.sent[CALL_REGISTRY], 10, 300);
	assert_int_equal(g.told[NOTE_KEY_ERROR], 1);
	assert_int_equal(g.told[NOTE_FAILED], 2);
	for (unsigned i = 0; i < RIG_CALLS; i++)
		mend(i);
	rig_run(&g, 6 * MINUTE);
	assert_true(engine_all_current(g.engine));
	assert_int_equal(g.told[NOTE_KEY_OK], 1);
}

/* ---- health ---- */

static void a_stale_key_is_never_ok(void **state)
{
	(void)state;
	settled(1, "");
	g.may_lose = true;
	hold(CALL_KEY);
	rig_run(&g, 61 * SECOND);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	rig_run(&g, 120 * SECOND);
	assert_string_not_equal(rig_summary(&g, "state"), "ok");
	assert_string_not_equal(rig_registry(&g, 0, "state"), "current");
	assert_false(engine_all_current(g.engine));
	rig_run(&g, HOUR);
	assert_string_not_equal(rig_summary(&g, "state"), "ok");
	let_go(CALL_KEY);
	rig_run(&g, 5 * MINUTE);
	assert_string_equal(rig_summary(&g, "state"), "ok");
}

/* The machine slept in the middle of a move: what is heard first is how that
 * went, and nobody goes by a key that was not read for so long. */
static void a_key_is_stale_before_it_is_asked(void **state)
{
	(void)state;
	settled(2, "");
	g.may_lose = true;
	g.models[1].ignores = true;
	rig_newer(&g, V2, rig_azure(&g));
	engine_poll(g.engine, NULL, g.now);
	for (int i = 0; i < 60 && g.sent[CALL_PATCH] < 2; i++)
		rig_run(&g, SECOND);
	assert_int_equal(g.sent[CALL_PATCH], 2);
	assert_string_equal(rig_registry(&g, 0, "state"), "current");
	hold(CALL_REGISTRY);
	hold(CALL_KEY);
	if (!rig_find(&g, CALL_REGISTRY, rig_id(1)))
		assert_true(rig_until(&g, CALL_REGISTRY, MINUTE));
	step(3 * MINUTE);
	rig_good_answer(&g, rig_find(&g, CALL_REGISTRY, rig_id(1)));
	rig_tick(&g);
	assert_string_equal(rig_registry(&g, 0, "state"), "unknown");
}

static void a_stale_registry_is_never_ok(void **state)
{
	(void)state;
	settled(3, "");
	g.may_lose = true;
	hold(CALL_LIST);
	hold(CALL_REGISTRY);
	rig_run(&g, 299 * SECOND);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	rig_run(&g, 2 * SECOND);
	assert_string_equal(rig_summary(&g, "state"), "degraded");
	for (unsigned i = 0; i < 3; i++)
		assert_string_not_equal(rig_registry(&g, i, "state"),
					"current");
	rig_run(&g, HOUR - 302 * SECOND);
	assert_string_equal(rig_summary(&g, "state"), "degraded");
	/* For longer than a window: nobody knows of any deadline. */
	rig_run(&g, 2 * SECOND);
	assert_string_equal(rig_summary(&g, "state"), "failed");
	assert_string_equal(rig_registry(&g, 2, "state"), "overdue");
	assert_non_null(
		strstr(rig_registry(&g, 2, "reason"), "cannot be excluded"));
	assert_int_equal(g.told[NOTE_OVERDUE], 3);
	rig_run(&g, HOUR);
	assert_int_equal(g.told[NOTE_OVERDUE], 3);
	g.hold = 0;
	rig_run(&g, 10 * MINUTE);
	assert_string_equal(rig_summary(&g, "state"), "ok");
}

/* The key may have had a new version long since. */
static void a_key_unread_for_a_window_has_failed(void **state)
{
	(void)state;
	settled(1, "");
	break_calls(CALL_KEY, FAULT_DENIED, 403);
	rig_run(&g, HOUR - 1 * SECOND);
	assert_string_equal(rig_summary(&g, "state"), "degraded");
	rig_run(&g, 2 * SECOND);
	assert_string_equal(rig_summary(&g, "state"), "failed");
	assert_string_equal(rig_registry(&g, 0, "state"), "overdue");
	mend(CALL_KEY);
	rig_run(&g, 5 * MINUTE);
	assert_string_equal(rig_summary(&g, "state"), "ok");
}

/* Its version is a day old: that it was adopted in time nobody has seen. */
static void unread_and_past_its_deadline_has_failed(void **state)
{
	(void)state;
	begin(1, "");
	break_calls(CALL_REGISTRY, FAULT_TRANSIENT, 503);
	rig_run(&g, 9 * SECOND);
	assert_string_equal(rig_summary(&g, "state"), "degraded");
	assert_int_equal(g.told[NOTE_OVERDUE], 0);
	rig_run(&g, 2 * SECOND);
	assert_string_equal(rig_summary(&g, "state"), "failed");
	assert_string_equal(rig_registry(&g, 0, "state"), "overdue");
	assert_non_null(
		strstr(rig_registry(&g, 0, "reason"), "cannot be excluded"));
	assert_non_null(
		strstr(rig_said(&g, NOTE_OVERDUE)->text, "may be overdue"));
	mend(CALL_REGISTRY);
	rig_run(&g, 5 * MINUTE);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	assert_int_equal(g.told[NOTE_OVERDUE], 1);
}

/* The first word is no alarm, and a failure ends it as well as an answer. */
static void it_starts_until_all_was_heard_of(void **state)
{
	char *text;

	(void)state;
	begin(3, "");
	g.may_lose = true;
	hold(CALL_KEY);
	rig_tick(&g);
	assert_string_equal(rig_summary(&g, "state"), "starting");
	assert_non_null(strstr(rig_said(&g, NOTE_STATE)->text, "starting"));
	assert_int_equal(g.told[NOTE_STATE], 1);
	rig_run(&g, 76 * SECOND);
	assert_string_equal(rig_summary(&g, "state"), "degraded");
	let_go(CALL_KEY);
	rig_run(&g, 5 * MINUTE);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	/* What a reload adds hides nothing, and is no trouble yet. */
	hold(CALL_REGISTRY);
	hold(CALL_LIST);
	text = rig_config("", RIG_KEY, "", 0, 4);
	engine_reload(g.engine, rig_parse(text), g.now);
	free(text);
	rig_drain(&g);
	assert_string_equal(rig_summary(&g, "state"), "starting");
	engine_pause(g.engine, NULL, rig_azure(&g) + HOUR, NULL, 0, g.now);
	rig_drain(&g);
	assert_string_equal(rig_summary(&g, "state"), "degraded");
}

/* On the wanted version, and yet not well. */
static void another_identity_than_configured_is_not_ok(void **state)
{
	(void)state;
	rig_start(
		&g,
		rig_config(
			"", RIG_KEY,
			"identity = \"11111111-2222-3333-4444-555555555555\"\n",
			0, 1),
		1);
	rig_tick(&g);
	assert_string_equal(rig_registry(&g, 0, "state"), "current");
	assert_string_equal(rig_summary(&g, "state"), "degraded");
}

static void what_observes_rotates_until_the_deadline(void **state)
{
	(void)state;
	rig_start(&g, rig_config("", RIG_KEY, "mode = observe\n", 0, 1), 1);
	rig_tick(&g);
	rig_newer(&g, V2, rig_azure(&g));
	rig_run(&g, 61 * SECOND);
	assert_string_equal(rig_summary(&g, "state"), "rotating");
	rig_run(&g, 58 * MINUTE);
	assert_string_equal(rig_summary(&g, "state"), "rotating");
	rig_run(&g, 2 * MINUTE);
	assert_string_equal(rig_summary(&g, "state"), "failed");
	assert_int_equal(g.sent[CALL_PATCH], 0);
}

/* Azure was quicker than the next poll: the version that it is on is newer than
 * the one that is known to be wanted. */
static void what_azure_moves_before_the_poll_is_not_late(void **state)
{
	(void)state;
	rig_start(&g,
		  rig_config("poll-interval = \"15m\"\n"
			     "reread-interval = \"1m\"",
			     RIG_KEY, "mode = observe\n", 0, 1),
		  1);
	rig_tick(&g);
	rig_run(&g, 16 * MINUTE);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	rig_newer(&g, V2, rig_azure(&g));
	g.models[0].view = rig_view(V2);
	for (int i = 0; i < 16 * 60; i++) {
		rig_run(&g, SECOND);
		assert_string_not_equal(rig_registry(&g, 0, "state"),
					"overdue");
	}
	assert_int_equal(g.told[NOTE_OVERDUE], 0);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	assert_string_equal(rig_registry(&g, 0, "version_in_use"), V2);
}

static void one_unread_of_many_is_not_ok(void **state)
{
	(void)state;
	begin(3, "");
	g.models[1].unlisted = true;
	break_calls(CALL_REGISTRY, FAULT_DENIED, 403);
	rig_tick(&g);
	assert_string_equal(rig_registry(&g, 0, "state"), "current");
	assert_string_equal(rig_registry(&g, 1, "state"), "blocked");
	assert_string_equal(rig_summary(&g, "state"), "degraded");
	assert_true(engine_pass_done(g.engine));
}

static void a_version_in_use_that_is_disabled_has_failed(void **state)
{
	(void)state;
	begin(1, "");
	rig_newer(&g, V2, RIG_NOW - HOUR);
	g.models[0].view = rig_view(V2);
	rig_tick(&g);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	g.versions[1].enabled = false;
	rig_run(&g, 61 * SECOND);
	assert_string_equal(rig_registry(&g, 0, "state"), "held");
	assert_string_equal(rig_summary(&g, "state"), "failed");
	assert_int_equal(g.told[NOTE_WARNING], 1);
	assert_int_equal(g.told[NOTE_HELD], 1);
}

/* ---- time ---- */

static void wake_and_overdue(void **state)
{
	int64_t wake;

	(void)state;
	settled(1, "");
	wake = engine_wake(g.engine);
	assert_in_range(wake, g.now.boot + 1, g.now.boot + 66 * SECOND);
	/* A tick before it does nothing. */
	step(wake - g.now.boot - 1);
	engine_tick(g.engine, g.now);
	rig_drain(&g);
	assert_int_equal(g.n_asked, 0);
	assert_true(engine_wake(g.engine) == wake);
	assert_false(engine_overdue(g.engine, g.now, 0));
	step(1);
	assert_false(engine_overdue(g.engine, g.now, 0));
	step(1000);
	assert_true(engine_overdue(g.engine, g.now, 999));
	assert_false(engine_overdue(g.engine, g.now, 1000));
	rig_tick(&g);
	assert_false(engine_overdue(g.engine, g.now, 0));
	assert_int_equal(g.sent[CALL_KEY], 2);
}

static void time_that_stands_still_asks_nothing(void **state)
{
	(void)state;
	settled(2, "");
	for (int i = 0; i < 1000; i++)
		rig_tick(&g);
	assert_int_equal(g.sent[CALL_KEY], 1);
	assert_int_equal(g.sent[CALL_REGISTRY], 2);
}

static void after_a_suspend_all_is_read_again(void **state)
{
	(void)state;
	settled(4, "");
	step(9 * HOUR);
	engine_tick(g.engine, g.now);
	rig_drain(&g);
	assert_string_not_equal(rig_summary(&g, "state"), "ok");
	rig_run(&g, 11 * SECOND);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	assert_in_range(g.sent[CALL_KEY], 2, 3);
	assert_int_equal(g.sent[CALL_LIST], 2);
}

static void azure_s_clock_counts(void **state)
{
	(void)state;
	begin(1, "");
	g.ahead = 2 * HOUR;
	rig_newer(&g, V2, RIG_NOW + 2 * HOUR - MINUTE);
	g.hold = 1u << CALL_PATCH;
	rig_tick(&g);
	rig_run(&g, SECOND);
	/* Effective a minute ago on its clock, two hours ahead on ours. */
	assert_in_range(rig_date(&g, rig_registry(&g, 0, "deadline")), 58 * 60,
			59 * 60);
	assert_string_equal(rig_summary(&g, "clock_offset_ms"), "-7200000");
	assert_int_equal(g.told[NOTE_CLOCK], 1);
	assert_non_null(strstr(rig_said(&g, NOTE_CLOCK)->text, "behind"));
	assert_int_equal(engine_now(g.engine, g.now), rig_azure(&g));
}

static void a_clock_that_is_wrong_is_not_ok(void **state)
{
	(void)state;
	begin(1, "");
	g.ahead = -301 * SECOND;
	rig_tick(&g);
	assert_string_equal(rig_registry(&g, 0, "state"), "current");
	assert_string_equal(rig_summary(&g, "state"), "degraded");
	assert_non_null(strstr(rig_summary(&g, "reason"), "minutes between"));
	assert_non_null(strstr(rig_said(&g, NOTE_CLOCK)->text, "ahead of"));
	rig_stop(&g);
	begin(1, "");
	g.ahead = -299 * SECOND;
	rig_tick(&g);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	assert_int_equal(g.told[NOTE_CLOCK], 0);
}

static void steps_of_our_clock_move_no_deadline(void **state)
{
	static const int64_t steps[] = { 5 * HOUR, -11 * HOUR, 300 * DAY };

	(void)state;
	begin(1, "");
	g.hold = 1u << CALL_PATCH;
	rig_newer(&g, V2, RIG_NOW - MINUTE);
	rig_tick(&g);
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		int64_t before = rig_date(&g, rig_registry(&g, 0, "deadline"));

		g.now.wall += steps[i];
		g.ahead -= steps[i];
		engine_tick(g.engine, g.now);
		rig_drain(&g);
		assert_int_equal(rig_date(&g, rig_registry(&g, 0, "deadline")),
				 before);
		assert_string_not_equal(rig_registry(&g, 0, "state"),
					"overdue");
	}
}

/* ---- commands ---- */

static void poll_now(void **state)
{
	(void)state;
	settled(1, "");
	hold(CALL_KEY);
	assert_int_equal(engine_poll(g.engine, NULL, g.now), 1);
	rig_drain(&g);
	assert_int_equal(rig_waiting(&g, CALL_KEY), 1);
	/* One is on its way: not a second. */
	assert_int_equal(engine_poll(g.engine, RIG_KEY, g.now), 1);
	rig_drain(&g);
	assert_int_equal(rig_waiting(&g, CALL_KEY), 1);
	assert_int_equal(engine_poll(g.engine, RIG_OTHER_KEY, g.now), 0);
	assert_int_equal(engine_poll(g.engine, "", g.now), 0);
	assert_int_equal(engine_poll(g.engine,
				     "HTTPS://contoso.VAULT.azure."
				     "net/keys/acr-cmk",
				     g.now),
			 1);
}

static void registries_are_found_by_name(void **state)
{
	size_t n;

	(void)state;
	begin(12, "");
	assert_non_null(engine_find(g.engine, "registry1", &n));
	assert_int_equal(n, 1);
	assert_ptr_equal(engine_find(g.engine, "REGISTRY1", &n),
			 engine_find(g.engine, rig_id(1), &n));
	assert_ptr_equal(engine_find(g.engine, "prod/registry1", &n),
			 engine_find(g.engine, rig_id(1), &n));
	assert_null(engine_find(g.engine, "registry", &n));
	assert_int_equal(n, 0);
	assert_null(engine_find(g.engine, "", &n));
	assert_null(engine_find(g.engine, "/registry1", &n));
	assert_int_equal(n, 0);
}

static void a_name_may_be_ambiguous(void **state)
{
	size_t n;

	(void)state;
	rig_start(&g,
		  text_printf("watch \"" RIG_KEY
			      "\" { registries = { \"%s\", \"%s\" } }",
			      rig_id(1),
			      "/subscriptions/99999999-2222-3333-4444-"
			      "555555555555/resourceGroups/dr/providers/"
			      "Microsoft.ContainerRegistry/registries/"
			      "Registry1"),
		  2);
	assert_null(engine_find(g.engine, "registry1", &n));
	assert_int_equal(n, 2);
	assert_non_null(engine_find(g.engine, "99999999/registry1", &n));
	assert_non_null(engine_find(g.engine, "DR/Registry1", &n));
	assert_non_null(engine_find(g.engine, "9999/dr/registry1", &n));
	assert_null(engine_find(g.engine, "9999/prod/registry1", &n));
	assert_null(engine_find(g.engine, "999/registry1", &n));
	assert_null(engine_find(g.engine, "/registry1", &n));
	assert_int_equal(n, 0);
	assert_non_null(engine_find(g.engine, rig_id(1), &n));
	assert_int_equal(n, 1);
	/* Two subscriptions: two budgets, one token. */
	g.hold = ~(1u << CALL_TOKEN);
	rig_tick(&g);
	assert_int_equal(g.sent[CALL_TOKEN], 2);
}

/* ---- reload ---- */

static void reload(char *text)
{
	engine_reload(g.engine, rig_parse(text), g.now);
	free(text);
	rig_drain(&g);
	rig_answer(&g);
}

static void the_same_file_changes_nothing(void **state)
{
	char verified[40];

	(void)state;
	settled(2, "");
	text_copy(verified, sizeof(verified),
		  rig_registry(&g, 0, "verified_at"));
	step(10 * SECOND);
	hold(CALL_REGISTRY);
	reload(rig_config("", RIG_KEY, "", 0, 2));
	assert_string_equal(rig_summary(&g, "state"), "ok");
	assert_string_equal(rig_registry(&g, 0, "verified_at"), verified);
	assert_int_equal(g.sent[CALL_TOKEN], 2);
	assert_int_equal(g.told[NOTE_RELOAD], 1);
	let_go(CALL_REGISTRY);
	rig_answer(&g);
	rig_run(&g, HOUR);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	assert_int_equal(g.told[NOTE_DRIFT], 0);
}

static void registries_come_and_go(void **state)
{
	(void)state;
	rig_start(&g, rig_config("", RIG_KEY, "", 0, 2), 6);
	rig_tick(&g);
	reload(rig_config("", RIG_KEY, "", 1, 5));
	assert_string_equal(rig_registry(&g, 0, "state"), "null");
	rig_run(&g, SECOND);
	for (unsigned i = 1; i < 6; i++)
		assert_string_equal(rig_registry(&g, i, "state"), "current");
	assert_string_equal(rig_summary(&g, "registries"), "5");
	assert_string_equal(rig_summary(&g, "state"), "ok");
	assert_int_equal(g.sent[CALL_LIST], 1);
	reload(rig_config("", RIG_KEY, "", 1, 1));
	rig_run(&g, HOUR);
	assert_string_equal(rig_summary(&g, "registries"), "1");
	assert_string_equal(rig_summary(&g, "state"), "ok");
}

static void all_may_go(void **state)
{
	(void)state;
	settled(4, "");
	g.may_lose = true;
	hold(CALL_KEY);
	rig_until(&g, CALL_KEY, 2 * MINUTE);
	reload(text_dup(""));
	assert_string_equal(rig_summary(&g, "keys"), "0");
	assert_string_equal(rig_summary(&g, "registries"), "0");
	/* What was asked for them is taken back. */
	assert_int_equal(g.cancels, 1);
	let_go(CALL_KEY);
	rig_run(&g, DAY);
	assert_int_equal(g.n_asked, 0);
	reload(rig_config("", RIG_KEY, "", 0, 4));
	rig_run(&g, SECOND);
	assert_string_equal(rig_summary(&g, "state"), "ok");
}

static void a_registry_moves_to_another_key(void **state)
{
	(void)state;
	settled(1, "");
	hold(CALL_REGISTRY);
	reload(rig_config("", RIG_OTHER_KEY, "", 0, 1));
	/* What was read was about another key. */
	assert_string_not_equal(rig_registry(&g, 0, "state"), "current");
	assert_string_equal(rig_registry(&g, 0, "key"), RIG_OTHER_KEY);
	assert_string_equal(rig_summary(&g, "keys"), "1");
	let_go(CALL_REGISTRY);
	rig_answer(&g);
	rig_run(&g, SECOND);
	assert_string_equal(rig_registry(&g, 0, "state"), "blocked");
	assert_non_null(strstr(rig_registry(&g, 0, "reason"), RIG_KEY));
	assert_int_equal(g.sent[CALL_PATCH], 0);
}

static void another_credential_means_other_tokens(void **state)
{
	static const char top[] =
		"credential \"new\" { type = \"managed-identity\" client-id ="
		" \"22222222-3333-4444-5555-666666666666\" }";

	(void)state;
	settled(1, "");
	assert_string_equal(g.last[CALL_REGISTRY].credential, "default");
	reload(rig_config(top, RIG_KEY, "credential = \"new\"", 0, 1));
	rig_run(&g, 6 * MINUTE);
	assert_int_equal(g.sent[CALL_TOKEN], 4);
	assert_string_equal(g.last[CALL_TOKEN].credential, "new");
	assert_string_equal(g.last[CALL_KEY].credential, "new");
	assert_string_equal(g.last[CALL_REGISTRY].credential, "new");
	assert_string_equal(rig_summary(&g, "state"), "ok");
}

static void a_reload_tries_failed_tokens_at_once(void **state)
{
	(void)state;
	begin(1, "");
	break_calls(CALL_TOKEN, FAULT_LOCAL, 2);
	rig_tick(&g);
	rig_run(&g, HOUR);
	mend(CALL_TOKEN);
	reload(rig_config("", RIG_KEY, "", 0, 1));
	rig_run(&g, SECOND);
	assert_string_equal(rig_summary(&g, "state"), "ok");
}

static void a_shorter_interval_counts_at_once(void **state)
{
	(void)state;
	settled(1, "");
	reload(rig_config("reread-interval = \"20s\" poll-interval = \"5s\"",
			  RIG_KEY, "", 0, 1));
	/* Not even the first one is waited for by the old intervals. */
	memset(g.sent, 0, sizeof(g.sent));
	rig_run(&g, 100 * SECOND);
	assert_in_range(g.sent[CALL_KEY], 19, 21);
	assert_in_range(g.sent[CALL_REGISTRY], 5, 8);
	assert_string_equal(rig_summary(&g, "state"), "ok");
}

static void reloads_in_any_state(void **state)
{
	(void)state;
	begin(6, "");
	g.may_lose = true;
	for (unsigned i = 0; i < 60; i++) {
		unsigned from = i % 4, n = 1 + i * 7 % 5;

		if (from + n > 6)
			n = 6 - from;
		g.hold = i % 8;
		if (i % 11 == 5)
			reload(rig_config("", RIG_KEY "/" V1, "", from, n));
		else
			reload(rig_config("", RIG_KEY,
					  i % 3 ? "" : "mode = \"pin\"", from,
					  n));
		rig_run(&g, (i % 5) * 7 * SECOND);
		if (i == 30)
			rig_newer(&g, V2, rig_azure(&g));
	}
	g.hold = 0;
	reload(rig_config("", RIG_KEY, "", 0, 6));
	rig_run(&g, 30 * MINUTE);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	for (unsigned i = 0; i < 6; i++)
		assert_string_equal(rig_registry(&g, i, "version_in_use"), V2);
}

/* ---- the end ---- */

static void it_ends_with_all_in_the_air(void **state)
{
	(void)state;
	begin(5, "");
	g.hold = ~0u;
	rig_tick(&g);
	rig_stop(&g);
	engine_free(NULL);
	begin(2, "");
	/* Actions that nobody fetched. */
	engine_tick(g.engine, g.now);
}

#define TEST(f) cmocka_unit_test_teardown(f, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_first_pass_asks_each_thing_once),
		TEST(either_answer_may_come_first),
		TEST(one_read_for_a_key_of_many),
		TEST(nothing_to_watch),
		TEST(a_401_is_answered_by_one_new_token),
		TEST(many_401_are_one_new_token),
		TEST(a_401_of_an_old_token_asks_for_none),
		TEST(a_challenge_names_the_audience),
		TEST(tokens_are_renewed_early),
		TEST(an_old_token_serves_until_its_end),
		TEST(without_a_token_all_is_unreachable),
		TEST(two_registries_are_asked_each),
		TEST(one_that_is_not_listed_is_asked_itself),
		TEST(a_registry_that_moved_is_followed),
		TEST(a_listed_registry_that_moved_is_followed),
		TEST(one_that_is_gone_is_sought_now_and_then),
		TEST(a_group_in_other_letters_is_no_move),
		TEST(a_corrected_id_is_taken_over),
		TEST(only_a_get_says_missing),
		TEST(every_page_is_followed),
		TEST(pages_in_a_circle_end_at_once),
		TEST(empty_pages_that_go_on_are_fine),
		TEST(strangers_in_the_list_are_no_matter),
		TEST(a_list_that_is_denied_is_done_without),
		TEST(a_list_that_fails_is_tried_again),
		TEST(a_list_is_asked_for_when_azure_answers_again),
		TEST(strange_tickets_are_dropped),
		TEST(a_reply_counts_once),
		TEST(a_reply_that_never_comes_is_given_up),
		TEST(no_more_in_flight_than_allowed),
		TEST(budgets_are_kept),
		TEST(retry_after_is_honoured),
		TEST(retry_after_is_bounded),
		TEST(a_throttled_vault_rests_for_all),
		TEST(a_silent_429_closes_longer_and_longer),
		TEST(the_server_s_count_is_heeded),
		TEST(the_first_success_wakes_the_rest),
		TEST(an_outage_is_not_hammered),
		TEST(a_stale_key_is_never_ok),
		TEST(a_key_is_stale_before_it_is_asked),
		TEST(a_stale_registry_is_never_ok),
		TEST(a_key_unread_for_a_window_has_failed),
		TEST(unread_and_past_its_deadline_has_failed),
		TEST(it_starts_until_all_was_heard_of),
		TEST(another_identity_than_configured_is_not_ok),
		TEST(what_observes_rotates_until_the_deadline),
		TEST(what_azure_moves_before_the_poll_is_not_late),
		TEST(one_unread_of_many_is_not_ok),
		TEST(a_version_in_use_that_is_disabled_has_failed),
		TEST(wake_and_overdue),
		TEST(time_that_stands_still_asks_nothing),
		TEST(after_a_suspend_all_is_read_again),
		TEST(azure_s_clock_counts),
		TEST(a_clock_that_is_wrong_is_not_ok),
		TEST(steps_of_our_clock_move_no_deadline),
		TEST(poll_now),
		TEST(registries_are_found_by_name),
		TEST(a_name_may_be_ambiguous),
		TEST(the_same_file_changes_nothing),
		TEST(registries_come_and_go),
		TEST(all_may_go),
		TEST(a_registry_moves_to_another_key),
		TEST(another_credential_means_other_tokens),
		TEST(a_reload_tries_failed_tokens_at_once),
		TEST(a_shorter_interval_counts_at_once),
		TEST(reloads_in_any_state),
		TEST(it_ends_with_all_in_the_air),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
