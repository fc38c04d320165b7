/* azure/registry and azure/operation: reading and changing registries. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "azure_help.h"
#include "base/text.h"

#define SUB "11111111-2222-3333-4444-555555555555"
#define CID "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
#define ID                                                      \
	"/subscriptions/" SUB "/resourceGroups/prod/providers/" \
	"Microsoft.ContainerRegistry/registries/contosoprod"
#define SKIP "eyJBdCI6MywiRW1wdHkiOnRydWV9"
#define ARM "https://management.azure.com"
#define V1 "2684b6e3103747e3aad82a27baa3abb1"
#define KEY "https://v1v.vault.azure.net/keys/K"
#define OP ARM ID "/operationStatuses/registries-1?api-version=2023-07-01"

static int start(void **state)
{
	(void)state;
	azure_start(&(struct call){ .kind = CALL_REGISTRY,
				    .ticket = 4,
				    .registry = ID,
				    .subscription = SUB,
				    .identity = CID },
		    KEY "/" V1);
	return 0;
}

static struct reply take(enum call_kind kind, struct answer a)
{
	call.kind = kind;
	return azure_read(a);
}

static struct reply take_registry(const char *body)
{
	return take(CALL_REGISTRY, azure_answer(200, body));
}

/* --- requests --- */

static char *built(enum call_kind kind, struct exchange *x)
{
	struct fault f;

	call.kind = kind;
	if (call_build(&cloud, &call, NULL, NOW, x, &f)) {
		assert_int_equal(f.kind, FAULT_NONE);
		assert_true(x->bearer);
		assert_false(x->secret_answer);
		return NULL;
	}
	assert_int_equal(f.kind, FAULT_INVALID);
	assert_null(x->url);
	assert_null(x->body);
	return text_dup(f.text);
}

static void refused(enum call_kind kind)
{
	struct exchange x;
	char *why = built(kind, &x);

	assert_non_null(why);
	assert_true(strlen(why) > 20);
	free(why);
}

static void registry_is_asked_for(void **state)
{
	struct exchange x;

	(void)state;
	assert_null(built(CALL_REGISTRY, &x));
	assert_string_equal(x.method, "GET");
	assert_string_equal(x.url, ARM ID "?api-version=2023-07-01");
	exchange_free(&x);
	call.registry = "/subscriptions/x";
	refused(CALL_REGISTRY);
	call.registry = NULL;
	refused(CALL_REGISTRY);
}

static void base_url_may_end_in_a_slash(void **state)
{
	struct exchange x;

	(void)state;
	free(cloud.resource_manager);
	cloud.resource_manager = text_dup("https://management.localhost:8443/");
	assert_null(built(CALL_REGISTRY, &x));
	assert_string_equal(x.url, "https://management.localhost:8443" ID
				   "?api-version=2023-07-01");
	exchange_free(&x);
	free(cloud.registry_api_version);
	cloud.registry_api_version = text_alloc(9001, 1);
	memset(cloud.registry_api_version, '1', 9000);
	refused(CALL_REGISTRY);
	refused(CALL_PATCH);
	refused(CALL_LIST);
}

static void list_is_asked_for(void **state)
{
	struct exchange x;

	(void)state;
	assert_null(built(CALL_LIST, &x));
	assert_string_equal(x.url, ARM "/subscriptions/" SUB "/providers/"
				       "Microsoft.ContainerRegistry/registries?"
				       "api-version=2023-07-01");
	assert_true(x.max_body > 1000000);
	exchange_free(&x);
	call.url = ARM "/subscriptions/x?$skiptoken=a";
	assert_null(built(CALL_LIST, &x));
	assert_string_equal(x.url, call.url);
	assert_true(x.max_body > 1000000);
	exchange_free(&x);
	call.url = "https://management.azure.com.evil.example/next";
	refused(CALL_LIST);
	call.url = NULL;
	call.subscription = "not-a-guid";
	refused(CALL_LIST);
	call.subscription = NULL;
	refused(CALL_LIST);
}

static void operation_is_asked_for(void **state)
{
	static const char *const bad[] = {
		"http://management.azure.com/x",
		"https://evil.example/x",
		"",
		ARM "/a b",
		ARM "/a\r\nX: y",
		ARM ":8443/x",
	};
	struct exchange x;

	(void)state;
	call.url = OP;
	assert_null(built(CALL_OPERATION, &x));
	assert_string_equal(x.method, "GET");
	assert_string_equal(x.url, OP);
	exchange_free(&x);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		call.url = bad[i];
		refused(CALL_OPERATION);
	}
	call.url = NULL;
	refused(CALL_OPERATION);
}

static void patch_carries_the_encryption_only(void **state)
{
	struct exchange x;
	struct fault f;

	(void)state;
	assert_null(built(CALL_PATCH, &x));
	assert_string_equal(x.method, "PATCH");
	assert_string_equal(x.url, ARM ID "?api-version=2023-07-01");
	assert_string_equal(x.content_type, "application/json");
	assert_string_equal(x.body,
			    "{\"properties\":{\"encryption\":{"
			    "\"status\":\"enabled\",\"keyVaultProperties\":{"
			    "\"keyIdentifier\":\"" KEY "/" V1
			    "\",\"identity\":\"" CID "\"}}}}");
	exchange_free(&x);
	keyid_parse(&call.key, KEY, &f);
	text_copy(call.identity, sizeof(call.identity), "system");
	assert_null(built(CALL_PATCH, &x));
	assert_non_null(strstr(x.body,
			       "\"keyIdentifier\":\"" KEY "\",\"identity"
			       "\":\"system\"}"));
	exchange_free(&x);
	call.identity[0] = '\0';
	refused(CALL_PATCH);
	text_copy(call.identity, sizeof(call.identity), "\xff");
	refused(CALL_PATCH);
	text_copy(call.identity, sizeof(call.identity), "system");
	keyid_parse(&call.key, "https://v1v.elsewhere.example/keys/K", &f);
	refused(CALL_PATCH);
}

/* --- registries --- */

