/*
 * bearer: a token as the header line that sends it (RFC 6750 section 2.1),
 * made once for each token, and shared by whatever is on its way with it.
 *
 * Who makes one or holds one lets it go; the last one wipes it.
 */
#ifndef KEYROTD_IO_BEARER_H
#define KEYROTD_IO_BEARER_H

#include <stdbool.h>

struct bearer;

/* Copies the token. */
struct bearer *bearer_new(const char *token);
/* The same one, held once more; NULL is fine. */
struct bearer *bearer_hold(struct bearer *b);
void bearer_let_go(struct bearer *b); /* NULL is fine */

/* Borrowed: "Authorization: Bearer TOKEN", and the token in it. */
char *bearer_line(struct bearer *b);
const char *bearer_token(const struct bearer *b);
/* Can it be sent?  A control character would end the line. */
bool bearer_fit(const struct bearer *b);

#endif
