/*
 * overview: what `keyrotctl status` shows: how things stand as a whole, how a
 * rotation goes, and the registries and keys, whoever needs somebody first.
 *
 * overview_take fills it from the daemon, overview_print shows it on as many
 * lines as there are, overview_free ends it.
 */
#ifndef KEYROTD_CTL_OVERVIEW_H
#define KEYROTD_CTL_OVERVIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fault.h"
#include "ctl/client.h"
#include "ctl/out.h"
#include "ctl/table.h"

#define OVERVIEW_HINTS 8 /* more are not shown */

struct overview {
	/* Of the reply to Summary. */
	char *state, *reason, *paused_until, *paused_by, *pause_reason;
	char *forecast;
	char *mistake; /* of the files on disk */
	bool changed;  /* those are not what is in force */
	char *hints[OVERVIEW_HINTS];
	size_t n_hints;
	char **rules; /* a sentence about each that is worth one */
	size_t n_rules;
	char **leases; /* a sentence about each */
	size_t n_leases;
	char **queues; /* the same about each queue of events */
	size_t n_queues;
	char *deadline;	   /* the nearest one of those that are moved */
	int64_t moved, of; /* of these so many; of 0: nothing is moved */
	bool dry_run;
	int64_t now; /* by the daemon's clock, ms since 1970 */
	/* The two lists. */
	struct table registries, keys;
	size_t amiss; /* registries that are not current, or in danger */
};

/* Ask for all of it; now_ms is our clock, for an older daemon that does not
 * tell its own.  False with *f; free it either way. */
bool overview_take(struct overview *v, struct client *c, int64_t now_ms,
		   struct fault *f);
void overview_free(struct overview *v);

/* Show it; lines: on so many at most (as far as one row of each list allows),
 * 0 for all of it. */
void overview_print(const struct overview *v, struct out *o, size_t lines);

#endif
