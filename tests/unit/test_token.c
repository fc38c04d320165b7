/* azure/token: asking for tokens, and what their endpoints say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "azure/call.h"
#include "azure/token.h"
#include "base/text.h"

#define NOW INT64_C(1700000000000)

static struct cloud cloud;
static struct credential secret_credential, machine;
static char own[] = "default", tenant[] = "contoso.example",
	    client[] = "11111111-2222-3333-4444-555555555555",
	    object_id[] = "oid", resource_id[] = "/subscriptions/x y";

static int start(void **state)
{
	(void)state;
	cloud_profile(&cloud, "public");
	secret_credential = (struct credential){
		.name = own,
		.kind = CREDENTIAL_CLIENT_SECRET,
		.tenant = tenant,
		.client_id = client,
	};
	machine = (struct credential){
		.name = own,
		.kind = CREDENTIAL_MANAGED_IDENTITY,
	};
	return 0;
}

static int stop(void **state)
{
	(void)state;
	cloud_free(&cloud);
	return 0;
}

static struct call ask(const struct credential *c, const char *audience)
{
	struct call call = { .kind = CALL_TOKEN,
			     .ticket = 9,
			     .credential = c,
			     .audience = audience };

	return call;
}

static void secret_is_posted_as_a_form(void **state)
{
	struct call call = ask(&secret_credential, "https://vault.azure.net");
	struct exchange x;
	struct fault f;

	(void)state;
	assert_true(call_build(&cloud, &call, "a&b=c d~\xc3\xa4", NOW, &x, &f));
	assert_string_equal(x.method, "POST");
	assert_string_equal(x.url, "https://login.microsoftonline.com/"
				   "contoso.example/oauth2/v2.0/token");
	assert_string_equal(
		x.body,
		"client_id=11111111-2222-3333-4444-"
		"555555555555&scope=https%3A%2F%2Fvault.azure.net%2F.default"
		"&grant_type=client_credentials&claims=%7B%22access_token%22"
		"%3A%7B%22xms_cc%22%3A%7B%22values%22%3A%5B%22cp1%22%5D%7D%7D"
		"%7D&client_secret="
		"a%26b%3Dc%20d~%C3%A4");
	assert_string_equal(x.content_type,
			    "application/x-www-form-urlencoded");
	assert_true(x.secret_answer);
	assert_false(x.bearer);
	assert_false(x.metadata);
	assert_true(x.max_body >= 16384);
	exchange_free(&x);
}

static void claims_go_with_the_form(void **state)
{
	struct call call = ask(&secret_credential, "https://vault.azure.net");
	struct exchange x;
	struct fault f;

	(void)state;
	call.claims = "{\"a\":1}";
	assert_true(call_build(&cloud, &call, "s", NOW, &x, &f));
	assert_non_null(strstr(x.body, "&claims=%7B%22access_token%22%3A%7B"));
	assert_non_null(strstr(x.body, "%22cp1%22%5D%7D%7D%2C%22a%22%3A1%7D&"));
	assert_true(x.entra);
	exchange_free(&x);
	/* A managed identity has no such parameter. */
	call = ask(&machine, "https://vault.azure.net");
	call.claims = "{\"a\":1}";
	assert_true(call_build(&cloud, &call, NULL, NOW, &x, &f));
	assert_null(strstr(x.url, "claims"));
	exchange_free(&x);
}

static void slash_at_the_end_is_doubled(void **state)
{
	struct call call =
		ask(&secret_credential, "https://management.core.windows.net/");
	struct exchange x;
	struct fault f;

	(void)state;
	free(cloud.authority);
	cloud.authority = text_dup("https://login.localhost:8443/");
	assert_true(call_build(&cloud, &call, "s", NOW, &x, &f));
	assert_string_equal(x.url, "https://login.localhost:8443/"
				   "contoso.example/oauth2/v2.0/token");
	assert_non_null(strstr(x.body, "scope=https%3A%2F%2Fmanagement.core."
				       "windows.net%2F%2F.default&"));
	exchange_free(&x);
}

static void refused(const struct call *call, const char *secret)
{
	struct exchange x;
	struct fault f;

	assert_false(call_build(&cloud, call, secret, NOW, &x, &f));
	assert_int_equal(f.kind, FAULT_INVALID);
	assert_true(strlen(f.text) > 20);
	assert_null(strstr(f.text, "hunter2"));
	assert_null(x.url);
	assert_null(x.body);
}

