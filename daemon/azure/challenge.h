/*
 * challenge: reading a WWW-Authenticate header (RFC 9110 section 11.6.1, and
 * the looser forms that Azure's services send).  A value, no owner.
 */
#ifndef KEYROTD_AZURE_CHALLENGE_H
#define KEYROTD_AZURE_CHALLENGE_H

#include <stdbool.h>
#include <stddef.h>

#define CHALLENGE_VALUE_MAX 256

struct challenge {
	char authorization[CHALLENGE_VALUE_MAX]; /* or authorization_uri */
	char resource[CHALLENGE_VALUE_MAX];	 /* or resource_id */
	char scope[CHALLENGE_VALUE_MAX];
	char error[CHALLENGE_VALUE_MAX];
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
 * The realm of a header that is a Basic challenge and nothing else, written as
 * the Azure Arc agent does: "Basic realm=/path", with one "=".  False
 * otherwise, and when it does not fit into dst.
 * Source: AzureAD/microsoft-authentication-library-for-go
 * apps/managedidentity/managedidentity.go.
 */
bool challenge_realm(const char *header, char *dst, size_t size);

#endif
