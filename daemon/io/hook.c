/* Programs beside the daemon: spawned, fed, listened to, and ended in time. */
#include "io/hook.h"

#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/queue.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/secret.h"
#include "base/text.h"

#define SAID_MAX 256 /* of what it says on standard error */

struct run {
	struct hook *hook;
	char *program;
	char *variables[HOOK_VARIABLES_MAX + 1];
	char *input;
	size_t len;
	pid_t pid;
	int fd; /* its standard error, -1: closed */
	struct ev_child child;
	struct ev_timer limit;
	struct ev_io in;
	bool late;
	char said[SAID_MAX];
	size_t n_said;
	TAILQ_ENTRY(run) link;
};
TAILQ_HEAD(run_list, run);

struct hook {
	struct ev_loop *loop;
	struct hook_options options;
	struct run_list waiting, running;
	unsigned n_waiting, n_running;
	bool stopped;
};

static void run_free(struct run *r)
{
	for (size_t i = 0; i < HOOK_VARIABLES_MAX; i++)
		free(r->variables[i]);
	free(r->program);
	free(r->input);
	free(r);
}

/* ---- what it says ---- */

static void shut(struct run *r)
{
	ev_io_stop(r->hook->loop, &r->in);
	if (r->fd >= 0)
		close(r->fd);
	r->fd = -1;
}

/* The beginning is kept, and the rest is read for the program's sake.  False:
 * there is nothing now, or never again. */
static bool hear(struct run *r)
{
	char part[4096];
	ssize_t n;
	size_t room;

	do
		n = read(r->fd, part, sizeof(part));
	while (n < 0 && errno == EINTR);
	if (n == 0 || (n < 0 && errno != EAGAIN))
		shut(r);
	if (n <= 0)
		return false;
	room = sizeof(r->said) - 1 - r->n_said;
	room = (size_t)n < room ? (size_t)n : room;
	memcpy(r->said + r->n_said, part, room);
	r->n_said += room;
	return r->n_said < sizeof(r->said) - 1;
}

static void on_words(struct ev_loop *loop, struct ev_io *io, int events)
{
	(void)loop;
	(void)events;
	hear(io->data);
}

/* Its first line, fit for a log: what looks like a token is not told. */
static const char *first_line(struct run *r)
{
	while (r->fd >= 0 && hear(r))
		;
	r->said[r->n_said] = '\0';
	r->said[strcspn(r->said, "\n")] = '\0';
	text_line(r->said);
	secret_strike(NULL, r->said);
	return r->said;
}

/* ---- its end ---- */

static void judge(struct run *r, int status, struct fault *f)
{
	const char *said = first_line(r);
	const char *sign = *said ? ": " : "";

	*f = fault_none();
	if (r->late)
		fault_set(f, FAULT_LOCAL, ETIMEDOUT,
			  "it had not ended after %d s and was killed%s%s",
			  r->hook->options.limit_ms / 1000, sign, said);
	else if (WIFSIGNALED(status))
		fault_set(f, FAULT_LOCAL, 0, "it was ended by signal %d%s%s",
			  WTERMSIG(status), sign, said);
	else if (WEXITSTATUS(status) != 0)
		fault_set(f, FAULT_LOCAL, 0, "it ended with exit status %d%s%s",
			  WEXITSTATUS(status), sign, said);
}

static void leave(struct run *r)
{
	struct hook *h = r->hook;

	ev_child_stop(h->loop, &r->child);
	ev_timer_stop(h->loop, &r->limit);
	shut(r);
	TAILQ_REMOVE(&h->running, r, link);
	h->n_running--;
}

static void begin(struct hook *h);

static void on_end(struct ev_loop *loop, struct ev_child *w, int events)
{
	struct run *r = w->data;
	struct hook *h = r->hook;
	struct fault f;

	(void)loop;
	(void)events;
	kill(-r->pid, SIGKILL); /* what it has left behind */
	judge(r, w->rstatus, &f);
	leave(r);
	begin(h);
	h->options.ended(r->program, &f, h->options.arg);
	run_free(r);
}

static void on_limit(struct ev_loop *loop, struct ev_timer *t, int events)
{
	struct run *r = t->data;

	(void)loop;
	(void)events;
	r->late = true;
	kill(-r->pid, SIGKILL);
}

/* ---- its beginning ---- */

