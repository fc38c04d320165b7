/*
 * Keeps in front what is due next: every timer and job waits in one, and
 * moving or removing any of them costs O(log n).
 */
#include "base/heap.h"

#include <stdlib.h>

#include "base/text.h"

#define WIDTH \
	4 /* children of a place: few levels, each in a line of cache or two */

static bool before(const struct heap_place *a, const struct heap_place *b)
{
	return a->key < b->key || (a->key == b->key && a->seq < b->seq);
}

static void place(struct heap *h, struct heap_place what, size_t at)
{
	h->places[at] = what;
	h->at[what.slot] = (uint32_t)at;
}

/* To where it belongs, from a place that is free: towards the front. */
static void rise(struct heap *h, struct heap_place what, size_t at)
{
	while (at > 0 && before(&what, &h->places[(at - 1) / WIDTH])) {
		place(h, h->places[(at - 1) / WIDTH], at);
		at = (at - 1) / WIDTH;
	}
	place(h, what, at);
}

/* And away from it; false: it need not go there. */
static bool sink(struct heap *h, struct heap_place what, size_t at)
{
	size_t from = at;

	for (size_t child; (child = at * WIDTH + 1) < h->n; at = child) {
		size_t end = h->n - child < WIDTH ? h->n : child + WIDTH;

		for (size_t i = child + 1; i < end; i++)
			if (before(&h->places[i], &h->places[child]))
				child = i;
		if (!before(&h->places[child], &what))
			break;
		place(h, h->places[child], at);
	}
	if (at == from)
		return false;
	place(h, what, at);
	return true;
}

static void settle(struct heap *h, struct heap_place what, size_t at)
{
	if (!sink(h, what, at))
		rise(h, what, at);
}

static int by_rank(const void *a, const void *b)
{
	return before(a, b) ? -1 : 1; /* no two are of one rank */
}

/* All numbers were given: they begin anew, in the same order.  What is sorted
 * is a heap, too. */
static void renumber(struct heap *h)
{
	qsort(h->places, h->n, sizeof(*h->places), by_rank);
	for (size_t i = 0; i < h->n; i++) {
		h->places[i].seq = (uint32_t)i;
		place(h, h->places[i], i);
	}
	h->seq = (uint32_t)h->n;
}

static void grow(struct heap *h)
{
	h->size = h->size ? h->size * 2 : 16;
	h->places = text_realloc(h->places, h->size, sizeof(*h->places));
	h->nodes = text_realloc(h->nodes, h->size + 1, sizeof(*h->nodes));
	h->at = text_realloc(h->at, h->size + 1, sizeof(*h->at));
}

static uint32_t take_slot(struct heap *h)
{
	uint32_t slot = h->free;

	if (!slot)
		return ++h->used;
	h->free = h->at[slot];
	return slot;
}

void heap_set(struct heap *h, struct heap_node *node, int64_t key)
{
	if (h->seq == UINT32_MAX)
		renumber(h);
	node->key = key;
	if (node->slot) {
		settle(h, (struct heap_place){ key, ++h->seq, node->slot },
		       h->at[node->slot]);
		return;
	}
	if (h->n == h->size)
		grow(h);
	node->slot = take_slot(h);
	h->nodes[node->slot] = node;
	h->n++;
	rise(h, (struct heap_place){ key, ++h->seq, node->slot }, h->n - 1);
}

void heap_remove(struct heap *h, struct heap_node *node)
{
	size_t at;

	if (!node->slot)
		return;
	at = h->at[node->slot];
	h->at[node->slot] = h->free;
	h->free = node->slot;
	node->slot = 0;
	h->n--;
	if (at < h->n)
		settle(h, h->places[h->n], at);
}

struct heap_node *heap_min(const struct heap *h)
{
	return h->n ? h->nodes[h->places[0].slot] : NULL;
}

struct heap_node *heap_pop(struct heap *h)
{
	struct heap_node *node = heap_min(h);

	if (node)
		heap_remove(h, node);
	return node;
}

bool heap_has(const struct heap_node *node)
{
	return node->slot != 0;
}

void heap_free(struct heap *h)
{
	free(h->places);
	free(h->nodes);
	free(h->at);
	*h = (struct heap){ 0 };
}
