/*
 * xml: a bounded reader of XML 1.0 with namespaces left alone, for the little
 * XML that services answer with.  xml.c is the only file that knows expat.
 *
 * Elements and their text are handed out as they come; attributes, comments and
 * processing instructions are passed over.  A document type, and so every
 * entity but the five of XML itself, is refused.  Nothing is kept.
 */
#ifndef KEYROTD_BASE_XML_H
#define KEYROTD_BASE_XML_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fault.h"

#define XML_DEPTH_MAX 16

/* Who is told; what is handed over is borrowed for the call. */
struct xml_sight {
	/* depth: 1 is the root */
	void (*begin)(void *arg, unsigned depth, const char *name);
	/* text: what stands between the element's last tag and its end, all of
	 * it where it has no elements of its own; UTF-8 without NUL */
	void (*end)(void *arg, unsigned depth, const char *name,
		    const char *text);
	void *arg;
};

/*
 * Read len bytes as one document, in which no text between two tags has more
 * than max_text bytes.  False with *f FAULT_INVALID (no part of the input is
 * quoted) when it is none: what was told by then was told.
 */
bool xml_read(const char *text, size_t len, size_t max_text,
	      const struct xml_sight *sight, struct fault *f);

#endif
