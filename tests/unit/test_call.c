/* azure/call: what all questions have in common. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "azure/call.h"
#include "azure/reply_header.h"
#include "base/secret.h"
#include "base/text.h"

#define NOW INT64_C(1700000000000) /* Tue, 14 Nov 2023 22:13:20 GMT */
#define ID                                                                   \
	"/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups" \
	"/prod/providers/Microsoft.ContainerRegistry/registries/contosoprod"

static struct cloud cloud;

static int start(void **state)
{
	(void)state;
	cloud_profile(&cloud, "public");
	return 0;
}

static int stop(void **state)
{
	(void)state;
	cloud_free(&cloud);
	return 0;
}

static void headers_are_read(void **state)
{
	static const struct {
		const char *value, *date;
		int64_t ms;
	} cases[] = {
		{ NULL, NULL, -1 },
		{ "0", NULL, 0 },
		{ "10", NULL, 10000 },
		{ "86400", NULL, 86400000 },
		{ "86401", NULL, 86400000 },
		{ "99999999999999999999999999", NULL, 86400000 },
		{ "-5", NULL, -1 },
		{ "1.5", NULL, -1 },
		{ "10 ", NULL, -1 },
		{ "soon", NULL, -1 },
		{ "", NULL, -1 },
		{ "Tue, 14 Nov 2023 22:14:20 GMT", NULL, 60000 },
		{ "Tue, 14 Nov 2023 22:14:20 GMT",
		  "Tue, 14 Nov 2023 22:14:10 GMT", 10000 },
		{ "Tue, 14 Nov 2023 22:14:20 GMT", "rubbish", 60000 },
		{ "Tue, 14 Nov 2023 22:13:19 GMT", NULL, 0 },
		{ "Tue, 14 Nov 2034 22:13:19 GMT", NULL, 86400000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct answer a = { .status = 429 };

		a.headers[ANSWER_RETRY_AFTER] = text_dup(cases[i].value);
		a.headers[ANSWER_DATE] = text_dup(cases[i].date);
		assert_true(reply_header_retry_after(&a, NOW) == cases[i].ms);
		answer_free(&a);
	}
}

static void remaining_counts_follow_the_method(void **state)
{
	struct answer a = { .status = 200 };
	struct call call = { .kind = CALL_REGISTRY, .registry = ID };
	struct reply r;

	(void)state;
	a.fault = fault_none();
	call_read(&cloud, &call, NULL, NULL, &a, NOW, &r);
	assert_int_equal(r.remaining, -1);
	assert_int_equal(r.date_ms, -1);
	a.headers[ANSWER_REMAINING_READS] = text_dup("799");
	a.headers[ANSWER_REMAINING_WRITES] = text_dup("99999999999");
	a.headers[ANSWER_DATE] = text_dup("Tue, 14 Nov 2023 22:13:20 GMT");
	call_read(&cloud, &call, NULL, NULL, &a, NOW, &r);
	assert_int_equal(r.remaining, 799);
	assert_true(r.date_ms == NOW);
	call.kind = CALL_PATCH;
	call_read(&cloud, &call, NULL, NULL, &a, NOW, &r);
	assert_int_equal(r.remaining, INT32_MAX);
	reply_free(&r);
	answer_free(&a);
	a.headers[ANSWER_REMAINING_WRITES] = text_dup("-1");
	call_read(&cloud, &call, NULL, NULL, &a, NOW, &r);
	assert_int_equal(r.remaining, -1);
	reply_free(&r);
	answer_free(&a);
}

static void transport_faults_keep_their_kind(void **state)
{
	struct call call = { .kind = CALL_PATCH, .ticket = 5, .registry = ID };
	struct answer a = { .maybe_sent = true, .rtt_ms = 12 };
	struct reply r;

	(void)state;
	fault_set(&a.fault, FAULT_TRANSIENT, 28, "The connection timed out.");
	call_read(&cloud, &call, NULL, NULL, &a, NOW, &r);
	assert_int_equal(r.fault.kind, FAULT_TRANSIENT);
	assert_int_equal(r.fault.code, 28);
	assert_int_equal(r.fault.retry_after_ms, -1);
	assert_string_equal(r.fault.text,
			    "Changing the key of registry "
			    "contosoprod failed: The connection timed out.");
	assert_true(r.maybe_done);
	assert_int_equal(r.ticket, 5);
	assert_int_equal(r.rtt_ms, 12);
	reply_free(&r);
	a.maybe_sent = false;
	call_read(&cloud, &call, NULL, NULL, &a, NOW, &r);
	assert_false(r.maybe_done);
	a.maybe_sent = true;
	call.kind = CALL_REGISTRY;
	call_read(&cloud, &call, NULL, NULL, &a, NOW, &r);
	assert_false(r.maybe_done);
	fault_set(&a.fault, FAULT_LOCAL, 0, "%s", "");
	call_read(&cloud, &call, NULL, NULL, &a, NOW, &r);
	assert_int_equal(r.fault.kind, FAULT_LOCAL);
	assert_non_null(strstr(r.fault.text, "no answer came"));
}

/* Whatever was asked, and whatever the answer says. */
static void how_far_it_came_is_told(void **state)
{
	static const struct {
		struct answer a;
		enum fault_kind fault;
		bool answered, reached, multiplexed, vetoed;
	} cases[] = {
		{ { .status = 200, .maybe_sent = true, .http2 = true },
		  FAULT_NONE,
		  true,
		  true,
		  true,
		  false },
		{ { .status = 200 }, FAULT_NONE, true, true, false, false },
		{ { .status = 503, .maybe_sent = true },
		  FAULT_NONE,
		  true,
		  true,
		  false,
		  false },
		{ { .status = 401, .maybe_sent = true, .http2 = true },
		  FAULT_NONE,
		  true,
		  true,
		  true,
		  false },
		{ { .maybe_sent = true },
		  FAULT_TRANSIENT,
		  false,
		  true,
		  false,
		  false },
		{ { .status = 0 },
		  FAULT_TRANSIENT,
		  false,
		  false,
		  false,
		  false },
		{ { .vetoed = true }, FAULT_LOCAL, false, false, false, true },
	};
	char name[] = "n";
	struct credential c = { .name = name };
	struct call call = { .credential = &c, .registry = ID };

	(void)state;
	for (int kind = CALL_TOKEN; kind <= CALL_OPERATION; kind++) {
		for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
			struct answer a = cases[i].a;
			struct reply r;

			if (cases[i].fault == FAULT_NONE)
				a.fault = fault_none();
			else
				fault_set(&a.fault, cases[i].fault, 0, "Why.");
			call.kind = (enum call_kind)kind;
			call_read(&cloud, &call, NULL, NULL, &a, NOW, &r);
			assert_int_equal(r.answered, cases[i].answered);
			assert_int_equal(r.reached, cases[i].reached);
			assert_int_equal(r.multiplexed, cases[i].multiplexed);
			assert_int_equal(r.vetoed, cases[i].vetoed);
			if (r.vetoed)
				assert_false(r.maybe_done);
			reply_free(&r);
		}
	}
}