static char *registry(const char *identity, const char *key, const char *state)
{
	return text_printf(
		"{\"sku\":{\"name\":\"Premium\",\"tier\":\"Premium\""
		"},\"type\":\"Microsoft.ContainerRegistry/registries\","
		"\"identity\":%s,\"id\":\"%s\",\"name\":\"contosoprod\","
		"\"properties\":{\"loginServer\":\"x\"%s,\"encryption\":{"
		"\"status\":\"enabled\",\"keyVaultProperties\":%s}}}",
		identity, ID, state, key);
}

#define USER                                                                 \
	"{\"type\":\"userAssigned\",\"userAssignedIdentities\":{\"/other\":" \
	"{},\"/subscriptions/x\":{\"principalId\":\"p\",\"clientId\":\"" CID \
	"\"}}}"
#define SYSTEM \
	"{\"type\":\"SystemAssigned, UserAssigned\",\"principalId\":\"p\"}"
#define PINNED                                                                 \
	"{\"keyIdentifier\":\"" KEY "/" V1                                     \
	"\",\"versionedKeyIdentifier\":\"" KEY "/" V1 "\",\"identity\":\"" CID \
	"\",\"keyRotationEnabled\":false,"                                     \
	"\"lastKeyRotationTimestamp\":\"2022-06-21T14:45:22.1916757+00:00\"}"

static void recorded_registry_is_read(void **state)
{
	char *body =
		registry(USER, PINNED, ",\"provisioningState\":\"Succeeded\"");
	struct reply r = take_registry(body);

	(void)state;
	assert_int_equal(r.fault.kind, FAULT_NONE);
	assert_int_equal(r.registry.provisioning, PROVISIONING_SUCCEEDED);
	assert_true(r.registry.premium);
	assert_true(r.registry.encrypted);
	assert_true(r.registry.key_valid);
	assert_string_equal(r.registry.key.name, "K");
	assert_string_equal(r.registry.key.version, V1);
	assert_string_equal(r.registry.version_in_use, V1);
	assert_false(r.registry.auto_rotation);
	assert_string_equal(r.registry.identity, CID);
	assert_true(r.registry.identity_attached);
	assert_true(r.registry.rotated_at == 1655822722191);
	reply_free(&r);
	free(body);
}

static void identities(void **state)
{
	static const struct {
		const char *block, *identity, *want;
		bool attached;
	} cases[] = {
		{ USER, CID, CID, true },
		{ USER, "AAAAAAAA-BBBB-CCCC-DDDD-EEEEEEEEEEEE",
		  "AAAAAAAA-BBBB-CCCC-DDDD-EEEEEEEEEEEE", true },
		{ USER, SUB, SUB, false },
		{ USER, "", "", false },
		{ "null", CID, CID, false },
		{ "{\"type\":\"None\"}", CID, CID, false },
		{ SYSTEM, "system", "system", true },
		{ SYSTEM, "System", "system", true },
		{ "{\"Type\":\"systemassigned\",\"PrincipalId\":\"p\"}",
		  "system", "system", true },
		{ USER, "system", "system", false },
		{ "{\"type\":\"SystemAssigned\",\"principalId\":\"\"}",
		  "system", "system", false },
		{ "{\"type\":\"UserAssigned\",\"principalId\":\"p\"}", "system",
		  "system", false },
		{ "{\"principalId\":\"p\"}", "system", "system", false },
		{ USER,
		  "an identity that is longer than any client id can be "
		  "in this world",
		  "", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *key = text_printf("{\"keyIdentifier\":\"" KEY
					"\",\"identity\":\"%s\"}",
					cases[i].identity);
		char *body = registry(cases[i].block, key, "");
		struct reply r = take_registry(body);

		assert_int_equal(r.fault.kind, FAULT_NONE);
		assert_string_equal(r.registry.identity, cases[i].want);
		assert_int_equal(r.registry.identity_attached,
				 cases[i].attached);
		reply_free(&r);
		free(body);
		free(key);
	}
}

/* Whoever is to read the key from now on has to be assigned. */
static void an_identity_is_looked_for(void **state)
{
	static const struct {
		const char *block, *sought, *found;
	} cases[] = {
		{ USER, CID, CID },
		{ USER, "/subscriptions/x", CID },
		{ USER, "/SUBSCRIPTIONS/X", CID },
		{ USER, "/other", "" }, /* no client id is told */
		{ USER, "/subscriptions/y", "" },
		{ USER, SUB, "" },
		{ USER, "system", "" },
		{ SYSTEM, "system", "system" },
		{ SYSTEM, "System", "system" },
		{ SYSTEM, CID, "" },
		{ "null", CID, "" },
		{ "{\"userAssignedIdentities\":{\"/a\":{\"clientId\":\"a client "
		  "id that is longer than any can be in this world, by far\"}}}",
		  "/a", "" },
	};
	char *body;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct reply r;

		body = registry(cases[i].block, PINNED, "");
		call.sought = cases[i].sought;
		r = take_registry(body);
		call.sought = NULL;
		assert_int_equal(r.fault.kind, FAULT_NONE);
		assert_true(r.registry.sought);
		assert_string_equal(r.registry.found, cases[i].found);
		reply_free(&r);
		free(body);
	}
	body = registry(USER, PINNED, "");
	assert_false(take_registry(body).registry.sought);
	free(body);
}

/* What a registry is known by is its subscription and its name; an answer
 * that tells neither, or another's, is none. */
