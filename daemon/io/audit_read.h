/*
 * audit_read: the files of the audit as they lie in the state folder, for
 * whoever reads them: the writer at its start, and keyrotctl.
 *
 *	audit.jsonl		the newest records
 *	audit-SEQ.jsonl		older ones, from record SEQ on (12 digits)
 *	audit.head		the last record that is on the disk
 */
#ifndef KEYROTD_IO_AUDIT_READ_H
#define KEYROTD_IO_AUDIT_READ_H

#include <stdbool.h>
#include <stddef.h>

#include "base/chain.h"

#define AUDIT_FILE "audit.jsonl"
#define AUDIT_HEAD "audit.head"
#define AUDIT_FILES_MAX 10000
#define AUDIT_HEAD_LEN 86 /* 20 digits, a blank, 64 digits and the line end */

struct audit_list {
	char **paths; /* oldest first */
	size_t n;
};

/* All that are there; false with *f (FAULT_MISSING, FAULT_LOCAL) when the
 * folder cannot be read.  audit_read_list_free ends it. */
bool audit_read_list(const char *folder, struct audit_list *l, struct fault *f);
void audit_read_list_free(struct audit_list *l);

/* A line without its end, which it has or not; one longer than CHAIN_LINE_MAX
 * comes in pieces, of which only the last has.  False: enough. */
typedef bool audit_read_line(const char *line, size_t len, bool ended,
			     void *arg);

/* Hand out the lines of a file (a FIFO, too, so that one may be unpacked into
 * it; "-" is standard input).  False with *f when it cannot be read. */
bool audit_read_lines(const char *path, audit_read_line *each, void *arg,
		      struct fault *f);

enum audit_head {
	AUDIT_HEAD_READ,
	AUDIT_HEAD_MISSING,    /* it is not there */
	AUDIT_HEAD_EMPTY,      /* no record has come to the disk yet, or it
				  was emptied */
	AUDIT_HEAD_UNREADABLE, /* it cannot be opened, or names no record */
};

/* What audit.head says; seq 0 when it was not read. */
enum audit_head audit_read_head(const char *folder, struct chain *head);
/* The same of its text; as written by audit_read_head_text. */
void audit_read_head_of(const char *text, size_t len, struct chain *head);
void audit_read_head_text(char dst[AUDIT_HEAD_LEN + 1],
			  const struct chain *head);

/* The first of these files that holds the last whole record, and where that
 * stands.  False: there is none in the last 64 KiB. */
bool audit_read_last(const char *path, struct chain *last, int64_t *time);

#endif
