/* Asks what the caller may do, and reckons as Azure does: over all roles, what
 * each gives without what it takes away itself. */
#include "azure/rights.h"

#include <ctype.h>
#include <string.h>

#include "azure/arm.h"
#include "azure/call_text.h"
#include "azure/registry.h"
#include "azure/resid.h"
#include "base/text.h"

#define API_VERSION "2022-04-01"
#define ANSWER_MAX (1024 * 1024) /* a caller may have many roles */

static const struct {
	enum call_right right;
	const char *action;
} actions[] = {
	{ CALL_RIGHT_READ, "Microsoft.ContainerRegistry/registries/read" },
	{ CALL_RIGHT_WRITE, "Microsoft.ContainerRegistry/registries/write" },
	{ CALL_RIGHT_OPERATIONS,
	  "Microsoft.ContainerRegistry/registries/operationStatuses/read" },
};

#define N_ACTIONS (sizeof(actions) / sizeof(actions[0]))

const char *rights_action(enum call_right right)
{
	for (size_t i = 0; i < N_ACTIONS; i++)
		if (actions[i].right == right)
			return actions[i].action;
	return "";
}

bool rights_build(const struct cloud *cloud, const struct call *call,
		  const char *secret, int64_t wall_ms, struct exchange *x,
		  struct fault *f)
{
	struct resid id;
	struct arm_question q = {
		.id = &id,
		.add_path = resid_add_path,
		.below = "/providers/Microsoft.Authorization/permissions",
		.api_version = API_VERSION,
	};

	(void)secret;
	(void)wall_ms;
	return resid_parse(&id, call->registry ? call->registry : "", f) &&
	       arm_get(cloud, call, &q, ANSWER_MAX, x, f);
}

bool rights_match(const char *pattern, const char *action)
{
	const char *star = NULL, *again = NULL;

	if (!pattern)
		return false;
	while (*action) {
		if (*pattern == '*') {
			star = ++pattern;
			again = action;
		} else if (tolower((unsigned char)*pattern) ==
			   tolower((unsigned char)*action)) {
			pattern++;
			action++;
		} else if (star) {
			pattern = star;
			action = ++again;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

static bool any_matches(const struct json *patterns, const char *action)
{
	const struct json *n;

	for (n = json_first(patterns); n; n = json_next(n))
		if (rights_match(json_str(n), action))
			return true;
	return false;
}

bool rights_allow(const struct json *value, const char *action)
{
	const struct json *n;

	for (n = json_first(value); n; n = json_next(n))
		if (any_matches(json_get_nocase(n, "actions"), action) &&
		    !any_matches(json_get_nocase(n, "notActions"), action))
			return true;
	return false;
}

void rights_read(const struct cloud *cloud, const struct call *call,
		 const struct answer *a, const struct json *root,
		 int64_t now_ms, struct reply *r)
{
	const struct json *value = json_get_nocase(root, "value");
	const char *next = json_str(json_get_nocase(root, "nextLink"));

	(void)cloud;
	(void)now_ms;
	if (json_type(value) != JSON_ARRAY) {
		call_fault(call, &r->fault, FAULT_INVALID, a->status,
			   "the answer is not a list of permissions");
		return;
	}
	for (size_t i = 0; i < N_ACTIONS; i++)
		if (rights_allow(value, actions[i].action))
			r->rights.granted |= actions[i].right;
	/* No caller was seen to have more than a page holds; if one has, what
	 * is not found is not known to be missing. */
	r->rights.partial = next && *next;
}
