/*
 * held: writes that wait for their records of the audit.
 *
 * Every write has its record on the disk before it is sent, but for a disk that
 * takes none: registries must follow their keys, unless audit-required says
 * otherwise.  Owns the order in which they wait, and its timer; the writes,
 * loop, engine and evidence are the caller's.
 */
#ifndef KEYROTD_HELD_H
#define KEYROTD_HELD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "azure/call.h"
#include "azure/exchange.h"
#include "base/fault.h"
#include "engine/engine.h"

struct ev_loop;
struct evidence;
struct held;

/* One of them: a part of its owner, zeroed but for his address. */
struct held_write {
	void *owner;
	bool waits;
	const char *registry; /* the owner's */
	uint64_t record;
	int64_t until;		  /* boot ms: no longer */
	struct exchange exchange; /* until held_drop */
	TAILQ_ENTRY(held_write) link;
};

struct held_options {
	struct ev_loop *loop;
	const struct engine *engine;
	struct evidence *evidence; /* NULL: no write waits */
	/* It waits no longer: to be sent (FAULT_NONE), or not to be. */
	void (*released)(struct held_write *w, const struct fault *f);
	/* Some may have been released because they have waited long enough. */
	void (*turned)(void *arg);
	void *arg;
};

struct held *held_new(const struct held_options *o);
void held_free(struct held *h); /* none waits any more.  NULL is fine */

/* Makes the record of a write; id: what we call it towards Azure.  True: it
 * waits, and has taken the exchange over.  False for every other question, and
 * for a write that may be sent at once. */
bool held_take(struct held *h, struct held_write *w, const struct call *c,
	       struct exchange *exchange, const char *id);
/* It has been sent, or is not wanted any more. */
void held_drop(struct held *h, struct held_write *w);
/* A record is on the disk, or it will not be soon. */
void held_kept(struct held *h);

#endif
