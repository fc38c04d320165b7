/*
 * Bytes that grow up to a limit told beforehand, so that no answer or
 * request can take the memory; old blocks are overwritten, they may hold
 * secrets.
 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define FIRST_SIZE 64

void buf_init(struct buf *b, size_t max)
{
	*b = (struct buf){ .max = max };
}

/*
 * Make room for len more bytes and the NUL (so a limit of SIZE_MAX, which
 * leaves no room for that, is no limit and is refused).  Moves by hand, not
 * by realloc, because the old block may hold a secret and has to be
 * overwritten.
 */
static bool make_room(struct buf *b, size_t len)
{
	size_t need, size;
	char *data;

	if (b->max == SIZE_MAX || len > b->max - b->len)
		return false;
	need = b->len + len + 1;
	if (need <= b->size)
		return true;
	size = b->size > b->max / 2 ? b->max + 1 : b->size * 2;
	if (size < FIRST_SIZE && b->max >= FIRST_SIZE)
		size = FIRST_SIZE;
	if (size < need)
		size = need;
	data = text_room(size);
	if (b->data) {
		memcpy(data, b->data, b->len);
		text_wipe(b->data, b->len);
		free(b->data);
	}
	b->data = data;
	b->size = size;
	return true;
}

bool buf_add(struct buf *b, const void *data, size_t len)
{
	if (!len)
		return true;
	if (!make_room(b, len))
		return false;
	memcpy(b->data + b->len, data, len);
	b->len += len;
	b->data[b->len] = '\0';
	return true;
}

bool buf_puts(struct buf *b, const char *text)
{
	return buf_add(b, text, strlen(text));
}

bool buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (len <= 0)
		return len == 0;
	if (!make_room(b, (size_t)len))
		return false;
	va_start(ap, fmt);
	vsnprintf(b->data + b->len, (size_t)len + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)len;
	return true;
}

const char *buf_str(const struct buf *b)
{
	return b->data ? b->data : "";
}

void buf_shift(struct buf *b, size_t len)
{
	if (!b->data || !len)
		return;
	if (len > b->len)
		len = b->len;
	memmove(b->data, b->data + len, b->len - len + 1);
	b->len -= len;
}

void buf_reset(struct buf *b)
{
	b->len = 0;
	if (b->data)
		b->data[0] = '\0';
}

void buf_free(struct buf *b)
{
	free(b->data);
	buf_init(b, b->max);
}

void buf_wipe(struct buf *b)
{
	/* The whole block: buf_reset and buf_shift leave old bytes behind. */
	if (b->data)
		text_wipe(b->data, b->size);
	buf_free(b);
}
