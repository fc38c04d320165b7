/* azure/vault_arm: reading a key through Resource Manager. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "azure/vaultid.h"
#include "azure_help.h"
#include "base/text.h"

#define VER "fd618d9519b74f9aae94ade66b876acc"
#define OTHER "0d618d9519b74f9aae94ade66b876acc"
#define SUB "00000000-0000-0000-0000-000000000000"
#define VAULT                                        \
	"/subscriptions/" SUB "/resourceGroups/prod" \
	"/providers/Microsoft.KeyVault/vaults/contoso"
#define URL "https://management.azure.com" VAULT "/keys/acr-cmk"

static int start(void **state)
{
	(void)state;
	azure_start(&(struct call){ .kind = CALL_KEY,
				    .ticket = 3,
				    .vault_resource = VAULT },
		    "https://contoso.vault.azure.net/keys/acr-cmk");
	return 0;
}

static struct reply read_answer(int status, const char *body)
{
	return azure_read(azure_answer(status, body));
}

/* Like the example of the specification. */
static char *answer(const char *uri, const char *kty, const char *rest,
		    const char *attributes)
{
	return text_printf(
		"{\"id\":\"" VAULT "/keys/acr-cmk\",\"name\":\"acr-cmk\","
		"\"type\":\"Microsoft.KeyVault/vaults/keys\",\"location\":"
		"\"westus\",\"tags\":{},\"properties\":{\"attributes\":{%s},"
		"\"kty\":\"%s\",%s,\"keyUri\":\"https://contoso.vault.azure."
		"net:443/keys/acr-cmk\",\"keyUriWithVersion\":\"%s\"}}",
		attributes, kty, rest, uri);
}

#define URI "https://contoso.vault.azure.net:443/keys/acr-cmk/" VER
#define OPS                                                                    \
	"\"keyOps\":[\"encrypt\",\"decrypt\",\"sign\",\"verify\",\"wrapKey\"," \
	"\"unwrapKey\"]"
#define TIMES                                                  \
	"\"enabled\":true,\"created\":1598533051,\"updated\":" \
	"1598533052,\"recoveryLevel\":\"Recoverable\""

static void refused(const char *uri, const char *attributes, const char *words)
{
	char *body = answer(uri, "RSA", OPS ",\"keySize\":2048", attributes);
	struct reply r = read_answer(200, body);

	assert_int_equal(r.fault.kind, FAULT_INVALID);
	if (!strstr(r.fault.text, words))
		fail_msg("%s", r.fault.text);
	reply_free(&r);
	free(body);
}

static void build(const char *version, const char *want)
{
	struct exchange x;
	struct fault f;

	text_copy(call.key.version, sizeof(call.key.version), version);
	assert_true(call_build(&cloud, &call, NULL, NOW, &x, &f));
	assert_string_equal(x.method, "GET");
	assert_string_equal(x.url, want);
	assert_true(x.bearer);
	assert_null(x.body);
	exchange_free(&x);
}

static void requests_are_built(void **state)
{
	struct exchange x;
	struct fault f;

	(void)state;
	build("", URL "?api-version=2023-07-01");
	build(VER, URL "/versions/" VER "?api-version=2023-07-01");
	free(cloud.vault_resource_api_version);
	cloud.vault_resource_api_version = text_dup("2024-11-01");
	build("", URL "?api-version=2024-11-01");
	call.vault_resource =
		"/subscriptions/" SUB "/resourceGroups/pr\xc3\xb6"
		"d(1)/providers/microsoft.keyvault/VAULTS/Contoso";
	build("", "https://management.azure.com/subscriptions/" SUB
		  "/resourceGroups/pr%C3%B6d%281%29/providers/"
		  "Microsoft.KeyVault/vaults/Contoso/keys/acr-cmk?api-version="
		  "2024-11-01");
	/* The token never leads to another vault than the key's. */
	call.vault_resource = "/subscriptions/" SUB "/resourceGroups/prod"
			      "/providers/Microsoft.KeyVault/vaults/contos";
	assert_false(call_build(&cloud, &call, NULL, NOW, &x, &f));
	assert_int_equal(f.kind, FAULT_INVALID);
	assert_non_null(strstr(f.text, "is another vault"));
	call.vault_resource = "contoso";
	assert_false(call_build(&cloud, &call, NULL, NOW, &x, &f));
}

