/*
 * Judges what a service asks of the next token, so that no vault can have one
 * of a tenant that nobody meant.
 */
#include "azure/unauthorized.h"

#include <stdio.h>
#include <string.h>

#include "azure/credential.h"
#include "azure/resid.h"
#include "base/text.h"

/* One of a list that is parted by semicolons, or "*". */
static bool is_allowed(const char *list, const char *tenant)
{
	size_t len = strlen(tenant);

	for (; list && *list; list += strspn(list, ";")) {
		if (!strcmp(list, "*") || !strncmp(list, "*;", 2) ||
		    (strcspn(list, ";") == len &&
		     !strncasecmp(list, tenant, len)))
			return true;
		list += strcspn(list, ";");
	}
	return false;
}

/* Without a tenant or a list, whichever is named; a list alone is one of all
 * that are meant. */
static bool is_meant(const struct credential *who, const char *tenant)
{
	const char *list = who->allowed_tenants;

	if (is_allowed(list, tenant))
		return true;
	return credential_wants_tenant(who) ? !list || !*list
					    : text_same(tenant, who->tenant);
}

static void read_tenant(const struct call *call, const struct challenge *c,
			struct problem *p, struct reply *r)
{
	const struct credential *who = call->credential;
	char tenant[CALL_TENANT_MAX];
	bool named = challenge_tenant(c, tenant, sizeof(tenant));
	const char *option = who && who->environment
				     ? "AZURE_ADDITIONALLY_ALLOWED_TENANTS"
				     : "allowed-tenants";

	/* A managed identity's tenant is the machine's. */
	if (!who || who->kind == CREDENTIAL_MANAGED_IDENTITY)
		return;
	if (!named && call->bare)
		p->hint = "the answer names no tenant to get a token of: give "
			  "the credential its tenant";
	if (!named)
		return;
	if (is_meant(who, tenant)) {
		text_copy(r->challenge_tenant, sizeof(r->challenge_tenant),
			  tenant);
		return;
	}
	p->hint = p->words;
	if (credential_wants_tenant(who)) {
		p->kind = FAULT_DENIED;
		snprintf(p->words, sizeof(p->words),
			 "it belongs to tenant %s, and that is none of %s; if "
			 "it is meant, name it there",
			 tenant, option);
		return;
	}
	/* A domain name may be any tenant's, this one's too: a new token may
	 * be all that it takes. */
	if (!resid_is_guid(who->tenant)) {
		snprintf(p->words, sizeof(p->words),
			 "it belongs to tenant %s: unless %.100s is that one, "
			 "name it in %s",
			 tenant, who->tenant, option);
		return;
	}
	p->kind = FAULT_DENIED;
	snprintf(p->words, sizeof(p->words),
		 "it belongs to tenant %s and the credential to tenant %.36s; "
		 "if that is meant, name it in %s",
		 tenant, who->tenant, option);
}

void unauthorized_read(const struct call *call, const struct challenge *c,
		       struct problem *p, struct reply *r)
{
	read_tenant(call, c, p, r);
	r->claims = p->kind == FAULT_AUTH ? challenge_claims(c) : NULL;
	if (r->claims)
		p->hint = "the token was revoked, or a Conditional Access "
			  "policy does not accept it, and a new one with the "
			  "claims it asks for did not help";
}
