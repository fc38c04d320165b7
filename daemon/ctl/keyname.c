/*
 * People type the short name of a key, or of a vault; here is decided which
 * identifiers it may stand for.
 */
#include "ctl/keyname.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "ctl/words.h"

#define SHORT_MAX 320

static const char scheme[] = "https://";

static bool same_but_slash(const char *said, const char *key)
{
	size_t len = strlen(said);

	while (len && said[len - 1] == '/')
		len--;
	return len == strlen(key) && text_prefix(said, key);
}

bool keyname_means(const char *said, const char *key)
{
	char vault_name[SHORT_MAX];
	const char *name;

	if (same_but_slash(said, key))
		return true;
	words_key(vault_name, sizeof(vault_name), key);
	name = strrchr(vault_name, '/');
	return text_same(said, vault_name) ||
	       (name && text_same(said, name + 1));
}

/* What a key's identifier, or a vault's URL, has behind the scheme. */
static const char *host_of(const char *url)
{
	return text_prefix(url, scheme) ? url + strlen(scheme) : url;
}

bool keyname_in(const char *said, const char *key)
{
	const char *mine = host_of(said), *host = host_of(key);
	size_t len = strlen(mine);

	if (mine != said && len && mine[len - 1] == '/')
		len--;
	if (!len || host == key || memchr(mine, '/', len) ||
	    strncasecmp(mine, host, len) != 0)
		return false;
	if (host[len] == '/' || host[len] == ':')
		return true;
	return host[len] == '.' && !memchr(mine, '.', len);
}

size_t keyname_base(const char *key)
{
	const char *name = strstr(key, "/keys/");

	if (!name)
		return strlen(key);
	name += strlen("/keys/");
	return (size_t)(name - key) + strcspn(name, "/");
}
