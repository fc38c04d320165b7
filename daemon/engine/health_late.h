/*
 * health_late: has a registry missed the deadline of the wanted version?  It
 * only reads.
 */
#ifndef KEYROTD_ENGINE_HEALTH_LATE_H
#define KEYROTD_ENGINE_HEALTH_LATE_H

#include "engine/model.h"

#define HEALTH_LATE_UNREAD_MS 10000 /* a first try or two may fail */

/* The wanted version may turn out to be no newer than the one in use. */
bool health_late_in_doubt(const struct registry *r, struct decision d);
/* It has missed it, by all that is known. */
bool health_late_is_missed(const struct engine *e, const struct registry *r);
/* Boot ms from which on nobody can say that it has not missed one; INT64_MAX:
 * that is no matter of time. */
int64_t health_late_dark_from(const struct engine *e, const struct registry *r);
/* It was not read in this life, and may have missed one that has passed; not
 * before HEALTH_LATE_UNREAD_MS of being watched. */
bool health_late_is_unread(const struct engine *e, const struct registry *r);

#endif
