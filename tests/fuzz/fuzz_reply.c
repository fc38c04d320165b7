/* Any answer of Azure: the first bytes choose question and status, the rest is
 * the header that matters and the body, parted by a NUL. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "azure/call.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const int statuses[] = { 200, 201, 202, 400, 401, 403,
				404, 409, 429, 500, 503 };

static void read_as(const struct cloud *cloud, enum call_kind kind, int status,
		    const char *header, const uint8_t *body, size_t len)
{
	struct call c = { .kind = kind,
			  .audience = "https://a",
			  .registry = "/r",
			  .subscription = "s",
			  .url = "u" };
	struct answer a = { .status = status };
	struct credential cred = { .name = (char[]){ "c" } };
	struct reply r;

	c.credential = &cred;
	text_copy(c.key.host, sizeof(c.key.host), "v.vault.azure.net");
	text_copy(c.key.name, sizeof(c.key.name), "k");
	buf_init(&a.body, 1 << 20);
	buf_add(&a.body, body, len);
	for (int i = 0; i < ANSWER_HEADERS; i++)
		a.headers[i] = text_dup(header);
	call_read(cloud, &c, &a, 1800000000000, &r);
	reply_free(&r);
	answer_free(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cloud cloud = { 0 };
	const uint8_t *nul;
	char *header;

	if (size < 3)
		return 0;
	nul = memchr(data + 2, 0, size - 2);
	if (!nul)
		return 0;
	header = text_ndup((const char *)data + 2, (size_t)(nul - data) - 2);
	cloud_profile(&cloud, "public");
	read_as(&cloud, (enum call_kind)(data[0] % (CALL_OPERATION + 1)),
		statuses[data[1] % (sizeof(statuses) / sizeof(*statuses))],
		header, nul + 1, size - (size_t)(nul - data) - 1);
	cloud_free(&cloud);
	text_wipe_free(header);
	return 0;
}
