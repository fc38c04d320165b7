/*
 * history_event: what one event of the daemon changes in a history.
 */
#ifndef KEYROTD_CTL_HISTORY_EVENT_H
#define KEYROTD_CTL_HISTORY_EVENT_H

#include "ctl/history.h"

/* The next record, which has an "event", of the daemon h->source. */
void history_event_add(struct history *h, const struct chain_record *r);

#endif
