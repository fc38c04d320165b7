/*
 * Reads the resource ids of registries, which people write in any case and
 * with any group name that Azure allows, and makes URL paths of them.
 */
#include "azure/resid.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "azure/url.h"
#include "base/text.h"

#define GROUP_CHARACTERS 90
#define NAME_MIN 5
#define NAME_MAX_LEN 50
#define SUBSCRIPTION_LEAST 4 /* digits that stand for it */

static const char provider[] =
	"/providers/Microsoft.ContainerRegistry/registries/";
static const bool alnum[256] = { ['0' ... '9'] = true,
				 ['a' ... 'z'] = true,
				 ['A' ... 'Z'] = true };

static bool wrong(struct fault *f, const char *text, const char *what)
{
	return fault_set(f, FAULT_INVALID, 0,
			 "\"%.160s\" is not a registry's resource id: %s.",
			 text, what);
}

/* The login servers of the clouds, and what data endpoints end in. */
static const char *const login_servers[] = { ".azurecr.io", ".azurecr.cn",
					     ".azurecr.us" };

/* What names a registry, but not by its resource id. */
static bool other_name(const char *s, size_t *len)
{
	const char *host = text_prefix(s, "https://") ? s + 8 : s;
	char end[16];

	*len = text_span(host, alnum);
	if (*len < NAME_MIN || *len > NAME_MAX_LEN)
		return false;
	if (host == s && !s[*len])
		return true;
	for (size_t i = 0; i < sizeof(login_servers) / sizeof(login_servers[0]);
	     i++) {
		snprintf(end, sizeof(end), "%.*s",
			 (int)strlen(login_servers[i]), host + *len);
		if (text_same(end, login_servers[i]))
			return true;
	}
	return false;
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
	       (c >= 'A' && c <= 'F');
}

/* The 36 characters of a GUID; stops at the first that does not fit. */
static bool guid_here(const char *s)
{
	for (int i = 0; i < 36; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? s[i] != '-' : !is_hex(s[i]))
			return false;
	}
	return true;
}

bool resid_is_guid(const char *s)
{
	return s && guid_here(s) && !s[36];
}

/* Any character past ASCII is left to Azure to judge: the letters that it
 * takes are more than a table here could say. */
static bool group_ok(const char *s, size_t len)
{
	size_t characters = 0, n;

	for (size_t i = 0; i < len; i += n, characters++) {
		n = 1;
		if (alnum[(unsigned char)s[i]])
			continue;
		n = text_utf8_len(s + i, len - i);
		if (!n || (n == 1 && !strchr("_-.()", s[i])))
			return false;
		if (n == 2 && (unsigned char)s[i] == 0xc2 &&
		    (unsigned char)s[i + 1] <= 0xa0)
			return false; /* controls, the no-break space */
	}
	return characters >= 1 && characters <= GROUP_CHARACTERS &&
	       s[len - 1] != '.';
}

static bool name_ok(const char *s, size_t len)
{
	return len >= NAME_MIN && len <= NAME_MAX_LEN &&
	       text_span(s, alnum) == len;
}

static const char no_start[] = "it must begin with /subscriptions/ and "
			       "the subscription's GUID";

static bool no_subscription(struct fault *f, const char *text)
{
	const char *id = strcasestr(text, "subscriptions/"), *name = text;
	size_t len;

	if (other_name(text, &len)) {
		name += text_prefix(text, "https://") ? 8 : 0;
		return fault_set(f, FAULT_INVALID, 0,
				 "\"%.160s\" is not a registry's resource id: "
				 "write what \"az acr show --name %.*s --query "
				 "id --output tsv\" prints.",
				 text, (int)len, name);
	}
	if (id && id != text && guid_here(id + strlen("subscriptions/")))
		return wrong(f, text,
			     "take off what stands before /subscriptions/, "
			     "with which it must begin");
	return wrong(f, text, no_start);
}

/* After the provider: the registry's name, and what people copy with it. */
static bool wrong_name(struct fault *f, const char *text, const char *name)
{
	size_t len = strcspn(name, "/?#");
	const char *rest = name + len;

	if (*rest && name_ok(name, len))
		return fault_set(f, FAULT_INVALID, 0,
				 "\"%.220s\" is not a registry's resource id: "
				 "take \"%.100s\" off its end.",
				 text, rest);
	return wrong(f, text,
		     "the registry's name must be 5 to 50 letters "
		     "and digits");
}

/* Step over a word of the id, without case. */
static bool take(const char **s, const char *word)
{
	size_t len = strlen(word);

	/* As a rule it is written as here. */
	if (strncmp(*s, word, len) != 0 && !text_prefix(*s, word))
		return false;
	*s += len;
	return true;
}

/* One that guid_here has seen: the bit that makes letters small is set in
 * digits and hyphens, too. */
static void copy_guid(char dst[static 37], const char *s)
{
	for (int i = 0; i < 36; i++)
		dst[i] = (char)(s[i] | 0x20);
	dst[36] = '\0';
}

