/* azure/challenge: WWW-Authenticate in all its forms. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "azure/capability.h"
#include "azure/challenge.h"
#include "base/text.h"

static void forms_seen_in_the_wild(void **state)
{
	static const struct {
		const char *header, *authorization, *resource, *scope;
	} cases[] = {
		{ "Bearer authorization=\"https://login.microsoftonline.com/"
		  "t\", resource=\"https://vault.azure.net\"",
		  "https://login.microsoftonline.com/t",
		  "https://vault.azure.net", "" },
		{ "bearer AUTHORIZATION=\"a\",resource=\"r\"", "a", "r", "" },
		{ "Bearer authorization_uri=\"a\" , scope=\"r/.default\"", "a",
		  "", "r/.default" },
		{ "Bearer authorization_uri=https://l/t resource_id="
		  "https://storage.azure.com",
		  "https://l/t", "https://storage.azure.com", "" },
		{ "Bearer resource=\"a=b,c d\"", "", "a=b,c d", "" },
		{ "Bearer resource=\"a\\\"b\\\\c\"", "", "a\"b\\c", "" },
		{ "Bearer resource = \"r\"", "", "r", "" },
		{ "PoP authorization=\"p\", nonce=\"n\", Bearer "
		  "authorization=\"a\", resource=\"r\"",
		  "a", "r", "" },
		{ "Bearer authorization=\"a\", resource=\"r\", PoP "
		  "authorization=\"p\", resource=\"q\"",
		  "a", "r", "" },
		{ "Basic abcd==, Bearer resource=\"r\"", "", "r", "" },
		{ "Bearer", "", "", "" },
		{ "Bearer resource=\"never closed", "", "never closed", "" },
		{ "Bearer resource=\"odd end\\", "", "odd end\\", "" },
		{ "Bearer resource=", "", "", "" },
		{ ",, ,Bearer\tresource=r,", "", "r", "" },
		{ "Bearer realm=\"x\", error=\"insufficient_claims\", "
		  "claims=\"eyJh==\"",
		  "", "", "" },
	};
	struct challenge c;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(challenge_parse(&c, cases[i].header));
		assert_string_equal(c.authorization, cases[i].authorization);
		assert_string_equal(c.resource, cases[i].resource);
		assert_string_equal(c.scope, cases[i].scope);
	}
	assert_string_equal(c.error, "insufficient_claims");
}

static void no_bearer(void **state)
{
	static const char *const headers[] = {
		"",
		" ",
		",",
		"Basic realm=/var/opt/x.key",
		"Negotiate",
		"resource=\"r\"",
		"Bear resource=r",
		"Bearers resource=r",
		"=",
		"\"Bearer\"",
		"x=\"Bearer\"",
		"PoP Bearer=\"x\"",
	};
	struct challenge c;

	(void)state;
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		assert_false(challenge_parse(&c, headers[i]));
		assert_string_equal(c.resource, "");
	}
}

static void too_long_is_absent(void **state)
{
	char value[CHALLENGE_VALUE_MAX + 1], *header;
	struct challenge c;

	(void)state;
	memset(value, 'v', sizeof(value));
	value[CHALLENGE_VALUE_MAX] = '\0';
	header = text_printf("Bearer resource=\"%s\", scope=s", value);
	assert_true(challenge_parse(&c, header));
	assert_string_equal(c.resource, "");
	assert_string_equal(c.scope, "s");
	free(header);
	value[CHALLENGE_VALUE_MAX - 1] = '\0';
	header = text_printf("Bearer resource=\"%s\"", value);
	assert_true(challenge_parse(&c, header));
	assert_string_equal(c.resource, value);
	free(header);
}

static void realms(void **state)
{
	char realm[16];

	(void)state;
	assert_true(challenge_realm("Basic realm=/a/b.key", realm, 16));
	assert_string_equal(realm, "/a/b.key");
	assert_true(challenge_realm("BASIC REALM=/a", realm, 16));
	assert_false(challenge_realm("Basic realm=", realm, 16));
	assert_false(challenge_realm("Basic realm", realm, 16));
	assert_false(challenge_realm("", realm, 16));
	assert_false(challenge_realm("Bearer realm=/a", realm, 16));
	assert_false(challenge_realm("Basic realm=/a=b", realm, 16));
	assert_false(
		challenge_realm("Basic realm=/a/much/too/long/b", realm, 16));
}

static void tenants(void **state)
{
#define TENANT "72F988bf-86f1-41af-91ab-2d7cd011db47"
	static const struct {
		const char *authorization;
		bool named;
	} cases[] = {
		{ "https://login.microsoftonline.com/" TENANT, true },
		{ "https://login.windows.net/" TENANT "/", true },
		{ "https://l/" TENANT "/oauth2/authorize", true },
		{ "https://l/" TENANT "?x", true },
		{ "http://l/" TENANT, false },
		{ "https://l/common/oauth2/authorize", false },
		{ "https://l/contoso.onmicrosoft.com", false },
		{ "https://l/x" TENANT, false },
		{ "https://l", false },
		{ "https://l/", false },
		{ "https://" TENANT, false },
		{ TENANT, false },
		{ "", false },
	};
	struct challenge c = { .authorization = "" };
	char tenant[64];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		text_copy(c.authorization, sizeof(c.authorization),
			  cases[i].authorization);
		assert_true(challenge_tenant(&c, tenant, sizeof(tenant)) ==
			    cases[i].named);
		if (cases[i].named)
			assert_string_equal(tenant, TENANT);
	}
}

static void capabilities(void **state)
{
#define CP1 "\"xms_cc\":{\"values\":[\"cp1\"]}"
	static const struct {
		const char *challenge, *with;
	} cases[] = {
		{ NULL, "{\"access_token\":{" CP1 "}}" },
		{ "{}", "{\"access_token\":{" CP1 "}}" },
		{ " { \"a\" : 1 } ",
		  " {\"access_token\":{" CP1 "}, \"a\" : 1 } " },
		{ "{\"access_token\":{}}", "{\"access_token\":{" CP1 "}}" },
		{ "{\"access_token\" : {\"acrs\":{\"essential\":true}}}",
		  "{\"access_token\" : {" CP1
		  ",\"acrs\":{\"essential\":true}}}" },
		/* The name elsewhere, and in a value. */
		{ "{\"id_token\":{\"access_token\":{}},\"b\":\"access_token\","
		  "\"c\":\"\\\"\",\"access_token\":{\"x\":[{}]}}",
		  "{\"id_token\":{\"access_token\":{}},\"b\":\"access_token\","
		  "\"c\":\"\\\"\",\"access_token\":{" CP1 ",\"x\":[{}]}}" },
		/* Nothing to add, or no place for it. */
		{ "{\"access_token\":{\"xms_cc\":1}}",
		  "{\"access_token\":{\"xms_cc\":1}}" },
		{ "{\"access_token\":null}", "{\"access_token\":null}" },
		{ "{\"access\\u005ftoken\":{}}",
		  "{\"access\\u005ftoken\":{}}" },
		{ "{\"a\":1,}", "{\"a\":1,}" },
		{ "[]", "[]" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *with = capability_claims(cases[i].challenge);

		assert_string_equal(with, cases[i].with);
		free(with);
	}
