/*
 * audit: the daemon's side of its audit: hands records to the process that
 * writes them, and hears which ones are on the disk.
 *
 * No call waits for the disk but audit_wait and audit_finish.  Records wait in
 * memory, at most AUDIT_WAITING_MAX bytes; what comes then is lost, and a
 * record tells how many.  A writer that ends is started again, once a minute,
 * and is handed what the other had not told of.  The owner is whoever called
 * audit_new.
 */
#ifndef KEYROTD_IO_AUDIT_H
#define KEYROTD_IO_AUDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/chain.h"

#define AUDIT_WAITING_MAX ((size_t)8 << 20)
#define AUDIT_RECORDS_MAX 16384

struct ev_loop;
struct audit;

struct audit_options {
	const char *folder;
	int64_t max_size; /* bytes of a file, then a new one is begun */
	int64_t keep_ms;  /* age at which a file is removed */
	/* The record with this number is on the disk as the one with this
	 * sequence (0: it was none); in the order of numbers.  May be NULL. */
	void (*kept)(uint64_t number, uint64_t seq, void *arg);
	/* Something is on the disk, or has gone wrong, or is well again. */
	void (*changed)(void *arg);
	void *arg;
};

struct audit_state {
	struct chain last;   /* on the disk, as far as it was told */
	bool known;	     /* `last` is: a writer has told where it ends */
	size_t waiting;	     /* records that are not */
	uint64_t lost;	     /* ... and never will be */
	const char *problem; /* a sentence; "": all is well */
	/* Sentences about records that were taken away; "": none were, they
	 * were put back, or somebody has accepted that. */
	const char *missing;
};

/* Starts the writer; if that fails it is tried again, and is in the state. */
struct audit *audit_new(struct ev_loop *loop, const struct audit_options *o);
void audit_free(struct audit *a); /* NULL is fine */
void audit_limit(struct audit *a, int64_t max_size, int64_t keep_ms);
/* Somebody knows what is missing: that is no trouble any more. */
void audit_accept(struct audit *a);

/* Hand in an object (see chain_seal).  Its number, to be asked for by; 0: it is
 * lost. */
uint64_t audit_add(struct audit *a, const char *object, size_t len);
/* Is it on the disk? */
bool audit_has(const struct audit *a, uint64_t number);
void audit_state(const struct audit *a, struct audit_state *s);

/* Wait until all are on the disk, at most so long; false: some are not. */
bool audit_wait(struct audit *a, int wait_ms);
/* There will be no more: wait until all are on the disk, at most so long.
 * False: some are not, though the writer may go on with them. */
bool audit_finish(struct audit *a, int wait_ms);

#endif
