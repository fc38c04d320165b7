/* azure/lease, azure/storage: the steps with a lease, whose it is by the
 * answer, and where a token for Storage may go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "azure/storage_url.h"
#include "azure_help.h"
#include "base/text.h"

#define BLOB "https://acct.blob.core.windows.net/keyrotd/leader"
#define ID "0b1c2d3e-4f50-4a6b-8c7d-8e9fa0b1c2d3"
#define OTHER_ID "1b1c2d3e-4f50-4a6b-8c7d-8e9fa0b1c2d3"

static int start(void **state)
{
	(void)state;
	azure_start(&(struct call){ .kind = CALL_LEASE,
				    .ticket = 9,
				    .url = BLOB,
				    .lease_id = ID,
				    .lease_s = 30,
				    .at = NOW },
		    "https://contoso.vault.azure.net/keys/k");
	return 0;
}

static const char *field(const struct exchange *x, const char *name)
{
	for (size_t i = 0; i < x->n_fields; i++)
		if (!strcmp(x->fields[i].name, name))
			return x->fields[i].value;
	return "(none)";
}

static struct exchange build(enum lease_step step)
{
	struct exchange x;
	struct fault f;

	call.lease_step = step;
	assert_true(call_build(&cloud, &call, NULL, 5, &x, &f));
	assert_true(x.bearer);
	assert_false(x.local);
	assert_string_equal(x.accept, "application/xml");
	assert_string_equal(field(&x, "x-ms-version: "), "2021-12-02");
	assert_string_equal(field(&x, "x-ms-date: "),
			    "Tue, 14 Nov 2023 22:13:20 GMT");
	return x;
}

static void the_blob_is_made_when_it_is_missing(void **state)
{
	struct exchange x = build(LEASE_MAKE);

	(void)state;
	assert_string_equal(x.method, "PUT");
	assert_string_equal(x.url, BLOB);
	assert_string_equal(x.body, "");
	assert_string_equal(field(&x, "If-None-Match: "), "*");
	assert_string_equal(field(&x, "x-ms-blob-type: "), "BlockBlob");
	exchange_free(&x);
}

static void each_step_names_its_lease(void **state)
{
	struct exchange x = build(LEASE_ACQUIRE);

	(void)state;
	assert_string_equal(x.method, "PUT");
	assert_string_equal(x.url, BLOB "?comp=lease");
	assert_string_equal(field(&x, "x-ms-lease-action: "), "acquire");
	assert_string_equal(field(&x, "x-ms-proposed-lease-id: "), ID);
	assert_string_equal(field(&x, "x-ms-lease-duration: "), "30");
	exchange_free(&x);
	x = build(LEASE_RENEW);
	assert_string_equal(field(&x, "x-ms-lease-action: "), "renew");
	assert_string_equal(field(&x, "x-ms-lease-id: "), ID);
	assert_string_equal(field(&x, "x-ms-lease-duration: "), "(none)");
	exchange_free(&x);
	x = build(LEASE_RELEASE);
	assert_string_equal(field(&x, "x-ms-lease-action: "), "release");
	assert_string_equal(field(&x, "x-ms-lease-id: "), ID);
	exchange_free(&x);
	x = build(LEASE_LOOK);
	/* The blob may be as large as it likes. */
	assert_string_equal(x.method, "HEAD");
	assert_string_equal(x.url, BLOB);
	assert_null(x.body);
	exchange_free(&x);
}

static void the_holder_is_told_in_metadata(void **state)
{
	struct lease_holder h = { .host = "ops-1",
				  .version = "1.0.0",
				  .id = ID };
	struct exchange x;

	(void)state;
	call.holder = &h;
	x = build(LEASE_TELL);
	assert_string_equal(x.method, "PUT");
	assert_string_equal(x.url, BLOB "?comp=metadata");
	assert_string_equal(field(&x, "x-ms-lease-id: "), ID);
	assert_string_equal(field(&x, "x-ms-meta-host: "), "ops-1");
	assert_string_equal(field(&x, "x-ms-meta-version: "), "1.0.0");
	assert_string_equal(field(&x, "x-ms-meta-id: "), ID);
	/* Storage refuses a value of nothing. */
	assert_string_equal(field(&x, "x-ms-meta-since: "), "(none)");
	assert_string_equal(field(&x, "x-ms-meta-wantedid: "), "(none)");
	exchange_free(&x);
	/* All of it at once, with who asks for it. */
	text_copy(h.since, sizeof(h.since), "2026-01-02T03:04:05Z");
	text_copy(h.wanted_host, sizeof(h.wanted_host), "ops-2");
	text_copy(h.wanted_id, sizeof(h.wanted_id), OTHER_ID);
	x = build(LEASE_TELL);
	assert_string_equal(field(&x, "x-ms-meta-id: "), ID);
	assert_string_equal(field(&x, "x-ms-meta-since: "),
			    "2026-01-02T03:04:05Z");
	assert_string_equal(field(&x, "x-ms-meta-wantedid: "), OTHER_ID);
	assert_string_equal(field(&x, "x-ms-meta-wantedhost: "), "ops-2");
	exchange_free(&x);
}

