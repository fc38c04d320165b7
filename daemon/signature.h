/*
 * signature: the head of the audit, signed once a day and at the end.
 */
#ifndef KEYROTD_SIGNATURE_H
#define KEYROTD_SIGNATURE_H

#include "record.h"

struct signature {
	const struct record_book *book;
	int64_t at;   /* boot ms of the next one */
	uint64_t seq; /* what was signed last */
	bool failed;  /* and that was told */
};

/* Sign what is on the disk, unless nothing is new or no key is configured; a
 * failure is told in the log once.  Sets when it is next time. */
void signature_make(struct signature *g);

#endif