/* A file in memory, at its beginning; -1 with errno. */
static int input_of(const struct run *r)
{
	int fd = memfd_create("event", MFD_CLOEXEC);

	if (fd < 0)
		return -1;
	if (write(fd, r->input, r->len) == (ssize_t)r->len &&
	    lseek(fd, 0, SEEK_SET) == 0)
		return fd;
	close(fd);
	errno = EIO;
	return -1;
}

static int spawn(struct run *r, int in, int err)
{
	char *argv[] = { r->program, NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, all;
	int error;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null",
					 O_WRONLY, 0);
	posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
	posix_spawn_file_actions_addchdir_np(&actions, "/");
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &all);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK |
						      POSIX_SPAWN_SETSIGDEF |
						      POSIX_SPAWN_SETSID);
	error = posix_spawn(&r->pid, r->program, &actions, &attributes, argv,
			    r->variables);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return error;
}

/* An error, or 0: it runs. */
static int start(struct run *r)
{
	int in, pair[2], error;

	in = input_of(r);
	if (in < 0)
		return errno;
	if (pipe2(pair, O_CLOEXEC) != 0) {
		error = errno;
		close(in);
		return error;
	}
	error = spawn(r, in, pair[1]);
	close(in);
	close(pair[1]);
	if (error) {
		close(pair[0]);
		return error;
	}
	r->fd = pair[0];
	fcntl(r->fd, F_SETFL, O_NONBLOCK);
	return 0;
}

static void watch(struct run *r)
{
	struct ev_loop *loop = r->hook->loop;

	ev_now_update(loop);
	ev_io_init(&r->in, on_words, r->fd, EV_READ);
	ev_timer_init(&r->limit, on_limit,
		      (double)r->hook->options.limit_ms / 1000., 0.);
	ev_child_init(&r->child, on_end, r->pid, 0);
	r->in.data = r->limit.data = r->child.data = r;
	ev_io_start(loop, &r->in);
	ev_timer_start(loop, &r->limit);
	ev_child_start(loop, &r->child);
}

static void begin_one(struct hook *h)
{
	struct run *r = TAILQ_FIRST(&h->waiting);
	struct fault f;
	int error;

	TAILQ_REMOVE(&h->waiting, r, link);
	h->n_waiting--;
	error = start(r);
	if (!error) {
		TAILQ_INSERT_TAIL(&h->running, r, link);
		h->n_running++;
		watch(r);
		return;
	}
	fault_set(&f, FAULT_LOCAL, error, "it could not be started: %s",
		  strerror(error));
	h->options.ended(r->program, &f, h->options.arg);
	run_free(r);
}

static void begin(struct hook *h)
{
	while (h->n_waiting && h->n_running < HOOK_RUNNING_MAX)
		begin_one(h);
}

/* ---- for the caller ---- */

bool hook_run(struct hook *h, const char *program, const char *const *variables,
	      const char *input, size_t len)
{
	struct run *r;

	if (h->stopped || h->n_waiting == HOOK_WAITING_MAX ||
	    len > HOOK_INPUT_MAX)
		return false;
	r = text_alloc(1, sizeof(*r));
	r->hook = h;
	r->fd = -1;
	r->program = text_dup(program);
	for (size_t i = 0; i < HOOK_VARIABLES_MAX && variables[i]; i++)
		r->variables[i] = text_dup(variables[i]);
	r->input = text_ndup(input, len);
	r->len = len;
	TAILQ_INSERT_TAIL(&h->waiting, r, link);
	h->n_waiting++;
	begin(h);
	return true;
}

bool hook_busy(const struct hook *h)
{
	return h->n_running > 0;
}

void hook_stop(struct hook *h)
{
	struct run *r;

	h->stopped = true;
	while ((r = TAILQ_FIRST(&h->waiting))) {
		TAILQ_REMOVE(&h->waiting, r, link);
		run_free(r);
	}
	h->n_waiting = 0;
}

struct hook *hook_new(struct ev_loop *loop, const struct hook_options *o)
{
	struct hook *h = text_alloc(1, sizeof(*h));

	h->loop = loop;
	h->options = *o;
	TAILQ_INIT(&h->waiting);
	TAILQ_INIT(&h->running);
	return h;
}

void hook_free(struct hook *h)
{
	struct run *r;

	if (!h)
		return;
	hook_stop(h);
	while ((r = TAILQ_FIRST(&h->running))) {
		kill(-r->pid, SIGKILL);
		leave(r);
		run_free(r);
	}
	free(h);
}
