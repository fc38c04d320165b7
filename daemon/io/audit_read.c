/*
 * Finds the files of the audit and takes them apart into lines; what these say
 * is base/chain's.
 */
#include "io/audit_read.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "io/store_internal.h"

#define OLD_PREFIX "audit-"
#define OLD_DIGITS 12
#define SUFFIX ".jsonl"
#define TAIL_MAX 65536

/* audit-000000000001.jsonl */
static bool is_old(const char *name)
{
	size_t digits = strspn(name + strlen(OLD_PREFIX), "0123456789");

	return digits >= OLD_DIGITS &&
	       !strcmp(name + strlen(OLD_PREFIX) + digits, SUFFIX);
}

static bool is_ours(const char *name)
{
	return !strcmp(name, AUDIT_FILE) ||
	       (!strncmp(name, OLD_PREFIX, strlen(OLD_PREFIX)) && is_old(name));
}

/* By length first, for more digits are a higher number; "audit.jsonl" is the
 * last. */
static int by_age(const void *a, const void *b)
{
	const char *x = *(const char *const *)a, *y = *(const char *const *)b;
	size_t n = strlen(x), m = strlen(y);
	bool x_last = text_suffix(x, "/" AUDIT_FILE);
	bool y_last = text_suffix(y, "/" AUDIT_FILE);

	if (x_last != y_last)
		return x_last ? 1 : -1;
	if (n != m)
		return n < m ? -1 : 1;
	return strcmp(x, y);
}

bool audit_read_list(const char *folder, struct audit_list *l, struct fault *f)
{
	DIR *d = opendir(folder);
	struct dirent *e;

	*l = (struct audit_list){ 0 };
	if (!d)
		return fault_set(f,
				 errno == ENOENT ? FAULT_MISSING : FAULT_LOCAL,
				 errno, "Could not open the folder %s: %s",
				 folder, strerror(errno));
	while (l->n < AUDIT_FILES_MAX && (e = readdir(d)) != NULL) {
		if (!is_ours(e->d_name))
			continue;
		l->paths = text_grow(l->paths, l->n, sizeof(*l->paths));
		l->paths[l->n++] = text_printf("%s/%s", folder, e->d_name);
	}
	closedir(d);
	if (l->n)
		qsort(l->paths, l->n, sizeof(*l->paths), by_age);
	return true;
}

void audit_read_list_free(struct audit_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->paths[i]);
	free(l->paths);
	*l = (struct audit_list){ 0 };
}

/* ---- lines ---- */

static bool hand_out(int fd, char *line, audit_read_line *each, void *arg)
{
	size_t have = 0;
	ssize_t n = 1;

	while (n > 0) {
		char *end = have ? memchr(line, '\n', have) : NULL;
		size_t len = end ? (size_t)(end - line) : have;

		if (end || have == CHAIN_LINE_MAX) {
			if (!each(line, len, end != NULL, arg))
				return true;
			len += end != NULL;
			have -= len;
			memmove(line, line + len, have);
			continue;
		}
		n = store_read_some(fd, line + have, CHAIN_LINE_MAX - have);
		if (n > 0)
			have += (size_t)n;
	}
	if (n == 0 && have)
		each(line, have, false, arg);
	return n == 0;
}

bool audit_read_lines(const char *path, audit_read_line *each, void *arg,
		      struct fault *f)
{
	bool standard = !strcmp(path, "-");
	int fd = standard ? STDIN_FILENO
			  : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	char *line;
	bool ok;

	if (fd < 0)
		return fault_set(
			f, errno == ENOENT ? FAULT_MISSING : FAULT_LOCAL, errno,
			"Could not open %s: %s", path, strerror(errno));
	line = text_alloc(CHAIN_LINE_MAX, 1);
	ok = hand_out(fd, line, each, arg) ||
	     fault_set(f, FAULT_LOCAL, errno, "Could not read %s: %s", path,
		       strerror(errno));
	free(line);
	if (!standard)
		close(fd);
	return ok;
}

/* ---- where it ends ---- */

void audit_read_head_text(char dst[AUDIT_HEAD_LEN + 1],
			  const struct chain *head)
{
	snprintf(dst, AUDIT_HEAD_LEN + 1, "%020" PRIu64 " %s\n", head->seq,
		 head->hash);
}

void audit_read_head_of(const char *text, size_t len, struct chain *head)
{
	char again[AUDIT_HEAD_LEN + 1];
	struct chain read;

	chain_init(head);
	if (len != AUDIT_HEAD_LEN || strspn(text, "0123456789") != 20)
		return;
	read.seq = strtoull(text, NULL, 10);
	snprintf(read.hash, sizeof(read.hash), "%.64s", text + 21);
	audit_read_head_text(again, &read);
	if (read.seq && !memcmp(again, text, len) &&
	    strspn(read.hash, "0123456789abcdef") == 64)
		*head = read;
}

enum audit_head audit_read_head(const char *folder, struct chain *head)
{
	char *path = text_printf("%s/" AUDIT_HEAD, folder);
	char text[AUDIT_HEAD_LEN + 2] = "";
	struct fault f;
	int fd = store_open_nofollow(path, &f);
	ssize_t n = fd < 0 ? -1 : store_read_some(fd, text, sizeof(text) - 1);
	struct stat st;
	bool missing = fd < 0 && lstat(path, &st) != 0 && errno == ENOENT;

	audit_read_head_of(text, n < 0 ? 0 : (size_t)n, head);
	if (fd >= 0)
		close(fd);
	free(path);
	if (head->seq)
		return AUDIT_HEAD_READ;
	if (missing)
		return AUDIT_HEAD_MISSING;
	return n == 0 ? AUDIT_HEAD_EMPTY : AUDIT_HEAD_UNREADABLE;
}

/* The last line of text that is a record. */
static bool last_of(const char *text, size_t len, struct chain *last,
		    int64_t *time)
{
	const char *end = memrchr(text, '\n', len), *from;
	struct chain_record r;
	struct fault f;
	bool ok = false;

	for (; end && !ok; end = from) {
		from = memrchr(text, '\n', (size_t)(end - text));
		ok = chain_read(from ? from + 1 : text,
				(size_t)(end - (from ? from + 1 : text)), &r,
				&f);
		if (ok) {
			chain_go_on(last, &r);
			*time = r.time;
		}
		chain_record_free(&r);
	}
	return ok;
}

bool audit_read_last(const char *path, struct chain *last, int64_t *time)
{
	struct fault f;
	int fd = store_open_nofollow(path, &f);
	char *text = text_alloc(TAIL_MAX, 1);
	struct stat st;
	ssize_t n = -1;
	bool ok;

	if (fd >= 0 && fstat(fd, &st) == 0 &&
	    lseek(fd, st.st_size > TAIL_MAX ? st.st_size - TAIL_MAX : 0,
		  SEEK_SET) >= 0)
		n = store_read_some(fd, text, TAIL_MAX);
	ok = n > 0 && last_of(text, (size_t)n, last, time);
	free(text);
	if (fd >= 0)
		close(fd);
	return ok;
}
