/* azure/queue, azure/hint: messages of a queue, and what they are about.  The
 * answers are those that Azurite 3.35 gives, and Microsoft's samples. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "azure/hint.h"
#include "azure_help.h"
#include "base/text.h"

#define QUEUE "https://acct.queue.core.windows.net/hints"
#define HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>"
#define VERSION "abcdef0123456789abcdef0123456789"
#define TOPIC                                                    \
	"/subscriptions/11111111-2222-3333-4444-555555555555/"   \
	"resourceGroups/rg/providers/Microsoft.KeyVault/vaults/" \
	"contoso"

static int start(void **state)
{
	(void)state;
	azure_start(&(struct call){ .kind = CALL_HINTS,
				    .ticket = 9,
				    .url = QUEUE,
				    .hidden_s = 60,
				    .at = NOW },
		    "https://contoso.vault.azure.net/keys/k");
	return 0;
}

/* ---- asking ---- */

static void messages_are_asked_for(void **state)
{
	struct exchange x;
	struct fault f;

	(void)state;
	assert_true(call_build(&cloud, &call, NULL, NOW, &x, &f));
	assert_string_equal(x.method, "GET");
	assert_string_equal(x.url, QUEUE
			    "/messages?numofmessages=32&visibilitytimeout=60");
	assert_true(x.bearer);
	exchange_free(&x);
	for (int i = 0; i < 2; i++) {
		call.hidden_s = i ? 3601 : 0;
		assert_false(call_build(&cloud, &call, NULL, NOW, &x, &f));
		assert_non_null(strstr(f.text, "1 to 3600 seconds"));
	}
	call.peek = true;
	assert_true(call_build(&cloud, &call, NULL, NOW, &x, &f));
	assert_string_equal(x.url,
			    QUEUE "/messages?numofmessages=32&peekonly=true");
	exchange_free(&x);
	call.hidden_s = 1;
	call.url = "https://acct.queue.core.windows.net/hints?sig=1";
	assert_false(call_build(&cloud, &call, NULL, NOW, &x, &f));
}

static void a_message_is_dropped_by_its_receipt(void **state)
{
	struct exchange x;
	struct fault f;

	(void)state;
	call.kind = CALL_HINT_DROP;
	call.message = "58a0a42b-0857-40bf-ba2b-7e011a1326f1";
	call.receipt = "AgAAAAMAAAAAAAAACp5XUvPE1QE+/=";
	assert_true(call_build(&cloud, &call, NULL, NOW, &x, &f));
	assert_string_equal(x.method, "DELETE");
	assert_string_equal(x.url, QUEUE
			    "/messages/58a0a42b-0857-40bf-ba2b-7e011a1326f1"
			    "?popreceipt=AgAAAAMAAAAAAAAACp5XUvPE1QE%2B%2F%3D");
	exchange_free(&x);
	/* Nobody's words lead elsewhere. */
	call.message = "../x?y";
	assert_true(call_build(&cloud, &call, NULL, NOW, &x, &f));
	assert_non_null(
		strstr(x.url, "/hints/messages/..%2Fx%3Fy?popreceipt="));
	exchange_free(&x);
	call.message = "";
	assert_false(call_build(&cloud, &call, NULL, NOW, &x, &f));
	call.message = NULL;
	assert_false(call_build(&cloud, &call, NULL, NOW, &x, &f));
}

/* ---- the list ---- */

static void no_messages(void **state)
{
	struct reply r =
		azure_read(azure_answer(200, HEAD "<QueueMessagesList/>"));

	(void)state;
	assert_int_equal(r.fault.kind, FAULT_NONE);
	assert_int_equal(r.hints.n, 0);
	assert_int_equal(r.hints.dropped, 0);
	reply_free(&r);
}

#define MESSAGE(id, receipt, text)                                           \
	"<QueueMessage><MessageId>" id "</MessageId><InsertionTime>Sun, "    \
	"29 Nov 2026 08:32:04 GMT</InsertionTime><ExpirationTime>Sun, 06 "   \
	"Dec 2026 08:32:04 GMT</ExpirationTime><PopReceipt>" receipt         \
	"</PopReceipt><TimeNextVisible>Sun, 29 Nov 2026 08:33:04 GMT"        \
	"</TimeNextVisible><DequeueCount>2</DequeueCount><MessageText>" text \
	"</MessageText></QueueMessage>"

