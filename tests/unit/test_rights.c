/* azure/rights, azure/claims, azure/base64url: what a caller may do, and who
 * it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "azure/base64url.h"
#include "azure/claims.h"
#include "azure/rights.h"
#include "base/text.h"

#define NOW INT64_C(1700000000000)
#define ACR "Microsoft.ContainerRegistry/registries"
#define REGISTRY                                                     \
	"/subscriptions/11111111-2222-3333-4444-555555555555/"       \
	"resourceGroups/p(1)/providers/Microsoft.ContainerRegistry/" \
	"registries/contosoprod"

static void patterns(void **state)
{
	static const struct {
		const char *pattern, *action;
		bool fits;
	} rows[] = {
		{ "*", ACR "/write", true },
		{ ACR "/write", ACR "/write", true },
		{ "microsoft.containerregistry/REGISTRIES/write", ACR "/write",
		  true },
		{ ACR "/*", ACR "/operationStatuses/read", true },
		{ ACR "/*/read", ACR "/operationStatuses/read", true },
		{ ACR "/*/read", ACR "/read", false },
		{ "*/read", ACR "/read", true },
		{ "*/read", ACR "/write", false },
		{ "Microsoft.ContainerRegistry/*/write", ACR "/write", true },
		{ ACR, ACR "/write", false },
		{ ACR "/write/", ACR "/write", false },
		{ "*a*a*b", "aaaaaaaaaaaab", true },
		{ "*a*a*c", "aaaaaaaaaaaab", false },
		{ "", ACR "/read", false },
		{ "", "", true },
		{ "**", "", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(rights_match(rows[i].pattern, rows[i].action),
				 rows[i].fits);
	assert_false(rights_match(NULL, "x"));
}

static struct reply ask(int status, const char *body)
{
	struct credential c = { .name = (char[]){ "c" } };
	struct call call = { .kind = CALL_RIGHTS,
			     .registry = REGISTRY,
			     .credential = &c };
	struct answer a = { .status = status, .fault = fault_none() };
	struct cloud cloud = { 0 };
	struct reply r;

	cloud_profile(&cloud, "public");
	buf_init(&a.body, 100000);
	buf_puts(&a.body, body);
	call_read(&cloud, &call, NULL, NULL, &a, NOW, &r);
	answer_free(&a);
	cloud_free(&cloud);
	return r;
}

/* What one role takes away another may give; what it takes away itself is
 * gone. */
