/*
 * challenge: reading a WWW-Authenticate header (RFC 9110 section 11.6.1, and
 * the looser forms that Azure's services send).  A value, no owner.
 */
#ifndef KEYROTD_AZURE_CHALLENGE_H
#define KEYROTD_AZURE_CHALLENGE_H

#include <stdbool.h>
#include <stddef.h>

#define CHALLENGE_VALUE_MAX 256
#define CHALLENGE_CLAIMS_MAX 4096

struct challenge {
	char authorization[CHALLENGE_VALUE_MAX]; /* or authorization_uri */
	char resource[CHALLENGE_VALUE_MAX];	 /* or resource_id */
	char scope[CHALLENGE_VALUE_MAX];
	char error[CHALLENGE_VALUE_MAX];
	char claims[CHALLENGE_CLAIMS_MAX]; /* base64 of JSON */
};

/*
 * Find the first Bearer challenge of the header, which may hold several.
 * False when there is none.  Members that are absent, or longer than fits,
 * are "".  Parameters may be parted by a comma, a blank or both, values may
 * be bare or quoted.
 * Source: Azure/azure-sdk-for-python http_challenge.py.
 */
bool challenge_parse(struct challenge *c, const char *header);

/*
 * The tenant that the challenge wants a token of: the first segment of its
 * authorization's path, when that is a GUID.  Only the tenant is taken from
 * there, never the host.  False when there is none.
 */
bool challenge_tenant(const struct challenge *c, char *dst, size_t size);

/*
 * The claims that a token has to be asked for with, as JSON, when the error is
 * "insufficient_claims" (continuous access evaluation); NULL otherwise.  The
 * caller frees it.
 * Source: Microsoft, "Claims challenges, claims requests and client
 * capabilities".
 */
char *challenge_claims(const struct challenge *c);

/*
 * The realm of a header that is a Basic challenge and nothing else, written as
 * the Azure Arc agent does: "Basic realm=/path", with one "=".  False
 * otherwise, and when it does not fit into dst.
 * Source: AzureAD/microsoft-authentication-library-for-go
 * apps/managedidentity/managedidentity.go.
 */
bool challenge_realm(const char *header, char *dst, size_t size);

#endif
