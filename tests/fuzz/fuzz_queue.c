/* The answers of Storage: messages that can be dropped by what they tell and by
 * nothing that leads elsewhere, and a lease that is somebody's or nobody's. */
#include "azure/hint.h"
#include "azure/url.h"
#include "reply.h"

#define QUEUE "https://acct.queue.core.windows.net/hints"
#define BLOB "https://acct.blob.core.windows.net/keyrotd/leader"
#define ID "0b1c2d3e-4f50-4a6b-8c7d-8e9fa0b1c2d3"

static void choose(struct call *call, unsigned option)
{
	if (option % 4 == 0)
		call->kind = CALL_HINTS;
	else if (option % 4 == 1)
		call->kind = CALL_HINT_DROP;
	else
		call->kind = CALL_LEASE;
	call->url = call->kind == CALL_LEASE ? BLOB : QUEUE;
	call->lease_id = ID;
	call->lease_step = (enum lease_step)(option / 4 % (LEASE_LOOK + 1));
}

/* It is asked for in the queue, whatever it is called. */
static void look_hint(const struct hint *h)
{
	static const char path[] = QUEUE "/messages/";
	struct call drop = { .kind = CALL_HINT_DROP,
			     .url = QUEUE,
			     .message = h->message,
			     .receipt = h->receipt };
	struct cloud cloud = { 0 };
	struct exchange x;
	struct fault f;

	FUZZ_NEED(h->message && h->receipt && *h->message && *h->receipt);
	cloud_profile(&cloud, "public");
	if (call_build(&cloud, &drop, NULL, REPLY_NOW, &x, &f)) {
		FUZZ_NEED(!strncmp(x.url, path, sizeof(path) - 1));
		FUZZ_NEED(!strchr(x.url + sizeof(path) - 1, '/'));
		FUZZ_NEED(url_is_clean(x.url));
	}
	exchange_free(&x);
	cloud_free(&cloud);
	FUZZ_NEED(h->n_events <= HINT_EVENTS_MAX);
	for (size_t i = 0; i < h->n_events; i++)
		FUZZ_NEED(h->events[i].kind != HINT_FOREIGN &&
			  h->events[i].key.host[0]);
	FUZZ_NEED(h->dequeued >= 0);
	reply_no_secret(h->message);
	reply_no_secret(h->receipt);
}

static void look_lease(const struct call *call, const struct reply *r)
{
	const struct lease_holder *h = &r->lease.holder;
	const char *const all[] = { h->host, h->version,     h->since,
				    h->id,   h->wanted_host, h->wanted_id };

	if (!r->lease.told)
		return;
	FUZZ_NEED(call->lease_step == LEASE_LOOK && !r->lease.ours);
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		FUZZ_NEED(fuzz_is_line(all[i]));
		reply_no_secret(all[i]);
	}
}

static void look(const struct call *call, const struct reply *r)
{
	if (call->kind == CALL_LEASE)
		look_lease(call, r);
	if (call->kind != CALL_HINTS)
		return;
	FUZZ_NEED(r->hints.n <= HINTS_MAX);
	for (size_t i = 0; i < r->hints.n; i++)
		look_hint(&r->hints.hints[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct call call = { .kind = CALL_HINTS };

	reply_read(data, size, &call, choose, look);
	return 0;
}
