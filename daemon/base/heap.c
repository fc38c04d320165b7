/*
 * Keeps in front what is due next: every timer and job waits in one, and
 * moving or removing any of them costs O(log n).
 */
#include "base/heap.h"

#include <stdlib.h>

#include "base/text.h"

#define WIDTH \
	4 /* children of a place: few levels, each in two lines of cache */

static bool before(const struct heap_place *a, const struct heap_place *b)
{
	return a->key < b->key || (a->key == b->key && a->seq < b->seq);
}

static void place(struct heap *h, struct heap_place what, size_t at)
{
	h->places[at] = what;
	what.node->pos = (uint32_t)at + 1;
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

void heap_set(struct heap *h, struct heap_node *node, int64_t key)
{
	struct heap_place what = { key, ++h->seq, node };

	node->key = key;
	if (node->pos != 0) {
		settle(h, what, node->pos - 1);
		return;
	}
	if (h->n == h->size) {
		h->size = h->size ? h->size * 2 : 16;
		h->places =
			text_realloc(h->places, h->size, sizeof(*h->places));
	}
	h->n++;
	rise(h, what, h->n - 1);
}

void heap_remove(struct heap *h, struct heap_node *node)
{
	size_t pos = node->pos;

	if (pos == 0)
		return;
	node->pos = 0;
	h->n--;
	if (pos - 1 < h->n)
		settle(h, h->places[h->n], pos - 1);
}

struct heap_node *heap_min(const struct heap *h)
{
	return h->n ? h->places[0].node : NULL;
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
	return node->pos != 0;
}

void heap_free(struct heap *h)
{
	free(h->places);
	*h = (struct heap){ 0 };
}