static void what_cannot_be_asked(void **state)
{
	static char bad_tenant[][20] = { "", "a/b", "..", "a b", "a?b" };
	struct call call = ask(&secret_credential, "https://vault.azure.net");
	char *huge = text_alloc(20001, 1);

	(void)state;
	memset(huge, 'x', 20000);
	refused(&call, NULL);
	refused(&call, "");
	refused(&call, huge);
	free(huge);
	for (size_t i = 0; i < 5; i++) {
		secret_credential.tenant = bad_tenant[i];
		refused(&call, "hunter2");
	}
	secret_credential.tenant = NULL;
	refused(&call, "hunter2");
	secret_credential.tenant = tenant;
	secret_credential.client_id = NULL;
	refused(&call, "hunter2");
	secret_credential.client_id = client;
	memcpy(cloud.authority, "httpx", 5); /* never in clear */
	refused(&call, "hunter2");
	memcpy(cloud.authority, "http:", 5);
	refused(&call, "hunter2");
	call = ask(&secret_credential, NULL);
	refused(&call, "s");
	call = ask(&secret_credential, "");
	refused(&call, "s");
	call = ask(NULL, "https://vault.azure.net");
	refused(&call, "s");
	secret_credential.kind = (enum credential_kind)77;
	call = ask(&secret_credential, "https://vault.azure.net");
	refused(&call, "s");
}

static void machine_is_asked(const char *tail)
{
	struct call call = ask(&machine, "https://vault.azure.net");
	char *url = text_printf("http://169.254.169.254/metadata/identity/"
				"oauth2/token?api-version=2018-02-01&resource="
				"https%%3A%%2F%%2Fvault.azure.net%s",
				tail);
	struct exchange x;
	struct fault f;

	assert_true(call_build(&cloud, &call, NULL, NOW, &x, &f));
	assert_string_equal(x.method, "GET");
	assert_string_equal(x.url, url);
	assert_null(x.body);
	assert_true(x.metadata);
	assert_true(x.secret_answer);
	assert_false(x.bearer);
	exchange_free(&x);
	free(url);
}

static void managed_identity_asks_the_machine(void **state)
{
	struct call call = ask(&machine, "https://vault.azure.net");
	char empty[] = "";

	(void)state;
	machine_is_asked("");
	machine.client_id = empty;
	machine_is_asked("");
	machine.resource_id = resource_id;
	machine_is_asked("&msi_res_id=%2Fsubscriptions%2Fx%20y");
	machine.object_id = object_id;
	machine_is_asked("&object_id=oid");
	machine.client_id = client;
	machine_is_asked("&client_id=11111111-2222-3333-4444-555555555555");
	memcpy(cloud.imds_endpoint, "gopher:", 7);
	refused(&call, NULL);
}

static void app_service_is_asked(void **state)
{
	static char endpoint[] = "http://127.0.0.1:41741/msi/token/";
	struct credential app = machine;
	struct call call = ask(&app, "https://vault.azure.net");
	struct exchange x;
	struct fault f;

	(void)state;
	app.source = IDENTITY_APP_SERVICE;
	app.resource_id = resource_id;
	refused(&call, "header"); /* no endpoint */
	app.endpoint = endpoint;
	refused(&call, NULL);
	refused(&call, "");
	refused(&call, "two\r\nX-Lines: 1");
	refused(&call, "a b");
	assert_true(call_build(&cloud, &call, "header", NOW, &x, &f));
	assert_string_equal(x.url, "http://127.0.0.1:41741/msi/token"
				   "?api-version=2019-08-01&resource="
				   "https%3A%2F%2Fvault.azure.net"
				   "&mi_res_id=%2Fsubscriptions%2Fx%20y");
	assert_string_equal(x.proof_name, "X-IDENTITY-HEADER: ");
	assert_string_equal(x.proof, "header");
	assert_true(x.local);
	assert_false(x.metadata);
	assert_false(x.entra);
	exchange_free(&x);
	assert_null(x.proof);
	app.endpoint = (char[]){ "http://127.0.0.1/token?x=1" };
	refused(&call, "header");
}

static void fabric_is_not_asked(void **state)
{
	struct credential fabric = machine;
	struct call call = ask(&fabric, "https://vault.azure.net");

	(void)state;
	fabric.source = IDENTITY_FABRIC;
	refused(&call, "header");
}

static void arc_is_asked_twice(void **state)
{
	static char endpoint[] =
		"http://localhost:40342/metadata/identity/oauth2/token";
	struct credential arc = machine;
	struct call call = ask(&arc, "https://vault.azure.net");
	struct exchange x;
	struct fault f;

	(void)state;
	arc.source = IDENTITY_ARC;
	arc.endpoint = endpoint;
	assert_true(call_build(&cloud, &call, NULL, NOW, &x, &f));
	assert_string_equal(x.url, "http://localhost:40342/metadata/identity/"
				   "oauth2/token?api-version=2020-06-01"
				   "&resource=https%3A%2F%2Fvault.azure.net");
	assert_true(x.metadata);
	assert_null(x.proof);
	exchange_free(&x);
	call.proven = true;
	refused(&call, NULL);
	refused(&call, "hunter2\n");
	assert_true(call_build(&cloud, &call, "a2V5", NOW, &x, &f));
	assert_string_equal(x.proof_name, "Authorization: Basic ");
	assert_string_equal(x.proof, "a2V5");
	exchange_free(&x);
}

