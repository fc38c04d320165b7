"""A container registry and a running change of it, as plain values."""
from dataclasses import dataclass, field

from . import names


@dataclass
class Registry:
    """One registry. `key_identifier` is as written; `version` is the one in use."""
    name: str
    subscription: str = names.SUBSCRIPTION
    group: str = names.GROUP
    location: str = names.LOCATION
    sku: str = "Premium"
    encrypted: bool = True
    key_identifier: str = None
    version: str = None
    identity: str = names.ACR_MI_CLIENT_ID      # client id, or "system"
    assigned: dict = field(default_factory=dict)  # ARM id -> (client id, object id)
    system_object_id: str = None
    state: str = "Succeeded"
    rotated: float = None
    created: float = 0
    modified: float = 0
    tags: dict = field(default_factory=dict)
    extra: dict = field(default_factory=dict)     # other properties, as last written
    retention_updated: float = 0
    operation: object = None

    @property
    def id(self):
        return names.registry_id(self.subscription, self.group, self.name)

    @property
    def automatic(self):
        """Whether Azure's own rotation follows the key."""
        parts = names.split_key_id(self.key_identifier)
        return bool(parts) and parts[2] is None

    @property
    def versioned_identifier(self):
        """The identifier of the version in use, on the host the identifier names."""
        parts = names.split_key_id(self.key_identifier)
        base = self.key_identifier.rstrip("/")
        if parts and parts[2]:
            base = base.rsplit("/", 1)[0]
        return f"{base}/{self.version}"


@dataclass
class Operation:
    """A running or finished PATCH."""
    name: str
    registry: Registry
    change: dict
    accepted: float
    looked: float           # the last poll, or the start
    polls: int = 0
    status: str = "InProgress"
    error: dict = None
    forced: dict = None     # the error a fault ordered
