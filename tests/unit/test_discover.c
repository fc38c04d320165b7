/* engine/discover: what a search asks, in which portions, and how it ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "engine/engine.h"
#include "engine_help.h"

#define OTHER "99999999-2222-3333-4444-555555555555"

static struct rig g;
static char found[4096]; /* what was handed out, a word for each */

/* Four registries, of which two are watched, and no LIST of the daemon's own.
 */
static int set_up(void **state)
{
	(void)state;
	rig_start(&g, rig_config("", RIG_KEY, "", 0, 2), 4);
	rig_run(&g, MINUTE);
	g.order[0] = found[0] = '\0';
	memset(g.sent, 0, sizeof(g.sent));
	return 0;
}

static int over(void **state)
{
	(void)state;
	rig_stop(&g);
	return 0;
}

static bool begin(const char *subscription, const char *credential)
{
	struct fault f = fault_none();
	bool ok =
		engine_discover(g.engine, subscription, credential, g.now, &f);

	assert_int_equal(ok, f.kind == FAULT_NONE);
	return ok;
}

static void add(const char *word)
{
	size_t len = strlen(found);

	text_copy(found + len, sizeof(found) - len, word);
}

static bool take_one(void)
{
	struct discovered x;

	if (!engine_discovered(g.engine, &x))
		return false;
	if (x.registry && !x.watch)
		add(x.key_watched ? "beside " : "bare ");
	else if (x.registry)
		add("watched ");
	else
		add(x.in->fault.kind == FAULT_NONE ? "end " : x.in->fault.text);
	return true;
}

static bool is_over(void)
{
	size_t done, all;

	return engine_searched(g.engine, &done, &all);
}

static void search(int64_t ms)
{
	for (int64_t t = 0; t <= ms && !is_over(); t += SECOND) {
		for (int i = 0; i < 10; i++) {
			while (take_one())
				;
			rig_tick(&g);
		}
		if (!is_over() && ms)
			rig_run(&g, SECOND);
	}
}

static void what_there_is(void **state)
{
	(void)state;
	assert_true(begin(NULL, NULL));
	search(0);
	assert_true(is_over());
	assert_string_equal(found, "watched watched beside beside end ");
	assert_string_equal(g.order, "L");
	engine_search_end(g.engine);
	assert_true(is_over());
	assert_false(take_one());
}

static void elsewhere(void **state)
{
	(void)state;
	assert_true(begin(OTHER, "default"));
	search(0);
	assert_true(is_over());
	assert_string_equal(g.last[CALL_LIST].credential, "default");
	engine_search_end(g.engine);
	assert_false(begin("prod", NULL));
	assert_false(begin(NULL, "nobody"));
}

static void one_at_a_time(void **state)
{
	(void)state;
	g.may_lose = true;
	assert_true(begin(NULL, NULL));
	assert_false(begin(NULL, NULL));
	rig_drain(&g);
	engine_search_end(g.engine);
	rig_drain(&g);
	assert_int_equal(g.cancels, 1);
	assert_true(begin(NULL, NULL));
	search(0);
	assert_true(is_over());
	assert_non_null(strstr(found, "end "));
}

static void a_passing_fault_is_none(void **state)
{
	(void)state;
	fault_set(&g.faults[CALL_LIST], FAULT_TRANSIENT, 503, "Busy.");
	assert_true(begin(NULL, NULL));
	search(0);
	assert_false(is_over());
	g.faults[CALL_LIST] = fault_none();
	search(5 * SECOND);
	assert_true(is_over());
	assert_string_equal(found, "watched watched beside beside end ");
	assert_string_equal(g.order, "LL");
}

static void a_refusal_is_told(void **state)
{
	(void)state;
	fault_set(&g.faults[CALL_LIST], FAULT_DENIED, 403, "No.");
	assert_true(begin(NULL, NULL));
	search(0);
	assert_true(is_over());
	assert_string_equal(found, "No.");
	assert_string_equal(g.order, "L");
}

static void it_ends_without_an_answer(void **state)
{
	(void)state;
	g.may_lose = true;
	g.hold = 1u << CALL_LIST;
	assert_true(begin(NULL, NULL));
	search(10 * MINUTE);
	assert_true(is_over());
	assert_null(strstr(found, "end "));
	assert_true(strlen(found) > 10);
}

/* A page with one registry, and a link to the next one. */
static void put_page(const char *next)
{
	struct asked *a = rig_find(&g, CALL_LIST, NULL);
	struct reply r;

	assert_non_null(a);
	r = rig_reply(&g, a);
	r.list.items = text_alloc(1, sizeof(*r.list.items));
	r.list.items[0].id = text_dup(rig_id(3));
	r.list.items[0].view = rig_view(V1);
	r.list.n = 1;
	r.list.next_url = text_dup(next);
	rig_put(&g, a, &r);
}

static void no_page_ahead_of_what_is_taken(void **state)
{
	(void)state;
	g.hold = 1u << CALL_LIST;
	assert_true(begin(NULL, NULL));
	rig_drain(&g);
	put_page("https://management.azure.com/a");
	rig_run(&g, MINUTE);
	assert_int_equal(g.sent[CALL_LIST], 1);
	assert_true(take_one());
	assert_false(take_one());
	rig_tick(&g);
	assert_int_equal(g.sent[CALL_LIST], 2);
	assert_string_equal(g.last[CALL_LIST].url,
			    "https://management.azure.com/a");
	/* It leads back to itself. */
	put_page("https://management.azure.com/a");
	assert_true(take_one());
	assert_true(take_one());
	assert_non_null(strstr(found, "leads back to page 2"));
	assert_true(is_over());
}

/* A reload takes the watch away while a page is told. */
static void a_reload_between(void **state)
{
	char *text = rig_config("", RIG_OTHER_KEY, "", 2, 1);

	(void)state;
	assert_true(begin(NULL, NULL));
	rig_drain(&g);
	rig_answer(&g);
	assert_true(take_one());
	engine_reload(g.engine, rig_parse(text), g.now);
	free(text);
	g.may_lose = true;
	search(5 * SECOND);
	assert_true(is_over());
	assert_string_equal(found, "watched bare watched bare end ");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, over)
	const struct CMUnitTest tests[] = {
		TEST(what_there_is),
		TEST(elsewhere),
		TEST(one_at_a_time),
		TEST(a_passing_fault_is_none),
		TEST(a_refusal_is_told),
		TEST(it_ends_without_an_answer),
		TEST(no_page_ahead_of_what_is_taken),
		TEST(a_reload_between),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
