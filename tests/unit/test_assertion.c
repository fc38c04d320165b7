/* azure/assertion and the credentials that are proved by a signed token. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "azure/assertion.h"
#include "azure/expiry.h"
#include "azure/token.h"
#include "base/text.h"

#define NOW INT64_C(1700000000000)
#define DAY INT64_C(86400000)
#define CLIENT "11111111-2222-3333-4444-555555555555"
#define ENDPOINT \
	"https://login.microsoftonline.com/contoso.example/oauth2/v2.0/token"

static EVP_PKEY *key, *other_key;
static char *plain, *legacy, *sealed, *sealed_legacy, *other, *cert, *ca;
static X509 *leaf;

/* What a BIO holds, as a string of its own; the BIO is freed. */
static char *taken(BIO *b)
{
	char *data;
	long len = BIO_get_mem_data(b, &data);
	char *text = text_ndup(data, (size_t)len);

	BIO_free(b);
	return text;
}

static X509 *make(EVP_PKEY *of, const char *name, EVP_PKEY *signer, int days)
{
	X509 *x = X509_new();
	X509_NAME *subject = X509_get_subject_name(x);

	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 7);
	ASN1_TIME_set(X509_getm_notBefore(x), NOW / 1000 - 86400);
	ASN1_TIME_set(X509_getm_notAfter(x), NOW / 1000 + days * 86400L);
	X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
				   (const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(x, subject);
	X509_set_pubkey(x, of);
	assert_true(X509_sign(x, signer, EVP_sha256()) > 0);
	return x;
}

static char *pem_of(X509 *x)
{
	BIO *b = BIO_new(BIO_s_mem());

	assert_true(PEM_write_bio_X509(b, x));
	return taken(b);
}

static char *pem_key(EVP_PKEY *k, const char *passphrase, bool old)
{
	BIO *b = BIO_new(BIO_s_mem());
	const EVP_CIPHER *cipher = passphrase ? EVP_aes_128_cbc() : NULL;
	int len = passphrase ? (int)strlen(passphrase) : 0;
	unsigned char *words = (unsigned char *)text_dup(passphrase);

	if (old)
		assert_true(PEM_write_bio_PrivateKey_traditional(
			b, k, cipher, words, len, NULL, NULL));
	else
		assert_true(PEM_write_bio_PKCS8PrivateKey(
			b, k, cipher, (char *)words, len, NULL, NULL));
	free(words);
	return taken(b);
}

static int start(void **state)
{
	X509 *x;

	(void)state;
	key = EVP_RSA_gen(2048);
	other_key = EVP_RSA_gen(2048);
	leaf = make(key, "leaf", other_key, 100);
	x = make(other_key, "authority", other_key, 200);
	cert = pem_of(leaf);
	ca = pem_of(x);
	X509_free(x);
	plain = pem_key(key, NULL, false);
	legacy = pem_key(key, NULL, true);
	sealed = pem_key(key, "open sesame", false);
	sealed_legacy = pem_key(key, "open sesame", true);
	other = pem_key(other_key, NULL, false);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	free(plain);
	free(legacy);
	free(sealed);
	free(sealed_legacy);
	free(other);
	free(cert);
	free(ca);
	X509_free(leaf);
	EVP_PKEY_free(key);
	EVP_PKEY_free(other_key);
	return 0;
}

/* Base64url without padding; *len bytes, which the caller frees. */
static unsigned char *decoded(const char *s, size_t n, size_t *len)
{
	size_t size = (n + 3) / 4 * 4;
	char *text = text_alloc(size + 1, 1);
	unsigned char *out = text_alloc(size + 1, 1);

	memset(text, '=', size);
	for (size_t i = 0; i < n; i++) {
		assert_null(strchr("+/=", s[i]));
		text[i] = s[i] == '-' ? '+' : s[i] == '_' ? '/' : s[i];
	}
	assert_int_equal(EVP_DecodeBlock(out, (unsigned char *)text, (int)size),
			 size / 4 * 3);
	*len = size / 4 * 3 - (size - n);
	out[*len] = '\0';
	free(text);
	return out;
}