/* A page in the place of an answer says nothing of what was asked. */
static void pages_are_no_answers(void **state)
{
	static char name[] = "one";
	static const struct credential app = { .kind = CREDENTIAL_CLIENT_SECRET,
					       .name = name };
	static const struct credential vm = {
		.kind = CREDENTIAL_MANAGED_IDENTITY, .name = name
	};
	static const struct credential arc = {
		.kind = CREDENTIAL_MANAGED_IDENTITY,
		.source = IDENTITY_ARC,
		.name = name
	};
	static const char login[] = "https://login.corp.example/?to=x";
	static const struct {
		enum call_kind kind;
		int status;
		const char *body, *location;
		const struct credential *credential;
		const char *challenge, *says; /* NULL: no page */
		enum fault_kind fault;
	} cases[] = {
		{ CALL_KEY, 200, "<html>Sign in</html>", NULL, NULL, NULL,
		  "HTTP 200, but a page for people (HTML) came in place of an "
		  "answer: this is not Azure but what stands before it",
		  FAULT_TRANSIENT },
		{ CALL_KEY, 404, "\xef\xbb\xbf\r\n <!DOCTYPE HTML>", NULL, NULL,
		  NULL, "HTTP 404, but a page", FAULT_TRANSIENT },
		{ CALL_REGISTRY, 403, "<!-- blocked -->", NULL, NULL, NULL,
		  "HTTP 403, but a page", FAULT_TRANSIENT },
		{ CALL_PATCH, 200, "<head>", NULL, NULL, NULL, "HTTP 200, but",
		  FAULT_TRANSIENT },
		{ CALL_TOKEN, 200, "<body>", NULL, &app, NULL, "HTTP 200, but",
		  FAULT_TRANSIENT },
		{ CALL_KEY, 302, "", login, NULL, NULL,
		  "HTTP 302, but it leads to login.corp.example instead of "
		  "answering: this",
		  FAULT_TRANSIENT },
		{ CALL_LIST, 307, "", "/login", NULL, NULL,
		  "HTTP 307, but it leads elsewhere", FAULT_TRANSIENT },
		/* Of a service of this host other words are true. */
		{ CALL_TOKEN, 200, "<html>", NULL, &vm, NULL,
		  "HTTP 200, but a page for people (HTML) came in place of an "
		  "answer: this is not the metadata service but something on "
		  "this host or its network that answers in its place, such as "
		  "a transparent proxy",
		  FAULT_TRANSIENT },
		{ CALL_TOKEN, 302, "", login, &vm, NULL,
		  "HTTP 302, but it leads to login.corp.example instead of "
		  "answering: this is not the metadata service but something",
		  FAULT_TRANSIENT },
		{ CALL_TOKEN, 403, "<html>", NULL, &arc, NULL,
		  "this is not the Azure Arc agent but something on this host",
		  FAULT_TRANSIENT },
		/* Who is no Azure VM may have another cloud's there. */
		{ CALL_TOKEN, 404, "<html>", NULL, &vm, NULL, NULL,
		  FAULT_TRANSIENT },
		{ CALL_TOKEN, 410, "<html>", NULL, &vm, NULL, NULL,
		  FAULT_TRANSIENT },
		/* RFC 6585 section 6: never from who was asked. */
		{ CALL_KEY, 511, "", NULL, NULL, NULL,
		  "HTTP 511, for a network wants a login first: this is not "
		  "Azure but what stands before it",
		  FAULT_TRANSIENT },
		{ CALL_PATCH, 511, "<html>", login, NULL, NULL,
		  "HTTP 511, for a network wants a login first",
		  FAULT_TRANSIENT },
		{ CALL_TOKEN, 511, "{}", NULL, &app, NULL,
		  "HTTP 511, for a network wants a login first: this is not "
		  "Azure but",
		  FAULT_TRANSIENT },
		{ CALL_TOKEN, 511, "", NULL, &vm, NULL,
		  "HTTP 511, for a network wants a login first: this is not "
		  "the metadata service but something on this host",
		  FAULT_TRANSIENT },
		{ CALL_KEY, 401, "<html>", NULL, NULL,
		  "Bearer authorization=\"https://login/x\"", NULL,
		  FAULT_AUTH },
		{ CALL_REGISTRY, 502, "<html>", NULL, NULL, NULL, NULL,
		  FAULT_TRANSIENT },
		{ CALL_KEY, 404, "{\"error\":{\"code\":\"KeyNotFound\"}}", NULL,
		  NULL, NULL, NULL, FAULT_MISSING },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct call call = { .kind = cases[i].kind,
				     .registry = ID,
				     .subscription = ID,
				     .audience = "https://vault.azure.net",
				     .credential = cases[i].credential };
		struct answer a = { .status = cases[i].status };
		struct reply r;

		keyid_parse(&call.key, "https://v-1.vault.azure.net/keys/k",
			    &a.fault);
		a.headers[ANSWER_DATE] =
			text_dup("Tue, 14 Nov 2023 22:13:20 GMT");
		a.headers[ANSWER_LOCATION] = text_dup(cases[i].location);
		a.headers[ANSWER_WWW_AUTHENTICATE] =
			text_dup(cases[i].challenge);
		buf_init(&a.body, 1000);
		buf_puts(&a.body, cases[i].body);
		call_read(&cloud, &call, NULL, NULL, &a, NOW, &r);
		assert_int_equal(r.fault.kind, cases[i].fault);
		assert_int_equal(r.fault.code, cases[i].status);
		if (!cases[i].says) {
			assert_null(strstr(r.fault.text, "this is not"));
			assert_true(r.date_ms == NOW);
		} else {
			if (!strstr(r.fault.text, cases[i].says))
				fail_msg("%s", r.fault.text);
			/* It is nobody's clock, and may have been done. */
			assert_true(r.date_ms == -1);
			assert_int_equal(r.maybe_done,
					 cases[i].kind == CALL_PATCH);
		}
		reply_free(&r);
		answer_free(&a);
	}
}

