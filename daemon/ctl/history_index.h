/*
 * history_index: the numbers of a history's keys, registries and versions, by
 * their names.
 *
 * What is named for the first time gets the next number and its place in the
 * history, up to the bounds; what is beyond them is counted.  The tables and
 * all that is in them are the history's, which frees them.
 */
#ifndef KEYROTD_CTL_HISTORY_INDEX_H
#define KEYROTD_CTL_HISTORY_INDEX_H

#include "ctl/history.h"

/* All give HISTORY_NONE for what is no name (NULL, "", too long), and beyond
 * the bound. */
uint32_t history_index_key(struct history *h, const char *id);
uint32_t history_index_registry(struct history *h, const char *id);
/* Of this key (HISTORY_NONE: of none, so there is none). */
uint32_t history_index_version(struct history *h, uint32_t key,
			       const char *name);
/* The same, and HISTORY_NONE when it was never named before. */
uint32_t history_index_known(const struct history *h, uint32_t key,
			     const char *name);

#endif
