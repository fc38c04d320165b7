/*
 * screen: a terminal that is drawn anew in place, on its alternate screen, and
 * given back as it was however the program ends: by q, by an error, by SIGINT,
 * SIGTERM or SIGHUP, and while it is stopped by SIGTSTP.
 *
 * There is one terminal, so there is one screen, which is this module's; calls
 * but screen_open are made while it is open.  The sequences are those of
 * ECMA-48 and xterm(1), "Alternate Screen Buffer" and DECAWM.
 */
#ifndef KEYROTD_CTL_SCREEN_H
#define KEYROTD_CTL_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

enum screen_event {
	SCREEN_TIME,   /* the time is over */
	SCREEN_RESIZE, /* the terminal has another size, or was given back */
	SCREEN_QUIT,   /* q was pressed, or the terminal is gone */
};

/* Take the terminal of standard input and output over; false: they are none,
 * and nothing was done. */
bool screen_open(void);
/* Give it back; fine when it is not open. */
void screen_close(void);

/* Show text of len bytes on a terminal of so many lines (at least 2): as many
 * of its lines as fit, each cut where the terminal ends, and foot, one line,
 * beneath them. */
void screen_show(const char *text, size_t len, size_t lines, const char *foot);

/* Wait ms (at least 0) for one of these. */
enum screen_event screen_wait(int ms);

#endif
