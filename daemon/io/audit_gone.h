/*
 * audit_gone: notices that the audit's file was taken away from below its
 * writer, by rm(1), by a rename as logrotate(8) does it, or by emptying it.
 *
 * Who writes to a file by its descriptor is told by nobody that the file has
 * no name any more.  inotify(7) wakes the writer where it can; where no watch
 * is left the file is looked at once a minute, and with each record always
 * (the change may have been made elsewhere on a shared file system).  A struct
 * audit_gone is its owner's until audit_gone_free.
 */
#ifndef KEYROTD_IO_AUDIT_GONE_H
#define KEYROTD_IO_AUDIT_GONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Records that are missing; first 0: none are. */
struct audit_gap {
	uint64_t first, last;
};

struct audit_gone {
	int fd;	   /* of inotify, readable when there is news; -1: none */
	int at[2]; /* its watches: of the file, of audit.head */
};

void audit_gone_init(struct audit_gone *g);
void audit_gone_free(struct audit_gone *g);
/* Wake me for what happens to the file of that path (which: 0 or 1), which I
 * have just opened. */
void audit_gone_watch(struct audit_gone *g, unsigned which, const char *path);
/* Take the news; what they are the file itself tells. */
void audit_gone_hear(struct audit_gone *g);

/* Is the open file fd not the one of that path, or shorter than it was? */
bool audit_gone_is(int fd, const char *path, int64_t size);
/* More is missing. */
void audit_gone_add(struct audit_gap *gap, uint64_t first, uint64_t last);
/* Have all files that hold these records been put into the folder again? */
bool audit_gone_is_back(const struct audit_gap *gap, const char *folder);
/* What is missing and what a person can do, as sentences; size >= 256. */
void audit_gone_text(char *dst, size_t size, const struct audit_gap *gap,
		     const char *folder);

#endif
