/* azure/vault: reading a key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "azure_help.h"
#include "base/text.h"

#define VER "95a76f34842c4fcf9e2cc929e38359c0"
#define KID "https://v1v.vault.azure.net/keys/K/" VER

static int start(void **state)
{
	(void)state;
	azure_start(&(struct call){ .kind = CALL_KEY, .ticket = 3 },
		    "https://v1v.vault.azure.net/keys/K");
	return 0;
}

static struct reply read_with(int status, const char *body,
			      enum answer_header header, const char *value)
{
	struct answer a = azure_answer(status, body);

	a.headers[header] = text_dup(value);
	return azure_read(a);
}

static struct reply read_answer(int status, const char *body)
{
	return read_with(status, body, ANSWER_DATE, NULL);
}

/* A key answer; n bytes of modulus, beginning with the letters head. */
static char *answer(const char *kid, const char *kty, const char *ops,
		    const char *modulus, const char *attributes)
{
	return text_printf("{\"key\":{\"kid\":\"%s\",\"kty\":\"%s\",\"key_ops\""
			   ":%s,\"n\":\"%s\",\"e\":\"AQAB\"},\"attributes\":"
			   "{%s},\"tags\":{\"env\":\"prod\"},\"new\":[1]}",
			   kid, kty, ops, modulus, attributes);
}

static char *modulus(size_t chars, const char *head)
{
	char *s = text_alloc(chars + 1, 1);

	memset(s, 'q', chars);
	memcpy(s, head, strlen(head));
	return s;
}

static void requests_are_built(void **state)
{
	struct exchange x;
	struct fault f;

	(void)state;
	assert_true(call_build(&cloud, &call, NULL, NOW, &x, &f));
	assert_string_equal(x.method, "GET");
	assert_string_equal(x.url, "https://v1v.vault.azure.net/keys/K?"
				   "api-version=7.4");
	assert_true(x.bearer);
	assert_false(x.metadata);
	assert_false(x.secret_answer);
	assert_null(x.body);
	exchange_free(&x);
	keyid_parse(&call.key, "https://v1v.vault.azure.net:8443/keys/K/" VER,
		    &f);
	assert_true(call_build(&cloud, &call, NULL, NOW, &x, &f));
	assert_string_equal(x.url,
			    "https://v1v.vault.azure.net:8443/keys/K/" VER
			    "?api-version=7.4");
	exchange_free(&x);
	keyid_parse(&call.key, "https://v1v.vault.example/keys/K", &f);
	assert_false(call_build(&cloud, &call, NULL, NOW, &x, &f));
	assert_int_equal(f.kind, FAULT_INVALID);
	assert_non_null(strstr(f.text, "v1v.vault.example is no vault"));
}

static void recorded_answer_is_read(void **state)
{
	char *n = modulus(342, ""), *body;
	struct reply r;

	(void)state;
	body = answer(KID, "RSA", "[\"encrypt\",\"wrapKey\",\"unwrapKey\"]", n,
		      "\"enabled\":true,\"created\":1699275444,\"updated\":"
		      "1699275445,\"recoveryLevel\":\"CustomizedRecoverable+"
		      "Purgeable\",\"recoverableDays\":7,\"exportable\":false,"
		      "\"hsmPlatform\":\"0\"");
	r = read_with(200, body, ANSWER_DATE, "Sun, 06 Nov 1994 08:49:37 GMT");
	assert_int_equal(r.fault.kind, FAULT_NONE);
	assert_string_equal(r.key.version, VER);
	assert_true(r.key.enabled);
	assert_true(r.key.rsa);
	assert_true(r.key.wraps);
	assert_int_equal(r.key.bits, 2048);
	assert_true(r.key.created == 1699275444000);
	assert_true(r.key.updated == 1699275445000);
	assert_int_equal(r.key.not_before, -1);
	assert_int_equal(r.key.expires, -1);
	assert_false(r.key.purge_protected);
	assert_true(r.date_ms == 784111777000);
	reply_free(&r);
	free(body);
	free(n);
}

