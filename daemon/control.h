/*
 * control: the methods of io.keyrotd.Status and io.keyrotd.Control.
 *
 * Turns Varlink calls into reads of the engine and into the few changes it
 * allows, and keeps the recent events for Monitor.  It owns the recent events
 * and the list of listeners; engine and server are the caller's.
 */
#ifndef KEYROTD_CONTROL_H
#define KEYROTD_CONTROL_H

#include <sys/types.h>

#include "engine/engine.h"
#include "engine/metrics.h"
#include "io/varlink.h"

struct control;
struct evidence;

struct control_options {
	struct engine *engine;
	const char *version;
	struct evidence *evidence; /* NULL: none is kept */
	gid_t admin_group;	   /* (gid_t)-1: none */
	/* Read the configuration again; each mistake through problem. */
	void (*reload)(config_problem *problem, void *to, void *arg);
	/* What metrics tell besides the engine. */
	void (*outside)(struct metrics_outside *o, void *arg);
	/* The engine was changed: carry out what it asks for now. */
	void (*pump)(void *arg);
	void *arg;
};

struct control *control_new(const struct control_options *o);
void control_free(struct control *c); /* after varlink_free */
void control_admin_group(struct control *c, gid_t group);

/* The handler for varlink_options; its arg is the struct control. */
void control_handle(struct varlink_call *call, void *arg);
/* The texts for varlink_options.descriptions. */
const char *const *control_descriptions(void);

/* After each turn of the engine: whoever waits for what it does. */
void control_turn(struct control *c);

/* Remember a note and send it to every listener. */
void control_note(struct control *c, const struct note *n);

#endif
