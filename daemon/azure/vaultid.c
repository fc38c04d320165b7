/* Reads the resource ids of key vaults, and makes URL paths of them. */
#include "azure/vaultid.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"

#define NAME_MIN 3

static const char provider[] = "/providers/Microsoft.KeyVault/vaults/";
static const char name_chars[] = "-0123456789abcdefghijklmnopqrstuvwxyz"
				 "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

static bool wrong(struct fault *f, const char *text, const char *what)
{
	return fault_set(f, FAULT_INVALID, 0,
			 "\"%.160s\" is not a vault's resource id: %s.", text,
			 what);
}

bool vaultid_parse(struct resid *id, const char *text, struct fault *f)
{
	const char *s = text, *what;

	*id = (struct resid){ .group = NULL };
	*f = fault_none();
	if (strlen(text) >= RESID_TEXT_MAX)
		return wrong(f, text, "it is too long");
	if (text_prefix(text, "https://"))
		return wrong(f, text,
			     "write what \"az keyvault show --name NAME "
			     "--query id --output tsv\" prints");
	what = resid_take_group(id, &s);
	if (what)
		return wrong(f, text, what);
	if (!text_prefix(s, provider))
		return wrong(f, text,
			     "/providers/Microsoft.KeyVault/vaults/ must "
			     "follow the group");
	id->name = s + strlen(provider);
	id->name_len = strlen(id->name);
	if (id->name_len >= NAME_MIN && id->name_len <= VAULTID_NAME_MAX &&
	    strspn(id->name, name_chars) == id->name_len)
		return true;
	return wrong(f, text,
		     strchr(id->name, '/')
			     ? "it must end with the vault's name"
			     : "the vault's name must be 3 to 24 letters, "
			       "digits and hyphens");
}

bool vaultid_is_of(const struct resid *id, const char *host)
{
	return strncasecmp(id->name, host, id->name_len) == 0 &&
	       host[id->name_len] == '.';
}

bool vaultid_add_path(const struct resid *id, struct buf *out)
{
	return resid_add_group(id, out) && buf_puts(out, provider) &&
	       buf_add(out, id->name, id->name_len);
}
