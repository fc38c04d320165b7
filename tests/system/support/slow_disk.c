/*
 * A fdatasync(2) for tests, to be preloaded: it takes so many milliseconds
 * longer as the file that SLOW_DISK names says.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int fdatasync(int fd)
{
	int (*real)(int);
	const char *path = getenv("SLOW_DISK");
	FILE *f = path ? fopen(path, "re") : NULL;
	unsigned ms = 0;

	*(void **)&real = dlsym(RTLD_NEXT, "fdatasync");
	if (f) {
		if (fscanf(f, "%u", &ms) == 1)
			usleep(ms * 1000);
		fclose(f);
	}
	return real(fd);
}
