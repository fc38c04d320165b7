/* azure/challenge: WWW-Authenticate in all its forms. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

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
		cmocka_unit_test(noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
