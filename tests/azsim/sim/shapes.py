"""How ARM resources look in JSON.

Registry: recorded in Azure/azure-cli, acr/tests/latest/recordings/
test_acr_encryption_with_cmk.yaml (casing included).
"""
import copy
from datetime import datetime, timezone

from . import names

CREATOR = "sim@example.org"

# What a registry shows beside its key, as recorded.
DEFAULTS = {
    "adminUserEnabled": False,
    "networkRuleSet": {"defaultAction": "Allow", "virtualNetworkRules": [], "ipRules": []},
    "policies": {"quarantinePolicy": {"status": "disabled"},
                 "trustPolicy": {"type": "Notary", "status": "disabled"},
                 "retentionPolicy": {"days": 7, "status": "disabled"},
                 "exportPolicy": {"status": "enabled"}},
    "dataEndpointEnabled": False,
    "publicNetworkAccess": "Enabled",
    "networkRuleBypassOptions": "AzureServices",
    "zoneRedundancy": "Disabled",
    "anonymousPullEnabled": False,
}


def stamp(moment, suffix="+00:00"):
    """A time with the seven fraction digits that .NET services write."""
    whole = datetime.fromtimestamp(int(moment), timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{whole}.{int(moment % 1 * 10_000_000):07d}{suffix}"


def identity_shape(registry):
    """The identity block, or None when the registry has none."""
    kinds = []
    if registry.system_object_id:
        kinds.append("systemAssigned")
    if registry.assigned:
        kinds.append("userAssigned")
    if not kinds:
        return None
    shape = {"type": ", ".join(kinds)}
    if registry.system_object_id:
        shape.update(principalId=registry.system_object_id, tenantId=names.TENANT)
    if registry.assigned:
        shape["userAssignedIdentities"] = {
            resource: {"principalId": object_id, "clientId": client_id}
            for resource, (client_id, object_id) in registry.assigned.items()}
    return shape


def encryption_shape(registry):
    """The encryption block. keyVaultProperties is absent without a customer-managed key,
    lastKeyRotationTimestamp before the first rotation."""
    if not registry.encrypted:
        return {"status": "disabled"}
    inner = {"keyIdentifier": registry.key_identifier,
             "versionedKeyIdentifier": registry.versioned_identifier,
             "identity": registry.identity,
             "keyRotationEnabled": registry.automatic}
    if registry.rotated is not None:
        inner["lastKeyRotationTimestamp"] = stamp(registry.rotated)
    return {"status": "enabled", "keyVaultProperties": inner}


# Members that these versions do not have: they were recorded with a preview.
WITHOUT_PREVIEW = ("2021-09-01", "2022-12-01", "2023-07-01")


def registry_shape(registry, version="2021-08-01-preview"):
    """A whole registry."""
    properties = {"loginServer": f"{registry.name.lower()}.azurecr.io",
                  "creationDate": stamp(registry.created, "Z"),
                  "provisioningState": registry.state,
                  **copy.deepcopy(registry.extra)}
    retention = properties.get("policies", {}).get("retentionPolicy")
    if isinstance(retention, dict):
        retention["lastUpdatedTime"] = stamp(registry.retention_updated)
    if version in WITHOUT_PREVIEW:
        properties.pop("anonymousPullEnabled", None)
        if isinstance(properties.get("networkRuleSet"), dict):
            properties["networkRuleSet"].pop("virtualNetworkRules", None)
    properties.update(encryption=encryption_shape(registry), dataEndpointHostNames=[],
                      privateEndpointConnections=[])
    shape = resource_shape(registry)
    shape["systemData"] = {
        "createdBy": CREATOR, "createdByType": "User", "createdAt": stamp(registry.created),
        "lastModifiedBy": CREATOR, "lastModifiedByType": "User",
        "lastModifiedAt": stamp(registry.modified)}
    shape["properties"] = properties
    return shape


def resource_shape(registry):
    """A registry without its properties, as GET .../resources shows it."""
    shape = {"id": registry.id, "name": registry.name, "type": names.ACR_TYPE,
             "location": registry.location, "tags": registry.tags,
             "sku": {"name": registry.sku, "tier": registry.sku}}
    identity = identity_shape(registry)
    if identity:
        shape["identity"] = identity
    return shape


def replication_shape(registry):
    """The home replication (Azure/azure-rest-api-specs, Microsoft.ContainerRegistry
    2022-12-01, examples/ReplicationGet.json)."""
    return {"id": f"{registry.id}/replications/{registry.location}", "name": registry.location,
            "type": "Microsoft.ContainerRegistry/registries/replications",
            "location": registry.location, "tags": {},
            "properties": {"provisioningState": "Succeeded", "regionEndpointEnabled": True,
                           "zoneRedundancy": "Disabled",
                           "status": {"displayStatus": "Ready",
                                      "timestamp": stamp(registry.created, "Z")}}}


def subscription_shape(subscription, name):
    """A subscription (what Azure CLI 2.45 reads at login)."""
    return {"id": f"/subscriptions/{subscription}", "authorizationSource": "RoleBased",
            "managedByTenants": [], "tags": {}, "subscriptionId": subscription,
            "tenantId": names.TENANT, "displayName": name, "state": "Enabled",
            "subscriptionPolicies": {"locationPlacementId": "Public_2014-09-01",
                                     "quotaId": "PayAsYouGo_2014-09-01", "spendingLimit": "Off"}}


def user_identity_shape(principal):
    """A user-assigned identity (Microsoft.ManagedIdentity, 2018-11-30)."""
    return {"id": principal.resource_id, "name": principal.name, "location": names.LOCATION,
            "tags": {}, "type": "Microsoft.ManagedIdentity/userAssignedIdentities",
            "properties": {"tenantId": names.TENANT, "principalId": principal.object_id,
                           "clientId": principal.client_id}}
