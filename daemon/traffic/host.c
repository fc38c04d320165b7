/* Room at one origin: proven by answers, lost by failures, a share at most. */
#include "traffic/host.h"

#include <stdlib.h>

#include "base/text.h"

void host_init(struct hosts *hs)
{
	*hs = (struct hosts){ .share = 1, .silent_share = 1 };
	LIST_INIT(&hs->odd);
	for (size_t i = 0; i < TRAFFIC_HOST_BUCKETS; i++)
		LIST_INIT(&hs->buckets[i]);
}

void host_free(struct hosts *hs)
{
	struct host *h;

	for (size_t i = 0; i < TRAFFIC_HOST_BUCKETS; i++)
		while ((h = LIST_FIRST(&hs->buckets[i]))) {
			LIST_REMOVE(h, bucket);
			heap_free(&h->queue);
			free(h->fault);
			free(h->counts);
			free(h->origin);
			free(h);
		}
	heap_free(&hs->ready);
	heap_free(&hs->ready_silent);
}

struct host *host_find(struct hosts *hs, const char *origin)
{
	size_t at = text_hash(origin) % TRAFFIC_HOST_BUCKETS;
	struct host *h;

	LIST_FOREACH(h, &hs->buckets[at], bucket)
	if (text_same(h->origin, origin))
		return h;
	h = text_alloc(1, sizeof(*h));
	h->origin = text_dup(origin);
	h->limit = 1;
	h->answered_at = h->used_at = h->lost_at = -1;
	LIST_INSERT_HEAD(&hs->buckets[at], h, bucket);
	hs->n++;
	return h;
}

/* Keep the heap of hosts with room and work in step: nobody has to search. */
static void update(struct hosts *hs, struct host *h)
{
	const struct heap_node *first = heap_min(&h->queue);
	unsigned room = h->single ? 1 : h->limit;
	unsigned limit = room < hs->share ? room : hs->share;
	struct heap *ready = h->silent ? &hs->ready_silent : &hs->ready;

	if (!first || h->running >= limit)
		heap_remove(ready, &h->ready);
	else if (!heap_has(&h->ready) || h->ready.key != first->key)
		heap_set(ready, &h->ready, first->key);
}

static void set_silent(struct hosts *hs, struct host *h, bool silent)
{
	if (h->silent == silent)
		return;
	heap_remove(h->silent ? &hs->ready_silent : &hs->ready, &h->ready);
	h->silent = silent;
	if (silent)
		hs->n_silent += h->running;
	else
		hs->n_silent -= h->running;
}

void host_share(struct hosts *hs, unsigned max_requests)
{
	struct host *h;

	hs->share = max_requests / 4 > 0 ? max_requests / 4 : 1;
	hs->silent_share = max_requests / 2 > 0 ? max_requests / 2 : 1;
	for (size_t i = 0; i < TRAFFIC_HOST_BUCKETS; i++)
		LIST_FOREACH(h, &hs->buckets[i], bucket)
	update(hs, h);
}

void host_single(struct hosts *hs, struct host *h)
{
	h->single = true;
	update(hs, h);
}

void host_join(struct hosts *hs, struct host *h, struct heap_node *n,
	       int64_t key)
{
	heap_set(&h->queue, n, key);
	update(hs, h);
}

void host_leave(struct hosts *hs, struct host *h, struct heap_node *n)
{
	heap_remove(&h->queue, n);
	update(hs, h);
}

struct host *host_next(const struct hosts *hs)
{
	struct heap_node *n = heap_min(&hs->ready);
	struct heap_node *s = hs->n_silent < hs->silent_share
				      ? heap_min(&hs->ready_silent)
				      : NULL;

	if (!n || (s && s->key < n->key))
		n = s;
	if (!n)
		return NULL;
	return (struct host *)(void *)((char *)n -
				       offsetof(struct host, ready));
}

struct heap_node *host_pop(struct hosts *hs, struct host *h)
{
	struct heap_node *n = heap_pop(&h->queue);

