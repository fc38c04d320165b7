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
/* {"event":{...}}; sequence -1: it has none. */
bool report_event(const struct note *n, int64_t sequence, struct buf *out);
/* {...} alone, without a sequence, and a line end. */
bool report_event_line(const struct note *n, struct buf *out);
/* Ids of those that `name` may mean (resid_means), at most 10, as {"registry","matches"}. */
bool report_matches(const struct engine *e, const char *name, struct buf *out);

struct json_writer;

/* A registry as an object of the list of registries. */
void report_registry(const struct engine *e, struct json_writer *w,
		     const struct registry *r);
/* Members of an object that is open: until when writes to it are paused, or (r
 * NULL) to all, by whom and why. */
void report_pause(const struct engine *e, struct json_writer *w,
		  const struct registry *r);
/* A member: until when writes to it are paused all the same; null: they are
 * not, or r is NULL. */
void report_still_paused(const struct engine *e, struct json_writer *w,
			 const struct registry *r);
/* Its reason as a person needs it: the clause, what is behind it, and any
 * warning. */
void report_reason(const struct engine *e, const struct registry *r, char *dst,
		   size_t size);
/* What could be done about a watch, though nothing has to be: a clause, ""
 * for nothing. */
void report_advice(const struct engine *e, const struct watch *w, char *dst,
		   size_t size);

/* What is watched, entry by entry, for the evidence: borrowed until the next
 * event. */
struct report_entry {
	const char *registry; /* resource id; NULL: of a key */
	const char *key;      /* identifier without version */
	const char
		*version;  /* of that key, in use or the newest; "" not known */
	int64_t effective; /* of that, Azure ms; -1 not known */
	bool manual;	   /* a person names the version */
	bool retiring;	   /* it is watched no more, but a write ends */
};

/* The keys first, each once or once for each version that is named by hand,
 * then the registries.  False: number i, from 0 on, is behind the last. */
size_t report_entries(const struct engine *e);
bool report_entry(const struct engine *e, size_t i, struct report_entry *x);

/* One line per registry that is not current, or is in danger. */
void report_troubles(const struct engine *e,
		     void (*line)(const char *text, void *arg), void *arg);

#endif
