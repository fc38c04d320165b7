"""Hosts that do not exist.

A vault that nobody made has no address: a client of the real service fails when it
resolves the name, before any byte. Every *.localhost is this host, so the nearest to
that is a TLS handshake that fails (RFC 6066, section 3, "unrecognized_name"; asyncio
closes the connection before it sends that alert, so a client sees just the end). A request
for such a host on a connection that is there for another is misdirected (RFC 9110,
section 15.5.20).
"""
import ssl
from types import SimpleNamespace

from .clouds import host_kind
from .service import Service
from .wire import ServiceError


class Nowhere(Service):
    """Answers for hosts that are not served."""

    name = "unknown"

    def handle(self, request):
        raise ServiceError(421, "MisdirectedRequest", f"No service is named {request.host_name}.")


def vault_of(host_name):
    """The vault's name in a host's."""
    return host_name.partition(".")[0]


class Gate:
    """Stands before the services of the TLS port."""

    def __init__(self, world, choose):
        self.world = world
        self.choose = choose
        self.nowhere = Nowhere(world)

    def service(self, request):
        """The service of a request's host, unless it is a vault that nobody made."""
        found = self.choose(request)
        if found.name == "vault" and not self._exists(request.host_name):
            return self.nowhere
        return found

    def _exists(self, host_name):
        """A vault, or managed HSM, that somebody made."""
        vault = self.world.vaults.find(vault_of(host_name))
        return vault is not None and vault.hsm == (host_kind(host_name) == "hsm")

    def handshake(self, _socket, name, _context):
        """Ends the handshake for such a vault, as SSLContext.sni_callback may."""
        if name and self.service(SimpleNamespace(host_name=name.lower(), path="/")) is self.nowhere:
            return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        return None
