/* One record of the audit, from its kind to the queue for the disk. */
#include "record.h"

#include <stdlib.h>

#include "base/chain.h"
#include "base/text.h"
#include "instant.h"
#include "io/audit.h"

#define CLOCKS_MS 1000 /* our clock is told where it differs by that much */

void record_open_at(struct record *r, const struct record_book *b,
		    const char *kind, int64_t azure, int64_t wall)
{
	char time[CHAIN_TIME_MAX];
	int64_t off = azure - wall;

	r->book = b;
	buf_init(&r->text, CHAIN_OBJECT_MAX);
	r->w = json_writer_new(&r->text, false);
	json_open(r->w);
	chain_time(time, azure);
	json_add_str(r->w, "time", time);
	json_add_str(r->w, "kind", kind);
	if (off >= CLOCKS_MS || off <= -CLOCKS_MS) {
		chain_time(time, wall);
		json_add_str(r->w, "clock", time);
	}
	if (b->dry_run)
		json_add_bool(r->w, "dry_run", true);
}

void record_open(struct record *r, const struct record_book *b,
		 const char *kind)
{
	struct instant now = instant_now();

	record_open_at(r, b, kind, engine_now(b->engine, now), now.wall);
}

/* Names of files and what came from outside may be no UTF-8. */
void record_add(struct record *r, const char *name, const char *s)
{
	char *clean;

	if (!s || !s[0])
		return;
	clean = text_dup(s);
	text_line(clean);
	json_add_str(r->w, name, clean);
	free(clean);
}

/* What does not fit is a defect, but the record is there all the same. */
uint64_t record_put(struct record *r)
{
	const struct record_book *b = r->book;
	uint64_t number;

	json_close(r->w);
	if (!json_finish(r->w)) {
		buf_free(&r->text);
		record_open(r, b, "unfit");
		json_close(r->w);
		json_finish(r->w);
	}
	number = audit_add(b->audit, r->text.data, r->text.len);
	buf_free(&r->text);
	return number;
}

void record_add_key(struct record *r, const struct keyid *key)
{
	char text[KEYID_TEXT_MAX];

	keyid_print(key, text, sizeof(text));
	json_add_str(r->w, "key", text);
}

void record_add_time(struct record *r, const char *name, int64_t ms)
{
	char text[CHAIN_TIME_MAX];

	if (ms < 0)
		return;
	chain_time(text, ms);
	json_add_str(r->w, name, text);
}
