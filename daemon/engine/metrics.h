/*
 * metrics: the engine's knowledge as metrics for Prometheus.  Borrows the
 * engine and a writer; decides nothing.
 *
 * One table: a family is a row, with the function that gives its samples.  What
 * is told goes by what is watched now: series of what has left the
 * configuration are gone with it, and counters begin anew with each start of
 * the daemon.  Names follow prometheus.io/docs/practices/naming.
 *
 * Text of any length comes part by part, like the lists of report: a cursor
 * holds the family and the last row, and a reload between two parts moves
 * nobody.
 */
#ifndef KEYROTD_ENGINE_METRICS_H
#define KEYROTD_ENGINE_METRICS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/exposition.h"
#include "engine/engine.h"

#define METRICS_PART_MAX (16u << 20) /* bytes of one part */
#define METRICS_ROWS 250	     /* a few ms of work */
/* Of each registry there is one series for each state, of which one is 1.  With
 * more registries than this only that one is told. */
#define METRICS_ZEROS_MAX 10000

/* A credential's certificate, as it was last read. */
struct metrics_certificate {
	const struct credential *credential;
	int64_t end; /* ms since 1970 */
};

/* What the engine does not know.  -1: not known; such families are left out. */
struct metrics_outside {
	const char *version; /* of the program */
	const struct metrics_certificate *certificates;
	size_t n_certificates;
	/* Programs that were run for events: how that ended. */
	int64_t programs_ok, programs_failed, programs_dropped;
	int64_t cpu_ms, started_ms; /* of the process; since 1970 */
	int64_t open_fds, max_fds;
	int64_t resident_bytes, virtual_bytes;
};

/* Where the text goes on; all zero: at its beginning. */
struct metrics_cursor {
	size_t family, at;
	char *last;  /* the id of the last row; NULL: none */
	bool headed; /* this family's head was written */
};

/* Append the next part of about n rows to out, which has METRICS_PART_MAX.
 * False when that was the last one.  A row that does not fit is left out of
 * no part: the text then ends early, without OpenMetrics' mark. */
bool metrics_part(const struct engine *e, const struct metrics_outside *o,
		  struct metrics_cursor *c, size_t n, enum exposition_form form,
		  struct buf *out);
/* What each family is: JSON objects, each ended by NUL. */
void metrics_describe(struct buf *out);
void metrics_end(struct metrics_cursor *c); /* frees what it holds */

#endif
