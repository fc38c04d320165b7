/*
 * snapshot: what is worth keeping over a restart, as JSON.
 *
 * A cache: Azure is the truth, and losing it loses no safety.  Kept are the
 * newest version of each key and since when it was seen, the "since" of
 * versions out of use, and per registry what was proven, paused and tried.
 */
#ifndef KEYROTD_ENGINE_SNAPSHOT_H
#define KEYROTD_ENGINE_SNAPSHOT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/fault.h"
#include "engine/engine.h"

#define SNAPSHOT_FORMAT 1
#define SNAPSHOT_MAX (256u << 20) /* bytes; a larger file is foreign */

/* Append the state to out; false when it does not fit. */
bool snapshot_write(const struct engine *e, struct buf *out);

/*
 * Take over what a snapshot says about keys and registries that are watched,
 * before the first tick.  False with *f FAULT_INVALID for text that is not a
 * snapshot of this format; the engine is then as it was.
 */
bool snapshot_read(struct engine *e, const char *text, size_t len,
		   struct fault *f);

#endif