static void the_answer_is_about_the_registry_asked_for(void **state)
{
	static const struct {
		const char *id; /* member with its comma; as JSON */
		bool good;
	} cases[] = {
		{ "\"id\":\"" ID "\",", true },
		{ "\"ID\":\"/subscriptions/" SUB "/resourcegroups/PROD/"
		  "providers/microsoft.containerregistry/Registries/"
		  "ContosoProd\",",
		  true },
		{ "\"id\":\"/subscriptions/" SUB "/resourceGroups/"
		  "Z\xc3\x9cRICH/providers/Microsoft.ContainerRegistry/"
		  "registries/contosoprod\",",
		  true },
		{ "\"id\":\"/subscriptions/" SUB "/resourceGroups/prod/"
		  "providers/Microsoft.ContainerRegistry/registries/"
		  "contosotest\",",
		  false },
		{ "\"id\":\"/subscriptions/21111111-2222-3333-4444-"
		  "555555555555/resourceGroups/prod/providers/Microsoft."
		  "ContainerRegistry/registries/contosoprod\",",
		  false },
		{ "\"id\":\"contosoprod\",", false },
		{ "\"id\":\"\",", false },
		{ "\"id\":null,", false },
		{ "\"id\":7,", false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *body = text_printf("{%s\"sku\":{\"name\":\"Premium\"},"
					 "\"properties\":{}}",
					 cases[i].id);
		struct reply r = take_registry(body);

		assert_int_equal(r.fault.kind,
				 cases[i].good ? FAULT_NONE : FAULT_INVALID);
		reply_free(&r);
		free(body);
	}
}

/* As many endpoints and address rules as Azure allows, and their ids. */
static void add_large(struct buf *b, unsigned number)
{
	buf_printf(b,
		   "{\"id\":\"/subscriptions/" SUB
		   "/resourceGroups/prod/providers/Microsoft."
		   "ContainerRegistry/registries/large%u\",\"sku\":{"
		   "\"name\":\"Premium\"},\"properties\":{\"encryption\":{"
		   "\"status\":\"enabled\",\"keyVaultProperties\":" PINNED
		   "},\"networkRuleSet\":{\"ipRules\":[",
		   number);
	for (int i = 0; i < 200; i++)
		buf_printf(b,
			   "%s{\"action\":\"Allow\",\"value\":\"203.0.%d.0\"}",
			   i ? "," : "", i);
	buf_puts(b, "]},\"privateEndpointConnections\":[");
	for (int i = 0; i < 400; i++)
		buf_printf(b,
			   "%s{\"id\":\"/subscriptions/" SUB
			   "/resourceGroups/prod/providers/Microsoft."
			   "ContainerRegistry/registries/large%u/"
			   "privateEndpointConnections/c%d\",\"name\":\"c%d\","
			   "\"type\":\"Microsoft.ContainerRegistry/registries/"
			   "privateEndpointConnections\",\"properties\":{"
			   "\"privateEndpoint\":{\"id\":\"/subscriptions/" SUB
			   "/resourceGroups/prod/providers/Microsoft.Network/"
			   "privateEndpoints/e%d\"},"
			   "\"privateLinkServiceConnectionState\":{\"status\":"
			   "\"Approved\",\"description\":\"\",\"actionsRequired"
			   "\":\"None\"},\"provisioningState\":\"Failed\"}}",
			   i ? "," : "", number, i, i, i);
	buf_puts(b, "]}}");
}

static void a_registry_as_large_as_azure_allows_is_read(void **state)
{
	struct buf b;
	struct exchange x;
	struct reply r;

	(void)state;
	buf_init(&b, 10000000);
	add_large(&b, 0);
	call.registry = "/subscriptions/" SUB "/resourceGroups/prod/providers/"
			"Microsoft.ContainerRegistry/registries/large0";
	assert_null(built(CALL_REGISTRY, &x));
	assert_true(x.max_body > 8 * b.len);
	exchange_free(&x);
	r = take_registry(b.data);
	assert_int_equal(r.fault.kind, FAULT_NONE);
	assert_string_equal(r.registry.version_in_use, V1);
	assert_int_equal(r.registry.provisioning, PROVISIONING_SUCCEEDED);
	reply_free(&r);
	buf_free(&b);
}

static void a_page_of_a_hundred_such_registries_is_read(void **state)
{
	struct answer a = { .status = 200 };
	struct exchange x;
	struct reply r;

	(void)state;
	a.fault = fault_none();
	assert_null(built(CALL_LIST, &x));
	buf_init(&a.body, x.max_body);
	exchange_free(&x);
	buf_puts(&a.body, "{\"value\":[");
	for (unsigned i = 0; i < 100; i++) {
		buf_puts(&a.body, i ? "," : "");
		add_large(&a.body, i);
	}
	assert_true(buf_puts(&a.body, "]}"));
	assert_true(a.body.len > 20000000);
	r = take(CALL_LIST, a);
	assert_int_equal(r.fault.kind, FAULT_NONE);
	assert_int_equal(r.list.n, 100);
	assert_string_equal(r.list.items[99].view.version_in_use, V1);
	reply_free(&r);
}

/* 50 tags of names and values that are as long as Azure lets them be, each
 * character escaped. */
static void add_tags(struct buf *b, unsigned number, const char *character)
{
	buf_printf(b,
		   "%s{\"id\":\"/subscriptions/" SUB
		   "/resourceGroups/prod/providers/Microsoft."
		   "ContainerRegistry/registries/large%u\",\"properties\":{"
		   "\"encryption\":{\"status\":\"enabled\","
		   "\"keyVaultProperties\":" PINNED "}},\"tags\":{",
		   number ? "," : "", number);
	for (unsigned t = 0; t < 50; t++) {
		buf_printf(b, "%s\"%02u", t ? "," : "", t);
		for (unsigned i = 2; i < 512; i++)
			buf_puts(b, character);
		buf_puts(b, "\":\"");
		for (unsigned i = 0; i < 256; i++)
			buf_puts(b, character);
		buf_puts(b, "\"");
	}
	buf_puts(b, "}}");
}

static void a_page_of_as_many_tags_as_azure_allows_is_read(void **state)
{
	struct answer a = { .status = 200 };
	struct exchange x;
	struct reply r;

	(void)state;
	a.fault = fault_none();
	call.tags = true;
	assert_null(built(CALL_LIST, &x));
	buf_init(&a.body, x.max_body);
	exchange_free(&x);
	buf_puts(&a.body, "{\"value\":[");
	for (unsigned i = 0; i < 100; i++)
		add_tags(&a.body, i, "\\u20ac");
	assert_true(buf_puts(&a.body, "]}"));
	assert_true(a.body.len > 20000000);
	r = take(CALL_LIST, a);
	assert_int_equal(r.fault.kind, FAULT_NONE);
	assert_int_equal(r.list.n, 100);
	for (unsigned i = 0; i < 100; i++) {
		assert_non_null(r.list.items[i].tags);
		assert_false(r.list.items[i].tags_untold);
	}
	assert_int_equal(strlen(r.list.items[99].tags), 2 + 510 * 3);
	reply_free(&r);
}

/* What is beyond that, or is no object, is not taken for none. */
static void tags_that_are_too_many_are_not_told(void **state)
{
	static const char *const odd[] = { "\"x\"", "[\"a\"]", "[]", "7" };
	struct reply r;
	struct buf b;
	char *s;

	(void)state;
	call.tags = true;
	buf_init(&b, 10000000);
	buf_puts(&b, "{\"value\":[");
	add_tags(&b, 0, "xxxxx");
	add_tags(&b, 1, "x");
	buf_puts(&b, "]}");
	r = take(CALL_LIST, azure_answer(200, buf_str(&b)));
	assert_int_equal(r.list.n, 2);
	assert_null(r.list.items[0].tags);
	assert_true(r.list.items[0].tags_untold);
	assert_non_null(r.list.items[1].tags);
	assert_false(r.list.items[1].tags_untold);
	reply_free(&r);
	buf_free(&b);
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		s = text_printf("{\"value\":[{\"id\":\"" ID
				"\",\"properties\":{},\"tags\":%s}]}",
				odd[i]);
		r = take(CALL_LIST, azure_answer(200, s));
		assert_int_equal(r.list.n, 1);
		assert_null(r.list.items[0].tags);
		assert_true(r.list.items[0].tags_untold);
		reply_free(&r);
		free(s);
	}
	r = take(CALL_LIST,
		 azure_answer(200, "{\"value\":[{\"id\":\"" ID
				   "\",\"properties\":{},\"tags\":null}]}"));
	assert_false(r.list.items[0].tags_untold);
	reply_free(&r);
}

