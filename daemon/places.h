/*
 * places: where the daemon keeps its state and listens, and the lock by which
 * no other one does the same.
 *
 * Folders come from the configuration, from systemd's environment
 * (systemd.exec(5), StateDirectory=), or are the usual ones.
 */
#ifndef KEYROTD_PLACES_H
#define KEYROTD_PLACES_H

#include <stdbool.h>

#include "config/config.h"

/* The caller's, zeroed. */
struct places {
	char *state_file, *state_folder, *socket_file, *metrics_file;
	int lock; /* on the state folder, -1: none */
};

/* make: make the folders and take the lock.  A single pass keeps nothing,
 * listens nowhere, and needs no folder.  False when that cannot be done, which
 * was told; the names are there all the same. */
bool places_take(struct places *p, const struct config *c, bool make);
void places_free(struct places *p); /* zeroed: nothing was taken */

/* What cannot change while running is refused, aloud. */
void places_keep(const struct config *old, const struct config *c);

#endif
