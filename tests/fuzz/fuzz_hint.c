/* The text of a message: whatever is in it, what comes out is a key's
 * identifier, a vault's host, or nothing. */
#include "azure/hint.h"
#include "fuzz.h"

static void sound(const struct hint *h)
{
	char id[KEYID_TEXT_MAX];
	struct keyid again;
	struct fault f;

	FUZZ_NEED(h->kind <= HINT_ACCESS);
	if (h->kind == HINT_FOREIGN) {
		FUZZ_NEED(!h->key.host[0] && !h->key.name[0] &&
			  !h->key.version[0]);
		return;
	}
	FUZZ_NEED(!h->key.name[0] == (h->kind == HINT_ACCESS));
	FUZZ_NEED(h->kind != HINT_ACCESS || !h->key.version[0]);
	/* What a question could be put with. */
	snprintf(id, sizeof(id), "https://%s/keys/%s", h->key.host,
		 h->key.name[0] ? h->key.name : "any");
	FUZZ_NEED(keyid_parse(&again, id, &f));
	FUZZ_NEED(!strcmp(again.host, h->key.host));
	FUZZ_NEED(strspn(h->key.version,
			 "0123456789abcdefghijklmnopqrstuvwxyz") ==
		  strlen(h->key.version));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cloud cloud = { 0 };
	struct hint h = { .message = NULL }, again = { .message = NULL };
	char *text = text_ndup((const char *)data, size);

	cloud_profile(&cloud, "public");
	hint_read(&cloud, text, &h);
	sound(&h);
	/* What an earlier one left behind shows in no later one. */
	text_copy(again.key.name, sizeof(again.key.name), "left");
	text_copy(again.key.version, sizeof(again.key.version), "over");
	hint_read(&cloud, text, &again);
	FUZZ_NEED(h.kind == again.kind && keyid_same(&h.key, &again.key));
	cloud_free(&cloud);
	free(text);
	return 0;
}
