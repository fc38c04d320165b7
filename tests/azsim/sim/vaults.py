"""Vaults, keys and versions: what Key Vault remembers. No HTTP here.

Every rule is about a version becoming the newest, being usable, or a key being deleted
and recovered; names compare without case (Microsoft Learn, REST reference "Get Key").
"""
import secrets
from dataclasses import dataclass, field

from . import names
from .material import Material

RSA_OPERATIONS = ["encrypt", "decrypt", "sign", "verify", "wrapKey", "unwrapKey"]
EC_OPERATIONS = ["sign", "verify"]
RETENTION = 90 * 86400


@dataclass
class Version:
    """One version of a key. `since` is when it became the newest, to the fraction."""
    name: str
    kty: str
    public: dict
    key_ops: list
    created: int
    updated: int
    since: float
    bits: int = 0
    enabled: bool = True
    not_before: int = None
    expires: int = None
    recovery_level: str = "Recoverable"
    tags: dict = field(default_factory=dict)

    def unusable(self, now):
        """Why a registry cannot wrap with it, or None."""
        if not self.enabled:
            return "the key version is disabled"
        if self.not_before is not None and now < self.not_before:
            return "the key version is not yet valid"
        if self.expires is not None and now >= self.expires:
            return "the key version has expired"
        if self.kty not in ("RSA", "RSA-HSM"):
            return f"a key of type {self.kty} cannot be used"
        if self.bits < 2048:
            return f"a key of {self.bits} bits cannot be used"
        if not {"wrapKey", "unwrapKey"} <= set(self.key_ops):
            return "the key does not allow wrapKey and unwrapKey"
        return None


@dataclass
class Key:
    """A key with its versions in the order of their making."""
    name: str
    versions: list = field(default_factory=list)
    policy: dict = None
    deleted: float = None

    @property
    def newest(self):
        """The version created last: what a GET without a version returns
        (MicrosoftDocs/azure-security-docs, about-keys-secrets-certificates.md)."""
        return self.versions[-1]

    def find(self, version):
        """One version by its name, or None."""
        wanted = version.lower()
        return next((item for item in self.versions if item.name == wanted), None)

    def by_hash(self):
        """The versions as the service lists them: by name, unrelated to age."""
        return sorted(self.versions, key=lambda version: version.name)


@dataclass
class Vault:
    """A vault: its keys, who may come in, and whose tenant it belongs to."""
    name: str
    group: str = names.GROUP
    subscription: str = names.SUBSCRIPTION
    tenant: str = names.TENANT
    network: str = "open"            # open, firewall or connection
    trusted_services: bool = True    # whether a registry passes its firewall
    hsm: bool = False                # a managed HSM, which has names of its own
    keys: dict = field(default_factory=dict)

    def find(self, key):
        """A key that is not deleted, or None."""
        found = self.keys.get(key.lower())
        return found if found and found.deleted is None else None

    def find_deleted(self, key):
        """A deleted key, or None."""
        found = self.keys.get(key.lower())
        return found if found and found.deleted is not None else None


class Vaults:
    """All vaults."""

    def __init__(self, clock):
        self.clock = clock
        self.material = Material()
        self.table = {}
        self.on_new_version = None      # whom to tell: a function of vault, key and version

    def find(self, name):
        """A vault by name, or None."""
        return self.table.get(name.lower())

    def ensure(self, name):
        """A vault by name, made when there is none."""
        if name.lower() not in self.table:
            self.table[name.lower()] = Vault(name=name)
        return self.table[name.lower()]

    def add_version(self, vault, name, kty=None, bits=2048, curve="P-256", created=None, **more):
        """Makes the key's next version, and the key itself when it is new."""
        now = self.clock()
        moment = now if created is None else created
        kty = kty or ("RSA-HSM" if vault.hsm else "RSA")
        elliptic = kty.startswith("EC")
        public = self.material.elliptic(curve) if elliptic else self.material.rsa(bits)
        more.setdefault("key_ops", list(EC_OPERATIONS if elliptic else RSA_OPERATIONS))
        version = Version(name=secrets.token_hex(16), kty=kty, public=public,
                          bits=0 if elliptic else bits, created=int(moment),
                          updated=int(moment), since=moment, **more)
        key = vault.keys.setdefault(name.lower(), Key(name=name))
        key.versions.append(version)
        if self.on_new_version:
            self.on_new_version(vault, key, version)
        return key, version

    def resolve(self, key_id):
        """(vault, key, version) behind an identifier; the newest version when it has none.
        Parts that do not exist are None."""
        parts = names.split_key_id(key_id)
        vault = self.find(parts[0]) if parts else None
        key = vault.find(parts[1]) if vault else None
        if key is None:
            return vault, None, None
        return vault, key, key.find(parts[2]) if parts[2] else key.newest
