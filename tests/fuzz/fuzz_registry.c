/* An answer about one registry: the facts about the one that was asked for. */
#include "reply.h"

static void choose(struct call *call, unsigned option)
{
	(void)call;
	(void)option;
}

static void look(const struct call *call, const struct reply *r)
{
	(void)call;
	reply_view(&r->registry);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct call call = { .kind = CALL_REGISTRY };

	reply_read(data, size, &call, choose, look);
	return 0;
}