static void request_ids_are_shown(void **state)
{
	struct call call = { .kind = CALL_REGISTRY, .registry = ID };
	struct answer a = { .status = 500 };
	struct reply r;

	(void)state;
	a.fault = fault_none();
	buf_init(&a.body, 10000);
	buf_puts(&a.body, "{\"error\":{\"code\":\"InternalServerError\","
			  "\"message\":\"");
	for (int i = 0; i < 100; i++)
		buf_puts(&a.body, "words and ");
	buf_puts(&a.body, "\"}}");
	a.headers[ANSWER_REQUEST_ID] =
		text_dup("8b3f0000-0000-4000-8000-00000000\x01 000");
	call_read(&cloud, &call, NULL, NULL, &a, NOW, &r);
	assert_string_equal(r.fault.request_id,
			    "8b3f0000-0000-4000-8000-00000000  000");
	assert_string_equal(r.fault.azure_code, "InternalServerError");
	assert_true(text_suffix(r.fault.text, "(request id 8b3f0000-0000-4000-"
					      "8000-00000000  000)."));
	/* As much as goes in, in whole words. */
	assert_true(strlen(r.fault.text) > FAULT_TEXT_MAX - 10);
	assert_true(strlen(r.fault.text) < FAULT_TEXT_MAX);
	assert_true(strstr(r.fault.text, "words ... (request id") ||
		    strstr(r.fault.text, "and ... (request id"));
	answer_free(&a);
}