static bool verifies(const char *message, size_t len,
		     const unsigned char *signature, size_t n, bool pss)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pad;
	bool good;

	assert_true(EVP_DigestVerifyInit(ctx, &pad, EVP_sha256(), NULL, key) >
		    0);
	if (pss) {
		EVP_PKEY_CTX_set_rsa_padding(pad, RSA_PKCS1_PSS_PADDING);
		EVP_PKEY_CTX_set_rsa_pss_saltlen(pad, 32);
	}
	good = EVP_DigestVerify(ctx, signature, n,
				(const unsigned char *)message, len) == 1;
	EVP_MD_CTX_free(ctx);
	return good;
}

static struct assertion_claims claims_of(enum credential_algorithm algorithm,
					 bool chain)
{
	return (struct assertion_claims){ .audience = ENDPOINT,
					  .client_id = CLIENT,
					  .id = "an-id",
					  .now_ms = NOW + 999,
					  .algorithm = algorithm,
					  .send_chain = chain };
}

/* The signature is good, and header and claims are these. */
static void is(const char *token, const char *header, bool pss)
{
	static const char claims[] =
		"{\"aud\":\"" ENDPOINT "\",\"iss\":\"" CLIENT
		"\",\"sub\":\"" CLIENT "\",\"jti\":\"an-id\","
		"\"nbf\":1700000000,\"iat\":1700000000,\"exp\":1700000600}";
	const char *one = strchr(token, '.'), *two = strchr(one + 1, '.');
	size_t len;
	unsigned char *part = decoded(token, (size_t)(one - token), &len);

	assert_string_equal((char *)part, header);
	free(part);
	part = decoded(one + 1, (size_t)(two - one - 1), &len);
	assert_string_equal((char *)part, claims);
	free(part);
	part = decoded(two + 1, strlen(two + 1), &len);
	assert_int_equal(len, 256);
	assert_true(verifies(token, (size_t)(two - token), part, len, pss));
	assert_false(verifies(token, (size_t)(two - token), part, len, !pss));
	part[17] ^= 1;
	assert_false(verifies(token, (size_t)(two - token), part, len, pss));
	free(part);
}

static char *thumbprint(const EVP_MD *digest)
{
	unsigned char sum[EVP_MAX_MD_SIZE], text[128];
	unsigned n;
	int len;

	X509_digest(leaf, digest, sum, &n);
	len = EVP_EncodeBlock(text, sum, (int)n);
	while (text[len - 1] == '=')
		len--;
	for (int i = 0; i < len; i++)
		text[i] = text[i] == '+' ? '-' : text[i] == '/' ? '_' : text[i];
	return text_ndup((char *)text, (size_t)len);
}

static void sign(const char *file, const char *passphrase,
		 enum credential_algorithm algorithm, bool chain,
		 const char *header)
{
	struct assertion_claims c = claims_of(algorithm, chain);
	struct assertion_validity v;
	struct fault f;
	struct buf out;

	buf_init(&out, ASSERTION_MAX);
	if (!assertion_sign(file, passphrase, &c, &out, &v, &f))
		fail_msg("not signed: %s", f.text);
	is(buf_str(&out), header, algorithm == CREDENTIAL_PS256);
	assert_int_equal(v.not_before, NOW - DAY);
	assert_int_equal(v.not_after, NOW + 100 * DAY);
	buf_free(&out);
}

static void each_form_of_key_signs(void **state)
{
	char *print = thumbprint(EVP_sha256());
	char *header = text_printf(
		"{\"alg\":\"PS256\",\"typ\":\"JWT\",\"x5t#S256\":\"%s\"}",
		print);
	const struct {
		const char *key, *passphrase;
	} forms[] = { { plain, NULL },
		      { plain, "not needed" },
		      { legacy, NULL },
		      { sealed, "open sesame" },
		      { sealed_legacy, "open sesame" } };

	(void)state;
	assert_non_null(strstr(sealed, "BEGIN ENCRYPTED PRIVATE KEY"));
	assert_non_null(strstr(sealed_legacy, "Proc-Type: 4,ENCRYPTED"));
	assert_non_null(strstr(legacy, "BEGIN RSA PRIVATE KEY"));
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		char *one =
			text_printf("Bag Attributes\n%s%s", forms[i].key, cert);
		char *two = text_printf("%s%s%s", ca, cert, forms[i].key);

		sign(one, forms[i].passphrase, CREDENTIAL_PS256, false, header);
		sign(two, forms[i].passphrase, CREDENTIAL_PS256, false, header);
		free(one);
		free(two);
	}
	free(header);
	free(print);
}

