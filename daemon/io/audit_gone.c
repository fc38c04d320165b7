/* Files of the audit that lost their name or their content, and whether they
 * were put back. */
#include "io/audit_gone.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/chain.h"
#include "base/text.h"
#include "io/audit_read.h"

#define BACK_FILES_MAX 100 /* looked at, when some were put back */

void audit_gone_init(struct audit_gone *g)
{
	g->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	g->at[0] = g->at[1] = -1;
}

void audit_gone_free(struct audit_gone *g)
{
	if (g->fd >= 0)
		close(g->fd);
	g->fd = -1;
}

/* IN_ATTRIB: the count of its names has changed.  IN_MODIFY would tell of each
 * record of ours. */
void audit_gone_watch(struct audit_gone *g, unsigned which, const char *path)
{
	int before = g->at[which];

	if (g->fd < 0)
		return;
	g->at[which] = inotify_add_watch(
		g->fd, path,
		IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF | IN_DONT_FOLLOW);
	if (before >= 0 && before != g->at[which])
		inotify_rm_watch(g->fd, before);
}

void audit_gone_hear(struct audit_gone *g)
{
	char news[4096];

	while (g->fd >= 0 && read(g->fd, news, sizeof(news)) > 0)
		;
}

bool audit_gone_is(int fd, const char *path, int64_t size)
{
	struct stat open, there;

	/* What cannot be told is no reason to begin anew. */
	if (fstat(fd, &open) != 0)
		return false;
	return lstat(path, &there) != 0 || open.st_dev != there.st_dev ||
	       open.st_ino != there.st_ino || open.st_size < size;
}

void audit_gone_add(struct audit_gap *gap, uint64_t first, uint64_t last)
{
	if (!gap->first || first < gap->first)
		gap->first = first;
	if (last > gap->last)
		gap->last = last;
}

bool audit_gone_is_back(const struct audit_gap *gap, const char *folder)
{
	uint64_t next = gap->first;
	bool ok = true;

	for (int i = 0; ok && next <= gap->last && i < BACK_FILES_MAX; i++) {
		char *path = text_printf("%s/audit-%012" PRIu64 ".jsonl",
					 folder, next);
		struct chain last;
		int64_t time;

		ok = audit_read_last(path, &last, &time) && last.seq >= next;
		next = ok ? last.seq + 1 : next;
		free(path);
	}
	return next > gap->last;
}

void audit_gone_text(char *dst, size_t size, const struct audit_gap *gap,
		     const char *folder)
{
	snprintf(
		dst, size,
		"Records %" PRIu64 " to %" PRIu64
		" of the audit were taken away from %.80s. If you have their file, put it there as audit-%012" PRIu64
		".jsonl; if not, keyrotctl reload accepts the loss.",
		gap->first, gap->last, folder, gap->first);
}
