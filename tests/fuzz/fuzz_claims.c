/* An access token: of what stands in it only GUIDs and a time come out, never
 * anything else that might be a secret. */
#include "azure/claims.h"
#include "azure/resid.h"
#include "fuzz.h"

static void guid(const char *s)
{
	FUZZ_NEED(!*s || resid_is_guid(s));
	for (; *s; s++)
		FUZZ_NEED(*s < 'A' || *s > 'Z');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	char *token = fuzz_piece(&in);
	struct claims c;
	bool told = claims_read(token, &c);

	guid(c.tenant);
	guid(c.client);
	guid(c.object);
	FUZZ_NEED(told == (c.client[0] || c.object[0]));
	FUZZ_NEED(told || (!c.tenant[0] && c.expires == -1));
	FUZZ_NEED(c.expires >= -1 && c.expires <= INT64_C(253402300799000));
	free(token);
	return 0;
}