static void the_example_is_read(void **state)
{
	char *body = answer(URI, "RSA", OPS ",\"keySize\":3072", TIMES);
	struct reply r = read_answer(200, body);

	(void)state;
	assert_int_equal(r.fault.kind, FAULT_NONE);
	assert_string_equal(r.key.version, VER);
	assert_true(r.key.enabled && r.key.rsa && r.key.wraps);
	assert_int_equal(r.key.bits, 3072);
	assert_true(r.key.created == 1598533051000);
	assert_true(r.key.updated == 1598533052000);
	assert_true(r.key.not_before == -1 && r.key.expires == -1);
	assert_true(r.key.purge_protected);
	reply_free(&r);
	free(body);
}

static struct key_version shown(const char *kty, const char *rest,
				const char *attributes)
{
	char *body = answer(URI, kty, rest, attributes);
	struct reply r = read_answer(200, body);
	struct key_version k = r.key;

	assert_int_equal(r.fault.kind, FAULT_NONE);
	reply_free(&r);
	free(body);
	return k;
}

static void what_makes_it_usable_is_read(void **state)
{
	struct key_version k;

	(void)state;
	k = shown("RSA-HSM", OPS ",\"keySize\":4096", TIMES);
	assert_true(k.rsa && k.bits == 4096);
	k = shown("EC", "\"keyOps\":[\"sign\"],\"curveName\":\"P-256\"", TIMES);
	assert_true(!k.rsa && !k.wraps && k.bits == 0);
	k = shown("RSA", "\"keyOps\":[\"wrapKey\"],\"keySize\":1024", TIMES);
	assert_true(k.rsa && !k.wraps && k.bits == 1024);
	/* Not told, or nonsense: 0, as where the modulus is not told. */
	k = shown("RSA", OPS, TIMES);
	assert_true(k.bits == 0);
	k = shown("RSA", OPS ",\"keySize\":-2048", TIMES);
	assert_true(k.bits == 0);
	k = shown("RSA", OPS ",\"keySize\":99999999999", TIMES);
	assert_true(k.bits == 0);
	k = shown("RSA", OPS,
		  "\"enabled\":false,\"nbf\":1700000000,\"exp\":"
		  "1800000000");
	assert_false(k.enabled);
	assert_true(k.not_before == 1700000000000);
	assert_true(k.expires == 1800000000000 && k.created == -1);
}

static void half_answers_are_refused(void **state)
{
	(void)state;
	refused(URI, "\"created\":1", "whether the key is enabled");
	refused(URI, "\"enabled\":true,\"exp\":\"soon\"", "not a number");
	refused("https://contoso.vault.azure.net:443/keys/acr-cmk", TIMES,
		"names no key version");
	refused("", TIMES, "names no key version");
	refused("https://contoso.vault.azure.net:443/keys/other/" VER, TIMES,
		"another key");
	refused("https://fabrikam.vault.azure.net:443/keys/acr-cmk/" VER, TIMES,
		"another key");
	text_copy(call.key.version, sizeof(call.key.version), OTHER);
	refused(URI, TIMES, "another key");
}

static struct fault failed(int status, const char *code, const char *message)
{
	char *body = text_printf("{\"error\":{\"code\":\"%s\",\"message\":"
				 "\"%s\"}}",
				 code, message);
	struct reply r = read_answer(status, body);
	struct fault f = r.fault;

	assert_true(f.kind != FAULT_NONE);
	assert_non_null(strstr(f.text, "Reading key https://contoso.vault."
				       "azure.net/keys/acr-cmk through "
				       "Resource Manager failed"));
	reply_free(&r);
	free(body);
	return f;
}

