/*
 * Adds one member to the claims of a challenge, and leaves the rest to the
 * byte: whoever asked for them knows why they are written so.
 */
#include "azure/capability.h"

#include <string.h>

#include "base/json.h"
#include "base/text.h"

#define BLANKS " \t\r\n"
#define OBJECT "access_token"
#define CAPABILITY "\"xms_cc\":{\"values\":[\"cp1\"]}"
#define TREE_MAX 65536 /* bytes of memory for a challenge's claims */

/* Behind the string that begins at s; the text is known to be JSON. */
static const char *behind_string(const char *s)
{
	for (s++; *s && *s != '"'; s++)
		if (*s == '\\' && s[1])
			s++;
	return *s ? s + 1 : s;
}

/* Behind the brace of the value of the root's member access_token, which is
 * an object; NULL when its name is written in another way. */
static const char *inside(const char *s)
{
	int depth = 0;

	while (*s) {
		const char *from = s;

		if (*s != '"') {
			depth += (*s == '{' || *s == '[') -
				 (*s == '}' || *s == ']');
			s++;
			continue;
		}
		s = behind_string(s);
		if (depth != 1 ||
		    strncmp(from, "\"" OBJECT "\"", sizeof(OBJECT) + 1))
			continue;
		s += strspn(s, BLANKS);
		if (*s != ':')
			continue; /* it is a value */
		s++;
		s += strspn(s, BLANKS);
		return *s == '{' ? s + 1 : NULL;
	}
	return NULL;
}

/* Text with a member put in where an object has just begun. */
static char *insert(const char *text, const char *at, const char *member)
{
	const char *rest = at + strspn(at, BLANKS);

	return text_printf("%.*s%s%s%s", (int)(at - text), text, member,
			   *rest == '}' ? "" : ",", at);
}

char *capability_claims(const char *challenge)
{
	const struct json *object;
	struct json *root = NULL;
	const char *at = NULL;
	struct fault why;
	char *out;

	if (!challenge)
		return text_dup("{\"" OBJECT "\":{" CAPABILITY "}}");
	root = json_parse(challenge, strlen(challenge), TREE_MAX, &why);
	object = json_get(root, OBJECT);
	if (json_type(object) == JSON_OBJECT && !json_get(object, "xms_cc"))
		at = inside(challenge);
	if (at)
		out = insert(challenge, at, CAPABILITY);
	else if (json_type(root) == JSON_OBJECT && !object)
		out = insert(challenge, strchr(challenge, '{') + 1,
			     "\"" OBJECT "\":{" CAPABILITY "}");
	else
		out = text_dup(challenge);
	json_free(root);
	return out;
}