	update(hs, h);
	return n;
}

void host_begin(struct hosts *hs, struct host *h, int64_t boot)
{
	if (h->running == 0 && boot - h->used_at > TRAFFIC_TRUST_MS)
		h->limit = 1;
	h->running++;
	hs->n_silent += h->silent;
	h->used_at = boot;
	update(hs, h);
}

void host_end(struct hosts *hs, struct host *h, int64_t boot)
{
	h->running--;
	hs->n_silent -= h->silent;
	h->used_at = boot;
	update(hs, h);
}

void host_count(struct host *h, int code, bool throttled)
{
	unsigned i = 0;

	h->throttled += throttled;
	while (i < h->n_counts && h->counts[i].code != code)
		i++;
	/* Whoever makes up codes fills no table. */
	if (i == h->n_counts && i >= TRAFFIC_CODES) {
		code = -1;
		i = h->n_counts - (h->counts[h->n_counts - 1].code == -1);
	}
	if (i == h->n_counts) {
		h->counts = text_grow(h->counts, i, sizeof(*h->counts));
		h->counts[h->n_counts++] = (struct host_count){ .code = code };
	}
	h->counts[i].n++;
}

void host_retry(struct host *h)
{
	h->retried++;
}

bool host_mute(const struct host *h)
{
	return h->unanswered >= TRAFFIC_MUTE;
}

/* It said something, be it a failure. */
static void spoke(struct hosts *hs, struct host *h)
{
	hs->n_mute -= host_mute(h);
	h->unanswered = 0;
	h->lost_at = -1;
}

/* Those that were lost together are one. */
static void lost(struct hosts *hs, struct host *h, int64_t sent, int64_t boot)
{
	if (sent < h->lost_at)
		return;
	h->lost_at = boot;
	if (++h->unanswered == TRAFFIC_MUTE)
		hs->n_mute++;
}

void host_learn(struct hosts *hs, struct host *h, enum host_lesson lesson,
		bool http2, int64_t sent, int64_t boot)
{
	if (lesson == HOST_ANSWERED || lesson == HOST_FAILED)
		spoke(hs, h);
	else if (lesson == HOST_SILENT && h->answered_at < sent)
		lost(hs, h, sent, boot);
	if (lesson == HOST_ANSWERED) {
		h->limit = http2 ? TRAFFIC_STREAMS : TRAFFIC_CONNECTIONS;
		h->answered_at = boot;
		set_silent(hs, h, false);
	} else if (lesson != HOST_NOTHING && h->answered_at < sent) {
		/* One that fails among others that are answered is no
		 * trouble of the host's. */
		h->limit = 1;
		set_silent(hs, h, lesson == HOST_SILENT);
	} else if (lesson == HOST_FAILED) {
		set_silent(hs, h, false);
	}
	update(hs, h);
}

static void forgive(struct hosts *hs, struct host *h)
{
	if (h->odd_told) {
		LIST_REMOVE(h, odd_link);
		hs->n_odd--;
	}
	h->odd_told = false;
	h->odd = h->sound = 0;
}

bool host_dated(struct hosts *hs, struct host *h, int64_t date_ms,
		bool believed, bool known)
{
	if (believed) {
		if (h->odd && ++h->sound >= TRAFFIC_CALM)
			forgive(hs, h);
		return false;
	}
	h->odd++;
	h->sound = 0;
	h->odd_date = date_ms;
	/* As long as nobody knows, it may be the one that is right. */
	if (h->odd_told || (!known && h->odd < TRAFFIC_ODD))
		return false;
	LIST_INSERT_HEAD(&hs->odd, h, odd_link);
	hs->n_odd++;
	return h->odd_told = true;
}

void host_forgive(struct hosts *hs)
{
	struct host *h;

	for (size_t i = 0; i < TRAFFIC_HOST_BUCKETS; i++)
		LIST_FOREACH(h, &hs->buckets[i], bucket)
	forgive(hs, h);
}
