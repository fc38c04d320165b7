/*
 * value_address: the kinds of values that are addresses, parts of such or lists
 * of parts.
 */
#ifndef KEYROTD_CONFIG_VALUE_ADDRESS_H
#define KEYROTD_CONFIG_VALUE_ADDRESS_H

#include "config/value.h"

extern const struct config_type value_origin, value_metadata, value_audience,
	value_suffixes, value_storage_suffixes, value_proxy, value_hosts,
	value_queue, value_blob;

#endif
