/* An answer of Entra, or of a service that hands out a machine's tokens: a
 * token that fits into one header line and lives for some time, or a refusal
 * that gives nothing away. */
#include "azure/token.h"
#include "reply.h"

static void choose(struct call *call, unsigned option)
{
	call->token = option % (2 * IDENTITY_FABRIC);
	call->proven = option & 0x80;
}

static void look(const struct call *call, const struct reply *r)
{
	const char *s = r->token.secret;

	(void)call;
	FUZZ_NEED(s && s[0] && strlen(s) <= TOKEN_MAX);
	for (size_t i = 0; s[i]; i++)
		FUZZ_NEED(s[i] > ' ' && s[i] < 0x7f);
	FUZZ_NEED(r->token.lifetime_ms > 0 &&
		  r->token.lifetime_ms <= TOKEN_LIFETIME_MAX_MS);
	FUZZ_NEED(r->token.refresh_in_ms == -1 ||
		  (r->token.refresh_in_ms > 0 &&
		   r->token.refresh_in_ms <= TOKEN_LIFETIME_MAX_MS));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct call call = { .kind = CALL_TOKEN };

	reply_read(data, size, &call, choose, look);
	return 0;
}
