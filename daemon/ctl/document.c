/*
 * Holds a JSON document back until it is whole: a list that breaks off half
 * way prints an error and nothing else.
 */
#include "ctl/document.h"

#include <errno.h>
#include <stdlib.h>

#include "base/text.h"
#include "ctl/clean.h"

/* Twice what a call may bring: escapes and indentation need room. */
#define DOCUMENT_MAX ((size_t)512 << 20)

/* So much is written before it is put aside: a buffer that grew to the size of
 * the whole would have been copied as often as it grew. */
#define PART_MIN ((size_t)1 << 20)

static void begin(struct document *d, bool line)
{
	*d = (struct document){ .line = line };
	buf_init(&d->text, DOCUMENT_MAX);
	d->w = json_writer_new(&d->text, !line);
}

static void end(struct document *d)
{
	for (size_t i = 0; i < d->n_parts; i++)
		free(d->parts[i].text);
	free(d->parts);
	buf_free(&d->text);
}

void document_open(struct document *d, const struct out *o)
{
	begin(d, !o->terminal);
}

static void put_aside(struct document *d)
{
	struct document_part *p;

	d->parts = text_grow(d->parts, d->n_parts, sizeof(*d->parts));
	p = &d->parts[d->n_parts++];
	p->len = d->text.len;
	p->text = text_ndup(buf_str(&d->text), p->len);
	d->size += p->len;
	buf_reset(&d->text);
}

void document_add(struct document *d, const struct json *element)
{
	size_t len;
	const char *source = d->line ? json_source(element, &len) : NULL;

	if (source)
		json_put_source(d->w, source, len);
	else
		json_copy(d->w, element);
	/* Characters and escapes are whole behind an element. */
	if (d->text.len >= PART_MIN)
		put_aside(d);
}

bool document_print(struct document *d, struct out *o, struct fault *f)
{
	bool whole = json_finish(d->w) && d->size < DOCUMENT_MAX;

	for (size_t i = 0; whole && i < d->n_parts; i++)
		clean_json(o->file, d->parts[i].text, d->parts[i].len);
	if (whole)
		out_json(o, d->text.data, d->text.len);
	else
		fault_set(f, FAULT_LOCAL, EMSGSIZE,
			  "The JSON document is larger than %zu MiB; nothing "
			  "was printed.",
			  DOCUMENT_MAX >> 20);
	end(d);
	return whole;
}

void document_drop(struct document *d)
{
	json_finish(d->w);
	end(d);
}

bool document_reply(struct out *o, const struct json *parameters, bool line,
		    struct fault *f)
{
	struct document d;

	begin(&d, line || !o->terminal);
	if (parameters) {
		json_copy(d.w, parameters);
	} else {
		json_open(d.w);
		json_close(d.w);
	}
	return document_print(&d, o, f);
}
