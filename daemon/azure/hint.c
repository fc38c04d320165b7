/* Reads events loosely: members may be missing, of another type, or have
 * blanks around their names, as those of the published samples. */
#include "azure/hint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "azure/base64url.h"
#include "azure/url.h"
#include "base/json.h"
#include "base/text.h"

#define TREE_MAX (512 * 1024)
#define BLANKS " \t\r\n"

static const struct {
	const char *type;
	enum hint_kind kind;
} types[] = {
	{ "Microsoft.KeyVault.KeyNewVersionCreated", HINT_NEW_VERSION },
	{ "Microsoft.KeyVault.KeyNearExpiry", HINT_NEAR_EXPIRY },
	{ "Microsoft.KeyVault.KeyExpired", HINT_EXPIRED },
	{ "Microsoft.KeyVault.VaultAccessPolicyChanged", HINT_ACCESS },
};

/* ---- members ---- */

/* The same but for case and blanks around it. */
static bool is_word(const char *s, const char *word)
{
	size_t len;

	s += strspn(s, BLANKS);
	len = strlen(word);
	return text_prefix(s, word) && !s[len + strspn(s + len, BLANKS)];
}

static const struct json *member(const struct json *object, const char *name)
{
	const struct json *n;

	if (json_type(object) != JSON_OBJECT)
		return NULL;
	for (n = json_first(object); n; n = json_next(n))
		if (is_word(json_name(n), name))
			return n;
	return NULL;
}

static const char *text_of(const struct json *object, const char *name)
{
	const char *s = json_str(member(object, name));

	return s && *s ? s : NULL;
}

/* ---- which key ---- */

/* An identifier as Azure writes it, and nothing else. */
static bool take_key(struct keyid *key, const char *id)
{
	struct fault f;

	return id && keyid_parse(key, id, &f);
}

/* The vault's host alone: it has the form of an identifier's. */
static bool take_host(struct keyid *key, const char *host)
{
	char id[KEYID_TEXT_MAX];
	int len = snprintf(id, sizeof(id), "https://%s/keys/any", host);

	if (len < 0 || (size_t)len >= sizeof(id) || !take_key(key, id))
		return false;
	key->name[0] = key->version[0] = '\0';
	return true;
}

/* "https://contoso.vault.azure.net/...": its host, with the port. */
static bool take_host_of(struct keyid *key, const char *url)
{
	char host[KEYID_HOST_MAX];
	struct url_parts u;
	size_t len;

	if (!url || !url_split(&u, url) || !u.https)
		return false;
	url = strstr(url, "://") + 3;
	len = (size_t)(u.rest - url);
	if (len >= sizeof(host))
		return false;
	memcpy(host, url, len);
	host[len] = '\0';
	return take_host(key, host);
}

/* The name behind "/vaults/" in a resource id. */
static const char *vault_in(const char *resource)
{
	const char *at = resource ? strcasestr(resource, "/vaults/") : NULL;

	return at ? at + strlen("/vaults/") : NULL;
}

/* By the vault's name, when its host is not told. */
static bool take_vault(const struct cloud *cloud, struct keyid *key,
		       const struct json *event, const struct json *data)
{
	const char *name = text_of(data, "VaultName");
	char host[KEYID_HOST_MAX];
	int len;

	if (!name)
		name = vault_in(text_of(event, "topic"));
	if (!name)
		name = vault_in(text_of(event, "source"));
	if (!name || !cloud->n_vault_suffixes)
		return false;
	len = snprintf(host, sizeof(host), "%.*s%s",
		       (int)strcspn(name, "/" BLANKS), name,
		       cloud->vault_suffixes[0]);
	return len > 0 && (size_t)len < sizeof(host) && take_host(key, host);
}

/* By its parts: what Azure calls the object's name, or the subject. */
static bool take_parts(const struct cloud *cloud, struct keyid *key,
		       const struct json *event, const struct json *data)
{
	const char *name = text_of(data, "ObjectName");
	char id[KEYID_TEXT_MAX];
	int len;

	if (!name)
		name = text_of(event, "subject");
	if (!name || !take_vault(cloud, key, event, data))
		return false;
	len = snprintf(id, sizeof(id), "https://%s/keys/%s", key->host, name);
	return len > 0 && (size_t)len < sizeof(id) && take_key(key, id);
}

/* ---- events ---- */

