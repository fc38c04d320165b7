/* The answer to a write, and that of the operation which carries it out. */
#include "reply.h"

static void choose(struct call *call, unsigned option)
{
	call->kind = option & 1 ? CALL_PATCH : CALL_OPERATION;
	call->url = "https://management.azure.com/operation";
	text_copy(call->identity, sizeof(call->identity), "system");
}

static void look(const struct call *call, const struct reply *r)
{
	bool patch = call->kind == CALL_PATCH;
	int64_t wait = patch ? r->patch.retry_after_ms
			     : r->operation.retry_after_ms;

	FUZZ_NEED(wait >= -1 && wait <= REPLY_DAY);
	reply_url(patch ? r->patch.operation_url : r->operation.operation_url);
	if (patch)
		return;
	FUZZ_NEED(r->operation.status <= OPERATION_CANCELED);
	fuzz_fault(&r->operation.error,
		   r->operation.status == OPERATION_RUNNING ||
			   r->operation.status == OPERATION_SUCCEEDED);
	reply_no_secret(r->operation.error.text);
	reply_no_secret(r->operation.error.azure_code);
	reply_no_secret(r->operation.error.inner_code);
	reply_no_secret(r->operation.error.request_id);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct call call = { .kind = CALL_OPERATION };

	reply_read(data, size, &call, choose, look);
	return 0;
}
