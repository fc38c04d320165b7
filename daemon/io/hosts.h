/*
 * hosts: how many transfers may run with one server at a time, and who waits.
 *
 * A server about which nothing is known gets one transfer; the others wait
 * until that one has a connection, and then use it too if it is HTTP/2.  So a
 * burst of requests costs one TLS handshake instead of one each, and a server
 * that cannot be reached holds one slot, not all of them.  A host exists as
 * long as it has transfers: what was learnt is not trusted any longer than
 * that, since the connection may be gone by the next burst.
 *
 * Knows no HTTP library and no transfer: waiting things are embedded nodes.
 * The table owns the hosts; the nodes belong to whoever queued them.
 */
#ifndef KEYROTD_IO_HOSTS_H
#define KEYROTD_IO_HOSTS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

struct host;
struct hosts;

struct host_node {
	TAILQ_ENTRY(host_node) link;
	struct host *host;
	bool waiting;
};

struct hosts *hosts_new(void);
void hosts_free(struct hosts *hs); /* no node may be left */

/* Queue the node at the host of that origin ("https://name:port"). */
void hosts_join(struct hosts *hs, struct host_node *n, const char *origin);
/* The node leaves, waiting or running; its host may vanish with it. */
void hosts_leave(struct hosts *hs, struct host_node *n);

/* The next node that may run now; it counts as running from here on.  NULL:
 * none.  Servers take turns. */
struct host_node *hosts_next(struct hosts *hs);
/* The first waiting node of this host, or NULL; it stays there. */
struct host_node *hosts_waiting(const struct host *host);
/* Transfers that run with this host. */
size_t hosts_running(const struct host *host);

/* What was learnt of it: how many may run. */
void hosts_limit(struct hosts *hs, struct host *host, size_t limit);
size_t hosts_limit_of(const struct host *host);

#endif
