/*
 * Makes the socket that the daemon listens on, or takes systemd's, and
 * tells by the kernel's word who is at the other end.
 */
#include "io/unixsock.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/text.h"

#define BACKLOG 64
#define TURN_AWAY_MAX 4096 /* as many as may wait: SOMAXCONN */
#define GROUPS_MAX 65536   /* NGROUPS_MAX of Linux */

static bool fail(struct fault *f, const char *path, const char *what)
{
	return fault_set(f, FAULT_LOCAL, errno, "Could not %s %s: %s", what,
			 path, strerror(errno));
}

static int new_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

/*
 * The mode comes from the umask at bind(2): a chmod(2) afterwards would come
 * too late for somebody quick.
 */
static int bind_open(int fd, const struct sockaddr_un *a)
{
	mode_t old = umask(0111);
	int rc = bind(fd, (const struct sockaddr *)a, sizeof(*a));
	int error = errno;

	umask(old);
	errno = error;
	return rc;
}

/* 0, or the errno of connecting to whoever listens. */
static int try_connect(const struct sockaddr_un *a)
{
	int fd = new_socket();
	int error = 0;

	if (fd < 0)
		return errno;
	if (connect(fd, (const struct sockaddr *)a, sizeof(*a)) != 0)
		error = errno;
	close(fd);
	return error;
}

static bool remove_stale(const struct sockaddr_un *a, struct fault *f)
{
	const char *path = a->sun_path;
	struct stat st;
	int error;

	if (lstat(path, &st) != 0)
		return errno == ENOENT || fail(f, path, "look at");
	if (!S_ISSOCK(st.st_mode))
		return fault_set(
			f, FAULT_LOCAL, EADDRINUSE,
			"Could not listen on %s: something that is no socket is there; move it away",
			path);
	error = try_connect(a);
	if (error == 0 || error == EAGAIN)
		return fault_set(
			f, FAULT_LOCAL, EADDRINUSE,
			"Could not listen on %s: another process answers there; stop it first",
			path);
	errno = error;
	if (error != ECONNREFUSED && error != ENOENT)
		return fail(f, path,
			    "connect to the socket that is already at");
	if (unlink(path) != 0 && errno != ENOENT)
		return fail(f, path, "remove the old socket");
	return true;
}

static bool bind_or_replace(int fd, const struct sockaddr_un *a,
			    struct fault *f)
{
	if (bind_open(fd, a) == 0)
		return true;
	if (errno != EADDRINUSE)
		return fail(f, a->sun_path, "create the socket");
	if (!remove_stale(a, f))
		return false;
	return bind_open(fd, a) == 0 ||
	       fail(f, a->sun_path, "create the socket");
}

int unixsock_listen(const char *path, struct fault *f)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd;

	if (!*path || !text_copy(a.sun_path, sizeof(a.sun_path), path)) {
		fault_set(
			f, FAULT_LOCAL, ENAMETOOLONG,
			"Could not listen on %s: a socket's path has 1 to %zu bytes",
			path, sizeof(a.sun_path) - 1);
		return -1;
	}
	fd = new_socket();
	if (fd < 0) {
		fail(f, path, "create the socket");
		return -1;
	}
	if (bind_or_replace(fd, &a, f)) {
		if (listen(fd, BACKLOG) == 0)
			return fd;
		fail(f, path, "listen on");
		unlink(path);
	}
	close(fd);
	return -1;
}

static int socket_option(int fd, int option)
{
	int value = -1;
	socklen_t len = sizeof(value);

	if (getsockopt(fd, SOL_SOCKET, option, &value, &len) != 0)
		return -1;
	return value;
}

bool unixsock_adopt(int fd, struct fault *f)
{
	int flags = fcntl(fd, F_GETFL);

	if (socket_option(fd, SO_DOMAIN) != AF_UNIX ||
	    socket_option(fd, SO_TYPE) != SOCK_STREAM ||
	    socket_option(fd, SO_ACCEPTCONN) != 1)
		return fault_set(
			f, FAULT_LOCAL, 0,
			"Descriptor %d is not a listening Unix stream socket; check the socket unit's ListenStream=",
			fd);
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
		return fault_set(f, FAULT_LOCAL, errno,
				 "Could not prepare descriptor %d: %s", fd,
				 strerror(errno));
	return true;
}

int unixsock_accept(int fd)
{
	return accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

/* Who comes in so fast that there is always one more waits for the next. */
void unixsock_turn_away(int fd)
{
	for (int n = 0; n < TURN_AWAY_MAX; n++) {
		int one = unixsock_accept(fd);

		if (one < 0)
			return;
		close(one);
	}
}

bool unixsock_peer(int fd, uid_t *uid, gid_t *gid, pid_t *pid)
{
	struct ucred c;
	socklen_t len = sizeof(c);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &c, &len) != 0)
		return false;
	*uid = c.uid;
	*gid = c.gid;
	*pid = c.pid;
	return true;
}

/* Asked with no room first, the kernel tells the length. */
bool unixsock_peer_in(int fd, gid_t group)
{
	socklen_t len = 0;
	gid_t *groups;
	bool found = false;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &len) == 0 ||
	    errno != ERANGE || len == 0 || len > GROUPS_MAX * sizeof(*groups))
		return false;
	groups = text_alloc(1, len);
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len) == 0)
		for (size_t i = 0; i < len / sizeof(*groups); i++)
			found |= groups[i] == group;
	free(groups);
	return found;
}

bool unixsock_group(const char *name, gid_t *group)
{
	const struct group *g = getgrnam(name);
	char *end;
	unsigned long n = strtoul(name, &end, 10);

	if (g)
		*group = g->gr_gid;
	else if (*name >= '0' && *name <= '9' && !*end && n < (gid_t)-1)
		*group = (gid_t)n;
	else
		return false;
	return true;
}

bool unixsock_hung_up(int fd)
{
	struct pollfd p = { .fd = fd };

	return poll(&p, 1, 0) > 0 && (p.revents & (POLLHUP | POLLERR)) != 0;
}
