/*
 * Opens the connection to the daemon.  Most of it is about why that fails:
 * not running, stuck, or who would be let in.
 */
#include "ctl/connect.h"

#include <errno.h>
#include <grp.h>
#include <libgen.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/text.h"

#define NAME_MAX_LEN 48

static void user_name(char name[NAME_MAX_LEN], uid_t uid)
{
	const struct passwd *user = getpwuid(uid);

	if (user)
		text_copy(name, NAME_MAX_LEN, user->pw_name);
	else
		snprintf(name, NAME_MAX_LEN, "%u", (unsigned)uid);
}

static void group_name(char name[NAME_MAX_LEN], gid_t gid)
{
	const struct group *group = getgrgid(gid);

	if (group)
		text_copy(name, NAME_MAX_LEN, group->gr_name);
	else
		snprintf(name, NAME_MAX_LEN, "%u", (unsigned)gid);
}

/* Whom the owner and mode of the socket, or of the directory that hides it,
 * let in. */
static bool describe(char *text, size_t size, const char *path)
{
	char user[NAME_MAX_LEN], group[NAME_MAX_LEN];
	char *copy = text_dup(path);
	struct stat st;
	bool found = !stat(path, &st) || !stat(dirname(copy), &st);

	free(copy);
	if (!found)
		return false;
	user_name(user, st.st_uid);
	group_name(group, st.st_gid);
	if (st.st_mode & (S_ISDIR(st.st_mode) ? S_IXGRP : S_IWGRP))
		snprintf(text, size,
			 "the user %s and members of the group %s may", user,
			 group);
	else
		snprintf(text, size, "the user %s may", user);
	return true;
}

static bool denied(const char *path, int code, struct fault *f)
{
	char who[2 * NAME_MAX_LEN + 64];

	if (!describe(who, sizeof(who), path))
		text_copy(who, sizeof(who), "whom its directory lets in may");
	return fault_set(f, FAULT_DENIED, code,
			 "keyrotd is not reachable at %s: permission denied. "
			 "Root, %s open it.",
			 path, who);
}

static const char *explain(int code)
{
	switch (code) {
	case ENOENT:
	case ENOTDIR:
		return "there is no such socket. Is the service running? See "
		       "`systemctl status keyrotd`";
	case ECONNREFUSED:
		return "nobody listens there. Has the service ended? See "
		       "`systemctl status keyrotd`";
	case EAGAIN:
	case EINPROGRESS:
		return "it accepts no connection. Is it stuck? See "
		       "`systemctl status keyrotd`";
	default:
		return strerror(code);
	}
}

static bool failed(const char *path, int code, struct fault *f)
{
	if (code == EACCES || code == EPERM)
		return denied(path, code, f);
	return fault_set(f, FAULT_TRANSIENT, code,
			 "keyrotd is not reachable at %s: %s.", path,
			 explain(code));
}

/* SO_SNDTIMEO also bounds connect(2), which waits while the backlog is full
 * (unix(7), socket(7)). */
static void limit(int fd, int64_t timeout_ms)
{
	struct timeval t = {
		.tv_sec = timeout_ms / 1000,
		.tv_usec = timeout_ms % 1000 * 1000,
	};

	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof(t));
}

int connect_unix(const char *path, int64_t timeout_ms, struct fault *f)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd, code;

	if (!text_copy(address.sun_path, sizeof(address.sun_path), path)) {
		failed("that path", ENAMETOOLONG, f);
		return -1;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		failed(path, errno, f);
		return -1;
	}
	limit(fd, timeout_ms);
	if (!connect(fd, (const struct sockaddr *)&address, sizeof(address)))
		return fd;
	code = errno;
	close(fd);
	failed(path, code, f);
	return -1;
}