static void keys_of_registries(void **state)
{
	static const struct {
		const char *key, *in_use;
		bool encrypted, valid, automatic;
		const char *vault; /* of the key in use; NULL: not told */
	} cases[] = {
		{ "{\"keyIdentifier\":\"" KEY
		  "\",\"versionedKeyIdentifier\":\"" KEY "/" V1 "\"}",
		  V1, true, true, true, "v1v.vault.azure.net" },
		{ "{\"KeyIdentifier\":\"" KEY "\",\"keyRotationEnabled\":true}",
		  "", true, true, true, NULL },
		{ "{\"keyIdentifier\":\"" KEY
		  "\",\"keyRotationEnabled\":false}",
		  "", true, true, false, NULL },
		{ "{\"keyIdentifier\":\"" KEY
		  "\",\"versionedKeyIdentifier\":null}",
		  "", true, true, true, NULL },
		{ "{\"keyIdentifier\":\"" KEY
		  "\",\"versionedKeyIdentifier\":\"\"}",
		  "", true, true, true, NULL },
		/* a key without its version tells no version */
		{ "{\"keyIdentifier\":\"" KEY
		  "\",\"versionedKeyIdentifier\":\"" KEY "\"}",
		  "", true, true, true, NULL },
		/* an identifier with a version tells it as well */
		{ "{\"keyIdentifier\":\"" KEY "/" V1 "\"}", V1, true, true,
		  false, "v1v.vault.azure.net" },
		{ "{\"keyIdentifier\":\"" KEY "/" V1
		  "\",\"versionedKeyIdentifier\":\"\"}",
		  V1, true, true, false, "v1v.vault.azure.net" },
		/* another key than the registry is set to is in use */
		{ "{\"keyIdentifier\":\"" KEY "\",\"versionedKeyIdentifier\":"
		  "\"https://v2v.vault.azure.net/keys/K/" V1 "\"}",
		  V1, true, true, true, "v2v.vault.azure.net" },
		{ "{\"keyIdentifier\":\"rubbish\",\"versionedKeyIdentifier\":"
		  "\"" KEY "/" V1 "\"}",
		  V1, true, false, false, "v1v.vault.azure.net" },
		{ "{\"keyIdentifier\":\"" KEY "\",\"versionedKeyIdentifier\":"
		  "\"rubbish\"}",
		  "", true, true, true, NULL },
		{ "{\"keyIdentifier\":\"rubbish\"}", "", true, false, false,
		  NULL },
		/* enabled, but with which key? that it is off was not told */
		{ "{\"keyIdentifier\":7}", "", false, false, false, NULL },
		{ "{\"keyIdentifier\":null,\"versionedKeyIdentifier\":\"\"}",
		  "", false, false, false, NULL },
		{ "{}", "", false, false, false, NULL },
		{ "null", "", false, false, false, NULL },
		/* what is in use says that there is a key */
		{ "{\"versionedKeyIdentifier\":\"" KEY "/" V1 "\"}", V1, true,
		  false, false, "v1v.vault.azure.net" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *body = registry("null", cases[i].key, "");
		struct reply r = take_registry(body);

		assert_int_equal(r.fault.kind, FAULT_NONE);
		assert_string_equal(r.registry.version_in_use, cases[i].in_use);
		assert_int_equal(r.registry.version_known,
				 cases[i].vault != NULL);
		if (cases[i].vault)
			assert_string_equal(r.registry.in_use_key.host,
					    cases[i].vault);
		assert_int_equal(r.registry.encrypted, cases[i].encrypted);
		assert_int_equal(r.registry.hidden, !cases[i].encrypted);
		assert_int_equal(r.registry.key_valid, cases[i].valid);
		assert_int_equal(r.registry.auto_rotation, cases[i].automatic);
		assert_int_equal(r.registry.rotated_at, -1);
		assert_string_equal(r.registry.identity, "");
		reply_free(&r);
		free(body);
	}
}

static void provisioning_states(void **state)
{
	static const struct {
		const char *state;
		enum registry_provisioning want;
	} cases[] = {
		{ "", PROVISIONING_SUCCEEDED },
		{ ",\"provisioningState\":null", PROVISIONING_SUCCEEDED },
		{ ",\"provisioningState\":\"succeeded\"",
		  PROVISIONING_SUCCEEDED },
		{ ",\"provisioningState\":\"Creating\"",
		  PROVISIONING_CREATING },
		{ ",\"ProvisioningState\":\"Updating\"",
		  PROVISIONING_UPDATING },
		{ ",\"provisioningState\":\"Deleting\"",
		  PROVISIONING_DELETING },
		{ ",\"provisioningState\":\"Failed\"", PROVISIONING_FAILED },
		{ ",\"provisioningState\":\"Canceled\"",
		  PROVISIONING_CANCELED },
		{ ",\"provisioningState\":\"cancelled\"",
		  PROVISIONING_CANCELED },
		{ ",\"provisioningState\":\"Pausing\"", PROVISIONING_OTHER },
		{ ",\"provisioningState\":7", PROVISIONING_OTHER },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *body = registry(USER, PINNED, cases[i].state);
		struct reply r = take_registry(body);

		assert_int_equal(r.fault.kind, FAULT_NONE);
		assert_int_equal(r.registry.provisioning, cases[i].want);
		reply_free(&r);
		free(body);
	}
}

static void plain_registries(void **state)
{
	struct reply r;

	(void)state;
	r = take_registry("{\"id\":\"" ID
			  "\",\"sku\":{\"name\":\"Basic\"},\"properties\":{"
			  "\"encryption\":{\"status\":\"disabled\","
			  "\"keyVaultProperties\":" PINNED "}}}");
	assert_int_equal(r.fault.kind, FAULT_NONE);
	assert_false(r.registry.premium);
	assert_false(r.registry.encrypted);
	assert_false(r.registry.hidden);
	r = take_registry("{\"id\":\"" ID
			  "\",\"sku\":{\"name\":\"Premium\"},\"properties\":{"
			  "\"encryption\":{\"status\":\"disabled\"}}}");
	assert_false(r.registry.encrypted);
	assert_false(r.registry.hidden);
	r = take_registry("{\"id\":\"" ID "\",\"sku\":{\"name\":\"Standard\"},"
			  "\"properties\":{}}");
	assert_false(r.registry.hidden);
	r = take_registry(
		"{\"Id\":\"" ID
		"\",\"SKU\":{\"Name\":\"PREMIUM\"},\"Properties\":{}}");
	assert_true(r.registry.premium);
	assert_false(r.registry.encrypted);
	assert_true(r.registry.hidden);
	assert_false(r.registry.key_valid);
}

static void what_is_no_registry(void **state)
{
	static const char *const bodies[] = {
		"",
		"{}",
		"[]",
		"null",
		"7",
		"{\"properties\":null}",
		"{\"properties\":[]}",
		"{\"id\":\"" ID "\"}",
		"<xml>",
		"{\"id\":\"/subscriptions/other\",\"properties\":{}}",
		"{\"properties\":{}",
		"{\"properties\":{},\"properties\":{}}",
	};
	struct reply r;

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		r = take_registry(bodies[i]);
		assert_int_equal(r.fault.kind, FAULT_INVALID);
		assert_non_null(strstr(r.fault.text,
				       "Reading registry contosoprod failed"));
		assert_false(r.maybe_done);
	}
}

