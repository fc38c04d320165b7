/*
 * Reads records of the audit, one after the other, into moves, versions, gaps
 * and open faults.
 */
#include "ctl/history.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "ctl/history_event.h"
#include "ctl/history_fault.h"
#include "ctl/history_move.h"
#include "ctl/history_source.h"
#include "ctl/history_span.h"
#include "ctl/history_turns.h"
#include "ctl/history_watched.h"
#include "ctl/labels.h"

/* What the file is cared for with, or stands behind a stop: that is no sign of
 * a watcher. */
static bool is_of_the_file(const char *kind)
{
	static const char *const kinds[] = { "head", "torn", "broken",
					     "removed", "taken" };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(kinds[i], kind))
			return true;
	return false;
}

void history_from(struct history *h, unsigned source)
{
	h->source = source;
	if (h->n_sources <= source)
		h->n_sources = source + 1;
}

static void reach(int64_t *first, int64_t *last, int64_t t)
{
	if (*first < 0 || t < *first)
		*first = t;
	if (t > *last)
		*last = t;
}

void history_add(struct history *h, const struct chain_record *r)
{
	struct history_source *now = history_source_now(h);
	int64_t n = 0;

	if (is_of_the_file(r->kind))
		return;
	if (h->to >= 0 && r->time > h->to) {
		history_source_beyond(h, r);
		return;
	}
	if (!strcmp(r->kind, "start"))
		history_source_start(h, r);
	if (!strcmp(r->kind, "start") || !strcmp(r->kind, "stop"))
		history_turns_over(h, r->time);
	if (!strcmp(r->kind, "watched"))
		history_watched_add(h, r);
	else if (json_get_str(r->root, "event"))
		history_event_add(h, r);
	else if (!strcmp(r->kind, "lost") &&
		 json_int(json_get(r->root, "records"), &n) && n > 0)
		h->lost += (uint64_t)n;
	now->stopped = !strcmp(r->kind, "stop");
	reach(&now->first, &now->last, r->time);
	reach(&h->first, &h->last, r->time);
}

/* ---- the whole ---- */

int64_t history_due(const struct history *h, const struct history_registry *r)
{
	uint32_t newest = r->key == HISTORY_NONE ? HISTORY_NONE
						 : h->keys[r->key].newest;

	if (!r->watched || r->manual || newest == HISTORY_NONE ||
	    r->in_use == newest || h->window_ms <= 0 ||
	    h->versions[newest].effective < 0)
		return -1;
	return h->versions[newest].effective + h->window_ms;
}

