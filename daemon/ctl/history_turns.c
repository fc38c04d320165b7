/* Who led when, by the events of each daemon. */
#include "ctl/history_turns.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static bool is_before(const struct history *h, int64_t time)
{
	return h->from >= 0 && time < h->from;
}

/* The name of its lease: some records tell that only in their sentence. */
static const char *lease_of(const struct history_turn *x, size_t *len)
{
	static const char word[] = "lease \"";
	const char *name = x->lease;

	if (!name && (name = strstr(x->text, word)))
		name += sizeof(word) - 1;
	name = name ? name : "";
	*len = strcspn(name, "\"");
	return name;
}

/* One blob has one lease, whatever the file of each daemon calls it. */
static bool of_one_lease(const struct history_turn *x,
			 const struct history_turn *y)
{
	const char *a, *b;
	size_t n_a, n_b;

	if (x->blob && y->blob)
		return !strcmp(x->blob, y->blob);
	a = lease_of(x, &n_a);
	b = lease_of(y, &n_b);
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
	return of_one_lease(old, by) &&
	       (old->source == by->source || (leads(old) && leads(by)));
}

static void turn_free(struct history_turn *x)
{
	free(x->text);
	free(x->lease);
	free(x->blob);
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
			turn_free(x);
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
	turn.lease = text_dup(json_get_str(r->root, "lease"));
	turn.blob = text_dup(json_get_str(r->root, "blob"));
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
		turn_free(&h->turns[i]);
	free(h->turns);
	h->turns = NULL;
	h->n_turns = 0;
}
