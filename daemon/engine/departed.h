/*
 * departed: registries that were seen on a version of a key and are not watched
 * any more, or were not read since they are watched anew.
 *
 * Leaving the file is not leaving the version: whoever was on it then may be on
 * it still.  An entry ends when its registry is read again, or found gone.  The
 * engine owns the entries; they are kept over a restart.
 */
#ifndef KEYROTD_ENGINE_DEPARTED_H
#define KEYROTD_ENGINE_DEPARTED_H

#include "engine/model.h"

/* The registry with that id was last seen at Azure ms `seen` (-1 not known) on
 * this version of the key with that identifier.  base NULL: of whatever key;
 * version "": Azure did not tell which.  credential: the name of the one that had
 * read it; NULL: not known.  An id that is none is passed over. */
void departed_keep(struct engine *e, const char *id, const char *base,
		   const char *version, int64_t seen, const char *credential);
/* It was read, or is gone. */
void departed_drop(struct engine *e, const char *id);
/* The first entry of it, wherever it lies, and those behind; NULL: there is no
 * other. */
struct departed *departed_first(const struct engine *e, const char *id);
struct departed *departed_next(const struct departed *d);
/* Is anything kept of it? */
bool departed_has(const struct engine *e, const char *id);
/* One of them may be on this version, or nobody knows whether: more left than
 * can be remembered. */
bool departed_any(const struct engine *e, const char *base,
		  const char *version);
/* The first `max` of those that may be on it into who; how many there are (who
 * NULL: whether there are any). */
size_t departed_find(const struct engine *e, const char *base,
		     const char *version, const struct departed **who,
		     size_t max);
void departed_free(struct engine *e);

#endif
