/* What is watched, as records of the audit. */
#include "watched.h"

#include "base/chain.h"
#include "engine/report.h"
#include "io/audit.h"
#include "io/clock.h"

/* Old files are removed one day; what is never moved is to be found still. */
#define LIST_EVERY_MS ((int64_t)30 * 86400 * 1000)
#define LIST_AGAIN_MS ((int64_t)1800 * 1000)
#define LIST_AT_ONCE 8	  /* records */
#define LIST_ROW_MAX 1200 /* bytes of one registry, an id of 512 among them */

static void add_entry(struct record *r, const struct report_entry *x)
{
	json_open(r->w);
	record_add(r, "registry", x->registry);
	record_add(r, "key", x->key);
	record_add(r, "version", x->version);
	record_add_time(r, "effective", x->effective);
	if (x->manual)
		json_add_bool(r->w, "manual", true);
	json_close(r->w);
}

/* One record of the list: as many as fit. */
static void list_part(struct watched *l)
{
	const struct engine *e = l->book->engine;
	struct report_entry x;
	struct record r;

	record_open(&r, l->book, "watched");
	if (l->next == 0) {
		json_add_bool(r.w, "first", true);
		json_add_int(r.w, "window_ms", engine_config(e)->window_ms);
	}
	json_key(r.w, "entries");
	json_open_array(r.w);
	while (r.text.len < CHAIN_OBJECT_MAX - LIST_ROW_MAX &&
	       report_entry(e, l->next, &x)) {
		l->next++;
		if (x.retiring)
			continue;
		add_entry(&r, &x);
		l->untold += x.registry && !x.version[0];
	}
	json_close_array(r.w);
	l->open = l->next < l->all;
	if (!l->open)
		json_add_bool(r.w, "last", true);
	record_put(&r);
}

/*
 * In as many records as it takes; the first and the last are marked, so that
 * who is not between them is not watched any more.  It waits for the disk, lest
 * what happens meanwhile finds no room.
 */
void watched_list(struct watched *l)
{
	size_t all = report_entries(l->book->engine);
	struct audit_state s;

	audit_state(l->book->audit, &s);
	if (s.waiting >= LIST_AT_ONCE)
		return;
	/* Somebody has come or gone: numbers are others' now. */
	if (!l->open || l->all != all) {
		l->next = l->untold = 0;
		l->all = all;
		l->open = true;
	}
	for (unsigned n = 0; n < LIST_AT_ONCE && l->open; n++)
		list_part(l);
	if (l->open)
		return;
	/* Who was not read yet is told when it is. */
	l->wait_ms = l->untold ? 2 * l->wait_ms : LIST_EVERY_MS;
	if (l->wait_ms > LIST_EVERY_MS)
		l->wait_ms = LIST_EVERY_MS;
	l->at = clock_boot_ms() + l->wait_ms;
}

void watched_anew(struct watched *l)
{
	l->at = 0;
	l->open = false;
	l->wait_ms = LIST_AGAIN_MS;
}
