/*
 * value_word: the kinds of values that are one of a few words, or a list of
 * such, and the tables of these words.
 */
#ifndef KEYROTD_CONFIG_VALUE_WORD_H
#define KEYROTD_CONFIG_VALUE_WORD_H

#include "config/value.h"

extern const struct config_type value_switch, value_level, value_kind,
	value_algorithm, value_source, value_mode, value_via, value_canary,
	value_cloud, value_events;

#endif
