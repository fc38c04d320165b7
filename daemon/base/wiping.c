/*
 * Memory for libraries that secrets go through: each block is preceded by its
 * size, and overwritten when it is given back.  Each move of a block that grows
 * is another copy to wipe, so it gets room to grow.
 *
 * libcurl and OpenSSL give back buffers of 16 KiB three times for each question
 * and want them again at once, which malloc(3) finds dear: it joins them with
 * what is free beside them, and cuts them out again.  So some blocks of each
 * large size are kept, wiped.
 */
#include "base/wiping.h"

#include <openssl/crypto.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define SMALL 1024 /* bytes: libcurl's requests end up above it */

#define STEP 1024   /* bytes, of which a kept block has a multiple */
#define STEPS 18    /* and so many at most */
#define KEPT 524288 /* bytes in all */

union block {
	struct {
		size_t size, room; /* room >= size */
		union block *next; /* while it is kept */
	};
	max_align_t align;
};

/* Threads of libcurl that look up names come here, too: whoever finds it taken
 * goes to malloc(3).  A sanitizer wants to see each block go. */
static struct {
	bool taken;
	size_t bytes;
	union block *blocks[STEPS + 1];
} kept;

static bool enter(void)
{
#ifdef __SANITIZE_ADDRESS__
	return false;
#else
	return !__atomic_test_and_set(&kept.taken, __ATOMIC_ACQUIRE);
#endif
}

static void leave(void)
{
	__atomic_clear(&kept.taken, __ATOMIC_RELEASE);
}

static union block *take(size_t room)
{
	union block **first = &kept.blocks[room / STEP], *b;

	if (!enter())
		return NULL;
	b = *first;
	if (b) {
		*first = b->next;
		kept.bytes -= room;
	}
	leave();
	return b;
}

static bool keep(union block *b)
{
	union block **first = &kept.blocks[b->room / STEP];
	bool fits;

	if (!enter())
		return false;
	fits = kept.bytes + b->room <= KEPT;
	if (fits) {
		b->next = *first;
		*first = b;
		kept.bytes += b->room;
	}
	leave();
	return fits;
}

static bool is_kept_size(size_t room)
{
	return room >= STEP && room <= STEP * STEPS;
}

static void *make(size_t size, size_t room)
{
	union block *b = NULL;

	if (is_kept_size(room)) {
		room = (room + STEP - 1) / STEP * STEP;
		b = take(room);
	}
	if (!b)
		b = text_room(room > SIZE_MAX - sizeof(*b) ? SIZE_MAX
							   : sizeof(*b) + room);
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
	text_wipe(p, b->size);
	if (!is_kept_size(b->room) || !keep(b))
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
