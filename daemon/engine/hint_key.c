/* What a message is about: whose poll it brings forward, if anybody's. */
#include "engine/hint_key.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "engine/key.h"

/* Each watch of this key. */
static enum hint_outcome hint_key(struct engine *e, const struct hint_event *h)
{
	enum hint_outcome out = HINT_UNWATCHED;
	struct watch *first, *w;
	char base[KEYID_TEXT_MAX];

	keyid_print_base(&h->key, base, sizeof(base));
	first = w = model_find_watch(e, base, NULL);
	while (w) {
		if (key_hint(e, w, h->kind == HINT_NEW_VERSION))
			out = HINT_POLLED;
		else if (out == HINT_UNWATCHED)
			out = HINT_MERGED;
		w = w->sibling == first ? NULL : w->sibling;
	}
	return out;
}

/* Each watch of a key of this vault: they stand together.  Rights that came
 * back may hold a little later, so who is refused is polled again. */
static enum hint_outcome hint_vault(struct engine *e,
				    const struct hint_event *h)
{
	enum hint_outcome out = HINT_UNWATCHED;
	char prefix[KEYID_TEXT_MAX];
	size_t low = 0, high = e->n_by_key, len;

	text_copy(prefix, sizeof(prefix), "https://");
	text_copy(prefix + 8, sizeof(prefix) - 8, h->key.host);
	len = strlen(prefix);
	text_copy(prefix + len, sizeof(prefix) - len, "/keys/");
	len = strlen(prefix);
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (strcasecmp(e->by_key[mid]->base, prefix) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	/* The same vault is walked once for one answer. */
	if (low < e->n_by_key && e->by_key[low]->walked == e->turn &&
	    strncasecmp(e->by_key[low]->base, prefix, len) == 0)
		return HINT_MERGED;
	for (size_t i = low; i < e->n_by_key &&
			     strncasecmp(e->by_key[i]->base, prefix, len) == 0;
	     i++) {
		struct watch *w = e->by_key[i];

		e->looks++;
		w->walked = e->turn;
		if (key_hint(e, w, w->error != NULL))
			out = HINT_POLLED;
		else if (out == HINT_UNWATCHED)
			out = HINT_MERGED;
	}
	return out;
}

static enum hint_outcome act(struct engine *e, const struct hint_event *h)
{
	switch (h->kind) {
	case HINT_NEW_VERSION:
	case HINT_NEAR_EXPIRY:
	case HINT_EXPIRED:
		return hint_key(e, h);
	case HINT_ACCESS:
		return hint_vault(e, h);
	case HINT_FOREIGN:
		break;
	}
	return HINT_DROPPED;
}

/* Outcomes are in this order. */
enum hint_outcome hint_act(struct engine *e, const struct hint *h)
{
	enum hint_outcome out = HINT_DROPPED;

	for (size_t i = 0; i < h->n_events; i++) {
		enum hint_outcome one = act(e, &h->events[i]);

		out = one < out ? one : out;
	}
	return out;
}

void hint_all(struct engine *e)
{
	struct watch *w;

	TAILQ_FOREACH(w, &e->watches, link) {
		e->looks++;
		key_hint(e, w, false);
	}
}
