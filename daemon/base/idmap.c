/* Reads the maps of a user namespace; a text that is none is not known, rather
 * than empty or whole. */
#include "base/idmap.h"

#include <stdlib.h>
#include <string.h>

#define IDS UINT32_MAX /* there are: the last number is (uid_t)-1, no id */

/* A number of 32 bits after blanks. */
static bool take(const char **s, uint32_t *value)
{
	char *end;
	unsigned long long v;

	*s += strspn(*s, " \t");
	if (**s < '0' || **s > '9')
		return false;
	v = strtoull(*s, &end, 10);
	*s = end;
	*value = (uint32_t)v;
	return v <= UINT32_MAX;
}

static bool take_line(const char **s, struct idmap *m)
{
	uint32_t first, outside, n;

	if (m->n == IDMAP_RANGES || !take(s, &first) || !take(s, &outside) ||
	    !take(s, &n) || n == 0 || n > IDS - first || n > IDS - outside)
		return false;
	*s += strspn(*s, " \t");
	if (**s && *(*s)++ != '\n')
		return false;
	m->ranges[m->n].first = first;
	m->ranges[m->n++].n = n;
	return true;
}

bool idmap_read(struct idmap *m, const char *text)
{
	m->n = 0;
	while (*text) {
		if (take_line(&text, m))
			continue;
		m->n = 0;
		return false;
	}
	return m->n > 0;
}

bool idmap_has(const struct idmap *m, uint32_t id)
{
	for (size_t i = 0; i < m->n; i++)
		if (id >= m->ranges[i].first &&
		    id - m->ranges[i].first < m->ranges[i].n)
			return true;
	return false;
}

/* The kernel takes no ranges that overlap. */
uint64_t idmap_count(const struct idmap *m)
{
	uint64_t n = 0;

	for (size_t i = 0; i < m->n; i++)
		n += m->ranges[i].n;
	return n;
}

bool idmap_whole(const struct idmap *m)
{
	return idmap_count(m) >= IDS;
}