static void over_all_roles(void **state)
{
	static const struct {
		const char *value;
		unsigned granted;
	} rows[] = {
		{ "[]", 0 },
		{ "[{\"actions\":[\"*\"]}]",
		  CALL_RIGHT_READ | CALL_RIGHT_WRITE | CALL_RIGHT_OPERATIONS },
		{ "[{\"actions\":[\"*\"],\"notActions\":[\"*/write\"]}]",
		  CALL_RIGHT_READ | CALL_RIGHT_OPERATIONS },
		{ "[{\"actions\":[\"*\"],\"notActions\":[\"*/write\"]},"
		  "{\"Actions\":[\"" ACR "/write\"]}]",
		  CALL_RIGHT_READ | CALL_RIGHT_WRITE | CALL_RIGHT_OPERATIONS },
		{ "[{\"actions\":[\"" ACR "/read\"]},null,3,"
		  "{\"actions\":\"*\"},{\"actions\":[null,7]}]",
		  CALL_RIGHT_READ },
		/* Those are about images, not about the registry. */
		{ "[{\"actions\":[],\"dataActions\":[\"*\"]}]", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *body = text_printf("{\"value\":%s}", rows[i].value);
		struct reply r = ask(200, body);

		assert_int_equal(r.fault.kind, FAULT_NONE);
		assert_int_equal(r.rights.granted, rows[i].granted);
		assert_false(r.rights.partial);
		reply_free(&r);
		free(body);
	}
}

static void no_list_is_a_fault(void **state)
{
	struct reply r = ask(200, "{\"value\":{}}");

	(void)state;
	assert_int_equal(r.fault.kind, FAULT_INVALID);
	assert_non_null(strstr(r.fault.text, "may do with registry "
					     "contosoprod failed"));
	r = ask(403, "{\"error\":{\"code\":\"AuthorizationFailed\"}}");
	assert_int_equal(r.fault.kind, FAULT_DENIED);
	r = ask(200, "{\"value\":[],\"nextLink\":\"https://x\"}");
	assert_int_equal(r.fault.kind, FAULT_NONE);
	assert_true(r.rights.partial);
}

static void the_url(void **state)
{
	struct call call = { .kind = CALL_RIGHTS, .registry = REGISTRY };
	struct cloud cloud = { 0 };
	struct exchange x;
	struct fault f;

	(void)state;
	cloud_profile(&cloud, "public");
	assert_true(call_build(&cloud, &call, NULL, NOW, &x, &f));
	assert_string_equal(x.method, "GET");
	assert_true(x.bearer);
	assert_string_equal(
		x.url,
		"https://management.azure.com/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/p%281%29/providers/Microsoft.ContainerRegistry/registries/contosoprod/providers/Microsoft.Authorization/permissions?api-version=2022-04-01");
	exchange_free(&x);
	call.registry = "nonsense";
	assert_false(call_build(&cloud, &call, NULL, NOW, &x, &f));
	cloud_free(&cloud);
}

/* ---- knocking at a host ---- */

static void knocking_carries_no_token(void **state)
{
	struct call calls[] = {
		{ .kind = CALL_REACH,
		  .subscription = "11111111-2222-3333-4444-555555555555" },
		{ .kind = CALL_REACH,
		  .url = "https://login.microsoftonline.com" },
		{ .kind = CALL_REACH, .url = "http://169.254.169.254" },
		{ .kind = CALL_REACH },
	};
	static const char *const urls[] = {
		"https://management.azure.com/subscriptions/11111111-2222-3333-4444-555555555555/providers/Microsoft.ContainerRegistry/registries?api-version=2023-07-01",
		"https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration",
		"http://169.254.169.254/",
		"https://v1v.vault.azure.net/keys/K?api-version=7.4",
	};
	struct cloud cloud = { 0 };
	struct exchange x;
	struct fault f;

	(void)state;
	cloud_profile(&cloud, "public");
	keyid_parse(&calls[3].key, "https://v1v.vault.azure.net/keys/K", &f);
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		assert_true(call_build(&cloud, &calls[i], NULL, NOW, &x, &f));
		assert_string_equal(x.url, urls[i]);
		assert_false(x.bearer);
		assert_int_equal(x.local, i == 2);
		exchange_free(&x);
	}
	calls[1].url = "https://elsewhere.example";
	assert_false(call_build(&cloud, &calls[1], NULL, NOW, &x, &f));
	cloud_free(&cloud);
}

static void any_answer_will_do(void **state)
{
	static const int statuses[] = { 200, 302, 400, 401, 404, 503 };
	struct call call = { .kind = CALL_REACH, .url = "http://x" };

	(void)state;
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		struct answer a = { .status = statuses[i],
				    .peer = "10.1.2.3",
				    .fault = fault_none() };
		struct reply r;

		buf_init(&a.body, 100);
		buf_puts(&a.body, "<html>");
		call_read(NULL, &call, NULL, NULL, &a, NOW, &r);
		assert_int_equal(r.fault.kind, FAULT_NONE);
		assert_int_equal(r.reach.status, statuses[i]);
		assert_string_equal(r.reach.peer, "10.1.2.3");
		answer_free(&a);
	}
}

static void no_answer_tells_the_step(void **state)
{
	struct call call = { .kind = CALL_REACH, .url = "http://x" };
	struct answer a = { .step = STEP_TLS };
	struct reply r;

	(void)state;
	buf_init(&a.body, 0);
	fault_set(&a.fault, FAULT_TRANSIENT, 0, "No TLS.");
	call_read(NULL, &call, NULL, NULL, &a, NOW, &r);
	assert_int_equal(r.fault.kind, FAULT_TRANSIENT);
	assert_int_equal(r.step, STEP_TLS);
}

/* ---- who it is ---- */

