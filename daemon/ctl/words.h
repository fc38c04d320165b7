/*
 * words: identifiers, versions and times as people read them.  Everything is
 * a pure function of its arguments; times are milliseconds since 1970.
 */
#ifndef KEYROTD_CTL_WORDS_H
#define KEYROTD_CTL_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ctl/out.h"

#define WORDS_MAX 64

/* The last segment of a resource id: the registry's name.  Points into id;
 * NULL gives "". */
const char *words_registry(const char *id);

/* "https://VAULT.host/keys/NAME" -> "VAULT/NAME"; anything else as it is.
 * Cut to size. */
void words_key(char *dst, size_t size, const char *key);

/* The first 8 digits of a key version; "" for NULL. */
void words_version(char *dst, size_t size, const char *version);

/* The version in use, and where it is to go: "0123abcd" or
 * "0123abcd -> 89ef0123".  NULL means not known. */
void words_move(char *dst, size_t size, const char *in_use, const char *wanted);

/*
 * An RFC 3339 time beside now, WORDS_MAX is always enough: "3 min ago",
 * "in 42 min", "just now"; a deadline that has passed is "12 min late".
 * Of what goes on since then: "2026-01-02T03:04:05Z (3 min)".
 * "" for NULL and for what is no time.
 */
void words_when(char *dst, size_t size, const char *time, int64_t now);
void words_deadline(char *dst, size_t size, const char *time, int64_t now);
void words_since(char *dst, size_t size, const char *time, int64_t now);

/* Whether a reason says what an alarm begins with, so that the alarm says it
 * all; NULL says nothing. */
bool words_same_fault(const char *reason, const char *alarm);

/* What colour a state of the daemon, a registry or a check deserves. */
enum out_colour words_colour(const char *state);

#endif
