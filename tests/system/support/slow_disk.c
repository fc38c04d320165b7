/*
 * fsync(2) and fdatasync(2) for tests, to be preloaded: they take so many
 * milliseconds longer as the file that SLOW_DISK names says.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void take_time(void)
{
	const char *path = getenv("SLOW_DISK");
	FILE *f = path ? fopen(path, "re") : NULL;
	unsigned ms = 0;

	if (f) {
		if (fscanf(f, "%u", &ms) == 1)
			usleep(ms * 1000);
		fclose(f);
	}
}

int fdatasync(int fd)
{
	int (*real)(int);

	*(void **)&real = dlsym(RTLD_NEXT, "fdatasync");
	take_time();
	return real(fd);
}

int fsync(int fd)
{
	int (*real)(int);

	*(void **)&real = dlsym(RTLD_NEXT, "fsync");
	take_time();
	return real(fd);
}