static void without_azures_time_it_is_dated_by_ours(void **state)
{
	struct exchange x;
	struct fault f;

	(void)state;
	call.at = 0;
	call.lease_step = LEASE_LOOK;
	assert_true(call_build(&cloud, &call, NULL, 86400000, &x, &f));
	assert_string_equal(field(&x, "x-ms-date: "),
			    "Fri, 02 Jan 1970 00:00:00 GMT");
	exchange_free(&x);
}

static void wrong(const char *says)
{
	struct exchange x;
	struct fault f;

	assert_false(call_build(&cloud, &call, NULL, NOW, &x, &f));
	assert_int_equal(f.kind, FAULT_INVALID);
	if (!strstr(f.text, says))
		fail_msg("%s", f.text);
	assert_null(x.url);
}

static void what_is_incomplete_is_not_asked(void **state)
{
	(void)state;
	call.lease_step = LEASE_ACQUIRE;
	call.lease_s = 14;
	wrong("15 to 60 seconds");
	call.lease_s = 61;
	wrong("15 to 60 seconds");
	call.lease_step = LEASE_TELL;
	wrong("there is nothing to tell");
	call.lease_step = LEASE_RENEW;
	call.lease_id = "mine";
	wrong("the lease has no id");
	call.lease_id = NULL;
	wrong("the lease has no id");
}

static void a_token_goes_to_storage_only(void **state)
{
	static const char *const bad[] = {
		"https://acct.blob.core.windows.net.evil.com/c01/b",
		"https://evil.com/c01/b",
		"http://acct.blob.core.windows.net/c01/b",
		"https://a.b.blob.core.windows.net/c01/b",
		"https://acct.blob.core.chinacloudapi.cn/c01/b",
		"https://acct.blob.core.windows.net:x/c01/b",
		"https://u@acct.blob.core.windows.net/c01/b",
		"https://acct.blob.core.windows.net/c01/b?sig=x",
	};

	(void)state;
	call.lease_step = LEASE_LOOK;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		call.url = bad[i];
		wrong("its address is");
	}
	call.url = NULL;
	wrong("its address is");
}

/* ---- addresses ---- */