static int by_length(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static int by_id(const void *a, const void *b)
{
	const struct history_registry *x = *(void *const *)a,
				      *y = *(void *const *)b;

	if (x->key != y->key)
		return (x->key > y->key) - (x->key < y->key);
	return strcmp(x->id, y->id);
}

static int by_time(const void *a, const void *b)
{
	const struct history_version *x = *(void *const *)a,
				     *y = *(void *const *)b;

	if (x->key != y->key)
		return (x->key > y->key) - (x->key < y->key);
	if (x->effective != y->effective)
		return (x->effective > y->effective) -
		       (x->effective < y->effective);
	return strcmp(x->name, y->name);
}

static void name_registries(struct history *h)
{
	const char **ids = text_alloc(h->n_registries + 1, sizeof(*ids));
	char **labels = text_alloc(h->n_registries + 1, sizeof(*labels));

	for (size_t i = 0; i < h->n_registries; i++)
		ids[i] = h->registries[i].id;
	labels_make(ids, labels, h->n_registries);
	for (size_t i = 0; i < h->n_registries; i++)
		h->registries[i].label = labels[i];
	free(ids);
	free(labels);
}

static void count_rotation(struct history *h, const struct history_version *v)
{
	struct history_key *k = &h->keys[v->key];

	if (v->effective < 0 || v->effective > history_span_until(h))
		return;
	k->rotations += v->effective >= history_span_begin(h);
	if (k->effective == 0 || v->effective < k->oldest)
		k->oldest = v->effective;
	if (k->effective == 0 || v->effective > k->latest)
		k->latest = v->effective;
	k->effective++;
}

int64_t history_every(const struct history_key *k)
{
	return k->effective < 2 ? -1
				: (k->latest - k->oldest) / (k->effective - 1);
}

void history_end(struct history *h)
{
	history_source_join(h);
	name_registries(h);
	h->took = text_alloc(h->n_moves + 1, sizeof(*h->took));
	for (size_t i = 0; i < h->n_moves; i++) {
		if (history_move_took(&h->moves[i]) < 0 ||
		    !h->moves[i].window_ms)
			continue;
		h->took[h->n_timed++] = history_move_took(&h->moves[i]);
		h->n_late += history_move_is_late(&h->moves[i]);
	}
	qsort(h->took, h->n_timed, sizeof(*h->took), by_length);
	for (size_t i = 0; i < h->n_gaps; i++)
		h->down_ms += h->gaps[i].to - h->gaps[i].from;
	h->sorted = text_alloc(h->n_registries + 1, sizeof(*h->sorted));
	for (size_t i = 0; i < h->n_registries; i++) {
		struct history_registry *r = &h->registries[i];

		history_move_overdue(h, r, HISTORY_NONE);
		h->sorted[i] = r;
		if (r->in_use != HISTORY_NONE && r->watched)
			h->versions[r->in_use].users++;
		else if (r->in_use != HISTORY_NONE)
			h->versions[r->in_use].departed++;
		if (!r->watched)
			continue;
		if (r->key == HISTORY_NONE)
			continue;
		h->keys[r->key].users++;
		h->keys[r->key].unknown += r->in_use == HISTORY_NONE;
	}
	h->in_order = text_alloc(h->n_versions + 1, sizeof(*h->in_order));
	for (size_t i = 0; i < h->n_versions; i++) {
		h->in_order[i] = &h->versions[i];
		count_rotation(h, &h->versions[i]);
	}
	qsort(h->in_order, h->n_versions, sizeof(*h->in_order), by_time);
	qsort(h->sorted, h->n_registries, sizeof(*h->sorted), by_id);
}

enum history_advice history_advice(const struct history *h, uint32_t version)
{
	const struct history_version *v = &h->versions[version];

	if (h->keys[v->key].newest == version)
		return HISTORY_NEWEST;
	if (v->users > 0)
		return HISTORY_IN_USE;
	if (h->cut || h->left_out || !h->listed ||
	    h->keys[v->key].newest == HISTORY_NONE ||
	    h->keys[v->key].unknown > 0 || v->departed > 0)
		return HISTORY_UNKNOWN;
	return HISTORY_CLEAR;
}

const char *history_advice_str(enum history_advice a)
{
	static const char *const words[] = {
		[HISTORY_IN_USE] = "in use",
		[HISTORY_NEWEST] = "newest",
		[HISTORY_UNKNOWN] = "not known",
		[HISTORY_CLEAR] = "clear",
	};

	return words[a];
}

void history_init(struct history *h, int64_t from, int64_t to)
{
	*h = (struct history){
		.from = from, .to = to, .first = -1, .last = -1, .n_sources = 1
	};
	for (unsigned i = 0; i < HISTORY_SOURCES_MAX; i++)
		h->sources[i].first = h->sources[i].last = -1;
}

void history_free(struct history *h)
{
	for (size_t i = 0; i < h->n_registries; i++) {
		free(h->registries[i].id);
		free(h->registries[i].label);
		history_fault_mend(&h->registries[i].fault);
	}
	for (size_t i = 0; i < h->n_keys; i++) {
		free(h->keys[i].id);
		history_fault_mend(&h->keys[i].fault);
	}
	history_turns_free(h);
	for (unsigned i = 0; i < HISTORY_SOURCES_MAX; i++)
		free(h->sources[i].gaps);
	free(h->registries);
	free(h->keys);
	free(h->versions);
	free(h->moves);
	free(h->gaps);
	free(h->took);
	free(h->sorted);
	free(h->in_order);
	free(h->by_registry.slots);
	free(h->by_key.slots);
	free(h->by_version.slots);
}
