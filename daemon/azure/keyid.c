/*
 * Reads and prints the names of keys.  Strict, for they are put into URLs
 * to which a token is sent.
 */
#include "azure/keyid.h"

#include <stdio.h>
#include <string.h>

#include "azure/url.h"
#include "base/text.h"

#define VAULT_MIN 3
#define VAULT_MAX 24
#define VERSION_DIGITS 32

static const char hex[] = "0123456789abcdefABCDEF";
static const char name_chars[] = "-0123456789abcdefghijklmnopqrstuvwxyz"
				 "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

static bool wrong(struct fault *f, const char *text, const char *what)
{
	return fault_set(f, FAULT_INVALID, 0,
			 "\"%.150s\" is not a key identifier: %s.", text, what);
}

/* "--" is kept for internationalised names and refused by Key Vault. */
static bool vault_ok(const char *host)
{
	size_t len = strspn(host, name_chars);

	return len >= VAULT_MIN && len <= VAULT_MAX && host[len] == '.' &&
	       !memmem(host, len, "--", 2);
}

static bool host_ok(const char *host)
{
	size_t len = strlen(host);

	return !strstr(host, "..") && host[len - 1] != '.';
}

/* Copy the run of allowed characters at *s and step over it. */
static bool take(const char **s, const char *allowed, char *dst, size_t size)
{
	size_t len = strspn(*s, allowed);

	if (!len || len >= size)
		return false;
	memcpy(dst, *s, len);
	dst[len] = '\0';
	*s += len;
	return true;
}

static bool take_slash(const char **s)
{
	if (**s != '/')
		return false;
	(*s)++;
	return true;
}

static bool parse_path(struct keyid *id, const char *path, const char *text,
		       struct fault *f)
{
	if (!text_prefix(path, "/keys/"))
		return wrong(f, text,
			     "the host must be followed by /keys/ "
			     "and the key's name");
	path += strlen("/keys/");
	if (!take(&path, name_chars, id->name, sizeof(id->name)))
		return wrong(f, text,
			     "the key's name must be 1 to 127 "
			     "letters, digits and hyphens");
	if (!take_slash(&path) && *path)
		return wrong(f, text,
			     "the key's name has a character that "
			     "is no letter, digit or hyphen");
	if (!*path)
		return true;
	if (!take(&path, hex, id->version, sizeof(id->version)) ||
	    strlen(id->version) != VERSION_DIGITS ||
	    (!take_slash(&path) && *path))
		return wrong(f, text,
			     "the version must be 32 hexadecimal digits");
	text_lower(id->version);
	return !*path || wrong(f, text, "something follows the version");
}

bool keyid_parse(struct keyid *id, const char *text, struct fault *f)
{
	struct url_parts u;
	char host[URL_HOST_MAX + 8];

	*id = (struct keyid){ .host = "" };
	*f = fault_none();
	if (text_prefix(text, "/subscriptions/"))
		return wrong(f, text,
			     "it is the resource id; write "
			     "https://VAULT.vault.azure.net/keys/NAME, which "
			     "the portal calls the key identifier");
	if (!text_prefix(text, "https://"))
		return wrong(f, text, "it must begin with https://");
	if (!url_split(&u, text))
		return wrong(f, text, "its host cannot be understood");
	if (!vault_ok(u.host))
		return wrong(f, text,
			     "the vault's name must be 3 to 24 "
			     "letters, digits and single hyphens, followed by "
			     "the cloud's suffix");
	if (u.port == 443)
		text_copy(host, sizeof(host), u.host);
	else
		snprintf(host, sizeof(host), "%s:%d", u.host, u.port);
	if (!host_ok(u.host) || !text_copy(id->host, sizeof(id->host), host))
		return wrong(f, text, "its host cannot be understood");
	return parse_path(id, u.rest, text, f);
}

void keyid_print_base(const struct keyid *id, char *dst, size_t size)
{
	snprintf(dst, size, "https://%s/keys/%s", id->host, id->name);
}

void keyid_print(const struct keyid *id, char *dst, size_t size)
{
	snprintf(dst, size, "https://%s/keys/%s%s%s", id->host, id->name,
		 id->version[0] ? "/" : "", id->version);
}

bool keyid_same_key(const struct keyid *a, const struct keyid *b)
{
	return text_same(a->host, b->host) && text_same(a->name, b->name);
}

bool keyid_same(const struct keyid *a, const struct keyid *b)
{
	return keyid_same_key(a, b) && text_same(a->version, b->version);
}
