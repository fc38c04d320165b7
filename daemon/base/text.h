/*
 * text: bounded copies, comparisons without case, dates, secret wiping and
 * the allocation wrappers that never return NULL (out of memory aborts: every
 * caller's size is bounded, so running out is a fault of the host).
 */
#ifndef KEYROTD_BASE_TEXT_H
#define KEYROTD_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void *text_alloc(size_t count, size_t size); /* zeroed, overflow-checked */
/* Not zeroed: for whoever writes each byte before it is read. */
void *text_room(size_t size);
void *text_realloc(void *p, size_t count, size_t size);
/* An array that grows one by one: room for one more after n elements.  It is
 * doubled at every power of two, so that the count is all that is kept. */
void *text_grow(void *array, size_t n, size_t size);
char *text_dup(const char *s); /* NULL gives NULL */
char *text_ndup(const char *s, size_t len);
char *text_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* One text behind the other, up to NULL, into dst[size]; false when it had to
 * be cut.  dst is always ended, and none of them. */
bool text_join(char *dst, size_t size, ...) __attribute__((sentinel));
/* Copy src into dst[size]; false when it had to be cut. dst is always ended. */
bool text_copy(char *dst, size_t size, const char *src);
/* Compare ASCII without case; NULL equals only NULL. */
bool text_same(const char *a, const char *b);
bool text_prefix(const char *s, const char *prefix); /* without case */
bool text_suffix(const char *s, const char *suffix); /* without case */
void text_lower(char *s);
/* How many bytes of s are of a set, from the first on: strspn(3), which makes a
 * table of the set anew for each text.  '\0' is of none. */
size_t text_span(const char *s, const bool set[static 256]);
/* Overwrite with zeros in a way that the compiler keeps: explicit_bzero(3). */
void text_wipe(void *p, size_t len);
void text_wipe_free(char *s); /* wipe a C string, then free it; NULL is fine */

/*
 * The length (1 to 4) of the UTF-8 character that s[len] starts with, 0 when
 * it starts with none.  Follows RFC 3629: no surrogates, no overlong forms.
 */
size_t text_utf8_len(const char *s, size_t len);
bool text_is_utf8(const char *s, size_t len);
/*
 * The code point of the UTF-8 character of n bytes (from text_utf8_len) when it
 * would steer a terminal, turn the direction of writing or be invisible; else
 * 0.
 */
unsigned text_hazard(const char *s, size_t n);
/* Make one clean line of s in place: such characters become blanks, bytes that
 * are not UTF-8 "?", a character cut short at the end is dropped. */
void text_line(char *s);

/* What a sentence that ends in s still needs: ".", or "" when it has one. */
const char *text_stop(const char *s);

/* Edit distance of two short names (at most 63 characters), for hints;
 * 64 ("far") when one is longer. */
unsigned text_distance(const char *a, const char *b);

/* FNV-1a over the lower-case ASCII of s: the same on every machine. */
uint64_t text_hash(const char *s);

/* Milliseconds since 1970 UTC as RFC 3339 ("2026-01-02T03:04:05Z"). size>=32.
 * ms < 0 gives "". */
void text_time(char *dst, size_t size, int64_t ms);

/* The same as RFC 9110 section 5.6.7 has it ("Fri, 02 Jan 2026 03:04:05 GMT").
 * size >= 32. */
void text_http_date(char *dst, size_t size, int64_t ms);

/* RFC 3339 with up to 9 fraction digits and Z or an offset; -1 when it is not
 * one or lies outside the years 1970 to 9999. */
int64_t text_parse_rfc3339(const char *s);

/* RFC 9110 section 5.6.7 HTTP-date, the IMF-fixdate form; -1 when it is not. */
int64_t text_parse_http_date(const char *s);

/* A duration in words for people: "47 s", "12 min", "3 h 10 min", "2 d 4 h". */
void text_duration(char *dst, size_t size, int64_t ms);

/* "90s", "5m", "5min", "1h", "2d", "250ms", or several of them from the longest
 * unit to the shortest ("1h30m"); blanks may stand between, so that what
 * text_duration() writes is read.  A number alone is seconds; -1 when bad. */
int64_t text_parse_duration(const char *s);

#endif