static void messages_are_read(void **state)
{
	struct reply r = azure_read(azure_answer(
		200,
		HEAD "<QueueMessagesList>" MESSAGE(
			"510477ab-203b-4730-a2a3-5a6485a4e80e",
			"MjlOb3YyMDI2MDg6MzI6MDQ5YWYw", "eyJhIjoxfQ==")
			MESSAGE("a", "b",
				"{\"eventType\":\"Microsoft.KeyVault."
				"KeyNewVersionCreated\",\"data\":{\"Id\":"
				"\"https://contoso.vault.azure.net/keys/k/" VERSION
				"\"}}") "</QueueMessagesList>"));
	const struct hint_event *event;

	(void)state;
	assert_int_equal(r.fault.kind, FAULT_NONE);
	assert_int_equal(r.hints.n, 2);
	assert_string_equal(r.hints.hints[0].message,
			    "510477ab-203b-4730-a2a3-5a6485a4e80e");
	assert_string_equal(r.hints.hints[0].receipt,
			    "MjlOb3YyMDI2MDg6MzI6MDQ5YWYw");
	assert_int_equal(r.hints.hints[0].n_events, 0);
	assert_int_equal(r.hints.hints[0].dequeued, 2);
	assert_string_equal(r.hints.hints[1].receipt, "b");
	assert_int_equal(r.hints.hints[1].n_events, 1);
	event = &r.hints.hints[1].events[0];
	assert_int_equal(event->kind, HINT_NEW_VERSION);
	assert_string_equal(event->key.host, "contoso.vault.azure.net");
	assert_string_equal(event->key.name, "k");
	assert_string_equal(event->key.version, VERSION);
	reply_free(&r);
	assert_null(r.hints.hints);
}

static void what_cannot_be_dropped_is_counted(void **state)
{
	struct buf body;
	struct reply r;

	(void)state;
	buf_init(&body, 100000);
	buf_puts(&body, "<QueueMessagesList>" MESSAGE("", "b", "x") MESSAGE(
				"a", "",
				"x") "<QueueMessage/>"
				     "<Other><MessageId>a</MessageId></Other>");
	for (int i = 0; i < HINTS_MAX + 3; i++)
		buf_puts(&body, MESSAGE("a", "b", "x"));
	buf_puts(&body, "</QueueMessagesList>");
	r = azure_read(azure_answer(200, buf_str(&body)));
	assert_int_equal(r.fault.kind, FAULT_NONE);
	assert_int_equal(r.hints.n, HINTS_MAX);
	assert_int_equal(r.hints.dropped, 6);
	reply_free(&r);
	buf_free(&body);
}

