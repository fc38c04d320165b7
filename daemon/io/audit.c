/*
 * Records on their way to the process that writes them, in order, until it
 * has told that they are on the disk.
 */
#include "io/audit.h"

#include <errno.h>
#include <ev.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "io/audit_internal.h"
#include "io/audit_writer.h"
#include "io/clock.h"

#define SELF "/proc/self/exe"
#define RESTART_S 60.0
#define RESTART_SOON_S 1.0 /* after one that has run for that long */
#define STALE_MS 5000	   /* the disk takes longer than that: it is said */
#define LOOK_S 1.0

struct waiting {
	char *text;
	size_t len;
	int64_t since; /* boot ms */
	TAILQ_ENTRY(waiting) link;
};
TAILQ_HEAD(waiting_list, waiting);

struct audit {
	struct ev_loop *loop;
	struct audit_options options;
	char *folder;
	struct ev_io in, out;
	struct ev_timer restart, look;
	int fd; /* -1: no writer runs */
	pid_t pid;
	int64_t restarted; /* boot ms, -1: not yet */
	bool open;	   /* the writer has told where the chain ends */
	bool known;	   /* one has: `last` is true */
	struct chain last;
	struct waiting_list list; /* added and not on the disk */
	struct waiting *unsent;	  /* the first that was not handed on */
	size_t n, bytes;
	uint64_t added, had; /* numbers: handed in, on the disk */
	uint64_t base;	     /* `had` when the writer began */
	uint64_t lost, untold;
	char problem[FAULT_TEXT_MAX + 96]; /* of the writer */
	char stale[96];			   /* of the disk */
	struct audit_gap gap;		   /* of the files */
	char missing[FAULT_TEXT_MAX];	   /* ... in words */
};

extern char **environ;

static void changed(struct audit *a)
{
	a->options.changed(a->options.arg);
}

static void watch_out(struct audit *a)
{
	bool wanted = a->fd >= 0 && a->open && a->unsent;

	if (wanted && !ev_is_active(&a->out))
		ev_io_start(a->loop, &a->out);
	else if (!wanted)
		ev_io_stop(a->loop, &a->out);
}

/* ---- the writer's life ---- */

static void writer_gone(struct audit *a)
{
	ev_io_stop(a->loop, &a->in);
	ev_io_stop(a->loop, &a->out);
	if (a->fd >= 0)
		close(a->fd);
	a->fd = -1;
	a->open = false;
	if (a->pid > 0)
		waitpid(a->pid, NULL, WNOHANG);
	a->pid = 0;
	a->unsent = TAILQ_FIRST(&a->list);
}

/* One that ends at once would do so again. */
static double restart_later(struct audit *a)
{
	int64_t now = clock_boot_ms();
	bool soon = a->restarted < 0 ||
		    now - a->restarted > (int64_t)(RESTART_S * 1000);
	double wait = soon ? RESTART_SOON_S : RESTART_S;

	a->restarted = now;
	ev_now_update(a->loop);
	ev_timer_set(&a->restart, wait, 0.);
	ev_timer_start(a->loop, &a->restart);
	return wait;
}

static void give_orders(struct audit *a)
{
	struct audit_order *o = text_alloc(1, sizeof(*o));

	o->kind = AUDIT_ORDER;
	o->again = a->known;
	o->after = a->last.seq;
	o->max_size = a->options.max_size;
	o->keep_ms = a->options.keep_ms;
	o->gap = a->gap;
	text_copy(o->folder, sizeof(o->folder), a->folder);
	/* Limits that do not get through reach the next writer. */
	while (send(a->fd, o, sizeof(*o), MSG_NOSIGNAL | MSG_DONTWAIT) < 0 &&
	       errno == EINTR)
		;
	free(o);
}

/*
 * Start this program as the writer.  The link itself is this very
 * program also where its file was replaced, and then the name that it tells is
 * no file ("... (deleted)", proc(5)).  The name comes first, for below a
 * debugger the link is the debugger.
 */
static int exec_it(pid_t *pid, const posix_spawn_file_actions_t *actions,
		   const posix_spawnattr_t *attributes)
{
	char name[] = "keyrotd", option[] = AUDIT_WRITER_OPTION, path[PATH_MAX];
	char *const argv[] = { name, option, NULL };
	ssize_t n = readlink(SELF, path, sizeof(path) - 1);
	int error = ENOENT;

	if (n > 0) {
		path[n] = '\0';
		error = posix_spawn(pid, path, actions, attributes, argv,
				    environ);
	}
	return error ? posix_spawn(pid, SELF, actions, attributes, argv,
				   environ)
		     : 0;
}

