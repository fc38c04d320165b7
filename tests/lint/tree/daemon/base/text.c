/* Strings that the other files need. */
#include "base/text.h"

#include <string.h>

int text_len(const char *s)
{
	return (int)strlen(s);
}
