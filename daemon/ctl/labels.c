/*
 * Puts registries of one name side by side, and says as much of their ids as
 * tells them apart.
 */
#include "ctl/labels.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "azure/resid.h"
#include "base/text.h"
#include "ctl/words.h"

#define SUBSCRIPTION_DIGITS 8
/* So many namesakes are held against each other; of more each is its id. */
#define NAMESAKES_MAX 1000

struct entry {
	const char *id;
	size_t at;
};

static int by_name(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int c = strcasecmp(words_registry(x->id), words_registry(y->id));

	return c ? c : (x->at > y->at) - (x->at < y->at);
}

static bool group_of(const char *id, struct resid *r)
{
	struct fault f;

	return resid_parse(r, id, &f);
}

static bool same_group(const struct resid *a, const struct resid *b)
{
	return a->group_len == b->group_len &&
	       !strncasecmp(a->group, b->group, a->group_len);
}

/* One of several of a name; the others are all, n of them. */
static char *tell_apart(const struct entry *one, const struct entry *all,
			size_t n)
{
	struct resid mine, other;
	bool group = true, digits = true;

	if (n > NAMESAKES_MAX || !group_of(one->id, &mine))
		return text_dup(one->id);
	for (size_t i = 0; i < n; i++) {
		if (&all[i] == one || !group_of(all[i].id, &other) ||
		    !same_group(&mine, &other))
			continue;
		group = false;
		if (!strncmp(mine.subscription, other.subscription,
			     SUBSCRIPTION_DIGITS))
			digits = false;
	}
	if (group)
		return text_printf("%.*s/%.*s", (int)mine.group_len, mine.group,
				   (int)mine.name_len, mine.name);
	return text_printf("%.*s/%.*s/%.*s", digits ? SUBSCRIPTION_DIGITS : 36,
			   mine.subscription, (int)mine.group_len, mine.group,
			   (int)mine.name_len, mine.name);
}

void labels_make(const char *const *ids, char **labels, size_t n)
{
	struct entry *all = text_alloc(n + 1, sizeof(*all));
	size_t end;

	for (size_t i = 0; i < n; i++)
		all[i] = (struct entry){ ids[i], i };
	qsort(all, n, sizeof(*all), by_name);
	for (size_t i = 0; i < n; i = end) {
		const char *name = words_registry(all[i].id);

		for (end = i + 1; end < n; end++)
			if (strcasecmp(name, words_registry(all[end].id)) != 0)
				break;
		for (size_t k = i; k < end; k++)
			labels[all[k].at] =
				end - i == 1
					? text_dup(name)
					: tell_apart(&all[k], &all[i], end - i);
	}
	free(all);
}
