/*
 * health_pass: when a single pass (--once) is over: who has been tried, and for
 * whom it waits no longer.  It only reads.
 */
#ifndef KEYROTD_ENGINE_HEALTH_PASS_H
#define KEYROTD_ENGINE_HEALTH_PASS_H

#include "engine/health_assess.h"

/* It was tried a few times, or need not be: a single pass waits no longer. */
bool health_pass_gave_up(const struct registry *r);
/* The host that it waits for, as long as that answers nothing any more
 * (traffic/host.h: host_mute); NULL. */
const char *health_pass_mute_host(const struct engine *e,
				  const struct registry *r);
/* It has come to where it stays, or nothing more can be hoped for. */
bool health_pass_is_settled(const struct registry *r,
			    const struct health_assessment *a);

#endif
