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
#include "io/audit_gone.h"

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
/*
 * Is what is written to still what lies in the folder?  To be asked when there
 * is news, and before audit_file_sync.  If it was taken away the next record of
 * all is one that says so, in a new file; *before: so many records went in
 * before those that are pending, whose sequences are higher by that now.  False
 * with *f: it cannot be gone on for now, and is to be tried again.
 */
bool audit_file_look(struct audit_file *a, uint64_t *before, struct fault *f);
/* What is missing since, as far as it was not put back. */
const struct audit_gap *audit_file_gap(const struct audit_file *a);
/* Another writer has found that gap; first 0: somebody accepts all that is. */
void audit_file_accept(struct audit_file *a, const struct audit_gap *gap);
/* Readable when there is news for audit_file_look; -1: never. */
int audit_file_news(const struct audit_file *a);
/* That does not suffice: look once a minute. */
bool audit_file_is_blind(const struct audit_file *a);
/* The last record that is on the disk. */
const struct chain *audit_file_synced(const struct audit_file *a);
/* Something is not. */
bool audit_file_pending(const struct audit_file *a);

#endif