/* --- lists --- */

static void lists_are_read(void **state)
{
	char *one = registry(USER, PINNED, "");
	char *body = text_printf("{\"value\":[%s,{\"id\":7},null,{\"id\":\"/x\""
				 ",\"properties\":{}},{\"id\":\"" ID "2\"},%s],"
				 "\"nextLink\":\"" ARM "/next?$skiptoken=a\"}",
				 one, one);
	struct reply r = take(CALL_LIST, azure_answer(200, body));

	(void)state;
	assert_int_equal(r.fault.kind, FAULT_NONE);
	assert_int_equal(r.list.n, 2);
	assert_string_equal(r.list.items[0].id, ID);
	assert_string_equal(r.list.items[1].view.version_in_use, V1);
	assert_string_equal(r.list.next_url, ARM "/next?$skiptoken=a");
	reply_free(&r);
	assert_null(r.list.items);
	reply_free(&r);
	free(body);
	free(one);
}

static void last_and_empty_pages(void **state)
{
	static const char *const bodies[] = {
		"{\"value\":[]}",
		"{\"value\":[],\"nextLink\":null}",
		"{\"value\":[],\"nextLink\":\"\"}",
	};
	struct reply r;

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		r = take(CALL_LIST, azure_answer(200, bodies[i]));
		assert_int_equal(r.fault.kind, FAULT_NONE);
		assert_int_equal(r.list.n, 0);
		assert_null(r.list.next_url);
		reply_free(&r);
	}
	r = take(CALL_LIST,
		 azure_answer(200,
			      "{\"value\":[],\"nextLink\":\"" ARM ":443/n\"}"));
	assert_string_equal(r.list.next_url, ARM ":443/n");
	reply_free(&r);
	/* Azure's skip tokens are base64 of JSON: they look like ours. */
	r = take(CALL_LIST,
		 azure_answer(200, "{\"value\":[],\"nextLink\":\"" ARM
				   "/n?$skiptoken=" SKIP "\"}"));
	assert_string_equal(r.list.next_url, ARM "/n?$skiptoken=" SKIP);
	reply_free(&r);
}

static void half_lists_are_refused(void **state)
{
	static const char *const bodies[] = {
		"",
		"{}",
		"[]",
		"{\"value\":{}}",
		"{\"value\":null}",
		"{\"value\":[],\"nextLink\":7}",
		"{\"value\":[],\"nextLink\":\"https://evil.example/\"}",
		"{\"value\":[],\"nextLink\":\"" ARM "/a b\"}",
		"{\"value\":[],\"nextLink\":\"/relative\"}",
	};
	struct reply r;

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		r = take(CALL_LIST, azure_answer(200, bodies[i]));
		assert_int_equal(r.fault.kind, FAULT_INVALID);
		reply_free(&r);
	}
}

static void long_lists(void **state)
{
	char *one = registry(USER, PINNED, "");
	struct reply r;
	struct buf b;

	(void)state;
	buf_init(&b, 10000000);
	buf_puts(&b, "{\"value\":[");
	for (int i = 0; i < 1000; i++)
		buf_printf(&b, "%s%s", i ? "," : "", one);
	buf_puts(&b, "]}");
	r = take(CALL_LIST, azure_answer(200, buf_str(&b)));
	assert_int_equal(r.fault.kind, FAULT_NONE);
	assert_int_equal(r.list.n, 1000);
	reply_free(&r);
	buf_free(&b);
	free(one);
}