/* Base64 of a PEM block, without its lines. */
static char *body_of(const char *pem)
{
	const char *s = strchr(pem, '\n') + 1;
	struct buf out;

	buf_init(&out, 8192);
	for (; *s != '-'; s++)
		if (*s != '\n')
			buf_add(&out, s, 1);
	return out.data;
}

static void rs256_and_the_chain(void **state)
{
	char *print = thumbprint(EVP_sha1()), *one = body_of(cert),
	     *two = body_of(ca);
	char *header = text_printf(
		"{\"alg\":\"RS256\",\"typ\":\"JWT\",\"x5t\":\"%s\",\"x5c\":[\"%s"
		"\",\"%s\"]}",
		print, one, two);
	char *file = text_printf("%s%s%s", ca, plain, cert);

	(void)state;
	assert_int_equal(strlen(print), 27);
	sign(file, NULL, CREDENTIAL_RS256, true, header);
	free(header);
	header = text_printf(
		"{\"alg\":\"RS256\",\"typ\":\"JWT\",\"x5t\":\"%s\"}", print);
	sign(file, NULL, CREDENTIAL_RS256, false, header);
	free(file);
	free(header);
	free(one);
	free(two);
	free(print);
}

/* A certificate that was renewed over the same key, beside the one that it
 * comes after: the chain of the new one is without the old. */
static void the_one_that_lasts_longest(void **state)
{
	X509 *x = make(key, "leaf", other_key, 5);
	char *old = pem_of(x), *print = thumbprint(EVP_sha256()),
	     *one = body_of(cert), *two = body_of(ca);
	char *header = text_printf(
		"{\"alg\":\"PS256\",\"typ\":\"JWT\",\"x5t#S256\":\"%s\","
		"\"x5c\":[\"%s\",\"%s\"]}",
		print, one, two);
	char *orders[] = {
		text_printf("%s%s%s%s", plain, old, ca, cert),
		text_printf("%s%s%s%s", cert, old, plain, ca),
		text_printf("%s%s%s%s%s", old, cert, old, ca, plain),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		sign(orders[i], NULL, CREDENTIAL_PS256, true, header);
		free(orders[i]);
	}
	free(header);
	free(one);
	free(two);
	free(print);
	free(old);
	X509_free(x);
}

static void wrong(const char *file, const char *passphrase, const char *says)
{
	struct assertion_claims c = claims_of(CREDENTIAL_PS256, false);
	struct assertion_validity v;
	struct fault f = fault_none();
	struct buf out;

	buf_init(&out, ASSERTION_MAX);
	assert_false(assertion_look(file, passphrase, &v, &f));
	assert_int_equal(f.kind, FAULT_INVALID);
	if (!strstr(f.text, says))
		fail_msg("expected %s, got %s", says, f.text);
	assert_false(assertion_sign(file, passphrase, &c, &out, &v, &f));
	assert_non_null(strstr(f.text, says));
	assert_int_equal(out.len, 0);
	buf_free(&out);
}

/* The parts in one file; wrong with these words. */
#define WRONG(passphrase, says, ...)                                        \
	do {                                                                \
		char *file_ =                                               \
			joined((const char *const[]){ __VA_ARGS__, NULL }); \
		wrong(file_, passphrase, says);                             \
		free(file_);                                                \
	} while (0)

static char *joined(const char *const *parts)
{
	struct buf out;

	buf_init(&out, 1 << 20);
	for (; *parts; parts++)
		buf_puts(&out, *parts);
	return out.data ? out.data : text_dup("");
}

