"""Azure Resource Manager: authentication, throttling, and which resource a path means.

Source: Azure/azure-resource-manager-rpc, v1.0. Paths compare without case
(Azure/azure-cli looks a registry up and goes on with the group in lower case).
"""
from . import arm_errors as errors, arm_natural, names, resource_graph
from .clouds import audience_kind
from .arm_keys import KeyResources
from .arm_lists import Lists
from .arm_permissions import Permissions
from .arm_registry import RegistryResources
from .service import Service, unknown_path
from .versions import check_arm
from .wire import Reply

# Depth and refill a second of a caller's buckets (Microsoft Learn, "Understand how Azure
# Resource Manager throttles requests").
BUCKETS = {"reads": (250, 25), "writes": (200, 10), "deletes": (200, 10)}
KINDS = {"GET": "reads", "HEAD": "reads", "DELETE": "deletes"}

ACR = "microsoft.containerregistry"
MSI = "microsoft.managedidentity/userassignedidentities"
KV = "microsoft.keyvault/vaults"
AUTHORIZATION = "microsoft.authorization"

# Path below the subscription (S) -> handler. G, N, ... are the parts a caller chooses.
ROUTES = [
    ("", "lists", "subscription"),
    ("resources", "lists", "resources"),
    ("resourcegroups", "lists", "groups"),
    ("resourcegroups/G", "lists", "group"),
    (f"providers/{ACR}/registries", "registry", "list"),
    (f"resourcegroups/G/providers/{ACR}/registries", "registry", "list"),
    (f"resourcegroups/G/providers/{ACR}/registries/N", "registry", "one"),
    (f"resourcegroups/G/providers/{ACR}/registries/N/operationstatuses/N", "registry", "status"),
    (f"resourcegroups/G/providers/{ACR}/registries/N/operationresults/N", "registry", "result"),
    (f"resourcegroups/G/providers/{ACR}/registries/N/replications", "registry", "replications"),
    (f"resourcegroups/G/providers/{ACR}/registries/N/replications/N", "registry", "replication"),
    (f"resourcegroups/G/providers/{AUTHORIZATION}/permissions", "permissions", "group"),
    (f"resourcegroups/G/providers/{ACR}/registries/N/providers/{AUTHORIZATION}/permissions",
     "permissions", "registry"),
    (f"resourcegroups/G/providers/{MSI}", "lists", "identities"),
    (f"resourcegroups/G/providers/{MSI}/N", "lists", "identity"),
    (f"resourcegroups/G/providers/{KV}/N", "keys", "vault"),
    (f"resourcegroups/G/providers/{KV}/N/keys", "keys", "list"),
    (f"resourcegroups/G/providers/{KV}/N/keys/N", "keys", "key"),
    (f"resourcegroups/G/providers/{KV}/N/keys/N/versions", "keys", "versions"),
    (f"resourcegroups/G/providers/{KV}/N/keys/N/versions/N", "keys", "version"),
]
TABLE = [([part for part in shape.split("/") if part], owner, method) for shape, owner, method in ROUTES]


def match(segments):
    """(owner, method, chosen parts) of a path below a subscription, or None."""
    for shape, owner, method in TABLE:
        if len(shape) == len(segments) and all(
                want in ("G", "N") or want == have.lower() for want, have in zip(shape, segments)):
            return owner, method, [have for want, have in zip(shape, segments) if want in ("G", "N")]
    return None


