/* Patterns with '*' and '?', matched without recursion. */
#include "base/glob.h"

#include <stddef.h>

static char fold(char c, bool nocase)
{
	return nocase && c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Only the last '*' is ever gone back to: whatever an earlier one could take
 * more, that one can take as well. */
bool glob_match(const char *pattern, const char *text, bool nocase)
{
	const char *star = NULL, *from = NULL;

	while (*text) {
		if (*pattern == '*') {
			star = ++pattern;
			from = text;
		} else if (*pattern == '?' ||
			   (*pattern &&
			    fold(*pattern, nocase) == fold(*text, nocase))) {
			pattern++;
			text++;
		} else if (star) {
			pattern = star;
			text = ++from;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}
