/*
 * The memory that yajl works in: wiped when it is freed, because tokens and
 * secrets go through the parser's buffers.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json_tree.h"
#include "base/text.h"

/*
 * yajl does not look at what its allocator returns, and its buffers may hold
 * (decoded) pieces of secrets.  So: never NULL, and wiped when freed, for
 * which each block is preceded by its size.
 */
union block {
	size_t size;
	max_align_t align;
};

void *json_hook_alloc(void *ctx, size_t size)
{
	union block *b = text_room(sizeof(*b) + size);

	(void)ctx;
	b->size = size;
	return b + 1;
}

void json_hook_free(void *ctx, void *p)
{
	union block *b = p;

	(void)ctx;
	if (!b)
		return;
	b--;
	text_wipe(b, sizeof(*b) + b->size);
	free(b);
}

void *json_hook_realloc(void *ctx, void *p, size_t size)
{
	void *moved = json_hook_alloc(ctx, size);
	size_t old = p ? ((union block *)p - 1)->size : 0;

	if (p)
		memcpy(moved, p, old < size ? old : size);
	json_hook_free(ctx, p);
	return moved;
}
