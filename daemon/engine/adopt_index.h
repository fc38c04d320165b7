/*
 * adopt_index: the orders by which registries and watches are found.
 */
#ifndef KEYROTD_ENGINE_ADOPT_INDEX_H
#define KEYROTD_ENGINE_ADOPT_INDEX_H

#include "engine/model.h"

/* Watches have come or gone: who is found where, which are of one key, and
 * whose key are the strangers on. */
void adopt_index_watches(struct engine *e);
/* All registries that there are, n of them.  `all` is taken. */
void adopt_index_registries(struct engine *e, struct registry **all, size_t n);
/* Few are taken out of an order one by one, many by one walk over all: either
 * way that each costs little, however many there are. */
bool adopt_index_few(size_t n, size_t all);
/* These n, whose `gone` is set, are in it no more; they are sorted. */
void adopt_index_registries_out(struct engine *e, struct registry **gone,
				size_t n);
/* Out of the order and the ring of its key; what strangers are there on its
 * key is counted anew. */
void adopt_index_watch_out(struct engine *e, struct watch *w);

#endif
