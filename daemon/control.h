/*
 * control: the methods of io.keyrotd.Status and io.keyrotd.Control.
 *
 * Turns Varlink calls into reads of the engine and into the few changes it
 * allows, by a table; control_* answer.  It owns those of them that have a
 * state (control_access, _doctor, _discover, _events); engine and server are
 * the caller's.
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
	const char *folder;	   /* of the audit's files */
	gid_t admin_group;	   /* (gid_t)-1: none */
	/* Read the configuration again; each mistake through problem. */
	void (*reload)(config_problem *problem, void *to, void *arg);
	/* How all stands is asked for: is it still so?  NULL: nothing to do. */
	void (*look)(void *arg);
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

/* A note for whoever listens; number: of its record in the evidence, 0: there
 * is none.  It is told when control_kept says that this is on the disk. */
void control_note(struct control *c, const struct note *n, uint64_t number);
void control_kept(struct control *c, uint64_t number, uint64_t seq);

#endif