static enum hint_kind kind_of(const struct json *event)
{
	const char *type = text_of(event, "eventType");

	if (!type)
		type = text_of(event, "type");
	for (size_t i = 0; type && i < sizeof(types) / sizeof(types[0]); i++)
		if (is_word(type, types[i].type))
			return types[i].kind;
	return HINT_FOREIGN;
}

/* False: it is about nothing that is known. */
static bool read_event(const struct cloud *cloud, const struct json *event,
		       struct hint_event *to)
{
	const struct json *data = member(event, "data");
	const char *object = text_of(data, "ObjectType");
	const char *id = text_of(data, "Id");

	to->kind = kind_of(event);
	if (to->kind == HINT_ACCESS)
		return take_host_of(&to->key, id) ||
		       take_vault(cloud, &to->key, event, data);
	return to->kind != HINT_FOREIGN &&
	       (!object || is_word(object, "Key")) &&
	       (take_key(&to->key, id) ||
		take_parts(cloud, &to->key, event, data));
}

static void take_event(const struct cloud *cloud, const struct json *event,
		       struct hint *h)
{
	struct hint_event e = { .kind = HINT_FOREIGN };

	if (h->n_events == HINT_EVENTS_MAX || !read_event(cloud, event, &e))
		return;
	h->events = text_grow(h->events, h->n_events, sizeof(*h->events));
	h->events[h->n_events++] = e;
}

static int compare_keys(const struct hint_event *a, const struct hint_event *b)
{
	int c = strcasecmp(a->key.host, b->key.host);

	return c ? c : strcasecmp(a->key.name, b->key.name);
}

/* Of one key what tells of a new version comes first. */
static int compare(const void *a, const void *b)
{
	const struct hint_event *x = a, *y = b;
	int c = compare_keys(x, y);

	return c ? c : (x->kind > y->kind) - (x->kind < y->kind);
}

/* Each key and each vault once. */
static void make_single(struct hint *h)
{
	size_t kept = 0;

	if (h->n_events > 1)
		qsort(h->events, h->n_events, sizeof(*h->events), compare);
	for (size_t i = 0; i < h->n_events; i++)
		if (!kept ||
		    compare_keys(&h->events[kept - 1], &h->events[i]) != 0)
			h->events[kept++] = h->events[i];
	h->n_events = kept;
}

static void read_json(const struct cloud *cloud, const char *text, size_t len,
		      struct hint *h)
{
	struct fault f;
	struct json *root = json_parse(text, len, TREE_MAX, &f);
	const struct json *n;

	if (json_type(root) == JSON_ARRAY)
		for (n = json_first(root); n; n = json_next(n))
			take_event(cloud, n, h);
	else
		take_event(cloud, root, h);
	make_single(h);
	json_free(root);
}

/* ---- base64 ---- */

static bool is_json(const char *s)
{
	if (!strncmp(s, "\xef\xbb\xbf", 3))
		s += 3;
	s += strspn(s, BLANKS);
	return *s == '{' || *s == '[';
}

/* RFC 4648 section 4, whose alphabet differs from base64url's in two; lines
 * may be broken. */
static bool decode(const char *text, struct buf *out)
{
	struct buf url;
	bool ok = true;

	buf_init(&url, HINT_TEXT_MAX);
	for (const char *s = text; *s && ok; s++) {
		char c = *s == '+' ? '-' : *s == '/' ? '_' : *s;

		if (!strchr(BLANKS, *s))
			ok = buf_add(&url, &c, 1);
	}
	ok = ok && base64url_add(out, buf_str(&url), url.len);
	buf_free(&url);
	return ok;
}

void hint_read(const struct cloud *cloud, const char *text, struct hint *h)
{
	struct buf plain;

	free(h->events);
	h->events = NULL;
	h->n_events = 0;
	buf_init(&plain, HINT_TEXT_MAX);
	if (strlen(text) <= HINT_TEXT_MAX) {
		if (is_json(text))
			read_json(cloud, text, strlen(text), h);
		else if (decode(text, &plain) && is_json(buf_str(&plain)))
			read_json(cloud, plain.data, plain.len, h);
	}
	buf_free(&plain);
}

void hint_clear(struct hint *h)
{
	free(h->message);
	free(h->receipt);
	free(h->events);
	*h = (struct hint){ .message = NULL };
}
