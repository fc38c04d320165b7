/*
 * assertion: what proves an application by its certificate: a JSON web token
 * that is signed with the certificate's key.
 *
 * Pure but for OpenSSL's arithmetic: the file's text, the time and the random
 * id come from the caller.  Whatever held the private key is wiped before a
 * function returns.
 */
#ifndef KEYROTD_AZURE_ASSERTION_H
#define KEYROTD_AZURE_ASSERTION_H

#include <stdbool.h>
#include <stdint.h>

#include "azure/call.h"
#include "base/buf.h"

#define ASSERTION_BITS_MIN 2048	 /* what Entra and RFC 7518 ask for */
#define ASSERTION_CHAIN_MAX 8	 /* certificates in one file */
#define ASSERTION_MAX 32768	 /* bytes, with its chain */
#define ASSERTION_LIFETIME_S 600 /* as MSAL has it */
#define ASSERTION_ID_MAX 64	 /* bytes of the random id */

/* When the certificate is valid, ms since 1970. */
struct assertion_validity {
	int64_t not_before, not_after;
};

struct assertion_claims {
	const char *audience;  /* the token endpoint */
	const char *client_id; /* issuer and subject */
	const char *id;	       /* random, used once */
	int64_t now_ms;	       /* ms since 1970 */
	enum credential_algorithm algorithm;
	bool send_chain; /* x5c: trust by subject name and issuer */
};

/*
 * Look at a PEM file (RFC 7468) with an RSA key and its certificate, in any
 * order, further certificates being the chain; of several over that key the
 * one that lasts longest counts.  The key may be encrypted;
 * passphrase is NULL when there is none.  False with *f FAULT_INVALID and a
 * clause that goes on from "The certificate cannot be used: ".
 */
bool assertion_look(const char *pem, const char *passphrase,
		    struct assertion_validity *v, struct fault *f);

/*
 * Append the signed token to out, which should have room for ASSERTION_MAX
 * bytes.  PS256 goes with x5t#S256, RS256 with x5t.  Result and faults are as
 * above; out is unchanged then.
 * Sources: RFC 7515, RFC 7518 sections 3.3 and 3.5, RFC 7523 section 3;
 * Microsoft, "Microsoft identity platform application authentication
 * certificate credentials".
 */
bool assertion_sign(const char *pem, const char *passphrase,
		    const struct assertion_claims *c, struct buf *out,
		    struct assertion_validity *v, struct fault *f);

#endif
