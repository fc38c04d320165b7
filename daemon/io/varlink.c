/* varlink: the listener, and who gets a place. */
#include "io/varlink.h"

#include <errno.h>
#include <ev.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "io/unixsock.h"
#include "io/varlink_internal.h"

#define MAX_CLIENTS 64
#define MAX_PER_UID 16
#define KEPT_PLACES 4
#define MAX_QUEUED ((size_t)64 * 1024 * 1024)
#define IDLE_MS 60000
#define ACCEPTS_PER_TURN 16
#define ACCEPT_PAUSE 1.0 /* seconds, when descriptors have run out */

static size_t clients_of(const struct varlink *v, uid_t uid)
{
	const struct varlink_client *c;
	size_t n = 0;

	LIST_FOREACH(c, &v->all.list, link)
	n += c->peer.uid == uid;
	return n;
}

/* An open stream is never idle: without this one user could take all. */
static bool has_place(const struct varlink *v, const struct varlink_peer *p)
{
	if (varlink_client_is_trusted(p))
		return v->all.n < v->all.o.max_clients;
	return v->all.n + KEPT_PLACES < v->all.o.max_clients &&
	       clients_of(v, p->uid) < v->all.o.max_per_uid;
}

static void admit(struct varlink *v, int fd)
{
	struct varlink_peer p;

	if (!unixsock_peer(fd, &p.uid, &p.gid, &p.pid)) {
		log_debug(
			"Turned a connection away: it does not tell whose it is");
		close(fd);
		return;
	}
	p.hidden = userns_hides_user(v->all.o.userns, p.uid);
	if (!has_place(v, &p)) {
		log_debug(
			"Turned process %ld (uid %ld) away: %zu connections are open, %zu of them its user's",
			(long)p.pid, (long)p.uid, v->all.n,
			clients_of(v, p.uid));
		close(fd);
	} else {
		varlink_client_new(&v->all, fd, &p);
	}
}

/* False when there is nobody (more) to accept in this turn. */
static bool accept_one(struct varlink *v)
{
	int fd = unixsock_accept(v->fd);

	if (fd < 0) {
		if (errno == EINTR || errno == ECONNABORTED)
			return true;
		if (errno == EAGAIN || errno == EWOULDBLOCK)
			return false;
		/* Left on, the listener would call us without end. */
		log_warn(
			"Could not accept a connection: %s; trying again in %.0f s",
			strerror(errno), ACCEPT_PAUSE);
		ev_io_stop(v->all.loop, v->io);
		ev_now_update(v->all.loop);
		ev_timer_set(v->pause, ACCEPT_PAUSE, 0.);
		ev_timer_start(v->all.loop, v->pause);
		return false;
	}
	admit(v, fd);
	return true;
}

static void on_listener(struct ev_loop *loop, ev_io *io, int revents)
{
	(void)loop;
	(void)revents;
	for (int i = 0; i < ACCEPTS_PER_TURN; i++)
		if (!accept_one((struct varlink *)io->data))
			return;
}

static void on_pause_over(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct varlink *v = (struct varlink *)w->data;

	(void)revents;
	ev_io_start(loop, v->io);
}

static void set_options(struct varlink *v, const struct varlink_options *o)
{
	v->all.o = *o;
	if (v->all.o.max_clients == 0)
		v->all.o.max_clients = MAX_CLIENTS;
	if (v->all.o.max_per_uid == 0)
		v->all.o.max_per_uid = MAX_PER_UID;
	if (v->all.o.max_request == 0)
		v->all.o.max_request = VARLINK_MAX_REQUEST;
	if (v->all.o.max_queued == 0)
		v->all.o.max_queued = MAX_QUEUED;
	if (v->all.o.max_queued_all == 0)
		v->all.o.max_queued_all = 2 * v->all.o.max_queued;
	if (v->all.o.idle_ms <= 0)
		v->all.o.idle_ms = IDLE_MS;
	if (!v->all.o.userns)
		v->all.o.userns = userns_own();
}

static bool open_socket(struct varlink *v, const char *path, int fd,
			struct fault *f)
{
	struct stat st;

	v->fd = fd;
	if (fd >= 0)
		return unixsock_adopt(fd, f);
	v->fd = unixsock_listen(path, f);
	if (v->fd < 0)
		return false;
	v->path = text_dup(path);
	if (stat(path, &st) == 0) {
		v->dev = st.st_dev;
		v->ino = st.st_ino;
	}
	return true;
}

struct varlink *varlink_new(struct ev_loop *loop, const char *path, int fd,
			    const struct varlink_options *o, struct fault *f)
{
	struct varlink *v = text_alloc(1, sizeof(*v));

	set_options(v, o);
	if (!open_socket(v, path, fd, f)) {
		free(v);
		return NULL;
	}
	v->all.loop = loop;
	v->all.up = &varlink_call_events;
	varlink_client_begin(&v->all);
	v->io = text_alloc(1, sizeof(*v->io));
	v->pause = text_alloc(1, sizeof(*v->pause));
	ev_init(v->pause, on_pause_over);
	v->pause->data = v;
	ev_io_init(v->io, on_listener, v->fd, EV_READ);
	v->io->data = v;
	ev_io_start(loop, v->io);
	return v;
}

/* Only the file we made: a successor may have put its own there. */
static void remove_file(const struct varlink *v)
{
	struct stat st;

	if (stat(v->path, &st) == 0 && st.st_dev == v->dev &&
	    st.st_ino == v->ino)
		unlink(v->path);
}

void varlink_free(struct varlink *v)
{
	if (!v)
		return;
	varlink_client_end(&v->all);
	ev_timer_stop(v->all.loop, v->pause);
	ev_io_stop(v->all.loop, v->io);
	if (v->path) {
		remove_file(v);
		close(v->fd);
		free(v->path);
	}
	free(v->io);
	free(v->pause);
	free(v);
}
