/*
 * call_text: what a call is named in sentences for people.
 */
#ifndef KEYROTD_AZURE_CALL_TEXT_H
#define KEYROTD_AZURE_CALL_TEXT_H

#include "azure/call.h"

/* Room for the head of a sentence: "Reading key https://...". */
#define CALL_TITLE_MAX 240

/* That head, for faults.  A registry is named by its name alone (which is
 * unique in the world): the line has to stay readable. */
void call_title(const struct call *call, char *dst, size_t size);

/* Fill *f with "<title> failed: <what>."; <what> may end in a dot. */
void call_fault(const struct call *call, struct fault *f, enum fault_kind kind,
		int code, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

#endif
