/*
 * chain: the records of audit.jsonl, each of which holds the sum of the one
 * before it, so that what was changed, taken out or moved is found.
 *
 * A record is one line of JSON:
 *
 *	{"seq":7,"time":"…","kind":"…", … ,"prev":"…","hash":"…"}
 *
 * hash is SHA-256 in hex over the bytes of the line before `,"hash":`, prev
 * the hash of record 6.  The first record of all has sequence 1 and 64 zeros
 * for prev.  Nothing is owned here but what chain_read says.
 */
#ifndef KEYROTD_BASE_CHAIN_H
#define KEYROTD_BASE_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/fault.h"
#include "base/json.h"
#include "base/seal.h"

#define CHAIN_LINE_MAX 16384   /* bytes of a line, its end included */
#define CHAIN_OBJECT_MAX 16128 /* bytes of what is sealed into one */
#define CHAIN_KIND_MAX 32
#define CHAIN_TIME_MAX 32
/* Bytes that a crash may have left behind the last record. */
#define CHAIN_TORN_MAX ((size_t)4 << 20)

/* Where a chain stands: its last record.  seq 0 with zeros: there is none. */
struct chain {
	uint64_t seq;
	char hash[SEAL_HEX_MAX];
};

/* One record that was read. */
struct chain_record {
	uint64_t seq;
	int64_t time; /* ms since 1970 */
	char kind[CHAIN_KIND_MAX];
	char prev[SEAL_HEX_MAX], hash[SEAL_HEX_MAX];
	struct json *root; /* all of it; chain_record_free ends it */
};

void chain_init(struct chain *c);

/* ms since 1970 as RFC 3339 with milliseconds, in UTC. */
void chain_time(char dst[CHAIN_TIME_MAX], int64_t ms);

/*
 * Seal a JSON object (len bytes, at most CHAIN_OBJECT_MAX, on one line, whose
 * first member is "time") as the next record: append its line to out and go on
 * to it.  False, and nothing is changed, when it is no such object, or out has
 * no room.
 */
bool chain_seal(struct chain *c, const char *object, size_t len,
		struct buf *out);

/*
 * Read one line (len bytes, without its end) strictly: form, hash and JSON.
 * False with *f FAULT_INVALID and a clause that goes on from "it is no
 * record: ".
 */
bool chain_read(const char *line, size_t len, struct chain_record *r,
		struct fault *f);
void chain_record_free(struct chain_record *r); /* what it points to */

/* What was sealed: points into the line, *n bytes, without its braces. */
const char *chain_sealed(const char *line, size_t len, size_t *n);

/* Is this record the next one?  False with *f FAULT_CONFLICT and a sentence
 * without its stop. */
bool chain_follows(const struct chain *c, const struct chain_record *r,
		   struct fault *f);
void chain_go_on(struct chain *c, const struct chain_record *r);

/* What a signature of a day's head is made over; size >= 128. */
void chain_head_text(char *dst, size_t size, const struct chain *head);

#endif