static void what_cannot_be_used(void **state)
{
	EVP_PKEY *small = EVP_RSA_gen(1024), *curve = EVP_EC_gen("P-256");
	X509 *of_small = make(small, "small", small, 100);
	char *hurt = text_dup(legacy), *at;
	char *small_key = pem_key(small, NULL, false),
	     *small_cert = pem_of(of_small),
	     *curve_key = pem_key(curve, NULL, false),
	     *curve_old = pem_key(curve, NULL, true), *half = text_dup(plain),
	     *foul = text_dup(cert);

	(void)state;
	/* In d and in p: OpenSSL makes up for one of them by the other. */
	for (size_t i = 570; i <= 830; i += 260) {
		at = hurt + i + (hurt[i] == '\n');
		*at = *at == 'A' ? 'B' : 'A';
	}
	half[strlen(half) / 2] = '\0';
	memset(strchr(foul, '\n') + 1, 'A', 12); /* good base64, no DER */
	WRONG(NULL, "neither a private key nor a certificate", "");
	WRONG(NULL, "neither a private key nor a certificate", "hello\n");
	WRONG(NULL, "it holds no private key", cert, ca);
	WRONG(NULL, "but no certificate", plain);
	WRONG(NULL, "does not belong to its certificate", plain, ca);
	WRONG(NULL, "belongs to none of its certificates", plain, ca, ca);
	WRONG(NULL, "more than one private key", plain, other, cert);
	WRONG(NULL, "more than 8 certificates", plain, cert, cert, cert, cert,
	      cert, cert, cert, cert, cert);
	WRONG(NULL, "has 1024 bits, and at least 2048", small_key, small_cert);
	WRONG(NULL, "is not an RSA key", curve_key, cert);
	WRONG(NULL, "is not an RSA key", cert, curve_old);
	WRONG(NULL, "it is damaged", cert, half);
	WRONG(NULL, "its private key is damaged", cert, hurt);
	WRONG(NULL, "a certificate in it cannot be understood", plain, foul);
	WRONG(NULL, "no passphrase-file is configured", sealed, cert);
	WRONG(NULL, "no passphrase-file is configured", sealed_legacy, cert);
	WRONG("open Sesame", "the passphrase is wrong", sealed, cert);
	WRONG("open Sesame", "the passphrase is wrong", sealed_legacy, cert);
	WRONG("", "the passphrase is wrong", sealed_legacy, cert);
	free(small_key);
	free(small_cert);
	free(curve_key);
	free(curve_old);
	free(half);
	free(hurt);
	free(foul);
	X509_free(of_small);
	EVP_PKEY_free(small);
	EVP_PKEY_free(curve);
}

/* Whatever stands in the file, nothing is read past its end. */
static void damage(void **state)
{
	const char *const parts[] = { legacy, cert, NULL };
	char *file = joined(parts);
	size_t len = strlen(file);
	struct assertion_validity v;
	struct fault f;
	uint32_t seed = 1;
	size_t good = 0;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		char *copy = text_dup(file);

		for (int n = 0; n < 1 + i % 3; n++) {
			seed = seed * 1664525u + 1013904223u;
			copy[(seed >> 8) % len] =
				"AQgw/+=-\n Zz09"[(seed >> 4) % 14];
		}
		good += assertion_look(copy, NULL, &v, &f);
		free(copy);
	}
	/* Of what is left, a certificate's own signature is not looked at. */
	assert_in_range(good, 1, 1000);
	free(file);
}

static void a_chain_that_is_too_long(void **state)
{
	struct assertion_claims c = claims_of(CREDENTIAL_PS256, true);
	const char *const parts[] = { plain, cert, NULL };
	char *file = joined(parts);
	struct assertion_validity v;
	struct fault f = fault_none();
	struct buf out;

	(void)state;
	buf_init(&out, 500);
	assert_false(assertion_sign(file, NULL, &c, &out, &v, &f));
	assert_non_null(strstr(f.text, "too long"));
	assert_int_equal(out.len, 0);
	buf_free(&out);
	free(file);
}

