/*
 * Takes apart what a server answers to a missing or unfit token, to learn
 * for whom the token should be; tolerant, since Azure's services each write
 * it their way.
 */
#include "azure/challenge.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "azure/resid.h"
#include "azure/url.h"
#include "base/text.h"

#define BLANKS " \t"

struct part {
	const char *name; /* of a scheme or a parameter */
	size_t name_len;
	bool is_parameter;
	char value[CHALLENGE_CLAIMS_MAX]; /* "" when too long */
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
		if (len < CHALLENGE_CLAIMS_MAX)
			value[len++] = *s;
	}
	/* Half a value is worse than none. */
	value[len == CHALLENGE_CLAIMS_MAX ? 0 : len] = '\0';
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
		size_t size;
	} known[] = {
		{ "authorization", c->authorization, sizeof(c->authorization) },
		{ "authorization_uri", c->authorization,
		  sizeof(c->authorization) },
		{ "resource", c->resource, sizeof(c->resource) },
		{ "resource_id", c->resource, sizeof(c->resource) },
		{ "scope", c->scope, sizeof(c->scope) },
		{ "error", c->error, sizeof(c->error) },
		{ "claims", c->claims, sizeof(c->claims) },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (is_named(p, known[i].name) &&
		    !text_copy(known[i].dst, known[i].size, p->value))
			known[i].dst[0] = '\0';
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

bool challenge_tenant(const struct challenge *c, char *dst, size_t size)
{
	struct url_parts u;
	char tenant[37];

	if (!url_split(&u, c->authorization) || !u.https || u.rest[0] != '/' ||
	    strcspn(u.rest + 1, "/?#") != sizeof(tenant) - 1)
		return false;
	memcpy(tenant, u.rest + 1, sizeof(tenant) - 1);
	tenant[sizeof(tenant) - 1] = '\0';
	return resid_is_guid(tenant) && text_copy(dst, size, tenant);
}

/* Of either alphabet (RFC 4648 sections 4 and 5); -1: no digit. */
static int base64_digit(char d)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at;

	if (d == '-' || d == '_')
		d = d == '-' ? '+' : '/';
	at = d ? strchr(digits, d) : NULL;
	return at ? (int)(at - digits) : -1;
}

/* NULL when it is not base64 of a text that looks like a JSON object. */
static char *decode(const char *s)
{
	char *text = text_alloc(strlen(s) + 1, 1);
	size_t len = 0;
	unsigned acc = 0, bits = 0;
	int digit;

	for (; (digit = base64_digit(*s)) >= 0; s++) {
		acc = (acc << 6 | (unsigned)digit) & 0xffff;
		bits += 6;
		if (bits < 8)
			continue;
		bits -= 8;
		text[len++] = (char)(acc >> bits);
		if ((unsigned char)text[len - 1] < ' ')
			break;
	}
	s += strspn(s, "=");
	if (!*s && len > 1 && text[0] == '{' && text[len - 1] == '}')
		return text;
	free(text);
	return NULL;
}

char *challenge_claims(const struct challenge *c)
{
	if (!text_same(c->error, "insufficient_claims"))
		return NULL;
	return decode(c->claims);
}
