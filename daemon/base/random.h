/*
 * random: a small seeded generator (xoshiro256** by Blackman and Vigna,
 * https://prng.di.unimi.it/), for jitter and spreading only, never for
 * secrets.  The same seed gives the same numbers everywhere.
 */
#ifndef KEYROTD_BASE_RANDOM_H
#define KEYROTD_BASE_RANDOM_H

#include <stdint.h>

struct random {
	uint64_t s[4];
};

void random_init(struct random *r, uint64_t seed);
uint64_t random_next(struct random *r);
/* A number of 0 .. below-1; 0 when below <= 1. */
int64_t random_below(struct random *r, int64_t below);

#endif
