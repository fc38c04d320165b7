/*
 * explain_key: the versions of one key that were seen: what Key Vault tells of
 * each, which registries are on it, whether it may be disabled and why, what
 * was not read that would have to be, and the command that disables one that
 * may go.
 *
 * Borrows the engine and a buffer; decides nothing.  Member names follow the
 * interface io.keyrotd.Status.
 */
#ifndef KEYROTD_ENGINE_EXPLAIN_KEY_H
#define KEYROTD_ENGINE_EXPLAIN_KEY_H

#include <stdbool.h>

#include "base/buf.h"
#include "engine/engine.h"

/* The watch of a key identifier, with the version when the watch names one;
 * NULL: none is watched. */
const struct watch *explain_key_find(const struct engine *e, const char *key);
/* Append the parameters of a reply to ExplainKey; false when they do not
 * fit. */
bool explain_key(const struct engine *e, const struct watch *w,
		 struct buf *out);

#endif
