/*
 * heap: an intrusive min-heap of 64-bit keys, in which each place has four
 * children.
 *
 * The nodes lie all over the memory, and moving others aside must not touch
 * them: the keys stand in the heap's own array, and where each node's place is,
 * in another.  The heap owns these two; the nodes belong to whoever embeds
 * them; there are fewer than 2^32.  Insert, change and remove are O(log n).  A
 * node is in at most one heap, at most once.  Equal keys come out in order of
 * insertion.
 */
#ifndef KEYROTD_BASE_HEAP_H
#define KEYROTD_BASE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct heap_node {
	int64_t key;
	uint32_t slot; /* its number among those in the heap, 0: not in one */
	uint32_t tag;  /* the embedder's: the heap does not look at it */
};

struct heap {
	struct heap_place {
		int64_t key;
		uint32_t seq; /* breaks ties, so that runs replay identically */
		uint32_t slot;
	} * places; /* of n */
	/* By slot, of which [0] is nobody's: whose it is, and its place; of a
	 * free one the next that is free. */
	struct heap_node **nodes;
	uint32_t *at;
	size_t n, size;		  /* size: of all, one slot more */
	uint32_t seq, free, used; /* slots that were given back, or ever used */
};

/* Put the node in, or move it when it is in already. */
void heap_set(struct heap *h, struct heap_node *node, int64_t key);
/* Take it out; a node that is in no heap is left alone. */
void heap_remove(struct heap *h, struct heap_node *node);
struct heap_node *heap_min(const struct heap *h); /* NULL when empty */
struct heap_node *heap_pop(struct heap *h);	  /* NULL when empty */
bool heap_has(const struct heap_node *node);
void heap_free(struct heap *h); /* the array, not the nodes */

#endif
