/* Which members of a document are kept: looked up by their first letter. */
#include <string.h>
#include <strings.h>

#include "base/json_tree.h"

void json_names_init(struct json_names *n, const char *const *names)
{
	memset(n->first, 0, sizeof(n->first));
	for (unsigned i = 1; i <= JSON_NAMES_MAX && *names; i++, names++) {
		size_t len = strlen(*names);
		bool all = len > 0 && (*names)[len - 1] == '*';
		uint8_t *first = &n->first[**names & 0x1f];

		n->each[i] = (struct json_name){ *names, (uint8_t)(len - all),
						 *first, all };
		*first = (uint8_t)i;
	}
}

enum json_kept json_names_keep(const struct json_names *n, const char *name,
			       size_t len)
{
	unsigned i = len ? n->first[*name & 0x1f] : 0;

	for (; i; i = n->each[i].next) {
		const struct json_name *one = &n->each[i];

		if (one->len == len && (!memcmp(one->text, name, len) ||
					!strncasecmp(one->text, name, len)))
			return one->all ? JSON_KEPT_WITH_ALL : JSON_KEPT;
	}
	return JSON_PASSED_OVER;
}
