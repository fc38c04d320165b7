/* Writes in the order in which they came, each until its record is on the disk
 * or it has waited long enough. */
#include "held.h"

#include <ev.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/text.h"
#include "evidence.h"
#include "io/clock.h"

struct held {
	struct held_options options;
	struct ev_timer timer; /* runs while a write waits */
	TAILQ_HEAD(, held_write) writes;
};

/* The timer rings when the first of them has waited long enough. */
static void look(struct held *h)
{
	const struct held_write *w;
	int64_t next = INT64_MAX, left;

	TAILQ_FOREACH(w, &h->writes, link)
		if (w->until < next)
			next = w->until;
	ev_timer_stop(h->options.loop, &h->timer);
	if (next == INT64_MAX)
		return;
	left = next - clock_boot_ms();
	ev_now_update(h->options.loop);
	ev_timer_set(&h->timer, left > 0 ? (double)left / 1000. : 0., 0.);
	ev_timer_start(h->options.loop, &h->timer);
}

static void release(struct held *h, struct held_write *w, const struct fault *f)
{
	TAILQ_REMOVE(&h->writes, w, link);
	w->waits = false;
	h->options.released(w, f);
}

/* Its record is not on the disk, and it has waited long enough. */
static void too_long(struct held *h, struct held_write *w)
{
	const struct engine *e = h->options.engine;
	const char *why = engine_evidence_of(e)->problem;
	struct fault f = fault_none();

	if (!*why)
		why = "The disk is slow.";
	if (engine_config(e)->audit_required)
		fault_set(
			&f, FAULT_LOCAL, 0,
			"The write is not sent, for its record of the audit is not on the disk, and audit-required is set. %s",
			why);
	else
		log_warn(
			"A write to %s is sent though its record of the audit is not on the disk. %s",
			w->registry, why);
	release(h, w, &f);
}

void held_kept(struct held *h)
{
	struct held_write *w, *next;
	const struct fault none = fault_none();
	int64_t now = clock_boot_ms();

	for (w = TAILQ_FIRST(&h->writes); w; w = next) {
		next = TAILQ_NEXT(w, link);
		if (evidence_has(h->options.evidence, w->record))
			release(h, w, &none);
		else if (now >= w->until)
			too_long(h, w);
	}
	look(h);
}

static void due(struct ev_loop *loop, struct ev_timer *t, int events)
{
	struct held *h = t->data;

	(void)loop;
	(void)events;
	held_kept(h);
	h->options.turned(h->options.arg);
}

bool held_take(struct held *h, struct held_write *w, const struct call *c,
	       struct exchange *exchange, const char *id)
{
	const struct config *config = engine_config(h->options.engine);
	struct evidence *v = h->options.evidence;
	uint64_t record;

	if (c->kind != CALL_PATCH || !v)
		return false;
	record = evidence_write(v, c, exchange, id);
	if (record && evidence_has(v, record))
		return false;
	w->waits = true;
	w->registry = c->registry;
	/* One that is lost is none. */
	w->record = record ? record : UINT64_MAX;
	w->until = clock_boot_ms() + config->audit_wait_ms;
	w->exchange = *exchange;
	*exchange = (struct exchange){ 0 };
	TAILQ_INSERT_TAIL(&h->writes, w, link);
	look(h);
	return true;
}

void held_drop(struct held *h, struct held_write *w)
{
	if (w->waits)
		TAILQ_REMOVE(&h->writes, w, link);
	w->waits = false;
	exchange_free(&w->exchange);
}

struct held *held_new(const struct held_options *o)
{
	struct held *h = text_alloc(1, sizeof(*h));

	h->options = *o;
	TAILQ_INIT(&h->writes);
	ev_init(&h->timer, due);
	h->timer.data = h;
	return h;
}

void held_free(struct held *h)
{
	if (!h)
		return;
	ev_timer_stop(h->options.loop, &h->timer);
	free(h);
}
