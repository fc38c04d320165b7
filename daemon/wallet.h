/*
 * wallet: the secrets that are at hand for longer than one question: tokens,
 * each in the slot that the engine gave it, and a proxy's password.
 *
 * Owns them.  Each is known (base/secret) for as long as it is here, so that
 * no foreign text gives it back, and wiped when it is forgotten or freed.  A
 * token that is replaced is known until nothing is on its way any more that may
 * have been sent with it.
 */
#ifndef KEYROTD_WALLET_H
#define KEYROTD_WALLET_H

#include <stdint.h>

#include "azure/proxy.h"
#include "base/secret.h"
#include "io/bearer.h"

struct wallet;

/* known: the caller's, for longer than the wallet. */
struct wallet *wallet_new(struct secrets *known);
void wallet_free(struct wallet *w); /* NULL is fine */

/* Copies the token into its slot; what was there stays known until it is
 * replaced in its turn, or the wallet settles. */
void wallet_keep(struct wallet *w, uint32_t slot, const char *token);
/* No question is on its way: tokens that were replaced are forgotten. */
void wallet_settle(struct wallet *w);
void wallet_forget(struct wallet *w, uint32_t slot);
/* Borrowed until the slot changes, for who does not hold it; NULL: there is
 * none. */
struct bearer *wallet_token(const struct wallet *w, uint32_t slot);
const struct secret *wallet_secret(const struct wallet *w, uint32_t slot);

/* The proxy is another one from now on, perhaps.  The password before it stays
 * known until the next time. */
void wallet_login(struct wallet *w, const struct proxy *p);

#endif
