/*
 * audit_file: appends sealed records to the audit's files, for the one process
 * that writes them.
 *
 * It owns the files: where the chain stands, what a crash has left, rotation
 * by size, and removal by age.  It waits for the disk, so it is no part of the
 * daemon's loop.  What is sealed and not yet on the disk is written again
 * until it is: always the same bytes at the same place.
 */
#ifndef KEYROTD_IO_AUDIT_FILE_H
#define KEYROTD_IO_AUDIT_FILE_H

#include "base/chain.h"

/* Bytes that may be sealed and not yet on the disk. */
#define AUDIT_PENDING_MAX ((size_t)1 << 20)

struct audit_file;

struct audit_file_limits {
	int64_t max_size; /* bytes, from which on a new file is begun */
	int64_t keep_ms;  /* age from which on a whole file is removed */
};

/*
 * Find the end of what is there, and go on behind it.  after: the last record
 * that is known to have been written (NULL: it is not known): what stands
 * behind it is not written a second time when it is added again, in the same
 * order.  NULL
 * with *f: FAULT_CONFLICT while another process writes, else FAULT_LOCAL.
 */
struct audit_file *audit_file_open(const char *folder, const uint64_t *after,
				   struct fault *f);
void audit_file_close(struct audit_file *a); /* NULL is fine */
void audit_file_limit(struct audit_file *a, const struct audit_file_limits *l);

/* Seal an object (see chain_seal); nothing is on the disk yet.  Its sequence,
 * that of before when it was written before; 0 when it is none, or no more may
 * be pending. */
uint64_t audit_file_add(struct audit_file *a, const char *object, size_t len);
/* Is there room for one more? */
bool audit_file_has_room(const struct audit_file *a);
/* Bring all of it to the disk; false with *f FAULT_LOCAL, to be tried again
 * after a while.  True may come with a fault of another kind of trouble: no
 * new file could be begun, an old one not be removed. */
bool audit_file_sync(struct audit_file *a, struct fault *f);
/* The last record that is on the disk. */
const struct chain *audit_file_synced(const struct audit_file *a);
/* Something is not. */
bool audit_file_pending(const struct audit_file *a);

#endif
