/*
 * Reads small files with a bound and replaces them as a whole, so that a
 * crash or a full disk leaves the old one.
 */
#include "io/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "io/clock.h"
#include "io/store_internal.h"

#define CHUNK 16384
#define TEMP_MARK ".tmp-" /* temp files: ".NAME.tmp-" and 16 hex digits */
#define TEMP_DIGITS 16
#define SWEEP_MAX 1024

static bool fail(struct fault *f, const char *what, const char *path)
{
	int error = errno;

	return fault_set(f, error == ENOENT ? FAULT_MISSING : FAULT_LOCAL,
			 error, "Could not %s %s: %s", what, path,
			 strerror(error));
}

/*
 * O_NONBLOCK so that a FIFO in the file's place does not hold the daemon; it
 * means nothing to a regular file (open(2)).
 */
static int open_regular(const char *path, int more, struct fault *f)
{
	int fd =
		open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | more);
	struct stat st;

	if (fd < 0) {
		fail(f, "open", path);
		return -1;
	}
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	close(fd);
	fault_set(f, FAULT_LOCAL, EINVAL,
		  "Could not read %s: it is not a regular file", path);
	return -1;
}

int store_open(const char *path, struct fault *f)
{
	return open_regular(path, 0, f);
}

int store_open_nofollow(const char *path, struct fault *f)
{
	return open_regular(path, O_NOFOLLOW, f);
}

ssize_t store_read_some(int fd, char *dst, size_t size)
{
	size_t have = 0;

	while (have < size) {
		ssize_t n = read(fd, dst + have, size - have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		have += (size_t)n;
	}
	return (ssize_t)have;
}

static bool append_all(int fd, const char *path, struct buf *out,
		       struct fault *f)
{
	char chunk[CHUNK];
	ssize_t n;

	while ((n = store_read_some(fd, chunk, sizeof(chunk))) > 0)
		if (!buf_add(out, chunk, (size_t)n))
			return fault_set(
				f, FAULT_INVALID, EFBIG,
				"Could not read %s: it is larger than %zu bytes",
				path, out->max);
	return n == 0 || fail(f, "read", path);
}

bool store_read(const char *path, struct buf *out, struct fault *f)
{
	int fd = store_open(path, f);
	bool ok;

	if (fd < 0)
		return false;
	ok = append_all(fd, path, out, f);
	close(fd);
	return ok;
}

/* ---- replacing ---- */

const char *store_base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* "." when the path has no slash, "/" for what lies in the root. */
static char *folder_of(const char *path)
{
	const char *base = store_base_name(path);

	if (base == path)
		return text_dup(".");
	if (base == path + 1)
		return text_dup("/");
	return text_ndup(path, (size_t)(base - path) - 1);
}

int store_open_folder(const char *path, struct fault *f)
{
	char *folder = folder_of(path);
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		fault_set(f, FAULT_LOCAL, errno,
			  "Could not open the folder %s: %s", folder,
			  strerror(errno));
	free(folder);
	return fd;
}

char *store_temp_name(const char *path)
{
	uint64_t number;

	clock_random(&number, sizeof(number));
	return text_printf(".%s" TEMP_MARK "%016llx", store_base_name(path),
			   (unsigned long long)number);
}

bool store_write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return true;
}

struct how {
	mode_t mode;
	bool synced; /* it is on the disk before anybody goes on */
};

/*
 * A failed fsync(2) is not repeated: the kernel may have dropped the pages
 * and call the second one a success.  The temp file is given up instead.
 */
static bool fill(int fd, const struct how *how, const void *data, size_t len)
{
	bool ok = fchmod(fd, how->mode) == 0 &&
		  store_write_all(fd, data, len) &&
		  (!how->synced || fsync(fd) == 0);
	int error = errno;

	if (close(fd) != 0 && ok)
		return false;
	errno = error;
	return ok;
}

static bool write_temp(int dir, const char *temp, const struct how *how,
		       const void *data, size_t len)
{
	int fd = openat(dir, temp,
			O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			0600);

	return fd >= 0 && fill(fd, how, data, len);
}

static bool replace_in(int dir, const char *path, const struct how *how,
		       const void *data, size_t len, struct fault *f)
{
	char *temp = store_temp_name(path);
	bool ok = write_temp(dir, temp, how, data, len) &&
		  renameat(dir, temp, dir, store_base_name(path)) == 0;

	if (!ok) {
		fault_set(
			f, FAULT_LOCAL, errno,
			"Could not write %s: %s; what was there before is still whole",
			path, strerror(errno));
		unlinkat(dir, temp, 0);
	} else if (how->synced && fsync(dir) != 0) {
		ok = fault_set(f, FAULT_LOCAL, errno,
			       "Could not make sure that %s is on disk: %s",
			       path, strerror(errno));
	}
	free(temp);
	return ok;
}

static bool replace(const char *path, const struct how *how, const void *data,
		    size_t len, struct fault *f)
{
	int dir;
	bool ok;

	if (strlen(store_base_name(path)) + 32 > NAME_MAX ||
	    !*store_base_name(path))
		return fault_set(f, FAULT_LOCAL, ENAMETOOLONG,
				 "Could not write %s: the name cannot be used",
				 path);
	dir = store_open_folder(path, f);
	if (dir < 0)
		return false;
	ok = replace_in(dir, path, how, data, len, f);
	close(dir);
	return ok;
}

bool store_replace(const char *path, const void *data, size_t len,
		   struct fault *f)
{
	return replace(path, &(struct how){ 0600, true }, data, len, f);
}

bool store_replace_soon(const char *path, const void *data, size_t len,
			struct fault *f)
{
	return replace(path, &(struct how){ 0600, false }, data, len, f);
}

bool store_set_aside(const char *path, struct fault *f)
{
	char *bad = text_printf("%s.bad", path);
	bool ok = rename(path, bad) == 0;

	if (!ok)
		fail(f, "set aside", path);
	free(bad);
	return ok;
}

/* ---- folders ---- */

static bool is_temp_of(const char *name, const char *base)
{
	size_t len = strlen(base);

	return name[0] == '.' && !strncmp(name + 1, base, len) &&
	       !strncmp(name + 1 + len, TEMP_MARK, strlen(TEMP_MARK)) &&
	       strspn(name + 1 + len + strlen(TEMP_MARK), "0123456789abcdef") ==
		       TEMP_DIGITS &&
	       strlen(name) == 1 + len + strlen(TEMP_MARK) + TEMP_DIGITS;
}

void store_sweep(const char *path)
{
	char *folder = folder_of(path);
	DIR *d = opendir(folder);
	struct dirent *e;
	unsigned removed = 0;

	while (d && removed < SWEEP_MAX && (e = readdir(d)) != NULL)
		if (is_temp_of(e->d_name, store_base_name(path)) &&
		    unlinkat(dirfd(d), e->d_name, 0) == 0)
			removed++;
	if (d)
		closedir(d);
	free(folder);
}
