"""Key Vault over HTTP: who may come in, and which operation a path means.

Source: Azure/azure-rest-api-specs, specification/keyvault/data-plane, 7.4 keys.json.
"""
from . import names, vault_errors as errors
from .clouds import audience_kind, authority, host_kind
from .gate import vault_of
from .jwt import readable
from .service import Service
from .vault_keys import KeyOperations
from .versions import check_vault
from .wire import Reply, ServiceError

# Transactions of a vault in ten seconds (Microsoft Learn, "Azure Key Vault service limits").
DEPTH, RATE = 4000, 400

# (method, path shape) -> (operation, data action, access policy permission, right).
# In a shape K is a key's name and V a version's.
ROUTES = {
    ("GET", "keys"): ("list_keys", "keys/read", "list", "vault_get"),
    ("GET", "keys/K"): ("get", "keys/read", "get", "vault_get"),
    ("GET", "keys/K/V"): ("get", "keys/read", "get", "vault_get"),
    ("GET", "keys/K/versions"): ("list_versions", "keys/read", "list", "vault_get"),
    ("GET", "keys/K/rotationpolicy"): ("get_policy", "keys/read", "getrotationpolicy", "vault_get"),
    ("PUT", "keys/K/rotationpolicy"): ("set_policy", "keyrotationpolicies/write",
                                       "setrotationpolicy", "vault_write"),
    ("POST", "keys/K/create"): ("create", "keys/create/action", "create", "vault_write"),
    ("POST", "keys/K/rotate"): ("rotate", "keys/rotate/action", "rotate", "vault_write"),
    ("PATCH", "keys/K"): ("update", "keys/update/action", "update", "vault_write"),
    ("PATCH", "keys/K/V"): ("update", "keys/update/action", "update", "vault_write"),
    ("POST", "keys/K/V/wrapkey"): ("wrap", "keys/wrap/action", "wrapkey", "vault_wrap"),
    ("POST", "keys/K/V/unwrapkey"): ("unwrap", "keys/unwrap/action", "unwrapkey", "vault_wrap"),
    ("DELETE", "keys/K"): ("delete", "keys/delete", "delete", "vault_write"),
    ("GET", "deletedkeys"): ("list_deleted", "keys/read", "list", "vault_get"),
    ("GET", "deletedkeys/K"): ("get_deleted", "keys/read", "get", "vault_get"),
    ("POST", "deletedkeys/K/recover"): ("recover", "keys/recover/action", "recover", "vault_write"),
    ("DELETE", "deletedkeys/K"): ("purge", "keys/purge/action", "purge", "vault_write"),
}
WORDS = {"versions", "rotationpolicy", "create", "rotate", "recover"}


def shape_of(segments):
    """The shape of a path, with K and V for the parts a caller chooses."""
    parts = [part.lower() for part in segments]
    if len(parts) >= 2:
        parts[1] = "K"
    if len(parts) >= 3 and parts[2] not in WORDS:
        parts[2] = "V"
    return "/".join(parts)