static void what_is_no_list_is_a_fault(void **state)
{
	static const char *const bodies[] = {
		"",
		"{}",
		"<QueueMessages/>",
		("<QueueMessagesList>" MESSAGE("a", "b", "x")),
		"<!DOCTYPE a><QueueMessagesList/>",
		("<EnumerationResults><QueueMessagesList/>"
		 "</EnumerationResults>"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		struct reply r = azure_read(azure_answer(200, bodies[i]));

		assert_int_equal(r.fault.kind, FAULT_INVALID);
		assert_non_null(strstr(r.fault.text,
				       "Reading messages of the queue " QUEUE
				       " failed: "));
		reply_free(&r);
	}
}

static void a_refusal_is_told_in_storages_words(void **state)
{
	struct answer a = azure_answer(
		404, HEAD
		"\n<Error>\n  <Code>QueueNotFound</Code>\n  <Message>The "
		"specified queue does not exist.\nRequestId:7116bf16-33fb-42bd-"
		"a7ec-b9ccd41bccf5\nTime:2026-11-29T08:32:04.304Z</Message>\n"
		"</Error>");
	struct reply r;

	(void)state;
	a.headers[ANSWER_REQUEST_ID] = text_dup("7116bf16");
	r = azure_read(a);
	assert_int_equal(r.fault.kind, FAULT_MISSING);
	assert_string_equal(r.fault.azure_code, "QueueNotFound");
	assert_string_equal(r.fault.request_id, "7116bf16");
	assert_non_null(
		strstr(r.fault.text, "The specified queue does not exist"));
	assert_null(strstr(r.fault.text, "RequestId:"));
}

static void a_token_that_is_not_taken_is_renewed(void **state)
{
	struct answer a = azure_answer(
		403, HEAD "<Error><Code>AuthenticationFailed</Code><Message>"
			  "Server failed to authenticate the request."
			  "</Message></Error>");
	struct reply r = azure_read(a);

	(void)state;
	assert_int_equal(r.fault.kind, FAULT_AUTH);
	a = azure_answer(401, "");
	a.headers[ANSWER_ERROR_CODE] = text_dup("InvalidAuthenticationInfo");
	a.headers[ANSWER_WWW_AUTHENTICATE] = text_dup(
		"Bearer authorization_uri=https://login.microsoftonline.com/"
		"11111111-2222-3333-4444-555555555555/oauth2/authorize "
		"resource_id=https://storage.azure.com");
	call.credential =
		&(struct credential){ .name = (char[]){ "c" },
				      .kind = CREDENTIAL_CLIENT_SECRET };
	r = azure_read(a);
	assert_int_equal(r.fault.kind, FAULT_AUTH);
	assert_string_equal(r.challenge_tenant,
			    "11111111-2222-3333-4444-555555555555");
	assert_string_equal(r.challenge_audience, "");
}

static void who_else_has_the_message_is_no_fault(void **state)
{
	static const struct {
		int status;
		const char *code;
		bool gone;
	} rows[] = { { 204, NULL, false },
		     { 404, "MessageNotFound", true },
		     { 400, "PopReceiptMismatch", true } };

	(void)state;
	call.kind = CALL_HINT_DROP;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct answer a = azure_answer(rows[i].status, "");
		struct reply r;

		a.headers[ANSWER_ERROR_CODE] = text_dup(rows[i].code);
		r = azure_read(a);
		assert_int_equal(r.fault.kind, FAULT_NONE);
		assert_int_equal(r.drop.gone, rows[i].gone);
	}
	assert_int_equal(azure_read(azure_answer(404, "")).fault.kind,
			 FAULT_MISSING);
}

/* ---- events ---- */

static struct hint hint(const char *text)
{
	struct hint h = { .message = NULL };

	hint_read(&cloud, text, &h);
	return h;
}

static void is(const char *text, enum hint_kind kind, const char *host,
	       const char *name, const char *version)
{
	struct hint h = hint(text);

	if (h.n_events != 1 || h.events[0].kind != kind)
		fail_msg("%zu, of kind %d: %s", h.n_events,
			 h.n_events ? (int)h.events[0].kind : 0, text);
	assert_string_equal(h.events[0].key.host, host);
	assert_string_equal(h.events[0].key.name, name);
	assert_string_equal(h.events[0].key.version, version);
	hint_clear(&h);
}

static void is_foreign(const char *text)
{
	struct hint h = hint(text);

	if (h.n_events)
		fail_msg("%zu, of kind %d: %.200s", h.n_events,
			 (int)h.events[0].kind, text);
	hint_clear(&h);
}

#define KV "Microsoft.KeyVault."
#define CONTOSO "contoso.vault.azure.net"

