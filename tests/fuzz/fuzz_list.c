/* A page of a subscription's registries, and the link to the next one, which
 * is where the token goes. */
#include "azure/resid.h"
#include "reply.h"

static void choose(struct call *call, unsigned option)
{
	call->subscription = "11111111-2222-3333-4444-555555555555";
	if (option & 1)
		call->url = "https://management.azure.com/page?token=2";
}

/* Pairs, to the end of them; read bytes are bounded by what was made. */
static void look_at_tags(const struct call *call,
			 const struct registry_item *item)
{
	const char *tags = item->tags;

	FUZZ_NEED(call->tags || (!tags && !item->tags_untold));
	FUZZ_NEED(!tags || !item->tags_untold);
	for (; tags && *tags; tags += strlen(tags) + 1)
		tags += strlen(tags) + 1;
}

static void look(const struct call *call, const struct reply *r)
{
	struct exchange x;
	struct cloud cloud = { 0 };
	struct call next = *call;
	struct resid id;
	struct fault f;

	for (size_t i = 0; i < r->list.n; i++) {
		FUZZ_NEED(resid_parse(&id, r->list.items[i].id, &f));
		reply_no_secret(r->list.items[i].id);
		reply_view(&r->list.items[i].view);
		look_at_tags(call, &r->list.items[i]);
	}
	reply_url(r->list.next_url);
	if (!r->list.next_url)
		return;
	/* What passed for a link is one that can be followed. */
	cloud_profile(&cloud, "public");
	next.url = r->list.next_url;
	FUZZ_NEED(call_build(&cloud, &next, NULL, REPLY_NOW, &x, &f));
	FUZZ_NEED(!strcmp(x.url, r->list.next_url));
	exchange_free(&x);
	cloud_free(&cloud);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct call call = { .kind = CALL_LIST, .tags = size % 2 == 0 };

	reply_read(data, size, &call, choose, look);
	return 0;
}