#define TOKEN "sixteen-letters~" /* the shortest that is one */

static struct reply read_answer(const struct credential *c, int status,
				const char *body, const char *date,
				const char *retry_after)
{
	struct call call = ask(c, "https://vault.azure.net");
	struct answer a = { .status = status, .rtt_ms = 5 };
	struct reply r;

	a.fault = fault_none();
	buf_init(&a.body, 100000);
	buf_puts(&a.body, body);
	a.headers[ANSWER_DATE] = text_dup(date);
	a.headers[ANSWER_RETRY_AFTER] = text_dup(retry_after);
	a.headers[ANSWER_REQUEST_ID] = text_dup("req-1");
	call_read(&cloud, &call, NULL, NULL, &a, NOW, &r);
	answer_wipe(&a);
	assert_int_equal(r.kind, CALL_TOKEN);
	assert_int_equal(r.ticket, 9);
	return r;
}

static void tokens_are_read(void **state)
{
	static const struct {
		bool machine;
		const char *body;
		int64_t lifetime, refresh;
	} cases[] = {
		{ false,
		  "{\"token_type\":\"Bearer\",\"expires_in\":3599,"
		  "\"ext_expires_in\":3599,\"access_token\":\"" TOKEN "\"}",
		  3599000, -1 },
		{ false,
		  "{\"expires_in\":\"3599\",\"refresh_in\":1800,"
		  "\"access_token\":\"" TOKEN "\"}",
		  3599000, 1800000 },
		{ false,
		  "{\"expires_in\":100,\"expires_on\":1700000200,"
		  "\"access_token\":\"" TOKEN "\",\"refresh_in\":0}",
		  100000, -1 },
		{ false,
		  "{\"expires_on\":1700000200,\"access_token\":\"" TOKEN "\"}",
		  200000, -1 },
		{ true,
		  "{\"access_token\":\"" TOKEN "\",\"refresh_token\":\"\","
		  "\"expires_in\":\"100\",\"expires_on\":\"1700000200\","
		  "\"token_type\":\"bearer\"}",
		  200000, -1 },
		{ true,
		  "{\"access_token\":\"" TOKEN "\",\"expires_in\":\"100\"}",
		  100000, -1 },
		{ true,
		  "{\"access_token\":\"" TOKEN "\",\"expires_on\":"
		  "\"11/14/2023 22:14:20 +00:00\"}",
		  60000, -1 },
		{ true,
		  "{\"access_token\":\"" TOKEN "\",\"expires_on\":"
		  "\"2023-11-14 22:14:20\"}",
		  60000, -1 },
		{ true,
		  "{\"access_token\":\"" TOKEN "\",\"expires_on\":"
		  "\"2023-11-14T22:14:20.00Z\"}",
		  60000, -1 },
		{ true,
		  "{\"access_token\":\"" TOKEN "\",\"expires_on\":\"soon\","
		  "\"expires_in\":50}",
		  50000, -1 },
		{ true,
		  "{\"access_token\":\"" TOKEN "\",\"expires_on\":"
		  "99999999999999999,\"expires_in\":50}",
		  50000, -1 },
		{ true,
		  "{\"access_token\":\"" TOKEN "\",\"expires_on\":"
		  "\"9999-12-31T23:59:59Z\"}",
		  TOKEN_LIFETIME_MAX_MS, -1 },
		{ true,
		  "{\"access_token\":\"" TOKEN "\",\"expires_in\":"
		  "9223372036854775807}",
		  TOKEN_LIFETIME_MAX_MS, -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct reply r = read_answer(
			cases[i].machine ? &machine : &secret_credential, 200,
			cases[i].body, NULL, NULL);

		assert_int_equal(r.fault.kind, FAULT_NONE);
		assert_string_equal(r.token.secret, TOKEN);
		assert_true(r.token.lifetime_ms == cases[i].lifetime);
		assert_true(r.token.refresh_in_ms == cases[i].refresh);
		assert_int_equal(r.rtt_ms, 5);
		reply_free(&r);
		assert_null(r.token.secret);
		reply_free(&r);
	}
}

/* The server's own clock counts, where it tells it. */
/* A token for somebody or something else must not be sent anywhere. */
static void tokens_of_others_are_refused(void **state)
{
	static const struct {
		const char *resource, *client_id, *says;
	} cases[] = {
		{ "https://vault.azure.net", NULL, NULL },
		{ "https://Vault.azure.net/", NULL, NULL },
		{ "", "", NULL },
		{ "https://management.azure.com", NULL,
		  "for another resource (https://management.azure.com)" },
		{ "https://vault.azure.net.evil.example", NULL,
		  "for another resource" },
		{ "https://vault.azure.net//", NULL, "for another resource" },
		/* It repeats the token itself. */
		{ "https://" TOKEN "/", NULL, "for another resource; it" },
		{ "https://vault.azure.net",
		  "22222222-0000-4000-8000-0000000000AA", NULL },
		{ NULL, "22222222-0000-4000-8000-0000000000bb",
		  "for another identity "
		  "(22222222-0000-4000-8000-0000000000bb)" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct credential named = machine;
		char body[400];
		struct reply r;

		named.client_id =
			(char[]){ "22222222-0000-4000-8000-0000000000aa" };
		snprintf(body, sizeof(body),
			 "{\"access_token\":\"" TOKEN
			 "\",\"expires_in\":\"100\""
			 "%s%s%s%s%s%s}",
			 cases[i].resource ? ",\"resource\":\"" : "",
			 cases[i].resource ? cases[i].resource : "",
			 cases[i].resource ? "\"" : "",
			 cases[i].client_id ? ",\"client_id\":\"" : "",
			 cases[i].client_id ? cases[i].client_id : "",
			 cases[i].client_id ? "\"" : "");
		r = read_answer(&named, 200, body, NULL, NULL);
		if (cases[i].says) {
			assert_int_equal(r.fault.kind, FAULT_INVALID);
			assert_non_null(strstr(r.fault.text, cases[i].says));
		} else {
			assert_int_equal(r.fault.kind, FAULT_NONE);
		}
		reply_free(&r);
	}
}

static struct reply challenged(const struct credential *c, bool proven,
			       int status, const char *header)
{
	struct call call = ask(c, "https://vault.azure.net");
	struct answer a = { .status = status };
	struct reply r;

	call.proven = proven;
	a.fault = fault_none();
	buf_init(&a.body, 1000);
	a.headers[ANSWER_WWW_AUTHENTICATE] = text_dup(header);
	call_read(&cloud, &call, NULL, NULL, &a, NOW, &r);
	answer_wipe(&a);
	return r;
}

static void arc_names_its_file(void **state)
{
#define FOLDER "/var/opt/azcmagent/tokens"
	static const char *const bad[] = {
		NULL,
		"",
		"Negotiate",
		"Bearer realm=" FOLDER "/a.key",
		"Basic realm=",
		"Basic realm=" FOLDER "/a=.key",
		"Basic realm=\"" FOLDER "/a.key\"",
		"Basic realm=/etc/shadow",
		"Basic realm=/etc/a.key",
		"Basic realm=" FOLDER "/../a.key",
		"Basic realm=" FOLDER "/sub/a.key",
		"Basic realm=" FOLDER "/a.txt",
		"Basic realm=" FOLDER "/.key",
		"Basic realm=" FOLDER "x/a.key",
		"Basic realm=" FOLDER "/a.key, Basic realm=/x",
	};
	struct credential arc = machine;
	struct reply r;

	(void)state;
	arc.source = IDENTITY_ARC;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		r = challenged(&arc, false, 401, bad[i]);
		assert_string_equal(r.key_file, "");
		assert_int_equal(r.fault.kind, FAULT_DENIED);
	}
	r = challenged(&arc, false, 401, "basic realm=" FOLDER "/6f-7a.key");
	assert_string_equal(r.key_file, FOLDER "/6f-7a.key");
	r = challenged(&arc, false, 403, "Basic realm=" FOLDER "/a.key");
	assert_string_equal(r.key_file, "");
	/* Not a second time, and of nobody else. */
	r = challenged(&arc, true, 401, "Basic realm=" FOLDER "/a.key");
	assert_string_equal(r.key_file, "");
	assert_non_null(strstr(r.fault.text, "does not accept"));
	r = challenged(&machine, false, 401, "Basic realm=" FOLDER "/a.key");
	assert_string_equal(r.key_file, "");
	r = challenged(&arc, false, 404, NULL);
	assert_int_equal(r.fault.kind, FAULT_TRANSIENT);
}

static void arc_has_to_echo(void **state)
{
	struct credential arc = machine;
	struct reply r;

	(void)state;
	arc.source = IDENTITY_ARC;
	arc.object_id = object_id;
	r = read_answer(&arc, 200,
			"{\"access_token\":\"" TOKEN "\",\"expires_in\":\"9\"}",
			NULL, NULL);
	assert_int_equal(r.fault.kind, FAULT_INVALID);
	assert_non_null(strstr(r.fault.text, "whose token it holds"));
	r = read_answer(&arc, 200,
			"{\"access_token\":\"" TOKEN "\",\"expires_in\":\"9\","
			"\"object_id\":\"OID\"}",
			NULL, NULL);
	assert_int_equal(r.fault.kind, FAULT_NONE);
	reply_free(&r);
	r = read_answer(&arc, 200,
			"{\"access_token\":\"" TOKEN "\",\"expires_in\":\"9\","
			"\"principal_id\":\"other\"}",
			NULL, NULL);
	assert_non_null(strstr(r.fault.text, "another identity (other)"));
	/* Nobody was named. */
	arc.object_id = NULL;
	r = read_answer(&arc, 200,
			"{\"access_token\":\"" TOKEN "\",\"expires_in\":\"9\"}",
			NULL, NULL);
	assert_int_equal(r.fault.kind, FAULT_NONE);
	reply_free(&r);
}

static void what_app_service_refuses(void **state)
{
	static const struct {
		int status;
		const char *body, *says;
		enum fault_kind kind;
	} cases[] = {
		{ 400,
		  "{\"statusCode\":400,\"message\":\"No User Assigned or "
		  "Delegated Managed Identity found\"}",
		  "this app has no identity of its own", FAULT_DENIED },
		{ 401, "", "restart the daemon too", FAULT_DENIED },
		{ 429, "{}", "HTTP 429", FAULT_THROTTLED },
		{ 500, "{}", "HTTP 500", FAULT_TRANSIENT },
	};
	struct credential app = machine;

	(void)state;
	app.source = IDENTITY_APP_SERVICE;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct reply r = read_answer(&app, cases[i].status,
					     cases[i].body, NULL, NULL);

		assert_int_equal(r.fault.kind, cases[i].kind);
		assert_non_null(strstr(r.fault.text, cases[i].says));
	}
}

