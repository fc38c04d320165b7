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
	struct json_writer *w; /* for the caller to write to */
	/* The rest are document's. */
	struct buf text; /* what is written now ... */
	struct document_part {
		char *text;
		size_t len;
	} * parts; /* ... and what stands before it */
	size_t n_parts, size;
	bool line; /* on one line */
};

/* Indented for a terminal, one line elsewhere. */
void document_open(struct document *d, const struct out *o);

/* Another element of a long list, an object as it was read: on one line it is
 * taken over as it came.  What was written so far moves out of the way. */
void document_add(struct document *d, const struct json *element);
/* Print and free; false with *f (FAULT_LOCAL) when it grew too large. */
bool document_print(struct document *d, struct out *o, struct fault *f);
/* Free without printing. */
void document_drop(struct document *d);

/* The parameters of a reply (NULL: {}) as one document, on one line when
 * `line` is true. */
bool document_reply(struct out *o, const struct json *parameters, bool line,
		    struct fault *f);

#endif
