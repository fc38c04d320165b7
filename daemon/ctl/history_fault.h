/*
 * history_fault: what was told of a registry or a key and is not mended yet.
 *
 * A fault stands in its registry or key, and owns its text until it is mended.
 */
#ifndef KEYROTD_CTL_HISTORY_FAULT_H
#define KEYROTD_CTL_HISTORY_FAULT_H

#include "ctl/history.h"

/* It was told by this record: it is open from then on, or still is. */
void history_fault_open(const struct history *h, struct history_fault *f,
			const char *event, const struct chain_record *r);
/* It is over; nothing needs to be open. */
void history_fault_mend(struct history_fault *f);
/* The daemon h->source says this of the whole (NULL: nothing): a good state
 * ends what it has told. */
void history_fault_state(struct history *h, const char *state);

#endif
