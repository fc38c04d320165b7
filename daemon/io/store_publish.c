/* Writes a file for others beside its place, then renames it into it. */
#include "io/store_publish.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "io/store_internal.h"

struct store_publish {
	char *path, *temp;
	int dir, fd; /* -1: closed */
};

static bool fail(const struct store_publish *p, int error, struct fault *f)
{
	return fault_set(
		f, FAULT_LOCAL, error,
		"Could not write %s: %s; what was there before is still whole",
		p->path, strerror(error));
}

struct store_publish *store_publish_begin(const char *path, mode_t mode,
					  struct fault *f)
{
	struct store_publish *p = text_alloc(1, sizeof(*p));

	p->path = text_dup(path);
	p->temp = store_temp_name(path);
	p->fd = -1;
	p->dir = store_open_folder(path, f);
	if (p->dir >= 0)
		p->fd = openat(p->dir, p->temp,
			       O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW |
				       O_CLOEXEC,
			       0600);
	if (p->fd >= 0 && fchmod(p->fd, mode) == 0)
		return p;
	if (p->dir >= 0)
		fail(p, errno, f);
	store_publish_drop(p);
	return NULL;
}

bool store_publish_add(struct store_publish *p, const void *data, size_t len,
		       struct fault *f)
{
	return store_write_all(p->fd, data, len) || fail(p, errno, f);
}

/* Nothing else of its parent's is kept open by it, such as the socket.  A
 * failed fsync(2) is not repeated: see store.c. */
static void wait_for_disk(int fd)
{
	if (fd > 0)
		close_range(0, (unsigned)fd - 1, 0);
	close_range((unsigned)fd + 1, ~0U, 0);
	_exit(fsync(fd) == 0 ? 0 : errno);
}

pid_t store_publish_sync(const struct store_publish *p, struct fault *f)
{
	pid_t pid = fork();

	if (pid < 0)
		fail(p, errno, f);
	if (pid == 0)
		wait_for_disk(p->fd);
	return pid;
}

pid_t store_publish_make(struct store_publish *p,
			 bool (*make)(struct store_publish *p, void *arg),
			 void *arg, struct fault *f)
{
	sigset_t all, before;
	pid_t pid;

	/* A handler would tell the loop of the process that was copied. */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	pid = fork();
	if (pid == 0) {
		/* Nobody would take what it makes. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (!make(p, arg))
			_exit(errno ? errno : EIO);
		wait_for_disk(p->fd);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (pid < 0)
		fail(p, errno, f);
	return pid;
}

bool store_publish_synced(const struct store_publish *p, int status,
			  struct fault *f)
{
	if (status == 0)
		return true;
	return fail(p, WIFEXITED(status) ? WEXITSTATUS(status) : EINTR, f);
}

static void end(struct store_publish *p)
{
	if (p->fd >= 0)
		close(p->fd);
	if (p->dir >= 0)
		close(p->dir);
	free(p->temp);
	free(p->path);
	free(p);
}

bool store_publish_end(struct store_publish *p, struct fault *f)
{
	int fd = p->fd;

	p->fd = -1;
	/* Some file systems tell only then that they are full. */
	if (close(fd) != 0 ||
	    renameat(p->dir, p->temp, p->dir, store_base_name(p->path)) != 0) {
		fail(p, errno, f);
		store_publish_drop(p);
		return false;
	}
	end(p);
	return true;
}

void store_publish_drop(struct store_publish *p)
{
	if (!p)
		return;
	if (p->dir >= 0)
		unlinkat(p->dir, p->temp, 0);
	end(p);
}

void store_publish_remove(const char *path)
{
	unlink(path);
}