/* However long the names are: one whole line within its limits. */
static void long_names_stay_in_bounds(void **state)
{
	char *audience = text_alloc(2000, 1), name[] = "n";
	struct credential c = { .name = name };
	struct call call = { .kind = CALL_TOKEN, .credential = &c };
	struct answer a = { .status = 403 };
	struct reply r;

	(void)state;
	memset(audience, 'x', 1999);
	call.audience = audience;
	a.fault = fault_none();
	a.headers[ANSWER_REQUEST_ID] = text_printf("%0*d", 300, 1);
	buf_init(&a.body, 1000);
	buf_puts(&a.body,
		 "{\"error\":\"long_code_long_code_long_code_long_code_"
		 "long_code_long_code_long_code\",\"error_description\":"
		 "\"text\"}");
	call_read(&cloud, &call, NULL, NULL, &a, NOW, &r);
	assert_int_equal(r.fault.kind, FAULT_DENIED);
	assert_true(strlen(r.fault.text) < FAULT_TEXT_MAX);
	assert_int_equal(strlen(r.fault.azure_code), FAULT_CODE_MAX - 1);
	assert_int_equal(strlen(r.fault.request_id), FAULT_CODE_MAX - 1);
	answer_free(&a);
	free(audience);
}

static void check_description(struct call *call, enum call_kind kind,
			      const char *want)
{
	char s[600];

	call->kind = kind;
	call_describe(call, s, sizeof(s));
	assert_string_equal(s, want);
}