class Vault(Service):
    """All vaults; the Host header says which."""

    name = "vault"
    usual = {
        401: ("Unauthorized", "AKV10000: Request is missing a Bearer or PoP token."),
        404: ("KeyNotFound", "Key not found"),
        429: ("Throttled", errors.throttled().message),
        500: ("InternalServerError", "An internal error occurred."),
        503: ("ServiceUnavailable", "The service is temporarily unavailable."),
    }

    def __init__(self, world):
        super().__init__(world)
        self.keys = KeyOperations(world)

    def natural(self, request, status):
        vault = self._vault(request)
        claims, segments = self.caller(request), request.segments
        if status == 401:
            return self._no_token(request) or errors.expired_token()
        if status == 403:
            route = ROUTES.get((request.method, shape_of(segments)), ROUTES["GET", "keys/K"])
            return self._denied(request, vault, claims, route)
        if status == 404 and len(segments) > 1:
            return errors.no_key("/".join(segments[1:3] if vault.find(segments[1]) else segments[1:2]))
        return errors.throttled() if status == 429 else None

    def ordered(self, request, order):
        """A 403 whose inner code is the network's has the network's words, too."""
        kind = {"forbiddenbyfirewall": "firewall", "forbiddenbyconnection": "connection"}.get(
            str(order.get("innererror")).lower())
        error = super().ordered(request, order)
        if kind and order["status"] == 403 and "message" not in order:
            error.message = errors.by_network(kind, self.caller(request), self._vault(request).name,
                                              names.LOCATION).message
        return error

    def _vault(self, request):
        """The vault, which there is: nobody else's requests come here."""
        return self.world.vaults.find(vault_of(request.host_name))

    def handle(self, request):
        vault = self._vault(request)
        claims = self._claims(request, vault)
        if vault.network != "open":
            raise errors.by_network(vault.network, claims, vault.name, names.LOCATION)
        check_vault(request.api_version)
        self._throttle(vault)
        segments, shape = request.segments, shape_of(request.segments)
        route = ROUTES.get((request.method, shape))
        if route is None:
            if any(known == shape for _, known in ROUTES):
                raise ServiceError(405, "MethodNotAllowed", f"{request.method} is not allowed here.")
            raise errors.bad_parameter(f"Method {request.method} does not allow operation on {request.path}")
        self._authorize(request, vault, claims, route)
        return getattr(self.keys, route[0])(request, vault, *segments[1:3])

    def _claims(self, request, vault):
        """The token's claims; 401 before anything else is looked at, the body included."""
        missing = self._no_token(request)
        if missing:
            raise missing
        claims = self.world.access.claims(request.bearer())
        if self.world.access.expired(claims):
            raise errors.expired_token()
        if self.world.access.lacks_claims(claims):
            raise errors.insufficient_claims(self.world)
        if audience_kind(claims["aud"]) != host_kind(request.host_name):
            raise errors.wrong_audience(self._resource(request), claims["aud"])
        if claims["tid"] != vault.tenant:
            raise errors.wrong_issuer(f"https://sts.windows.net/{vault.tenant}/", claims["iss"])
        return claims

    def _no_token(self, request):
        """The error of a request whose token is none of ours, or None."""
        token = request.bearer()
        if token is None:
            return errors.missing_token()
        if self.world.access.claims(token) is None:
            return errors.unknown_signer() if readable(token) else errors.unreadable_token()
        return None

    def _throttle(self, vault):
        now = self.world.clock()
        bucket = self.world.buckets.get(("vault", vault.name), DEPTH, RATE, now)
        if not bucket.take(now) and self.world.settings.throttle:
            raise errors.throttled()

    def _authorize(self, request, vault, claims, route):
        if not self.world.access.allowed(claims["appid"], route[3], f"{vault.name}{request.path}"):
            raise self._denied(request, vault, claims, route)

    def _denied(self, request, vault, claims, route):
        _, action, permission, _ = route
        resource = f"{names.vault_id(vault)}{request.path}"
        return errors.forbidden(self.world.settings.denial, claims, action, permission, vault.name,
                                names.LOCATION, resource.lower())

    @staticmethod
    def _resource(request):
        """The challenge's resource: the vault's host without its first label. The port stays,
        because the Python SDK compares it (azure-keyvault-keys, http_challenge.py)."""
        return f"https://{request.host.partition('.')[2]}"

    def failure(self, request, error):
        body = {"code": error.code, "message": error.message}
        if error.inner:
            body["innererror"] = {"code": error.inner}
        headers = dict(error.headers)
        if error.status == 401:
            tenant = self._vault(request).tenant
            headers.setdefault("WWW-Authenticate", f'Bearer authorization="{authority(request.host_name, self.world.port)}/{tenant}", '
                                                   f'resource="{self._resource(request)}"')
        return Reply(error.status, {"error": body}, headers)

    def finish(self, request, reply):
        """The headers of recorded answers (Azure/azure-cli, test_keyvault_key_rotation.yaml)."""
        reply.headers.update({
            "Cache-Control": "no-cache", "Pragma": "no-cache", "Expires": "-1",
            "Strict-Transport-Security": "max-age=31536000;includeSubDomains",
            "X-Content-Type-Options": "nosniff",
            "x-ms-keyvault-network-info": "conn_type=Ipv4;addr=127.0.0.1;act_addr_fam=InterNetwork;",
            "x-ms-keyvault-region": names.LOCATION,
            "x-ms-keyvault-service-version": "1.9.1116.1",
            "x-ms-request-id": request.request_id})
        if "x-ms-client-request-id" in request.headers:
            reply.headers["x-ms-client-request-id"] = request.headers["x-ms-client-request-id"]
        return reply