static void date_header_corrects_the_clock(void **state)
{
	struct reply r = read_answer(&machine, 200,
				     "{\"access_token\":\"" TOKEN
				     "\",\"expires_on\":1800000100}",
				     "Fri, 15 Jan 2027 08:00:00 GMT", NULL);

	(void)state;
	assert_int_equal(r.fault.kind, FAULT_NONE);
	assert_true(r.token.lifetime_ms == 100000);
	assert_true(r.date_ms == INT64_C(1800000000000));
	reply_free(&r);
}

static void bad_tokens_are_refused(void **state)
{
	static const char *const bodies[] = {
		"",
		"{}",
		"[]",
		"null",
		"\"T\"",
		"{\"access_token\":",
		"{\"access_token\":\"\",\"expires_in\":10}",
		"{\"access_token\":null,\"expires_in\":10}",
		"{\"access_token\":12,\"expires_in\":10}",
		"{\"access_token\":\"https\",\"expires_in\":10}",
		"{\"access_token\":\"fifteen-letters\",\"expires_in\":10}",
		"{\"access_token\":\"secretTsecretT secretT\",\"expires_in\":10}",
		"{\"access_token\":\"secretTsecretTsecretT\\r\\nX-Evil: 1\",\"expires_in\":10}",
		"{\"access_token\":\"secretTsecretTsecretT\xc3\xa4\",\"expires_in\":10}",
		"{\"access_token\":\"secretTsecretTsecretT\"}",
		"{\"access_token\":\"secretTsecretTsecretT\",\"expires_in\":0}",
		"{\"access_token\":\"secretTsecretTsecretT\",\"expires_in\":-5}",
		"{\"access_token\":\"secretTsecretTsecretT\",\"expires_in\":\"soon\"}",
		"{\"access_token\":\"secretTsecretTsecretT\",\"expires_on\":1}",
		"{\"access_token\":\"secretTsecretTsecretT\",\"expires_on\":[]}",
		"{\"access_token\":\"secretTsecretTsecretT\",\"expires_on\":-1}",
		"{\"access_token\":\"secretTsecretTsecretT\",\"expires_in\":9,"
		"\"token_type\":\"pop\"}",
		"{\"access_token\":\"secretTsecretTsecretT\",\"expires_in\":9,"
		"\"token_type\":7}",
		"{\"access_token\":\"secretTsecretTsecretT\",\"expires_in\":9,"
		"\"access_token\":\"secretTsecretTsecretT\"}",
	};
	char *long_one = text_alloc(TOKEN_MAX + 2, 1), *body;
	struct reply r;

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		r = read_answer(&machine, 200, bodies[i], NULL, NULL);
		if (r.fault.kind != FAULT_INVALID)
			print_message("taken: %s\n", bodies[i]);
		assert_int_equal(r.fault.kind, FAULT_INVALID);
		assert_null(strstr(r.fault.text, "secretT"));
		assert_string_equal(r.fault.request_id, "req-1");
		reply_free(&r);
	}
	memset(long_one, 'x', TOKEN_MAX + 1);
	body = text_printf("{\"access_token\":\"%s\",\"expires_in\":9}",
			   long_one);
	r = read_answer(&machine, 200, body, NULL, NULL);
	assert_int_equal(r.fault.kind, FAULT_INVALID);
	free(body);
	long_one[TOKEN_MAX] = '\0';
	body = text_printf("{\"access_token\":\"%s\",\"expires_in\":9}",
			   long_one);
	r = read_answer(&machine, 200, body, NULL, NULL);
	assert_int_equal(r.fault.kind, FAULT_NONE);
	reply_free(&r);
	free(body);
	free(long_one);
}

