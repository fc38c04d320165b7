/*
 * seal: SHA-256 and Ed25519 for the audit chain, through OpenSSL's EVP.
 *
 * Pure but for OpenSSL's arithmetic.  A struct seal is its owner's until
 * seal_end or seal_drop.
 */
#ifndef KEYROTD_BASE_SEAL_H
#define KEYROTD_BASE_SEAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fault.h"

#define SEAL_HEX_MAX 65	       /* SHA-256 in lower-case hex, and its NUL */
#define SEAL_SIGNATURE_MAX 129 /* the same of an Ed25519 signature */

struct seal; /* a sum that grows (FIPS 180-4) */

struct seal *seal_new(void);
void seal_add(struct seal *s, const void *data, size_t len);
/* The sum of all that was added; ends it. */
void seal_end(struct seal *s, char hex[SEAL_HEX_MAX]);
/* The sum so far; more may be added. */
void seal_peek(const struct seal *s, char hex[SEAL_HEX_MAX]);
void seal_drop(struct seal *s); /* NULL is fine */

/* The sum of len bytes. */
void seal_hash(const void *data, size_t len, char hex[SEAL_HEX_MAX]);

/*
 * Sign text (RFC 8032, Ed25519) with the private key in pem (PKCS #8, RFC
 * 8410), which is not encrypted.  id: the sum of the public key's DER, by
 * which it is known.  False with *f FAULT_INVALID and a clause that goes on
 * from "The key cannot be used: ".
 */
bool seal_sign(const char *pem, const char *text,
	       char signature[SEAL_SIGNATURE_MAX], char id[SEAL_HEX_MAX],
	       struct fault *f);

/* The id of the public key in pem (SubjectPublicKeyInfo); as above. */
bool seal_key_id(const char *pem, char id[SEAL_HEX_MAX], struct fault *f);

/* Is this the signature of text by the owner of that public key? */
bool seal_verify(const char *pem, const char *text, const char *signature);

#endif
