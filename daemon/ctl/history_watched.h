/*
 * history_watched: what each daemon watches, as it tells from time to time.
 *
 * A list comes in several records, from a first to a last one.  Who is in none
 * of them is watched no more by that daemon.
 */
#ifndef KEYROTD_CTL_HISTORY_WATCHED_H
#define KEYROTD_CTL_HISTORY_WATCHED_H

#include "ctl/history.h"

/* The next record, of the kind "watched", of the daemon h->source. */
void history_watched_add(struct history *h, const struct chain_record *r);

#endif
