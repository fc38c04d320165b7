/* azure/proxy: how a proxy is written, and who is asked without one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "azure/proxy.h"
#include "base/text.h"

static void proxies_are_read(void **state)
{
	static const struct {
		const char *text, *url, *user, *password;
	} cases[] = {
		{ "http://proxy.example:3128", "http://proxy.example:3128",
		  NULL, NULL },
		{ "http://Proxy.example:3128/", "http://proxy.example:3128",
		  NULL, NULL },
		{ "proxy.example:8080", "http://proxy.example:8080", NULL,
		  NULL },
		{ "proxy", "http://proxy:1080", NULL, NULL },
		{ "https://proxy", "https://proxy:443", NULL, NULL },
		{ "socks5h://[::1]:9050", "socks5h://[::1]:9050", NULL, NULL },
		{ "http://me@proxy:1", "http://proxy:1", "me", NULL },
		{ "http://me:@proxy:1", "http://proxy:1", "me", "" },
		{ "me:a:b@proxy:1", "http://proxy:1", "me", "a:b" },
		{ "http://d%5cme:p%40ss%3A%2f@10.0.0.1:3128",
		  "http://10.0.0.1:3128", "d\\me", "p@ss:/" },
		{ "http://me:p@ss@proxy:1", "http://proxy:1", "me", "p@ss" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct proxy p = { .url = NULL }, copy;
		struct fault f = fault_none();

		if (!proxy_read(&p, cases[i].text, &f))
			fail_msg("%s: %s", cases[i].text, f.text);
		assert_string_equal(p.url, cases[i].url);
		assert_true(text_same(p.user, cases[i].user));
		assert_true(!p.password == !cases[i].password);
		if (p.password)
			assert_string_equal(p.password, cases[i].password);
		proxy_copy(&copy, &p);
		proxy_free(&p);
		assert_null(p.url);
		assert_string_equal(copy.url, cases[i].url);
		proxy_free(&copy);
	}
}

/* What is refused leaves nothing behind, and is not repeated. */
static void mistakes(void **state)
{
	static const char *const bad[] = {
		"",
		"http://",
		"ftp://me:hunter22@proxy:21",
		"http://me:hunter22@proxy:0",
		"http://me:hunter22@proxy:65536",
		"http://me:hunter22@proxy:3128/path",
		"http://me:hunter22@proxy:3128?x",
		"http://me:hunter22@",
		"http://:hunter22@proxy:1",
		"http://me:hunter22%@proxy:1",
		"http://me:hunter22%4@proxy:1",
		"http://me:hunter22%zz@proxy:1",
		"http://me:hunter22%0d%0aX@proxy:1",
		"http://me:hunter22%00@proxy:1",
		"http://me:hunter22@pro xy:1",
		"http://me:hunter22@[::1:1",
		"http:///proxy",
	};

	char long_one[PROXY_URL_MAX + 2];
	struct proxy q = { .url = NULL };
	struct fault why;

	(void)state;
	memset(long_one, 'a', sizeof(long_one));
	long_one[sizeof(long_one) - 1] = '\0';
	memcpy(long_one + sizeof(long_one) - 9, "@proxy:1", 8);
	assert_false(proxy_read(&q, long_one, &why));
	assert_true(proxy_read(&q, long_one + 1, &why));
	proxy_free(&q);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct proxy p = { .url = NULL };
		struct fault f = fault_none();

		if (proxy_read(&p, bad[i], &f))
			fail_msg("%s was read as %s", bad[i], p.url);
		assert_int_equal(f.kind, FAULT_INVALID);
		assert_true(strlen(f.text) > 10);
		assert_null(strstr(f.text, "hunter"));
		assert_null(p.url);
		assert_null(p.user);
		assert_null(p.password);
	}
}

static void who_is_asked_without(void **state)
{
	static const struct {
		const char *without, *url;
		bool through;
	} cases[] = {
		{ NULL, "https://v.vault.azure.net/keys/k", true },
		{ "", "https://v.vault.azure.net/", true },
		{ "*", "https://v.vault.azure.net/", false },
		{ "a,*", "https://v.vault.azure.net/", false },
		{ "vault.azure.net", "https://v.vault.azure.net:8443/", false },
		{ ".vault.azure.net", "https://v.vault.azure.net/", false },
		{ ".vault.azure.net", "https://vault.azure.net/", false },
		{ "VAULT.azure.NET.", "https://v.vault.azure.net./", false },
		{ "v.vault.azure.net", "https://v.vault.azure.net/", false },
		{ "vault.azure.net", "https://evilvault.azure.net/", true },
		{ "v.vault.azure.net", "https://vault.azure.net/", true },
		{ "a.example, ,azure.net b", "https://m.azure.net/", false },
		{ "a.example b,\tc", "https://c/", false },
		{ ".", "https://m.azure.net/", true },
		{ "10.1.2.3", "https://10.1.2.3:8443/", false },
		{ "10.1.2.3", "https://110.1.2.3/", true },
		{ "10.0.0.0/8", "https://10.255.0.1/", false },
		{ "10.0.0.0/8", "https://11.0.0.1/", true },
		{ "10.0.0.0/8", "https://10.example/", true },
		{ "10.16.0.0/12", "https://10.31.0.1/", false },
		{ "10.16.0.0/12", "https://10.32.0.1/", true },
		{ "0.0.0.0/0", "https://192.0.2.1/", false },
		{ "0.0.0.0/0", "https://[::1]/", true },
		{ "10.0.0.0/33", "https://10.0.0.1/", true },
		{ "::1", "https://[0:0::1]:8443/", false },
		{ "[::1]", "https://[::1]/", false },
		{ "fd00::/8", "https://[fdab::1]/", false },
		{ "fd00::/8", "https://[fe80::1]/", true },
		{ "3.4", "https://1.2.3.4/", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct proxy p = { .url = text_dup("http://proxy:1"),
				   .without = text_dup(cases[i].without) };

		if (proxy_is_for(&p, cases[i].url) != cases[i].through)
			fail_msg("%s without %s", cases[i].url,
				 cases[i].without);
		free(p.url);
		p.url = NULL;
		assert_false(proxy_is_for(&p, cases[i].url));
		proxy_free(&p);
	}
}

static void entries(void **state)
{
	static const char *const good[] = {
		"*",	      "a",   ".a.example", "a_b.example", "10.0.0.1",
		"10.0.0.0/8", "::1", "[::1]",	   "fd00::/8",	  "localhost"
	};
	static const struct {
		const char *entry, *says;
	} bad[] = {
		{ "", "an entry is" },
		{ ".", "an entry is" },
		{ "a b", "an entry is" },
		{ "*.azure.net", "write \".example.com\"" },
		{ "host:8080", "without a port" },
		{ "[::1]:8443", "without a port" },
		{ "10.0.0.0/33", "10.0.0.0/8" },
		{ "10.0.0.0/", "10.0.0.0/8" },
		{ "https://a.example", "10.0.0.0/8" },
		{ "a.example/8", "10.0.0.0/8" },
	};
	struct fault f = fault_none();

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (!proxy_check_without(good[i], &f))
			fail_msg("%s: %s", good[i], f.text);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(proxy_check_without(bad[i].entry, &f));
		if (!strstr(f.text, bad[i].says))
			fail_msg("%s: %s", bad[i].entry, f.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(proxies_are_read),
		cmocka_unit_test(mistakes),
		cmocka_unit_test(who_is_asked_without),
		cmocka_unit_test(entries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
