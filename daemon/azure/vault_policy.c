/* Reads a key's rotation policy and puts it into words. */
#include "azure/vault_policy.h"

#include <string.h>

#include "azure/call_text.h"
#include "azure/vault.h"
#include "base/buf.h"
#include "base/text.h"

#define ANSWER_MAX (16 * 1024)
#define ACTIONS_MAX 4	/* Key Vault knows two kinds */
#define DURATION_MAX 24 /* characters */

bool vault_policy_build(const struct cloud *cloud, const struct call *call,
			const char *secret, int64_t wall_ms, struct exchange *x,
			struct fault *f)
{
	char key[KEYID_TEXT_MAX];

	(void)secret;
	(void)wall_ms;
	if (!vault_is_ours(cloud, call, f))
		return false;
	keyid_print_base(&call->key, key, sizeof(key));
	exchange_get(x,
		     text_printf("%s/rotationpolicy?api-version=%s", key,
				 cloud->vault_api_version),
		     ANSWER_MAX);
	return true;
}

/* ISO 8601, as Key Vault has it: "P90D", "P1Y6M".  Shown, not reckoned with. */
static bool is_duration(const char *s)
{
	size_t len = s ? strlen(s) : 0;

	return len > 2 && len <= DURATION_MAX && s[0] == 'P' &&
	       strspn(s + 1, "0123456789YMWDTHS") == len - 1;
}

/* An action and its one trigger; NULL, or what is wrong. */
static const char *read_action(const struct json *one, struct buf *out,
			       bool *rotates)
{
	const char *type = json_get_str(json_get(one, "action"), "type");
	const struct json *trigger = json_get(one, "trigger");
	const char *after = json_get_str(trigger, "timeAfterCreate");
	const char *before = json_get_str(trigger, "timeBeforeExpiry");
	bool rotate = text_same(type, "Rotate");

	if (!rotate && !text_same(type, "Notify"))
		return "the answer holds an action that is not known";
	if (!is_duration(after ? after : before))
		return "the answer holds an action without a time";
	buf_printf(out, "%s%s %s %s", out->len ? "; " : "",
		   rotate ? "rotates" : "notifies", after ? after : before,
		   after ? "after creation" : "before expiry");
	*rotates |= rotate;
	return NULL;
}

static const char *read_policy(const struct json *root, struct buf *out)
{
	const struct json *all = json_get(root, "lifetimeActions");
	const struct json *life =
		json_get(json_get(root, "attributes"), "expiryTime");
	const char *wrong = NULL;
	bool rotates = false;

	if (json_type(all) != JSON_ARRAY || json_count(all) > ACTIONS_MAX)
		return "the answer is no rotation policy";
	for (const struct json *one = json_first(all); one && !wrong;
	     one = json_next(one))
		wrong = read_action(one, out, &rotates);
	if (wrong)
		return wrong;
	if (!rotates)
		buf_printf(out, "%sno rotation", out->len ? "; " : "");
	if (json_type(life) == JSON_NULL)
		return NULL;
	if (!is_duration(json_str(life)))
		return "the answer holds a time that is no duration";
	buf_printf(out, "; new versions expire after %s", json_str(life));
	return NULL;
}

void vault_policy_read(const struct cloud *cloud, const struct call *call,
		       const struct answer *a, const struct json *root,
		       int64_t now_ms, struct reply *r)
{
	const char *wrong;
	struct buf out;

	(void)cloud;
	(void)now_ms;
	buf_init(&out, CALL_POLICY_MAX - 1);
	wrong = read_policy(root, &out);
	if (wrong)
		call_fault(call, &r->fault, FAULT_INVALID, a->status, "%s",
			   wrong);
	else
		text_copy(r->policy, sizeof(r->policy), buf_str(&out));
	buf_free(&out);
}
