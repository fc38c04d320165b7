/* Identifiers of keys and registries, URLs, and what is made of any text for
 * a line.  Whose host a URL names is held against libcurl, which is what will
 * connect to it. */
#include <curl/curl.h>

#include "azure/cloud.h"
#include "azure/keyid.h"
#include "azure/resid.h"
#include "azure/url.h"
#include "fuzz.h"

#define BASE "https://management.azure.com"

static void key(const char *s, const char *t)
{
	char printed[KEYID_TEXT_MAX], base[KEYID_TEXT_MAX];
	struct keyid id, again, other;
	struct fault f = fault_none();
	struct url_parts u;

	if (!keyid_parse(&id, s, &f)) {
		fuzz_fault(&f, false);
		return;
	}
	keyid_print(&id, printed, sizeof(printed));
	FUZZ_NEED(strlen(printed) < sizeof(printed) - 1);
	FUZZ_NEED(keyid_parse(&again, printed, &f) && keyid_same(&id, &again));
	FUZZ_NEED(!strcmp(id.host, again.host) &&
		  !strcmp(id.name, again.name) &&
		  !strcmp(id.version, again.version));
	FUZZ_NEED(url_is_clean(printed) && url_split(&u, printed) && u.https);
	FUZZ_NEED(text_prefix(id.host, u.host));
	keyid_print_base(&id, base, sizeof(base));
	FUZZ_NEED(keyid_parse(&again, base, &f) && !again.version[0]);
	FUZZ_NEED(keyid_same_key(&id, &again));
	if (keyid_parse(&other, t, &f)) {
		FUZZ_NEED(keyid_same(&id, &other) == keyid_same(&other, &id));
		FUZZ_NEED(keyid_same_key(&id, &other) ||
			  !keyid_same(&id, &other));
	}
}

static void registry(const char *s, const char *t)
{
	char one[RESID_IDENTITY_MAX], two[RESID_IDENTITY_MAX];
	struct fault f = fault_none();
	struct resid id, other;
	struct buf path;
	bool same;

	if (!resid_parse(&id, s, &f)) {
		fuzz_fault(&f, false);
		FUZZ_NEED(!resid_same(s, s));
		return;
	}
	FUZZ_NEED(strlen(s) < RESID_TEXT_MAX);
	FUZZ_NEED(resid_is_guid(id.subscription));
	FUZZ_NEED(id.name >= s && id.name + id.name_len == s + strlen(s));
	FUZZ_NEED(resid_same(s, s) && !resid_compare(s, s));
	FUZZ_NEED(!resid_moved(s, s));
	resid_identity(s, one, sizeof(one));
	FUZZ_NEED(strlen(one) == 36 + 1 + id.name_len);
	buf_init(&path, 4096);
	FUZZ_NEED(resid_add_path(&id, &path));
	FUZZ_NEED(url_is_clean(buf_str(&path)) && path.data[0] == '/' &&
		  !strpbrk(path.data, "?#\\"));
	buf_free(&path);
	if (!resid_parse(&other, t, &f))
		return;
	resid_identity(t, two, sizeof(two));
	same = !strcmp(one, two);
	FUZZ_NEED(resid_same(s, t) == same && resid_same(t, s) == same);
	FUZZ_NEED(!resid_compare(s, t) == same);
	FUZZ_NEED((resid_compare(s, t) < 0) == (resid_compare(t, s) > 0));
	FUZZ_NEED(resid_moved(s, t) == resid_moved(t, s));
}

static bool is_address(const char *host)
{
	return strspn(host, "0123456789.") == strlen(host);
}

/* A token would go there: libcurl must mean the same place, or refuse. */
static void curl_agrees(const char *s, const struct url_parts *u)
{
	char *host = NULL, *port = NULL, *user = NULL, *scheme = NULL;
	CURLU *c = curl_url();

	if (!curl_url_set(c, CURLUPART_URL, s, 0)) {
		curl_url_get(c, CURLUPART_HOST, &host, 0);
		curl_url_get(c, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT);
		curl_url_get(c, CURLUPART_USER, &user, 0);
		curl_url_get(c, CURLUPART_SCHEME, &scheme, 0);
		/* It writes "0x7f.1" as the address that this is. */
		FUZZ_NEED(host &&
			  (url_same_host(host, u->host) || is_address(host)));
		FUZZ_NEED(port && atoi(port) == u->port);
		FUZZ_NEED(!user);
		FUZZ_NEED(text_same(scheme, u->https ? "https" : "http"));
	}
	curl_free(host);
	curl_free(port);
	curl_free(user);
	curl_free(scheme);
	curl_url_cleanup(c);
}

static void url(const char *s, const char *t)
{
	struct url_parts u;
	bool split = url_split(&u, s), ours = cloud_same_origin(s, BASE);

	FUZZ_NEED(!ours || (split && u.https && u.port == 443 &&
			    !strcmp(u.host, "management.azure.com")));
	FUZZ_NEED(cloud_same_origin(s, t) == cloud_same_origin(t, s));
	if (!split)
		return;
	FUZZ_NEED(u.port >= 1 && u.port <= 65535);
	FUZZ_NEED(u.rest >= s && u.rest <= s + strlen(s));
	if (u.host[0] == '[')
		FUZZ_NEED(strspn(u.host, "[0123456789abcdef:.]") ==
				  strlen(u.host) &&
			  strchr(u.host, ']') == u.host + strlen(u.host) - 1);
	else
		FUZZ_NEED(u.host[0] &&
			  strspn(u.host, "abcdefghijklmnopqrstuvwxyz"
					 "0123456789-.") == strlen(u.host));
	FUZZ_NEED(url_same_host(u.host, u.host));
	if (url_is_clean(s))
		curl_agrees(s, &u);
	/* A challenge's resource that fits is the vault's parent, and https. */
	if (cloud_resource_fits(s, "v.vault.azure.net"))
		FUZZ_NEED(u.https &&
			  strlen(u.host) < strlen("v.vault.azure.net"));
}

static void encoded(const char *s)
{
	struct buf out;
	int len = 0;
	char *back;

	buf_init(&out, 3 * strlen(s) + 1);
	FUZZ_NEED(url_add_encoded(&out, s, strlen(s)));
	FUZZ_NEED(!*s || !strpbrk(out.data, " /?#&=+\"\\\n"));
	back = curl_easy_unescape(NULL, buf_str(&out), (int)out.len, &len);
	FUZZ_NEED(back && (size_t)len == strlen(s) && !strcmp(back, s));
	curl_free(back);
	buf_free(&out);
}

static void line(char *s)
{
	size_t len = strlen(s);
	bool fine = fuzz_is_line(s);
	char *before = text_dup(s);

	text_line(s);
	FUZZ_NEED(fuzz_is_line(s) && strlen(s) <= len);
	FUZZ_NEED(!fine || !strcmp(before, s));
	free(before);
	before = text_dup(s);
	text_line(s);
	FUZZ_NEED(!strcmp(before, s));
	free(before);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	char *s = fuzz_piece(&in), *t = fuzz_piece(&in);

	key(s, t);
	registry(s, t);
	url(s, t);
	encoded(s);
	FUZZ_NEED(text_distance(s, t) == text_distance(t, s));
	line(s);
	free(s);
	free(t);
	return 0;
}