static void calls_are_described(void **state)
{
	char name[] = "default";
	struct credential c = { .name = name };
	struct call call = {
		.credential = &c,
		.audience = "https://vault.azure.net",
		.registry = ID,
		.identity = "system",
		.subscription = "SUB",
		.url = "https://management.azure.com/op?secret=1",
	};
	struct fault f;

	(void)state;
	keyid_parse(&call.key, "https://v1v.vault.azure.net/keys/K", &f);
	check_description(&call, CALL_TOKEN,
			  "get a token for https://vault."
			  "azure.net with credential \"default\"");
	check_description(&call, CALL_KEY,
			  "read key https://v1v.vault.azure.net/keys/K");
	check_description(&call, CALL_REGISTRY, "read registry " ID);
	check_description(&call, CALL_LIST,
			  "list the registries of "
			  "subscription SUB (next page)");
	check_description(&call, CALL_PATCH,
			  "set key https://v1v.vault.azure."
			  "net/keys/K with identity system on registry " ID);
	check_description(&call, CALL_OPERATION,
			  "read operation "
			  "https://management.azure.com/op");
	call = (struct call){ .kind = CALL_TOKEN };
	check_description(&call, CALL_TOKEN,
			  "get a token for (unknown) with "
			  "credential \"(unknown)\"");
	check_description(&call, CALL_LIST,
			  "list the registries of subscription (unknown)");
	check_description(&call, CALL_OPERATION, "read operation (unknown)");
}

static void faults_name_what_was_tried(void **state)
{
	static const struct {
		enum call_kind kind;
		const char *begins;
	} cases[] = {
		{ CALL_TOKEN, "Getting a token for (unknown) with" },
		{ CALL_REGISTRY, "Reading registry not-an-id failed" },
		{ CALL_LIST, "Listing the registries of subscription" },
		{ CALL_OPERATION, "Reading the state of the change of" },
	};
	char *url = text_printf("https://management.azure.com/%0*d", 300, 1);
	struct call call = { .registry = "not-an-id", .url = url };
	struct answer a = { .status = 0 };
	struct reply r;

	(void)state;
	fault_set(&a.fault, FAULT_TRANSIENT, 7, "no route");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		call.kind = cases[i].kind;
		call_read(&cloud, &call, NULL, NULL, &a, NOW, &r);
		assert_true(text_prefix(r.fault.text, cases[i].begins));
	}
	call.registry = NULL;
	call_read(&cloud, &call, NULL, NULL, &a, NOW, &r);
	assert_true(text_prefix(r.fault.text,
				"Reading the state of the "
				"operation https://management.azure.com/0"));
	assert_non_null(strstr(r.fault.text, "0... failed: no route."));
	free(url);
}

static struct reply read_with(const struct call *call, const char *sent,
			      const char *known, int status, const char *body)
{
	struct secret one = secret_of(sent);
	struct secret all[] = { one, secret_of(known) };
	const struct secrets own = { &one, 1 }, every = { all, 2 };
	struct answer a = { .status = status };
	struct reply r;

	a.fault = fault_none();
	buf_init(&a.body, 10000);
	buf_puts(&a.body, body);
	a.headers[ANSWER_REQUEST_ID] = text_dup(known);
	call_read(&cloud, call, &own, &every, &a, NOW, &r);
	answer_free(&a);
	return r;
}

