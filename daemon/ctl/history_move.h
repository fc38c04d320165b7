/*
 * history_move: registries come to be on versions: what is written and verified
 * becomes a move, what is not in time was late or missed.
 *
 * The moves are the history's, each in the list of its registry.
 */
#ifndef KEYROTD_CTL_HISTORY_MOVE_H
#define KEYROTD_CTL_HISTORY_MOVE_H

#include "ctl/history.h"

/* What a record is about; each may be none. */
struct history_subject {
	const struct chain_record *r;
	const char *event;
	uint32_t key, registry, version;
	int64_t effective, window_ms;
};

/* ms from effective to verified; -1: it is not told. */
int64_t history_move_took(const struct history_move *m);
/* It was verified after its window, which is told. */
bool history_move_is_late(const struct history_move *m);

/* It uses this version from then on, whoever saw to it. */
void history_move_to(struct history *h, struct history_registry *r,
		     uint32_t version, int64_t when);
/* Its deadline for this version has passed; HISTORY_NONE: nothing comes any
 * more of what is overdue. */
void history_move_overdue(struct history *h, struct history_registry *r,
			  uint32_t version);
/* The subject's registry was written to, or verified; there is a version. */
void history_move_written(struct history *h, const struct history_subject *s);
void history_move_verified(struct history *h, const struct history_subject *s);

#endif
