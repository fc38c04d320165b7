/*
 * varlink_client: one connection's bytes, its queues and its end; what the
 * messages mean is not known here.
 */
#include <errno.h>
#include <ev.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "io/unixsock.h"
#include "io/varlink_internal.h"

/* Unread replies before the next request of a pipeline is looked at. */
#define BACKPRESSURE (256u * 1024)
#define READ_CHUNK 16384
#define KEPT_OUT (64u * 1024) /* an empty queue's memory that is kept */

bool varlink_client_is_trusted(const struct varlink_peer *p)
{
	return !p->hidden && (p->uid == 0 || p->uid == geteuid());
}

/* ---- ending a client ---- */

static void free_client(struct varlink_client *c)
{
	c->all->up->freed(c);
	free(c->io);
	free(c->idle);
	buf_free(&c->in);
	buf_free(&c->out);
	free(c);
}

/* The connection ends; c itself stays. */
static void end(struct varlink_client *c, const char *why)
{
	struct varlink_clients *all = c->all;

	c->closed = true;
	log_debug("Closed the connection of process %ld (uid %ld): %s",
		  (long)c->peer.pid, (long)c->peer.uid, why);
	ev_io_stop(all->loop, c->io);
	ev_timer_stop(all->loop, c->idle);
	close(c->fd);
	LIST_REMOVE(c, link);
	all->n--;
	all->up->closed(c);
}

void varlink_client_close(struct varlink_client *c, const char *why)
{
	if (c->closed)
		return;
	end(c, why);
	if (!c->busy)
		free_client(c);
}

/* ---- sending ---- */

static size_t unsent(const struct varlink_client *c)
{
	return c->out.len - c->sent;
}

static void watch_events(struct varlink_client *c)
{
	int events = unsent(c) > 0 ? EV_WRITE : 0;

	if (!c->ended && c->in.len < c->in.max)
		events |= EV_READ;
	if (ev_is_active(c->io) &&
	    (c->io->events & (EV_READ | EV_WRITE)) == events)
		return;
	ev_io_stop(c->all->loop, c->io);
	ev_io_set(c->io, c->fd, events);
	if (events)
		ev_io_start(c->all->loop, c->io);
}

/* Something was asked or read: its idle time begins anew. */
static void is_active(struct varlink_client *c)
{
	ev_timer_again(c->all->loop, c->idle);
}

static void flush_out(struct varlink_client *c)
{
	while (unsent(c) > 0) {
		ssize_t n = send(c->fd, c->out.data + c->sent, unsent(c),
				 MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			if (errno != EAGAIN && errno != EWOULDBLOCK)
				end(c, "sending failed");
			return;
		}
		c->sent += (size_t)n;
		is_active(c);
	}
	c->sent = 0;
	buf_reset(&c->out);
	if (c->out.size > KEPT_OUT)
		buf_free(&c->out);
}

/*
 * Whether the queues of all clients are within their limit.  What they take
 * in memory counts, not what is unsent: a client that reads all but the end
 * of a long queue still holds all of it.
 */
static bool memory_suffices(const struct varlink_client *c)
{
	const struct varlink_clients *all = c->all;
	size_t used = 0, limit = all->o.max_queued_all;
	const struct varlink_client *each;

	LIST_FOREACH(each, &all->list, link)
	used += each->out.size;
	if (!varlink_client_is_trusted(&c->peer))
		limit -= limit / 4;
	return used <= limit;
}

static bool make_room(struct varlink_client *c, size_t len)
{
	if (len > c->out.max)
		log_warn(
			"The reply to process %ld (uid %ld) has %zu bytes, but a client may have no more than %zu waiting; its connection is closed",
			(long)c->peer.pid, (long)c->peer.uid, len, c->out.max);
	if (len > c->out.max - unsent(c))
		return false;
	/* What is sent makes room: at once where there is none, and else when
	 * it is more than what would have to be moved.  A long answer is taken
	 * in pieces, and its queue may never be empty until its end. */
	if (len > c->out.max - c->out.len ||
	    (c->sent > BACKPRESSURE && c->sent > unsent(c))) {
		buf_shift(&c->out, c->sent);
		c->sent = 0;
	}
	return true;
}

