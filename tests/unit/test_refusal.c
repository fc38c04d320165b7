/* azure/refusal: what stands in the way, by name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "azure/call.h"
#include "base/text.h"

#define NOW INT64_C(1700000000000)
#define SUB "/subscriptions/11111111-2222-3333-4444-555555555555"
#define REGISTRY                   \
	SUB "/resourceGroups/prod" \
	    "/providers/Microsoft.ContainerRegistry/registries/contosoprod"
#define VAULT \
	SUB "/resourceGroups/prod/providers/Microsoft.KeyVault/vaults/contoso"
#define IDENTITY                                        \
	SUB "/resourcegroups/prod/providers/Microsoft." \
	    "ManagedIdentity/userAssignedIdentities/acr-cmk"
#define CALLER "Caller: appid=a;oid=o;iss=https://sts.windows.net/t/\\r\\n"
#define WHO "The client 'c' with object id 'o' "

static struct cloud cloud;
static struct call call;
static const char *key; /* that is asked for */

static int start(void **state)
{
	(void)state;
	cloud_profile(&cloud, "public");
	key = "https://contoso.vault.azure.net/keys/acr-cmk";
	return 0;
}

static int stop(void **state)
{
	(void)state;
	cloud_free(&cloud);
	return 0;
}

/* The words of the fault that this body becomes. */
static const char *told(enum call_kind kind, int status, const char *body)
{
	static struct fault f;
	struct answer a = { .status = status };
	struct reply r;

	call = (struct call){ .kind = kind,
			      .registry = REGISTRY,
			      .url = "https://management.azure.com/x" };
	keyid_parse(&call.key, key, &f);
	a.fault = fault_none();
	buf_init(&a.body, 100000);
	buf_puts(&a.body, body);
	call_read(&cloud, &call, NULL, NULL, &a, NOW, &r);
	answer_free(&a);
	f = r.fault.kind == FAULT_NONE ? r.operation.error : r.fault;
	reply_free(&r);
	assert_int_not_equal(f.kind, FAULT_NONE);
	return f.text;
}

static const char *error(enum call_kind kind, int status, const char *code,
			 const char *inner, const char *message)
{
	char *body = text_printf("{\"error\":{\"code\":\"%s\",\"message\":"
				 "\"%s\",\"innererror\":{\"code\":\"%s\"}}}",
				 code, message, inner);
	const char *text = told(kind, status, body);

	free(body);
	return text;
}

static void has(const char *text, const char *words)
{
	if (!strstr(text, words))
		fail_msg("\"%s\" does not say \"%s\"", text, words);
}

static void has_not(const char *text, const char *words)
{
	if (strstr(text, words))
		fail_msg("\"%s\" says \"%s\"", text, words);
}

#define NO_ROLE                                                            \
	"Caller is not authorized to perform action on resource.\\r\\nIf " \
	"role assignments were changed recently, please observe.\\r\\n"
#define RBAC(deny)                                             \
	NO_ROLE CALLER "Action: 'Microsoft.KeyVault/vaults/"   \
		       "keys/read'\\r\\nResource: '" VAULT     \
		       "/keys/acr-cmk'\\r\\nAssignment: (not " \
		       "found)\\r\\nDenyAssignmentId: " deny   \
		       "\\r\\nDecisionReason: "                \
		       "'DeniedWithNoValidRBAC' \\r\\n"

/* The vaults' roles are none in an HSM. */
static void managed_hsm(void **state)
{
	static const char *const inner[] = { "ForbiddenByRbac",
					     "ForbiddenByPolicy", "" };

	(void)state;
	key = "https://contoso.managedhsm.azure.net/keys/acr-cmk";
	for (size_t i = 0; i < sizeof(inner) / sizeof(inner[0]); i++) {
		const char *text = error(CALL_KEY, 403, "Forbidden", inner[i],
					 RBAC("null"));

		has(text, "local role Managed HSM Crypto Auditor");
		has_not(text, "Key Vault Reader");
		has_not(text, "access policy");
	}
	has_not(error(CALL_KEY, 403, "Forbidden", "ForbiddenByFirewall",
		      "Client address: 203.0.113.7"),
		"Crypto Auditor");
	has_not(error(CALL_KEY, 404, "KeyNotFound", "", "Not there."),
		"Crypto Auditor");
}

