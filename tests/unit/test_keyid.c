/* azure/keyid: key identifiers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "azure/keyid.h"
#include "base/text.h"

#define V "2684b6e3103747e3aad82a27baa3abb1"
#define V_END "aad82a27baa3abb1"
#define LONGEST "https://abcdefghijklmnopqrstuvwx.vault.azure.cn/keys/" NAME_127
#define NAME_127                                                           \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void good_ones_are_read(void **state)
{
	static const struct {
		const char *text, *printed;
	} cases[] = {
		{ "https://v-1.vault.azure.net/keys/K",
		  "https://v-1.vault.azure.net/keys/K" },
		{ "https://Vault.Vault.Azure.NET/keys/Acr-Cmk/" V,
		  "https://vault.vault.azure.net/keys/Acr-Cmk/" V },
		{ "HTTPS://abc.vault.azure.net:443/KEYS/k/0123456789ABCDEF" V_END
		  "/",
		  "https://abc.vault.azure.net/keys/k/0123456789abcdef" V_END },
		{ "https://abc.vault.azure.net/keys/k/",
		  "https://abc.vault.azure.net/keys/k" },
		{ "https://abc.vault.localhost:8443/keys/k",
		  "https://abc.vault.localhost:8443/keys/k" },
		{ LONGEST, LONGEST },
	};
	char s[KEYID_TEXT_MAX];
	struct keyid id, again;
	struct fault f;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(keyid_parse(&id, cases[i].text, &f));
		assert_int_equal(f.kind, FAULT_NONE);
		keyid_print(&id, s, sizeof(s));
		assert_string_equal(s, cases[i].printed);
		assert_true(keyid_parse(&again, s, &f));
		assert_true(keyid_same(&id, &again));
	}
}

static void bad_ones_are_refused_in_words(void **state)
{
	static const struct {
		const char *text, *because;
	} cases[] = {
		{ "", "https://" },
		{ "abc.vault.azure.net/keys/k", "https://" },
		{ "http://abc.vault.azure.net/keys/k", "https://" },
		{ "/subscriptions/x/resourceGroups/g/providers/"
		  "Microsoft.KeyVault/vaults/v/keys/k",
		  "it is the resource id; write https://VAULT." },
		{ "ftp://abc.vault.azure.net/keys/k", "https://" },
		{ "https://", "host" },
		{ "https:///keys/k", "host" },
		{ "https://user@abc.vault.azure.net/keys/k", "host" },
		{ "https://abc.vault.azure.net\\@evil/keys/k", "host" },
		{ "https://abc.vault.azure.net:0/keys/k", "host" },
		{ "https://abc.vault.azure.net:65536/keys/k", "host" },
		{ "https://abc.vault.azure.net:/keys/k", "host" },
		{ "https://abc.vault.azure.net:8x/keys/k", "host" },
		{ "https://abc.vault..net/keys/k", "host" },
		{ "https://abc.vault.net./keys/k", "host" },
		{ "https://[::1]/keys/k", "the vault's name" },
		{ "https://[::1]x/keys/k", "host" },
		{ "https://abc.vault.azure.net/keys/k/1", "32 hexadecimal" },
		{ "https://abc.vault.azure.net/keys/k/" V "1", "32 hexa" },
		{ "https://abc.vault.azure.net/keys/k/0123456789abcdeg" V_END,
		  "32 hexadecimal" },
		{ "https://abc.vault.azure.net/keys/k/0123456789abcde" V_END,
		  "32 hexadecimal" },
		{ "https://ab.vault.azure.net/keys/k", "vault's name" },
		{ "https://abcdefghijklmnopqrstuvwxy.vault.azure.net/keys/k",
		  "vault's name" },
		{ "https://a--b.vault.azure.net/keys/k", "vault's name" },
		{ "https://localhost/keys/k", "vault's name" },
		{ "https://abc.vault.azure.net", "/keys/" },
		{ "https://abc.vault.azure.net/", "/keys/" },
		{ "https://abc.vault.azure.net?x=/keys/k", "/keys/" },
		{ "https://abc.vault.azure.net/secrets/k", "/keys/" },
		{ "https://abc.vault.azure.net/keys", "/keys/" },
		{ "https://abc.vault.azure.net/keys/", "key's name" },
		{ "https://abc.vault.azure.net/keys//" V, "key's name" },
		{ "https://abc.vault.azure.net/keys/" NAME_127 "a",
		  "key's name" },
		{ "https://abc.vault.azure.net/keys/k_1", "key's name" },
		{ "https://abc.vault.azure.net/keys/k?x=1", "key's name" },
		{ "https://abc.vault.azure.net/keys/../k", "key's name" },
		{ "https://abc.vault.azure.net/keys/k%2f", "key's name" },
		{ "https://abc.vault.azure.net/keys/k\n", "key's name" },
		{ "https://abc.vault.azure.net/keys/k//", "version" },
		{ "https://abc.vault.azure.net/keys/k/" V "0", "version" },
		{ "https://abc.vault.azure.net/keys/k/a-b", "version" },
		{ "https://abc.vault.azure.net/keys/k/abc?x", "version" },
		{ "https://abc.vault.azure.net/keys/k/abc/d", "version" },
		{ "https://abc.vault.azure.net/keys/k/abc//", "version" },
	};
	struct keyid id;
	struct fault f;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (keyid_parse(&id, cases[i].text, &f))
			print_message("taken: %s\n", cases[i].text);
		assert_false(keyid_parse(&id, cases[i].text, &f));
		assert_int_equal(f.kind, FAULT_INVALID);
		if (!strstr(f.text, cases[i].because))
			print_message("%s\n", f.text);
		assert_non_null(strstr(f.text, cases[i].because));
	}
}

static void long_hosts_are_refused(void **state)
{
	char *s = text_printf("https://abc.%0*d/keys/k", 113, 1);
	struct keyid id;
	struct fault f;

	(void)state;
	assert_true(keyid_parse(&id, s, &f)); /* 117 characters */
	free(s);
	s = text_printf("https://abc.%0*d:8443/keys/k", 118, 1);
	assert_true(keyid_parse(&id, s, &f)); /* 127 with the port */
	free(s);
	s = text_printf("https://abc.%0*d:8443/keys/k", 119, 1);
	assert_false(keyid_parse(&id, s, &f));
	free(s);
	s = text_printf("https://abc.%0*d/keys/k", 300, 1);
	assert_false(keyid_parse(&id, s, &f));
	free(s);
}