static void entra_errors(void **state)
{
	static const struct {
		int status;
		const char *body, *code, *says;
		enum fault_kind kind;
	} cases[] = {
		{ 401,
		  "{\"error\":\"invalid_client\",\"error_description\":"
		  "\"AADSTS7000215: Invalid client secret provided.\\r\\nTrace "
		  "ID: x\",\"error_codes\":[7000215]}",
		  "invalid_client", "secret is wrong", FAULT_DENIED },
		{ 400,
		  "{\"error\":\"unauthorized_client\","
		  "\"error_description\":\"AADSTS700016: Application not "
		  "found\"}",
		  "unauthorized_client", "no application", FAULT_DENIED },
		{ 400,
		  "{\"error\":\"invalid_request\",\"error_codes\":"
		  "[90002]}",
		  "invalid_request", "no such tenant", FAULT_DENIED },
		{ 400,
		  "{\"error\":\"invalid_request\",\"error_description\":"
		  "\"AADSTS50059: No tenant-identifying information found in "
		  "either the request or implied by any provided "
		  "credentials.\"}",
		  "invalid_request", "tokens from one tenant", FAULT_DENIED },
		{ 400,
		  "{\"error\":\"access_denied\",\"error_description\":"
		  "\"AADSTS53003: Access has been blocked by Conditional "
		  "Access policies.\",\"error_codes\":[53003]}",
		  "access_denied", "Conditional Access policy of the tenant",
		  FAULT_DENIED },
		{ 400,
		  "{\"error\":\"access_denied\",\"error_description\":"
		  "\"AADSTS530003: Your device is required to be managed to "
		  "access this resource.\"}",
		  "access_denied", "wants a managed device", FAULT_DENIED },
		{ 401,
		  "{\"error\":\"unauthorized_client\",\"error_codes\":"
		  "[7000112]}",
		  "unauthorized_client", "application is disabled",
		  FAULT_DENIED },
		{ 401,
		  "{\"error\":\"invalid_client\",\"error_description\":"
		  "\"AADSTS700027: Client assertion failed signature "
		  "validation. [Reason - The key was not found., Thumbprint "
		  "of key used by client: 'A'\"}",
		  "invalid_client", "certificate is not registered",
		  FAULT_DENIED },
		{ 401,
		  "{\"error\":\"invalid_client\",\"error_description\":"
		  "\"AADSTS700027: Client assertion contains an invalid "
		  "signature. [Reason - The key used is expired.\"}",
		  "invalid_client", "certificate has expired", FAULT_DENIED },
		{ 400, "{\"error\":\"temporarily_unavailable\"}",
		  "temporarily_unavailable", "HTTP 400", FAULT_TRANSIENT },
		{ 400, "{\"error\":\"x\",\"error_codes\":[90006]}", "x", "",
		  FAULT_TRANSIENT },
		{ 400, "{\"error\":\"x\",\"error_codes\":[\"90012\"]}", "x", "",
		  FAULT_TRANSIENT },
		{ 400, "{\"error\":\"x\",\"error_codes\":[90024]}", "x", "",
		  FAULT_TRANSIENT },
		{ 400, "not json", "", "HTTP 400", FAULT_DENIED },
		{ 404, "", "", "HTTP 404", FAULT_DENIED },
		{ 403, "", "", "HTTP 403", FAULT_DENIED },
		{ 408, "", "", "HTTP 408", FAULT_TRANSIENT },
		{ 429, "{\"error\":\"temporarily_unavailable\"}",
		  "temporarily_unavailable", "", FAULT_THROTTLED },
		{ 500, "", "", "HTTP 500", FAULT_TRANSIENT },
		{ 503, "<html>", "", "HTTP 503", FAULT_TRANSIENT },
		{ 302, "", "", "HTTP 302", FAULT_INVALID },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct reply r = read_answer(&secret_credential,
					     cases[i].status, cases[i].body,
					     NULL, "7");

		assert_int_equal(r.fault.kind, cases[i].kind);
		assert_int_equal(r.fault.code, cases[i].status);
		assert_string_equal(r.fault.azure_code, cases[i].code);
		assert_non_null(strstr(r.fault.text, cases[i].says));
		assert_non_null(strstr(r.fault.text, "(request id req-1)."));
		assert_null(strstr(r.fault.text, "Trace ID"));
		assert_int_equal(r.fault.retry_after_ms, 7000);
		reply_free(&r);
	}
}

