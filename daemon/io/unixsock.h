/*
 * unixsock: listening Unix stream sockets and who is at the other end
 * (unix(7), socket(7)).  Descriptors belong to the caller.
 */
#ifndef KEYROTD_IO_UNIXSOCK_H
#define KEYROTD_IO_UNIXSOCK_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/fault.h"

/*
 * Listen on path, which must fit sun_path (107 bytes); -1 and *f FAULT_LOCAL
 * when that fails.  An old socket file nobody listens on (connecting is
 * refused) is replaced; one that somebody answers, or anything that is no
 * socket, is a fault and stays.  The socket gets mode 0666: who may open it
 * is decided by the mode of its folder (RuntimeDirectoryMode= of
 * systemd.exec(5)), who may change things by the peer's credentials.
 */
int unixsock_listen(const char *path, struct fault *f);

/* Check and prepare a descriptor from socket activation (sd_listen_fds(3)). */
bool unixsock_adopt(int fd, struct fault *f);

/* A client, non-blocking and close-on-exec; -1 with errno. */
int unixsock_accept(int fd);

/* Close the connections that wait at an adopted socket, unanswered. */
void unixsock_turn_away(int fd);

/* SO_PEERCRED: who connected. */
bool unixsock_peer(int fd, uid_t *uid, gid_t *gid, pid_t *pid);

/* SO_PEERGROUPS: whether who connected had this supplementary group then. */
bool unixsock_peer_in(int fd, gid_t group);

/* A group by its name or number (group(5)); false when there is none. */
bool unixsock_group(const char *name, gid_t *group);

/* True when the other side is closed for both directions, not only done with
 * sending. */
bool unixsock_hung_up(int fd);

#endif
