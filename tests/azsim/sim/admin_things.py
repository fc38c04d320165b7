"""Creates and changes vaults, keys and registries for the admin port."""
from . import names
from .fields import (FieldError, check, flag, integer, listing, mapping, number, one_of, optional,
                     positive, text)
from .vaults import Version
from .vault_shapes import attributes

VAULT = {"name": text, "network": one_of("open", "firewall", "connection"), "tenant": text,
         "trusted_services": flag, "resource_group": text, "hsm": flag}
KEY = {"vault": text, "name": text, "kty": one_of("RSA", "RSA-HSM", "EC", "EC-HSM"), "bits": integer,
       "crv": text, "version": text, "enabled": flag, "nbf": optional(integer), "exp": optional(integer),
       "key_ops": listing, "recoveryLevel": text, "tags": mapping, "created": number,
       "new_version": flag, "count": positive, "delete": flag}
REGISTRY = {"name": text, "subscription": text, "resource_group": text, "location": text,
            "sku": one_of("Basic", "Standard", "Premium", "Classic"),
            "encryption": one_of("enabled", "disabled"), "key": text, "vault": text, "version": text,
            "in_use": text, "identity": text, "provisioningState": text, "delete": flag,
            "content_trust": flag, "tags": mapping}
MANY = {**REGISTRY, "count": positive, "prefix": text}


