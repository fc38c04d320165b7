"""The names of Azure's clouds, which one run serves one of, beside its own *.localhost.

Sources: Azure/azure-cli, core/cloud.py; Microsoft Learn, "About keys, secrets and
certificates", the table of DNS suffixes.
"""
from dataclasses import dataclass


# What tokens for blobs and queues are made out to, in every cloud (Microsoft Learn,
# "Authorize access to blobs using Microsoft Entra ID").
STORAGE = "storage.azure.com"


@dataclass(frozen=True)
class Cloud:
    """Hosts of the services, and what tokens for Resource Manager are made out to."""
    name: str
    login: tuple
    arm: tuple
    audiences: tuple
    vault: str
    hsm: str

    def kind(self, host):
        """What a host is here: "login", "arm", "vault", "hsm" or None."""
        if host in self.login:
            return "login"
        if host in self.arm:
            return "arm"
        parent = host.partition(".")[2]
        return {self.vault: "vault", self.hsm: "hsm"}.get(parent)

    def audience(self, host):
        """What a token for this host is good for: "arm", "vault", "hsm", "storage" or None."""
        if host in self.audiences:
            return "arm"
        if host == STORAGE:
            return "storage"
        return {self.vault: "vault", self.hsm: "hsm"}.get(host)


LOCAL = Cloud("localhost", ("login.localhost",), ("management.localhost",), ("management.localhost",),
              "vault.localhost", "managedhsm.localhost")
CLOUDS = {cloud.name: cloud for cloud in (
    Cloud("public", ("login.microsoftonline.com", "login.windows.net"), ("management.azure.com",),
          ("management.azure.com", "management.core.windows.net"), "vault.azure.net",
          "managedhsm.azure.net"),
    Cloud("china", ("login.chinacloudapi.cn", "login.partner.microsoftonline.cn"),
          ("management.chinacloudapi.cn",),
          ("management.chinacloudapi.cn", "management.core.chinacloudapi.cn"), "vault.azure.cn",
          "managedhsm.azure.cn"),
    Cloud("usgov", ("login.microsoftonline.us",), ("management.usgovcloudapi.net",),
          ("management.usgovcloudapi.net", "management.core.usgovcloudapi.net"),
          "vault.usgovcloudapi.net", "managedhsm.usgovcloudapi.net"),
)}
# The one that is served; LOCAL is served always. Set once, before the first request.
SERVED = [LOCAL, CLOUDS["public"]]


def serve(name):
    """From here on this cloud's names are known, and no other's."""
    SERVED[1] = CLOUDS[name]


def host_kind(host):
    """Which service a host is, or None."""
    return SERVED[0].kind(host) or SERVED[1].kind(host)


def service_kind(host, path):
    """The same for a request. By an address login and Resource Manager are told apart by
    their paths: whoever has no name to give them has to put them in one place."""
    if host in ("[::1]", "127.0.0.1"):
        return "login" if "/oauth2/" in path or "/.well-known/" in path else "arm"
    return host_kind(host)


def audience_kind(audience):
    """Which service an audience is for: "vault", "hsm", "arm", "storage" or None. Its port and a closing
    slash do not matter."""
    scheme, _, rest = audience.partition("://")
    host = rest.rstrip("/").lower().split(":")[0]
    if scheme.lower() != "https" or "/" in rest.rstrip("/"):
        return None
    return SERVED[0].audience(host) or SERVED[1].audience(host)


def authority(host, port):
    """The login host's URL as services of this host name it."""
    if host.endswith(".localhost") or host_kind(host) is None:
        return f"https://login.localhost:{port}"
    return f"https://{SERVED[1].login[0]}"


def vault_host(host, name, port):
    """A vault's host as Resource Manager has it that was asked by this name, with its port:
    both are of one cloud."""
    if host in SERVED[1].arm:
        return f"{name.lower()}.{SERVED[1].vault}:443"
    return f"{name.lower()}.{LOCAL.vault}:{port}"


def all_names():
    """Every host that a certificate has to fit, vaults' by a wildcard."""
    # Blobs and queues are served by others, with the same certificate.
    found = ["*.blob.localhost", "*.queue.localhost"]
    for cloud in (LOCAL, *CLOUDS.values()):
        found += [*cloud.login, *cloud.arm, *cloud.audiences, cloud.vault, "*." + cloud.vault,
                  cloud.hsm, "*." + cloud.hsm]
    return list(dict.fromkeys(found))