const char *resid_take_group(struct resid *id, const char **s)
{
	*id = (struct resid){ .group = NULL };
	if (!take(s, "/subscriptions/") || !guid_here(*s))
		return no_start;
	copy_guid(id->subscription, *s);
	*s += 36;
	if (!take(s, "/resourceGroups/"))
		return "/resourceGroups/ and the group's name must follow the "
		       "subscription";
	id->group = *s;
	id->group_len = strcspn(*s, "/");
	*s += id->group_len;
	if (!group_ok(id->group, id->group_len))
		return "the resource group's name must be 1 to 90 letters, "
		       "digits or _-.() and must not end in a dot";
	return NULL;
}

const char *resid_place(struct resid *id, const char *text)
{
	static const char start[] = "/subscriptions/";
	const char *s = text, *what = NULL;

	*id = (struct resid){ .group = NULL };
	if (strlen(text) >= RESID_TEXT_MAX)
		return "it is too long";
	if (take(&s, start) && guid_here(s) && !s[36]) {
		copy_guid(id->subscription, s);
		return NULL;
	}
	s = text;
	what = resid_take_group(id, &s);
	return !what && *s ? "nothing may follow the resource group" : what;
}

bool resid_parse(struct resid *id, const char *text, struct fault *f)
{
	const char *s = text, *what;

	*id = (struct resid){ .group = NULL };
	fault_clear(f);
	if (strlen(text) >= RESID_TEXT_MAX)
		return wrong(f, text, "it is too long");
	what = resid_take_group(id, &s);
	if (what == no_start)
		return no_subscription(f, text);
	if (what)
		return wrong(f, text, what);
	if (!take(&s, provider))
		return wrong(f, text,
			     "/providers/Microsoft.ContainerRegistry/"
			     "registries/ must follow the group");
	id->name = s;
	id->name_len = strlen(s);
	return name_ok(s, id->name_len) || wrong_name(f, text, s);
}

/* Both at their places in every id that resid_parse takes. */
static const char *subscription_of(const char *id)
{
	return id + sizeof("/subscriptions/") - 1;
}

static const char *name_of(const char *id)
{
	return strrchr(id, '/') + 1;
}

int resid_compare(const char *a, const char *b)
{
	int order = strncasecmp(subscription_of(a), subscription_of(b), 36);

	return order ? order : strcasecmp(name_of(a), name_of(b));
}

bool resid_same(const char *a, const char *b)
{
	struct resid x, y;
	struct fault f;

	return a && b && resid_parse(&x, a, &f) && resid_parse(&y, b, &f) &&
	       resid_compare(a, b) == 0;
}

void resid_identity(const char *id, char *dst, size_t size)
{
	char guid[37];

	memcpy(guid, subscription_of(id), 36);
	guid[36] = '\0';
	text_join(dst, size, guid, "/", name_of(id), NULL);
	text_lower(dst);
}

bool resid_moved(const char *a, const char *b)
{
	size_t i = 0, k = 0, m, n;
	struct resid x, y;
	struct fault f;

	if (!resid_parse(&x, a, &f) || !resid_parse(&y, b, &f))
		return false;
	while (i < x.group_len && k < y.group_len) {
		m = text_utf8_len(x.group + i, x.group_len - i);
		n = text_utf8_len(y.group + k, y.group_len - k);
		if ((m == 1 || n == 1) &&
		    (m != n || strncasecmp(x.group + i, y.group + k, 1)))
			return true;
		i += m;
		k += n;
	}
	return i < x.group_len || k < y.group_len;
}

static bool is_part(const char *said, size_t len, const char *part,
		    size_t part_len)
{
	return part && len == part_len && strncasecmp(said, part, len) == 0;
}

static bool is_subscription(const char *said, size_t len, const char *guid)
{
	return len >= SUBSCRIPTION_LEAST && len <= strlen(guid) &&
	       strncasecmp(said, guid, len) == 0;
}

bool resid_means(const char *said, const char *id)
{
	const char *name = said ? strrchr(said, '/') : NULL, *middle;
	const char *end = id ? strrchr(id, '/') : NULL;
	struct resid r;
	struct fault f;
	size_t len;

	/* The name first: nearly all of them have another one. */
	if (name)
		name++;
	else
		name = said;
	if (!said || !end || !text_same(name, end + 1) ||
	    !resid_parse(&r, id, &f))
		return false;
	if (name == said)
		return true;
	len = (size_t)(name - 1 - said);
	middle = memchr(said, '/', len);
	if (!middle)
		return is_part(said, len, r.group, r.group_len) ||
		       is_subscription(said, len, r.subscription);
	return is_subscription(said, (size_t)(middle - said), r.subscription) &&
	       is_part(middle + 1, (size_t)(said + len - middle - 1), r.group,
		       r.group_len);
}

bool resid_add_group(const struct resid *id, struct buf *out)
{
	return buf_printf(out, "/subscriptions/%s/resourceGroups/",
			  id->subscription) &&
	       url_add_encoded(out, id->group, id->group_len);
}

bool resid_add_path(const struct resid *id, struct buf *out)
{
	return resid_add_group(id, out) && buf_puts(out, provider) &&
	       buf_add(out, id->name, id->name_len);
}
