/*
 * credential: how the daemon authenticates, as a plain record.  Whoever holds
 * the record owns its strings.
 */
#ifndef KEYROTD_AZURE_CREDENTIAL_H
#define KEYROTD_AZURE_CREDENTIAL_H

#include <stdbool.h>

#include "azure/call.h"

/* The same in everything, the name included. */
bool credential_same(const struct credential *a, const struct credential *b);
/* A copy with strings of its own. */
struct credential credential_copy(const struct credential *c);
/* It asks Entra for tokens and does not know of which tenant. */
bool credential_wants_tenant(const struct credential *c);
void credential_free(struct credential *c); /* the strings, not the struct */

#endif
