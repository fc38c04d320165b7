/* What is open of a registry or a key, and what ends it. */
#include "ctl/history_fault.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

void history_fault_mend(struct history_fault *f)
{
	free(f->text);
	*f = (struct history_fault){ 0 };
}

void history_fault_open(const struct history *h, struct history_fault *f,
			const char *event, const struct chain_record *r)
{
	const char *text = json_get_str(r->root, "text");

	if (!f->text)
		f->since = r->time;
	free(f->text);
	f->text = text_dup(text ? text : "");
	text_copy(f->event, sizeof(f->event), event);
	f->last = r->time;
	f->source = (uint8_t)h->source;
	f->times++;
}

/* The whole is well: whatever that daemon told is over. */
static void mend_own(const struct history *h, struct history_fault *f)
{
	if (f->source == h->source)
		history_fault_mend(f);
}

void history_fault_state(struct history *h, const char *state)
{
	if (!state || (strcmp(state, "ok") != 0 && strcmp(state, "rotating")))
		return;
	for (size_t i = 0; i < h->n_registries; i++)
		if (strcmp(h->registries[i].fault.event, "failed") != 0 ||
		    !strcmp(state, "ok"))
			mend_own(h, &h->registries[i].fault);
	for (size_t i = 0; i < h->n_keys; i++)
		mend_own(h, &h->keys[i].fault);
}
