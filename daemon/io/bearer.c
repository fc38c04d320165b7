/* bearer: counted, and one block, which is wiped as a whole. */
#include "io/bearer.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "io/headers.h"

static const char scheme[] = "Authorization: Bearer ";

struct bearer {
	unsigned holders;
	bool fit;
	size_t size; /* of all of it */
	char line[];
};

struct bearer *bearer_new(const char *token)
{
	size_t len = strlen(token);
	size_t size = sizeof(struct bearer) + sizeof(scheme) + len;
	struct bearer *b = text_room(size);

	*b = (struct bearer){
		.holders = 1,
		.fit = headers_fit(token, len),
		.size = size,
	};
	memcpy(b->line, scheme, sizeof(scheme) - 1);
	memcpy(b->line + sizeof(scheme) - 1, token, len + 1);
	return b;
}

struct bearer *bearer_hold(struct bearer *b)
{
	if (b)
		b->holders++;
	return b;
}

void bearer_let_go(struct bearer *b)
{
	if (!b || --b->holders > 0)
		return;
	text_wipe(b, b->size);
	free(b);
}

char *bearer_line(struct bearer *b)
{
	return b->line;
}

const char *bearer_token(const struct bearer *b)
{
	return b->line + sizeof(scheme) - 1;
}

bool bearer_fit(const struct bearer *b)
{
	return b->fit;
}
