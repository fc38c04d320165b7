/*
 * report_words: what a report says in the same words in each of its forms:
 * times, spans, sentences.  Pure; a text fits REPORT_WORDS_MAX.
 */
#ifndef KEYROTD_CTL_REPORT_WORDS_H
#define KEYROTD_CTL_REPORT_WORDS_H

#include "ctl/history.h"

#define REPORT_WORDS_MAX 512

/* "2026-01-02 03:04:05", in UTC; "" for -1. */
void report_words_time(char *dst, int64_t ms);
/* "12.5 min"; "" for less than 0. */
void report_words_minutes(char *dst, int64_t ms);
/* Which part of the window was used: "21 %"; "" where none is told. */
void report_words_used(char *dst, const struct history_move *m);
/* The first digits of a version; "" for HISTORY_NONE. */
void report_words_version(char *dst, const struct history *h, uint32_t version);

/* How many moves, and how many of them in time. */
void report_words_moves(char *dst, const struct history *h);
/* Deadlines that no move has kept, not even late; "": none. */
void report_words_missed(char *dst, const struct history *h);
/* What they took. */
void report_words_spans(char *dst, const struct history *h);
/* How often a key was rotated; "" where no record tells. */
void report_words_rotated(char *dst, const struct history *h, uint32_t key);
/* When nobody watched. */
void report_words_gaps(char *dst, const struct history *h);
/* What one gap is. */
const char *report_words_gap(const struct history_gap *g);
/* What is open of a registry without a fault: "", or that its move is due. */
void report_words_due(char *dst, const struct history *h,
		      const struct history_registry *r);
/* May the version be retired? */
void report_words_advice(char *dst, const struct history *h, uint32_t version);
/* What the records do not tell; NULL: number i is behind the last. */
const char *report_words_limit(char *dst, const struct history *h, unsigned i);

#endif
