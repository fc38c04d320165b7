/*
 * mute: the engine beside a vault that accepts every request and never
 * answers one.  A small world of its own with as many keys as are asked for:
 * whatever that vault does, the key of another one moves as fast as ever, and
 * when it answers again it is not run over.
 */
#ifndef SIM_MUTE_H
#define SIM_MUTE_H

#include <stdbool.h>

#define MUTE_KEYS_MAX 20000

/* Run it with 1..MUTE_KEYS_MAX keys, and once more with a vault that always
 * answers; print what was measured and what is wrong.  True: nothing is. */
bool mute_run(unsigned keys);

#endif
