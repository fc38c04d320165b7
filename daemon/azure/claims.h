/*
 * claims: who an access token says that it is of.
 *
 * A token is for whom it was asked for, and only that service can tell
 * whether it is sound: nothing is decided by what stands in it.  People are
 * told, because "who am I there" is the first question when a right is
 * missing.  The signature is not looked at, and only GUIDs and a time are
 * taken out, so that nothing of the token itself can come along.
 * Source: Microsoft, "Access token claims reference".
 */
#ifndef KEYROTD_AZURE_CLAIMS_H
#define KEYROTD_AZURE_CLAIMS_H

#include <stdbool.h>
#include <stdint.h>

#define CLAIMS_GUID_MAX 37

struct claims {
	char tenant[CLAIMS_GUID_MAX]; /* tid; "" when it is not told ... */
	char client[CLAIMS_GUID_MAX]; /* appid, or azp */
	char object[CLAIMS_GUID_MAX]; /* oid: what roles are assigned to */
	int64_t expires;	      /* exp, ms since 1970; -1 */
};

/* Read the middle part of a token (RFC 7519 section 3).  False, with all of it
 * empty, for what is no such token or tells neither client nor object. */
bool claims_read(const char *token, struct claims *c);

#endif