static void addresses(void **state)
{
	static const struct {
		enum storage_service service;
		const char *url, *wrong; /* NULL: good */
	} rows[] = {
		{ STORAGE_BLOB, BLOB, NULL },
		{ STORAGE_BLOB, BLOB "/deeper.txt", NULL },
		{ STORAGE_BLOB, "https://a.z01.blob.storage.azure.net/c-1/b",
		  NULL },
		{ STORAGE_BLOB, "https://a.y01.blob.storage.azure.net/c-1/b",
		  "no storage account" },
		{ STORAGE_BLOB, "https://a.z.blob.storage.azure.net/c-1/b",
		  "no storage account" },
		{ STORAGE_BLOB, "https://a.z01.blob.core.windows.net/c-1/b",
		  "no storage account" },
		{ STORAGE_BLOB, "https://a.blob.core.windows.net:8443/c-1/b",
		  NULL },
		{ STORAGE_BLOB, "https://a.blob.core.windows.net/c01",
		  "names no blob" },
		{ STORAGE_BLOB, "https://a.blob.core.windows.net/c01/",
		  "names no blob" },
		{ STORAGE_BLOB, "https://a.blob.core.windows.net/c01/b/",
		  "names no blob" },
		{ STORAGE_BLOB, "https://a.blob.core.windows.net",
		  "names no blob" },
		{ STORAGE_BLOB, "https://a.blob.core.windows.net/C01/b",
		  "names no container" },
		{ STORAGE_BLOB, "https://a.blob.core.windows.net/c/b",
		  "names no container" },
		{ STORAGE_BLOB, "https://a.blob.core.windows.net/c01/../b",
		  "a dot alone" },
		{ STORAGE_BLOB, "https://a.blob.core.windows.net/c01/%2e%2E/x",
		  "a dot alone" },
		{ STORAGE_BLOB, "https://a.blob.core.windows.net/c01/a%ZZ",
		  "begins no escape" },
		{ STORAGE_BLOB, "https://a.blob.core.windows.net/c01/a%2",
		  "begins no escape" },
		{ STORAGE_BLOB, "https://a.blob.core.windows.net/c01/a%2Fb%c3",
		  NULL },
		{ STORAGE_BLOB, "https://a.blob.core.windows.net/c01/.",
		  "a dot alone" },
		{ STORAGE_BLOB, "https://a.blob.core.windows.net/c01/...b",
		  NULL },
		{ STORAGE_BLOB, "https://a.queue.core.windows.net/c01/b",
		  "that of a queue" },
		{ STORAGE_QUEUE, "https://a.queue.core.windows.net/hints",
		  NULL },
		{ STORAGE_QUEUE, "https://a.queue.core.windows.net/hints/",
		  "of the form https://HOST/QUEUE" },
		{ STORAGE_QUEUE, "https://a.queue.core.windows.net/",
		  "names no queue" },
		{ STORAGE_QUEUE, "https://a.queue.core.windows.net/a--b",
		  "names no queue" },
		{ STORAGE_QUEUE, "https://a.queue.core.windows.net/-ab",
		  "names no queue" },
		{ STORAGE_QUEUE, "https://a.blob.core.windows.net/hints",
		  "that of a blob" },
		{ STORAGE_QUEUE, "https://a.queue.core.windows.net/hints#x",
		  "without a query" },
		{ STORAGE_QUEUE, "hints", "not an https:// address" },
		{ STORAGE_QUEUE, "https://a.queue.core.windows.net:1/hints",
		  NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *w =
			storage_url_wrong(&cloud, rows[i].url, rows[i].service);

		if (!w != !rows[i].wrong || (w && !strstr(w, rows[i].wrong)))
			fail_msg("%s: %s", rows[i].url, w ? w : "good");
	}
}

static void hosts(void **state)
{
	char s[64];

	(void)state;
	assert_true(storage_url_host("https://A.blob.b/c", s, sizeof(s)));
	assert_string_equal(s, "a.blob.b");
	assert_true(storage_url_host("https://a.blob.b:443/c", s, sizeof(s)));
	assert_string_equal(s, "a.blob.b");
	assert_true(storage_url_host("https://a.blob.b:8443/c", s, sizeof(s)));
	assert_string_equal(s, "a.blob.b:8443");
	assert_true(storage_url_host("https://a1/", s, sizeof(s)));
	assert_string_equal(s, "a1");
	assert_false(storage_url_host("https://a.blob.b/c", s, 8));
	assert_false(storage_url_host("a.blob.b", s, sizeof(s)));
}

static void blob_is(const char *url, const char *wanted)
{
	char *blob = storage_url_blob(url);

	if (!wanted)
		assert_null(blob);
	else
		assert_string_equal(blob, wanted);
	free(blob);
}

static void blobs_in_one_form(void **state)
{
	(void)state;
	blob_is("https://A.blob.b:443/c/%66leet", "a.blob.b/c/fleet");
	blob_is("https://a.blob.b/c/Fleet", "a.blob.b/c/Fleet");
	blob_is("https://a.blob.b:8443/c/a%2fb~%7E", "a.blob.b:8443/c/a/b~~");
	blob_is("https://a.blob.b/c/%c3%a9%25%20%22!%21",
		"a.blob.b/c/%C3%A9%25%20%22!!");
	blob_is("https://a.blob.b/c/%00%", "a.blob.b/c/%00%25");
	blob_is("https://a.blob.b/c/%2", "a.blob.b/c/%252");
	blob_is("https://a.blob.b", "a.blob.b");
	blob_is("a.blob.b/c", NULL);
}

/* ---- answers ---- */

static struct reply answer(enum lease_step step, int status, const char *code)
{
	struct answer a = azure_answer(status, "");

	call.lease_step = step;
	a.headers[ANSWER_ERROR_CODE] = text_dup(code);
	if (status < 300)
		a.headers[ANSWER_LEASE_ID] = text_dup(ID);
	return azure_read(a);
}

static void what_is_done_is_ours(void **state)
{
	struct reply r;

	(void)state;
	for (int step = LEASE_MAKE; step <= LEASE_TELL; step++) {
		r = answer((enum lease_step)step, 200, NULL);
		assert_int_equal(r.fault.kind, FAULT_NONE);
		assert_true(r.lease.ours);
		assert_int_equal(r.lease.held, step == LEASE_ACQUIRE ||
						       step == LEASE_RENEW ||
						       step == LEASE_TELL);
	}
}

static void a_blob_that_is_there_is_made(void **state)
{
	static const struct {
		int status;
		const char *code;
	} rows[] = { { 409, "BlobAlreadyExists" },
		     { 412, "LeaseIdMissing" },
		     { 412, "ConditionNotMet" } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct reply r =
			answer(LEASE_MAKE, rows[i].status, rows[i].code);

		assert_int_equal(r.fault.kind, FAULT_NONE);
		assert_true(r.lease.ours);
	}
	assert_int_equal(
		answer(LEASE_MAKE, 409, "ContainerBeingDeleted").fault.kind,
		FAULT_CONFLICT);
}

static void whoever_else_has_it_is_an_answer(void **state)
{
	static const struct {
		enum lease_step step;
		int status;
		const char *code;
		bool held;
	} rows[] = {
		{ LEASE_ACQUIRE, 409, "LeaseAlreadyPresent", true },
		{ LEASE_ACQUIRE, 409, "LeaseIsBreakingAndCannotBeAcquired",
		  true },
		{ LEASE_RENEW, 409, "LeaseIdMismatchWithLeaseOperation", true },
		{ LEASE_RENEW, 409, "LeaseIsBrokenAndCannotBeRenewed", false },
		{ LEASE_RENEW, 412, "LeaseLost", false },
		{ LEASE_RENEW, 409, "LeaseNotPresentWithLeaseOperation",
		  false },
		{ LEASE_RELEASE, 409, "LeaseIdMismatchWithLeaseOperation",
		  true },
		{ LEASE_TELL, 412, "LeaseIdMismatchWithBlobOperation", true },
		{ LEASE_TELL, 412, "LeaseNotPresentWithBlobOperation", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct reply r =
			answer(rows[i].step, rows[i].status, rows[i].code);

		assert_int_equal(r.fault.kind, FAULT_NONE);
		assert_false(r.lease.ours);
		assert_int_equal(r.lease.held, rows[i].held);
	}
}

static void anything_else_is_a_fault(void **state)
{
	static const struct {
		int status;
		const char *code;
		enum fault_kind kind;
	} rows[] = {
		{ 401, "InvalidAuthenticationInfo", FAULT_AUTH },
		{ 403, "AuthorizationPermissionMismatch", FAULT_DENIED },
		{ 404, "BlobNotFound", FAULT_MISSING },
		{ 404, "ContainerNotFound", FAULT_MISSING },
		{ 404, "LeaseAlreadyPresent", FAULT_MISSING },
		{ 409, "AccountBeingCreated", FAULT_CONFLICT },
		{ 412, NULL, FAULT_CONFLICT },
		{ 503, "ServerBusy", FAULT_TRANSIENT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct reply r =
			answer(LEASE_ACQUIRE, rows[i].status, rows[i].code);

		assert_int_equal(r.fault.kind, rows[i].kind);
		assert_string_equal(r.fault.azure_code,
				    rows[i].code ? rows[i].code : "");
		assert_non_null(strstr(r.fault.text, "Acquiring the lease of "
						     "" BLOB " failed: HTTP "));
	}
}

static void another_lease_is_none_of_ours(void **state)
{
	struct answer a = azure_answer(201, "");
	struct reply r;

	(void)state;
	call.lease_step = LEASE_ACQUIRE;
	r = azure_read(a);
	assert_int_equal(r.fault.kind, FAULT_INVALID);
	a = azure_answer(201, "");
	a.headers[ANSWER_LEASE_ID] =
		text_dup("00000000-0000-0000-0000-000000000000");
	r = azure_read(a);
	assert_int_equal(r.fault.kind, FAULT_INVALID);
	assert_non_null(strstr(r.fault.text, "another lease"));
}

static void a_look_tells_who_holds_it(void **state)
{
	static const struct {
		const char *state;
		bool held;
	} rows[] = { { "available", false }, { "leased", true },
		     { "expired", false },   { "breaking", true },
		     { "broken", false },    { "odd", false } };
	struct reply r;

	(void)state;
	call.lease_step = LEASE_LOOK;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct answer a = azure_answer(200, "");

		a.headers[ANSWER_LEASE_STATE] = text_dup(rows[i].state);
		r = azure_read(a);
		assert_int_equal(r.fault.kind, FAULT_NONE);
		assert_int_equal(r.lease.held, rows[i].held);
		assert_false(r.lease.ours);
		assert_false(r.lease.told);
	}
	r = azure_read(azure_answer(200, ""));
	assert_int_equal(r.fault.kind, FAULT_INVALID);
}

/* No keyrotd asks for one without an end; the metadata are of somebody who
 * held it before. */
static void who_holds_it_for_ever_leads_nothing(void **state)
{
	static const struct {
		const char *state, *duration;
		enum fault_kind kind;
	} rows[] = {
		{ "leased", "infinite", FAULT_CONFLICT },
		{ "leased", "fixed", FAULT_NONE },
		{ "available", "infinite", FAULT_NONE },
	};
	struct reply r;

	(void)state;
	call.lease_step = LEASE_LOOK;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct answer a = azure_answer(200, "");

		a.headers[ANSWER_LEASE_STATE] = text_dup(rows[i].state);
		a.headers[ANSWER_LEASE_DURATION] = text_dup(rows[i].duration);
		a.headers[ANSWER_META_HOST] = text_dup("ops-1");
		r = azure_read(a);
		assert_int_equal(r.fault.kind, rows[i].kind);
		if (rows[i].kind != FAULT_NONE)
			assert_non_null(
				strstr(r.fault.text, "holds it for ever"));
	}
}

static void what_the_holder_tells_is_one_line_and_bounded(void **state)
{
	struct answer a = azure_answer(200, "");
	char id[100], host[200];
	struct reply r;

	(void)state;
	memset(id, 'i', sizeof(id));
	id[99] = '\0';
	memset(host, 'h', sizeof(host));
	host[199] = '\0';
	host[3] = '\x1b';
	call.lease_step = LEASE_LOOK;
	a.headers[ANSWER_LEASE_STATE] = text_dup("leased");
	a.headers[ANSWER_META_ID] = text_dup(id);
	a.headers[ANSWER_META_HOST] = text_dup(host);
	a.headers[ANSWER_META_WANTED_HOST] = text_dup(host);
	a.headers[ANSWER_META_WANTED_ID] = text_dup(id);
	a.headers[ANSWER_META_VERSION] = text_dup("1.0.0");
	a.headers[ANSWER_META_SINCE] = text_dup("2026-01-02T03:04:05Z");
	r = azure_read(a);
	assert_true(r.lease.told);
	assert_int_equal(strlen(r.lease.holder.id), 39);
	assert_int_equal(strlen(r.lease.holder.host), 64);
	assert_int_equal(strncmp(r.lease.holder.host, "hhh hhh", 7), 0);
	assert_int_equal(strlen(r.lease.holder.wanted_id), 39);
	assert_int_equal(strlen(r.lease.holder.wanted_host), 64);
	assert_int_equal(strncmp(r.lease.holder.wanted_host, "hhh hhh", 7), 0);
	assert_string_equal(r.lease.holder.version, "1.0.0");
	assert_string_equal(r.lease.holder.since, "2026-01-02T03:04:05Z");
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, start, azure_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(the_blob_is_made_when_it_is_missing),
		EACH(each_step_names_its_lease),
		EACH(the_holder_is_told_in_metadata),
		EACH(without_azures_time_it_is_dated_by_ours),
		EACH(what_is_incomplete_is_not_asked),
		EACH(a_token_goes_to_storage_only),
		EACH(addresses),
		EACH(hosts),
		EACH(blobs_in_one_form),
		EACH(what_is_done_is_ours),
		EACH(a_blob_that_is_there_is_made),
		EACH(whoever_else_has_it_is_an_answer),
		EACH(anything_else_is_a_fault),
		EACH(another_lease_is_none_of_ours),
		EACH(a_look_tells_who_holds_it),
		EACH(who_holds_it_for_ever_leads_nothing),
		EACH(what_the_holder_tells_is_one_line_and_bounded),
	};

	return cmocka_run_group_tests_name("lease", tests, NULL, NULL);
}
