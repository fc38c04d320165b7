/*
 * keyname: which watched key is meant: people say "acr-cmk" where the daemon
 * knows https://contoso.vault.azure.net/keys/acr-cmk.
 */
#ifndef KEYROTD_CTL_KEYNAME_H
#define KEYROTD_CTL_KEYNAME_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Whether `said` means the key identifier `key` (both without ASCII case): the
 * whole identifier, a "/" at its end or not; VAULT/NAME; or NAME alone.  A
 * version in key counts for the whole identifier only.
 */
bool keyname_means(const char *said, const char *key);

/* Whether `said` means the vault of the key, without ASCII case: the first
 * label of its host, its host with or without the port, or its URL. */
bool keyname_in(const char *said, const char *key);

/* The length of an identifier without its version; the whole of what is
 * none. */
size_t keyname_base(const char *key);

#endif
