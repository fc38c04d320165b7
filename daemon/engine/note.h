/*
 * note: what the engine tells: notes for people and programs, and that the
 * state worth keeping has changed.  They wait in engine.actions until they
 * are fetched, and come out before the calls that they announce.  What comes
 * again and again is counted and told later (repeat).
 */
#ifndef KEYROTD_ENGINE_NOTE_H
#define KEYROTD_ENGINE_NOTE_H

#include "engine/model.h"

void note_init(struct engine *e); /* before anything is told */
/* w and r may be NULL; version and previous, too. */
void note_tell(struct engine *e, enum note_kind kind, const struct watch *w,
	       const struct registry *r, const char *version,
	       const char *previous, const char *fmt, ...)
	__attribute__((format(printf, 7, 8)));
/* The same of a registry that is watched no more, and of its key. */
void note_gone(struct engine *e, enum note_kind kind, const char *key,
	       const char *id, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
/* The same of a lease. */
void note_lease(struct engine *e, enum note_kind kind, const struct lease *l,
		const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* A fault of something that is none of these: `about` is a number that is its
 * own. */
void note_fault(struct engine *e, uint64_t about, const struct fault *f);
/* Time has passed: what was counted may have to be told. */
void note_due(struct engine *e);
/* So many wait that no more of what comes in masses is to be told one by one:
 * the rest of the room is for other things. */
bool note_crowded(const struct engine *e);
void note_save(struct engine *e); /* once, until it is fetched */
/* A dry run: this question is to be shown, not put. */
void note_show(struct engine *e, const struct call *call);
/* The next of these in order; false: none. */
bool note_next(struct engine *e, struct action *a);
void note_free(struct engine *e);

#endif
