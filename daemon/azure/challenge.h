/*
 * challenge: reading a WWW-Authenticate header (RFC 9110 section 11.6.1, and
 * the looser forms that Azure's services send).  A value, no owner.
 */
#ifndef KEYROTD_AZURE_CHALLENGE_H
#define KEYROTD_AZURE_CHALLENGE_H

#include <stdbool.h>

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

#endif
