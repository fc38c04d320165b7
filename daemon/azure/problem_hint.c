/* The part of problem.h that knows what to do about it.  Sources: Microsoft,
 * "Azure Key Vault REST API error codes", "Microsoft Entra authentication and
 * authorization error codes", "Troubleshoot a customer-managed key". */
#include "azure/problem.h"

#include <string.h>

#include "base/text.h"

struct hint {
	const char *code, *inner; /* NULL: any */
	int64_t number;		  /* 0: any */
	const char *text;
};

static const struct hint hints[] = {
	{ NULL, "ForbiddenByRbac", 0,
	  "the credential needs the role Key Vault "
	  "Reader on the vault (a new assignment takes some minutes)" },
	{ NULL, "ForbiddenByPolicy", 0,
	  "the vault's access policy must give "
	  "the credential the key permission \"get\"" },
	{ NULL, "AccessDenied", 0,
	  "the vault's access policy must give the "
	  "credential the key permission \"get\"" },
	{ NULL, "ForbiddenByFirewall", 0,
	  "the vault's firewall does not let "
	  "this host in" },
	{ NULL, "ForbiddenByConnection", 0,
	  "the vault takes private links "
	  "only and this host does not come over one" },
	{ NULL, "KeyDisabled", 0, "the key's newest version is disabled" },
	{ "KeyNotFound", NULL, 0, "the vault has no key of this name" },
	{ "AuthorizationFailed", NULL, 0,
	  "the credential's role on the "
	  "registry does not allow it (a new assignment takes some minutes)" },
	{ "LinkedAuthorizationFailed", NULL, 0,
	  "the credential has no right "
	  "to assign the registry's identity" },
	{ "InvalidAuthenticationTokenTenant", NULL, 0,
	  "the credential belongs "
	  "to another tenant than the subscription" },
	{ "ScopeLocked", NULL, 0,
	  "a lock on the registry, its group or its "
	  "subscription has to be removed by a person" },
	{ "RequestDisallowedByPolicy", NULL, 0,
	  "an Azure policy forbids the change: exempt the registry, or change "
	  "the policy" },
	{ "DenyAssignmentAuthorizationFailed", NULL, 0,
	  "a deny assignment stands in the way (a managed application or a "
	  "deployment stack)" },
	{ "ReadOnlyDisabledSubscription", NULL, 0,
	  "the subscription is disabled: nothing in it can be changed" },
	{ "MissingSubscriptionRegistration", NULL, 0,
	  "the subscription is not "
	  "registered for Microsoft.ContainerRegistry" },
	{ "ResourceNotFound", NULL, 0,
	  "the registry does not exist, or the "
	  "credential may not see it" },
	{ "ResourceGroupNotFound", NULL, 0,
	  "the resource group does not "
	  "exist" },
	{ "SubscriptionNotFound", NULL, 0,
	  "the subscription does not exist, "
	  "or the credential may not see it" },
	{ NULL, NULL, 50001, "the tenant does not know this audience" },
	{ NULL, NULL, 500011, "the tenant does not know this audience" },
	{ NULL, NULL, 70011, "the scope is malformed" },
	{ NULL, NULL, 700016,
	  "the tenant has no application with this client "
	  "id" },
	{ NULL, NULL, 700011,
	  "the tenant has no application with this client "
	  "id" },
	{ NULL, NULL, 7000215,
	  "the client secret is wrong (its value is "
	  "wanted, not its id)" },
	{ NULL, NULL, 7000222, "the client secret has expired" },
	{ NULL, NULL, 50012,
	  "the certificate is not registered with the "
	  "application" },
	{ NULL, NULL, 700027,
	  "the certificate is not registered with the "
	  "application" },
	{ NULL, NULL, 700024,
	  "the assertion is outside its valid time: check "
	  "this host's clock" },
	{ NULL, NULL, 70021, "no federated identity record matches" },
	{ NULL, NULL, 700213, "no federated identity record matches" },
	{ NULL, NULL, 90002, "there is no such tenant" },
	{ NULL, NULL, 900144, "the token request lacks a parameter" },
};

static bool hint_fits(const struct hint *h, const struct problem *p)
{
	return (!h->code || text_same(h->code, p->code)) &&
	       (!h->inner || text_same(h->inner, p->inner)) &&
	       (!h->number || h->number == p->number);
}

void problem_hint(struct problem *p)
{
	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++) {
		if (hint_fits(&hints[i], p)) {
			p->hint = hints[i].text;
			return;
		}
	}
	/* Wording serves to say more, never to decide. */
	if (strstr(p->message, "Failed to access KeyId") ||
	    strstr(p->message, "aka.ms/acr/cmk"))
		p->hint = "the registry's own identity cannot use the key: "
			  "its rights on the key, the vault's firewall, or "
			  "the identity was taken off the registry";
}