class AdminThings:
    """Each method takes one checked object and says what became of it."""

    def __init__(self, world):
        self.world = world

    # -- vaults and keys -------------------------------------------------------------

    def vault(self, values):
        """Makes or changes a vault."""
        check("vault", VAULT, values, required=["name"])
        if not names.VAULT_NAME.match(values["name"]):
            raise FieldError(f"vault: \"{values['name']}\" is no vault name")
        self.world.registries.settle_all()
        vault = self.world.vaults.ensure(values["name"])
        if vault.keys and values.get("hsm", vault.hsm) != vault.hsm:
            raise FieldError("vault: with keys in it, it stays what it is")
        for name in ("network", "tenant", "trusted_services", "hsm"):
            if name in values:
                setattr(vault, name, values[name])
        if "resource_group" in values:
            vault.group = values["resource_group"]
            self.world.registries.groups.setdefault((vault.subscription, vault.group.lower()), vault.group)
        return {"name": vault.name, "network": vault.network, "tenant": vault.tenant,
                "url": self.world.vault_url(vault.name)}

    def key(self, values):
        """Makes keys, adds versions, or changes a version (the newest unless named)."""
        check("key", KEY, values)
        vault_name, name = values.get("vault", names.VAULT), values.get("name", names.KEY)
        if not names.VAULT_NAME.match(vault_name) or not names.KEY_NAME.match(name):
            raise FieldError("key: the vault's or the key's name is not valid")
        vault = self.world.vaults.ensure(vault_name)
        self.world.registries.settle_key(vault_name, name)
        found = vault.keys.get(name.lower())
        if values.get("new_version") or found is None:
            return self._add_versions(vault, name, values, values.get("count", 1))
        if {"kty", "bits", "crv", "count"} & set(values):
            raise FieldError("key: the material of a version cannot change; ask for a new_version")
        if values.get("delete"):
            found.deleted = self.world.clock()
            return {"vault": vault.name, "name": found.name, "deleted": True}
        found.deleted = None
        version = found.find(values["version"]) if "version" in values else found.newest
        if version is None:
            raise FieldError(f"key: {name} has no version {values['version']}")
        self._change(version, values)
        return self._show_key(vault, found, version)

    def _add_versions(self, vault, name, values, count):
        """With new_version, `count` versions of one key; else `count` keys NAME, NAME-1, ..."""
        material = self.world.vaults.material
        if vault.hsm and not values.get("kty", "RSA-HSM").endswith("-HSM"):
            raise FieldError("key: a managed HSM has no software keys")
        wish = {"kty": values.get("kty"), "bits": values.get("bits", 2048),
                "curve": values.get("crv", "P-256"), "created": values.get("created")}
        if wish["bits"] not in material.rsa_sizes() or wish["curve"] not in material.curves():
            raise FieldError(f"key: there are RSA keys of {material.rsa_sizes()} bits "
                             f"and curves {material.curves()}")
        for turn in range(count):
            one = name if values.get("new_version") or turn == 0 else f"{name}-{turn}"
            key, version = self.world.vaults.add_version(vault, one, **wish)
            self._change(version, {**values, "created": version.since})
        return self._show_key(vault, key, version)

    @staticmethod
    def _change(version, values):
        for wire, field in (("enabled", "enabled"), ("nbf", "not_before"), ("exp", "expires"),
                            ("key_ops", "key_ops"), ("recoveryLevel", "recovery_level"),
                            ("tags", "tags")):
            if wire in values:
                setattr(version, field, values[wire])
        if "created" in values:
            version.since = values["created"]
            version.created = version.updated = int(values["created"])

    def _show_key(self, vault, key, version):
        return {"vault": vault.name, "name": key.name, "version": version.name, "kty": version.kty,
                "id": self.world.key_url(vault.name, key.name, version.name),
                "versions": [one.name for one in key.versions], "attributes": attributes(version)}

    # -- registries ------------------------------------------------------------------

    def registry(self, values):
        """Makes, changes or removes one registry."""
        check("registry", REGISTRY, values, required=["name"])
        registries = self.world.registries
        where = (values.get("subscription", names.SUBSCRIPTION), values.get("resource_group", names.GROUP))
        registry = registries.find(*where, values["name"])
        if values.get("delete"):
            if registry:
                del registries.table[registry.id.lower()]
            return {"deleted": registry is not None}
        if registry is None:
            registry = self._new_registry(values, *where)
        else:
            self._rekey(registry, values)
        for field, name in (("sku", "sku"), ("state", "provisioningState"), ("location", "location"),
                            ("tags", "tags")):
            if name in values:
                setattr(registry, field, values[name])
        if "encryption" in values:
            registry.encrypted = values["encryption"] == "enabled"
        if "identity" in values:
            self._identity(registry, values["identity"])
        if "content_trust" in values:
            self._content_trust(registry, values["content_trust"])
        return registries.summary(registry)

    def registries(self, values):
        """Makes many registries at once: PREFIX0, PREFIX1, ..."""
        check("registries", MANY, values, required=["count"])
        prefix = values.get("prefix", "bulkreg")
        rest = {name: value for name, value in values.items() if name not in ("count", "prefix")}
        for number_ in range(values["count"]):
            last = self.registry({**rest, "name": f"{prefix}{number_}"})
        return {"count": values["count"], "last": last["id"]}

    def _new_registry(self, values, subscription, group):
        if not names.REGISTRY_NAME.match(values["name"]):
            raise FieldError(f"registry: \"{values['name']}\" is no registry name")
        vault, key, base = self._key_of(values, names.VAULT, names.KEY)
        word = values.get("version", "unversioned")
        pinned = None if word == "unversioned" else self._version(key, word).name
        used = self._version(key, values["in_use"]).name if "in_use" in values else \
            pinned or key.newest.name
        return self.world.new_registry(values["name"], f"{base}/{pinned}" if pinned else base, used,
                                       subscription=subscription, group=group)

    def _key_of(self, values, vault_name, key_name):
        """The key a registry is to use and its identifier: "key" is a name, or an
        identifier, which is kept as it is written (another port may lead here)."""
        word = values.get("key", key_name)
        parts = names.split_key_id(word) or (values.get("vault", vault_name), word, None)
        vault = self.world.vaults.find(parts[0])
        key = vault.find(parts[1]) if vault else None
        if key is None:
            raise FieldError(f"registry: there is no key {parts[1]} in a vault {parts[0]}")
        if not names.split_key_id(word):
            return vault, key, self.world.key_url(vault.name, key.name)
        base = word.rstrip("/")
        return vault, key, base.rsplit("/", 1)[0] if parts[2] else base

    @staticmethod
    def _version(key, word):
        if word in ("newest", "oldest"):
            return key.versions[-1 if word == "newest" else 0]
        found = key.find(word)
        if found is None:
            raise FieldError(f"registry: {key.name} has no version {word}")
        return found

    def _rekey(self, registry, values):
        if not {"key", "vault", "version", "in_use"} & set(values):
            return
        before = names.split_key_id(registry.key_identifier)
        if not {"key", "vault"} & set(values):
            values = {**values, "key": registry.key_identifier}
        vault, key, base = self._key_of(values, before[0], before[1])
        same = (vault.name.lower(), key.name.lower()) == before[:2]
        word = values.get("version", "unversioned" if registry.automatic else "newest")
        if word == "unversioned":
            registry.key_identifier = base
            registry.version = registry.version if same else key.newest.name
        else:
            registry.version = self._version(key, word).name
            registry.key_identifier = f"{base}/{registry.version}"
        if "in_use" in values:
            registry.version = self._version(key, values["in_use"]).name

    @staticmethod
    def _content_trust(registry, on):
        registry.extra["policies"]["trustPolicy"]["status"] = "enabled" if on else "disabled"

    @staticmethod
    def _identity(registry, word):
        usual = names.identity_id(names.ACR_MI_NAME)
        if word == "detach":
            registry.assigned = {}
            registry.system_object_id = None
        elif word == "attach":
            registry.assigned[usual] = (names.ACR_MI_CLIENT_ID, names.ACR_MI_OBJECT_ID)
            if registry.identity == "system":
                registry.system_object_id = registry.system_object_id or names.guid()
        elif word == "system":
            registry.identity = "system"
            registry.system_object_id = registry.system_object_id or names.guid()
        elif names.GUID.match(word):
            registry.identity = word
        else:
            raise FieldError("registry: \"identity\" must be detach, attach, system or a GUID")

    # -- the application -------------------------------------------------------------

    def secret(self, values):
        """Another client secret in the place of the service principal's."""
        check("secret", {"value": text}, values, required=["value"])
        self.world.access.find("daemon").secret = values["value"]
        return {"changed": True}

    # -- showing ---------------------------------------------------------------------

    def state(self):
        """The whole world, without secrets."""
        world = self.world
        return {
            "time": world.clock(), "settings": world.settings.show(),
            "vaults": {vault.name: {"network": vault.network, "tenant": vault.tenant, "keys": {
                key.name: {"deleted": key.deleted, "newest": key.newest.name,
                           "versions": [self._state_version(one) for one in key.versions]}
                for key in vault.keys.values()}} for vault in world.vaults.table.values()},
            "registries": [world.registries.summary(one) for one in world.registries.table.values()],
            "operations": [{"name": one.name, "registry": one.registry.id, "status": one.status,
                            "polls": one.polls, "error": one.error}
                           for one in world.registries.operations.values()],
            "principals": [{"name": one.name, "client_id": one.client_id, "object_id": one.object_id}
                           for one in world.access.principals],
            "permissions": [{"principal": who, "scope": scope, **rights}
                            for who, scope, rights in world.access.rules],
            "faults": world.faults.show(),
        }

    @staticmethod
    def _state_version(version: Version):
        return {"version": version.name, "kty": version.kty, "bits": version.bits,
                "key_ops": version.key_ops, **attributes(version)}
