/*
 * A PEM file and some claims become a signed JSON web token; the only file
 * that knows OpenSSL, of which nothing older than version 3 is used.
 *
 * The key's numbers are taken out of their DER here and not by OpenSSL's
 * decoders, which leave copies of it in memory that they give back.
 */
#include "azure/assertion.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/json.h"
#include "base/text.h"

/* The key and the certificates of a file. */
struct bundle {
	EVP_PKEY *key;
	X509 *certificates[ASSERTION_CHAIN_MAX];
	size_t n;
	size_t leaf; /* the one that belongs to the key */
};

static bool wrong(struct fault *f, const char *what)
{
	ERR_clear_error();
	return fault_set(f, FAULT_INVALID, 0, "%s", what);
}

static void bundle_free(struct bundle *b)
{
	EVP_PKEY_free(b->key);
	for (size_t i = 0; i < b->n; i++)
		X509_free(b->certificates[i]);
}

/* ---- an RSA key out of its DER ---- */

/* The parts of RFC 8017's RSAPrivateKey, in their order after the version. */
static const char *const rsa_parts[] = {
	OSSL_PKEY_PARAM_RSA_N,	       OSSL_PKEY_PARAM_RSA_E,
	OSSL_PKEY_PARAM_RSA_D,	       OSSL_PKEY_PARAM_RSA_FACTOR1,
	OSSL_PKEY_PARAM_RSA_FACTOR2,   OSSL_PKEY_PARAM_RSA_EXPONENT1,
	OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
};
#define RSA_PARTS (sizeof(rsa_parts) / sizeof(rsa_parts[0]))

/* The content of the next DER element of this tag; NULL when there is none.
 * *at goes past it. */
static const unsigned char *element(const unsigned char **at,
				    const unsigned char *end, unsigned char tag,
				    size_t *len)
{
	const unsigned char *p = *at;
	size_t n;

	if (end - p < 2 || p[0] != tag)
		return NULL;
	n = p[1];
	p += 2;
	if (n > 0x80 && n <= 0x82 && (size_t)(end - p) >= n - 0x80) {
		size_t bytes = n - 0x80;

		for (n = 0; bytes; bytes--)
			n = n << 8 | *p++;
	} else if (n >= 0x80) {
		return NULL;
	}
	if ((size_t)(end - p) < n)
		return NULL;
	*at = p + n;
	*len = n;
	return p;
}

/* Secure numbers: what OpenSSL makes of them is wiped when it is freed. */
static bool add_numbers(OSSL_PARAM_BLD *to, BIGNUM *numbers[RSA_PARTS],
			const unsigned char *p, const unsigned char *end)
{
	const unsigned char *data;
	size_t len;

	if (!element(&p, end, 0x02, &len)) /* the version */
		return false;
	for (size_t i = 0; i < RSA_PARTS; i++) {
		data = element(&p, end, 0x02, &len);
		numbers[i] = data ? BN_secure_new() : NULL;
		if (!numbers[i] || !BN_bin2bn(data, (int)len, numbers[i]) ||
		    !OSSL_PARAM_BLD_push_BN(to, rsa_parts[i], numbers[i]))
			return false;
	}
	return true;
}

static EVP_PKEY *rsa_key(const unsigned char *der, size_t len)
{
	BIGNUM *numbers[RSA_PARTS] = { NULL };
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	OSSL_PARAM *params = NULL;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	EVP_PKEY *key = NULL;
	const unsigned char *at = der, *p;

	p = element(&at, der + len, 0x30, &len);
	if (build && p && add_numbers(build, numbers, p, p + len))
		params = OSSL_PARAM_BLD_to_param(build);
	if (!params || !ctx || EVP_PKEY_fromdata_init(ctx) <= 0 ||
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params) <= 0)
		key = NULL;
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	EVP_PKEY_CTX_free(ctx);
	for (size_t i = 0; i < RSA_PARTS; i++)
		BN_clear_free(numbers[i]);
	return key;
}

/* ---- one block of a PEM file ---- */

static bool keep_key(struct bundle *b, EVP_PKEY *key, struct fault *f)
{
	if (!key)
		return wrong(f, "its private key cannot be understood");
	if (b->key) {
		EVP_PKEY_free(key);
		return wrong(f, "it holds more than one private key");
	}
	b->key = key;
	return true;
}

/* PKCS #8 (RFC 5958), no longer encrypted. */
static bool add_pkcs8(struct bundle *b, PKCS8_PRIV_KEY_INFO *info,
		      struct fault *f)
{
	const ASN1_OBJECT *algorithm;
	const unsigned char *der;
	int len;

