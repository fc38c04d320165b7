/* hosts: per-server admission. */
#include "io/hosts.h"

#include <stdlib.h>

#include "base/text.h"

#define BUCKETS 256

TAILQ_HEAD(node_list, host_node);

struct host {
	LIST_ENTRY(host) bucket;
	TAILQ_ENTRY(host) ready; /* listed while it has a node that may run */
	bool is_ready;
	struct node_list waiting;
	size_t running, limit;
	size_t nodes; /* waiting and running */
	char *origin;
};

struct hosts {
	LIST_HEAD(, host) buckets[BUCKETS];
	TAILQ_HEAD(, host) ready;
};

struct hosts *hosts_new(void)
{
	struct hosts *hs = text_alloc(1, sizeof(*hs));

	for (size_t i = 0; i < BUCKETS; i++)
		LIST_INIT(&hs->buckets[i]);
	TAILQ_INIT(&hs->ready);
	return hs;
}

void hosts_free(struct hosts *hs)
{
	free(hs);
}

/* Keep the list of hosts with work in step, so that nobody has to search. */
static void update(struct hosts *hs, struct host *h)
{
	bool ready = !TAILQ_EMPTY(&h->waiting) && h->running < h->limit;

	if (ready && !h->is_ready)
		TAILQ_INSERT_TAIL(&hs->ready, h, ready);
	else if (!ready && h->is_ready)
		TAILQ_REMOVE(&hs->ready, h, ready);
	h->is_ready = ready;
}

static struct host *find(struct hosts *hs, const char *origin)
{
	size_t at = text_hash(origin) % BUCKETS;
	struct host *h;

	LIST_FOREACH(h, &hs->buckets[at], bucket)
	if (text_same(h->origin, origin))
		return h;
	h = text_alloc(1, sizeof(*h));
	h->origin = text_dup(origin);
	h->limit = 1;
	TAILQ_INIT(&h->waiting);
	LIST_INSERT_HEAD(&hs->buckets[at], h, bucket);
	return h;
}

void hosts_join(struct hosts *hs, struct host_node *n, const char *origin)
{
	struct host *h = find(hs, origin);

	n->host = h;
	n->waiting = true;
	h->nodes++;
	TAILQ_INSERT_TAIL(&h->waiting, n, link);
	update(hs, h);
}

void hosts_leave(struct hosts *hs, struct host_node *n)
{
	struct host *h = n->host;

	if (!h)
		return;
	n->host = NULL;
	if (n->waiting)
		TAILQ_REMOVE(&h->waiting, n, link);
	else
		h->running--;
	n->waiting = false;
	update(hs, h);
	if (--h->nodes > 0)
		return;
	LIST_REMOVE(h, bucket);
	free(h->origin);
	free(h);
}

struct host_node *hosts_next(struct hosts *hs)
{
	struct host *h = TAILQ_FIRST(&hs->ready);
	struct host_node *n;

	if (!h)
		return NULL;
	n = TAILQ_FIRST(&h->waiting);
	TAILQ_REMOVE(&h->waiting, n, link);
	n->waiting = false;
	h->running++;
	/* Off the list and to its end: the next server's turn. */
	TAILQ_REMOVE(&hs->ready, h, ready);
	h->is_ready = false;
	update(hs, h);
	return n;
}

struct host_node *hosts_waiting(const struct host *host)
{
	return TAILQ_FIRST(&host->waiting);
}

size_t hosts_running(const struct host *host)
{
	return host->running;
}

void hosts_limit(struct hosts *hs, struct host *host, size_t limit)
{
	host->limit = limit;
	update(hs, host);
}

size_t hosts_limit_of(const struct host *host)
{
	return host->limit;
}
