/* Looks into a token's payload, and takes out what is surely no secret. */
#include "azure/claims.h"

#include <string.h>

#include "azure/base64url.h"
#include "azure/resid.h"
#include "base/json.h"
#include "base/text.h"

#define PAYLOAD_MAX (16 * 1024)
#define TREE_MAX (64 * 1024)
#define SECONDS_MAX INT64_C(253402300799) /* the end of the year 9999 */

static const char *const members[] = {
	"tid", "appid", "azp", "oid", "exp", NULL
};

static void take(char dst[CLAIMS_GUID_MAX], const struct json *root,
		 const char *name)
{
	const char *s = json_get_str(root, name);

	if (!dst[0] && s && resid_is_guid(s))
		text_copy(dst, CLAIMS_GUID_MAX, s);
	text_lower(dst);
}

static void take_all(const struct json *root, struct claims *c)
{
	int64_t s;

	take(c->tenant, root, "tid");
	take(c->client, root, "appid");
	take(c->client, root, "azp");
	take(c->object, root, "oid");
	if (json_int(json_get(root, "exp"), &s) && s >= 0 && s <= SECONDS_MAX)
		c->expires = s * 1000;
}

bool claims_read(const char *token, struct claims *c)
{
	const char *from = strchr(token, '.');
	const char *to = from ? strchr(from + 1, '.') : NULL;
	struct json *root = NULL;
	struct buf payload;
	struct fault f;

	*c = (struct claims){ .expires = -1 };
	if (!to)
		return false;
	buf_init(&payload, PAYLOAD_MAX);
	if (base64url_add(&payload, from + 1, (size_t)(to - from - 1)))
		root = json_parse_only(buf_str(&payload), payload.len, members,
				       TREE_MAX, &f);
	if (root)
		take_all(root, c);
	json_free(root);
	buf_wipe(&payload);
	if (c->client[0] || c->object[0])
		return true;
	*c = (struct claims){ .expires = -1 };
	return false;
}
