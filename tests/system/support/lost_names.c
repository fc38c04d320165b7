/*
 * A getaddrinfo(3) for tests, to be preloaded: the hosts of Azure's public
 * cloud are 127.0.0.1 while no file of the name in LOST_NAMES is there, and
 * unknown while it is.  Each look-up of such a name adds a line of JSON to
 * LOST_NAMES.log: when, and which.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *const ends[] = {
	".azure.net",
	"management.azure.com",
	"login.microsoftonline.com",
};

static bool is_ours(const char *name)
{
	size_t i, len = strlen(name);

	for (i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		if (len >= strlen(ends[i]) &&
		    strcmp(name + len - strlen(ends[i]), ends[i]) == 0)
			return true;
	return false;
}

/* In one write: several threads may look up at once. */
static void note(const char *file, const char *name)
{
	struct timespec now;
	char text[512];
	int fd, len;

	clock_gettime(CLOCK_REALTIME, &now);
	snprintf(text, sizeof(text), "%s.log", file);
	fd = open(text, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	len = snprintf(text, sizeof(text),
		       "{\"time\":%lld.%06ld,\"name\":\"%s\"}\n",
		       (long long)now.tv_sec, now.tv_nsec / 1000, name);
	if (len > 0 && write(fd, text, (size_t)len) < 0)
		abort();
	close(fd);
}

int getaddrinfo(const char *name, const char *service,
		const struct addrinfo *hints, struct addrinfo **list)
{
	int (*real)(const char *, const char *, const struct addrinfo *,
		    struct addrinfo **);
	const char *file = getenv("LOST_NAMES");

	*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	if (!file || !name || !is_ours(name))
		return real(name, service, hints, list);
	note(file, name);
	if (access(file, F_OK) == 0)
		return EAI_NONAME;
	return real("127.0.0.1", service, hints, list);
}