	if (!info || !PKCS8_pkey_get0(&algorithm, &der, &len, NULL, info) ||
	    len < 0)
		return wrong(f, "its private key cannot be understood");
	if (OBJ_obj2nid(algorithm) != NID_rsaEncryption)
		return wrong(f, "its private key is not an RSA key, and Entra "
				"takes no other");
	return keep_key(b, rsa_key(der, (size_t)len), f);
}

static bool add_plain(struct bundle *b, const unsigned char *der, long len,
		      struct fault *f)
{
	PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &der, len);
	bool ok = add_pkcs8(b, info, f);

	PKCS8_PRIV_KEY_INFO_free(info); /* wipes it */
	return ok;
}

static bool need_passphrase(const char *passphrase, struct fault *f)
{
	return passphrase ||
	       wrong(f, "its private key is encrypted, and no passphrase-file "
			"is configured");
}

static bool wrong_passphrase(struct fault *f)
{
	return wrong(f, "its private key cannot be decrypted: the passphrase "
			"is wrong");
}

static bool add_encrypted(struct bundle *b, const unsigned char *der, long len,
			  const char *passphrase, struct fault *f)
{
	PKCS8_PRIV_KEY_INFO *info = NULL;
	X509_SIG *sealed;
	bool ok;

	if (!need_passphrase(passphrase, f))
		return false;
	sealed = d2i_X509_SIG(NULL, &der, len);
	if (sealed)
		info = PKCS8_decrypt(sealed, passphrase,
				     (int)strlen(passphrase));
	ok = info ? add_pkcs8(b, info, f) : wrong_passphrase(f);
	PKCS8_PRIV_KEY_INFO_free(info);
	X509_SIG_free(sealed);
	return ok;
}

static int tell_passphrase(char *dst, int size, int writing, void *arg)
{
	const char *passphrase = arg;
	size_t len = passphrase ? strlen(passphrase) : 0;

	(void)writing;
	if (!len || len > (size_t)size)
		return -1;
	memcpy(dst, passphrase, len);
	return (int)len;
}

/* The form before PKCS #8 (RFC 8017 A.1.2); it has encryption of its own
 * (RFC 1421), told in the block's header. */
static bool add_rsa(struct bundle *b, char *header, unsigned char *der,
		    long len, const char *passphrase, struct fault *f)
{
	EVP_CIPHER_INFO cipher;

	if (*header && !need_passphrase(passphrase, f))
		return false;
	if (*header && (!PEM_get_EVP_CIPHER_INFO(header, &cipher) ||
			!PEM_do_header(&cipher, der, &len, tell_passphrase,
				       (void *)(uintptr_t)passphrase)))
		return wrong_passphrase(f);
	return keep_key(b, rsa_key(der, (size_t)len), f);
}

static bool add_certificate(struct bundle *b, const unsigned char *der,
			    long len, struct fault *f)
{
	if (b->n == ASSERTION_CHAIN_MAX)
		return fault_set(f, FAULT_INVALID, 0,
				 "it holds more than %d certificates",
				 ASSERTION_CHAIN_MAX);
	b->certificates[b->n] = d2i_X509(NULL, &der, len);
	if (!b->certificates[b->n])
		return wrong(f, "a certificate in it cannot be understood");
	b->n++;
	return true;
}

/* What else may stand in such a file (parameters, attributes) is no concern
 * of ours. */
static bool add_block(struct bundle *b, const char *name, char *header,
		      unsigned char *der, long len, const char *passphrase,
		      struct fault *f)
{
	if (!strcmp(name, PEM_STRING_X509) ||
	    !strcmp(name, PEM_STRING_X509_OLD))
		return add_certificate(b, der, len, f);
	if (!strcmp(name, PEM_STRING_PKCS8INF))
		return add_plain(b, der, len, f);
	if (!strcmp(name, PEM_STRING_PKCS8))
		return add_encrypted(b, der, len, passphrase, f);
	if (!strcmp(name, PEM_STRING_RSA))
		return add_rsa(b, header, der, len, passphrase, f);
	if (text_suffix(name, "PRIVATE KEY"))
		return wrong(f, "its private key is not an RSA key, and Entra "
				"takes no other");
	return true;
}

/* ---- signing ---- */

/* RFC 7518 section 3.5: the salt is as long as the digest. */
static bool pad(EVP_PKEY_CTX *ctx, enum credential_algorithm algorithm)
{
	if (algorithm == CREDENTIAL_RS256)
		return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) > 0;
	return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) > 0 &&
	       EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) >
		       0;
}

/* Into signature, which has room for EVP_PKEY_get_size(key) bytes. */
static bool make_signature(EVP_PKEY *key, enum credential_algorithm algorithm,
			   const void *text, size_t len,
			   unsigned char *signature, size_t *n)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *of_key = NULL;
	bool ok = ctx &&
		  EVP_DigestSignInit(ctx, &of_key, EVP_sha256(), NULL, key) >
			  0 &&
		  pad(of_key, algorithm) &&
		  EVP_DigestSign(ctx, signature, n, text, len) > 0;

	EVP_MD_CTX_free(ctx);
	return ok;
}