/* --- changes --- */

static struct reply patched(int status, const char *body, const char *async,
			    const char *location)
{
	struct answer a = azure_answer(status, body);

	a.headers[ANSWER_ASYNC_OPERATION] = text_dup(async);
	a.headers[ANSWER_LOCATION] = text_dup(location);
	a.headers[ANSWER_RETRY_AFTER] = text_dup("10");
	return take(CALL_PATCH, a);
}

static void changes_begin(void **state)
{
	static const struct {
		int status;
		const char *body, *async, *location;
		bool finished;
		const char *url;
	} cases[] = {
		{ 201, "{\"properties\":{\"provisioningState\":\"Updating\"}}",
		  OP, NULL, false, OP },
		{ 200, "{\"properties\":{\"provisioningState\":\"Succeeded\"}}",
		  NULL, NULL, true, NULL },
		{ 200, "{\"properties\":{\"provisioningState\":\"Failed\"}}",
		  NULL, NULL, true, NULL },
		{ 200, "{\"properties\":{\"provisioningState\":\"Canceled\"}}",
		  OP, NULL, true, NULL },
		{ 200, "{\"properties\":{}}", OP, NULL, true, NULL },
		{ 200, "", NULL, NULL, true, NULL },
		{ 200, "{\"properties\":{\"provisioningState\":\"Updating\"}}",
		  OP, NULL, false, OP },
		{ 200, "{\"properties\":{\"provisioningState\":\"Updating\"}}",
		  NULL, OP, false, NULL },
		{ 201, "{\"properties\":{\"provisioningState\":\"Succeeded\"}}",
		  NULL, NULL, false, NULL },
		{ 201, "", "https://evil.example/op", NULL, false, NULL },
		{ 201, "", NULL, OP, false, NULL }, /* names what was made */
		{ 202, "", NULL, OP, false, OP },
		{ 202, "", NULL, "https://evil.example/op", false, NULL },
		{ 202, "", OP, ARM "/location", false, OP },
		{ 202, "", "not a url", OP, false, OP },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct reply r = patched(cases[i].status, cases[i].body,
					 cases[i].async, cases[i].location);

		assert_int_equal(r.fault.kind, FAULT_NONE);
		assert_int_equal(r.patch.finished, cases[i].finished);
		if (cases[i].url)
			assert_string_equal(r.patch.operation_url,
					    cases[i].url);
		else
			assert_null(r.patch.operation_url);
		assert_int_equal(r.patch.retry_after_ms, 10000);
		assert_false(r.maybe_done);
		reply_free(&r);
		assert_null(r.patch.operation_url);
	}
}

static void unreadable_answer_to_a_change(void **state)
{
	static const char *const bodies[] = { "{", "[]", "7", "<xml>",
					      "{\"id\":\"" ID
					      "x\",\"properties\":{}}" };
	struct reply r;

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		r = patched(201, bodies[i], OP, NULL);
		assert_int_equal(r.fault.kind, FAULT_INVALID);
		assert_true(r.maybe_done);
		reply_free(&r);
	}
}

