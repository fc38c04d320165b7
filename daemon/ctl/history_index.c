/* Names and their numbers: three tables, in which what is new is added. */
#include "ctl/history_index.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define INDEX_FIRST 64

typedef const char *name_of(const struct history *h, uint32_t number);

static const char *registry_name(const struct history *h, uint32_t i)
{
	return h->registries[i].id;
}

static const char *key_name(const struct history *h, uint32_t i)
{
	return h->keys[i].id;
}

static size_t place(const struct history *h, const struct history_index *x,
		    name_of *name, const char *s)
{
	size_t at = text_hash(s) & (x->size - 1);

	while (x->slots[at] && !text_same(name(h, x->slots[at] - 1), s))
		at = (at + 1) & (x->size - 1);
	return at;
}

static void widen(const struct history *h, struct history_index *x,
		  name_of *name)
{
	struct history_index wide = { .n = x->n };

	if (x->size && 2 * (x->n + 1) <= x->size)
		return;
	wide.size = x->size ? 2 * x->size : INDEX_FIRST;
	wide.slots = text_alloc(wide.size, sizeof(*wide.slots));
	for (size_t i = 0; i < x->size; i++)
		if (x->slots[i])
			wide.slots[place(h, &wide, name,
					 name(h, x->slots[i] - 1))] =
				x->slots[i];
	free(x->slots);
	*x = wide;
}

/* A name that can be kept. */
static bool is_name(const char *s)
{
	return s && s[0] && strlen(s) <= HISTORY_ID_MAX;
}

uint32_t history_index_key(struct history *h, const char *id)
{
	size_t at;

	if (!is_name(id))
		return HISTORY_NONE;
	widen(h, &h->by_key, key_name);
	at = place(h, &h->by_key, key_name, id);
	if (h->by_key.slots[at])
		return h->by_key.slots[at] - 1;
	if (h->n_keys == HISTORY_KEYS_MAX) {
		h->left_out++;
		return HISTORY_NONE;
	}
	h->keys = text_grow(h->keys, h->n_keys, sizeof(*h->keys));
	h->keys[h->n_keys] = (struct history_key){ .id = text_dup(id),
						   .newest = HISTORY_NONE };
	h->by_key.slots[at] = (uint32_t)++h->n_keys;
	h->by_key.n++;
	return (uint32_t)h->n_keys - 1;
}

uint32_t history_index_registry(struct history *h, const char *id)
{
	size_t at;

	if (!is_name(id))
		return HISTORY_NONE;
	widen(h, &h->by_registry, registry_name);
	at = place(h, &h->by_registry, registry_name, id);
	if (h->by_registry.slots[at])
		return h->by_registry.slots[at] - 1;
	if (h->n_registries == HISTORY_REGISTRIES_MAX) {
		h->left_out++;
		return HISTORY_NONE;
	}
	h->registries = text_grow(h->registries, h->n_registries,
				  sizeof(*h->registries));
	h->registries[h->n_registries] = (struct history_registry){
		.id = text_dup(id),
		.key = HISTORY_NONE,
		.in_use = HISTORY_NONE,
		.first = HISTORY_NONE,
		.last = HISTORY_NONE,
		.wrote = HISTORY_NONE,
		.written = -1,
		.overdue = HISTORY_NONE,
		.watched = true,
	};
	h->by_registry.slots[at] = (uint32_t)++h->n_registries;
	h->by_registry.n++;
	return (uint32_t)h->n_registries - 1;
}

/* Versions are told apart by their key as well. */
static size_t version_place(const struct history *h,
			    const struct history_index *x, uint32_t key,
			    const char *name)
{
	size_t at = (text_hash(name) ^ (key * UINT64_C(0x9e3779b97f4a7c15))) &
		    (x->size - 1);
	const struct history_version *v;

	for (; x->slots[at]; at = (at + 1) & (x->size - 1)) {
		v = &h->versions[x->slots[at] - 1];
		if (v->key == key && text_same(v->name, name))
			break;
	}
	return at;
}

static void widen_versions(struct history *h)
{
	struct history_index *x = &h->by_version, wide = { .n = x->n };
	const struct history_version *v;

	if (x->size && 2 * (x->n + 1) <= x->size)
		return;
	wide.size = x->size ? 2 * x->size : INDEX_FIRST;
	wide.slots = text_alloc(wide.size, sizeof(*wide.slots));
	for (size_t i = 0; i < x->size; i++) {
		if (!x->slots[i])
			continue;
		v = &h->versions[x->slots[i] - 1];
		wide.slots[version_place(h, &wide, v->key, v->name)] =
			x->slots[i];
	}
	free(x->slots);
	*x = wide;
}

uint32_t history_index_version(struct history *h, uint32_t key,
			       const char *name)
{
	struct history_version v = {
		.key = key, .effective = -1, .seen = -1, .left = -1
	};
	size_t at;

	if (key == HISTORY_NONE || !name || !name[0] ||
	    !text_copy(v.name, sizeof(v.name), name))
		return HISTORY_NONE;
	widen_versions(h);
	at = version_place(h, &h->by_version, key, name);
	if (h->by_version.slots[at])
		return h->by_version.slots[at] - 1;
	if (h->n_versions == HISTORY_VERSIONS_MAX) {
		h->left_out++;
		return HISTORY_NONE;
	}
	h->versions =
		text_grow(h->versions, h->n_versions, sizeof(*h->versions));
	h->versions[h->n_versions] = v;
	h->by_version.slots[at] = (uint32_t)++h->n_versions;
	h->by_version.n++;
	return (uint32_t)h->n_versions - 1;
}

uint32_t history_index_known(const struct history *h, uint32_t key,
			     const char *name)
{
	size_t at;

	if (key == HISTORY_NONE || !name || !h->by_version.size)
		return HISTORY_NONE;
	at = version_place(h, &h->by_version, key, name);
	return h->by_version.slots[at] ? h->by_version.slots[at] - 1
				       : HISTORY_NONE;
}
