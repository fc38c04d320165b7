/*
 * secret: the secrets and tokens that the daemon knows, so that none of them
 * comes back in by an answer that echoes it and goes out again by a log, a
 * file or the socket.
 *
 * struct secrets belongs to whoever asks the questions.  It keeps no copy: a
 * secret belongs to who told it, and is forgotten before it is wiped.
 */
#ifndef KEYROTD_BASE_SECRET_H
#define KEYROTD_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#define SECRET_SHORTEST 4 /* bytes; what is shorter is in any text */
#define SECRET_SPELT 8	  /* from there on other spellings are looked for */
#define SECRET_PART 12	  /* so many of its first bytes are worth hiding */

struct secrets {
	struct secret {
		const char *text;
		size_t len;
		size_t part; /* so much of it, from its beginning, counts as
				it: all of a token, for many begin alike */
	} * known;
	size_t n;
};

/* The text as a secret, not copied.  It looks at each byte, so whoever has many
 * texts to look through does it once. */
struct secret secret_of(const char *text);

/* From now on s is struck out, until it is forgotten.  NULL and what is
 * shorter than SECRET_SHORTEST are passed over.  One that is told twice is
 * forgotten twice. */
void secret_know(struct secrets *k, const char *s);
void secret_forget(struct secrets *k, const char *s);
void secret_free(struct secrets *k);

/*
 * Strike out of text, in place, each secret that is known, and whatever has
 * the form of a JSON web token (RFC 7519: it begins with "eyJ"), known or not.
 * k may be NULL: then only the latter.  The text never gets longer.
 *
 * A secret of SECRET_SPELT bytes or more is also found as a server may write
 * it anew: percent-encoded, in JSON, in HTML, one around the other up to three
 * times, and in base64 (see spelling.h).  What begins with the first
 * SECRET_PART bytes of it and is then cut off, or goes on otherwise, is struck
 * out as far as it is the same.
 */
void secret_strike(const struct secrets *k, char *text);
/* Only what is known: for a text in which a token's form has a meaning. */
void secret_strike_known(const struct secrets *k, char *text);
/* So many bytes a text has at least that secret_strike changes: in no spelling
 * is a secret shorter than it is.  SIZE_MAX: none is known, or k is NULL. */
size_t secret_least(const struct secrets *k);
/* Whether some part of these bytes may have a token's form, as it stands or
 * once the escapes of JSON are undone. */
bool secret_may_hold_token(const char *s, size_t len);
/* One of SECRET_SPELT bytes or more is in it, as it is or otherwise spelt;
 * unlike above, also one with a token's form. */
bool secret_within(const struct secrets *k, const char *text);

#endif