/* What may mean this or that gets no hint: the words stand alone. */
static void ambiguous_errors_get_no_hint(void **state)
{
	static const struct {
		const struct credential *credential;
		const char *body, *rest;
	} cases[] = {
		{ &secret_credential,
		  "{\"error\":\"invalid_resource\",\"error_description\":"
		  "\"AADSTS50001: Resource identifier is not provided.\"}",
		  "HTTP 400 invalid_resource: AADSTS50001: Resource" },
		{ &machine,
		  "{\"error\":\"invalid_request\",\"error_description\":"
		  "\"Something else\"}",
		  "HTTP 400 invalid_request: Something else (" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct reply r = read_answer(cases[i].credential, 400,
					     cases[i].body, NULL, NULL);

		assert_non_null(strstr(r.fault.text, cases[i].rest));
		reply_free(&r);
	}
}

/* The hint is what to do: asking whether it is assigned would mislead. */
static void several_identities_and_none_named(void **state)
{
	struct reply r = read_answer(
		&machine, 400,
		"{\"error\":\"invalid_request\",\"error_description\":"
		"\"Multiple user assigned identities exist, please specify the "
		"clientId / resourceId of the identity in the token "
		"request\"}",
		NULL, NULL);

	(void)state;
	assert_int_equal(r.fault.kind, FAULT_DENIED);
	assert_non_null(strstr(r.fault.text,
			       "invalid_request: name one with client-id "
			       "in the credential block; Multiple"));
	assert_null(strstr(r.fault.text, "assigned to this machine"));
	reply_free(&r);
}

static void machine_errors(void **state)
{
	static const struct {
		int status;
		const char *body, *retry_after, *says;
		enum fault_kind kind;
		int64_t wait;
	} cases[] = {
		{ 400,
		  "{\"error\":\"invalid_request\",\"error_description\":"
		  "\"Identity not found\"}",
		  NULL, "this machine has no identity of its own", FAULT_DENIED,
		  -1 },
		{ 403,
		  "{\"error\":\"\",\"error_description\":\"connecting to "
		  "169.254.169.254:80: dial tcp: connect: A socket operation "
		  "was attempted to an unreachable network.\"}",
		  NULL, "no metadata service is there", FAULT_DENIED, -1 },
		{ 400, "{\"error\":\"bad_request_102\"}", NULL,
		  "bad_request_102", FAULT_DENIED, -1 },
		{ 401, "{\"error\":\"unknown_source\"}", NULL, "unknown_source",
		  FAULT_DENIED, -1 },
		{ 404, "", NULL, "being updated", FAULT_TRANSIENT, -1 },
		{ 404, "", NULL, "no Azure VM", FAULT_TRANSIENT, -1 },
		{ 410, "", "3600", "being updated", FAULT_TRANSIENT, 70000 },
		{ 410, "", "30", "being updated", FAULT_TRANSIENT, 30000 },
		{ 429, "", "3600", "HTTP 429", FAULT_THROTTLED, 3600000 },
		{ 408, "", NULL, "HTTP 408", FAULT_TRANSIENT, -1 },
		{ 500, "", NULL, "HTTP 500", FAULT_TRANSIENT, 1000 },
		{ 301, "", NULL, "HTTP 301", FAULT_INVALID, -1 },
	};
	bool updating;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct reply r = read_answer(&machine, cases[i].status,
					     cases[i].body, NULL,
					     cases[i].retry_after);

		assert_int_equal(r.fault.kind, cases[i].kind);
		assert_non_null(strstr(r.fault.text, cases[i].says));
		assert_true(r.fault.retry_after_ms == cases[i].wait);
		/* Of an update it is known how long it takes at most. */
		updating = cases[i].status == 404 || cases[i].status == 410;
		assert_int_equal(r.fault.heals_ms, updating ? 70000 : 0);
		assert_false(r.maybe_done);
		reply_free(&r);
	}
}

