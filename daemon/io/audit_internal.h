/*
 * audit_internal: what the daemon and the process that writes its audit say to
 * each other, one message each over a SOCK_SEQPACKET socket.
 */
#ifndef KEYROTD_IO_AUDIT_INTERNAL_H
#define KEYROTD_IO_AUDIT_INTERNAL_H

#include <limits.h>

#include "base/chain.h"
#include "io/audit_gone.h"

/* The first of all; the same again when the limits have changed.  A record is
 * a message that does not begin with AUDIT_ORDER: it is JSON. */
#define AUDIT_ORDER '\001'
struct audit_order {
	char kind;	      /* AUDIT_ORDER */
	bool again;	      /* there was another writer before */
	uint64_t after;	      /* then: the last record that it has told of */
	struct audit_gap gap; /* of the files, as far as it is not accepted */
	int64_t max_size, keep_ms;
	char folder[PATH_MAX];
};

/* So many may be told of by one answer. */
#define AUDIT_AT_ONCE 256

/* The answer: how things stand. */
struct audit_answer {
	uint64_t taken; /* records handed in that are on the disk */
	uint64_t
		seqs[AUDIT_AT_ONCE]; /* of the last n of these; 0: it is none */
	uint64_t n;
	struct chain last;
	struct audit_gap gap; /* what was taken away and not put back */
	int error;	      /* errno; 0: all is well */
	char text[FAULT_TEXT_MAX];
};

#endif
