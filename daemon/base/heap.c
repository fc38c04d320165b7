/*
 * Keeps in front what is due next: every timer and job waits in one, and
 * moving or removing any of them costs O(log n).
 */
#include "base/heap.h"

#include <stdlib.h>

#include "base/text.h"

static bool before(const struct heap_node *a, const struct heap_node *b)
{
	return a->key < b->key || (a->key == b->key && a->seq < b->seq);
}

static void place(struct heap *h, struct heap_node *node, size_t pos)
{
	h->nodes[pos - 1] = node;
	node->pos = (uint32_t)pos;
}

static void rise(struct heap *h, struct heap_node *node)
{
	size_t pos = node->pos;

	while (pos > 1 && before(node, h->nodes[pos / 2 - 1])) {
		place(h, h->nodes[pos / 2 - 1], pos);
		pos /= 2;
	}
	place(h, node, pos);
}

static void sink(struct heap *h, struct heap_node *node)
{
	size_t pos = node->pos;

	while (2 * pos <= h->n) {
		size_t child = 2 * pos;

		if (child < h->n &&
		    before(h->nodes[child], h->nodes[child - 1]))
			child++;
		if (!before(h->nodes[child - 1], node))
			break;
		place(h, h->nodes[child - 1], pos);
		pos = child;
	}
	place(h, node, pos);
}

void heap_set(struct heap *h, struct heap_node *node, int64_t key)
{
	if (node->pos == 0) {
		if (h->n == h->size) {
			h->size = h->size ? h->size * 2 : 16;
			h->nodes = text_realloc(h->nodes, h->size,
						sizeof(*h->nodes));
		}
		h->n++;
		place(h, node, h->n);
	}
	node->key = key;
	node->seq = ++h->seq;
	rise(h, node);
	sink(h, node);
}

void heap_remove(struct heap *h, struct heap_node *node)
{
	size_t pos = node->pos;
	struct heap_node *last;

	if (pos == 0)
		return;
	last = h->nodes[h->n - 1];
	h->n--;
	node->pos = 0;
	if (last == node)
		return;
	place(h, last, pos);
	rise(h, last);
	sink(h, last);
}

struct heap_node *heap_min(const struct heap *h)
{
	return h->n ? h->nodes[0] : NULL;
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
	free(h->nodes);
	*h = (struct heap){ 0 };
}
