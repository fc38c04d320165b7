/*
 * Draws on the alternate screen, and sees to it that no way out leaves the
 * terminal in a state in which nobody can type.
 */
#include "ctl/screen.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "io/clock.h"

/* The other screen, no cursor, long lines are cut; and back. */
#define ENTER "\033[?1049h\033[?25l\033[?7l\033[2J"
#define LEAVE "\033[?7h\033[?25h\033[?1049l"

/* What may be changed from a signal's handler is set before that is. */
static struct termios before, raw;
static volatile sig_atomic_t resized;
static bool is_open;

static const int fatal[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

static void say(const char *text, size_t len)
{
	ssize_t n;

	while (len && (n = write(STDOUT_FILENO, text, len)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return;
		text += n;
		len -= (size_t)n;
	}
}

static void enter(void)
{
	tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
	say(ENTER, sizeof(ENTER) - 1);
}

static void leave(void)
{
	say(LEAVE, sizeof(LEAVE) - 1);
	tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
}

static void handle(int number, void (*handler)(int), int flags)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = flags };

	sigemptyset(&action.sa_mask);
	sigaction(number, &action, NULL);
}

static void on_resize(int number)
{
	(void)number;
	resized = 1;
}

/* Only what may be called from a handler (signal-safety(7)). */
static void on_fatal(int number)
{
	leave();
	handle(number, SIG_DFL, 0);
	raise(number);
}

static void on_stop(int number)
{
	int error = errno;

	(void)number;
	leave();
	raise(SIGSTOP);
	enter();
	resized = 1;
	errno = error;
}

bool screen_open(void)
{
	if (!isatty(STDOUT_FILENO) || tcgetattr(STDIN_FILENO, &before))
		return false;
	raw = before;
	/* Keys come one by one and are not shown; those that send signals
	 * still do. */
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	for (size_t i = 0; i < sizeof(fatal) / sizeof(fatal[0]); i++)
		handle(fatal[i], on_fatal, 0);
	handle(SIGTSTP, on_stop, 0);
	handle(SIGWINCH, on_resize, 0);
	enter();
	is_open = true;
	return true;
}

void screen_close(void)
{
	if (!is_open)
		return;
	handle(SIGWINCH, SIG_DFL, 0);
	handle(SIGTSTP, SIG_DFL, 0);
	for (size_t i = 0; i < sizeof(fatal) / sizeof(fatal[0]); i++)
		handle(fatal[i], SIG_DFL, 0);
	leave();
	is_open = false;
}

void screen_show(const char *text, size_t len, size_t lines, const char *foot)
{
	const char *end = text + len, *stop;

	say("\033[H", 3);
	for (size_t i = 1; i < lines && text < end; i++) {
		stop = memchr(text, '\n', (size_t)(end - text));
		stop = stop ? stop : end;
		say(text, (size_t)(stop - text));
		say("\033[K\n", 4);
		text = stop + 1;
	}
	/* No line end: on the last line it would scroll. */
	say(foot, strlen(foot));
	say("\033[K\033[J", 6);
}

/* A key was pressed: is it time to go? */
static bool wants_out(void)
{
	char keys[64];
	ssize_t n = read(STDIN_FILENO, keys, sizeof(keys));

	if (n < 0)
		return errno != EINTR && errno != EAGAIN;
	return n == 0 || memchr(keys, 'q', (size_t)n) ||
	       memchr(keys, 'Q', (size_t)n);
}

enum screen_event screen_wait(int ms)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
	int64_t end = clock_boot_ms() + ms, left;

	while (!resized) {
		left = end - clock_boot_ms();
		if (left <= 0)
			return SCREEN_TIME;
		/* A resize between the two is seen with the next one, or when
		 * the time is over. */
		if (poll(&p, 1, (int)left) <= 0)
			continue;
		if (wants_out())
			return SCREEN_QUIT;
	}
	resized = 0;
	return SCREEN_RESIZE;
}
