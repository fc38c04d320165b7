"""The fixed names of the simulated world and the grammar of identifiers.

The GUIDs never change, so that a test may spell them out and so that a client that
keeps tokens on disk recognises the same tenant after a restart.
"""
import re
import uuid

TENANT = "7d3a5f10-5a6b-4c4e-9d7e-0a1b2c3d4e5f"
DOMAIN = "sim.example"      # the same tenant by name
SUBSCRIPTION = "11111111-2222-3333-4444-555555555555"
GROUP = "sim-rg"
LOCATION = "westeurope"
VAULT = "simvault"
KEY = "acr-cmk"
REGISTRY = "simregistry"

# The daemon's own service principal.
CLIENT_ID = "c11e7700-0000-4000-8000-000000000001"
CLIENT_OBJECT_ID = "c11e7700-0000-4000-8000-0000000000a1"

# The virtual machine's identities: user-assigned, and the system's own.
MI_NAME = "sim-daemon"
MI_CLIENT_ID = "c11e7700-0000-4000-8000-000000000002"
MI_OBJECT_ID = "c11e7700-0000-4000-8000-0000000000a2"
SYSTEM_CLIENT_ID = "c11e7700-0000-4000-8000-000000000003"
SYSTEM_OBJECT_ID = "c11e7700-0000-4000-8000-0000000000a3"
VM_RESOURCE_ID = (f"/subscriptions/{SUBSCRIPTION}/resourcegroups/{GROUP}"
                  "/providers/Microsoft.Compute/virtualMachines/sim-vm")

# The identity with which the registries reach their key.
ACR_MI_NAME = "acr-cmk"
ACR_MI_CLIENT_ID = "c11e7700-0000-4000-8000-000000000004"
ACR_MI_OBJECT_ID = "c11e7700-0000-4000-8000-0000000000a4"

ACR_TYPE = "Microsoft.ContainerRegistry/registries"
VAULT_TYPE = "Microsoft.KeyVault/vaults"

VAULT_NAME = re.compile(r"^(?!.*--)[0-9A-Za-z-]{3,24}$")
KEY_NAME = re.compile(r"^[0-9A-Za-z-]{1,127}$")
KEY_ID = re.compile(r"^https://([0-9a-z-]{3,24})\.(?:vault|managedhsm)\.[0-9a-z.-]+(?::[0-9]+)?"
                    r"/keys/([0-9a-z-]{1,127})(?:/([0-9a-f]{32}))?/?$", re.IGNORECASE)
REGISTRY_NAME = re.compile(r"^[0-9A-Za-z]{5,50}$")
GUID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", re.IGNORECASE)


def guid():
    """A fresh GUID."""
    return str(uuid.uuid4())


def identity_id(name, subscription=SUBSCRIPTION, group=GROUP):
    """The ARM id of a user-assigned identity.

    The lower-case "resourcegroups" is what the service puts into a registry's
    identity map (Azure/azure-cli, acr recording test_acr_encryption_with_cmk.yaml).
    """
    return (f"/subscriptions/{subscription}/resourcegroups/{group}"
            f"/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{name}")


def registry_id(subscription, group, name):
    """The ARM id of a container registry."""
    return f"/subscriptions/{subscription}/resourceGroups/{group}/providers/{ACR_TYPE}/{name}"


def vault_id(vault):
    """The ARM id of a vault."""
    return (f"/subscriptions/{vault.subscription}/resourceGroups/{vault.group}"
            f"/providers/{VAULT_TYPE}/{vault.name}")


def split_key_id(text):
    """(vault, key, version or None) in lower case, or None when it is no key identifier."""
    match = KEY_ID.match(text) if isinstance(text, str) else None
    if not match:
        return None
    return tuple(part.lower() if part else None for part in match.groups())


def same_key(one, other):
    """Whether two identifiers name the same key, whatever their versions."""
    first, second = split_key_id(one), split_key_id(other)
    return first is not None and second is not None and first[:2] == second[:2]
