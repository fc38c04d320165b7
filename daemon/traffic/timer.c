/* Moments of boot time in one heap. */
#include "traffic/timer.h"

#include <stddef.h>

void timer_init(struct timer *t, unsigned kind, void *owner)
{
	*t = (struct timer){ .node.tag = kind, .owner = owner };
}

unsigned timer_kind(const struct timer *t)
{
	return t->node.tag;
}

void timer_set(struct heap *timers, struct timer *t, int64_t boot)
{
	if (boot == INT64_MAX)
		heap_remove(timers, &t->node);
	else
		heap_set(timers, &t->node, boot);
}

bool timer_is_set(const struct timer *t)
{
	return heap_has(&t->node);
}

int64_t timer_at(const struct timer *t)
{
	return heap_has(&t->node) ? t->node.key : INT64_MAX;
}

struct timer *timer_due(struct heap *timers, int64_t boot, int64_t *due)
{
	struct heap_node *n = heap_min(timers);

	if (!n || n->key > boot)
		return NULL;
	*due = n->key;
	heap_pop(timers);
	return (struct timer *)(void *)n;
}
