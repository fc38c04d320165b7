"""Container registries: what ARM remembers, how a PATCH changes it, how it follows a key.

No HTTP here. Time passes only when somebody looks: `settle` brings one registry up to
the present, and is called before every read and before every change of its key.
"""
from . import names
from .cmk import cmk_problem
from .patching import WRITABLE, assign, encryption_change, merge, trial
from .registry import Operation
from .shapes import encryption_shape, registry_shape

# A write whose operation nobody polls is done after this many seconds all the same.
UNPOLLED_SECONDS = 3
OPERATIONS_KEPT = 20000


class Registries:
    """All registries and their operations."""

    def __init__(self, clock, settings, vaults, access):
        self.clock = clock
        self.settings = settings
        self.vaults = vaults
        self.access = access
        self.table = {}
        self.operations = {}
        self.subscriptions = {names.SUBSCRIPTION: "sim"}
        self.groups = {(names.SUBSCRIPTION, names.GROUP): names.GROUP}

    def find(self, subscription, group, name):
        """A registry, brought up to the present, or None."""
        registry = self.table.get(names.registry_id(subscription, group, name).lower())
        if registry:
            self.settle(registry)
        return registry

    def add(self, registry):
        """Puts a registry into the world, with its subscription and group."""
        self.subscriptions.setdefault(registry.subscription.lower(), "sim")
        self.groups.setdefault((registry.subscription.lower(), registry.group.lower()), registry.group)
        registry.created = registry.modified = registry.retention_updated = self.clock()
        self.table[registry.id.lower()] = registry

    def below(self, subscription, group=None):
        """The registries of a subscription, or of one group of it."""
        return [one for one in self.table.values()
                if one.subscription.lower() == subscription.lower()
                and (group is None or one.group.lower() == group.lower())]

    def settle(self, registry):
        """Ends an operation that is due, then follows the key if that is due."""
        operation = registry.operation
        if operation is not None and self._unpolled_long_enough(operation):
            self._finish(operation)
        if registry.operation is None and registry.encrypted and registry.automatic:
            self._follow(registry)

    def settle_key(self, vault, key):
        """Brings every registry on this key up to the present, before the key changes."""
        for registry in self.table.values():
            parts = names.split_key_id(registry.key_identifier)
            if parts and parts[:2] == (vault.lower(), key.lower()):
                self.settle(registry)

    def settle_all(self):
        """Brings every registry up to the present."""
        for registry in self.table.values():
            self.settle(registry)

    def _unpolled_long_enough(self, operation):
        now = self.clock()
        patience = UNPOLLED_SECONDS
        if operation.polls:
            patience = max(patience, 2 * (self.settings.retry_after or 0))
        return (now - operation.looked >= patience
                and now - operation.accepted >= self.settings.op_seconds)

    def _follow(self, registry):
        # An unversioned registry moves within a set delay after a version became the
        # newest (Microsoft Learn, "Rotate and revoke a customer-managed key").
        _, key, newest = self.vaults.resolve(registry.key_identifier)
        if key is None or newest is None or newest.name == registry.version:
            return
        now = self.clock()
        since = max(newest.since, newest.not_before or 0)
        if now < since + self.settings.follow_delay:
            return
        if cmk_problem(self, registry) is None:
            registry.version = newest.name
            registry.rotated = now

    def begin(self, registry, change, forced=None):
        """Accepts a PATCH. The registry keeps its old values until the operation ends."""
        now = self.clock()
        operation = Operation(f"registries-{names.guid()}", registry, change, now, now, forced=forced)
        self.operations[operation.name] = operation
        if len(self.operations) > OPERATIONS_KEPT:
            del self.operations[next(iter(self.operations))]
        registry.operation = operation
        registry.state = "Updating"
        return operation

    def poll(self, operation):
        """One look at an operation, which may be the one that ends it."""
        if operation.status == "InProgress":
            operation.polls += 1
            operation.looked = now = self.clock()
            if (operation.polls > self.settings.op_polls
                    and now - operation.accepted >= self.settings.op_seconds):
                self._finish(operation)
        return operation

    def finish_now(self, operation):
        """Ends it at once, for answers that do not wait."""
        self._finish(operation)
        return operation

    def _finish(self, operation):
        registry = operation.registry
        registry.operation = None
        problem = operation.forced
        if problem is None and encryption_change(operation.change):
            problem = cmk_problem(self, trial(registry, operation.change, self.access))
        if problem:
            operation.status = problem.get("status", "Failed")
            operation.error = problem
            registry.state = self.settings.failed_state
            return
        self.apply(registry, operation.change, operation.accepted)
        registry.state = "Succeeded"
        operation.status = "Succeeded"

    def apply(self, registry, change, accepted):
        """Carries out an accepted PATCH."""
        registry.modified = accepted
        if isinstance(change.get("tags"), dict):
            registry.tags = change["tags"]
        if isinstance(change.get("sku"), dict) and change["sku"].get("name"):
            registry.sku = change["sku"]["name"]
        assign(registry, change.get("identity"), self.access)
        properties = change.get("properties") or {}
        if "retentionPolicy" in (properties.get("policies") or {}):
            registry.retention_updated = accepted
        merge(registry.extra, {name: value for name, value in properties.items()
                               if name in WRITABLE})
        encryption = encryption_change(change)
        if encryption:
            self._rekey(registry, encryption, accepted)

    def _rekey(self, registry, encryption, accepted):
        before = (registry.key_identifier, registry.version)
        identifier = (encryption.get("keyIdentifier") or registry.key_identifier).rstrip("/")
        same_key = names.same_key(identifier, registry.key_identifier)
        _, _, version = self.vaults.resolve(identifier)
        registry.key_identifier = identifier
        registry.identity = encryption.get("identity") or registry.identity
        # Whether a re-written unversioned identifier makes the service look at the vault
        # at once is not documented; the switch gives both answers.
        if not (registry.automatic and same_key and not self.settings.honour_unversioned):
            registry.version = version.name
        if (registry.key_identifier, registry.version) != before:
            registry.rotated = accepted

    def show(self, registry, version):
        """The registry as ARM shows it under an api-version."""
        return registry_shape(registry, version)

    def summary(self, registry):
        """The registry for a test's eyes."""
        self.settle(registry)
        return {"id": registry.id, "name": registry.name, "sku": registry.sku,
                "provisioningState": registry.state, "encryption": encryption_shape(registry),
                "assigned": dict(registry.assigned), "operation":
                registry.operation.name if registry.operation else None}
