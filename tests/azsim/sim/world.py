"""The simulated world: everything the services share, and where it starts from."""
import copy
import hashlib
import time

from . import names, shapes
from .access import Access
from .faults import Faults
from .registries import Registries
from .registry import Registry
from .settings import Settings
from .throttle import Buckets
from .vaults import Vaults


class World:
    """Settings, clock, principals, vaults, registries, faults and the request log."""

    def __init__(self, signer, secret, log):
        self.log = log
        self.settings = Settings()
        self.faults = Faults()
        self.buckets = Buckets()
        self.access = Access(self.clock, self.settings, signer, secret)
        self.vaults = Vaults(self.clock)
        self.registries = Registries(self.clock, self.settings, self.vaults, self.access)
        self.port = 443
        # The same after a restart in the same directory, as the secret is.
        self.appservice_header = hashlib.sha256(secret.encode()).hexdigest()[:32].upper()
        self.arc_directory = "/var/opt/azcmagent/tokens"

    def clock(self):
        """The simulated clouds' time: the machine's, moved by the setting."""
        return time.time() + self.settings.clock_offset

    @property
    def authority(self):
        """The login host's URL."""
        return f"https://login.localhost:{self.port}"

    def vault_url(self, name):
        """Where a vault or managed HSM is served."""
        vault = self.vaults.find(name)
        kind = "managedhsm" if vault and vault.hsm else "vault"
        return f"https://{name.lower()}.{kind}.localhost:{self.port}"

    @property
    def vault_host(self):
        """The host and port of a vault, with {} for its name."""
        return f"{{}}.vault.localhost:{self.port}"

    def stamp(self):
        """The time in the form of x-ms-routing-request-id."""
        return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(self.clock()))

    def key_url(self, vault, key, version=None):
        """The identifier of a key as this world spells it."""
        url = f"{self.vault_url(vault)}/keys/{key}"
        return f"{url}/{version}" if version else url

    def populate(self):
        """One vault, one key with one version, one registry that follows it."""
        vault = self.vaults.ensure(names.VAULT)
        _, version = self.vaults.add_version(vault, names.KEY)
        self.new_registry(names.REGISTRY, self.key_url(names.VAULT, names.KEY), version.name)

    def new_registry(self, name, identifier, version, **more):
        """A registry with the usual identity attached."""
        registry = Registry(name=name, key_identifier=identifier, version=version, **more)
        registry.encrypted = identifier is not None
        registry.assigned[names.identity_id(names.ACR_MI_NAME)] = (
            names.ACR_MI_CLIENT_ID, names.ACR_MI_OBJECT_ID)
        registry.tags = {"env": "sim"}
        self.registries.add(registry)
        registry.extra = copy.deepcopy(shapes.DEFAULTS)
        return registry