static void event_grids_schema(void **state)
{
	(void)state;
	/* Microsoft's sample: odd member names, numbers as strings, null. */
	is("{\"id\":\"00eccf70-95a7-4e7c-8299-2eb17ee9ad64\",\"topic\":\"" TOPIC
	   "\",\"subject\":\"newkey\",\"eventType\":\"" KV
	   "KeyNewVersionCreated\",\"eventTime\":\"2019-07-25T01:08:33."
	   "1036736Z\",\"data\":{\"Id\":\"https://" CONTOSO
	   "/keys/newkey/" VERSION
	   "\",\"vaultName\":\"contoso\",\"objectType\":\"Key\",\"objectName "
	   "\":\"newkey\",\" version\":\"" VERSION
	   "\",\"nbf\":\"1559081980\",\"exp\":null},\"dataVersion\":\"1\","
	   "\"metadataVersion\":\"1\"}",
	   HINT_NEW_VERSION, CONTOSO, "newkey", VERSION);
	is("[{\"eventType\":\"" KV
	   "KeyNearExpiry\",\"data\":{\"Id\":\"https://" CONTOSO "/keys/k\"}}]",
	   HINT_NEAR_EXPIRY, CONTOSO, "k", "");
	is("{\"eventType\":\"" KV "KeyExpired\",\"subject\":\"k\",\"topic\":"
	   "\"" TOPIC "\",\"data\":null}",
	   HINT_EXPIRED, CONTOSO, "k", "");
	is("{\"eventType\":\"" KV "KeyExpired\",\"data\":{\"VaultName\":"
	   "\"Contoso\",\"ObjectName\":\"k\",\"Id\":7}}",
	   HINT_EXPIRED, CONTOSO, "k", "");
	is("{\"eventType\":\"" KV
	   "VaultAccessPolicyChanged\",\"topic\":\"" TOPIC
	   "\",\"subject\":\"contoso\",\"data\":{}}",
	   HINT_ACCESS, CONTOSO, "", "");
	is("{\"eventType\":\"" KV "VaultAccessPolicyChanged\",\"data\":{"
	   "\"Id\":\"https://" CONTOSO ":8443/x\"}}",
	   HINT_ACCESS, CONTOSO ":8443", "", "");
	is("{\"eventType\":\"" KV "VaultAccessPolicyChanged\",\"data\":{"
	   "\"Id\":\"https://" CONTOSO "\"}}",
	   HINT_ACCESS, CONTOSO, "", "");
}

static void cloud_events(void **state)
{
	(void)state;
	is("{\"specversion\":\"1.0\",\"id\":\"1\",\"type\":\"" KV
	   "KeyNewVersionCreated\",\"source\":\"" TOPIC
	   "\",\"subject\":\"k\",\"time\":\"2026-01-02T19:57:19.3Z\",\"data\":"
	   "{\"Id\":\"https://" CONTOSO "/keys/k/" VERSION
	   "\",\"VaultName\":\"contoso\",\"ObjectType\":\"Key\"}}",
	   HINT_NEW_VERSION, CONTOSO, "k", VERSION);
	is("{\"type\":\"" KV "KeyNearExpiry\",\"source\":\"" TOPIC
	   "/\",\"subject\":\"k\"}",
	   HINT_NEAR_EXPIRY, CONTOSO, "k", "");
}

