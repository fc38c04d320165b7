/* Who led when, by the events of each daemon. */
#include "ctl/history_turns.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static bool is_before(const struct history *h, int64_t time)
{
	return h->from >= 0 && time < h->from;
}

/* Of which lease it is: a record names that only in its sentence. */
static const char *lease_in(const char *text, size_t *len)
{
	static const char word[] = "lease \"";
	const char *name = strstr(text, word);

	name = name ? name + sizeof(word) - 1 : "";
	*len = strcspn(name, "\"");
	return name;
}

static bool of_one_lease(const char *a, const char *b)
{
	size_t n_a, n_b;

	a = lease_in(a, &n_a);
	b = lease_in(b, &n_b);
	return n_a == n_b && !memcmp(a, b, n_a);
}

const char *history_turns_role(const char *event)
{
	static const char *const roles[] = { "leader", "standby", "alone" };

	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		if (!strcmp(event, roles[i]))
			return roles[i];
	return NULL;
}

static bool leads(const struct history_turn *x)
{
	return !strcmp(x->role, "leader");
}

/* An earlier word that this one ends: its daemon's own, and that another one
 * leads, for one lease has one holder. */
static bool is_ended(const struct history_turn *old,
		     const struct history_turn *by)
{
	return of_one_lease(old->text, by->text) &&
	       (old->source == by->source || (leads(old) && leads(by)));
}

/* Drop the earlier words that `by` ends, or, without it, all of one daemon. */
static void drop(struct history *h, unsigned source,
		 const struct history_turn *by)
{
	size_t kept = 0;

	for (size_t i = 0; i < h->n_turns; i++) {
		struct history_turn *x = &h->turns[i];

		if (is_before(h, x->time) &&
		    (by ? is_ended(x, by) : x->source == source))
			free(x->text);
		else
			h->turns[kept++] = *x;
	}
	h->n_turns = kept;
}

void history_turns_add(struct history *h, const char *role,
		       const struct chain_record *r)
{
	const char *text = json_get_str(r->root, "text");
	struct history_turn turn = { .time = r->time,
				     .source = (uint8_t)h->source,
				     .role = role };

	if (h->n_turns == HISTORY_TURNS_MAX) {
		h->left_out++;
		return;
	}
	turn.text = text_dup(text ? text : "");
	if (is_before(h, r->time))
		drop(h, h->source, &turn);
	h->turns = text_grow(h->turns, h->n_turns, sizeof(*h->turns));
	h->turns[h->n_turns++] = turn;
}

void history_turns_over(struct history *h, int64_t time)
{
	if (is_before(h, time))
		drop(h, h->source, NULL);
}

void history_turns_free(struct history *h)
{
	for (size_t i = 0; i < h->n_turns; i++)
		free(h->turns[i].text);
	free(h->turns);
	h->turns = NULL;
	h->n_turns = 0;
}