class Arm(Service):
    """The management host."""

    name = "arm"
    usual = {
        401: ("InvalidAuthenticationToken", "The access token is invalid."),
        403: ("AuthorizationFailed", "The client does not have authorization to perform the action."),
        404: ("ResourceNotFound", "The Resource was not found."),
        409: ("Conflict", "The request conflicts with another operation."),
        429: ("SubscriptionRequestsThrottled", "Number of requests for the subscription exceeded."),
        500: ("InternalServerError", "The server met an error."),
        503: ("ServiceUnavailable", "The service is temporarily unavailable."),
        504: ("GatewayTimeout", "The gateway did not receive a response in time."),
    }

    def __init__(self, world):
        super().__init__(world)
        self.owners = {"lists": Lists(world), "registry": RegistryResources(world),
                       "keys": KeyResources(world), "permissions": Permissions(world)}
        self.graph = resource_graph.ResourceGraph(world)

    def handle(self, request):
        segments = request.segments
        if not segments or segments[0].lower() != "subscriptions":
            claims = self._claims(request)
            if [part.lower() for part in segments] != resource_graph.PATH:
                raise unknown_path(request)
            check_arm(request.api_version, segments)
            return self.graph.query(request, claims)
        subscription = segments[1] if len(segments) > 1 else None
        # This comes even without a token, as a live service was seen to answer.
        if subscription and subscription.lower() not in self.world.registries.subscriptions:
            raise errors.no_subscription(subscription)
        claims = self._claims(request)
        check_arm(request.api_version, segments)
        self._throttle(request, subscription, claims)
        if subscription is None:
            return self.owners["lists"].subscriptions(request, claims)
        found = match(segments[2:])
        if found is None:
            raise unknown_path(request)
        owner, method, parts = found
        return getattr(self.owners[owner], method)(request, claims, subscription, *parts)

    def _claims(self, request):
        """The token's claims, or the 401 that fits."""
        authority, tenant = self.world.authority, names.TENANT
        token = request.bearer()
        if token is None:
            raise errors.missing_token(authority, tenant)
        claims = self.world.access.claims(token)
        if claims is None:
            raise errors.invalid_token(authority, tenant)
        if self.world.access.expired(claims):
            raise errors.expired_token(authority, tenant, claims["exp"], self.world.clock())
        if self.world.access.lacks_claims(claims):
            raise errors.insufficient_claims(self.world)
        if audience_kind(claims["aud"]) != "arm":
            raise errors.wrong_audience(authority, tenant, claims["aud"])
        if claims["tid"] != tenant:
            raise errors.wrong_tenant(authority, tenant, claims["tid"])
        return claims

    @staticmethod
    def kind(request):
        """Which of a caller's buckets the request is taken from."""
        return KINDS.get(request.method, "writes")

    def natural(self, request, status):
        return arm_natural.natural(self, request, status)

    def reworded(self, request, error, code):
        return arm_natural.reworded(request, error, code)

    def ordered(self, request, order):
        """Also with what is left of the caller's calls, which a 401 does not tell."""
        parts = request.segments
        subscription = parts[1] if len(parts) > 1 and parts[0].lower() == "subscriptions" else None
        if order["status"] == 429:
            request.quota = self._quota(request, subscription, 0)
        elif order["status"] != 401:
            _, left = self._count(request, subscription, self.caller(request))
            request.quota = self._quota(request, subscription, left)
        return super().ordered(request, order)

    def _quota(self, request, subscription, left):
        scope = "subscription" if subscription else "tenant"
        return {f"x-ms-ratelimit-remaining-{scope}-{self.kind(request)}": str(left)}

    def _count(self, request, subscription, claims):
        """Takes one call out of the caller's bucket: (the bucket if it was empty, calls left)."""
        kind, now = self.kind(request), self.world.clock()
        depth, rate = BUCKETS[kind]
        bucket = self.world.buckets.get((kind, (subscription or "").lower(), claims["oid"]), depth, rate, now)
        granted = bucket.take(now)
        return (None if granted else bucket), bucket.remaining

    def _throttle(self, request, subscription, claims):
        empty, left = self._count(request, subscription, claims)
        request.quota = self._quota(request, subscription, left)
        if empty and self.world.settings.throttle:
            raise errors.throttled(self.kind(request)[:-1], subscription, claims["oid"], empty.wait())

    def failure(self, request, error):
        body = {"error": {"code": error.code, "message": error.message}}
        if isinstance(error, errors.ProviderError):
            body["status"] = "Failed"
        if isinstance(error, resource_graph.GraphError):
            body["error"]["details"] = error.details
        headers = dict(error.headers)
        if error.status == 401:
            headers.setdefault("WWW-Authenticate",
                               f'Bearer authorization_uri="{self.world.authority}/{names.TENANT}", '
                               f'error="invalid_token", error_description="{error.message}"')
        return Reply(error.status, body, headers)

    def finish(self, request, reply):
        """The headers of every answer, the caller's remaining calls among them."""
        stamp = request.request_id
        reply.headers.update({
            "Cache-Control": "no-cache", "Pragma": "no-cache", "Expires": "-1",
            "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
            "X-Content-Type-Options": "nosniff",
            "x-ms-request-id": stamp,
            "x-ms-correlation-request-id": request.headers.get("x-ms-correlation-request-id", stamp),
            "x-ms-routing-request-id": f"WESTEUROPE:{self.world.stamp()}:{stamp}"})
        reply.headers.update(request.quota)
        if request.headers.get("x-ms-return-client-request-id", "").lower() == "true" \
                and "x-ms-client-request-id" in request.headers:
            reply.headers["x-ms-client-request-id"] = request.headers["x-ms-client-request-id"]
        return reply
