/*
 * report: the engine's knowledge as JSON, for the socket.  Borrows the engine
 * and a writer; decides nothing.  Member names follow the interface
 * io.keyrotd.Status.
 */
#ifndef KEYROTD_ENGINE_REPORT_H
#define KEYROTD_ENGINE_REPORT_H

#include <stddef.h>

#include "base/buf.h"
#include "engine/engine.h"

#define REPORT_ROWS_MAX (60u << 20) /* bytes of one part of a list */

/* Each appends one JSON object to out: the reply's parameters.  False when it
 * does not fit. */
bool report_summary(const struct engine *e, const char *version,
		    struct buf *out);
/* {"now":...}: the moment of an answer, or of a part of one. */
bool report_now(const struct engine *e, struct buf *out);

/*
 * Lists, part by part: at most n rows as JSON objects with commas between
 * them, in the order of ids and behind the one named by *last (NULL: from the
 * first).  *last is then the id of the last row; the caller frees it.  False
 * when no row is left.  A reload between two parts moves nobody: who is there
 * all the time comes once.
 */
bool report_keys(const struct engine *e, char **last, size_t n,
		 struct buf *out);
bool report_registries(const struct engine *e, char **last, size_t n,
		       struct buf *out);
/* One registry with every check in words. */
bool report_explain(const struct engine *e, const struct registry *r,
		    struct buf *out);
/* {"event":{...}} */
bool report_event(const struct note *n, struct buf *out);
/* {...} alone, and a line end. */
bool report_event_line(const struct note *n, struct buf *out);
/* Ids whose last part is `name`, at most 10, as {"registry","matches"}. */
bool report_matches(const struct engine *e, const char *name, struct buf *out);

/* One line per registry that is not current, or is in danger. */
void report_troubles(const struct engine *e,
		     void (*line)(const char *text, void *arg), void *arg);

#endif