#undef CP1
}

static void claims(void **state)
{
	static const struct {
		const char *header, *json;
	} cases[] = {
		/* Microsoft's own example. */
		{ "Bearer realm=\"\", authorization_uri=\"https://login."
		  "microsoftonline.com/common/oauth2/authorize\", error=\""
		  "insufficient_claims\", claims=\"eyJhY2Nlc3NfdG9rZW4iOnsiYW"
		  "NycyI6eyJlc3NlbnRpYWwiOnRydWUsInZhbHVlIjoiY3AxIn19fQ==\"",
		  "{\"access_token\":{\"acrs\":{\"essential\":true,\"value\":"
		  "\"cp1\"}}}" },
		/* Both alphabets, with and without padding. */
		{ "Bearer error=insufficient_claims, claims=\"eyJhIjoifn4/In0\"",
		  "{\"a\":\"~~?\"}" },
		{ "Bearer error=insufficient_claims, claims=\"eyJhIjoifn4_In0=\"",
		  "{\"a\":\"~~?\"}" },
		{ "Bearer error=insufficient_claims, claims=\"e30\"", "{}" },
		{ "Bearer error=invalid_token, claims=\"e30\"", NULL },
		{ "Bearer claims=\"e30\"", NULL },
		{ "Bearer error=insufficient_claims", NULL },
		{ "Bearer error=insufficient_claims, claims=\"\"", NULL },
		{ "Bearer error=insufficient_claims, claims=\"e30!\"", NULL },
		{ "Bearer error=insufficient_claims, claims=\"e30=e30\"",
		  NULL },
		{ "Bearer error=insufficient_claims, claims=\"W10=\"", NULL },
		/* "{\n}" and "{\0}" */
		{ "Bearer error=insufficient_claims, claims=\"ewp9\"", NULL },
		{ "Bearer error=insufficient_claims, claims=\"ewB9\"", NULL },
	};
	struct challenge c;
	char *json, *header, big[CHALLENGE_CLAIMS_MAX + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(challenge_parse(&c, cases[i].header));
		json = challenge_claims(&c);
		if (cases[i].json)
			assert_string_equal(json, cases[i].json);
		else
			assert_null(json);
		free(json);
	}
	memset(big, 'A', sizeof(big));
	big[CHALLENGE_CLAIMS_MAX] = '\0';
	header =
		text_printf("Bearer error=insufficient_claims, claims=%s", big);
	assert_true(challenge_parse(&c, header));
	assert_string_equal(c.claims, "");
	free(header);
}

static void noise(void **state)
{
	static const char letters[] = "Bearer resource=\"\\, \tx=";
	struct challenge c;
	unsigned seed = 17;

	(void)state;
	for (int i = 0; i < 50000; i++) {
		size_t len = (size_t)rand_r(&seed) % 60;
		char *s = text_alloc(len + 1, 1);

		memcpy(s, "Bearer ", len < 7 ? len : 7);
		for (size_t j = 7; j < len; j++)
			s[j] = letters[(size_t)rand_r(&seed) %
				       (sizeof(letters) - 1)];
		challenge_parse(&c, s);
		assert_true(strlen(c.resource) < CHALLENGE_VALUE_MAX);
		free(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms_seen_in_the_wild),
		cmocka_unit_test(no_bearer),
		cmocka_unit_test(too_long_is_absent),
		cmocka_unit_test(realms),
		cmocka_unit_test(tenants),
		cmocka_unit_test(claims),
		cmocka_unit_test(capabilities),
		cmocka_unit_test(noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
