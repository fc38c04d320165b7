/*
 * The memory that yajl works in: it does not look at what its allocator
 * returns, and its buffers may hold (decoded) pieces of tokens and secrets.
 * So: never NULL, and wiped when freed.
 */
#include "base/json_tree.h"
#include "base/wiping.h"

void *json_hook_alloc(void *ctx, size_t size)
{
	(void)ctx;
	return wiping_alloc(size);
}

void json_hook_free(void *ctx, void *p)
{
	(void)ctx;
	wiping_free(p);
}

/* Of no bytes, too, something comes back. */
void *json_hook_realloc(void *ctx, void *p, size_t size)
{
	(void)ctx;
	return wiping_resize(p, size ? size : 1);
}
