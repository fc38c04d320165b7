/*
 * history_source: when each of the daemons watched, and what that comes to for
 * all of them: the gaps in which nobody did.
 *
 * A daemon's gaps are its own until they are joined; then the history has its.
 */
#ifndef KEYROTD_CTL_HISTORY_SOURCE_H
#define KEYROTD_CTL_HISTORY_SOURCE_H

#include "ctl/history.h"

/* Whose the next record is. */
struct history_source *history_source_now(struct history *h);
/* It began, by this record. */
void history_source_start(struct history *h, const struct chain_record *r);
/* This one is behind the time that is asked for. */
void history_source_beyond(struct history *h, const struct chain_record *r);
/* There is no record any more: the whole is what each of them is. */
void history_source_join(struct history *h);

#endif
