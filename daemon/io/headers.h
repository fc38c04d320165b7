/*
 * headers: keeps the few header fields of an answer that matter (struct
 * answer) out of the lines as they come in, under caps.
 *
 * Knows no HTTP library.  The state is a plain value inside the transfer; the
 * strings go to the answer, which owns them.
 */
#ifndef KEYROTD_IO_HEADERS_H
#define KEYROTD_IO_HEADERS_H

#include <stdbool.h>
#include <stddef.h>

#include "azure/exchange.h"

/* All header bytes of one answer, interim answers and trailers included. */
#define HEADERS_TOTAL_MAX (64u * 1024)

struct headers {
	size_t total; /* bytes seen */
	int version;  /* major HTTP version of the status line; 0: none yet */
	bool ended;   /* the empty line was seen: trailers may follow */
};

/*
 * One line as received (len bytes, with or without line end).  A status line
 * begins anew, so that an interim answer (RFC 9110 section 15.2) leaves
 * nothing behind; trailers (section 6.5) are counted but not kept.  False
 * with *f FAULT_INVALID when a cap is passed; where is HOST:PORT for the text.
 */
bool headers_line(struct headers *h, struct answer *a, const char *line,
		  size_t len, const char *where, struct fault *f);

/* May these bytes be a field's value, as it is sent?  A control character (RFC
 * 9110 section 5.5) may not: a line end would begin another field. */
bool headers_fit(const char *value, size_t len);

#endif