static void moduli_are_measured(void **state)
{
	static const struct {
		size_t chars;
		const char *head;
		int bits;
	} cases[] = {
		{ 342, "", 2048 },    /* 256 bytes */
		{ 344, "AA", 2056 },  /* 258 bytes, one of them zero */
		{ 344, "AAA", 2048 }, /* two of them zero */
		{ 512, "", 3072 },
		{ 683, "", 4096 },
		{ 171, "", 1024 },
		{ 0, "", 0 },
		{ 1, "", 0 },
		{ 5, "", 0 },
		{ 4, "AAAA", 0 },
		{ 342, "*", 0 },
		{ 344, "-_09AZaz", 2064 },
		{ 6000, "", 0 },
		{ 4, "ab==", 8 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *n = modulus(cases[i].chars, cases[i].head);
		char *body = answer(KID, "RSA-HSM", "[]", n,
				    "\"enabled\":"
				    "false");
		struct reply r = read_answer(200, body);

		assert_int_equal(r.fault.kind, FAULT_NONE);
		assert_int_equal(r.key.bits, cases[i].bits);
		assert_true(r.key.rsa);
		assert_false(r.key.wraps);
		assert_false(r.key.enabled);
		reply_free(&r);
		free(body);
		free(n);
	}
}

static void kinds_and_operations(void **state)
{
	static const struct {
		const char *kty, *ops;
		bool rsa, wraps;
	} cases[] = {
		{ "RSA", "[\"wrapKey\",\"unwrapKey\"]", true, true },
		{ "rsa-hsm", "[\"UNWRAPKEY\",\"wrapkey\"]", true, true },
		{ "RSA", "[\"wrapKey\"]", true, false },
		{ "RSA", "[\"unwrapKey\",7,null]", true, false },
		{ "RSA", "null", true, false },
		{ "EC", "[\"wrapKey\",\"unwrapKey\"]", false, true },
		{ "oct", "[]", false, false },
		{ "RSA2", "[]", false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *body = answer(KID, cases[i].kty, cases[i].ops, "qqqq",
				    "\"enabled\":true");
		struct reply r = read_answer(200, body);

		assert_int_equal(r.fault.kind, FAULT_NONE);
		assert_int_equal(r.key.rsa, cases[i].rsa);
		assert_int_equal(r.key.wraps, cases[i].wraps);
		assert_int_equal(r.key.bits, cases[i].rsa ? 24 : 0);
		reply_free(&r);
		free(body);
	}
}

static void attributes_are_read(void **state)
{
	static const struct {
		const char *attributes;
		int64_t nbf, exp;
		bool protected;
	} cases[] = {
		{ "\"enabled\":true,\"nbf\":631180800,\"exp\":662716800,"
		  "\"recoveryLevel\":\"CustomizedRecoverable\"",
		  631180800000, 662716800000, true },
		{ "\"enabled\":true,\"nbf\":null,\"exp\":null,\"created\":null,"
		  "\"recoveryLevel\":\"Recoverable+ProtectedSubscription\"",
		  -1, -1, true },
		{ "\"enabled\":true,\"nbf\":-5,\"exp\":\"662716800\","
		  "\"recoveryLevel\":\"\"",
		  0, 662716800000, false },
		{ "\"enabled\":true,\"exp\":9223372036854775807,"
		  "\"recoveryLevel\":\"recoverable+purgeable\"",
		  -1, 253402300799000, false },
		{ "\"enabled\":true,\"nbf\":0,\"recoveryLevel\":7", 0, -1,
		  false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *body = answer(KID, "RSA", "[]", "", cases[i].attributes);
		struct reply r = read_answer(200, body);

		assert_int_equal(r.fault.kind, FAULT_NONE);
		assert_true(r.key.not_before == cases[i].nbf);
		assert_true(r.key.expires == cases[i].exp);
		assert_int_equal(r.key.purge_protected, cases[i].protected);
		reply_free(&r);
		free(body);
	}
}

static void half_answers_are_refused(void **state)
{
	static const char *const attributes[] = {
		"",
		"\"enabled\":null",
		"\"enabled\":\"true\"",
		"\"enabled\":true,\"nbf\":\"soon\"",
		"\"enabled\":true,\"exp\":1.5",
		"\"enabled\":true,\"exp\":[]",
		"\"enabled\":true,\"created\":true",
		"\"enabled\":true,\"updated\":{}",
	};
	static const char *const bodies[] = {
		"",
		"{}",
		"[]",
		"null",
		"{\"key\":null}",
		"{\"key\":{}}",
		"<xml>",
		"{\"key\":{\"kid\":7}}",
		"{\"key\":{\"kid\":\"" KID "\"}}",
		"{\"key\":{\"kid\":\"" KID "\"},\"attributes\":null}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]);
	     i++) {
		char *body = answer(KID, "RSA", "[]", "", attributes[i]);
		struct reply r = read_answer(200, body);

		assert_int_equal(r.fault.kind, FAULT_INVALID);
		reply_free(&r);
		free(body);
	}
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		struct reply r = read_answer(200, bodies[i]);

		assert_int_equal(r.fault.kind, FAULT_INVALID);
		assert_non_null(strstr(r.fault.text,
				       "Reading key https://v1v."
				       "vault.azure.net/keys/K failed: "));
		reply_free(&r);
	}
}

static void other_keys_are_refused(void **state)
{
	static const char *const kids[] = {
		"https://v1v.vault.azure.net/keys/K",
		"https://v2v.vault.azure.net/keys/K/" VER,
		"https://v1v.vault.azure.net:8443/keys/K/" VER,
		"https://v1v.vault.azure.net/keys/L/" VER,
		"http://v1v.vault.azure.net/keys/K/" VER,
		"",
	};
	char *body;
	struct reply r;
	struct fault f;

	(void)state;
	for (size_t i = 0; i < sizeof(kids) / sizeof(kids[0]); i++) {
		body = answer(kids[i], "RSA", "[]", "", "\"enabled\":true");
		r = read_answer(200, body);
		assert_int_equal(r.fault.kind, FAULT_INVALID);
		free(body);
	}
	body = answer("https://V1V.vault.azure.net:443/keys/k/" VER, "RSA",
		      "[]", "", "\"enabled\":true");
	r = read_answer(200, body);
	assert_int_equal(r.fault.kind, FAULT_NONE);
	keyid_parse(&call.key, "https://v1v.vault.azure.net/keys/K/abc", &f);
	r = read_answer(200, body);
	assert_int_equal(r.fault.kind, FAULT_INVALID);
	free(body);
}

static void challenges_are_checked(void **state)
{
	static const struct {
		const char *header, *audience;
		enum fault_kind kind;
	} cases[] = {
		{ "Bearer authorization=\"https://login.microsoftonline.com/t\""
		  ", resource=\"https://vault.azure.net\"",
		  "https://vault.azure.net", FAULT_AUTH },
		{ "Bearer authorization=\"a\", scope=\"https://vault.azure.net/"
		  ".default\"",
		  "https://vault.azure.net", FAULT_AUTH },
		{ "Bearer scope=\"https://vault.azure.net/.default offline\"",
		  "https://vault.azure.net", FAULT_AUTH },
		{ "Bearer scope=\"https://vault.azure.net\"",
		  "https://vault.azure.net", FAULT_AUTH },
		{ "Bearer resource=\"https://graph.microsoft.com\"", "",
		  FAULT_DENIED },
		{ "Bearer resource=\"https://evilvault.azure.net\"", "",
		  FAULT_DENIED },
		{ "Bearer resource=\"http://vault.azure.net\"", "",
		  FAULT_DENIED },
		{ "Bearer resource=\"nonsense\"", "", FAULT_DENIED },
		{ "Bearer resource=\"https://vault.azure.net/a b\"", "",
		  FAULT_DENIED },
		{ "Bearer error=\"invalid_token\"", "", FAULT_AUTH },
		{ "Basic realm=x", "", FAULT_AUTH },
		{ NULL, "", FAULT_AUTH },
	};
	char *header;
	struct reply r;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		r = read_with(401,
			      "{\"error\":{\"code\":\"Unauthorized\","
			      "\"message\":\"AKV10000: no token.\"}}",
			      ANSWER_WWW_AUTHENTICATE, cases[i].header);
		assert_int_equal(r.fault.kind, cases[i].kind);
		assert_string_equal(r.challenge_audience, cases[i].audience);
		assert_string_equal(r.fault.azure_code, "Unauthorized");
		assert_non_null(strstr(r.fault.text, "HTTP 401"));
	}
	header = text_printf("Bearer resource=\"https://vault.azure.net/%0*d\"",
			     140, 1);
	/* However it spells the rest: one audience, one token. */
	r = read_with(401, "", ANSWER_WWW_AUTHENTICATE, header);
	assert_int_equal(r.fault.kind, FAULT_AUTH);
	assert_string_equal(r.challenge_audience, "https://vault.azure.net");
	free(header);
}

#define T1 "11111111-0000-4000-8000-00000000000a"
#define T2 "22222222-0000-4000-8000-00000000000b"
#define HEADER                                                        \
	"Bearer authorization=\"https://login.windows.net/" T2 "\", " \
	"resource=\"https://vault.azure.net\""

/* Whose tenant a vault is of, and who may follow it there. */
static void tenants_are_checked(void **state)
{
	static const struct {
		enum credential_kind kind;
		const char *tenant, *allowed, *header, *follows, *says;
		bool bare;
	} cases[] = {
		{ CREDENTIAL_CLIENT_SECRET, NULL, NULL, HEADER, T2, NULL, 1 },
		{ CREDENTIAL_CLIENT_SECRET, "", NULL, HEADER, T2, NULL, 0 },
		{ CREDENTIAL_CLIENT_SECRET, T2, NULL, HEADER, T2, NULL, 0 },
		/* A list alone is one of all that are meant. */
		{ CREDENTIAL_CLIENT_SECRET, NULL, T1 ";" T2, HEADER, T2, NULL,
		  1 },
		{ CREDENTIAL_CLIENT_SECRET, "", "*", HEADER, T2, NULL, 1 },
		{ CREDENTIAL_CLIENT_SECRET, NULL, T1, HEADER, "",
		  "it belongs to tenant " T2 ", and that is none of "
		  "allowed-tenants; if it is meant, name it there",
		  1 },
		{ CREDENTIAL_CLIENT_CERTIFICATE, "", T1 ";x", HEADER, "",
		  "none of allowed-tenants", 0 },
		{ CREDENTIAL_CLIENT_SECRET, T1, NULL, HEADER, "",
		  "it belongs to tenant " T2 " and the credential to tenant " T1
		  "; if that is meant, name it in allowed-tenants",
		  0 },
		{ CREDENTIAL_CLIENT_SECRET, T1, T1, HEADER, "", "allowed-ten",
		  0 },
		{ CREDENTIAL_CLIENT_SECRET, T1, "x" T2 ";" T2 "x", HEADER, "",
		  "allowed-tenants", 0 },
		{ CREDENTIAL_CLIENT_SECRET, T1, T1 ";" T2, HEADER, T2, NULL,
		  0 },
		{ CREDENTIAL_CLIENT_SECRET, T1, "*", HEADER, T2, NULL, 0 },
		{ CREDENTIAL_CLIENT_SECRET, T1, T1 ";*;x", HEADER, T2, NULL,
		  0 },
		/* A domain name may be any tenant's. */
		{ CREDENTIAL_CLIENT_SECRET, "a.example", NULL, HEADER, "",
		  "it belongs to tenant " T2 ": unless a.example is that one, "
		  "name it in allowed-tenants",
		  0 },
		{ CREDENTIAL_CLIENT_SECRET, "a.example", T1, HEADER, "",
		  "name it in allowed-tenants", 0 },
		{ CREDENTIAL_CLIENT_SECRET, "a.example", T1 ";" T2, HEADER, T2,
		  NULL, 0 },
		{ CREDENTIAL_CLIENT_SECRET, "a.example", "*", HEADER, T2, NULL,
		  0 },
		{ CREDENTIAL_MANAGED_IDENTITY, NULL, NULL, HEADER, "", NULL,
		  0 },
		{ CREDENTIAL_CLIENT_SECRET, NULL, NULL,
		  "Bearer resource=\"https://vault.azure.net\"", "",
		  "names no tenant", 1 },
		/* Nobody who asks for a token that is good elsewhere. */
		{ CREDENTIAL_CLIENT_SECRET, NULL, NULL,
		  "Bearer authorization=\"https://login.windows.net/" T2 "\", "
		  "resource=\"https://evil.example\"",
		  "", "another service", 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct credential c = {
			.kind = cases[i].kind,
			.tenant = (char *)(uintptr_t)cases[i].tenant,
			.allowed_tenants = (char *)(uintptr_t)cases[i].allowed
		};
		struct reply r;

		call.credential = &c;
		call.bare = cases[i].bare;
		r = read_with(401, "", ANSWER_WWW_AUTHENTICATE,
			      cases[i].header);
		assert_string_equal(r.challenge_tenant, cases[i].follows);
		if (cases[i].says && cases[i].tenant &&
		    !strcmp(cases[i].tenant, "a.example"))
			assert_int_equal(r.fault.kind, FAULT_AUTH);
		if (cases[i].says)
			assert_non_null(strstr(r.fault.text, cases[i].says));
		else
			assert_int_equal(r.fault.kind, FAULT_AUTH);
		if (cases[i].says && strstr(cases[i].says, "none of"))
			assert_int_equal(r.fault.kind, FAULT_DENIED);
		reply_free(&r);
	}
}

static void claims_are_read(void **state)
{
	struct reply r;

	(void)state;
	r = read_with(401, "", ANSWER_WWW_AUTHENTICATE,
		      "Bearer realm=\"\", error=\"insufficient_claims\", "
		      "claims=\"eyJhIjoxfQ==\"");
	assert_int_equal(r.fault.kind, FAULT_AUTH);
	assert_string_equal(r.claims, "{\"a\":1}");
	assert_non_null(strstr(r.fault.text, "the token was revoked"));
	reply_free(&r);
	assert_null(r.claims);
	r = read_with(403, "", ANSWER_WWW_AUTHENTICATE,
		      "Bearer error=\"insufficient_claims\", claims=\"e30\"");
	assert_null(r.claims);
}

static void without_a_token(void **state)
{
	struct exchange x;
	struct fault f;

	(void)state;
	call.bare = true;
	assert_true(call_build(&cloud, &call, NULL, NOW, &x, &f));
	assert_false(x.bearer);
	exchange_free(&x);
}

static void errors_have_kinds(void **state)
{
	static const struct {
		int status;
		const char *body, *inner, *says;
		enum fault_kind kind;
		bool all;
	} cases[] = {
		{ 403,
		  "{\"error\":{\"code\":\"Forbidden\",\"message\":\"Caller "
		  "is not authorized to perform action on resource.\\r\\nIf "
		  "role\",\"innererror\":{\"code\":\"ForbiddenByRbac\"}}}",
		  "ForbiddenByRbac",
		  "HTTP 403 Forbidden/ForbiddenByRbac: ", FAULT_DENIED, false },
		{ 403,
		  "{\"error\":{\"code\":\"Forbidden\",\"innererror\":"
		  "{\"innererror\":{\"code\":\"ForbiddenByFirewall\"}}}}",
		  "ForbiddenByFirewall", "firewall", FAULT_DENIED, false },
		{ 403,
		  "{\"error\":{\"code\":\"Forbidden\",\"innererror\":{"
		  "\"code\":\"KeyDisabled\"}}}",
		  "KeyDisabled", "disabled", FAULT_REFUSED, false },
		{ 403,
		  "{\"error\":{\"code\":\"Forbidden\",\"message\":\"The user "
		  "does not have keys get permission on key vault 'V'\","
		  "\"innererror\":{\"code\":\"AccessDenied\"}}}",
		  "AccessDenied", "access policy must give", FAULT_DENIED,
		  false },
		{ 403,
		  "{\"error\":{\"code\":\"Forbidden\",\"message\":\"Access "
		  "denied to first party service\",\"innererror\":{\"code\":"
		  "\"AccessDenied\"}}}",
		  "AccessDenied", "AccessDenied: Access denied", FAULT_DENIED,
		  false },
		{ 403, "{\"error\":{\"code\":\"KeyDisabled\"}}", "KeyDisabled",
		  "disabled", FAULT_REFUSED, false },
		{ 404,
		  "{\"error\":{\"code\":\"KeyNotFound\",\"message\":\"A "
		  "key with (name/id) K was not found\"}}",
		  "", "no such key or version", FAULT_MISSING, false },
		{ 400, "{\"error\":{\"code\":\"BadParameter\"}}", "",
		  "HTTP 400 BadParameter", FAULT_INVALID, false },
		{ 400,
		  "{\"error\":{\"code\":\"BadParameter\",\"message\":\"The "
		  "specified version (7.9) is not recognized. Consider using "
		  "the latest supported version (7.4).\"}}",
		  "", "is vault-api-version in", FAULT_INVALID, false },
		{ 409, "", "", "HTTP 409", FAULT_CONFLICT, false },
		{ 429,
		  "{\"error\":{\"code\":\"Throttled\",\"message\":\"Request"
		  " was not processed\"}}",
		  "", "HTTP 429 Throttled", FAULT_THROTTLED, true },
		{ 500, "", "", "HTTP 500", FAULT_TRANSIENT, false },
		{ 503, "{\"code\":\"Bare\",\"message\":\"m\"}", "", "Bare: m",
		  FAULT_TRANSIENT, false },
		{ 418, "[1]", "", "HTTP 418", FAULT_INVALID, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct reply r = read_answer(cases[i].status, cases[i].body);

		assert_int_equal(r.fault.kind, cases[i].kind);
		assert_string_equal(r.fault.inner_code, cases[i].inner);
		assert_non_null(strstr(r.fault.text, cases[i].says));
		assert_null(strstr(r.fault.text, "If role"));
		assert_int_equal(r.throttles_all, cases[i].all);
		assert_int_equal(r.fault.retry_after_ms, -1);
	}
}

/* One byte changed in a real answer: it is read or refused, no more. */
static void damaged_answers(void **state)
{
	char *good = answer(KID, "RSA", "[\"wrapKey\",\"unwrapKey\"]", "qqqq",
			    "\"enabled\":true,\"nbf\":1,\"exp\":2");
	unsigned seed = 23;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		char *s = text_dup(good);
		struct reply r;

		s[(size_t)rand_r(&seed) % strlen(s)] =
			(char)(1 + rand_r(&seed) % 255);
		r = read_answer(i % 5 ? 200 : 403, s);
		if (r.fault.kind == FAULT_NONE)
			assert_true(strlen(r.key.version) == 32);
		reply_free(&r);
		free(s);
	}
	free(good);
}

#define POLICY(actions, attributes)                                      \
	"{\"id\":\"https://v1v.vault.azure.net/keys/K/rotationpolicy\"," \
	"\"lifetimeActions\":[" actions "],\"attributes\":" attributes "}"
#define ACTION(trigger, time, type)                    \
	"{\"trigger\":{\"" trigger "\":\"" time "\"}," \
	"\"action\":{\"type\":\"" type "\"}}"

static void policies_are_asked_for(void **state)
{
	struct exchange x;
	struct fault f;
	char text[200];

	(void)state;
	call.kind = CALL_POLICY;
	text_copy(call.key.version, sizeof(call.key.version), "11");
	assert_true(call_build(&cloud, &call, NULL, NOW, &x, &f));
	assert_string_equal(x.method, "GET");
	assert_string_equal(x.url, "https://v1v.vault.azure.net/keys/K/"
				   "rotationpolicy?api-version=7.4");
	assert_true(x.bearer);
	exchange_free(&x);
	call_describe(&call, text, sizeof(text));
	assert_string_equal(text, "read rotation policy of key "
				  "https://v1v.vault.azure.net/keys/K");
	text_copy(call.key.host, sizeof(call.key.host), "v1v.example.com");
	assert_false(call_build(&cloud, &call, NULL, NOW, &x, &f));
	assert_int_equal(f.kind, FAULT_INVALID);
}

static void policies_are_put_into_words(void **state)
{
	static const struct {
		const char *body, *text; /* NULL: refused */
	} cases[] = {
		{ POLICY(ACTION("timeAfterCreate", "P7D", "Rotate") "," ACTION(
				 "timeBeforeExpiry", "P30D", "Notify"),
			 "{\"expiryTime\":\"P90D\",\"created\":1}"),
		  "rotates P7D after creation; notifies P30D before expiry; "
		  "new versions expire after P90D" },
		{ POLICY(ACTION("timeBeforeExpiry", "P30D", "notify"), "{}"),
		  "notifies P30D before expiry; no rotation" },
		{ POLICY(ACTION("timeBeforeExpiry", "P1Y6M", "rotate"),
			 "{\"expiryTime\":null}"),
		  "rotates P1Y6M before expiry" },
		{ POLICY("", "{\"expiryTime\":\"P2Y\"}"),
		  "no rotation; new versions expire after P2Y" },
		{ "{}", NULL },
		{ "{\"lifetimeActions\":{}}", NULL },
		{ POLICY(ACTION("timeAfterCreate", "soon", "Rotate"), "{}"),
		  NULL },
		{ POLICY(ACTION("timeAfterCreate", "P", "Rotate"), "{}"),
		  NULL },
		{ POLICY(ACTION("timeAfterCreate",
				"P1111111111111111111111111D", "Rotate"),
			 "{}"),
		  NULL },
		{ POLICY(ACTION("timeEver", "P7D", "Rotate"), "{}"), NULL },
		{ POLICY(ACTION("timeAfterCreate", "P7D", "Erase"), "{}"),
		  NULL },
		{ POLICY("7", "{}"), NULL },
		{ POLICY("", "{\"expiryTime\":7}"), NULL },
		{ POLICY(ACTION("timeAfterCreate", "P7D", "Rotate") "," ACTION(
				 "timeAfterCreate", "P7D",
				 "Rotate") "," ACTION("timeAfterCreate", "P7D",
						      "Rotate") "," ACTION("timeAfterCreate",
									   "P7D",
									   "Rotate") "," ACTION("timeAfterCreate",
												"P7D",
												"Rotate"),
			 "{}"),
		  NULL },
	};

	(void)state;
	call.kind = CALL_POLICY;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct reply r = read_answer(200, cases[i].body);

		assert_int_equal(r.status, 200);
		if (cases[i].text) {
			assert_int_equal(r.fault.kind, FAULT_NONE);
			assert_string_equal(r.policy, cases[i].text);
		} else {
			assert_int_equal(r.fault.kind, FAULT_INVALID);
			assert_non_null(
				strstr(r.fault.text, "rotation policy of key"));
		}
		reply_free(&r);
	}
}

static void a_policy_may_be_denied(void **state)
{
	struct reply r;

	(void)state;
	call.kind = CALL_POLICY;
	r = read_answer(403,
			"{\"error\":{\"code\":\"Forbidden\",\"message\":\"no\","
			"\"innererror\":{\"code\":\"ForbiddenByRbac\"}}}");
	assert_int_equal(r.fault.kind, FAULT_DENIED);
	assert_int_equal(r.status, 403);
	reply_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(requests_are_built, start,
						azure_stop),
		cmocka_unit_test_setup_teardown(policies_are_asked_for, start,
						azure_stop),
		cmocka_unit_test_setup_teardown(policies_are_put_into_words,
						start, azure_stop),
		cmocka_unit_test_setup_teardown(a_policy_may_be_denied, start,
						azure_stop),
		cmocka_unit_test_setup_teardown(recorded_answer_is_read, start,
						azure_stop),
		cmocka_unit_test_setup_teardown(moduli_are_measured, start,
						azure_stop),
		cmocka_unit_test_setup_teardown(kinds_and_operations, start,
						azure_stop),
		cmocka_unit_test_setup_teardown(attributes_are_read, start,
						azure_stop),
		cmocka_unit_test_setup_teardown(half_answers_are_refused, start,
						azure_stop),
		cmocka_unit_test_setup_teardown(other_keys_are_refused, start,
						azure_stop),
		cmocka_unit_test_setup_teardown(challenges_are_checked, start,
						azure_stop),
		cmocka_unit_test_setup_teardown(tenants_are_checked, start,
						azure_stop),
		cmocka_unit_test_setup_teardown(claims_are_read, start,
						azure_stop),
		cmocka_unit_test_setup_teardown(without_a_token, start,
						azure_stop),
		cmocka_unit_test_setup_teardown(errors_have_kinds, start,
						azure_stop),
		cmocka_unit_test_setup_teardown(damaged_answers, start,
						azure_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