/* Numbers of which one is damaged make signatures that nobody believes. */
static bool signs_well(EVP_PKEY *key)
{
	static const unsigned char text[] = "trial";
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t n = (size_t)EVP_PKEY_get_size(key);
	unsigned char *signature = text_alloc(n, 1);
	bool ok = ctx &&
		  make_signature(key, CREDENTIAL_RS256, text, sizeof(text),
				 signature, &n) &&
		  EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key) >
			  0 &&
		  EVP_DigestVerify(ctx, signature, n, text, sizeof(text)) == 1;

	EVP_MD_CTX_free(ctx);
	free(signature);
	return ok;
}

/* ---- the whole file ---- */

static bool read_blocks(struct bundle *b, BIO *in, const char *passphrase,
			struct fault *f)
{
	char *name, *header;
	unsigned char *der;
	long len;
	bool ok = true;

	while (ok && PEM_read_bio_ex(in, &name, &header, &der, &len,
				     PEM_FLAG_SECURE)) {
		/* Decrypting it in place makes it shorter. */
		size_t size = (size_t)len;

		ok = add_block(b, name, header, der, len, passphrase, f);
		OPENSSL_secure_free(name);
		OPENSSL_secure_free(header);
		OPENSSL_secure_clear_free(der, size);
	}
	if (ok && ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
		ok = wrong(f, "it is damaged: a block of PEM in it does not "
			      "end, or is not base64");
	ERR_clear_error();
	return ok;
}

static int64_t moment(const ASN1_TIME *t)
{
	struct tm tm;

	return ASN1_TIME_to_tm(t, &tm) ? (int64_t)timegm(&tm) * 1000 : -1;
}

static bool is_of_key(const struct bundle *b, size_t i)
{
	EVP_PKEY *public = X509_get0_pubkey(b->certificates[i]);

	return public && EVP_PKEY_eq(public, b->key) == 1;
}

/* Of several over one key the one that lasts longest: the others are what was
 * renewed. */
static bool find_leaf(struct bundle *b, struct fault *f)
{
	int64_t ends, latest = INT64_MIN;

	b->leaf = b->n;
	for (size_t i = 0; i < b->n; i++) {
		ends = moment(X509_get0_notAfter(b->certificates[i]));
		if (!is_of_key(b, i) || ends <= latest)
			continue;
		latest = ends;
		b->leaf = i;
	}
	if (b->leaf < b->n)
		return true;
	return wrong(f, b->n == 1 ? "its private key does not belong to its "
				    "certificate"
				  : "its private key belongs to none of its "
				    "certificates");
}

static bool check(struct bundle *b, struct fault *f)
{
	if (!b->key && !b->n)
		return wrong(f, "it holds neither a private key nor a "
				"certificate in PEM form");
	if (!b->key)
		return wrong(f, "it holds no private key");
	if (!b->n)
		return wrong(f, "it holds a private key, but no certificate");
	if (EVP_PKEY_get_bits(b->key) < ASSERTION_BITS_MIN)
		return fault_set(f, FAULT_INVALID, 0,
				 "its RSA key has %d bits, and at least %d are "
				 "needed",
				 EVP_PKEY_get_bits(b->key), ASSERTION_BITS_MIN);
	if (!find_leaf(b, f))
		return false;
	return signs_well(b->key) ||
	       wrong(f, "its private key is damaged: what it signs does not "
			"verify");
}

/* False with everything freed. */
static bool bundle_read(struct bundle *b, const char *pem,
			const char *passphrase, struct assertion_validity *v,
			struct fault *f)
{
	size_t len = strlen(pem);
	BIO *in = len <= INT32_MAX ? BIO_new_mem_buf(pem, (int)len) : NULL;
	bool ok;

	*b = (struct bundle){ .key = NULL };
	ERR_clear_error();
	ok = in && read_blocks(b, in, passphrase, f) && check(b, f);
	BIO_free(in);
	ERR_clear_error();
	if (!ok) {
		bundle_free(b);
		return false;
	}
	v->not_before = moment(X509_get0_notBefore(b->certificates[b->leaf]));
	v->not_after = moment(X509_get0_notAfter(b->certificates[b->leaf]));
	return true;
}

bool assertion_look(const char *pem, const char *passphrase,
		    struct assertion_validity *v, struct fault *f)
{
	struct bundle b;

