/* Reads /proc/self, of which everything else is hidden from the service; and
 * shuts its memory for others. */
#include "io/process.h"

#include <dirent.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/text.h"
#include "io/clock.h"

#define STAT_MAX 1024
#define LARGE_BYTES (1 << 20) /* a buffer with pages of its own */

/* proc(5): the fields of /proc/self/stat, behind the name in brackets. */
enum { UTIME = 14, STIME = 15, STARTTIME = 22, VSIZE = 23, RSS = 24 };

static int64_t open_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	int64_t n = 0;

	if (!d)
		return -1;
	for (const struct dirent *e; (e = readdir(d));)
		n += e->d_name[0] != '.';
	closedir(d);
	return n - 1; /* the folder itself was open */
}

static int64_t max_fds(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 ||
	    limit.rlim_cur == RLIM_INFINITY)
		return -1;
	return (int64_t)limit.rlim_cur;
}

static bool read_stat(char text[static STAT_MAX])
{
	int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, text, STAT_MAX - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n > 0;
}

void process_host(char *dst, size_t size)
{
	char name[256] = "";

	if (gethostname(name, sizeof(name) - 1) != 0)
		name[0] = '\0';
	text_copy(dst, size, name);
}

/* The name may hold blanks and brackets: the last bracket ends it. */
static int64_t field(const char *text, int number)
{
	const char *at = strrchr(text, ')');
	long long v;

	for (int i = 2; at && i < number; i++) {
		at = strchr(at, ' ');
		at = at ? at + 1 : NULL;
	}
	return at && sscanf(at, "%lld", &v) == 1 ? v : -1;
}

static int64_t times(int64_t v, long unit, int64_t per)
{
	return v < 0 || unit <= 0 ? -1 : v * per / unit;
}

void process_usage(struct process_usage *u)
{
	long ticks = sysconf(_SC_CLK_TCK), page = sysconf(_SC_PAGESIZE);
	char text[STAT_MAX];
	int64_t since;

	*u = (struct process_usage){ -1, -1, open_fds(), max_fds(), -1, -1 };
	if (!read_stat(text))
		return;
	u->cpu_ms = times(field(text, UTIME) + field(text, STIME), ticks, 1000);
	since = times(field(text, STARTTIME), ticks, 1000);
	if (since >= 0)
		u->started_ms = clock_wall_ms() - (clock_boot_ms() - since);
	u->virtual_bytes = field(text, VSIZE);
	u->resident_bytes = times(field(text, RSS), 1, page);
}

void process_memory(void)
{
#ifdef M_MMAP_THRESHOLD
	/* Said once, it does not grow with each large buffer that is freed. */
	mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
	mallopt(M_TRIM_THRESHOLD, LARGE_BYTES);
#endif
}

void process_give_back(void)
{
#ifdef __GLIBC__
	malloc_trim(0);
#endif
}

void process_close(void)
{
	struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
}

void process_open(void)
{
#ifdef __SANITIZE_ADDRESS__
	prctl(PR_SET_DUMPABLE, 1);
#endif
}
