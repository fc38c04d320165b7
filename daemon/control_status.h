/*
 * control_status: the methods of io.keyrotd.Status that tell how all stands:
 * Summary, ListKeys, ListRegistries, Explain and ExplainKey.
 *
 * A list goes out part by part, as its client takes it, and is its own; engine
 * and calls are others'.
 */
#ifndef KEYROTD_CONTROL_STATUS_H
#define KEYROTD_CONTROL_STATUS_H

#include "engine/engine.h"
#include "io/varlink.h"

/* version: of the program. */
void control_status_summary(const struct engine *e, const char *version,
			    struct varlink_call *call);
void control_status_keys(const struct engine *e, struct varlink_call *call);
void control_status_registries(const struct engine *e,
			       struct varlink_call *call);
/* Why a registry is as it is; who is on which version of a key. */
void control_status_explain(struct engine *e, struct varlink_call *call);
void control_status_versions(const struct engine *e, struct varlink_call *call);

#endif
