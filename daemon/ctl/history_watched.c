/* The lists of what is watched: who is in them, and who no more. */
#include "ctl/history_watched.h"

#include "ctl/history_fault.h"
#include "ctl/history_field.h"
#include "ctl/history_index.h"
#include "ctl/history_move.h"
#include "ctl/history_source.h"

static void take_entry(struct history *h, const struct json *x, int64_t when)
{
	uint32_t key = history_index_key(h, json_get_str(x, "key"));
	const char *id = json_get_str(x, "registry");
	uint32_t version =
		history_index_version(h, key, json_get_str(x, "version"));
	uint32_t registry = id ? history_index_registry(h, id) : HISTORY_NONE;
	int64_t effective = history_field_time(x, "effective");
	struct history_registry *r;

	if (version != HISTORY_NONE && effective >= 0)
		h->versions[version].effective = effective;
	if (!id && key != HISTORY_NONE && version != HISTORY_NONE)
		h->keys[key].newest = version;
	if (registry == HISTORY_NONE)
		return;
	r = &h->registries[registry];
	r->key = key;
	r->watched = true;
	r->in |= 1u << h->source;
	r->listed |= 1u << h->source;
	r->manual = false;
	json_bool(json_get(x, "manual"), &r->manual);
	if (version != HISTORY_NONE)
		history_move_to(h, r, version, when);
}

void history_watched_add(struct history *h, const struct chain_record *r)
{
	struct history_source *now = history_source_now(h);
	uint32_t bit = 1u << h->source;
	bool first = false, last = false;

	json_bool(json_get(r->root, "first"), &first);
	json_bool(json_get(r->root, "last"), &last);
	if (history_field_window(r->root))
		h->window_ms = history_field_window(r->root);
	if (first) {
		now->listing = true;
		for (size_t i = 0; i < h->n_registries; i++)
			h->registries[i].listed &= ~bit;
	}
	for (const struct json *x = json_first(json_get(r->root, "entries")); x;
	     x = json_next(x))
		take_entry(h, x, r->time);
	if (!last || !now->listing)
		return;
	now->listing = false;
	now->listed = true;
	for (size_t i = 0; i < h->n_registries; i++)
		if (!(h->registries[i].listed & bit)) {
			h->registries[i].in &= ~bit;
			h->registries[i].watched = h->registries[i].in != 0;
			if (!h->registries[i].watched)
				history_fault_mend(&h->registries[i].fault);
		}
}