static bool queued(struct varlink_client *c, bool fits)
{
	const char *why = NULL;

	if (!fits)
		why = "it does not read its replies";
	else if (!memory_suffices(c))
		why = "replies that are not read take all the memory for them";
	if (why)
		varlink_client_close(c, why);
	else if (!c->busy)
		watch_events(c);
	return !why;
}

bool varlink_client_queue(struct varlink_client *c, const char *head,
			  const char *parameters, const char *tail)
{
	if (!parameters)
		parameters = "{}";
	/* In one piece: a few bytes more would double a large buffer. */
	return queued(c, make_room(c, strlen(head) + strlen(parameters) +
					      strlen(tail) + 1) &&
				 buf_printf(&c->out, "%s%s%s%c", head,
					    parameters, tail, '\0'));
}

bool varlink_client_queue_bytes(struct varlink_client *c, const char *data,
				size_t len)
{
	return queued(c, make_room(c, len) && buf_add(&c->out, data, len));
}

void varlink_client_produce(struct varlink_client *c, bool on)
{
	c->producing = on;
	/* From outside its own events. */
	if (on && !c->busy)
		ev_feed_event(c->all->loop, c->io, EV_WRITE);
}

/* ---- turns ---- */

/* The next request that is there in full, without its NUL; NULL. */
static const char *next_request(const struct varlink_client *c, size_t *len)
{
	const char *from = buf_str(&c->in) + c->taken;
	const char *end = memchr(from, '\0', c->in.len - c->taken);

	*len = end ? (size_t)(end - from) : 0;
	return end ? from : NULL;
}

static bool has_work(const struct varlink_client *c)
{
	size_t len;

	if (c->closed || unsent(c) > BACKPRESSURE)
		return false;
	return c->producing || (!c->waits && next_request(c, &len));
}

static void take_request(struct varlink_client *c)
{
	size_t len;
	const char *text = next_request(c, &len);

	is_active(c);
	c->taken += len + 1;
	c->waits = c->all->up->request(c, text, len);
	if (c->closed || next_request(c, &len))
		return;
	buf_shift(&c->in, c->taken);
	c->taken = 0;
}

/*
 * One request, or one part of an answer, and then it is somebody else's turn:
 * so that neither a long answer nor a long pipeline holds up the loop, or
 * another client, by more than that.  The user goes first who was served
 * longest ago, however many connections others have; and among his clients
 * again the one of longest ago.
 */
static uint64_t user_served(const struct varlink_clients *all, uid_t uid)
{
	const struct varlink_client *c;
	uint64_t last = 0;

	LIST_FOREACH(c, &all->list, link)
	if (c->peer.uid == uid && c->served > last)
		last = c->served;
	return last;
}

static struct varlink_client *next_client(const struct varlink_clients *all)
{
	struct varlink_client *c, *best = NULL;
	uint64_t user = 0, best_user = 0;

	LIST_FOREACH(c, &all->list, link)
	{
		if (!has_work(c))
			continue;
		user = user_served(all, c->peer.uid);
		if (best && (user > best_user ||
			     (user == best_user && c->served >= best->served)))
			continue;
		best = c;
		best_user = user;
	}
	return best;
}

static void take_turns(struct varlink_clients *all)
{
	if (!ev_is_active(all->turn) && next_client(all)) {
		ev_timer_set(all->turn, 0., 0.);
		ev_timer_start(all->loop, all->turn);
	}
}

static void receive(struct varlink_client *c)
{
	char chunk[READ_CHUNK];
	size_t room = c->in.max - c->in.len;
	ssize_t n;

	if (room == 0 || c->ended)
		return;
	n = read(c->fd, chunk, room < sizeof(chunk) ? room : sizeof(chunk));
	if (n > 0)
		buf_add(&c->in, chunk, (size_t)n);
	else if (n == 0)
		c->ended = true;
	else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
		end(c, "receiving failed");
	if (!c->closed && c->in.len == c->in.max &&
	    !memchr(c->in.data, '\0', c->in.len))
		end(c, "its request is too large");
}