static void ends_are_told(void **state)
{
	char said[EXPIRY_TEXT_MAX];

	(void)state;
	assert_false(expiry_text(NOW + 30 * DAY + 1, NOW, said));
	assert_true(expiry_text(NOW + 30 * DAY, NOW, said));
	assert_string_equal(said, "ends at 2023-12-14T22:13:20Z, in 30 days: "
				  "register a new one with the application and "
				  "put it into the file.");
	assert_true(expiry_text(NOW + 2 * DAY - 1, NOW, said));
	assert_non_null(strstr(said, "in 1 day: "));
	assert_true(expiry_text(NOW + 1, NOW, said));
	assert_non_null(strstr(said, "in less than 1 day: "));
	assert_true(expiry_text(NOW, NOW, said));
	assert_string_equal(said, "ended at 2023-11-14T22:13:20Z: register a "
				  "new one with the application and put it "
				  "into the file.");
}

/* ---- as credentials ---- */

static char own[] = "default", tenant[] = "contoso.example", client[] = CLIENT;

static struct credential credential_of(enum credential_kind kind)
{
	return (struct credential){
		.name = own, .kind = kind, .tenant = tenant, .client_id = client
	};
}

/* What is posted for this proof; the caller frees it. */
static char *posted(const struct credential *c, const char *proof)
{
	struct call call = { .kind = CALL_TOKEN,
			     .credential = c,
			     .audience = "https://vault.azure.net" };
	struct cloud cloud = { .name = NULL };
	struct exchange x;
	struct fault f;
	char *body;

	cloud_profile(&cloud, "public");
	assert_true(call_build(&cloud, &call, proof, NOW, &x, &f));
	assert_string_equal(x.method, "POST");
	assert_string_equal(x.url, ENDPOINT);
	assert_true(x.secret_answer);
	body = text_dup(x.body);
	exchange_free(&x);
	assert_false(call_build(&cloud, &call, "", NOW, &x, &f));
	assert_int_equal(f.kind, FAULT_INVALID);
	cloud_free(&cloud);
	return body;
}

static bool prove(const struct credential *c, const char *text, struct buf *out,
		  int64_t *ends, struct fault *f)
{
	struct token_proof proof = { .text = text,
				     .id = "an-id",
				     .now_ms = NOW };
	struct cloud cloud = { .name = NULL };
	bool ok;

	buf_init(out, TOKEN_PROOF_MAX);
	cloud_profile(&cloud, "public");
	ok = token_prove(&cloud, c, &proof, out, ends, f);
	cloud_free(&cloud);
	return ok;
}

#define FORM                                                              \
	"client_id=" CLIENT "&scope=https%3A%2F%2Fvault.azure.net%2F."    \
	"default&grant_type=client_credentials&claims=%7B%22access_token" \
	"%22%3A%7B%22xms_cc%22%3A%7B%22values%22%3A%5B%22cp1%22%5D%7D%7D" \
	"%7D&client_assertion_type=urn"                                   \
	"%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"   \
	"&client_assertion="

static void a_certificate_is_posted_as_an_assertion(void **state)
{
	struct credential c = credential_of(CREDENTIAL_CLIENT_CERTIFICATE);
	const char *const parts[] = { plain, cert, NULL };
	char *file = joined(parts), *body, *print = thumbprint(EVP_sha256());
	char *header = text_printf(
		"{\"alg\":\"PS256\",\"typ\":\"JWT\",\"x5t#S256\":\"%s\"}",
		print);
	int64_t ends;
	struct fault f;
	struct buf out;

	(void)state;
	assert_true(prove(&c, file, &out, &ends, &f));
	assert_int_equal(ends, NOW + 100 * DAY);
	is(buf_str(&out), header, true);
	body = posted(&c, buf_str(&out));
	assert_int_equal(strncmp(body, FORM, strlen(FORM)), 0);
	assert_string_equal(body + strlen(FORM), buf_str(&out));
	buf_wipe(&out);
	c.tenant = NULL;
	assert_false(prove(&c, file, &out, &ends, &f));
	assert_non_null(strstr(f.text, "its tenant or the authority"));
	c.tenant = tenant;
	assert_false(prove(&c, cert, &out, &ends, &f));
	assert_string_equal(f.text, "it holds no private key");
	buf_free(&out);
	assert_string_equal(token_proof_name(c.kind), "certificate");
	free(body);
	free(file);
	free(header);
	free(print);
}

