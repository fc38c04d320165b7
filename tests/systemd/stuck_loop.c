/*
 * An epoll_wait(2) for tests, to be preloaded: it does not come back while the
 * file that STUCK_LOOP names is there.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

int epoll_wait(int fd, struct epoll_event *events, int max, int timeout)
{
	int (*real)(int, struct epoll_event *, int, int);
	const char *path = getenv("STUCK_LOOP");

	*(void **)&real = dlsym(RTLD_NEXT, "epoll_wait");
	while (path && access(path, F_OK) == 0)
		usleep(10000);
	return real(fd, events, max, timeout);
}
