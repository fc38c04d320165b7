"""What a PATCH body means: merging, identity blocks, and the registry as it would become.

Source: Azure/azure-resource-manager-rpc, v1.0/resource-api-reference.md (merge patch; tags
are replaced as a whole).
"""
import copy

from . import names

WRITABLE = ("adminUserEnabled", "networkRuleSet", "policies", "dataEndpointEnabled",
            "publicNetworkAccess", "networkRuleBypassOptions", "zoneRedundancy",
            "anonymousPullEnabled")


def merge(target, patch):
    """JSON merge patch (RFC 7396): null removes, objects merge, the rest replaces."""
    for name, value in patch.items():
        if value is None:
            target.pop(name, None)
        elif isinstance(value, dict) and isinstance(target.get(name), dict):
            merge(target[name], value)
        else:
            target[name] = copy.deepcopy(value)


def encryption_change(change):
    """The keyVaultProperties a PATCH carries, or None."""
    properties = change.get("properties")
    encryption = properties.get("encryption") if isinstance(properties, dict) else None
    inner = encryption.get("keyVaultProperties") if isinstance(encryption, dict) else None
    return inner if isinstance(inner, dict) and inner else None


def assign(registry, block, access):
    """Carries out a PATCH's identity block on the registry."""
    if not isinstance(block, dict):
        return
    kind = str(block.get("type", "")).lower()
    if kind in ("none", "systemassigned"):
        registry.assigned = {}
    if "systemassigned" in kind:
        registry.system_object_id = registry.system_object_id or names.guid()
    elif kind:
        registry.system_object_id = None
    for resource, value in (block.get("userAssignedIdentities") or {}).items():
        known = next((one for one in registry.assigned if one.lower() == resource.lower()), None)
        if value is None:
            registry.assigned.pop(known, None)
        elif known is None:
            principal = access.find(resource)
            if principal:
                registry.assigned[resource] = (principal.client_id, principal.object_id)


def trial(registry, change, access):
    """A copy of the registry as the PATCH would leave its identity and its key."""
    copied = copy.copy(registry)
    copied.assigned = dict(registry.assigned)
    assign(copied, change.get("identity"), access)
    encryption = encryption_change(change) or {}
    copied.key_identifier = encryption.get("keyIdentifier") or registry.key_identifier
    copied.identity = encryption.get("identity") or registry.identity
    return copied
