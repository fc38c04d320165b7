/* Things that may stand only once, compared without case: found by sorting. */
#include "config/check_unique.h"

#include <stdlib.h>
#include <strings.h>

#include "base/text.h"

/* By hash, which is quick, then by text, which is right whatever the hashes,
 * then in the order of the files. */
static int compare(const void *a, const void *b)
{
	const struct config_name *x = a, *y = b;
	int c;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	c = strcasecmp(x->text, y->text);
	if (c)
		return c;
	return x->order < y->order ? -1 : x->order > y->order;
}

void check_unique(struct problems *p, struct config_name *names, size_t n,
		  const char *what)
{
	const struct config_name *first = names;

	for (size_t i = 0; i < n; i++) {
		names[i].hash = text_hash(names[i].text);
		names[i].order = i;
	}
	if (n > 1)
		qsort(names, n, sizeof(*names), compare);
	for (size_t i = 1; i < n; i++) {
		const struct config_name *x = &names[i];

		if (x->hash != first->hash || !text_same(x->text, first->text))
			first = x;
		else if (x->text[0])
			problem_add(p, x->source, x->line,
				    "%s \"%s\" is here again; the first time "
				    "is %s:%u.",
				    what, x->shown ? x->shown : x->text,
				    p->sources[first->source].name,
				    first->line);
	}
}

size_t check_unique_find(const struct config_name *names, size_t n,
			 const char *text)
{
	uint64_t hash = text_hash(text);
	size_t low = 0, high = n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (names[mid].hash < hash)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < n && names[low].hash == hash; low++) {
		if (text_same(names[low].text, text))
			return names[low].order;
	}
	return SIZE_MAX;
}
