"""The instance metadata service: tokens for a virtual machine's managed identities.

Source: Microsoft Learn, "How to use managed identities on a virtual machine to acquire
an access token". Every value in the answer is a string.
"""
from .clouds import audience_kind
from .service import Service
from .versions import check_imds
from .wire import Reply, ServiceError

PATH = ["metadata", "identity", "oauth2", "token"]
SELECTORS = ("client_id", "object_id", "msi_res_id", "mi_res_id")


class Imds(Service):
    """The plain-HTTP endpoint."""

    name = "imds"
    usual = {
        404: ("not_found", "The identity endpoint is being updated."),
        410: ("gone", "The identity endpoint is being updated."),
        429: ("too_many_requests", "Too many requests."),
        500: ("unknown", "Failed to retrieve token from the Active directory."),
    }

    def natural(self, request, status):
        known = {400: ("invalid_request", "Identity not found"),
                 401: ("unknown_source", f"Unknown Source {request.path}")}
        return ServiceError(status, *known[status]) if status in known else None

    def __init__(self, world):
        super().__init__(world)
        self.cache = {}

    def handle(self, request):
        if request.headers.get("metadata", "").lower() != "true":
            raise ServiceError(400, "bad_request_102", "Required metadata header not specified")
        if [part.lower() for part in request.segments] != PATH:
            raise ServiceError(401, "unknown_source", f"Unknown Source {request.path}")
        if request.api_version:
            check_imds(request.api_version)
        resource = self.asked(request)
        return Reply(json=self.values(self.identity(request.query), resource))

    @staticmethod
    def asked(request):
        """The resource that a well-formed question names."""
        if request.method != "GET":
            raise ServiceError(405, "method_not_allowed", "The method is not allowed.")
        if not request.api_version:
            raise ServiceError(400, "invalid_request", "Required query variable 'api-version' is missing")
        resource = request.query.get("resource")
        if not resource:
            raise ServiceError(400, "invalid_request", "Required query variable 'resource' is missing")
        if audience_kind(resource) is None:
            raise ServiceError(400, "invalid_resource", "AADSTS500011: The resource principal named "
                               f"{resource} was not found in the tenant.")
        return resource

    def identity(self, query):
        given = [query[name] for name in SELECTORS if query.get(name)]
        if len(given) > 1:
            raise ServiceError(400, "invalid_request", "Only one of client_id, object_id and "
                               "msi_res_id may be given")
        principals = self.world.access.principals
        if not given:
            found = next(one for one in principals if one.system)
        else:
            found = self.world.access.find(given[0])
        if found is None or found.resource_id is None or given and found.name == given[0].lower():
            raise ServiceError(400, "invalid_request", "Identity not found")
        return found

    def values(self, principal, resource):
        """The answer with a token, the same one again while half of its life is left: IMDS caches."""
        now, key = self.world.clock(), (principal.client_id, resource)
        token, claims = self.cache.get(key, (None, {}))
        left = claims.get("exp", 0) - now
        if token is None or self.world.access.expired(claims) or \
                self.world.access.lacks_claims(claims) or \
                left < self.world.settings.token_lifetime / 2:
            if len(self.cache) > 100:
                self.cache.clear()
            token, claims = self.cache[key] = self.world.access.grant(principal, resource, secret=False)
            left = claims["exp"] - now
        return {
            "access_token": token, "client_id": principal.client_id, "refresh_token": "",
            "expires_in": str(int(left)), "expires_on": str(claims["exp"]),
            "ext_expires_in": str(int(left)), "not_before": str(claims["nbf"]),
            "resource": resource, "token_type": "Bearer"}

    def failure(self, request, error):
        more = error.inner if isinstance(error.inner, dict) else {}
        said = {} if error.message is None else {"error_description": error.message}
        return Reply(error.status, {"error": error.code, **said, **more}, dict(error.headers))

    def finish(self, request, reply):
        reply.headers.setdefault("Server", "IMDS/150.870.65.1523")
        reply.headers.setdefault("x-ms-request-id", request.request_id)
        return reply
