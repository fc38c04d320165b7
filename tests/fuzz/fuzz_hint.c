/* The text of a message: whatever is in it, what comes out is a key's
 * identifier, a vault's host, or nothing. */
#include "azure/hint.h"
#include "fuzz.h"

static void sound(const struct hint_event *h)
{
	char id[KEYID_TEXT_MAX];
	struct keyid again;
	struct fault f;

	FUZZ_NEED(h->kind > HINT_FOREIGN && h->kind <= HINT_ACCESS);
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
	FUZZ_NEED(h.n_events <= HINT_EVENTS_MAX);
	for (size_t i = 0; i < h.n_events; i++) {
		sound(&h.events[i]);
		/* Each key once. */
		FUZZ_NEED(i == 0 || !keyid_same_key(&h.events[i].key,
						    &h.events[i - 1].key));
	}
	/* What an earlier one left behind shows in no later one. */
	hint_read(&cloud,
		  "{\"type\":\"Microsoft.KeyVault.KeyExpired\",\"data\":"
		  "{\"Id\":\"https://left.vault.azure.net/keys/over\"}}",
		  &again);
	FUZZ_NEED(again.n_events == 1);
	hint_read(&cloud, text, &again);
	FUZZ_NEED(h.n_events == again.n_events);
	for (size_t i = 0; i < h.n_events; i++)
		FUZZ_NEED(
			h.events[i].kind == again.events[i].kind &&
			keyid_same_key(&h.events[i].key, &again.events[i].key));
	hint_clear(&h);
	hint_clear(&again);
	cloud_free(&cloud);
	free(text);
	return 0;
}
