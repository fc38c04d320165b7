/*
 * document: one JSON document on its way to the output.  Nothing is printed
 * before it is whole.  document_print ends what document_open began.
 */
#ifndef KEYROTD_CTL_DOCUMENT_H
#define KEYROTD_CTL_DOCUMENT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/json.h"
#include "ctl/out.h"

struct document {
	struct buf text;
	struct json_writer *w; /* for the caller to write to */
};

/* Indented for a terminal, one line elsewhere. */
void document_open(struct document *d, const struct out *o);

/* Print and free; false with *f (FAULT_LOCAL) when it grew too large. */
bool document_print(struct document *d, struct out *o, struct fault *f);
/* Free without printing. */
void document_drop(struct document *d);

/* The parameters of a reply (NULL: {}) as one document, on one line when
 * `line` is true. */
bool document_reply(struct out *o, const struct json *parameters, bool line,
		    struct fault *f);

#endif
