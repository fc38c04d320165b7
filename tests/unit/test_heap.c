/* base/heap: against a list that is searched from end to end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/heap.h"
#include "base/random.h"

#define NODES 300

static uint64_t seq[NODES], last_seq; /* when each was put in, or moved */

static void empty_ones(void **state)
{
	struct heap h = { 0 };
	struct heap_node n = { 0 };

	(void)state;
	assert_null(heap_min(&h));
	assert_null(heap_pop(&h));
	assert_false(heap_has(&n));
	heap_remove(&h, &n);
	assert_int_equal(h.n, 0);
	heap_free(&h);
	assert_null(h.places);
	heap_free(&h);
}

static void one_node(void **state)
{
	struct heap h = { 0 };
	struct heap_node n = { 0 };

	(void)state;
	heap_set(&h, &n, 5);
	assert_true(heap_has(&n));
	heap_set(&h, &n, -5);
	assert_int_equal(h.n, 1);
	assert_ptr_equal(heap_min(&h), &n);
	assert_int_equal(n.key, -5);
	assert_ptr_equal(heap_pop(&h), &n);
	assert_false(heap_has(&n));
	heap_set(&h, &n, 1);
	heap_remove(&h, &n);
	heap_remove(&h, &n);
	assert_null(heap_min(&h));
	heap_free(&h);
}

static void keys_at_the_ends(void **state)
{
	static const int64_t keys[] = { 0, INT64_MAX, -1, INT64_MIN, 1 };
	static const int64_t sorted[] = { INT64_MIN, -1, 0, 1, INT64_MAX };
	struct heap_node nodes[5] = { 0 };
	struct heap h = { 0 };

	(void)state;
	for (size_t i = 0; i < 5; i++)
		heap_set(&h, &nodes[i], keys[i]);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(heap_pop(&h)->key, sorted[i]);
	heap_free(&h);
}

static void equal_keys_keep_their_order(void **state)
{
	struct heap_node nodes[NODES] = { 0 };
	struct heap h = { 0 };

	(void)state;
	for (size_t i = 0; i < NODES; i++)
		heap_set(&h, &nodes[i], 7);
	/* One that is set again goes behind the others. */
	heap_set(&h, &nodes[3], 7);
	for (size_t i = 0; i < NODES; i++)
		if (i != 3)
			assert_ptr_equal(heap_pop(&h), &nodes[i]);
	assert_ptr_equal(heap_pop(&h), &nodes[3]);
	heap_free(&h);
}

/* The least by (key, seq), found the slow way. */
static struct heap_node *least(struct heap_node *nodes)
{
	struct heap_node *best = NULL;

	for (size_t i = 0; i < NODES; i++) {
		struct heap_node *n = &nodes[i];

		if (heap_has(n) &&
		    (!best || n->key < best->key ||
		     (n->key == best->key && seq[i] < seq[best - nodes])))
			best = n;
	}
	return best;
}

static void check(const struct heap *h, struct heap_node *nodes, size_t n)
{
	assert_int_equal(h->n, n);
	assert_ptr_equal(heap_min(h), least(nodes));
	for (size_t i = 0; i < h->n; i++)
		assert_int_equal(h->at[h->places[i].slot], i);
}

static size_t step(struct heap *h, struct heap_node *nodes, struct random *r,
		   size_t n)
{
	struct heap_node *node = &nodes[random_below(r, NODES)];
	struct heap_node *first = least(nodes);
	bool was = heap_has(node);

	switch (random_below(r, 5)) {
	case 0:
		heap_remove(h, node);
		assert_false(heap_has(node));
		return was ? n - 1 : n;
	case 1:
		assert_ptr_equal(heap_pop(h), first);
		return first ? n - 1 : 0;
	default:
		/* Few keys, so that many are equal. */
		heap_set(h, node, random_below(r, 40) - 20);
		seq[node - nodes] = ++last_seq;
		return was ? n : n + 1;
	}
}

static void like_a_list(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 10; seed++) {
		struct heap_node nodes[NODES] = { 0 };
		struct heap h = { 0 };
		struct random r;
		size_t n = 0;

		random_init(&r, seed);
		/* Numbers run out in half of them: then they begin anew. */
		if (seed % 2)
			h.seq = UINT32_MAX - 100 * (uint32_t)seed;
		for (int i = 0; i < 3000; i++) {
			n = step(&h, nodes, &r, n);
			check(&h, nodes, n);
		}
		while (n > 0) {
			struct heap_node *first = least(nodes);

			assert_ptr_equal(heap_pop(&h), first);
			n--;
		}
		assert_null(heap_pop(&h));
		assert_true(h.seq < 10000);
		heap_free(&h);
	}
}

/* Whichever place is taken out, what is left comes in order. */
static void any_node_can_go(void **state)
{
	(void)state;
	for (size_t out = 0; out < 40; out++) {
		struct heap_node nodes[40] = { 0 };
		struct heap h = { 0 };
		int64_t last = INT64_MIN;

		for (size_t i = 0; i < 40; i++)
			heap_set(&h, &nodes[i], (int64_t)(i * 17 % 40));
		heap_remove(&h, h.nodes[h.places[out].slot]);
		for (size_t i = 0; i < 39; i++) {
			struct heap_node *n = heap_pop(&h);

			assert_true(n->key > last);
			last = n->key;
		}
		assert_null(heap_min(&h));
		heap_free(&h);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_ones),
		cmocka_unit_test(one_node),
		cmocka_unit_test(keys_at_the_ends),
		cmocka_unit_test(equal_keys_keep_their_order),
		cmocka_unit_test(like_a_list),
		cmocka_unit_test(any_node_can_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
