/* The part of problem.h that knows what to do about it.  Sources: Microsoft,
 * "Azure Key Vault REST API error codes", "Microsoft Entra authentication and
 * authorization error codes", "Troubleshoot a customer-managed key", "Status
 * and error codes" (Azure Storage). */
#include "azure/problem.h"

#include <string.h>

#include "base/text.h"

/* A code that has several meanings stands here with the words that tell them
 * apart, or not at all: a hint that leads astray is worse than none. */
struct advice {
	const char *code, *inner; /* NULL: any */
	int64_t number;		  /* 0: any */
	const char *says;	  /* in the message, without case; NULL: any */
	const char *text;
};

static const struct advice hints[] = {
	/* Key Vault */
	{ NULL, "ForbiddenByRbac", 0, NULL,
	  "the credential needs the role Key Vault "
	  "Reader on the vault (a new assignment takes some minutes)" },
	{ NULL, "ForbiddenByPolicy", 0, NULL,
	  "the vault's access policy must give "
	  "the credential the key permission \"get\"" },
	{ NULL, "AccessDenied", 0, "keys get permission",
	  "the vault's access policy must give the "
	  "credential the key permission \"get\"" },
	{ NULL, "ForbiddenByFirewall", 0, NULL,
	  "the vault's firewall does not let this host in: allow its address "
	  "there, make a private link, or read the key another way "
	  "(read-key-via)" },
	{ NULL, "ForbiddenByConnection", 0, NULL,
	  "the vault takes private links only and this host does not come over "
	  "an approved one: make one, or read the key another way "
	  "(read-key-via)" },
	{ NULL, "KeyDisabled", 0, NULL,
	  "that version of the key is disabled (the newest one, when none is "
	  "named)" },
	{ NULL, NULL, 0, "AKV10032",
	  "the credential belongs to another tenant than the vault" },
	{ "KeyNotFound", NULL, 0, NULL,
	  "the vault has no such key or version" },
	{ "BadParameter", NULL, 0, "The specified version",
	  "the vault does not know the api-version: is vault-api-version in "
	  "the cloud block right? Without it the usual one is asked for" },
	/* Resource Manager */
	{ "AuthorizationFailed", NULL, 0, NULL,
	  "no role of the credential allows it there (a new assignment takes "
	  "some minutes), or what was asked for is not there" },
	{ "LinkedAuthorizationFailed", NULL, 0, "userAssignedIdentities/assign",
	  "the credential has no right "
	  "to assign the registry's identity" },
	{ "LinkedAuthorizationFailed", NULL, 0, NULL,
	  "the credential lacks a right on something else that the registry "
	  "refers to" },
	{ "InvalidAuthenticationTokenTenant", NULL, 0, NULL,
	  "the credential belongs "
	  "to another tenant than the subscription" },
	{ "NoRegisteredProviderFound", NULL, 0, "API version",
	  "Azure does not know the api-version: is registry-api-version in "
	  "the cloud block right? Without it the usual one is asked for" },
	{ "InvalidApiVersionParameter", NULL, 0, NULL,
	  "this is no api-version: is registry-api-version in the cloud block "
	  "right? Without it the usual one is asked for" },
	{ "ScopeLocked", NULL, 0, NULL,
	  "a lock on the registry, its group or its "
	  "subscription has to be removed by a person" },
	{ "RequestDisallowedByPolicy", NULL, 0, NULL,
	  "an Azure policy forbids the change: exempt the registry, or change "
	  "the policy" },
	{ "DenyAssignmentAuthorizationFailed", NULL, 0, NULL,
	  "a deny assignment stands in the way (a managed application or a "
	  "deployment stack)" },
	{ "ReadOnlyDisabledSubscription", NULL, 0, NULL,
	  "the subscription is disabled: nothing in it can be changed" },
	{ "MissingSubscriptionRegistration", NULL, 0,
	  "Microsoft.ContainerRegistry",
	  "the subscription is not "
	  "registered for Microsoft.ContainerRegistry" },
	/* Of an operation or an identity that is gone it says the same. */
	{ "ResourceNotFound", NULL, 0, "Microsoft.ContainerRegistry/registries",
	  "the registry does not exist, or the "
	  "credential may not see it" },
	{ "ResourceGroupNotFound", NULL, 0, NULL,
	  "the resource group does not "
	  "exist" },
	{ "SubscriptionNotFound", NULL, 0, NULL,
	  "the subscription does not exist, "
	  "or the credential may not see it" },
	/* Storage */
	{ "AuthorizationFailure", NULL, 0, NULL,
	  "the storage account's firewall does not let this host in: allow its "
	  "address or its network there, or make a private link" },
	{ "AuthenticationFailed", NULL, 0, NULL,
	  "Storage does not take the token: is the account of the credential's "
	  "tenant, and this host's clock right?" },
	{ "InvalidAuthenticationInfo", NULL, 0, NULL,
	  "Storage does not take the token: is the account of the credential's "
	  "tenant?" },
	{ "AccountIsDisabled", NULL, 0, NULL,
	  "the storage account is disabled: is its subscription?" },
	{ "InsufficientAccountPermissions", NULL, 0, NULL,
	  "the storage account does not allow it: is it disabled, or read-only "
	  "after a fail-over?" },
	{ "ContainerNotFound", NULL, 0, NULL,
	  "there is no such container: make it (\"az storage container create\""
	  "), or correct the url" },
	{ "ContainerBeingDeleted", NULL, 0, NULL,
	  "the container is being deleted: make it again afterwards" },
	{ "ContainerDisabled", NULL, 0, NULL,
	  "an administrator has disabled the container" },
	{ "QueueNotFound", NULL, 0, NULL,
	  "there is no such queue: make it (\"az storage queue create\") and "
	  "point the event subscription at it, or correct the url" },
	{ "QueueBeingDeleted", NULL, 0, NULL,
	  "the queue is being deleted: make it again afterwards" },
	{ "QueueDisabled", NULL, 0, NULL,
	  "an administrator has disabled the queue" },
	{ "BlobImmutableDueToPolicy", NULL, 0, NULL,
	  "the container's immutability policy keeps the blob from being "
	  "written: take a container without one" },
	{ "ServerBusy", NULL, 0, NULL,
	  "Storage has too much to do: it is asked again" },
	{ "OperationTimedOut", NULL, 0, NULL,
	  "Storage did not answer in its own time: it is asked again" },
	/* Entra */
	{ NULL, NULL, 50001, "was not found in the tenant",
	  "the tenant does not know this audience: is the cloud block right, "
	  "and the tenant?" },
	{ NULL, NULL, 500011, NULL,
	  "the tenant does not know this audience: is the cloud block right, "
	  "and the tenant?" },
	{ NULL, NULL, 70011, NULL,
	  "the audience makes no scope: is the cloud block right?" },
	{ NULL, NULL, 50059, NULL,
	  "an application gets its tokens from one tenant: name its id or its "
	  "domain in the option tenant" },
	{ NULL, NULL, 700016, NULL,
	  "the tenant has no application with this client "
	  "id: are client-id and tenant right?" },
	{ NULL, NULL, 700011, NULL,
	  "the tenant has no application with this client "
	  "id: are client-id and tenant right?" },
	{ NULL, NULL, 7000112, NULL,
	  "the application is disabled in the tenant: somebody has to enable "
	  "it again, or another one is to be used" },
	{ NULL, NULL, 7000215, NULL,
	  "the client secret is wrong (its value is "
	  "wanted, not its id)" },
	{ NULL, NULL, 7000222, NULL,
	  "the client secret has expired: make a new one and write it into the "
	  "secret-file" },
	{ NULL, NULL, 53003, NULL,
	  "a Conditional Access policy of the tenant blocks the credential: "
	  "exclude it there, or let it come from an allowed place" },
	{ NULL, NULL, 530003, NULL,
	  "a Conditional Access policy of the tenant wants a managed device, "
	  "which this host is not: exclude the credential there" },
	{ NULL, NULL, 700027, "key was not found",
	  "the certificate is not registered with the "
	  "application" },
	{ NULL, NULL, 700027, "key used is expired",
	  "the certificate has expired" },
	{ NULL, NULL, 700027, NULL,
	  "the signature of the assertion is not accepted: is the certificate "
	  "in the file the one that is registered with the application?" },
	/* This is anything from a wrong secret to a broken chain. */
	{ NULL, NULL, 50012, NULL,
	  "what proves the application is not accepted: compare its secret or "
	  "certificate with what is registered" },
	{ NULL, NULL, 700024, NULL,
	  "the assertion is outside its valid time: check "
	  "this host's clock" },
	{ NULL, NULL, 70021, NULL,
	  "no federated identity credential of the application has this "
	  "issuer, subject and audience: compare them" },
	{ NULL, NULL, 700213, NULL,
	  "no federated identity credential of the application has this "
	  "subject: compare them" },
	{ NULL, NULL, 90002, NULL,
	  "there is no such tenant: are the option tenant and the cloud "
	  "right?" },
	{ NULL, NULL, 900144, NULL,
	  "the token request arrived without a parameter: does a proxy on the "
	  "way change it?" },
	{ NULL, NULL, 90006, NULL,
	  "Entra has a trouble of its own that passes" },
	{ NULL, NULL, 90012, NULL,
	  "Entra did not answer in its own time: it is asked again" },
	{ NULL, NULL, 90024, NULL,
	  "Entra has too much to do: it is asked again" },
};

static bool advice_fits(const struct advice *h, const struct problem *p)
{
	return (!h->code || text_same(h->code, p->code)) &&
	       (!h->inner || text_same(h->inner, p->inner)) &&
	       (!h->number || h->number == p->number) &&
	       (!h->says || strcasestr(p->message, h->says));
}

void problem_hint(struct problem *p)
{
	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++) {
		if (advice_fits(&hints[i], p)) {
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
