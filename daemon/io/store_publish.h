/*
 * store_publish: a file that is written part by part and put into its place
 * when it is whole: metrics for the node exporter, which runs as its own user;
 * the state.
 *
 * It is not waited for the disk: what is lost with the machine is made anew, or
 * a process of its own waits for it (store_publish_sync).  Until the end the
 * file that was there before stays whole.  Ended by store_publish_end or
 * store_publish_drop.
 */
#ifndef KEYROTD_IO_STORE_PUBLISH_H
#define KEYROTD_IO_STORE_PUBLISH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/fault.h"

struct store_publish;

/* mode: who may read it, such as 0644.  NULL with *f (FAULT_LOCAL with
 * errno). */
struct store_publish *store_publish_begin(const char *path, mode_t mode,
					  struct fault *f);
/* False with *f; then it can only be dropped. */
bool store_publish_add(struct store_publish *p, const void *data, size_t len,
		       struct fault *f);
/*
 * What was added goes to the disk, however long that takes: a child process
 * waits for it and ends.  Its id, or -1 with *f.  The caller has to learn of
 * its end before store_publish_end.
 */
pid_t store_publish_sync(const struct store_publish *p, struct fault *f);
/*
 * The same, and what goes there is added by the child as well, in `make`: false
 * when it cannot, and errno tells why.  The child knows what is known now; it
 * hears no signal, and is killed when this process ends.
 */
pid_t store_publish_make(struct store_publish *p,
			 bool (*make)(struct store_publish *p, void *arg),
			 void *arg, struct fault *f);
/* Whether that child, which ended with this status (wait(2)), has seen it on
 * the disk; false with *f. */
bool store_publish_synced(const struct store_publish *p, int status,
			  struct fault *f);
/* Into its place; false with *f.  Frees p either way. */
bool store_publish_end(struct store_publish *p, struct fault *f);
/* Never mind; NULL is fine. */
void store_publish_drop(struct store_publish *p);
/* Take away what was published; an absent file is fine. */
void store_publish_remove(const char *path);

#endif
