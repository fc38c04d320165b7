/*
 * Keeps a second daemon off the same state, by a lock that ends with the
 * process, whatever ends it.
 */
#include "io/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* Read and write: on NFS an exclusive lock needs it (flock(2)). */
int lock_take(const char *path, struct fault *f)
{
	int fd = open(path,
		      O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW |
			      O_NONBLOCK,
		      0600);
	int error;

	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	error = errno;
	if (fd >= 0)
		close(fd);
	fault_set(f, error == EWOULDBLOCK ? FAULT_CONFLICT : FAULT_LOCAL, error,
		  "Could not lock %s: %s", path, strerror(error));
	return -1;
}
