"""Hosts that do not exist.

A vault that nobody made has no address: a client of the real service fails when it
resolves the name, before any byte. Every *.localhost is this host, so the nearest to
that is a TLS handshake that fails (RFC 6066, section 3, "unrecognized_name"). A request
for such a host on a connection that is there for another is misdirected (RFC 9110,
section 15.5.20).
"""
import ssl
from types import SimpleNamespace

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
        if found.name == "vault" and self.world.vaults.find(vault_of(request.host_name)) is None:
            return self.nowhere
        return found

    def handshake(self, _socket, name, _context):
        """Ends the handshake for such a vault, as SSLContext.sni_callback may."""
        if name and self.service(SimpleNamespace(host_name=name.lower())) is self.nowhere:
            return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        return None
