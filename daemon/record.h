/*
 * record: one record of the audit that is being made.
 *
 * Opened with its kind, filled by record_add and its kin or through its
 * writer, and put.  What it points to is the caller's.
 */
#ifndef KEYROTD_RECORD_H
#define KEYROTD_RECORD_H

#include "azure/keyid.h"
#include "base/buf.h"
#include "base/json.h"
#include "engine/engine.h"

struct audit;

/* Where records go, and what stands in each of them. */
struct record_book {
	struct audit *audit;
	struct engine *engine; /* knows Azure's time */
	bool dry_run;
};

struct record {
	const struct record_book *book;
	struct buf text;
	struct json_writer *w;
};

/* At this time: Azure ms, and ms of this machine's clock. */
void record_open_at(struct record *r, const struct record_book *b,
		    const char *kind, int64_t azure, int64_t wall);
/* Now. */
void record_open(struct record *r, const struct record_book *b,
		 const char *kind);
/* A text of any origin; NULL or "": nothing is added. */
void record_add(struct record *r, const char *name, const char *s);
void record_add_key(struct record *r, const struct keyid *key);
/* Ms since 1970; below 0: nothing is added. */
void record_add_time(struct record *r, const char *name, int64_t ms);
/* Close it and hand it to the audit: its number. */
uint64_t record_put(struct record *r);

#endif