static int spawn_it(int fd, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t stops;
	int error;

	/* They may come before it has said that it ignores them. */
	sigemptyset(&stops);
	sigaddset(&stops, SIGTERM);
	sigaddset(&stops, SIGINT);
	sigaddset(&stops, SIGHUP);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, fd, STDIN_FILENO);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &stops);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	error = exec_it(pid, &actions, &attributes);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return error;
}

static void writer_start(struct audit *a)
{
	int pair[2], error = 0;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		error = errno;
	if (!error) {
		error = spawn_it(pair[1], &a->pid);
		close(pair[1]);
		if (error)
			close(pair[0]);
	}
	if (error) {
		a->pid = 0;
		writer_gone(a);
		snprintf(
			a->problem, sizeof(a->problem),
			"The process that writes the audit could not be started: %s; it is tried again in %d s.",
			strerror(error), (int)restart_later(a));
		return;
	}
	a->fd = pair[0];
	a->base = a->had;
	a->unsent = TAILQ_FIRST(&a->list);
	ev_io_set(&a->in, a->fd, EV_READ);
	ev_io_set(&a->out, a->fd, EV_WRITE);
	ev_io_start(a->loop, &a->in);
	give_orders(a);
}

static void on_restart(struct ev_loop *loop, struct ev_timer *t, int events)
{
	struct audit *a = t->data;

	(void)loop;
	(void)events;
	writer_start(a);
	changed(a);
}

/* ---- to the writer ---- */

