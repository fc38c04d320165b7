/*
 * buf: a byte buffer that cannot exist without a size limit.
 *
 * The owner is whoever embeds the struct; buf_free (or buf_wipe, for secrets)
 * ends it.  Data is always followed by a NUL that does not count.
 */
#ifndef KEYROTD_BASE_BUF_H
#define KEYROTD_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct buf {
	char *data; /* NULL until the first byte */
	size_t len;
	size_t size;
	size_t max; /* bytes, without the closing NUL */
};

/* An empty buffer that will hold at most max bytes. */
void buf_init(struct buf *b, size_t max);

/* Append len bytes; false (and nothing appended) when max would be passed. */
bool buf_add(struct buf *b, const void *data, size_t len);
bool buf_puts(struct buf *b, const char *text);
bool buf_printf(struct buf *b, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* The contents as a C string, "" when empty. */
const char *buf_str(const struct buf *b);

/* Drop the first len bytes (len <= b->len). */
void buf_shift(struct buf *b, size_t len);

void buf_reset(struct buf *b); /* empty, memory kept */
void buf_free(struct buf *b);  /* empty, memory gone, max kept */
void buf_wipe(struct buf *b);  /* overwrite, then buf_free */

#endif
