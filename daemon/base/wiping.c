/*
 * Memory for libraries that secrets go through: each block is preceded by its
 * size, and overwritten when it is given back.
 */
#include "base/wiping.h"

#include <openssl/crypto.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

union block {
	size_t size;
	max_align_t align;
};

void *wiping_alloc(size_t size)
{
	union block *b = text_room(
		size > SIZE_MAX - sizeof(*b) ? SIZE_MAX : sizeof(*b) + size);

	b->size = size;
	return b + 1;
}

void *wiping_array(size_t count, size_t size)
{
	bool most = size && count > SIZE_MAX / size;
	size_t all = most ? SIZE_MAX : count * size;

	return memset(wiping_alloc(all), 0, all);
}

void wiping_free(void *p)
{
	union block *b = p;

	if (!b)
		return;
	b--;
	text_wipe(b, sizeof(*b) + b->size);
	free(b);
}

void *wiping_resize(void *p, size_t size)
{
	size_t old = p ? ((union block *)p - 1)->size : 0;
	void *moved = size ? wiping_alloc(size) : NULL;

	if (p && moved)
		memcpy(moved, p, old < size ? old : size);
	wiping_free(p);
	return moved;
}

char *wiping_copy(const char *s)
{
	size_t size = strlen(s) + 1;

	return memcpy(wiping_alloc(size), s, size);
}

/* ---- OpenSSL's form of them: it says which line of its asks ---- */

static void *ssl_alloc(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return size ? wiping_alloc(size) : NULL;
}

static void *ssl_resize(void *p, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return wiping_resize(p, size);
}

static void ssl_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	wiping_free(p);
}

void wiping_openssl(void)
{
	CRYPTO_set_mem_functions(ssl_alloc, ssl_resize, ssl_free);
}
