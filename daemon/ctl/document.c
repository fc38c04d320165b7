/*
 * Holds a JSON document back until it is whole: a list that breaks off half
 * way prints an error and nothing else.
 */
#include "ctl/document.h"

#include <errno.h>

/* Twice what a call may bring: escapes and indentation need room. */
#define DOCUMENT_MAX ((size_t)512 << 20)

void document_open(struct document *d, const struct out *o)
{
	buf_init(&d->text, DOCUMENT_MAX);
	d->w = json_writer_new(&d->text, o->terminal);
}

bool document_print(struct document *d, struct out *o, struct fault *f)
{
	bool whole = json_finish(d->w);

	if (whole)
		out_json(o, d->text.data, d->text.len);
	else
		fault_set(f, FAULT_LOCAL, EMSGSIZE,
			  "The JSON document is larger than %zu MiB; nothing "
			  "was printed.",
			  DOCUMENT_MAX >> 20);
	buf_free(&d->text);
	return whole;
}

void document_drop(struct document *d)
{
	json_finish(d->w);
	buf_free(&d->text);
}

bool document_reply(struct out *o, const struct json *parameters, bool line,
		    struct fault *f)
{
	struct document d;

	buf_init(&d.text, DOCUMENT_MAX);
	d.w = json_writer_new(&d.text, o->terminal && !line);
	if (parameters) {
		json_copy(d.w, parameters);
	} else {
		json_open(d.w);
		json_close(d.w);
	}
	return document_print(&d, o, f);
}
