/*
 * base64url: reading RFC 4648 section 5, the alphabet of tokens (RFC 7515)
 * and of key material (RFC 7518), with or without "=" at its end.
 */
#ifndef KEYROTD_AZURE_BASE64URL_H
#define KEYROTD_AZURE_BASE64URL_H

#include "base/buf.h"

/* The six bits that c stands for; -1: none. */
int base64url_digit(char c);

/* How many of the len characters of s, from the first, are of that alphabet. */
size_t base64url_length(const char *s, size_t len);

/* Append what the len characters of s stand for.  False, with out as it was,
 * for a character that is none, a length that cannot be, or no room. */
bool base64url_add(struct buf *out, const char *s, size_t len);

#endif