	if (!bundle_read(&b, pem, passphrase, v, f))
		return false;
	bundle_free(&b);
	return true;
}

/* ---- the token ---- */

/* Base64 as RFC 4648 section 4 has it, or for URLs and without padding as
 * its section 5 and RFC 7515 have it. */
static bool add_base64(struct buf *out, const void *data, size_t len, bool url)
{
	size_t size = (len + 2) / 3 * 4;
	unsigned char *text = text_alloc(size + 1, 1);
	bool ok;

	EVP_EncodeBlock(text, data, (int)len);
	for (size_t i = 0; url && i < size; i++) {
		if (text[i] == '+')
			text[i] = '-';
		else if (text[i] == '/')
			text[i] = '_';
	}
	while (url && size && text[size - 1] == '=')
		size--;
	ok = buf_add(out, text, size);
	free(text);
	return ok;
}

/* One member of an object whose value is base64. */
static void put_base64(struct json_writer *w, const void *data, size_t len,
		       bool url)
{
	struct buf text;

	buf_init(&text, ASSERTION_MAX);
	json_put_str(w,
		     add_base64(&text, data, len, url) ? buf_str(&text) : "");
	buf_free(&text);
}

static void put_thumbprint(struct json_writer *w, const X509 *certificate,
			   enum credential_algorithm algorithm)
{
	const EVP_MD *digest = algorithm == CREDENTIAL_RS256 ? EVP_sha1()
							     : EVP_sha256();
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	X509_digest(certificate, digest, sum, &len);
	put_base64(w, sum, len, true);
}

static void put_der(struct json_writer *w, const X509 *certificate)
{
	unsigned char *der = NULL;
	int len = i2d_X509(certificate, &der);

	put_base64(w, der, len > 0 ? (size_t)len : 0, false);
	OPENSSL_free(der);
}

/* RFC 7515 section 4.1.6: the leaf first, then the others in their order, but
 * for those that it took the place of. */
static void put_chain(struct json_writer *w, const struct bundle *b)
{
	json_key(w, "x5c");
	json_open_array(w);
	put_der(w, b->certificates[b->leaf]);
	for (size_t i = 0; i < b->n; i++) {
		if (!is_of_key(b, i))
			put_der(w, b->certificates[i]);
	}
	json_close_array(w);
}

static bool add_header(struct buf *out, const struct bundle *b,
		       const struct assertion_claims *c)
{
	bool rs256 = c->algorithm == CREDENTIAL_RS256, ok;
	struct json_writer *w;
	struct buf text;

	buf_init(&text, ASSERTION_MAX);
	w = json_writer_new(&text, false);
	json_open(w);
	json_add_str(w, "alg", rs256 ? "RS256" : "PS256");
	json_add_str(w, "typ", "JWT");
	json_key(w, rs256 ? "x5t" : "x5t#S256");
	put_thumbprint(w, b->certificates[b->leaf], c->algorithm);
	if (c->send_chain)
		put_chain(w, b);
	json_close(w);
	ok = json_finish(w) && add_base64(out, text.data, text.len, true);
	buf_free(&text);
	return ok;
}

static bool add_claims(struct buf *out, const struct assertion_claims *c)
{
	int64_t now = c->now_ms / 1000;
	struct json_writer *w;
	struct buf text;
	bool ok;

	buf_init(&text, ASSERTION_MAX);
	w = json_writer_new(&text, false);
	json_open(w);
	json_add_str(w, "aud", c->audience);
	json_add_str(w, "iss", c->client_id);
	json_add_str(w, "sub", c->client_id);
	json_add_str(w, "jti", c->id);
	json_add_int(w, "nbf", now);
	json_add_int(w, "iat", now);
	json_add_int(w, "exp", now + ASSERTION_LIFETIME_S);
	json_close(w);
	ok = json_finish(w) && add_base64(out, text.data, text.len, true);
	buf_free(&text);
	return ok;
}

static bool add_signature(struct buf *out, EVP_PKEY *key,
			  enum credential_algorithm algorithm)
{
	size_t len = (size_t)EVP_PKEY_get_size(key);
	unsigned char *signature = text_alloc(len, 1);
	bool ok = make_signature(key, algorithm, out->data, out->len, signature,
				 &len) &&
		  buf_puts(out, ".") && add_base64(out, signature, len, true);

	free(signature);
	return ok;
}

bool assertion_sign(const char *pem, const char *passphrase,
		    const struct assertion_claims *c, struct buf *out,
		    struct assertion_validity *v, struct fault *f)
{
	struct bundle b;
	struct buf text;
	bool ok;

	if (!bundle_read(&b, pem, passphrase, v, f))
		return false;
	buf_init(&text, ASSERTION_MAX);
	ok = add_header(&text, &b, c) && buf_puts(&text, ".") &&
	     add_claims(&text, c) && add_signature(&text, b.key, c->algorithm);
	ok = (ok && buf_add(out, text.data, text.len)) ||
	     wrong(f, "what it makes would be too long, or could not be "
		      "signed");
	buf_wipe(&text);
	bundle_free(&b);
	return ok;
}
