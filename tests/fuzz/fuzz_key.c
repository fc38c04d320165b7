/* An answer of Key Vault, or of Resource Manager in its place: the version of
 * the key that was asked for, or what is wrong; and never a challenge that
 * leads a token astray. */
#include "reply.h"

#define VAULT                                                  \
	"/subscriptions/11111111-2222-3333-4444-555555555555/" \
	"resourceGroups/prod/providers/Microsoft.KeyVault/vaults/contoso"

static void choose(struct call *call, unsigned option)
{
	if (option & 1)
		text_copy(call->key.version, sizeof(call->key.version),
			  "11111111111111111111111111111111");
	if (option & 2)
		call->vault_resource = VAULT;
}

static void look(const struct call *call, const struct reply *r)
{
	const struct key_version *k = &r->key;

	FUZZ_NEED(k->version[0] &&
		  strspn(k->version, "0123456789abcdefghijklmnopqrstuvwxyz") ==
			  strlen(k->version));
	FUZZ_NEED(!call->key.version[0] ||
		  text_same(call->key.version, k->version));
	FUZZ_NEED(k->bits >= 0 && k->bits <= 65536);
	FUZZ_NEED(k->bits % 8 == 0 || call->vault_resource);
	FUZZ_NEED(k->rsa || !k->bits);
	reply_time(k->created);
	reply_time(k->updated);
	reply_time(k->not_before);
	reply_time(k->expires);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct call call = { .kind = CALL_KEY };

	reply_read(data, size, &call, choose, look);
	return 0;
}
