/*
 * value_number: the kinds of values that have a range: min and max of their
 * option are numbers of the same kind.
 */
#ifndef KEYROTD_CONFIG_VALUE_NUMBER_H
#define KEYROTD_CONFIG_VALUE_NUMBER_H

#include "config/value.h"

extern const struct config_type value_duration, /* int64_t, ms */
	value_size,				/* int64_t, bytes */
	value_number,				/* double */
	value_count;				/* unsigned */

#endif