static void sameness(void **state)
{
	struct keyid a, b;
	struct fault f;
	char s[KEYID_TEXT_MAX];

	(void)state;
	keyid_parse(&a, "https://abc.vault.azure.net/keys/Key/" V, &f);
	keyid_parse(&b, "https://ABC.vault.azure.net:443/keys/KEY/", &f);
	assert_true(keyid_same_key(&a, &b));
	assert_false(keyid_same(&a, &b));
	text_copy(b.version, sizeof(b.version), V);
	assert_true(keyid_same(&a, &b));
	keyid_parse(&b, "https://abd.vault.azure.net/keys/Key/" V, &f);
	assert_false(keyid_same_key(&a, &b));
	keyid_parse(&b, "https://abc.vault.azure.net/keys/Kez/" V, &f);
	assert_false(keyid_same_key(&a, &b));
	assert_false(keyid_same(&a, &b));
	keyid_print_base(&a, s, sizeof(s));
	assert_string_equal(s, "https://abc.vault.azure.net/keys/Key");
}

/* One byte changed anywhere: whatever is still read prints and reads the
 * same again. */
static void damaged_identifiers(void **state)
{
	static const char good[] = "https://abc.vault.azure.net:8443/keys/k/" V;
	char printed[KEYID_TEXT_MAX];
	struct keyid id, again;
	unsigned seed = 9;
	struct fault f;

	(void)state;
	for (int i = 0; i < 50000; i++) {
		char *s = strdup(good);

		s[(size_t)rand_r(&seed) % strlen(s)] =
			(char)(rand_r(&seed) % 256);
		if (keyid_parse(&id, s, &f)) {
			keyid_print(&id, printed, sizeof(printed));
			assert_true(keyid_parse(&again, printed, &f));
			assert_memory_equal(&id, &again, sizeof(id));
		}
		free(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_ones_are_read),
		cmocka_unit_test(bad_ones_are_refused_in_words),
		cmocka_unit_test(long_hosts_are_refused),
		cmocka_unit_test(sameness),
		cmocka_unit_test(damaged_identifiers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
