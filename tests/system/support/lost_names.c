/*
 * A getaddrinfo(3) for tests, to be preloaded: names below "azure.net" are
 * 127.0.0.1 while no file of the name in LOST_NAMES is there, and unknown
 * while it is.  Each look-up of such a name adds a line to LOST_NAMES.log.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int getaddrinfo(const char *name, const char *service,
		const struct addrinfo *hints, struct addrinfo **list)
{
	int (*real)(const char *, const char *, const struct addrinfo *,
		    struct addrinfo **);
	const char *file = getenv("LOST_NAMES");
	const char *end = name && file ? strstr(name, ".azure.net") : NULL;
	char log[512];
	FILE *f;

	*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	if (!end || end[strlen(".azure.net")])
		return real(name, service, hints, list);
	snprintf(log, sizeof(log), "%s.log", file);
	f = fopen(log, "ae");
	if (f) {
		fprintf(f, "%s\n", name);
		fclose(f);
	}
	if (access(file, F_OK) == 0)
		return EAI_NONAME;
	return real("127.0.0.1", service, hints, list);
}
