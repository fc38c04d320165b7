/* The table of what can be listed, and its words in sentences. */
#include "ctl/kinds.h"

#include <string.h>

#include "base/buf.h"
#include "base/text.h"

#define WORDS_BYTES_MAX 512

static const char *const key_states[] = { "usable", "unusable", "unreachable",
					  "unknown", NULL };

static const char *const registry_states[] = {
	"current", "rotating", "verifying",   "held",	 "blocked",
	"paused",  "unknown",  "unreachable", "overdue", NULL,
};

static const struct kind_order key_orders[] = {
	{ "harm", ROWS_BY_HARM },
	{ "id", ROWS_AS_TOLD },
	{ "name", ROWS_BY_NAME },
	{ "effective", ROWS_BY_EFFECTIVE },
	{ "polled", ROWS_BY_POLLED },
	{ "next", ROWS_BY_NEXT },
	{ NULL, 0 },
};

static const struct kind_order registry_orders[] = {
	{ "id", ROWS_AS_TOLD },		  { "harm", ROWS_BY_HARM },
	{ "name", ROWS_BY_NAME },	  { "deadline", ROWS_BY_DEADLINE },
	{ "verified", ROWS_BY_VERIFIED }, { NULL, 0 },
};

static const struct kind kinds[] = {
	{ "keys", "key", true, rows_key_columns, key_states, key_orders,
	  lists_keys, rows_begin_key, rows_key, rows_finish_keys },
	{ "registries", "registry", false, rows_registry_columns,
	  registry_states, registry_orders, lists_registries, rows_begin,
	  rows_registry, rows_finish },
};

const struct kind *kinds_find(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	}
	return NULL;
}

/* The words that word(k, 0), word(k, 1) and so on are, until NULL. */
static char *joined(const struct kind *k,
		    const char *(*word)(const struct kind *k, size_t i))
{
	struct buf b;
	char *all;

	buf_init(&b, WORDS_BYTES_MAX);
	for (size_t i = 0; word(k, i); i++)
		buf_printf(&b, "%s%s",
			   !i		    ? ""
			   : word(k, i + 1) ? ", "
					    : " and ",
			   word(k, i));
	all = text_dup(buf_str(&b));
	buf_free(&b);
	text_lower(all);
	return all;
}

static const char *state_at(const struct kind *k, size_t i)
{
	return k->states[i];
}

static const char *order_at(const struct kind *k, size_t i)
{
	return k->orders[i].name;
}

static const char *column_at(const struct kind *k, size_t i)
{
	return k->columns[i].head;
}

char *kinds_states(const struct kind *k)
{
	return joined(k, state_at);
}

char *kinds_orders(const struct kind *k)
{
	return joined(k, order_at);
}

char *kinds_columns(const struct kind *k)
{
	return joined(k, column_at);
}
