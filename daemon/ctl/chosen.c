/* Judges the words of the options that all lists take. */
#include "ctl/chosen.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "ctl/args.h"

#define SHOWN_MAX 64 /* bytes of a bad word */

/* What an option takes (words, freed here), and what it does not. */
static char *refusal(const char *takes, char *words, const char *bad,
		     size_t len)
{
	char *all = text_printf("%s %s; not \"%.*s\".", takes, words,
				len < SHOWN_MAX ? (int)len : SHOWN_MAX, bad);

	free(words);
	return all;
}

static bool is_word(const char *word, size_t len, const char *one)
{
	return strlen(one) == len && !strncmp(word, one, len);
}

bool chosen_state(const struct args *a, const char *state)
{
	const char *word = a->states;
	size_t len;

	for (; word && state; word += len + 1) {
		len = strcspn(word, ",");
		if (is_word(word, len, state))
			return true;
		if (!word[len])
			break;
	}
	return !a->states;
}

static char *state_problem(const struct args *a, const struct kind *k)
{
	const char *word = a->states;
	size_t len, i;

	for (; word; word += len + 1) {
		len = strcspn(word, ",");
		for (i = 0; k->states[i]; i++)
			if (is_word(word, len, k->states[i]))
				break;
		if (!k->states[i])
			return refusal("--state takes one or more of",
				       kinds_states(k), word, len);
		if (!word[len])
			break;
	}
	return NULL;
}

/* The row of --sort; its end: there is none. */
static const struct kind_order *order_of(const struct args *a,
					 const struct kind *k)
{
	const struct kind_order *o = k->orders;

	while (a->sort && o->name && strcmp(o->name, a->sort) != 0)
		o++;
	return o;
}

enum rows_sort chosen_order(const struct args *a, const struct kind *k)
{
	return order_of(a, k)->by;
}

static char *column_problem(const struct args *a, const struct kind *k)
{
	char *problem = NULL;
	struct table t;
	const char *bad;
	size_t len;

	table_init(&t, k->columns);
	if (a->columns && !table_choose(&t, a->columns, &bad, &len))
		problem = refusal("--columns takes each of these once:",
				  kinds_columns(k), bad, len);
	table_free(&t);
	return problem;
}

char *chosen_problem(const struct args *a, const struct kind *k)
{
	char *problem = state_problem(a, k);

	if (!problem && !order_of(a, k)->name)
		problem = refusal("--sort takes one of", kinds_orders(k),
				  a->sort, strlen(a->sort));
	return problem ? problem : column_problem(a, k);
}
