/* A key's attributes, type, uses and name, out of either answer about it. */
#include "azure/key_answer.h"

#include <string.h>

#include "base/text.h"

#define SECONDS_MAX INT64_C(253402300799) /* the end of the year 9999 */

static bool has_op(const struct json *ops, const char *name)
{
	const struct json *op;

	for (op = json_first(ops); op; op = json_next(op)) {
		if (json_str(op) && text_same(json_str(op), name))
			return true;
	}
	return false;
}

/*
 * Seconds since 1970 in ms; -1 when absent or null.  False for anything that
 * is there and not a number.  Out of range is moved to the range's end: far
 * in the future stays in the future.
 */
static bool read_time(const struct json *n, int64_t *ms)
{
	int64_t v;

	*ms = -1;
	if (json_type(n) == JSON_NULL)
		return true;
	if (!json_int_loose(n, &v))
		return false;
	if (v < 0)
		v = 0;
	*ms = (v > SECONDS_MAX ? SECONDS_MAX : v) * 1000;
	return true;
}

/* "CustomizedRecoverable" protects, "Recoverable+Purgeable" does not. */
static bool purge_protected(const char *level)
{
	return level && *level && !strcasestr(level, "Purgeable");
}

const char *key_answer_attributes(const struct json *at, struct key_version *k)
{
	const char *level = json_str(json_get_nocase(at, "recoveryLevel"));

	if (!json_bool(json_get_nocase(at, "enabled"), &k->enabled))
		return "the answer does not say whether the key is enabled";
	if (!read_time(json_get_nocase(at, "nbf"), &k->not_before) ||
	    !read_time(json_get_nocase(at, "exp"), &k->expires) ||
	    !read_time(json_get_nocase(at, "created"), &k->created) ||
	    !read_time(json_get_nocase(at, "updated"), &k->updated))
		return "the answer holds a time that is not a number";
	k->purge_protected = purge_protected(level);
	k->recoverable = level && strcasestr(level, "Recoverable");
	return NULL;
}

void key_answer_uses(const char *kty, const struct json *ops,
		     struct key_version *k)
{
	k->rsa = text_same(kty, "RSA") || text_same(kty, "RSA-HSM");
	k->wraps = has_op(ops, "wrapKey") && has_op(ops, "unwrapKey");
}

const char *key_answer_about(const struct call *call, const char *kid,
			     struct key_version *k)
{
	struct keyid id;
	struct fault f;

	if (!kid || !keyid_parse(&id, kid, &f) || !id.version[0])
		return "the answer names no key version, which is 32 hexadecimal digits";
	if (!keyid_same_key(&id, &call->key) ||
	    (call->key.version[0] && !keyid_same(&id, &call->key)))
		return "the answer is about another key";
	text_copy(k->version, sizeof(k->version), id.version);
	return NULL;
}