/* Each number that an application meets is told with what helps. */
static void every_number_has_its_remedy(void **state)
{
	static const struct {
		int number;
		const char *says;
	} rows[] = {
		{ 500011, "is the cloud block right, and the tenant?" },
		{ 70011, "is the cloud block right?" },
		{ 700016, "are client-id and tenant right?" },
		{ 700011, "are client-id and tenant right?" },
		{ 7000112, "somebody has to enable" },
		{ 7000215, "its value is wanted, not its id" },
		{ 7000222, "make a new one" },
		{ 50012, "compare its secret or certificate" },
		{ 700027, "is the certificate in the file the one" },
		{ 700024, "check this host's clock" },
		{ 70021, "issuer, subject and audience: compare" },
		{ 700213, "subject: compare" },
		{ 90002, "are the option tenant and the cloud" },
		{ 900144, "does a proxy on the way" },
		{ 90006, "that passes" },
		{ 90012, "asked again" },
		{ 90024, "asked again" },
		{ 53003, "Conditional Access" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *body =
			text_printf("{\"error\":\"e\",\"error_codes\":[%d],"
				    "\"error_description\":\"AADSTS%d: "
				    "No.\",\"trace_id\":\"t-1\"}",
				    rows[i].number, rows[i].number);
		char *code = text_printf("AADSTS%d", rows[i].number);
		struct reply r =
			read_answer(&secret_credential, 400, body, NULL, NULL);

		assert_non_null(strstr(r.fault.text, rows[i].says));
		assert_non_null(strstr(r.fault.text, code));
		assert_non_null(strstr(r.fault.text, " (trace id "));
		assert_string_equal(r.fault.inner_code, code);
		free(code);
		free(body);
	}
}

/* What Microsoft's support asks for. */
static void entra_tells_its_trace(void **state)
{
	struct reply r = read_answer(
		&secret_credential, 401,
		"{\"error\":\"invalid_client\",\"error_description\":"
		"\"AADSTS7000222: The provided client secret keys are expired."
		"\\r\\nTrace ID: t-1\",\"error_codes\":[7000222],\"trace_id\":"
		"\"t-1\"}",
		NULL, NULL);

	(void)state;
	assert_non_null(strstr(r.fault.text,
			       "HTTP 401 invalid_client: the client secret has "
			       "expired: make a new one and write it into the "
			       "secret-file; AADSTS7000222: "));
	assert_true(text_suffix(r.fault.text, " (trace id req-1)."));
	reply_free(&r);
}

static void careless_answers_leak_nothing(void **state)
{
	struct reply r = read_answer(
		&secret_credential, 400,
		"{\"error\":\"invalid_request\",\"error_description\":\"bad "
		"eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJhdWQ.c2ln and eyJ "
		"short\"}",
		NULL, NULL);

	(void)state;
	assert_non_null(strstr(r.fault.text, "bad (token) and eyJ short"));
	reply_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(secret_is_posted_as_a_form,
						start, stop),
		cmocka_unit_test_setup_teardown(claims_go_with_the_form, start,
						stop),
		cmocka_unit_test_setup_teardown(slash_at_the_end_is_doubled,
						start, stop),
		cmocka_unit_test_setup_teardown(what_cannot_be_asked, start,
						stop),
		cmocka_unit_test_setup_teardown(
			managed_identity_asks_the_machine, start, stop),
		cmocka_unit_test_setup_teardown(app_service_is_asked, start,
						stop),
		cmocka_unit_test_setup_teardown(fabric_is_not_asked, start,
						stop),
		cmocka_unit_test_setup_teardown(arc_is_asked_twice, start,
						stop),
		cmocka_unit_test_setup_teardown(arc_names_its_file, start,
						stop),
		cmocka_unit_test_setup_teardown(arc_has_to_echo, start, stop),
		cmocka_unit_test_setup_teardown(what_app_service_refuses, start,
						stop),
		cmocka_unit_test_setup_teardown(tokens_are_read, start, stop),
		cmocka_unit_test_setup_teardown(tokens_of_others_are_refused,
						start, stop),
		cmocka_unit_test_setup_teardown(date_header_corrects_the_clock,
						start, stop),
		cmocka_unit_test_setup_teardown(bad_tokens_are_refused, start,
						stop),
		cmocka_unit_test_setup_teardown(entra_errors, start, stop),
		cmocka_unit_test_setup_teardown(ambiguous_errors_get_no_hint,
						start, stop),
		cmocka_unit_test_setup_teardown(
			several_identities_and_none_named, start, stop),
		cmocka_unit_test_setup_teardown(machine_errors, start, stop),
		cmocka_unit_test_setup_teardown(every_number_has_its_remedy,
						start, stop),
		cmocka_unit_test_setup_teardown(entra_tells_its_trace, start,
						stop),
		cmocka_unit_test_setup_teardown(careless_answers_leak_nothing,
						start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
