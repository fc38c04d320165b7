/*
 * keyname: which watched key is meant: people say "acr-cmk" where the daemon
 * knows https://contoso.vault.azure.net/keys/acr-cmk.
 */
#ifndef KEYROTD_CTL_KEYNAME_H
#define KEYROTD_CTL_KEYNAME_H

#include <stdbool.h>

/*
 * Whether `said` means the key identifier `key` (both without ASCII case): the
 * whole identifier, a "/" at its end or not; VAULT/NAME; or NAME alone.  A
 * version in key counts for the whole identifier only.
 */
bool keyname_means(const char *said, const char *key);

#endif