static void base64_or_plain(void **state)
{
	static const char *const texts[] = {
		/* {"type":"Microsoft.KeyVault.KeyExpired",
		 * "data":{"Id":"https://contoso.vault.azure.net/keys/k"}} */
		"eyJ0eXBlIjoiTWljcm9zb2Z0LktleVZhdWx0LktleUV4cGlyZWQiLCJkYXRh"
		"Ijp7IklkIjoiaHR0cHM6Ly9jb250b3NvLnZhdWx0LmF6dXJlLm5ldC9rZXlz"
		"L2sifX0=",
		" eyJ0eXBlIjoiTWljcm9zb2Z0LktleVZhdWx0LktleUV4cGlyZWQiLCJkYXRh"
		"\r\nIjp7IklkIjoiaHR0cHM6Ly9jb250b3NvLnZhdWx0LmF6dXJlLm5ldC9rZ"
		"XlzL2sifX0\n",
		/* With a byte order mark in front. */
		"77u/eyJ0eXBlIjoiTWljcm9zb2Z0LktleVZhdWx0LktleUV4cGlyZWQiLCJk"
		"YXRhIjp7IklkIjoiaHR0cHM6Ly9jb250b3NvLnZhdWx0LmF6dXJlLm5ldC9r"
		"ZXlzL2sifX0=",
		"\xef\xbb\xbf \n{\"type\":\"" KV "KeyExpired\",\"data\":"
		"{\"Id\":\"https://" CONTOSO "/keys/k\"}}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		is(texts[i], HINT_EXPIRED, CONTOSO, "k", "");
}

static void what_is_foreign(void **state)
{
	static const char *const texts[] = {
		"",
		" ",
		"x",
		"{",
		"[]",
		"[1]",
		"{}",
		"null",
		"e30=",
		"eyJ0eXBl*",
		"\xff\xfe",
		"{\"eventType\":1,\"data\":{\"Id\":\"https://" CONTOSO
		"/keys/k\"}}",
		/* Kinds that are nobody's here. */
		"{\"eventType\":\"" KV "SecretNewVersionCreated\",\"data\":"
		"{\"Id\":\"https://" CONTOSO "/keys/k\"}}",
		"{\"eventType\":\"x" KV "KeyExpired\",\"data\":{\"Id\":"
		"\"https://" CONTOSO "/keys/k\"}}",
		"{\"eventType\":\"" KV "KeyExpiredX\",\"data\":{\"Id\":"
		"\"https://" CONTOSO "/keys/k\"}}",
		"{\"eventType\":\"" KV "KeyExpired\",\"data\":{\"Id\":"
		"\"https://" CONTOSO "/keys/k\",\"ObjectType\":\"Secret\"}}",
		/* No key, or none that could be one. */
		"{\"eventType\":\"" KV "KeyExpired\"}",
		"{\"eventType\":\"" KV "KeyExpired\",\"data\":{\"Id\":"
		"\"https://" CONTOSO "/secrets/k\"}}",
		"{\"eventType\":\"" KV "KeyExpired\",\"data\":{\"Id\":"
		"\"http://" CONTOSO "/keys/k\"}}",
		"{\"eventType\":\"" KV "KeyExpired\",\"data\":{\"VaultName\":"
		"\"contoso.evil.com/x\",\"ObjectName\":\"../k\"}}",
		"{\"eventType\":\"" KV "VaultAccessPolicyChanged\"}",
		/* Twins are none of JSON's. */
		"{\"eventType\":\"" KV "KeyExpired\",\"eventType\":\"" KV
		"KeyExpired\",\"data\":{\"Id\":\"https://" CONTOSO
		"/keys/k\"}}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		is_foreign(texts[i]);
}

/* What Event Grid does not send, and what others may. */
static void what_else_a_queue_may_hold(void **state)
{
	(void)state;
	/* CloudEvents in binary mode, whose attributes are headers, which a
	 * queue has not: nothing tells what happened. */
	is_foreign("{\"Id\":\"https://" CONTOSO "/keys/k/" VERSION
		   "\",\"VaultName\":\"contoso\",\"ObjectType\":\"Key\","
		   "\"ObjectName\":\"k\",\"Version\":\"" VERSION "\"}");
	/* Data in base64, or in a text: the subject tells enough. */
	is("{\"specversion\":\"1.0\",\"type\":\"" KV
	   "KeyNewVersionCreated\",\"source\":\"" TOPIC
	   "\",\"subject\":\"k\",\"data_base64\":\"e30=\"}",
	   HINT_NEW_VERSION, CONTOSO, "k", "");
	is("{\"type\":\"" KV "KeyNewVersionCreated\",\"source\":\"" TOPIC
	   "\",\"subject\":\"k\",\"data\":\"{}\"}",
	   HINT_NEW_VERSION, CONTOSO, "k", "");
	/* {"type":"Microsoft.KeyVault.KeyExpired","data":{"Id":
	 * "https://contoso.vault.azure.net/keys/k"}}, in base64 twice. */
	is_foreign("ZXlKMGVYQmxJam9pVFdsamNtOXpiMlowTGt0bGVWWmhkV3gwTGt0bGVVVjR"
		   "jR2x5WldRaUxDSmtZWFJoSWpwN0lrbGtJam9pYUhSMGNITTZMeTlqYjI1MG"
		   "IzTnZMblpoZFd4MExtRjZkWEpsTG01bGRDOXJaWGx6TDJzaWZYMD0=");
	/* No time is read. */
	is("{\"eventType\":\"" KV "KeyNewVersionCreated\",\"eventTime\":"
	   "\"9999-12-31T23:59:59Z\",\"data\":{\"Id\":\"https://" CONTOSO
	   "/keys/k\",\"NBF\":253402300799,\"EXP\":\"-1\"}}",
	   HINT_NEW_VERSION, CONTOSO, "k", "");
	is("{\"eventType\":\"" KV "KeyNewVersionCreated\",\"eventTime\":1e99,"
	   "\"data\":{\"Id\":\"https://" CONTOSO "/keys/k\"}}",
	   HINT_NEW_VERSION, CONTOSO, "k", "");
	/* A managed HSM has no events; one that is made up is about its own
	 * key, and never about a vault's of its name. */
	is("{\"eventType\":\"" KV "KeyExpired\",\"data\":{\"Id\":"
	   "\"https://contoso.managedhsm.azure.net/keys/k\"}}",
	   HINT_EXPIRED, "contoso.managedhsm.azure.net", "k", "");
	is_foreign("{\"eventType\":\"" KV "KeyExpired\",\"subject\":\"k\","
		   "\"topic\":\"/subscriptions/x/"
		   "resourceGroups/g/providers/Microsoft.KeyVault/managedHSMs/"
		   "contoso\"}");
}

#define EXPIRED(key) \
	"{\"type\":\"" KV "KeyExpired\",\"data\":{\"Id\":\"" key "\"}}"
#define K "https://" CONTOSO "/keys/"

static void of_several_each_key_counts_once(void **state)
{
	struct hint h = hint("[{},7," EXPIRED(K "b") "," EXPIRED(
		K
		"a") ",{\"type\":\"" KV
		     "KeyExpired\"}," EXPIRED(
			     K
			     "a/" VERSION) ","
					   "{\"type\":\"" KV
					   "KeyNewVersionCreated\",\"data\":{\"Id\":\"" K
					   "B/" VERSION "\"}},{\"type\":\"" KV
					   "VaultAccessPolicyChanged\",\"data\":{\"Id\":\"https://" CONTOSO
					   "\"}},{\"type\":\"" KV
					   "VaultAccessPolicyChanged\",\"source\":\"" TOPIC
					   "\"}]");

	(void)state;
	assert_int_equal(h.n_events, 3);
	assert_int_equal(h.events[0].kind, HINT_ACCESS);
	assert_string_equal(h.events[1].key.name, "a");
	assert_int_equal(h.events[1].kind, HINT_EXPIRED);
	assert_int_equal(h.events[2].kind, HINT_NEW_VERSION);
	assert_string_equal(h.events[2].key.version, VERSION);
	hint_clear(&h);
}

/* Whatever stands before it, and however many there are in one message. */
static void the_last_of_many_counts(void **state)
{
	struct buf many;
	struct hint h;
	size_t n = 0;

	(void)state;
	buf_init(&many, HINT_TEXT_MAX);
	buf_puts(&many, "[");
	for (int i = 0; i < 100; i++)
		buf_puts(&many, "1,{},");
	buf_puts(&many, EXPIRED(K "last") "]");
	is(buf_str(&many), HINT_EXPIRED, CONTOSO, "last", "");
	buf_free(&many);
	/* The shortest there are. */
	buf_init(&many, HINT_TEXT_MAX);
	buf_puts(&many, "[0");
	while (many.len + 100 < HINT_TEXT_MAX)
		buf_printf(&many,
			   ",{\"type\":\"" KV "KeyExpired\",\"source\":"
			   "\"/vaults/abc\",\"subject\":\"%zu\"}",
			   n++);
	buf_puts(&many, "]");
	h = hint(buf_str(&many));
	assert_in_range(n, 700, HINT_EVENTS_MAX);
	assert_int_equal(h.n_events, n);
	hint_clear(&h);
	buf_free(&many);
}

static void a_huge_message_is_foreign(void **state)
{
	char *text = text_alloc(HINT_TEXT_MAX + 2, 1);

	(void)state;
	memset(text, ' ', HINT_TEXT_MAX + 1);
	text[0] = '{';
	text[HINT_TEXT_MAX] = '}';
	is_foreign(text);
	memset(text, '[', HINT_TEXT_MAX);
	text[HINT_TEXT_MAX] = '\0';
	is_foreign(text);
	memset(text, 'A', HINT_TEXT_MAX);
	is_foreign(text);
	free(text);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, start, azure_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(messages_are_asked_for),
		EACH(a_message_is_dropped_by_its_receipt),
		EACH(no_messages),
		EACH(messages_are_read),
		EACH(what_cannot_be_dropped_is_counted),
		EACH(what_is_no_list_is_a_fault),
		EACH(a_refusal_is_told_in_storages_words),
		EACH(a_token_that_is_not_taken_is_renewed),
		EACH(who_else_has_the_message_is_no_fault),
		EACH(event_grids_schema),
		EACH(cloud_events),
		EACH(base64_or_plain),
		EACH(what_is_foreign),
		EACH(of_several_each_key_counts_once),
		EACH(the_last_of_many_counts),
		EACH(what_else_a_queue_may_hold),
		EACH(a_huge_message_is_foreign),
	};

	return cmocka_run_group_tests_name("queue", tests, NULL, NULL);
}
