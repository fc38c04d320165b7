/* engine/adopt: whoever retires costs little, however many there are.  Counted
 * in looks at registries and watches, for a clock tells something else on each
 * machine. */
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
#include "config/config.h"
#include "engine/departed.h"
#include "engine/engine.h"
#include "engine/model.h"

#define TEXT_MAX (8u << 20)
#define MANY 4000
/* For each; a walk over all of them would be thousands. */
#define LOOKS_MAX 200
#define ID                                                           \
	"/subscriptions/11111111-2222-3333-4444-555555555555/"       \
	"resourceGroups/prod/providers/Microsoft.ContainerRegistry/" \
	"registries/contoso"

static struct instant now = { .boot = 5000000, .wall = INT64_C(1772366400000) };

/* n registries on so many keys of one vault, and one that stays. */
static struct config *fleet(unsigned n, unsigned keys)
{
	struct config_source s = { .name = "keyrotd.conf" };
	struct config *c;
	struct buf b;

	buf_init(&b, TEXT_MAX);
	for (unsigned k = 0; k < keys; k++) {
		buf_printf(&b,
			   "watch \"https://contoso.vault.azure.net/keys/"
			   "cmk%05u\" {\n    registries = {\n",
			   k);
		for (unsigned i = k; i < n; i += keys)
			buf_printf(&b, "%s\"" ID "%05u\"\n", i == k ? "" : ",",
				   i);
		buf_puts(&b, "    }\n}\n");
	}
	buf_puts(&b, "watch \"https://contoso.vault.azure.net/keys/stays\" "
		     "{ registries = {\"" ID "stays\"} }\n");
	s.text = buf_str(&b);
	s.len = b.len;
	c = config_parse(&s, 1, NULL, NULL, NULL);
	assert_non_null(c);
	buf_free(&b);
	return c;
}

static void drain(struct engine *e)
{
	struct action a;

	while (engine_action(e, &a))
		;
}

/* All have a write under way when the file names them no more. */
static struct engine *retiring(unsigned n, unsigned keys,
			       struct registry ***all)
{
	struct engine *e = engine_new(fleet(n, keys), 1, 0, now);

	*all = text_alloc(n, sizeof(struct registry *));
	for (unsigned i = 0; i < n; i++) {
		(*all)[i] = e->by_id[i];
		e->by_id[i]->phase = PHASE_POLL;
		e->n_writes++;
	}
	engine_reload(e, fleet(0, 0), now);
	drain(e);
	assert_int_equal(e->n_registries, n + 1);
	return e;
}

static void write_ends(struct engine *e, struct registry *r)
{
	r->phase = PHASE_IDLE;
	e->n_writes--;
	model_mark(e, r, MARK_LOOK);
}

/* Looks until all have gone, so many of them in each turn. */
static uint64_t looks(unsigned n, unsigned keys, unsigned at_once)
{
	struct registry **all;
	struct engine *e = retiring(n, keys, &all);
	uint64_t before = e->looks, took;

	for (unsigned i = 0; i < n; i += at_once) {
		for (unsigned k = i; k < n && k < i + at_once; k++)
			write_ends(e, all[k]);
		engine_tick(e, now);
		drain(e);
	}
	took = e->looks - before;
	assert_int_equal(e->n_registries, 1);
	assert_int_equal(e->n_watches, 1);
	assert_int_equal(e->n_by_key, 1);
	assert_ptr_equal(e->by_key[0]->sibling, e->by_key[0]);
	engine_free(e);
	free(all);
	return took;
}

static void costs_little(unsigned keys, unsigned at_once)
{
	assert_in_range(looks(MANY, keys, at_once), MANY, LOOKS_MAX * MANY);
}

static void each_with_its_key(void **state)
{
	(void)state;
	costs_little(MANY, 1);
}

static void ten_of_a_key(void **state)
{
	(void)state;
	costs_little(MANY / 10, 1);
}

static void many_at_once(void **state)
{
	(void)state;
	costs_little(MANY, 100);
	costs_little(MANY, MANY);
}

/* Who was on one version does not stand in the way of who asks for another;
 * each is found. */
static void the_departed_are_found(void **state)
{
	static const char base[] = "https://contoso.vault.azure.net/keys/cmk";
	struct engine *e = engine_new(fleet(0, 0), 1, 0, now);
	const struct departed *who[4];
	char id[300];

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		snprintf(id, sizeof(id), ID "%u", i);
		departed_keep(e, id, base, "11111111111111111111111111111111",
			      -1, NULL);
	}
	assert_true(departed_any(e, base, "11111111111111111111111111111111"));
	assert_false(departed_any(e, base, "22222222222222222222222222222222"));
	assert_int_equal(departed_find(e, base,
				       "11111111111111111111111111111111", who,
				       4),
			 3);
	/* Azure did not tell which; and of whatever key. */
	departed_keep(e, ID "x", base, "", -1, NULL);
	departed_keep(e, ID "y", NULL, "22222222222222222222222222222222", -1,
		      NULL);
	assert_int_equal(departed_find(e, base,
				       "22222222222222222222222222222222", who,
				       4),
			 2);
	assert_int_equal(departed_find(e, base, "", who, 4), 1);
	assert_string_equal(who[0]->id, ID "x");
	assert_int_equal(departed_find(e, base,
				       "11111111111111111111111111111111", who,
				       1),
			 4);
	departed_drop(e, ID "x");
	departed_drop(e, ID "y");
	assert_false(departed_any(e, base, "22222222222222222222222222222222"));
	engine_free(e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_with_its_key),
		cmocka_unit_test(ten_of_a_key),
		cmocka_unit_test(many_at_once),
		cmocka_unit_test(the_departed_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