static void refusals_have_kinds(void **state)
{
	static const struct {
		enum call_kind call;
		int status;
		const char *body;
		enum fault_kind kind;
		bool all, maybe;
		const char *says;
	} cases[] = {
		{ CALL_PATCH, 400,
		  "{\"error\":{\"code\":\"BadRequest\","
		  "\"message\":\"Failed to access KeyId 'https://v'.\"},"
		  "\"status\":\"Failed\"}",
		  FAULT_REFUSED, false, false,
		  "BadRequest: the registry's own identity cannot use" },
		{ CALL_PATCH, 422, "", FAULT_REFUSED, false, false,
		  "HTTP 422" },
		{ CALL_REGISTRY, 400, "{\"code\":\"Bare\"}", FAULT_INVALID,
		  false, false, "HTTP 400 Bare" },
		{ CALL_LIST, 400,
		  "{\"error\":{\"code\":\"NoRegisteredProviderFound\","
		  "\"message\":\"No registered resource provider found for "
		  "location 'westeurope' and API version '2099-01-01' for type "
		  "'registries'.\"}}",
		  FAULT_INVALID, false, false,
		  "does not know the api-version" },
		{ CALL_REGISTRY, 400,
		  "{\"error\":{\"code\":\"InvalidApiVersionParameter\"}}",
		  FAULT_INVALID, false, false, "is registry-api-version in" },
		{ CALL_PATCH, 401,
		  "{\"error\":{\"code\":"
		  "\"ExpiredAuthenticationToken\"}}",
		  FAULT_AUTH, false, false, "ExpiredAuthenticationToken" },
		{ CALL_LIST, 401,
		  "{\"error\":{\"code\":"
		  "\"InvalidAuthenticationTokenTenant\"}}",
		  FAULT_DENIED, false, false, "another tenant" },
		{ CALL_PATCH, 403,
		  "{\"error\":{\"code\":"
		  "\"AuthorizationFailed\"}}",
		  FAULT_DENIED, false, false, "no role of the credential" },
		{ CALL_PATCH, 403,
		  "{\"error\":{\"code\":"
		  "\"LinkedAuthorizationFailed\",\"message\":\"The client has "
		  "permission to perform action 'w' on scope 's'; however, it "
		  "does not have permission to perform action(s) 'Microsoft."
		  "ManagedIdentity/userAssignedIdentities/assign/action' on "
		  "the linked scope(s) 'x'\"}}",
		  FAULT_DENIED, false, false, "Managed Identity Operator" },
		{ CALL_PATCH, 403,
		  "{\"error\":{\"code\":"
		  "\"LinkedAuthorizationFailed\",\"message\":\"It does not have "
		  "permission to perform action(s) 'Microsoft.Network/"
		  "virtualNetworks/subnets/join/action'\"}}",
		  FAULT_DENIED, false, false, "a right on something else" },
		{ CALL_PATCH, 403,
		  "{\"error\":{\"code\":\"KeyAccess\","
		  "\"message\":\"see https://aka.ms/acr/cmk\"}}",
		  FAULT_REFUSED, false, false, "KeyAccess: the registry's" },
		{ CALL_PATCH, 403, "", FAULT_DENIED, false, false, "HTTP 403" },
		{ CALL_REGISTRY, 403, "{\"error\":{\"code\":\"Other\"}}",
		  FAULT_DENIED, false, false, "HTTP 403 Other" },
		{ CALL_REGISTRY, 404,
		  "{\"error\":{\"code\":"
		  "\"ResourceNotFound\",\"message\":\"The Resource 'Microsoft."
		  "ContainerRegistry/registries/r' under resource group 'g' "
		  "was not found.\"}}",
		  FAULT_MISSING, false, false, "registry does not exist" },
		{ CALL_PATCH, 404,
		  "{\"error\":{\"code\":"
		  "\"ResourceNotFound\",\"message\":\"The Resource 'Microsoft."
		  "ManagedIdentity/userAssignedIdentities/i' was not found."
		  "\"}}",
		  FAULT_MISSING, false, false,
		  "ResourceNotFound: The Resource" },
		{ CALL_PATCH, 409,
		  "{\"error\":{\"code\":"
		  "\"MissingSubscriptionRegistration\",\"message\":\"It is "
		  "not registered to use namespace 'Microsoft.Network'.\"}}",
		  FAULT_DENIED, false, false, "Registration: It is not" },
		{ CALL_PATCH, 408, "", FAULT_TRANSIENT, false, true,
		  "HTTP 408" },
		{ CALL_PATCH, 409, "{\"error\":{\"code\":\"Conflict\"}}",
		  FAULT_CONFLICT, false, false, "HTTP 409" },
		{ CALL_PATCH, 409, "{\"error\":{\"code\":\"ScopeLocked\"}}",
		  FAULT_DENIED, false, false, "lock" },
		{ CALL_PATCH, 412, "", FAULT_CONFLICT, false, false,
		  "HTTP 412" },
		{ CALL_REGISTRY, 429,
		  "{\"error\":{\"code\":"
		  "\"SubscriptionRequestsThrottled\"}}",
		  FAULT_THROTTLED, true, false, "HTTP 429" },
		{ CALL_PATCH, 429, "{\"error\":{\"code\":\"TooManyRequests\"}}",
		  FAULT_THROTTLED, false, false, "TooManyRequests" },
		{ CALL_PATCH, 504, "{\"error\":{\"code\":\"GatewayTimeout\"}}",
		  FAULT_TRANSIENT, false, true, "GatewayTimeout" },
		{ CALL_OPERATION, 500, "", FAULT_TRANSIENT, false, false,
		  "HTTP 500" },
		{ CALL_OPERATION, 400,
		  "{\"error\":{\"details\":[{\"message\":"
		  "\"from the details\"}]}}",
		  FAULT_INVALID, false, false, "from the details" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct reply r =
			take(cases[i].call,
			     azure_answer(cases[i].status, cases[i].body));

		if (r.fault.kind != cases[i].kind)
			print_message("%d %s\n", cases[i].status,
				      cases[i].body);
		assert_int_equal(r.fault.kind, cases[i].kind);
		assert_int_equal(r.fault.code, cases[i].status);
		assert_int_equal(r.throttles_all, cases[i].all);
		assert_int_equal(r.maybe_done, cases[i].maybe);
		if (!strstr(r.fault.text, cases[i].says))
			print_message("%s\n", r.fault.text);
		assert_non_null(strstr(r.fault.text, cases[i].says));
		reply_free(&r);
	}
}

/* --- operations --- */

static void operations_are_read(void **state)
{
	static const struct {
		int status;
		const char *body;
		enum operation_status want;
	} cases[] = {
		{ 200, "{\"status\":\"Succeeded\"}", OPERATION_SUCCEEDED },
		{ 200, "{\"Status\":\"SUCCEEDED\"}", OPERATION_SUCCEEDED },
		{ 200, "{\"status\":\"PartiallySucceeded\"}",
		  OPERATION_SUCCEEDED },
		{ 200, "{\"status\":\"InProgress\"}", OPERATION_RUNNING },
		{ 200, "{\"status\":\"Updating\",\"percentComplete\":50}",
		  OPERATION_RUNNING },
		{ 200, "{\"status\":\"\"}", OPERATION_RUNNING },
		{ 200, "{\"status\":\"Failed\"}", OPERATION_FAILED },
		{ 200, "{\"status\":\"failure\"}", OPERATION_FAILED },
		{ 200, "{\"status\":\"Canceled\"}", OPERATION_CANCELED },
		{ 200, "{\"status\":\"cancelled\"}", OPERATION_CANCELED },
		{ 202, "", OPERATION_RUNNING },
		{ 202, "{}", OPERATION_RUNNING },
		{ 200, "{\"properties\":{}}", OPERATION_SUCCEEDED },
		{ 200, "{\"status\":null}", OPERATION_SUCCEEDED },
		{ 204, "", OPERATION_SUCCEEDED },
		{ 200, "{\"properties\":{\"provisioningState\":\"Updating\"}}",
		  OPERATION_RUNNING },
		{ 200, "{\"properties\":{\"provisioningState\":\"Failed\"}}",
		  OPERATION_FAILED },
		{ 200, "{\"properties\":{\"provisioningState\":\"Canceled\"}}",
		  OPERATION_CANCELED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct reply r =
			take(CALL_OPERATION,
			     azure_answer(cases[i].status, cases[i].body));

		assert_int_equal(r.fault.kind, FAULT_NONE);
		assert_int_equal(r.operation.status, cases[i].want);
		assert_int_equal(r.operation.retry_after_ms, -1);
		assert_null(r.operation.operation_url);
		assert_int_equal(r.operation.error.kind == FAULT_NONE,
				 cases[i].want == OPERATION_SUCCEEDED ||
					 cases[i].want == OPERATION_RUNNING);
		reply_free(&r);
	}
}

static void failed_operations_say_why(void **state)
{
	static const struct {
		const char *body, *code, *says;
		enum fault_kind kind;
	} cases[] = {
		{ "{\"status\":\"Failed\",\"error\":{\"code\":\"BadRequest\","
		  "\"message\":\"Failed to access KeyId 'https://v1v'.\"}}",
		  "BadRequest",
		  "failed: BadRequest: the registry's own "
		  "identity cannot use the key",
		  FAULT_REFUSED },
		{ "{\"status\":\"Failed\",\"error\":{\"code\":"
		  "\"internalservererror\",\"message\":\"Oops.\"}}",
		  "internalservererror", "Oops", FAULT_TRANSIENT },
		{ "{\"status\":\"Failed\",\"error\":{\"code\":\"Timeout\"}}",
		  "Timeout", "Timeout", FAULT_TRANSIENT },
		{ "{\"status\":\"Failed\"}", "", "no reason was given",
		  FAULT_REFUSED },
		{ "{\"status\":\"Failed\",\"error\":\"odd\"}", "",
		  "no reason was given", FAULT_REFUSED },
		{ "{\"status\":\"Canceled\",\"error\":{\"code\":\"Stopped\"}}",
		  "Stopped", "canceled", FAULT_TRANSIENT },
		{ "{\"status\":\"Canceled\",\"error\":{\"code\":"
		  "\"ScopeLocked\"}}",
		  "ScopeLocked", "lock", FAULT_TRANSIENT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct reply r =
			take(CALL_OPERATION, azure_answer(200, cases[i].body));

		assert_int_equal(r.fault.kind, FAULT_NONE);
		assert_int_equal(r.operation.error.kind, cases[i].kind);
		assert_string_equal(r.operation.error.azure_code,
				    cases[i].code);
		if (!strstr(r.operation.error.text, cases[i].says))
			print_message("%s\n", r.operation.error.text);
		assert_non_null(strstr(r.operation.error.text, cases[i].says));
		assert_non_null(strstr(r.operation.error.text,
				       "Changing the key of registry "
				       "contosoprod failed"));
		reply_free(&r);
	}
}

static void operation_names_its_next_url(void **state)
{
	struct answer a = azure_answer(200, "{\"status\":\"InProgress\"}");
	struct reply r;

	(void)state;
	a.headers[ANSWER_ASYNC_OPERATION] = text_dup(OP "&newer=1");
	a.headers[ANSWER_RETRY_AFTER] = text_dup("15");
	r = take(CALL_OPERATION, a);
	assert_string_equal(r.operation.operation_url, OP "&newer=1");
	assert_int_equal(r.operation.retry_after_ms, 15000);
	reply_free(&r);
	assert_null(r.operation.operation_url);
	a = azure_answer(202, "");
	a.headers[ANSWER_LOCATION] = text_dup(ARM "/location");
	r = take(CALL_OPERATION, a);
	assert_string_equal(r.operation.operation_url, ARM "/location");
	reply_free(&r);
	a = azure_answer(202, "");
	a.headers[ANSWER_LOCATION] = text_dup(ARM "/results/" SKIP);
	r = take(CALL_OPERATION, a);
	assert_string_equal(r.operation.operation_url, ARM "/results/" SKIP);
	reply_free(&r);
	a = azure_answer(200, "{\"status\":\"InProgress\"}");
	a.headers[ANSWER_ASYNC_OPERATION] = text_dup(ARM "/status/" SKIP);
	r = take(CALL_OPERATION, a);
	assert_string_equal(r.operation.operation_url, ARM "/status/" SKIP);
	reply_free(&r);
}

static void odd_operations_are_refused(void **state)
{
	static const char *const bodies[] = {
		"[]", "7", "{\"status\":7}", "{\"status\":{}}", "{", "x",
	};
	struct reply r;

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		r = take(CALL_OPERATION, azure_answer(200, bodies[i]));
		assert_int_equal(r.fault.kind, FAULT_INVALID);
		assert_false(r.maybe_done);
		reply_free(&r);
	}
}

static void damaged_answers(void **state)
{
	static const enum call_kind kinds[] = { CALL_REGISTRY, CALL_LIST,
						CALL_PATCH, CALL_OPERATION };
	char *one = registry(USER, PINNED, "");
	char *list =
		text_printf("{\"value\":[%s],\"nextLink\":\"" ARM "/n\"}", one);
	unsigned seed = 29;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		enum call_kind kind = kinds[i % 4];
		char *s = text_dup(kind == CALL_LIST ? list : one);
		struct reply r;

		s[(size_t)rand_r(&seed) % strlen(s)] =
			(char)(1 + rand_r(&seed) % 255);
		r = take(kind, azure_answer(i % 7 ? 200 : 400, s));
		assert_true(text_is_utf8(r.fault.text, strlen(r.fault.text)));
		reply_free(&r);
		free(s);
	}
	free(one);
	free(list);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, azure_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(registry_is_asked_for),
		TEST(base_url_may_end_in_a_slash),
		TEST(list_is_asked_for),
		TEST(operation_is_asked_for),
		TEST(patch_carries_the_encryption_only),
		TEST(recorded_registry_is_read),
		TEST(identities),
		TEST(an_identity_is_looked_for),
		TEST(keys_of_registries),
		TEST(the_answer_is_about_the_registry_asked_for),
		TEST(a_registry_as_large_as_azure_allows_is_read),
		TEST(a_page_of_a_hundred_such_registries_is_read),
		TEST(provisioning_states),
		TEST(plain_registries),
		TEST(what_is_no_registry),
		TEST(lists_are_read),
		TEST(a_page_of_as_many_tags_as_azure_allows_is_read),
		TEST(tags_that_are_too_many_are_not_told),
		TEST(last_and_empty_pages),
		TEST(half_lists_are_refused),
		TEST(long_lists),
		TEST(changes_begin),
		TEST(unreadable_answer_to_a_change),
		TEST(refusals_have_kinds),
		TEST(operations_are_read),
		TEST(failed_operations_say_why),
		TEST(operation_names_its_next_url),
		TEST(odd_operations_are_refused),
		TEST(damaged_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
