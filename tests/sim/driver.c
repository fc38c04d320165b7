/* Engines in virtual time: what comes next, and who hears of it. */
#include "driver.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "cloud.h"

void driver_init(struct driver *d, const struct driver_world *how, void *world,
		 int daemons)
{
	*d = (struct driver){ .how = how, .world = world, .daemons = daemons };
	for (int i = 0; i < daemons; i++)
		d->daemon[i].boot = DRIVER_BOOT;
}

void driver_drop(struct driver_answer *a)
{
	reply_free(&a->r);
	free(a);
}

void driver_free(struct driver *d)
{
	struct heap_node *n;

	while ((n = heap_pop(&d->queue)))
		driver_drop((struct driver_answer *)(void *)n);
	heap_free(&d->queue);
	for (int i = 0; i < d->daemons; i++)
		engine_free(d->daemon[i].e);
}

struct instant driver_now(const struct driver *d, int daemon)
{
	const struct driver_daemon *x = &d->daemon[daemon];

	return (struct instant){ .boot = d->t + x->boot,
				 .wall = SIM_EPOCH + d->t + x->wall };
}

/* ---- lives ---- */

void driver_born(struct driver *d, int daemon, struct config *config,
		 uint64_t seed)
{
	struct driver_daemon *x = &d->daemon[daemon];

	x->life++;
	x->awake = 0;
	x->e = engine_new(config, seed, seed, driver_now(d, daemon));
}

void driver_kill(struct driver *d, int daemon)
{
	engine_free(d->daemon[daemon].e);
	d->daemon[daemon].e = NULL;
}

void driver_freeze(struct driver *d, int daemon, int64_t ms)
{
	d->daemon[daemon].awake = d->t + ms;
}

void driver_drain(struct driver *d, int daemon)
{
	struct engine *e = d->daemon[daemon].e;
	struct action a;

	while (engine_action(e, &a)) {
		if (a.kind == ACTION_CALL)
			d->how->call(d->world, daemon, &a.call);
		else if (a.kind == ACTION_NOTE && d->how->note)
			d->how->note(d->world, daemon, a.note);
		else if (a.kind == ACTION_SAVE && d->how->save)
			d->how->save(d->world, daemon);
	}
	if (d->how->drained)
		d->how->drained(d->world, daemon);
}

void driver_tick(struct driver *d, int daemon)
{
	engine_tick(d->daemon[daemon].e, driver_now(d, daemon));
	driver_drain(d, daemon);
}

/* ---- answers ---- */

struct driver_answer *driver_answer(const struct driver *d, int daemon,
				    const struct call *call)
{
	struct driver_answer *a = text_alloc(1, sizeof(*a));

	a->daemon = daemon;
	a->life = d->daemon[daemon].life;
	a->r.kind = call->kind;
	a->r.ticket = call->ticket;
	a->r.fault.retry_after_ms = -1;
	a->r.date_ms = a->r.remaining = -1;
	a->r.reached = true;
	return a;
}

void driver_post(struct driver *d, struct driver_answer *a, int64_t t)
{
	heap_set(&d->queue, &a->node, t);
}

static void land(struct driver *d, struct driver_answer *a)
{
	struct driver_daemon *x = &d->daemon[a->daemon];

	heap_remove(&d->queue, &a->node);
	if (!x->e || x->life != a->life) {
		driver_drop(a);
		return;
	}
	if (d->t < x->awake) {
		driver_post(d, a, x->awake);
		return;
	}
	if (d->how->landing)
		d->how->landing(d->world, a);
	engine_reply(x->e, &a->r, driver_now(d, a->daemon));
	driver_drop(a);
	driver_drain(d, (int)(x - d->daemon));
}

/* ---- what comes next ---- */

/* When a daemon wants to be woken; SIM_NEVER. */
static int64_t wakes(const struct driver *d, int daemon)
{
	const struct driver_daemon *x = &d->daemon[daemon];
	int64_t t = x->e ? engine_wake(x->e) : INT64_MAX;

	if (t == INT64_MAX)
		return SIM_NEVER;
	t -= x->boot;
	if (t < x->awake)
		t = x->awake;
	return t > d->t ? t : d->t;
}

bool driver_step(struct driver *d, int64_t until)
{
	struct heap_node *n = heap_min(&d->queue);
	int64_t wake = SIM_NEVER;
	int who = 0;

	for (int i = 0; i < d->daemons; i++) {
		int64_t t = wakes(d, i);

		who = t < wake ? i : who;
		wake = t < wake ? t : wake;
	}
	if (n && n->key <= until && n->key <= wake) {
		d->t = n->key;
		land(d, (struct driver_answer *)(void *)n);
		return true;
	}
	if (wake < until) {
		d->t = wake;
		driver_tick(d, who);
		return true;
	}
	d->t = until;
	return false;
}

/* ---- configurations ---- */

static void on_problem(enum config_severity severity, const char *line,
		       void *arg)
{
	(void)severity;
	(void)arg;
	puts(line);
}

struct config *driver_configure(struct buf *text)
{
	struct config_source s = { .name = "simulated.conf" };
	struct config *c;

	s.text = buf_str(text);
	s.len = text->len;
	c = config_parse(&s, 1, on_problem, NULL, NULL);
	buf_free(text);
	if (c)
		c->read_rotation_policy = false;
	return c;
}
