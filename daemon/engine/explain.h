/*
 * explain: why one registry is as it is: what was seen of it and of its key,
 * and by which requests; what Azure tells of its encryption; what was decided,
 * last written and answered; what comes next; and what a person can do.  A
 * fault is told once: what follows from it is not listed as another one.
 *
 * Borrows the engine and a buffer; decides nothing.  Member names follow the
 * interface io.keyrotd.Status.
 */
#ifndef KEYROTD_ENGINE_EXPLAIN_H
#define KEYROTD_ENGINE_EXPLAIN_H

#include "base/buf.h"
#include "engine/engine.h"

/* Append the parameters of a reply to Explain; false when they do not fit. */
bool explain_registry(const struct engine *e, const struct registry *r,
		      struct buf *out);

#endif
