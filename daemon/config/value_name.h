/*
 * value_name: the kinds of values that are names and paths: of blocks, groups,
 * tenants and api-versions, of files and programs.
 */
#ifndef KEYROTD_CONFIG_VALUE_NAME_H
#define KEYROTD_CONFIG_VALUE_NAME_H

#include "config/value.h"

extern const struct config_type value_path, value_group, value_programs,
	value_api, value_tenant, value_secret, value_name, value_lease;

#endif
