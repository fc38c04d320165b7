/*
 * runner: carries out what the engine asks for and feeds results back.
 *
 * It decides nothing.  It owns those who do one part of it each: errands, the
 * wallet, the proofs, the state file, HTTP and the alarm; the engine, the loop
 * and the options are the caller's.
 */
#ifndef KEYROTD_RUNNER_H
#define KEYROTD_RUNNER_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/engine.h"
#include "engine/metrics.h"

struct ev_loop;
struct evidence;
struct runner;

struct runner_options {
	const char *state_file; /* NULL: nothing is kept */
	const char *user_agent;
	struct evidence *evidence; /* the caller's; NULL: none is kept */
	/* Prints a request of a dry run; false with errno. */
	bool (*show)(const char *text, size_t len, void *arg);
	/* Each note of the engine, and once after every turn. */
	void (*note)(const struct note *n, void *arg);
	void (*turn)(void *arg);
	void *arg;
};

/* NULL with *f when a part of it cannot be had. */
struct runner *runner_new(struct ev_loop *loop, struct engine *e,
			  const struct runner_options *o, struct fault *f);
/* Cancels transfers, wipes tokens; nothing is saved. */
void runner_free(struct runner *r);

/* Read the state file into the engine: before runner_start.  A damaged or
 * foreign file is set aside with a message; a missing one is fine. */
void runner_load(struct runner *r);
/* Write the state file now; false (and a log line) when it failed. */
bool runner_save(struct runner *r);

/* First tick, and whenever the engine was called from outside. */
void runner_pump(struct runner *r);
/* The configuration changed: hosts, CA file, limits. */
void runner_configure(struct runner *r);

/* What metrics tell besides the engine; what it points to holds until the next
 * call.  version: static text. */
void runner_outside(struct runner *r, const char *version,
		    struct metrics_outside *o);
/* A record is on the disk, or it will not be soon: what waited for it. */
void runner_evidence(struct runner *r);

/* From here on no new write is sent; true while one is on the wire. */
bool runner_stopping(struct runner *r);
/* After that: leases are let go of; true while that is under way. */
bool runner_letting_go(struct runner *r);

#endif
