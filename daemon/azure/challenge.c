/*
 * Takes apart what a server answers to a missing or unfit token, to learn
 * for whom the token should be; tolerant, since Azure's services each write
 * it their way.
 */
#include "azure/challenge.h"

#include <stddef.h>
#include <string.h>

#include "base/text.h"

#define BLANKS " \t"

struct part {
	const char *name; /* of a scheme or a parameter */
	size_t name_len;
	bool is_parameter;
	char value[CHALLENGE_VALUE_MAX]; /* "" when too long */
};

static const char *read_value(const char *s, char *value)
{
	bool quoted = *s == '"';
	size_t len = 0;

	for (s += quoted; *s; s++) {
		if (quoted ? *s == '"' : strchr("," BLANKS, *s) != NULL)
			break;
		if (quoted && *s == '\\' && s[1])
			s++;
		if (len < CHALLENGE_VALUE_MAX)
			value[len++] = *s;
	}
	/* Half a value is worse than none. */
	value[len == CHALLENGE_VALUE_MAX ? 0 : len] = '\0';
	return s + (quoted && *s == '"');
}

/* The next scheme or parameter at *s; false at the end. */
static bool next_part(const char **s, struct part *p)
{
	const char *after;

	*s += strspn(*s, "," BLANKS);
	if (!**s)
		return false;
	p->name = *s;
	p->name_len = strcspn(*s, "=," BLANKS);
	p->value[0] = '\0';
	*s += p->name_len;
	after = *s + strspn(*s, BLANKS);
	p->is_parameter = *after == '=';
	if (p->is_parameter) {
		after++;
		*s = read_value(after + strspn(after, BLANKS), p->value);
	}
	return true;
}

static bool is_named(const struct part *p, const char *name)
{
	return p->name_len == strlen(name) && text_prefix(p->name, name);
}

static void keep(struct challenge *c, const struct part *p)
{
	const struct {
		const char *name;
		char *dst;
	} known[] = {
		{ "authorization", c->authorization },
		{ "authorization_uri", c->authorization },
		{ "resource", c->resource },
		{ "resource_id", c->resource },
		{ "scope", c->scope },
		{ "error", c->error },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (is_named(p, known[i].name))
			text_copy(known[i].dst, CHALLENGE_VALUE_MAX, p->value);
	}
}

bool challenge_realm(const char *header, char *dst, size_t size)
{
	static const char start[] = "Basic realm=";
	const char *realm = header + strlen(start);

	return text_prefix(header, start) && *realm && !strchr(realm, '=') &&
	       text_copy(dst, size, realm);
}

bool challenge_parse(struct challenge *c, const char *header)
{
	bool bearer = false;
	struct part p;

	*c = (struct challenge){ .authorization = "" };
	while (next_part(&header, &p)) {
		if (p.is_parameter && bearer)
			keep(c, &p);
		else if (!p.is_parameter && bearer)
			break;
		else if (!p.is_parameter)
			bearer = is_named(&p, "Bearer");
	}
	return bearer;
}
