/* azure/resid: resource ids of registries. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "azure/resid.h"
#include "base/text.h"

#define GUID "11111111-2222-3333-4444-55555555abcd"
#define SUB "/subscriptions/" GUID
#define REG "/providers/Microsoft.ContainerRegistry/registries/"

static void good_one_is_read(void **state)
{
	struct resid id;
	struct fault f;

	(void)state;
	assert_true(resid_parse(
		&id,
		"/SUBSCRIPTIONS/11111111-2222-3333-4444-"
		"55555555ABCD/resourcegroups/My_Group-1.(x)/Providers/"
		"microsoft.containerregistry/Registries/Contoso1",
		&f));
	assert_int_equal(f.kind, FAULT_NONE);
	assert_string_equal(id.subscription, GUID);
	assert_int_equal(id.group_len, 14);
	assert_memory_equal(id.group, "My_Group-1.(x)", 14);
	assert_int_equal(id.name_len, 8);
	assert_string_equal(id.name, "Contoso1");
}

static void bad_ones_are_refused_in_words(void **state)
{
	static const struct {
		const char *text, *because;
	} cases[] = {
		{ "", "begin with" },
		{ "contosoprod", "\"az acr show --name contosoprod --query id "
				 "--output tsv\" prints." },
		{ "Contoso1.AzureCR.io", "show --name Contoso1 --query" },
		{ "https://contoso1.azurecr.cn/v2/", "--name contoso1 --" },
		{ "contoso1.westeurope.data.azurecr.us", "begin with" },
		{ "contoso1.example", "begin with" },
		{ "cont", "begin with" },
		{ "subscriptions/" GUID "/resourceGroups/rg" REG "abcde",
		  "begin with" },
		{ "https://portal.azure.com/#@x/resource" SUB
		  "/resourceGroups/rg" REG "abcde/overview",
		  "take off what stands before /subscriptions/" },
		{ "/subscriptions/abc/resourceGroups/rg" REG "abcde",
		  "begin with" },
		{ "/subscriptions/" GUID "x/resourceGroups/rg" REG "abcde",
		  "group" },
		{ "/subscriptions/11111111-2222-3333-4444-55555555abc",
		  "begin with" },
		{ SUB, "group" },
		{ SUB REG "abcde", "group" },
		{ SUB "/resourceGroups/" REG "abcde", "group's name" },
		{ SUB "/resourceGroups/rg." REG "abcde", "group's name" },
		{ SUB "/resourceGroups/r g" REG "abcde", "group's name" },
		{ SUB "/resourceGroups/r%20g" REG "abcde", "group's name" },
		{ SUB "/resourceGroups/r\xff" REG "abcde", "group's name" },
		{ SUB "/resourceGroups/r\xc2\x85" REG "abcde", "group's name" },
		{ SUB "/resourceGroups/r\xc2\xa0" REG "abcde", "group's name" },
		{ SUB "/resourceGroups/rg", "providers" },
		{ SUB "/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/"
		      "abcde",
		  "providers" },
		{ SUB "/resourceGroups/rg" REG, "registry's name" },
		{ SUB "/resourceGroups/rg" REG "abcd", "registry's name" },
		{ SUB "/resourceGroups/rg" REG "abc-de", "registry's name" },
		{ SUB "/resourceGroups/rg" REG "abcd/", "registry's name" },
		{ SUB "/resourceGroups/rg" REG "abcde/",
		  "take \"/\" off its end." },
		{ SUB "/resourceGroups/rg" REG "abcde/overview",
		  "take \"/overview\" off its end." },
		{ SUB "/resourceGroups/rg" REG "abcde/replications/x",
		  "take \"/replications/x\" off its end." },
		{ SUB "/resourceGroups/rg" REG "abcde?api-version=1",
		  "take \"?api-version=1\" off its end." },
		{ SUB "/resourceGroups/rg" REG
		      "a23456789012345678901234567890123456789012345678901",
		  "registry's name" },
	};
	struct resid id;
	struct fault f;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (resid_parse(&id, cases[i].text, &f))
			print_message("taken: %s\n", cases[i].text);
		assert_false(resid_parse(&id, cases[i].text, &f));
		assert_int_equal(f.kind, FAULT_INVALID);
		if (!strstr(f.text, cases[i].because))
			print_message("%s\n", f.text);
		assert_non_null(strstr(f.text, cases[i].because));
	}
}

static bool parses(const char *group, int times, const char *name)
{
	struct resid id;
	struct fault f;
	struct buf b;
	bool ok;

	buf_init(&b, 2000);
	buf_puts(&b, SUB "/resourceGroups/");
	for (int i = 0; i < times; i++)
		buf_puts(&b, group);
	buf_printf(&b, REG "%s", name);
	ok = resid_parse(&id, buf_str(&b), &f);
	buf_free(&b);
	return ok;
}

static void lengths_are_exact(void **state)
{
	(void)state;
	assert_true(parses("g", 1, "abcde"));
	assert_true(parses("g", 90, "abcde"));
	assert_false(parses("g", 91, "abcde"));
	assert_true(parses("\xc3\xa4", 90, "abcde")); /* characters count */
	assert_false(parses("\xc3\xa4", 91, "abcde"));
	assert_true(parses("\xf0\x9f\x98\x80", 90, "abcde"));
	assert_false(parses("g", 500, "abcde"));
	assert_true(parses(
		"g", 1, "a2345678901234567890123456789012345678901234567890"));
}

