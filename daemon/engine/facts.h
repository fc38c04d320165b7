/*
 * facts: what was read of a registry is taken in, and held against what was
 * known of it.
 */
#ifndef KEYROTD_ENGINE_FACTS_H
#define KEYROTD_ENGINE_FACTS_H

#include "engine/model.h"

/* Of one that was never read. */
void facts_init(struct registry *r);
/* It goes: nothing is known of it any more. */
void facts_free(struct engine *e, struct registry *r);
/* The version of its watch's key that it needs: the one in use; or, when that
 * is another key's, the one that it is set to; or "". */
const char *facts_version(const struct registry_facts *f);
/* The view tells what is known already: by the last read, or by what a former
 * life has proven.  What a LIST shows otherwise may be a minute old, or older
 * than a GET, and is no more than a reason to ask. */
bool facts_agree(const struct registry *r, const struct registry_view *v);
/* It was read just now.  proof: by a GET of its own, not by a LIST. */
void facts_take(struct engine *e, struct registry *r,
		const struct registry_view *v, bool proof);
/* A LIST is not enough: it is asked itself within a re-read interval, at a
 * moment of its own. */
void facts_owe(struct engine *e, struct registry *r);
void facts_missing(struct engine *e, struct registry *r); /* 404 */

#define FACTS_PLACES 2
struct facts_place {
	char base[KEYID_TEXT_MAX];	 /* a key's identifier */
	char version[KEYID_VERSION_MAX]; /* "" Azure does not tell which */
};

/* What it was last seen on, and may need: of its watch's key, and of another
 * one; how many there are. */
size_t facts_places(const struct registry *r,
		    struct facts_place places[FACTS_PLACES]);
/* It is about to leave its watch: what it was seen on is remembered until it
 * is read again. */
void facts_depart(struct engine *e, const struct registry *r);
/* It leaves its watch: nothing of it counts there any more. */
void facts_leave(struct engine *e, struct registry *r);

#endif
