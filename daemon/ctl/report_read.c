/* Reads the audits of one daemon, or of several: then their lines are kept, and
 * handed in by time. */
#include "ctl/report_read.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "ctl/args.h"

#define LINES_MAX (1u << 30) /* bytes of all of them together */

/* The lines of one audit, in their order. */
struct lines {
	struct buf text;
	size_t *ends; /* of each line in that */
	size_t n, next;
	bool full;
	/* The one that comes next. */
	struct chain_record record;
	bool ready;
};

/* ---- one ---- */

static bool on_line(const char *line, size_t len, bool ended, void *arg)
{
	struct report *r = arg;
	struct chain_record record;
	struct fault f;

	/* What a crash has left is no record. */
	if (!ended || !chain_read(line, len, &record, &f))
		return true;
	history_add(&r->history, &record);
	chain_record_free(&record);
	return true;
}

static bool read_once(struct report *r, const struct args *a, struct fault *f)
{
	history_init(&r->history, a->from_ms, a->to_ms);
	return audit_verify_read(&r->verify[0], a, on_line, r, f);
}

static bool read_one(struct report *r, const struct args *a, struct fault *f)
{
	bool ok = read_once(r, a, f);

	r->n = 1;
	if (!ok || !audit_verify_again(&r->verify[0]))
		return ok;
	report_read_free(r);
	r->n = 1;
	return read_once(r, a, f);
}

/* ---- several ---- */

static bool keep_line(const char *line, size_t len, bool ended, void *arg)
{
	struct lines *x = arg;

	if (!ended)
		return true;
	x->full = !buf_add(&x->text, line, len);
	if (x->full)
		return false;
	x->ends = text_grow(x->ends, x->n, sizeof(*x->ends));
	x->ends[x->n++] = x->text.len;
	return true;
}

static void lines_free(struct lines *x)
{
	if (x->ready)
		chain_record_free(&x->record);
	buf_free(&x->text);
	free(x->ends);
	*x = (struct lines){ .full = false };
}

static bool read_lines(struct audit_verify *v, const struct args *a,
		       struct lines *x, size_t room, struct fault *f)
{
	bool ok;

	buf_init(&x->text, room);
	ok = audit_verify_read(v, a, keep_line, x, f);
	if (ok && audit_verify_again(v)) {
		audit_verify_free(v);
		lines_free(x);
		buf_init(&x->text, room);
		ok = audit_verify_read(v, a, keep_line, x, f);
	}
	if (x->full)
		return fault_set(f, FAULT_INVALID, 0,
				 "These audits are larger than %u MiB "
				 "together: make a report of each.",
				 LINES_MAX >> 20);
	return ok;
}

/* ---- the same one twice ---- */

/* The first record of these is one of those, too.  It carries the sum of all
 * that was before it, so that no other audit has it. */
static bool begins_in(const struct lines *these, const struct lines *those)
{
	for (size_t i = 0, from = 0; i < these->n; from = these->ends[i++]) {
		const char *line = these->text.data + from;
		size_t len = these->ends[i] - from;
		struct chain_record record;
		struct fault f;

		if (!chain_read(line, len, &record, &f))
			continue;
		chain_record_free(&record);
		return those->n > 0 &&
		       memmem(those->text.data, those->text.len, line, len);
	}
	return false;
}

/* By whatever path: a copy, or a part of one.  What holds no record is told
 * apart by its name alone. */
static bool is_new(struct report *r, const struct lines *all, unsigned i,
		   struct fault *f)
{
	for (unsigned k = 0; k < i; k++)
		if (text_same(r->verify[i].files.path,
			      r->verify[k].files.path) ||
		    begins_in(&all[i], &all[k]) ||
		    begins_in(&all[k], &all[i])) {
			r->twice = true;
			return fault_set(f, FAULT_INVALID, 0,
					 "%s and %s are the same audit: name "
					 "the audit of each daemon once.",
					 r->verify[k].files.path,
					 r->verify[i].files.path);
		}
	return true;
}

/* Have the next record of these at hand; false: there is none. */
static bool peek(struct lines *x)
{
	struct fault f;

	while (!x->ready && x->next < x->n) {
		size_t from = x->next ? x->ends[x->next - 1] : 0;

		x->ready = chain_read(x->text.data + from,
				      x->ends[x->next] - from, &x->record, &f);
		x->next++;
	}
	return x->ready;
}

/* The earliest first; of one time, as the audits were named. */
static void merge(struct history *h, struct lines *all, unsigned n)
{
	for (;;) {
		struct lines *first = NULL;

		for (unsigned i = 0; i < n; i++)
			if (peek(&all[i]) &&
			    (!first || all[i].record.time < first->record.time))
				first = &all[i];
		if (!first)
			return;
		history_from(h, (unsigned)(first - all));
		history_add(h, &first->record);
		chain_record_free(&first->record);
		first->ready = false;
	}
}

static bool read_several(struct report *r, const struct args *a,
			 struct fault *f)
{
	struct lines all[HISTORY_SOURCES_MAX] = { 0 };
	size_t room = LINES_MAX;
	bool ok = true;

	history_init(&r->history, a->from_ms, a->to_ms);
	for (unsigned i = 0; i < a->n_files && ok; i++) {
		struct args one = *a;

		one.file = a->files[i];
		r->n = i + 1;
		ok = read_lines(&r->verify[i], &one, &all[i], room, f);
		/* Its options are gone by then. */
		r->verify[i].args = a;
		room -= all[i].text.len;
		ok = ok && is_new(r, all, i, f);
		history_from(&r->history, i);
	}
	if (ok)
		merge(&r->history, all, a->n_files);
	for (unsigned i = 0; i < a->n_files; i++)
		lines_free(&all[i]);
	return ok;
}

bool report_read(struct report *r, const struct args *a, struct fault *f)
{
	*r = (struct report){ .n = 0 };
	if (!(a->n_files > 1 ? read_several(r, a, f) : read_one(r, a, f)))
		return false;
	r->history.cut = !report_read_is_whole(r);
	history_end(&r->history);
	return true;
}

bool report_read_is_whole(const struct report *r)
{
	for (unsigned i = 0; i < r->n; i++)
		if (!audit_verify_is_whole(&r->verify[i]))
			return false;
	return true;
}

void report_read_free(struct report *r)
{
	for (unsigned i = 0; i < r->n; i++)
		audit_verify_free(&r->verify[i]);
	history_free(&r->history);
	*r = (struct report){ .n = 0 };
}
