/* A proxy as it is written, and who is asked without it: where its address
 * leads is held against libcurl, which is what will connect to it. */
#include <curl/curl.h>

#include "azure/proxy.h"
#include "azure/url.h"
#include "fuzz.h"

/* The same host and port, and nobody's name in it. */
static void curl_agrees(const struct proxy *p)
{
	char *host = NULL, *port = NULL, *user = NULL;
	const char *at = strstr(p->url, "://") + 3, *rest;
	char ours[URL_HOST_MAX];
	int number = 0;
	CURLU *c = curl_url();

	FUZZ_NEED(url_is_clean(p->url) && !strchr(p->url, '@'));
	FUZZ_NEED(url_host(at, ours, &number, &rest) && !*rest);
	FUZZ_NEED(number >= 1 && number <= 65535);
	if (!curl_url_set(c, CURLUPART_URL, p->url, CURLU_NON_SUPPORT_SCHEME)) {
		curl_url_get(c, CURLUPART_HOST, &host, 0);
		curl_url_get(c, CURLUPART_PORT, &port, 0);
		curl_url_get(c, CURLUPART_USER, &user, 0);
		FUZZ_NEED(port && atoi(port) == number && !user);
		/* It writes "0x7f.1" as the address that this is. */
		FUZZ_NEED(host &&
			  (url_same_host(host, ours) ||
			   strspn(host, "0123456789.") == strlen(host)));
	}
	curl_free(host);
	curl_free(port);
	curl_free(user);
	curl_url_cleanup(c);
}

static void read_one(const char *s)
{
	struct proxy p = { .url = NULL }, again = { .url = NULL };
	struct fault f = fault_none();

	if (!proxy_read(&p, s, &f)) {
		fuzz_fault(&f, false);
		FUZZ_NEED(!p.url && !p.user && !p.password);
		return;
	}
	FUZZ_NEED(strlen(s) <= PROXY_URL_MAX);
	FUZZ_NEED(!p.user || *p.user);
	FUZZ_NEED(!p.password || p.user);
	curl_agrees(&p);
	FUZZ_NEED(proxy_read(&again, p.url, &f) && !strcmp(again.url, p.url) &&
		  !again.user);
	proxy_free(&again);
	proxy_free(&p);
}

/* Whoever is named goes without one, and what is refused names nobody. */
static void without(const char *entry, char *url)
{
	struct proxy p = { .url = text_dup("http://proxy:1") };
	struct fault f = fault_none();
	struct url_parts u;

	if (!proxy_check_without(entry, &f))
		fuzz_fault(&f, false);
	p.without = text_dup(entry);
	if (proxy_is_for(&p, url)) {
		FUZZ_NEED(url_split(&u, url) && strcmp(entry, "*") != 0);
		FUZZ_NEED(!text_same(entry, u.host) || entry[0] == '.');
		free(p.without);
		p.without = text_dup(u.host);
		FUZZ_NEED(u.host[strspn(u.host, ".")] == '\0' ||
			  !proxy_is_for(&p, url));
	}
	proxy_free(&p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	char *s = fuzz_piece(&in), *url = fuzz_piece(&in);

	read_one(s);
	without(s, url);
	free(s);
	free(url);
	return 0;
}