static void path_is_encoded(void **state)
{
	struct resid id;
	struct fault f;
	struct buf b;

	(void)state;
	assert_true(resid_parse(
		&id, SUB "/resourceGroups/a_b-c.(d)\xc3\xa4" REG "Contoso",
		&f));
	buf_init(&b, 300);
	assert_true(resid_add_path(&id, &b));
	assert_string_equal(buf_str(&b), SUB "/resourceGroups/a_b-c.%28d%29"
					     "%C3%A4" REG "Contoso");
	buf_free(&b);
	for (size_t max = 0; max < 140; max++) {
		buf_init(&b, max);
		assert_false(resid_add_path(&id, &b));
		assert_true(b.len <= max);
		buf_free(&b);
	}
}

static void sameness_is_without_case(void **state)
{
	(void)state;
	assert_true(resid_same(SUB "/resourceGroups/RG" REG "abcde",
			       SUB "/resourcegroups/rg" REG "ABCDE"));
	assert_false(resid_same(SUB "/resourceGroups/rg" REG "abcde",
				SUB "/resourceGroups/rg" REG "abcdf"));
	assert_false(resid_same(SUB "/resourceGroups/rg" REG "abcde",
				"/subscriptions/11111111-2222-3333-4444-"
				"555555555556/resourceGroups/rg" REG "abcde"));
	/* The group is where it lies, not what it is. */
	assert_true(resid_same(SUB "/resourceGroups/z\xc3\xbcrich" REG "abcde",
			       SUB "/resourceGroups/Z\xc3\x9cRICH" REG
				   "abcde"));
	assert_true(resid_same(SUB "/resourceGroups/a" REG "abcde",
			       SUB "/resourceGroups/b" REG "abcde"));
	assert_false(resid_same(NULL, NULL));
	assert_false(resid_same("a", NULL));
}

static void a_group_in_another_case_is_no_move(void **state)
{
	static const struct {
		const char *a, *b;
		bool moved;
	} cases[] = {
		{ "rg", "RG", false },
		{ "rg", "rh", true },
		{ "rg", "rgx", true },
		{ "rgx", "rg", true },
		{ "z\xc3\xbcrich", "Z\xc3\x9cRICH", false },
		{ "z\xc3\xbcrich", "zurich", true },
		{ "zurich", "z\xc3\xbcrich", true },
		{ "z\xc3\xbcrich", "z\xc3\xbcrich2", true },
		/* capital and small letter of other lengths */
		{ "\xc8\xba", "\xe2\xb1\xa5", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *a = text_printf(SUB "/resourceGroups/%s" REG "abcde",
				      cases[i].a);
		char *b = text_printf(SUB "/resourceGroups/%s" REG "ABCDE",
				      cases[i].b);

		assert_int_equal(resid_moved(a, b), cases[i].moved);
		assert_int_equal(resid_compare(a, b), 0);
		free(a);
		free(b);
	}
	assert_false(resid_moved("x", SUB "/resourceGroups/rg" REG "abcde"));
}

static void identities(void **state)
{
	char text[RESID_IDENTITY_MAX];

	(void)state;
	resid_identity(SUB "/resourceGroups/RG" REG "AbCde", text,
		       sizeof(text));
	assert_string_equal(text, GUID "/abcde");
	assert_true(resid_compare(SUB "/resourceGroups/z" REG "abcde",
				  SUB "/resourceGroups/a" REG "abcdf") < 0);
}

static void guids(void **state)
{
	(void)state;
	assert_true(resid_is_guid(GUID));
	assert_true(resid_is_guid("AAAAAAAA-BBBB-CCCC-DDDD-EEEEEEFF0099"));
	assert_false(resid_is_guid(NULL));
	assert_false(resid_is_guid(""));
	assert_false(resid_is_guid(GUID "0"));
	assert_false(resid_is_guid("{" GUID "}"));
	assert_false(resid_is_guid("11111111222233334444555555555555"));
	assert_false(resid_is_guid("g1111111-2222-3333-4444-555555555555"));
}

static void damaged_ids(void **state)
{
	static const char good[] = SUB "/resourceGroups/prod" REG "contoso";
	struct resid id;
	struct fault f;
	unsigned seed = 13;

	(void)state;
	for (int i = 0; i < 50000; i++) {
		char *s = strdup(good);

		s[(size_t)rand_r(&seed) % strlen(s)] =
			(char)(rand_r(&seed) % 256);
		if (resid_parse(&id, s, &f)) {
			assert_true(resid_is_guid(id.subscription));
			assert_int_equal(strlen(id.name), id.name_len);
		}
		free(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_one_is_read),
		cmocka_unit_test(bad_ones_are_refused_in_words),
		cmocka_unit_test(lengths_are_exact),
		cmocka_unit_test(path_is_encoded),
		cmocka_unit_test(sameness_is_without_case),
		cmocka_unit_test(a_group_in_another_case_is_no_move),
		cmocka_unit_test(identities),
		cmocka_unit_test(guids),
		cmocka_unit_test(damaged_ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
