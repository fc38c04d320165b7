/* azure/cloud and azure/url: which hosts may see a token. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "azure/cloud.h"
#include "azure/exchange.h"
#include "azure/url.h"
#include "base/text.h"

static void profiles_are_known(void **state)
{
	struct cloud c = { .name = NULL };

	(void)state;
	assert_true(cloud_profile(&c, "public"));
	assert_string_equal(c.authority, "https://login.microsoftonline.com");
	assert_string_equal(c.resource_manager, "https://management.azure.com");
	assert_string_equal(c.vault_api_version, "7.4");
	assert_string_equal(c.registry_api_version, "2023-07-01");
	assert_string_equal(c.imds_endpoint, "http://169.254.169.254");
	assert_true(cloud_has_vault(&c, "contoso.vault.azure.net"));
	assert_true(cloud_has_vault(&c, "contoso.managedhsm.azure.net"));
	assert_false(cloud_has_vault(&c, "contoso.vault.azure.cn"));
	cloud_free(&c);
	assert_null(c.name);
	cloud_free(&c);
	assert_true(cloud_profile(&c, "China"));
	assert_true(cloud_has_vault(&c, "contoso.vault.azure.cn"));
	cloud_free(&c);
	assert_true(cloud_profile(&c, "usgov"));
	assert_string_equal(c.authority, "https://login.microsoftonline.us");
	assert_true(cloud_has_vault(&c, "v-1.vault.usgovcloudapi.net"));
	cloud_free(&c);
	assert_false(cloud_profile(&c, "moon"));
	assert_false(cloud_profile(&c, ""));
}

static void vault_hosts(void **state)
{
	static const char *const bad[] = {
		"",
		".vault.azure.net",
		"vault.azure.net",
		"a.b.vault.azure.net",
		"evilvault.azure.net",
		"v.vault.azure.net.evil.com",
		"v.vault.azure.nett",
		"v.vault.azure.net.",
		"evil.com:443.vault.azure.net",
	};
	struct cloud c = { .name = NULL };

	(void)state;
	cloud_profile(&c, "public");
	assert_true(cloud_has_vault(&c, "v.VAULT.azure.net"));
	assert_true(cloud_has_vault(&c, "v.vault.azure.net:8443"));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(cloud_has_vault(&c, bad[i]));
	cloud_free(&c);
}

static void a_suffix_may_name_its_port(void **state)
{
	char with_port[] = ".vault.localhost:8443", empty[] = "";
	struct cloud c = { .vault_suffixes = { with_port, empty },
			   .n_vault_suffixes = 2 };

	(void)state;
	assert_true(cloud_has_vault(&c, "v.vault.localhost:8443"));
	assert_false(cloud_has_vault(&c, "v.vault.localhost:8444"));
	assert_false(cloud_has_vault(&c, "v.vault.localhost"));
}

static void storage_hosts(void **state)
{
	static const struct {
		const char *cloud, *host;
		bool ours;
	} rows[] = {
		{ "public", "acct.blob.core.windows.net", true },
		{ "public", "acct.QUEUE.core.windows.net:8443", true },
		{ "public", "acct.z12.queue.storage.azure.net", true },
		{ "public", "acct.queue.storage.azure.net", true },
		{ "public", "acct.z12345.queue.storage.azure.net", false },
		{ "public", "z12.queue.storage.azure.net", true },
		{ "public", ".z12.queue.storage.azure.net", false },
		{ "public", "a.b.z12.queue.storage.azure.net", false },
		{ "public", "acct.z12.queue.storage.azure.net.evil", false },
		{ "public", "acct.table.core.windows.net", false },
		{ "public", "evilblob.core.windows.net", false },
		{ "public", "acct.blob.core.chinacloudapi.cn", false },
		{ "public", "acct.vault.azure.net", false },
		{ "public", "", false },
		{ "china", "acct.blob.core.chinacloudapi.cn", true },
		{ "usgov", "acct.queue.core.usgovcloudapi.net", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct cloud c = { .name = NULL };

		cloud_profile(&c, rows[i].cloud);
		if (cloud_has_storage(&c, rows[i].host) != rows[i].ours)
			fail_msg("%s", rows[i].host);
		assert_false(cloud_has_vault(&c, rows[i].host) &&
			     cloud_has_storage(&c, rows[i].host));
		cloud_free(&c);
	}
	assert_string_equal(
		cloud_of_storage_suffix(".blob.core.chinacloudapi.cn"),
		"china");
	assert_null(cloud_of_storage_suffix(".blob.localhost"));
}

static void audiences(void **state)
{
	struct cloud c = { .name = NULL };
	char s[160];

	(void)state;
	cloud_profile(&c, "public");
	assert_true(
		cloud_vault_audience(&c, "v.vault.azure.net", s, sizeof(s)));
	assert_string_equal(s, "https://vault.azure.net");
	assert_true(cloud_vault_audience(&c, "v.managedhsm.azure.net:443", s,
					 sizeof(s)));
	assert_string_equal(s, "https://managedhsm.azure.net");
	assert_false(cloud_vault_audience(&c, "v.example.com", s, sizeof(s)));
	assert_false(cloud_vault_audience(&c, "v.vault.azure.net", s, 10));
	c.vault_audience = text_dup("https://own.example");
	assert_true(
		cloud_vault_audience(&c, "v.vault.azure.net", s, sizeof(s)));
	assert_string_equal(s, "https://own.example");
	cloud_free(&c);
}

static void challenge_rule(void **state)
{
	static const struct {
		const char *resource, *host;
		bool fits;
	} cases[] = {
		{ "https://vault.azure.net", "v.vault.azure.net", true },
		{ "https://vault.azure.net/", "v.vault.azure.net", true },
		{ "https://vault.azure.net/.default", "v.vault.azure.net",
		  true },
		{ "https://VAULT.azure.net", "v.Vault.Azure.Net", true },
		{ "https://vault.localhost:8443", "v.vault.localhost:8443",
		  true },
		{ "https://vault.localhost", "v.vault.localhost:8443", true },
		{ "https://vault.azure.net", "vault.azure.net", false },
		{ "https://vault.azure.net", "evilvault.azure.net", false },
		{ "https://vault.azure.net", ".vault.azure.net", false },
		{ "https://graph.microsoft.com", "v.vault.azure.net", false },
		{ "https://management.azure.com", "v.vault.azure.net", false },
		{ "https://v.vault.azure.net", "v.vault.azure.net", false },
		{ "http://vault.azure.net", "v.vault.azure.net", false },
		{ "vault.azure.net", "v.vault.azure.net", false },
		{ "https://u@vault.azure.net", "v.vault.azure.net", false },
		{ "https://", "v.vault.azure.net", false },
		{ "", "v.vault.azure.net", false },
		{ "https://vault.azure.net", "", false },
	};
	char host[400];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(
			cloud_resource_fits(cases[i].resource, cases[i].host),
			cases[i].fits);
	memset(host, 'a', sizeof(host));
	text_copy(host + 300, 100, ".vault.azure.net");
	assert_false(cloud_resource_fits("https://vault.azure.net", host));
}

static void origins(void **state)
{
	static const struct {
		const char *url, *base;
		bool same;
	} cases[] = {
		{ "https://m.azure.com/x?y", "https://m.azure.com", true },
		{ "https://M.azure.com:443", "https://m.azure.com/", true },
		{ "HTTPS://m.azure.com?x", "https://m.azure.com:443", true },
		{ "https://m.azure.com:8443/x", "https://m.azure.com:8443",
		  true },
		{ "https://m.azure.com:8443/x", "https://m.azure.com", false },
		{ "http://m.azure.com/x", "https://m.azure.com", false },
		{ "https://m.azure.com/x", "http://m.azure.com:443", false },
		{ "https://m.azure.com.evil.com/", "https://m.azure.com",
		  false },
		{ "https://m.azure.com@evil.com/", "https://m.azure.com",
		  false },
		{ "https://evil.com\\@m.azure.com/", "https://m.azure.com",
		  false },
		{ "https://u:p@m.azure.com/", "https://m.azure.com", false },
		{ "https://m.azure.com", "https://u@m.azure.com", false },
		{ "//m.azure.com/x", "https://m.azure.com", false },
		{ "/x", "https://m.azure.com", false },
		{ "https://m.azure.com:443:1/", "https://m.azure.com", false },
		{ "https://m.azure.com:/", "https://m.azure.com", false },
		{ "https://m.azure.com./", "https://m.azure.com", false },
		{ "https://m.azure.com%2eevil/", "https://m.azure.com", false },
		{ "", "https://m.azure.com", false },
		{ "https://[::1]:8443/x", "https://[::1]:8443", true },
		{ "https://[0:0:0:0:0:0:0:1]:8443/x", "https://[::1]:8443",
		  true },
		{ "https://[FE80::A]/", "https://[fe80:0::000a]:443", true },
		{ "https://[::ffff:127.0.0.1]", "https://[::ffff:7f00:1]",
		  true },
		{ "https://[::1]:8443/x", "https://[::1]:8444", false },
		{ "https://[::1]/x", "https://[::2]", false },
		{ "https://[::1]evil.com/x", "https://[::1]", false },
		{ "https://[::1].evil.com/x", "https://[::1]", false },
		{ "https://[::1]@evil.com/x", "https://[::1]", false },
		{ "https://::1/x", "https://[::1]", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (cloud_same_origin(cases[i].url, cases[i].base) !=
		    cases[i].same)
			print_message("%s\n", cases[i].url);
		assert_int_equal(cloud_same_origin(cases[i].url, cases[i].base),
				 cases[i].same);
	}
}

static void urls_are_split(void **state)
{
	char long_host[300] = "https://";
	struct url_parts u;

	(void)state;
	assert_true(url_split(&u, "http://127.0.0.1:8080/a?b"));
	assert_false(u.https);
	assert_int_equal(u.port, 8080);
	assert_string_equal(u.host, "127.0.0.1");
	assert_string_equal(u.rest, "/a?b");
	assert_true(url_split(&u, "http://x"));
	assert_int_equal(u.port, 80);
	assert_string_equal(u.rest, "");
	assert_true(url_split(&u, "https://x#f"));
	assert_int_equal(u.port, 443);
	memset(long_host + 8, 'a', 256);
	assert_false(url_split(&u, long_host));
	long_host[8 + 255] = '\0';
	assert_true(url_split(&u, long_host));
	assert_true(url_split(&u, "https://[2001:DB8::1]:8443/a"));
	assert_string_equal(u.host, "[2001:db8::1]");
	assert_int_equal(u.port, 8443);
	assert_string_equal(u.rest, "/a");
}

/* Pairs of a text and its bytes as hexadecimal digits; "" for no address. */
static void addresses(void **state)
{
	static const char *const cases[][2] = {
		{ "::", "00000000000000000000000000000000" },
		{ "::1", "00000000000000000000000000000001" },
		{ "1::", "00010000000000000000000000000000" },
		{ "1:2:3:4:5:6:7:8", "00010002000300040005000600070008" },
		{ "1:2:3:4:5:6:7::", "00010002000300040005000600070000" },
		{ "::2:3:4:5:6:7:8", "00000002000300040005000600070008" },
		{ "2001:DB8::ff00:42:8329",
		  "20010db8000000000000ff0000428329" },
		{ "::ffff:10.1.2.3", "00000000000000000000ffff0a010203" },
		{ "1:2:3:4:5:6:10.1.2.3", "0001000200030004000500060a010203" },
		{ "", "" },
		{ ":", "" },
		{ ":::", "" },
		{ "1", "" },
		{ "1:", "" },
		{ ":1", "" },
		{ "1::2::3", "" },
		{ "1:2:3:4:5:6:7:8:9", "" },
		{ "1:2:3:4:5:6:7:8::", "" },
		{ "::1:2:3:4:5:6:7:8", "" },
		{ "12345::", "" },
		{ "g::", "" },
		{ "::1%lo", "" },
		{ "1:2:3:4:5:6:7:10.1.2.3", "" },
		{ "::10.1.2.3:1", "" },
		{ "::10.1.2", "" },
		{ "::10.1.2.256", "" },
		{ "::10.1.2.03", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned char b[16];
		char hex[33] = "";

		if (url_ipv6(cases[i][0], strlen(cases[i][0]), b))
			for (int k = 0; k < 16; k++)
				snprintf(hex + 2 * k, 3, "%02x", b[k]);
		if (strcmp(hex, cases[i][1]) != 0)
			print_message("%s\n", cases[i][0]);
		assert_string_equal(hex, cases[i][1]);
	}
}

static void clouds_of_hosts(void **state)
{
	char name[40];

	(void)state;
	assert_string_equal(cloud_of_url("https://login.microsoftonline.com"),
			    "public");
	assert_string_equal(cloud_of_url("https://LOGIN.chinacloudapi.cn:443/"),
			    "china");
	assert_string_equal(
		cloud_of_url("https://management.core.usgovcloudapi.net/"),
		"usgov");
	assert_string_equal(cloud_of_url("https://managedhsm.azure.cn"),
			    "china");
	assert_null(cloud_of_url("https://login.corp.example"));
	assert_null(cloud_of_url("https://login.microsoftonline.com.evil.io"));
	assert_null(cloud_of_url("nonsense"));
	assert_string_equal(cloud_of_suffix(".managedhsm.azure.net"), "public");
	assert_string_equal(cloud_of_suffix(".vault.azure.cn:8443"), "china");
	assert_null(cloud_of_suffix(".azure.net"));
	assert_true(cloud_public_name("v.privatelink.vaultcore.azure.net", name,
				      sizeof(name)));
	assert_string_equal(name, "v.vault.azure.net");
	assert_true(cloud_public_name("v.vaultcore.usgovcloudapi.net", name,
				      sizeof(name)));
	assert_string_equal(name, "v.vault.usgovcloudapi.net");
	assert_false(
		cloud_public_name("v.vault.azure.net", name, sizeof(name)));
	assert_false(cloud_public_name("privatelink.vaultcore.azure.net", name,
				       sizeof(name)));
	assert_false(cloud_public_name("v.privatelink.vaultcore.azure.net",
				       name, 10));
}

static void clean_urls(void **state)
{
	char *s = text_alloc(URL_MAX + 2, 1);

	(void)state;
	assert_true(url_is_clean("https://x/?$skiptoken=a%20b"));
	assert_false(url_is_clean(""));
	assert_false(url_is_clean("a b"));
	assert_false(url_is_clean("a\r\nX-Evil: 1"));
	assert_false(url_is_clean("\xc3\xa4"));
	assert_false(url_is_clean("a\x7f"));
	memset(s, 'a', URL_MAX + 1);
	assert_false(url_is_clean(s));
	s[URL_MAX] = '\0';
	assert_true(url_is_clean(s));
	free(s);
}

static void encoding(void **state)
{
	struct buf b;
	char *s;

	(void)state;
	buf_init(&b, 100);
	assert_true(url_add_encoded(&b, "aZ09-._~ /&=+%\xff\0", 16));
	s = url_take(&b);
	assert_string_equal(s, "aZ09-._~%20%2F%26%3D%2B%25%FF%00");
	assert_null(b.data);
	free(s);
	s = url_take(&b);
	assert_string_equal(s, "");
	free(s);
	assert_true(url_add_base(&b, "https://x//"));
	assert_string_equal(buf_str(&b), "https://x");
	buf_free(&b);
	buf_init(&b, 4);
	assert_false(url_add_encoded(&b, "  ", 2));
	buf_free(&b);
}

static void records_are_freed(void **state)
{
	struct exchange x = { .url = text_dup("u"), .body = text_dup("b") };
	struct answer a = { .status = 200 };

	(void)state;
	exchange_free(&x);
	assert_null(x.url);
	assert_null(x.body);
	exchange_free(&x);
	buf_init(&a.body, 10);
	buf_puts(&a.body, "x");
	a.headers[ANSWER_DATE] = text_dup("d");
	answer_free(&a);
	assert_null(a.headers[ANSWER_DATE]);
	assert_null(a.body.data);
	buf_puts(&a.body, "x");
	a.headers[ANSWER_LOCATION] = text_dup("d");
	answer_wipe(&a);
	assert_null(a.headers[ANSWER_LOCATION]);
	assert_null(a.body.data);
	for (int i = 0; i < ANSWER_HEADERS; i++)
		assert_non_null(answer_header_names[i]);
}

/* Whatever decides who is asked, and with which token. */
static void one_that_asks_elsewhere_is_another(void **state)
{
	struct cloud a = { 0 }, b = { 0 };
	char **member[] = { &b.authority,     &b.resource_manager,
			    &b.arm_audience,  &b.vault_audience,
			    &b.imds_endpoint, &b.vault_suffixes[0] };
	char elsewhere[] = "https://elsewhere.example";

	(void)state;
	assert_true(cloud_profile(&a, "public"));
	assert_true(cloud_profile(&b, "public"));
	assert_true(cloud_same(&a, &b));
	for (size_t i = 0; i < sizeof(member) / sizeof(member[0]); i++) {
		char *was = *member[i];

		*member[i] = elsewhere;
		assert_false(cloud_same(&a, &b));
		*member[i] = was;
	}
	cloud_free(&a);
	cloud_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_that_asks_elsewhere_is_another),
		cmocka_unit_test(profiles_are_known),
		cmocka_unit_test(vault_hosts),
		cmocka_unit_test(a_suffix_may_name_its_port),
		cmocka_unit_test(storage_hosts),
		cmocka_unit_test(audiences),
		cmocka_unit_test(challenge_rule),
		cmocka_unit_test(origins),
		cmocka_unit_test(urls_are_split),
		cmocka_unit_test(addresses),
		cmocka_unit_test(clouds_of_hosts),
		cmocka_unit_test(clean_urls),
		cmocka_unit_test(encoding),
		cmocka_unit_test(records_are_freed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