static char *encode(const char *s)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmn"
				     "opqrstuvwxyz0123456789-_";
	size_t len = strlen(s);
	struct buf out;

	buf_init(&out, 100000);
	for (size_t bit = 0; bit < len * 8; bit += 6) {
		unsigned two = (unsigned char)s[bit / 8] * 256u;

		if (bit / 8 + 1 < len)
			two += (unsigned char)s[bit / 8 + 1];
		buf_add(&out, &digits[two >> (10 - bit % 8) & 63], 1);
	}
	return out.data ? out.data : text_dup("");
}

static bool read_claims(const char *payload, struct claims *c)
{
	char *middle = encode(payload);
	char *token = text_printf("e30.%s.c2ln", middle);
	bool ok = claims_read(token, c);

	free(middle);
	free(token);
	return ok;
}

#define A "aaaaaaaa-0000-4000-8000-000000000001"
#define B "bbbbbbbb-0000-4000-8000-000000000002"
#define C "cccccccc-0000-4000-8000-000000000003"

static void claims_are_told(void **state)
{
	struct claims c;

	(void)state;
	assert_true(read_claims("{\"tid\":\"" A "\",\"appid\":\"BBBBBBBB-0000-"
				"4000-8000-000000000002\",\"oid\":\"" C
				"\",\"exp\":1700003600,\"name\":\"x\"}",
				&c));
	assert_string_equal(c.tenant, A);
	assert_string_equal(c.client, B);
	assert_string_equal(c.object, C);
	assert_int_equal(c.expires, INT64_C(1700003600000));
	assert_true(read_claims("{\"azp\":\"" B "\"}", &c));
	assert_string_equal(c.client, B);
	assert_string_equal(c.object, "");
	assert_int_equal(c.expires, -1);
}

/* Whatever else stands there may be a secret. */
static void nothing_else_comes_out(void **state)
{
	static const char *const none[] = {
		"{\"appid\":\"hunter2\",\"oid\":\"" A "x\"}",
		"{\"appid\":7,\"oid\":null}",
		"{\"tid\":\"" A "\"}",
		"[]",
		"",
		"{",
	};
	static const char *const tokens[] = { "",	 "abc", "a.b",
					      "a.b+/.c", "..",	"a.e30=.b",
					      "a.e.b" };
	struct claims c;

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		assert_false(read_claims(none[i], &c));
		assert_string_equal(c.tenant, "");
		assert_int_equal(c.expires, -1);
	}
	for (size_t i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++)
		assert_false(claims_read(tokens[i], &c));
}

static void base64url_is_read(void **state)
{
	static const struct {
		const char *from, *to;
	} rows[] = { { "", "" },	   { "Zg", "f" },
		     { "Zg==", "f" },	   { "Zm8", "fo" },
		     { "Zm9v", "foo" },	   { "Zm9vYg", "foob" },
		     { "_-8", "\xff\xef" } };
	struct buf out;

	(void)state;
	buf_init(&out, 5);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_reset(&out);
		assert_true(base64url_add(&out, rows[i].from,
					  strlen(rows[i].from)));
		assert_string_equal(buf_str(&out), rows[i].to);
	}
	buf_reset(&out);
	assert_true(base64url_add(&out, "Zm9v", 4));
	/* As it was: a bad letter, a bad length, no room. */
	assert_false(base64url_add(&out, "Zm+v", 4));
	assert_false(base64url_add(&out, "Zm9vZ", 5));
	assert_false(base64url_add(&out, "Zm9v", 4));
	assert_string_equal(buf_str(&out), "foo");
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns),
		cmocka_unit_test(over_all_roles),
		cmocka_unit_test(no_list_is_a_fault),
		cmocka_unit_test(the_url),
		cmocka_unit_test(knocking_carries_no_token),
		cmocka_unit_test(any_answer_will_do),
		cmocka_unit_test(no_answer_tells_the_step),
		cmocka_unit_test(claims_are_told),
		cmocka_unit_test(nothing_else_comes_out),
		cmocka_unit_test(base64url_is_read),
	};

	return cmocka_run_group_tests_name("rights", tests, NULL, NULL);
}