/* One host hands out a token that stands in the answers of another: nothing is
 * decided otherwise by it, and still nobody is told it. */
static void a_token_of_others_changes_nothing(void **state)
{
	static const char host[] = "https://prod.vault.azure.net";
	static const char body[] =
		"{\"key\":{\"kid\":\"https://prod.vault.azure.net/keys/k/"
		"0123456789abcdef0123456789abcdef\",\"kty\":\"RSA\",\"n\":"
		"\"AQAB\"},\"attributes\":{\"enabled\":true,\"created\":1,"
		"\"recoveryLevel\":\"Recoverable+Purgeable\"}}";
	struct call call = { .kind = CALL_KEY };
	struct reply r;

	(void)state;
	text_copy(call.key.host, sizeof(call.key.host), "prod.vault.azure.net");
	text_copy(call.key.name, sizeof(call.key.name), "k");
	r = read_with(&call, "what was sent here", host, 200, body);
	assert_int_equal(r.fault.kind, FAULT_NONE);
	reply_free(&r);
	r = read_with(&call, "what was sent here", "Recoverable+Purgeable", 200,
		      body);
	assert_int_equal(r.fault.kind, FAULT_NONE);
	assert_false(r.key.purge_protected);
	reply_free(&r);
	/* What was sent here is another matter. */
	r = read_with(&call, host, "something known", 200, body);
	assert_int_equal(r.fault.kind, FAULT_INVALID);
	reply_free(&r);
	r = read_with(&call, "what was sent here", "something known", 400,
		      "{\"error\":{\"code\":\"BadParameter\",\"message\":"
		      "\"what%20was%20sent%20here and something known\"}}");
	assert_non_null(strstr(r.fault.text, "(secret) and (secret)"));
	assert_string_equal(r.fault.request_id, "(secret)");
	reply_free(&r);
}

/* It would be sent on to whoever is asked with the token. */
static void a_secret_is_no_token(void **state)
{
	static const char *const tokens[] = {
		"hunter2~hunter2~hunter2",
		"x.hunter2~hunter2~hunter2.x",
		"hunter2%7ehunter2%7Ehunter2",
		"eyJodW50ZXIyfmh1bnRlcjJ+aHVudGVyMg.hunter2~hunter2~hunter2",
		"aHVudGVyMn5odW50ZXIyfmh1bnRlcjI",
	};
	struct credential c = { .name = (char[]){ "c" },
				.kind = CREDENTIAL_CLIENT_SECRET };
	struct call call = { .kind = CALL_TOKEN,
			     .credential = &c,
			     .audience = "https://vault.azure.net" };

	(void)state;
	for (size_t i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++) {
		char *body = text_printf("{\"access_token\":\"%s\","
					 "\"expires_in\":3599}",
					 tokens[i]);
		struct reply r = read_with(&call, "hunter2~hunter2~hunter2",
					   "something known", 200, body);

		assert_int_equal(r.fault.kind, FAULT_INVALID);
		assert_non_null(strstr(r.fault.text, "the secret that was"));
		assert_null(strstr(r.fault.text, "hunter2"));
		reply_free(&r);
		r = read_with(&call, "hunter3~hunter3~hunter3",
			      "something known", 200, body);
		assert_int_equal(r.fault.kind, FAULT_NONE);
		assert_string_equal(r.token.secret, tokens[i]);
		reply_free(&r);
		free(body);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(headers_are_read),
		TEST(remaining_counts_follow_the_method),
		TEST(transport_faults_keep_their_kind),
		TEST(how_far_it_came_is_told),
		TEST(pages_are_no_answers),
		TEST(request_ids_are_shown),
		TEST(long_names_stay_in_bounds),
		TEST(calls_are_described),
		TEST(faults_name_what_was_tried),
		TEST(a_token_of_others_changes_nothing),
		TEST(a_secret_is_no_token),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