static void a_federated_token_is_posted_as_it_is(void **state)
{
	static const char *const bad[] = {
		"",	"abc",	"a.b",	   "a..c",   "a.b.c.d",
		".b.c", "a.b.", "a.b.c d", "a.b.c=", "a.b\nc.d"
	};
	struct credential c = credential_of(CREDENTIAL_WORKLOAD_IDENTITY);
	int64_t ends;
	struct fault f;
	struct buf out;
	char *body;

	(void)state;
	assert_true(prove(&c, "\n eyJ-_.b0.Z9 \r\n", &out, &ends, &f));
	assert_string_equal(buf_str(&out), "eyJ-_.b0.Z9");
	assert_int_equal(ends, -1);
	body = posted(&c, buf_str(&out));
	assert_string_equal(body, FORM "eyJ-_.b0.Z9");
	free(body);
	buf_free(&out);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(prove(&c, bad[i], &out, &ends, &f));
		assert_string_equal(f.text,
				    "what stands there is no JSON web token");
		assert_int_equal(out.len, 0);
	}
	assert_string_equal(token_proof_name(c.kind), "federated token");
	c.kind = CREDENTIAL_CLIENT_SECRET;
	assert_true(prove(&c, "hunter2", &out, &ends, &f));
	assert_string_equal(buf_str(&out), "hunter2");
	assert_string_equal(token_proof_name(c.kind), "secret");
	buf_free(&out);
}

/* What is wrong, and what to do about it. */
static void refusals(void **state)
{
	static const struct {
		enum credential_kind kind;
		int number;
		enum fault_kind means;
		const char *hint;
	} cases[] = {
		{ CREDENTIAL_CLIENT_CERTIFICATE, 700024, FAULT_TRANSIENT,
		  "the next assertion goes by Azure's" },
		{ CREDENTIAL_CLIENT_CERTIFICATE, 700016, FAULT_DENIED,
		  "no application with this client" },
		{ CREDENTIAL_WORKLOAD_IDENTITY, 700024, FAULT_DENIED,
		  "is its file still renewed" },
		{ CREDENTIAL_WORKLOAD_IDENTITY, 700213, FAULT_DENIED,
		  "the issuer, the subject and the audience" },
		{ CREDENTIAL_WORKLOAD_IDENTITY, 5001266, FAULT_DENIED,
		  "is not its issuer's" },
		{ CREDENTIAL_WORKLOAD_IDENTITY, 90006, FAULT_TRANSIENT, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct credential c = credential_of(cases[i].kind);
		struct call call = { .kind = CALL_TOKEN,
				     .credential = &c,
				     .audience = "https://vault.azure.net" };
		struct answer a = { .status = 401, .fault = fault_none() };
		struct cloud cloud = { .name = NULL };
		struct reply r;

		buf_init(&a.body, 1000);
		buf_printf(&a.body,
			   "{\"error\":\"invalid_client\",\"error_codes\":[%d],"
			   "\"error_description\":\"AADSTS%d: No.\"}",
			   cases[i].number, cases[i].number);
		call_read(&cloud, &call, NULL, NULL, &a, NOW, &r);
		assert_int_equal(r.fault.kind, cases[i].means);
		if (!strstr(r.fault.text, cases[i].hint))
			fail_msg("%s", r.fault.text);
		buf_free(&a.body);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_form_of_key_signs),
		cmocka_unit_test(rs256_and_the_chain),
		cmocka_unit_test(the_one_that_lasts_longest),
		cmocka_unit_test(what_cannot_be_used),
		cmocka_unit_test(damage),
		cmocka_unit_test(a_chain_that_is_too_long),
		cmocka_unit_test(ends_are_told),
		cmocka_unit_test(a_certificate_is_posted_as_an_assertion),
		cmocka_unit_test(a_federated_token_is_posted_as_it_is),
		cmocka_unit_test(refusals),
	};

	return cmocka_run_group_tests_name("assertion", tests, start, stop);
}
