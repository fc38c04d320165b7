/*
 * discover: which registries have a key of their owner's, and which of them no
 * watch names.
 *
 * A search asks for the LIST of one subscription after the other.  What a page
 * shows is handed out before the next page is asked for, so that no more than
 * one page is ever kept.  Nothing is written.
 *
 * Like the doctor it has one job in traffic/, so that its questions go by the
 * same tokens, budgets and bounds as all others.  It takes what it needs of
 * the configuration when it begins, looks at the model when it hands out, and
 * belongs to the engine.
 */
#ifndef KEYROTD_ENGINE_DISCOVER_H
#define KEYROTD_ENGINE_DISCOVER_H

#include "engine/model.h"

#define DISCOVER_SILENCE_MS 180000 /* no answer for so long: it ends */

struct discover;

extern const struct job_kind discover_kind;

/*
 * subscription: a GUID; NULL: those of the registries that are watched, each
 * with the credential that it is watched with.  credential: the name of a
 * block of the configuration; NULL: that of the first watch.  NULL with *f:
 * FAULT_MISSING when there is no such credential, else FAULT_INVALID.
 */
struct discover *discover_new(struct engine *e, const char *subscription,
			      const char *credential, struct fault *f);
/* Try the rule of that name: all that its places show comes, in the order of
 * ids, with what the rule says of it.  NULL with *f FAULT_MISSING: there is no
 * such rule. */
struct discover *discover_rule(struct engine *e, const char *name,
			       struct fault *f);
void discover_free(struct discover *d); /* NULL is fine */

/* Something happened to its job, or its timer rang. */
void discover_take(struct discover *d, const struct value *v);
/* What was found next; false: nothing so far. */
bool discover_next(struct discover *d, struct discovered *x);
/* All was handed out. */
bool discover_over(const struct discover *d);
/* Subscriptions that are done, and all of them. */
void discover_progress(const struct discover *d, size_t *done, size_t *all);

#endif
