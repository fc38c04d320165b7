/*
 * People type the short name of a key; here is decided which identifiers it
 * may stand for.
 */
#include "ctl/keyname.h"

#include <string.h>

#include "base/text.h"
#include "ctl/words.h"

#define SHORT_MAX 320

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