static void key_vault(void **state)
{
	const char *text;

	(void)state;
	text = error(CALL_KEY, 403, "Forbidden", "ForbiddenByRbac",
		     RBAC("null"));
	has(text, "needs the role Key Vault Reader on the vault");
	has(text, "lacks the data action Microsoft.KeyVault/vaults/keys/read "
		  "on " VAULT "/keys/acr-cmk");
	text = error(CALL_KEY, 403, "Forbidden", "ForbiddenByRbac",
		     RBAC("'deny-1'"));
	has(text, "the deny assignment deny-1 keeps the data action "
		  "Microsoft.KeyVault/vaults/keys/read");
	has_not(text, "needs the role");
	text = error(CALL_KEY, 403, "Forbidden", "ForbiddenByPolicy",
		     "The user, group or application 'appid=a' does not have "
		     "keys get permission on key vault 'contoso;location=w'.");
	has(text, "must give the credential the key permission \"get\"");
	text = error(
		CALL_KEY, 403, "Forbidden", "ForbiddenByFirewall",
		"Client address is not authorized and caller is not a "
		"trusted service.\\r\\nClient address: 203.0.113.7\\r\\n" CALLER);
	has(text, "(client address: 203.0.113.7): allow that address");
	has(text, "read-key-via");
	text = error(CALL_KEY, 403, "Forbidden", "ForbiddenByFirewall",
		     "Client address: 2001:db8::7\\r\\n" CALLER);
	has(text, "(client address: 2001:db8::7): ");
	text = error(CALL_KEY, 403, "Forbidden", "ForbiddenByConnection",
		     "Public network access is disabled and request is not "
		     "from a trusted service nor via an approved private link."
		     "\\r\\n" CALLER);
	has(text, "private links only");
	has(text, "read-key-via");
}

static void resource_manager(void **state)
{
	const char *text;

	(void)state;
	text = error(CALL_PATCH, 403, "AuthorizationFailed", "",
		     WHO "does not have authorization to perform action "
			 "'Microsoft.ContainerRegistry/registries/write' over "
			 "scope '" REGISTRY "' or the scope is invalid.");
	has(text, "allows the action Microsoft.ContainerRegistry/registries/"
		  "write on " REGISTRY);
	text = error(CALL_PATCH, 403, "LinkedAuthorizationFailed", "",
		     WHO "has permission to perform action 'Microsoft."
			 "ContainerRegistry/registries/write' on scope "
			 "'" REGISTRY "'; however, it does not have permission "
			 "to perform action(s) 'Microsoft.ManagedIdentity/"
			 "userAssignedIdentities/assign/action' on the linked "
			 "scope(s) '" IDENTITY "' (respectively) or the linked "
			 "scope(s) are invalid.");
	has(text, "refers to " IDENTITY ", on which the credential lacks the "
		  "action Microsoft.ManagedIdentity/userAssignedIdentities/"
		  "assign/action, which the role Managed Identity Operator");
	text = error(CALL_PATCH, 409, "ScopeLocked", "",
		     "The scope '" REGISTRY "' cannot perform write operation "
		     "because following scope(s) are locked: '" SUB
		     "/resourceGroups/prod'. Please remove the lock and try "
		     "again.");
	has(text, "a lock on " SUB "/resourceGroups/prod, which a person");
	text = error(CALL_PATCH, 403, "DenyAssignmentAuthorizationFailed", "",
		     WHO "has permission to perform action 'x' on scope "
			 "'" REGISTRY "'; however, the access is denied "
			 "because of the deny assignment with name 'Stack lock'"
			 " and Id 'abc' at scope '" SUB "'.");
	has(text, "the deny assignment \"Stack lock\" at " SUB " stands in");
	text = error(CALL_PATCH, 409, "ReadOnlyDisabledSubscription", "",
		     "The subscription '11111111-2222-3333-4444-555555555555' "
		     "is disabled and therefore marked as read only.");
	has(text, "the subscription 11111111-2222-3333-4444-555555555555 is "
		  "disabled: nothing");
}

#define POLICY(info)                                                        \
	"{\"error\":{\"code\":\"RequestDisallowedByPolicy\",\"message\":"   \
	"\"Resource 'contosoprod' was disallowed by policy.\",\"target\":"  \
	"\"contosoprod\",\"additionalInfo\":[{\"type\":\"Other\",\"info\":" \
	"{}},{\"type\":\"PolicyViolation\",\"info\":" info "}]}}"

static void policies(void **state)
{
	const char *text;

	(void)state;
	text = told(CALL_PATCH, 403,
		    POLICY("{\"policyDefinitionDisplayName\":\"Only approved "
			   "\\\"keys\\\"\",\"policyDefinitionName\":\"d\","
			   "\"policyAssignmentName\":\"a1\"}"));
	has(text, "the Azure policy \"Only approved 'keys'\" (assigned as "
		  "\"a1\") forbids the change: exempt");
	text = told(CALL_PATCH, 403,
		    POLICY("{\"policyDefinitionName\":\"deny-keys\"}"));
	has(text, "the Azure policy \"deny-keys\" forbids the change");
	/* Not told: the code alone. */
	has(told(CALL_PATCH, 403, POLICY("{}")),
	    "an Azure policy forbids the change");
	has(told(CALL_PATCH, 403, POLICY("[1]")),
	    "an Azure policy forbids the change");
	/* The same in an operation that failed. */
	text = told(CALL_OPERATION, 200,
		    "{\"status\":\"Failed\",\"error\":{\"code\":"
		    "\"RequestDisallowedByPolicy\",\"message\":\"No.\","
		    "\"additionalInfo\":[{\"info\":{\"policyDefinitionName\":"
		    "\"deny-keys\"}}]}}");
	has(text, "the Azure policy \"deny-keys\" forbids the change");
}

