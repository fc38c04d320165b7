/*
 * Memory for libraries that secrets go through: each block is preceded by its
 * size, and overwritten when it is given back.  Each move of a block that grows
 * is another copy to wipe, so it gets room to grow.
 */
#include "base/wiping.h"

#include <openssl/crypto.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define SMALL 1024 /* bytes: libcurl's requests end up above it */

union block {
	struct {
		size_t size, room; /* room >= size */
	};
	max_align_t align;
};

static void *make(size_t size, size_t room)
{
	union block *b = text_room(
		room > SIZE_MAX - sizeof(*b) ? SIZE_MAX : sizeof(*b) + room);

	b->size = size;
	b->room = room;
	return b + 1;
}

void *wiping_alloc(size_t size)
{
	return make(size, size);
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
	union block *b = p ? (union block *)p - 1 : NULL;
	void *moved;

	if (!b)
		return size ? wiping_alloc(size) : NULL;
	if (!size) {
		wiping_free(p);
		return NULL;
	}
	if (size > b->room) {
		moved = make(size, size <= SMALL ? 4 * size : size);
		memcpy(moved, p, b->size);
		wiping_free(p);
		return moved;
	}
	if (size < b->size)
		text_wipe((char *)p + size, b->size - size);
	b->size = size;
	return p;
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
