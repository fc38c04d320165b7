/*
 * hook: a program that is run beside the daemon, with a text on its standard
 * input, and no longer than it may.
 *
 * It never goes through a shell.  It gets the environment that the caller
 * makes and nothing of the daemon's: "/" as its folder, a session of its own,
 * no descriptor but its input, its standard error, of whose first line it is
 * told when the program fails, and /dev/null.  At most HOOK_RUNNING_MAX run at
 * a time, and HOOK_WAITING_MAX wait.  Once it has ended, or has run for
 * its limit, what is left of its process group is killed.
 *
 * Owns what waits and what runs; the loop (the default one, which alone hears
 * of children) is the caller's.
 */
#ifndef KEYROTD_IO_HOOK_H
#define KEYROTD_IO_HOOK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fault.h"

#define HOOK_RUNNING_MAX 4
#define HOOK_WAITING_MAX 64
#define HOOK_INPUT_MAX 32768 /* bytes */
#define HOOK_VARIABLES_MAX 8

struct ev_loop;
struct hook;

struct hook_options {
	int limit_ms; /* that one may run, at least 1 */
	/* One has ended.  f: FAULT_NONE, or what is wrong with it, which goes
	 * on a sentence: "it ended with exit status 1". */
	void (*ended)(const char *program, const struct fault *f, void *arg);
	void *arg;
};

struct hook *hook_new(struct ev_loop *loop, const struct hook_options *o);
/* What runs is killed, and nobody is told; NULL is fine. */
void hook_free(struct hook *h);

/*
 * Run it as soon as may be.  variables: its environment, "NAME=value" each, at
 * most HOOK_VARIABLES_MAX, ended by NULL; input: len bytes.  All is copied.
 * False: too many wait, or there is too much input.
 */
bool hook_run(struct hook *h, const char *program, const char *const *variables,
	      const char *input, size_t len);
/* Nothing is begun any more. */
void hook_stop(struct hook *h);
/* Something runs. */
bool hook_busy(const struct hook *h);

#endif