/* In other words, cut short, too long or hostile: the code still tells. */
static void other_words(void **state)
{
	static const char *const messages[] = {
		"Der Client hat keine Berechtigung.",
		"perform action 'x",
		"perform action '' over scope ''",
		"perform action 'x'\\r\\n over scope",
		"",
	};
	char *much = text_alloc(5001, 1), *message;
	const char *text;

	(void)state;
	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++)
		has(error(CALL_PATCH, 403, "AuthorizationFailed", "",
			  messages[i]),
		    "no role of the credential allows it there");
	memset(much, 'x', 5000);
	message = text_printf("perform action '%s' over scope '/s'", much);
	text = error(CALL_PATCH, 403, "AuthorizationFailed", "", message);
	has(text, "no role of the credential allows it there");
	assert_true(strlen(text) < FAULT_TEXT_MAX);
	free(message);
	free(much);
	text = error(CALL_PATCH, 403, "AuthorizationFailed", "",
		     "perform action 'a\\u001b[31m\\u0007b' over scope "
		     "'\\u202e/s'");
	assert_null(strpbrk(text, "\033\a"));
	text = error(CALL_KEY, 403, "Forbidden", "ForbiddenByFirewall",
		     "Client address: $(reboot)");
	has(text, "the vault's firewall does not let this host in: allow");
	has_not(text, "client address:");
	/* What the words say of another code is nothing to this one. */
	text = error(CALL_PATCH, 400, "BadRequest", "",
		     "are locked: '/s'. perform action 'a' over scope '/s'");
	has_not(text, "there is a lock");
	has_not(text, "no role");
}

/* A vault behind a private link has no address elsewhere. */
static void out_of_reach(void **state)
{
	static const char hint[] = "read-key-via = \"resource-manager\"";
	struct answer a = { .maybe_sent = false };
	struct reply r;

	(void)state;
	buf_init(&a.body, 10);
	fault_set(&a.fault, FAULT_TRANSIENT, 0, "Could not reach it.");
	call = (struct call){ .kind = CALL_KEY };
	keyid_parse(&call.key, "https://contoso.vault.azure.net/keys/k",
		    &r.fault);
	call_read(&cloud, &call, NULL, NULL, &a, NOW, &r);
	has(r.fault.text, hint);
	assert_int_equal(r.fault.kind, FAULT_TRANSIENT);
	/* Not where it is read that way already, nor of anything else. */
	call.vault_resource = VAULT;
	call_read(&cloud, &call, NULL, NULL, &a, NOW, &r);
	has_not(r.fault.text, "read-key-via");
	call = (struct call){ .kind = CALL_REGISTRY, .registry = REGISTRY };
	call_read(&cloud, &call, NULL, NULL, &a, NOW, &r);
	has_not(r.fault.text, "read-key-via");
	call = (struct call){ .kind = CALL_KEY };
	a.maybe_sent = true;
	call_read(&cloud, &call, NULL, NULL, &a, NOW, &r);
	has_not(r.fault.text, "read-key-via");
	answer_free(&a);
}

static void storage(void **state)
{
	static const struct {
		enum call_kind kind;
		int status;
		const char *code, *says;
	} rows[] = {
		{ CALL_LEASE, 403, "AuthorizationPermissionMismatch",
		  "the role Storage Blob Data Contributor on the container" },
		{ CALL_HINTS, 403, "AuthorizationPermissionMismatch",
		  "the role Storage Queue Data Message Processor on the "
		  "queue" },
		{ CALL_HINT_DROP, 403, "AuthorizationPermissionMismatch",
		  "Owner and Contributor are not enough; They may not." },
		{ CALL_LEASE, 403, "AuthorizationFailure",
		  "the storage account's firewall does not let this host in" },
		{ CALL_LEASE, 404, "ContainerNotFound",
		  "there is no such container: make it" },
		{ CALL_HINTS, 404, "QueueNotFound",
		  "there is no such queue: make it" },
		{ CALL_HINTS, 403, "AccountIsDisabled",
		  "the storage account is disabled" },
		{ CALL_HINTS, 503, "ServerBusy", "it is asked again" },
		{ CALL_HINTS, 403, "AuthenticationFailed",
		  "Storage does not take the token" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *body = text_printf(
			"<?xml version=\"1.0\"?><Error><Code>%s</Code><Message>"
			"They may not.\nRequestId:x</Message></Error>",
			rows[i].code);
		const char *words = told(rows[i].kind, rows[i].status, body);

		has(words, rows[i].says);
		has(words, rows[i].code);
		has_not(words, "RequestId");
		free(body);
	}
	has(told(CALL_HINTS, 403,
		 "<Error><Code>AuthenticationFailed</Code><Message>Server "
		 "failed to authenticate the request.</Message>"
		 "<AuthenticationErrorDetail>Lifetime validation failed. The "
		 "token is expired.</AuthenticationErrorDetail></Error>"),
	    "The token is expired");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(key_vault),
		cmocka_unit_test(managed_hsm),
		cmocka_unit_test(resource_manager),
		cmocka_unit_test(policies),
		cmocka_unit_test(other_words),
		cmocka_unit_test(out_of_reach),
		cmocka_unit_test(storage),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
