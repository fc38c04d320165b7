/*
 * audit_end: where the audit ends, what a crash has left behind that, and
 * whether it can be gone on with.  Changes nothing.
 *
 * It can be when its last records fit together and audit.head names one of
 * them, or an older one.  A struct audit_end is its owner's until
 * audit_end_free.
 */
#ifndef KEYROTD_IO_AUDIT_END_H
#define KEYROTD_IO_AUDIT_END_H

#include "base/chain.h"

struct audit_end {
	struct chain last; /* the record to go on behind */
	uint64_t first;	   /* that the file begins with; 0: none */
	int64_t time;	   /* of the last one, ms since 1970; -1 */
	int64_t size;	   /* of the file */
	/* Why it cannot be gone on with, a clause; NULL: it can. */
	const char *damage;
	/* Half a record, its bytes and their sum; add_end: no line end stands
	 * behind it. */
	bool torn, add_end;
	uint64_t torn_bytes;
	char torn_sum[SEAL_HEX_MAX];
	/* What was sealed behind the record that was asked for. */
	struct audit_end_again {
		uint64_t seq;
		char sum[SEAL_HEX_MAX];
	} * again;
	size_t n_again;

	/* Its own. */
	const char *folder;
	char *path;
	int fd;
};

/* Look at the open file fd in this folder.  after: the last record that is
 * known to be there (NULL: it is not known).  False with *f when it cannot be
 * read. */
bool audit_end_find(struct audit_end *e, const char *folder, int fd,
		    const uint64_t *after, struct fault *f);
void audit_end_free(struct audit_end *e);

/* The sum of n bytes of a file from a place on; false with errno. */
bool audit_end_sum(int fd, int64_t from, int64_t n, char sum[SEAL_HEX_MAX]);

#endif