static void send_some(struct audit *a)
{
	while (a->fd >= 0 && a->open && a->unsent) {
		ssize_t n = send(a->fd, a->unsent->text, a->unsent->len,
				 MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break; /* full, or gone, which reading tells */
		a->unsent = TAILQ_NEXT(a->unsent, link);
	}
	watch_out(a);
}

static void on_out(struct ev_loop *loop, struct ev_io *io, int events)
{
	(void)loop;
	(void)events;
	send_some(io->data);
}

/* ---- from the writer ---- */

static void drop_first(struct audit *a)
{
	struct waiting *w = TAILQ_FIRST(&a->list);

	if (a->unsent == w)
		a->unsent = TAILQ_NEXT(w, link);
	TAILQ_REMOVE(&a->list, w, link);
	a->bytes -= w->len;
	a->n--;
	free(w->text);
	free(w);
}

static void look(struct audit *a)
{
	const struct waiting *w = TAILQ_FIRST(&a->list);
	int64_t age = w ? clock_boot_ms() - w->since : 0;

	a->stale[0] = '\0';
	if (age > STALE_MS)
		snprintf(a->stale, sizeof(a->stale),
			 "The disk has not taken records of the audit for "
			 "%lld s.",
			 (long long)(age / 1000));
}

static void heard(struct audit *a, const struct audit_answer *m)
{
	uint64_t had = a->base + m->taken;

	if (m->last.hash[0]) {
		a->last = m->last;
		a->open = a->known = true;
	}
	while (a->had < had && a->n) {
		uint64_t back = had - a->had; /* 1: the last of them */

		drop_first(a);
		a->had++;
		if (a->options.kept)
			a->options.kept(a->had,
					back <= m->n && m->n <= AUDIT_AT_ONCE
						? m->seqs[m->n - back]
						: 0,
					a->options.arg);
	}
	a->gap = m->gap;
	a->missing[0] = '\0';
	if (a->gap.first)
		audit_gone_text(a->missing, sizeof(a->missing), &a->gap,
				a->folder);
	a->problem[0] = '\0';
	if (m->error)
		snprintf(a->problem, sizeof(a->problem),
			 "The audit is not written: %s%s", m->text,
			 text_stop(m->text));
}

/* False: the writer has ended. */
static bool hear(struct audit *a)
{
	struct audit_answer m;
	ssize_t n;

	do
		n = recv(a->fd, &m, sizeof(m), MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n == (ssize_t)sizeof(m)) {
		m.text[sizeof(m.text) - 1] = '\0';
		m.last.hash[sizeof(m.last.hash) - 1] = '\0';
		heard(a, &m);
	}
	return n > 0 || (n < 0 && errno == EAGAIN);
}

static void on_in(struct ev_loop *loop, struct ev_io *io, int events)
{
	struct audit *a = io->data;

	(void)loop;
	(void)events;
	if (hear(a)) {
		send_some(a);
	} else {
		writer_gone(a);
		snprintf(
			a->problem, sizeof(a->problem),
			"The process that writes the audit has ended; another one is started in %d s.",
			(int)restart_later(a));
	}
	look(a);
	changed(a);
}

static void on_look(struct ev_loop *loop, struct ev_timer *t, int events)
{
	struct audit *a = t->data;
	bool was = a->stale[0] != '\0';

	(void)events;
	look(a);
	if (a->n == 0)
		ev_timer_stop(loop, t);
	if (was || a->stale[0])
		changed(a);
}

/* ---- records ---- */

static uint64_t put(struct audit *a, const char *object, size_t len)
{
	struct waiting *w;

	if (a->n == AUDIT_RECORDS_MAX || a->bytes + len > AUDIT_WAITING_MAX ||
	    len > CHAIN_OBJECT_MAX)
		return 0;
	w = text_alloc(1, sizeof(*w));
	w->text = text_ndup(object, len);
	w->len = len;
	w->since = clock_boot_ms();
	TAILQ_INSERT_TAIL(&a->list, w, link);
	a->n++;
	a->bytes += len;
	if (!a->unsent)
		a->unsent = w;
	if (!ev_is_active(&a->look)) {
		ev_now_update(a->loop);
		ev_timer_set(&a->look, LOOK_S, LOOK_S);
		ev_timer_start(a->loop, &a->look);
	}
	return ++a->added;
}

/* What was lost is told first, with the time of what comes then. */
static void tell_lost(struct audit *a, const char *object, size_t len)
{
	const char *comma = memchr(object, ',', len);
	char *text;

	if (!comma)
		return;
	text = text_printf(
		"%.*s,\"kind\":\"lost\",\"records\":%llu,\"text\":\"Records were lost here, for too many waited for the disk.\"}",
		(int)(comma - object), object, (unsigned long long)a->untold);
	if (put(a, text, strlen(text)))
		a->untold = 0;
	free(text);
}

uint64_t audit_add(struct audit *a, const char *object, size_t len)
{
	uint64_t number;

	if (a->untold)
		tell_lost(a, object, len);
	number = a->untold ? 0 : put(a, object, len);
	if (!number) {
		a->lost++;
		a->untold++;
	}
	send_some(a);
	return number;
}

bool audit_has(const struct audit *a, uint64_t number)
{
	return number <= a->had;
}

void audit_state(const struct audit *a, struct audit_state *s)
{
	*s = (struct audit_state){
		.last = a->last,
		.known = a->known,
		.waiting = a->n,
		.lost = a->lost,
		.problem = a->problem[0] ? a->problem : a->stale,
		.missing = a->missing,
	};
}

void audit_limit(struct audit *a, int64_t max_size, int64_t keep_ms)
{
	if (a->options.max_size == max_size && a->options.keep_ms == keep_ms)
		return;
	a->options.max_size = max_size;
	a->options.keep_ms = keep_ms;
	if (a->fd >= 0)
		give_orders(a);
}

void audit_accept(struct audit *a)
{
	if (!a->gap.first)
		return;
	a->gap = (struct audit_gap){ 0 };
	a->missing[0] = '\0';
	if (a->fd >= 0)
		give_orders(a);
	changed(a);
}

/* ---- life ---- */

struct audit *audit_new(struct ev_loop *loop, const struct audit_options *o)
{
	struct audit *a = text_alloc(1, sizeof(*a));

	a->loop = loop;
	a->options = *o;
	a->folder = text_dup(o->folder);
	a->fd = -1;
	a->restarted = -1;
	chain_init(&a->last);
	TAILQ_INIT(&a->list);
	ev_init(&a->in, on_in);
	ev_init(&a->out, on_out);
	ev_init(&a->restart, on_restart);
	ev_init(&a->look, on_look);
	a->in.data = a->out.data = a->restart.data = a->look.data = a;
	writer_start(a);
	return a;
}

void audit_free(struct audit *a)
{
	if (!a)
		return;
	writer_gone(a);
	ev_timer_stop(a->loop, &a->restart);
	ev_timer_stop(a->loop, &a->look);
	while (a->n)
		drop_first(a);
	free(a->folder);
	free(a);
}

/* One turn of waiting without a loop; false: the writer has ended. */
static bool turn(struct audit *a, int64_t left)
{
	struct pollfd p = { .fd = a->fd, .events = POLLIN };

	send_some(a);
	if (a->open && a->unsent)
		p.events |= POLLOUT;
	return poll(&p, 1, (int)left) <= 0 || !(p.revents & ~POLLOUT) ||
	       hear(a);
}

bool audit_wait(struct audit *a, int wait_ms)
{
	int64_t end = clock_boot_ms() + wait_ms, left = wait_ms;

	while (a->n && a->fd >= 0 && left > 0 && turn(a, left))
		left = end - clock_boot_ms();
	return a->n == 0;
}

bool audit_finish(struct audit *a, int wait_ms)
{
	int64_t end = clock_boot_ms() + wait_ms, left = wait_ms;
	bool shut = false, alive = a->fd >= 0;

	while (alive && left > 0) {
		send_some(a);
		if (!shut && a->open && !a->unsent)
			shut = shutdown(a->fd, SHUT_WR) == 0;
		alive = turn(a, left);
		left = end - clock_boot_ms();
	}
	return a->n == 0;
}
