/*
 * Reads and prints the names of keys.  Strict, for they are put into URLs
 * to which a token is sent.
 */
#include "azure/keyid.h"

#include <string.h>

#include "azure/url.h"
#include "base/text.h"

#define VAULT_MIN 3
#define VAULT_MAX 24
#define VERSION_DIGITS 32

static const bool hex[256] = { ['0' ... '9'] = true,
			       ['a' ... 'f'] = true,
			       ['A' ... 'F'] = true };
static const bool name_chars[256] = { ['-'] = true,
				      ['0' ... '9'] = true,
				      ['a' ... 'z'] = true,
				      ['A' ... 'Z'] = true };

static bool wrong(struct fault *f, const char *text, const char *what)
{
	return fault_set(f, FAULT_INVALID, 0,
			 "\"%.150s\" is not a key identifier: %s.", text, what);
}

/* "--" is kept for internationalised names and refused by Key Vault. */
static bool vault_ok(const char *host)
{
	size_t len = text_span(host, name_chars);

	return len >= VAULT_MIN && len <= VAULT_MAX && host[len] == '.' &&
	       !memmem(host, len, "--", 2);
}

static bool host_ok(const char *host)
{
	size_t len = strlen(host);

	return !strstr(host, "..") && host[len - 1] != '.';
}

/* Copy the run of allowed characters at *s and step over it. */
static bool take(const char **s, const bool allowed[static 256], char *dst,
		 size_t size)
{
	size_t len = text_span(*s, allowed);

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

/* ":1" to ":65535" */
static void print_port(char dst[static 8], int port)
{
	char digits[6];
	size_t n = sizeof(digits) - 1;

	digits[n] = '\0';
	for (; port > 0 && n > 0; port /= 10)
		digits[--n] = (char)('0' + port % 10);
	dst[0] = ':';
	text_copy(dst + 1, 7, digits + n);
}

bool keyid_parse(struct keyid *id, const char *text, struct fault *f)
{
	struct url_parts u;
	char port[8] = "";

	*id = (struct keyid){ .host = "" };
	fault_clear(f);
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
	if (u.port != 443)
		print_port(port, u.port);
	if (!host_ok(u.host) ||
	    !text_join(id->host, sizeof(id->host), u.host, port, NULL))
		return wrong(f, text, "its host cannot be understood");
	return parse_path(id, u.rest, text, f);
}

void keyid_print_base(const struct keyid *id, char *dst, size_t size)
{
	text_join(dst, size, "https://", id->host, "/keys/", id->name, NULL);
}

void keyid_print(const struct keyid *id, char *dst, size_t size)
{
	text_join(dst, size, "https://", id->host, "/keys/", id->name,
		  id->version[0] ? "/" : "", id->version, NULL);
}

bool keyid_same_key(const struct keyid *a, const struct keyid *b)
{
	return text_same(a->host, b->host) && text_same(a->name, b->name);
}

bool keyid_same(const struct keyid *a, const struct keyid *b)
{
	return keyid_same_key(a, b) && text_same(a->version, b->version);
}
