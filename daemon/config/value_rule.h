/*
 * value_rule: the kinds of values that only a rule has: its places, and the
 * patterns that registries are held against.
 */
#ifndef KEYROTD_CONFIG_VALUE_RULE_H
#define KEYROTD_CONFIG_VALUE_RULE_H

#include "config/value.h"

extern const struct config_type value_places, value_key_pattern, value_exclude,
	value_tags;

#endif
