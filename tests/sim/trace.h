/*
 * trace: what happened, in order: printed, hashed, or the last of it kept.
 *
 * The hashes are FNV-1a of 64 bits over all that --trace prints, so that
 * a change that should change nothing can be held against the code before.
 * Two parts of the whole tell where a difference lies.
 */
#ifndef SIM_TRACE_H
#define SIM_TRACE_H

#include <stdint.h>

struct world;
struct note;

enum trace_how { TRACE_KEEP, TRACE_PRINT, TRACE_HASH };

struct trace_hash {
	uint64_t all;	  /* records and notes in order */
	uint64_t records; /* what was asked, answered and written */
	uint64_t notes;	  /* notes, those of one time in any order */
};

/* Before the first seed. */
void trace_begin(struct trace_hash *h);
/* A seed begins. */
void trace_seed(struct world *w);
/* Something happened: a and b tell what to, text (or NULL) says more. */
void trace_record(struct world *w, const char *what, int a, int b,
		  const char *text);
/* The engine has told something. */
void trace_note(struct world *w, const struct note *n);

#endif
