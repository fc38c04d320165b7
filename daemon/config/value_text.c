/* Texts: of which characters, and how they are kept. */
#include "config/value_text.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

bool value_text_made_of(const char *s, const char *set)
{
	return *s && !s[strspn(s, set)];
}

bool value_text_keep(void *at, const char *text)
{
	char **slot = at;

	free(*slot);
	*slot = text_dup(text);
	return true;
}

bool value_text_add(void *at, const char *text, char sign)
{
	char **slot = at, *joined;

	joined = *slot ? text_printf("%s%c%s", *slot, sign, text)
		       : text_dup(text);
	free(*slot);
	*slot = joined;
	return true;
}
