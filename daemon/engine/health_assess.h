/*
 * health_assess: what is true of one registry now.  It only reads: health puts
 * it where it is counted.
 */
#ifndef KEYROTD_ENGINE_HEALTH_ASSESS_H
#define KEYROTD_ENGINE_HEALTH_ASSESS_H

#include "engine/model.h"

struct health_assessment {
	enum decide_state state;
	enum decide_reason reason;
	bool fresh, missed;
	bool stands; /* late, and nothing of ours will change it */
};

/* This version is still to be read. */
bool health_assess_is_asked(const struct watch *w, const char *version);
/* The version that a watch names will be known in a moment; a first try or two
 * may fail. */
bool health_assess_is_awaited(const struct watch *w);
/* Its state and the reason, and whether a deadline was missed, whatever the
 * state. */
void health_assess_registry(const struct engine *e, const struct registry *r,
			    struct health_assessment *a);
/* The warnings that apply, as bits (decide.h). */
unsigned health_assess_warnings(const struct engine *e,
				const struct registry *r);

#endif
