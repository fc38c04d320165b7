/*
 * alarm: one absolute alarm in boot time on the event loop (a timerfd), since
 * the loop's own timers stand still while the machine sleeps.
 * The creator owns it; the callback may set it again.
 */
#ifndef KEYROTD_IO_ALARM_H
#define KEYROTD_IO_ALARM_H

#include <stdint.h>

#include "base/fault.h"

struct ev_loop;
struct alarm;

struct alarm *alarm_new(struct ev_loop *loop, void (*cb)(void *arg), void *arg,
			struct fault *f);
/* Ring at boot_ms (a past time: on the next turn); INT64_MAX: never. */
void alarm_set(struct alarm *a, int64_t boot_ms);
void alarm_free(struct alarm *a); /* NULL is fine */

#endif
