/*
 * Sums and signatures of the audit chain.  Beside azure/assertion the only
 * file that knows OpenSSL, of which nothing older than version 3 is used.
 */
#include "base/seal.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/text.h"

#define SUM_LEN 32
#define SIGNATURE_LEN 64

struct seal {
	EVP_MD_CTX *ctx;
};

/* Nothing here fails but for want of memory, which ends the process as it
 * does in base/text. */
static void need(bool ok)
{
	if (!ok)
		abort();
}

static void to_hex(const unsigned char *data, size_t len, char *dst)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		*dst++ = digits[data[i] >> 4];
		*dst++ = digits[data[i] & 15];
	}
	*dst = '\0';
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Exactly len bytes, in lower case. */
static bool from_hex(const char *hex, unsigned char *dst, size_t len)
{
	if (strlen(hex) != 2 * len)
		return false;
	for (size_t i = 0; i < len; i++) {
		int high = digit(hex[2 * i]), low = digit(hex[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		dst[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

struct seal *seal_new(void)
{
	struct seal *s = text_alloc(1, sizeof(*s));

	s->ctx = EVP_MD_CTX_new();
	need(s->ctx && EVP_DigestInit_ex(s->ctx, EVP_sha256(), NULL) == 1);
	return s;
}

void seal_add(struct seal *s, const void *data, size_t len)
{
	need(EVP_DigestUpdate(s->ctx, data, len) == 1);
}

static void finish(EVP_MD_CTX *ctx, char hex[SEAL_HEX_MAX])
{
	unsigned char sum[EVP_MAX_MD_SIZE];

	need(EVP_DigestFinal_ex(ctx, sum, NULL) == 1);
	to_hex(sum, SUM_LEN, hex);
}

void seal_drop(struct seal *s)
{
	if (!s)
		return;
	EVP_MD_CTX_free(s->ctx);
	free(s);
}

void seal_end(struct seal *s, char hex[SEAL_HEX_MAX])
{
	finish(s->ctx, hex);
	seal_drop(s);
}

void seal_peek(const struct seal *s, char hex[SEAL_HEX_MAX])
{
	EVP_MD_CTX *copy = EVP_MD_CTX_new();

	need(copy && EVP_MD_CTX_copy_ex(copy, s->ctx) == 1);
	finish(copy, hex);
	EVP_MD_CTX_free(copy);
}

void seal_hash(const void *data, size_t len, char hex[SEAL_HEX_MAX])
{
	unsigned char sum[EVP_MAX_MD_SIZE];

	need(EVP_Digest(data, len, sum, NULL, EVP_sha256(), NULL) == 1);
	to_hex(sum, SUM_LEN, hex);
}

/* ---- signatures ---- */

static bool wrong(struct fault *f, const char *what)
{
	ERR_clear_error();
	return fault_set(f, FAULT_INVALID, 0, "%s", what);
}

/* A key that is encrypted is none: nobody is there to be asked. */
static int no_passphrase(char *dst, int size, int writing, void *arg)
{
	(void)dst;
	(void)size;
	(void)writing;
	(void)arg;
	return -1;
}

static EVP_PKEY *key_read(const char *pem, bool private, struct fault *f)
{
	size_t len = strlen(pem);
	BIO *in = len <= INT32_MAX ? BIO_new_mem_buf(pem, (int)len) : NULL;
	EVP_PKEY *key = NULL;

	if (in && private)
		key = PEM_read_bio_PrivateKey(in, NULL, no_passphrase, NULL);
	else if (in)
		key = PEM_read_bio_PUBKEY(in, NULL, no_passphrase, NULL);
	BIO_free(in);
	if (!key) {
		wrong(f, private ? "it holds no private key in PEM form that "
				   "can be read without a passphrase"
				 : "it holds no public key in PEM form");
	} else if (EVP_PKEY_get_base_id(key) != EVP_PKEY_ED25519) {
		wrong(f, "it is no Ed25519 key");
		EVP_PKEY_free(key);
		key = NULL;
	}
	return key;
}

static void identify(EVP_PKEY *key, char id[SEAL_HEX_MAX])
{
	unsigned char *der = NULL;
	int len = i2d_PUBKEY(key, &der);

	need(len > 0);
	seal_hash(der, (size_t)len, id);
	OPENSSL_free(der);
}

bool seal_sign(const char *pem, const char *text,
	       char signature[SEAL_SIGNATURE_MAX], char id[SEAL_HEX_MAX],
	       struct fault *f)
{
	EVP_PKEY *key = key_read(pem, true, f);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char made[SIGNATURE_LEN];
	size_t len = sizeof(made);
	bool ok = key && ctx &&
		  EVP_DigestSignInit(ctx, NULL, NULL, NULL, key) == 1 &&
		  EVP_DigestSign(ctx, made, &len, (const unsigned char *)text,
				 strlen(text)) == 1;

	if (ok) {
		to_hex(made, sizeof(made), signature);
		identify(key, id);
	} else if (key) {
		wrong(f, "nothing could be signed with it");
	}
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	return ok;
}

bool seal_key_id(const char *pem, char id[SEAL_HEX_MAX], struct fault *f)
{
	EVP_PKEY *key = key_read(pem, false, f);

	if (key)
		identify(key, id);
	EVP_PKEY_free(key);
	return key != NULL;
}

bool seal_verify(const char *pem, const char *text, const char *signature)
{
	unsigned char raw[SIGNATURE_LEN];
	struct fault f;
	EVP_PKEY *key = key_read(pem, false, &f);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = key && ctx && from_hex(signature, raw, sizeof(raw)) &&
		  EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key) == 1 &&
		  EVP_DigestVerify(ctx, raw, sizeof(raw),
				   (const unsigned char *)text,
				   strlen(text)) == 1;

	ERR_clear_error();
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	return ok;
}
