/*
 * store_publish: a file that others are to read (mode 0644), written part by
 * part and put into its place when it is whole: metrics for the node exporter,
 * which runs as its own user.
 *
 * It is not waited for the disk: what is lost with the machine is made anew.
 * Until the end the file that was there before stays whole.  Ended by
 * store_publish_end or store_publish_drop.
 */
#ifndef KEYROTD_IO_STORE_PUBLISH_H
#define KEYROTD_IO_STORE_PUBLISH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fault.h"

struct store_publish;

/* NULL with *f (FAULT_LOCAL with errno). */
struct store_publish *store_publish_begin(const char *path, struct fault *f);
/* False with *f; then it can only be dropped. */
bool store_publish_add(struct store_publish *p, const void *data, size_t len,
		       struct fault *f);
/* Into its place; false with *f.  Frees p either way. */
bool store_publish_end(struct store_publish *p, struct fault *f);
/* Never mind; NULL is fine. */
void store_publish_drop(struct store_publish *p);
/* Take away what was published; an absent file is fine. */
void store_publish_remove(const char *path);

#endif