static void refusals_are_told_apart(void **state)
{
	static const char *const of_vault[] = { "ParentResourceNotFound",
						"ResourceGroupNotFound",
						"SubscriptionNotFound" };
	struct fault f;

	(void)state;
	/* That the vault is not there says nothing of its keys. */
	for (size_t i = 0; i < 3; i++) {
		f = failed(404, of_vault[i], "Not there.");
		assert_int_equal(f.kind, FAULT_DENIED);
		assert_non_null(strstr(f.text, "vault-resource"));
	}
	f = failed(404, "KeyNotFound", "No such key.");
	assert_int_equal(f.kind, FAULT_MISSING);
	f = failed(404, "ResourceNotFound", "No such key.");
	assert_int_equal(f.kind, FAULT_MISSING);
	/* Which of the two it is, it says by the name of what is not there. */
	f = failed(404, "ResourceNotFound",
		   "The Resource 'Microsoft.KeyVault/vaults/contoso' under "
		   "resource group 'prod' was not found.");
	assert_int_equal(f.kind, FAULT_DENIED);
	assert_non_null(strstr(f.text, "vault-resource"));
	f = failed(404, "ResourceNotFound",
		   "The Resource 'Microsoft.KeyVault/vaults/contoso/keys/"
		   "acr-cmk' under resource group 'prod' was not found.");
	assert_int_equal(f.kind, FAULT_MISSING);
	f = failed(403, "AuthorizationFailed",
		   "The client 'c' with object id 'o' does not have "
		   "authorization to perform action "
		   "'Microsoft.KeyVault/vaults/keys/read' over scope '" VAULT
		   "/keys/acr-cmk' or the scope is invalid.");
	assert_int_equal(f.kind, FAULT_DENIED);
	assert_non_null(strstr(f.text, "Microsoft.KeyVault/vaults/keys/read"));
	f = failed(400, "NoRegisteredProviderFound", "No.");
	assert_int_equal(f.kind, FAULT_INVALID);
	f = failed(429, "SubscriptionRequestsThrottled", "Slow down.");
	assert_int_equal(f.kind, FAULT_THROTTLED);
	f = failed(503, "ServiceUnavailable", "Later.");
	assert_int_equal(f.kind, FAULT_TRANSIENT);
}

static void id_is(const char *text, const char *words)
{
	struct resid id;
	struct fault f;

	assert_int_equal(vaultid_parse(&id, text, &f), words == NULL);
	if (words && !strstr(f.text, words))
		fail_msg("%s", f.text);
}

static void ids_of_vaults(void **state)
{
	struct resid id;
	struct fault f;

	(void)state;
	id_is(VAULT, NULL);
	id_is("/SUBSCRIPTIONS/" SUB "/resourcegroups/p/providers/"
	      "microsoft.keyvault/vaults/a-1",
	      NULL);
	id_is("https://contoso.vault.azure.net", "az keyvault show");
	id_is("contoso", "must begin with /subscriptions/");
	id_is("/subscriptions/x/resourceGroups/prod", "must begin with");
	id_is("/subscriptions/" SUB "/prod", "/resourceGroups/");
	id_is("/subscriptions/" SUB "/resourceGroups/prod./providers/"
	      "Microsoft.KeyVault/vaults/contoso",
	      "must not end in a dot");
	id_is("/subscriptions/" SUB "/resourceGroups/prod/providers/"
	      "Microsoft.KeyVault/managedHSMs/contoso",
	      "/vaults/ must follow");
	id_is(VAULT "/keys/acr-cmk", "end with the vault's name");
	id_is(VAULT "/", "end with the vault's name");
	id_is(VAULT "-with-a-very-long-name", "3 to 24");
	assert_true(vaultid_parse(&id, VAULT, &f));
	assert_true(vaultid_is_of(&id, "CONTOSO.vault.azure.net:443"));
	assert_false(vaultid_is_of(&id, "contoso1.vault.azure.net"));
	assert_false(vaultid_is_of(&id, "contos.vault.azure.net"));
}

static void managed_hsms(void **state)
{
	(void)state;
	assert_true(cloud_is_hsm("h.managedhsm.azure.net"));
	assert_true(cloud_is_hsm("h.ManagedHSM.usgovcloudapi.net:443"));
	assert_false(cloud_is_hsm("managedhsm.vault.azure.net"));
	assert_false(cloud_is_hsm("h"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(requests_are_built, start,
						azure_stop),
		cmocka_unit_test_setup_teardown(the_example_is_read, start,
						azure_stop),
		cmocka_unit_test_setup_teardown(what_makes_it_usable_is_read,
						start, azure_stop),
		cmocka_unit_test_setup_teardown(half_answers_are_refused, start,
						azure_stop),
		cmocka_unit_test_setup_teardown(refusals_are_told_apart, start,
						azure_stop),
		cmocka_unit_test_setup_teardown(ids_of_vaults, start,
						azure_stop),
		cmocka_unit_test_setup_teardown(managed_hsms, start,
						azure_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
