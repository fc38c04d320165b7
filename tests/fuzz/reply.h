/*
 * reply: an answer of Azure made of any bytes, for the targets that read one.
 *
 * The first byte chooses the status, the second what the target wants; then
 * come a Date header, a header that is told under all other names, each ended
 * by NUL, and the body.  REPLY_SECRET is a secret that the daemon knows:
 * wherever an answer echoes it, nothing that is kept may hold it.
 */
#ifndef KEYROTD_TESTS_FUZZ_REPLY_H
#define KEYROTD_TESTS_FUZZ_REPLY_H

#include "azure/call.h"
#include "fuzz.h"

#define REPLY_SECRET "Zk8~hunter2.Q"
#define REPLY_NOW INT64_C(1800000000000)
#define REPLY_DAY INT64_C(86400000)
#define REPLY_TIME_MAX INT64_C(253402300799999)
#define REPLY_REGISTRY                                               \
	"/subscriptions/11111111-2222-3333-4444-555555555555/"       \
	"resourceGroups/prod/providers/Microsoft.ContainerRegistry/" \
	"registries/contosoprod"
#define REPLY_HOST "contoso.vault.azure.net"

/* Text that is kept, shown or stored. */
static inline void reply_no_secret(const char *s)
{
	FUZZ_NEED(!s || !strstr(s, REPLY_SECRET));
}

/* A URL that the resource manager's token will be sent to. */
static inline void reply_url(const char *url)
{
	static const char base[] = "https://management.azure.com";
	size_t len = sizeof(base) - 1;

	if (!url)
		return;
	reply_no_secret(url);
	FUZZ_NEED(text_prefix(url, base));
	len += text_prefix(url + len, ":443") ? 4 : 0;
	FUZZ_NEED(!url[len] || strchr("/?#", url[len]));
	FUZZ_NEED(!strpbrk(url, " \r\n\t"));
}

static inline void reply_time(int64_t ms)
{
	FUZZ_NEED(ms >= -1 && ms <= REPLY_TIME_MAX);
}

static inline void reply_key(const struct keyid *id)
{
	char printed[KEYID_TEXT_MAX];
	struct keyid again;
	struct fault f;

	keyid_print(id, printed, sizeof(printed));
	FUZZ_NEED(keyid_parse(&again, printed, &f) && keyid_same(id, &again));
	reply_no_secret(printed);
}

static inline void reply_view(const struct registry_view *v)
{
	FUZZ_NEED(v->provisioning <= PROVISIONING_OTHER);
	FUZZ_NEED(v->version_known == (v->version_in_use[0] != '\0'));
	FUZZ_NEED(strspn(v->version_in_use,
			 "0123456789abcdefghijklmnopqrstuvwxyz") ==
		  strlen(v->version_in_use));
	if (v->key_valid)
		reply_key(&v->key);
	if (v->version_known)
		reply_key(&v->in_use_key);
	FUZZ_NEED(v->identity[0] || !v->identity_attached);
	reply_no_secret(v->identity);
	reply_time(v->rotated_at);
}

/* The one kind of file that an answer may make us read. */
static inline void reply_key_file(const char *path)
{
	static const char folder[] = "/var/opt/azcmagent/tokens/";

	if (!path[0])
		return;
	FUZZ_NEED(!strncmp(path, folder, sizeof(folder) - 1));
	FUZZ_NEED(!strchr(path + sizeof(folder) - 1, '/'));
	FUZZ_NEED(path[sizeof(folder) - 1] != '.');
	FUZZ_NEED(text_suffix(path, ".key"));
}

static inline void reply_common(const struct call *call, const struct reply *r,
				int status)
{
	const struct fault *f = &r->fault;

	FUZZ_NEED(r->kind == call->kind && r->ticket == call->ticket);
	FUZZ_NEED(r->answered && r->reached && !r->vetoed);
	fuzz_fault(f, f->kind == FAULT_NONE);
	/* That a lease or a message is another's is an answer. */
	FUZZ_NEED(f->kind != FAULT_NONE || (status >= 200 && status < 300) ||
		  r->kind == CALL_LEASE || r->kind == CALL_HINT_DROP);
	FUZZ_NEED(!r->maybe_done || (r->kind == CALL_PATCH && f->kind));
	FUZZ_NEED(f->retry_after_ms <= REPLY_DAY);
	reply_no_secret(f->text);
	reply_no_secret(f->azure_code);
	reply_no_secret(f->inner_code);
	reply_no_secret(f->request_id);
	reply_no_secret(r->challenge_audience);
	reply_key_file(r->key_file);
	reply_no_secret(r->challenge_tenant);
	FUZZ_NEED(!r->challenge_tenant[0] ||
		  (status == 401 && strlen(r->challenge_tenant) == 36));
	FUZZ_NEED(!r->claims || (status == 401 && r->claims[0] == '{'));
	reply_time(r->date_ms);
	FUZZ_NEED(r->remaining >= -1);
	if (r->challenge_audience[0])
		FUZZ_NEED(
			(r->kind == CALL_KEY || r->kind == CALL_POLICY) &&
			status == 401 &&
			cloud_resource_fits(r->challenge_audience, REPLY_HOST));
}

/* Read in as the answer to call; look is told of what came out. */
static inline void
reply_read(const uint8_t *data, size_t size, struct call *call,
	   void (*choose)(struct call *call, unsigned option),
	   void (*look)(const struct call *call, const struct reply *r))
{
	static const int statuses[] = { 200, 201, 202, 204, 400, 401, 403,
					404, 409, 410, 429, 500, 503 };
	struct fuzz_input in = { data, size };
	struct credential cred = { .name = (char[]){ "c" } };
	struct answer a = { .status = 0 };
	struct secrets known = { NULL, 0 };
	struct cloud cloud = { 0 };
	struct reply r;
	char *header;

	cloud_profile(&cloud, "public");
	secret_know(&known, REPLY_SECRET);
	a.status = statuses[fuzz_byte(&in) %
			    (sizeof(statuses) / sizeof(*statuses))];
	call->credential = &cred;
	call->ticket = 7;
	call->registry = REPLY_REGISTRY;
	call->audience = "https://management.azure.com";
	text_copy(call->key.host, sizeof(call->key.host), REPLY_HOST);
	text_copy(call->key.name, sizeof(call->key.name), "acr-cmk");
	choose(call, fuzz_byte(&in));
	cred.kind = call->token & 1 ? CREDENTIAL_CLIENT_SECRET
				    : CREDENTIAL_MANAGED_IDENTITY;
	cred.source = (enum identity_source)(call->token / 2);
	a.headers[ANSWER_DATE] = fuzz_piece(&in);
	header = fuzz_piece(&in);
	for (int i = 0; i < ANSWER_HEADERS; i++)
		if (i != ANSWER_DATE && *header)
			a.headers[i] = text_dup(header);
	buf_init(&a.body, 1 << 20);
	buf_add(&a.body, in.data, in.size);
	call_read(&cloud, call, &known, &known, &a, REPLY_NOW, &r);
	reply_common(call, &r, a.status);
	if (r.fault.kind == FAULT_NONE)
		look(call, &r);
	reply_free(&r);
	answer_free(&a);
	free(header);
	secret_free(&known);
	cloud_free(&cloud);
}

#endif
