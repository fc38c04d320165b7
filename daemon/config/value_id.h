/*
 * value_id: the kinds of values that are identifiers of Azure: GUIDs of clients
 * and tenants, ids of vaults, identities and registries.
 */
#ifndef KEYROTD_CONFIG_VALUE_ID_H
#define KEYROTD_CONFIG_VALUE_ID_H

#include "config/value.h"

extern const struct config_type value_guid, value_identity, value_identity_id,
	value_vault_id, value_tenants, value_registries;

#endif
