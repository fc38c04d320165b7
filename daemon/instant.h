/*
 * instant: the time now, as the engine is told it.
 */
#ifndef KEYROTD_INSTANT_H
#define KEYROTD_INSTANT_H

#include "traffic/skew.h"

/* Both clocks. */
struct instant instant_now(void);

#endif
