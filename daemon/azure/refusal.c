/* Who lacks what, where: the names in the words of a refusal. */
#include "azure/refusal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "azure/cloud.h"
#include "base/text.h"

/* A scope's path may have that many bytes; what is longer is not told. */
#define NAME_MAX 200
#define INFOS_MAX 8 /* of those that an error has with it, are looked at */

struct refusal {
	struct problem *p;
	const struct call *call;
	const struct json *error;
	const char *message; /* all of its lines, "" none */
};

/* What stands behind `head` up to one of `ends`; false when it is not there,
 * empty, or too long. */
static bool take(const struct refusal *r, const char *head, const char *ends,
		 char dst[NAME_MAX])
{
	const char *s = strcasestr(r->message, head);
	size_t len;

	if (!s)
		return false;
	s += strlen(head);
	len = strcspn(s, ends);
	if (!len || !s[len] || len >= NAME_MAX)
		return false;
	memcpy(dst, s, len);
	dst[len] = '\0';
	text_line(dst);
	return true;
}

/* The same in single quotes, the first of which ends `head`. */
static bool take_quoted(const struct refusal *r, const char *head,
			char dst[NAME_MAX])
{
	return take(r, head, "'\r\n", dst);
}

static void say(const struct refusal *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void say(const struct refusal *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(r->p->words, sizeof(r->p->words), fmt, ap);
	va_end(ap);
	r->p->hint = r->p->words;
}

/* ---- Key Vault ---- */

static void by_rbac(const struct refusal *r)
{
	char action[NAME_MAX], scope[NAME_MAX], deny[NAME_MAX];

	if (!take_quoted(r, "Action: '", action) ||
	    !take_quoted(r, "Resource: '", scope))
		return;
	if (take_quoted(r, "DenyAssignmentId: '", deny))
		say(r,
		    "the deny assignment %s keeps the data action %s on %s "
		    "from the credential; no role helps against that",
		    deny, action, scope);
	else
		say(r,
		    "the credential needs the role Key Vault Reader on the "
		    "vault, for it lacks the data action %s on %s (a new "
		    "assignment takes some minutes)",
		    action, scope);
}

/* An HSM knows none of the vaults' roles: it has its own, given in it.
 * Source: Microsoft, "Managed HSM local RBAC built-in roles". */
static void by_hsm(const struct refusal *r)
{
	const struct problem *p = r->p;

	if ((r->call->kind != CALL_KEY && r->call->kind != CALL_POLICY) ||
	    r->call->vault_resource || !cloud_is_hsm(r->call->key.host) ||
	    p->kind != FAULT_DENIED || p->status != 403 ||
	    text_same(p->inner, "ForbiddenByFirewall") ||
	    text_same(p->inner, "ForbiddenByConnection"))
		return;
	say(r, "the credential needs the local role Managed HSM Crypto Auditor "
	       "in the managed HSM (a new assignment takes some minutes)");
}

static void by_firewall(const struct refusal *r)
{
	static const char of_address[] = "0123456789abcdefABCDEF.:";
	const char *head = "Client address: ", *s;
	size_t len;

	s = strcasestr(r->message, head);
	s = s ? s + strlen(head) : "";
	len = strspn(s, of_address);
	if (len < 3 || len >= ANSWER_PEER_MAX)
		return;
	say(r,
	    "the vault's firewall does not let this host in (client address: "
	    "%.*s): allow that address there, make a private link, or read the "
	    "key another way (read-key-via)",
	    (int)len, s);
}

/* ---- Storage ---- */

/* Owner and Contributor may manage an account; what is in it has roles of its
 * own. */
static void by_storage_role(const struct refusal *r)
{
	bool blob = r->call->kind == CALL_LEASE;

	say(r,
	    "the credential needs the role %s on the %s, or on its account (a "
	    "new assignment takes some minutes); Owner and Contributor are not "
	    "enough",
	    blob ? "Storage Blob Data Contributor"
		 : "Storage Queue Data Message Processor",
	    blob ? "container" : "queue");
}

/* ---- Resource Manager ---- */

static const char *role_for(const struct refusal *r, const char *action)
{
	if (strcasestr(action, "userAssignedIdentities/assign"))
		return ", which the role Managed Identity Operator holds";
	return r->call->kind == CALL_KEY ? ", which the role Reader holds" : "";
}

static void unauthorized(const struct refusal *r)
{
	char action[NAME_MAX], scope[NAME_MAX];

	if (take_quoted(r, "perform action '", action) &&
	    take_quoted(r, "over scope '", scope))
		say(r,
		    "no role of the credential allows the action %s on %s%s (a "
		    "new assignment takes some minutes), or that is not there",
		    action, scope, role_for(r, action));
}

static void unauthorized_link(const struct refusal *r)
{
	char action[NAME_MAX], scope[NAME_MAX];

	if (take_quoted(r, "perform action(s) '", action) &&
	    take_quoted(r, "linked scope(s) '", scope))
		say(r,
		    "the registry refers to %s, on which the credential lacks "
		    "the action %s%s",
		    scope, action, role_for(r, action));
}

static void locked(const struct refusal *r)
{
	char scope[NAME_MAX];

	if (take_quoted(r, "locked: '", scope))
		say(r,
		    "there is a lock on %s, which a person has to remove (\"az "
		    "lock list\" shows it)",
		    scope);
}

static void by_deny_assignment(const struct refusal *r)
{
	char name[NAME_MAX], scope[NAME_MAX] = "";

	if (!take_quoted(r, "deny assignment with name '", name))
		return;
	take_quoted(r, "at scope '", scope);
	say(r,
	    "the deny assignment \"%s\"%s%s stands in the way (of a managed "
	    "application or a deployment stack); no role helps against it",
	    name, scope[0] ? " at " : "", scope);
}

static void disabled(const struct refusal *r)
{
	char id[NAME_MAX];

	if (take_quoted(r, "subscription '", id))
		say(r,
		    "the subscription %s is disabled: nothing in it can be "
		    "changed before it is enabled again",
		    id);
}

/* Of the names that a policy has the one that people gave it. */
static bool policy_name(const struct json *info, const char *shown,
			const char *name, char dst[NAME_MAX])
{
	const char *s = json_str(json_get_nocase(info, shown));

	if (!s || !*s)
		s = json_str(json_get_nocase(info, name));
	if (!s || !*s)
		return false;
	text_copy(dst, NAME_MAX, s);
	text_line(dst);
	for (char *c = dst; *c; c++)
		if (*c == '"')
			*c = '\'';
	return true;
}

static void by_policy(const struct refusal *r)
{
	const struct json *n =
		json_first(json_get_nocase(r->error, "additionalInfo"));
	char policy[NAME_MAX], by[NAME_MAX];

	for (int i = 0; n && i < INFOS_MAX; n = json_next(n), i++) {
		const struct json *info = json_get_nocase(n, "info");
		bool assigned = policy_name(info, "policyAssignmentDisplayName",
					    "policyAssignmentName", by);

		if (!policy_name(info, "policyDefinitionDisplayName",
				 "policyDefinitionName", policy))
			continue;
		say(r,
		    "the Azure policy \"%.120s\"%s%.80s%s forbids the change: "
		    "exempt the registry, or change the policy",
		    policy, assigned ? " (assigned as \"" : "",
		    assigned ? by : "", assigned ? "\")" : "");
		return;
	}
}

static const struct {
	const char *code, *inner; /* NULL: any */
	void (*say)(const struct refusal *r);
} table[] = {
	{ NULL, NULL, by_hsm },
	{ NULL, "ForbiddenByRbac", by_rbac },
	{ NULL, "ForbiddenByFirewall", by_firewall },
	{ "AuthorizationPermissionMismatch", NULL, by_storage_role },
	{ "AuthorizationFailed", NULL, unauthorized },
	{ "LinkedAuthorizationFailed", NULL, unauthorized_link },
	{ "ScopeLocked", NULL, locked },
	{ "RequestDisallowedByPolicy", NULL, by_policy },
	{ "DenyAssignmentAuthorizationFailed", NULL, by_deny_assignment },
	{ "ReadOnlyDisabledSubscription", NULL, disabled },
};

void refusal_explain(struct problem *p, const struct call *call,
		     const struct json *root)
{
	struct refusal r = { .p = p,
			     .call = call,
			     .error = problem_error(root) };

	r.message = json_str(json_get_nocase(r.error, "message"));
	r.message = r.message ? r.message : "";
	for (size_t i = 0; !p->hint && i < sizeof(table) / sizeof(table[0]);
	     i++)
		if ((!table[i].code || text_same(table[i].code, p->code)) &&
		    (!table[i].inner || text_same(table[i].inner, p->inner)))
			table[i].say(&r);
}
