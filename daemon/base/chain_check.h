/*
 * chain_check: recomputes a chain of records from the bytes of its files, and
 * names the first thing that is wrong.
 *
 * It is handed the lines in order, file after file, and knows nothing of files
 * but their names.  It owns what it gathers until chain_check_free.
 *
 * What a crash has left behind the last whole record stays in the file; the
 * record "torn" that follows tells its bytes and their sum, and only with that
 * it is no finding.
 */
#ifndef KEYROTD_BASE_CHAIN_CHECK_H
#define KEYROTD_BASE_CHAIN_CHECK_H

#include "base/chain.h"

#define CHAIN_NAME_MAX 256
/* The head is signed once a day; so much later (ms) it ought to have been. */
#define CHAIN_SIGNED_MS ((int64_t)25 * 3600 * 1000)
/* A daemon that was just started (ms) may not have signed yet what one that
 * was killed has left. */
#define CHAIN_STARTED_MS ((int64_t)600 * 1000)
/* So many records back a signature may look: more than can wait. */
#define CHAIN_HEADS 32768

enum chain_verdict {
	CHAIN_WHOLE,
	CHAIN_TORN,   /* it ends in half a record that no record tells of */
	CHAIN_BROKEN, /* see the fault */
};

struct chain_check {
	struct chain first, last; /* first.hash: the prev of its record */
	uint64_t records;
	int64_t first_time, last_time; /* ms since 1970 */
	uint64_t torn;		       /* left by crashes, and told of */
	uint64_t signatures;	       /* of heads, all of them */
	uint64_t signed_last;	       /* the last record that one covers */
	uint64_t unsigned_first;       /* the first one behind that, but heads;
					  0: there is none */
	int64_t unsigned_time;	       /* of it, ms since 1970 */
	int64_t started;	       /* of the last start; -1 */
	bool closed;	   /* the last record is a stop, signed or not */
	bool removal_told; /* what was before the first was removed, and a
			      record says so */
	uint64_t taken;	   /* the first one tells that the file before it, which
			      began with this record, was taken away; 0 */
	bool after_damage; /* the first one begins after a damaged chain */

	/* The finding. */
	struct fault fault; /* a sentence without its stop */
	char file[CHAIN_NAME_MAX];
	uint64_t line, seq; /* seq: of the record, as far as it is known */

	/* Its own. */
	const char *key;	   /* public, PEM; NULL: none */
	char key_id[SEAL_HEX_MAX]; /* of that */
	char (*hashes)[SEAL_HEX_MAX];
	int64_t *times; /* like hashes; -1: of a signature */
	char name[CHAIN_NAME_MAX];
	uint64_t at; /* line of that file */
	struct {
		bool open;
		struct seal *sum; /* NULL: too large */
		uint64_t bytes, line;
		bool ended; /* a line end stands behind it */
		struct fault why;
		char file[CHAIN_NAME_MAX];
	} hole;
	struct chain anchor; /* what is known of elsewhere; seq 0: nothing */
};

/* key: the public one in PEM (borrowed); NULL: signatures are counted only.
 * False with *f when it is no key. */
bool chain_check_init(struct chain_check *c, const char *key, struct fault *f);
void chain_check_free(struct chain_check *c);
/* The chain has to reach this record, and it has to have this hash. */
void chain_check_anchor(struct chain_check *c, const struct chain *known);

/* From here on the lines are those of this file. */
void chain_check_file(struct chain_check *c, const char *name);
/* The next line, without its end, which it has or not (the last of a file).
 * A line that is too long comes in pieces without an end.  False after a
 * finding: there is no more to be said. */
bool chain_check_line(struct chain_check *c, const char *line, size_t len,
		      bool ended);
/* ms over which records reach behind those that signatures cover. */
int64_t chain_check_unsigned(const struct chain_check *c);
/* All lines were handed in. */
enum chain_verdict chain_check_end(struct chain_check *c);

#endif