/* A client that only ended its own side still gets what it asked for. */
static bool is_done(const struct varlink_client *c)
{
	size_t len;

	return c->ended && !c->waits && unsent(c) == 0 &&
	       !next_request(c, &len);
}

/* A stream has nothing to say to a client that is gone altogether. */
static bool is_gone(const struct varlink_client *c)
{
	return c->ended && c->waits && unixsock_hung_up(c->fd);
}

/* After anything that happened to it: what can be sent is sent, and it ends,
 * or its next turn comes. */
static void settle(struct varlink_client *c)
{
	struct varlink_clients *all = c->all;

	if (!c->closed)
		flush_out(c);
	if (!c->closed && (is_done(c) || is_gone(c)))
		end(c, "it ended the connection");
	c->busy = false;
	if (c->closed)
		free_client(c);
	else
		watch_events(c);
	take_turns(all);
}

static void on_turn(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct varlink_clients *all = w->data;
	struct varlink_client *c = next_client(all);

	(void)loop;
	(void)revents;
	if (!c)
		return;
	c->served = ++all->turns;
	c->busy = true;
	if (c->producing)
		all->up->produce(c);
	else
		take_request(c);
	settle(c);
}

static void on_client(struct ev_loop *loop, ev_io *io, int revents)
{
	struct varlink_client *c = (struct varlink_client *)io->data;

	(void)loop;
	c->busy = true;
	if (revents & EV_ERROR)
		end(c, "its socket failed");
	if (!c->closed && (revents & EV_READ))
		receive(c);
	settle(c);
}

/*
 * A client that waits for an answer is not idle, unless it is the one who does
 * not take it.  If it has ended its side it
 * is looked at now and then, for the loop does not tell when it vanishes.
 */
static void on_idle(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct varlink_client *c = (struct varlink_client *)w->data;

	(void)loop;
	(void)revents;
	if (!c->waits)
		varlink_client_close(c, "it was idle");
	else if (c->producing)
		varlink_client_close(c, "it does not read its replies");
	else if (is_gone(c))
		varlink_client_close(c, "it ended the connection");
}

void varlink_client_new(struct varlink_clients *all, int fd,
			const struct varlink_peer *p)
{
	struct varlink_client *c = text_alloc(1, sizeof(*c));

	c->all = all;
	c->fd = fd;
	c->peer = *p;
	buf_init(&c->in, all->o.max_request + 1);
	buf_init(&c->out, all->o.max_queued);
	c->io = text_alloc(1, sizeof(*c->io));
	c->idle = text_alloc(1, sizeof(*c->idle));
	ev_io_init(c->io, on_client, fd, EV_READ);
	c->io->data = c;
	ev_init(c->idle, on_idle);
	c->idle->repeat = (double)all->o.idle_ms / 1000.;
	c->idle->data = c;
	/* Who comes anew does not go before those who wait. */
	c->served = all->turns;
	LIST_INSERT_HEAD(&all->list, c, link);
	all->n++;
	ev_io_start(all->loop, c->io);
	is_active(c);
}

void varlink_client_resume(struct varlink_client *c)
{
	c->waits = false;
	is_active(c);
	ev_feed_event(c->all->loop, c->io, EV_WRITE);
}

void varlink_client_begin(struct varlink_clients *all)
{
	LIST_INIT(&all->list);
	all->turn = text_alloc(1, sizeof(*all->turn));
	ev_init(all->turn, on_turn);
	all->turn->data = all;
}

void varlink_client_end(struct varlink_clients *all)
{
	/* Whoever is closed has left the list, through a pointer to its link
	 * that the analyzer does not follow. */
	/* NOLINTBEGIN(clang-analyzer-unix.Malloc) */
	while (!LIST_EMPTY(&all->list))
		varlink_client_close(LIST_FIRST(&all->list), "the daemon ends");
	/* NOLINTEND(clang-analyzer-unix.Malloc) */
	ev_timer_stop(all->loop, all->turn);
	free(all->turn);
}
