/*
 * history_turns: the part of a history that tells who led when.
 *
 * Of what was told before the time that is asked for it keeps what still was so
 * when that began: of each lease the last word of each daemon.
 */
#ifndef KEYROTD_CTL_HISTORY_TURNS_H
#define KEYROTD_CTL_HISTORY_TURNS_H

#include "ctl/history.h"

/* The role that an event gives its daemon; NULL: none. */
const char *history_turns_role(const char *event);
/* The daemon h->source has this role (as above) from this record on. */
void history_turns_add(struct history *h, const char *role,
		       const struct chain_record *r);
/* It began or ended at that time: what it was before, it is no more. */
void history_turns_over(struct history *h, int64_t time);
void history_turns_free(struct history *h);

#endif
