/*
 * driver: engines in virtual time, for worlds that are smaller than world.h's:
 * their clocks and lives, and the answers that are on their way to them.  A
 * world says what it answers and when; the driver, what comes next.
 *
 *	driver_init(&d, &how, world, daemons)
 *	driver_born(&d, i, config, seed), driver_tick(&d, i)
 *	while (...)
 *		if (!driver_step(&d, until))
 *			it is `until`: what the world does by itself
 *	driver_free(&d)
 *
 * The driver owns the engines and the answers; the world is the caller's.
 */
#ifndef SIM_DRIVER_H
#define SIM_DRIVER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/heap.h"
#include "engine/engine.h"

#define DRIVER_DAEMONS 3
#define DRIVER_BOOT 1000000 /* boot ms of the first start, at t 0 */

/* An answer on its way. */
struct driver_answer {
	struct heap_node node; /* first: cast from it */
	struct reply r;
	int daemon;
	unsigned life; /* of the daemon that asked */
	bool marked;   /* the world's own, as about */
	int about[2];
};

/* What a world does; each may be NULL but call. */
struct driver_world {
	/* The engine asks. */
	void (*call)(void *world, int daemon, const struct call *call);
	void (*note)(void *world, int daemon, const struct note *n);
	void (*save)(void *world, int daemon);
	/* An answer is about to be handed in. */
	void (*landing)(void *world, const struct driver_answer *a);
	/* All that the engine asked for was carried out. */
	void (*drained)(void *world, int daemon);
};

struct driver_daemon {
	struct engine *e; /* NULL: it does not run */
	unsigned life;
	int64_t boot;  /* its boot clock shows t and this */
	int64_t wall;  /* ms by which its wall clock is wrong */
	int64_t awake; /* it stands still until then */
};

struct driver {
	const struct driver_world *how;
	void *world;
	int64_t t; /* true ms since the beginning */
	struct heap queue;
	struct driver_daemon daemon[DRIVER_DAEMONS];
	int daemons;
};

void driver_init(struct driver *d, const struct driver_world *how, void *world,
		 int daemons);
/* Engines and answers; nothing is handed in any more. */
void driver_free(struct driver *d);

/* The clocks of one daemon. */
struct instant driver_now(const struct driver *d, int daemon);

/* A new life with this configuration, which is taken. */
void driver_born(struct driver *d, int daemon, struct config *config,
		 uint64_t seed);
/* The end of it, at once. */
void driver_kill(struct driver *d, int daemon);
/* It stands still for so many ms: neither ticks nor hears of anything. */
void driver_freeze(struct driver *d, int daemon, int64_t ms);
/* Its time has come, whether or not it wanted to be woken. */
void driver_tick(struct driver *d, int daemon);
/* What the engine wants done after somebody has called it. */
void driver_drain(struct driver *d, int daemon);

/* An answer to this question, to be filled in: reached, nothing else told. */
struct driver_answer *driver_answer(const struct driver *d, int daemon,
				    const struct call *call);
/* It is handed in at t, if the daemon still lives that asked. */
void driver_post(struct driver *d, struct driver_answer *a, int64_t t);
/* Nobody will hear of it. */
void driver_drop(struct driver_answer *a);

/* The next answer or the next engine's turn, when it is due by `until` (an
 * engine's before it).  False: there is none, and it is `until` now. */
bool driver_step(struct driver *d, int64_t until);

/* The configuration that this text is; mistakes are printed, and NULL.  The
 * text is freed. */
struct config *driver_configure(struct buf *text);

#endif
