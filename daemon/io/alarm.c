/*
 * Wakes the loop at one moment of boot time, which goes on while the
 * machine sleeps; libev's own timers would ring too late.
 */
#include "io/alarm.h"

#include <errno.h>
#include <ev.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"

struct alarm {
	ev_io io; /* first: libev hands back its address */
	struct ev_loop *loop;
	int fd;
	int64_t at; /* what the timer is set to; INT64_MAX: off */
	void (*cb)(void *arg);
	void *arg;
};

static void on_ring(struct ev_loop *loop, ev_io *io, int revents)
{
	struct alarm *a = (struct alarm *)io->data;
	uint64_t times;

	(void)loop;
	(void)revents;
	/* Nothing to read: the alarm was set anew after it had rung. */
	if (read(a->fd, &times, sizeof(times)) != (ssize_t)sizeof(times))
		return;
	a->at = INT64_MAX;
	a->cb(a->arg); /* may free the alarm: touch nothing after it */
}

struct alarm *alarm_new(struct ev_loop *loop, void (*cb)(void *arg), void *arg,
			struct fault *f)
{
	struct alarm *a;
	int fd = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);

	if (fd < 0) {
		fault_set(f, FAULT_LOCAL, errno, "Could not create a timer: %s",
			  strerror(errno));
		return NULL;
	}
	a = text_alloc(1, sizeof(*a));
	a->loop = loop;
	a->fd = fd;
	a->at = INT64_MAX;
	a->cb = cb;
	a->arg = arg;
	ev_io_init(&a->io, on_ring, fd, EV_READ);
	a->io.data = a;
	ev_io_start(loop, &a->io);
	return a;
}

/*
 * timerfd_settime(2): all zero switches the timer off, so a time at or before
 * boot becomes the first nanosecond, which is past as well.
 */
void alarm_set(struct alarm *a, int64_t boot_ms)
{
	struct itimerspec when = { 0 };

	if (boot_ms == a->at)
		return; /* engines repeat themselves: spare the system call */
	a->at = boot_ms;
	if (boot_ms <= 0) {
		when.it_value.tv_nsec = 1;
	} else if (boot_ms != INT64_MAX) {
		when.it_value.tv_sec = (time_t)(boot_ms / 1000);
		when.it_value.tv_nsec = (long)(boot_ms % 1000) * 1000000;
	}
	timerfd_settime(a->fd, TFD_TIMER_ABSTIME, &when, NULL);
}

void alarm_free(struct alarm *a)
{
	if (!a)
		return;
	ev_io_stop(a->loop, &a->io);
	close(a->fd);
	free(a);
}
