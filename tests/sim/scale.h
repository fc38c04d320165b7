/*
 * scale: a whole fleet whose keys all get a new version in the same minute,
 * against Azure's real budgets: is every registry verified within its window,
 * what bounds it, and was the forecast right?
 */
#ifndef SIM_SCALE_H
#define SIM_SCALE_H

#include <stdbool.h>

#define SCALE_REGISTRIES_MAX 200000

/* Prints the distribution, beside the least that the budgets allow.  False:
 * something was late, throttled, or foretold wrongly.  registries: 1 to
 * SCALE_REGISTRIES_MAX; every 250 have a subscription, every 50 a key. */
bool scale_run(unsigned registries);

#endif
