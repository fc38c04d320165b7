/*
 * history_span: the time that a history is asked for, held against that of its
 * records.  It only reads.
 */
#ifndef KEYROTD_CTL_HISTORY_SPAN_H
#define KEYROTD_CTL_HISTORY_SPAN_H

#include "ctl/history.h"

/* It is not before the time that is asked for.  The end is history_add's. */
bool history_span_holds(const struct history *h, int64_t time);
/* There is no record of the time that is asked for. */
bool history_span_is_empty(const struct history *h);
/* The records reach over the time that is asked for, or into it: what they do
 * not tell of it did not happen, as far as they can be believed. */
bool history_span_reaches(const struct history *h);
/* Where the report begins and ends: what was asked for, as far as records
 * reach. */
int64_t history_span_begin(const struct history *h);
int64_t history_span_until(const struct history *h);

#endif
