"""What every service has in common."""
from . import names
from .wire import Reply, ServiceError, reason


class Service:
    """A service answers requests, shapes its own errors and adds its own headers."""

    name = ""
    usual = {}      # status -> (code, message) of an error ordered without words

    def __init__(self, world):
        self.world = world

    def handle(self, request):
        """The answer to a request, or a ServiceError."""
        raise NotImplementedError

    def failure(self, request, error):
        """An error in the shape of ARM and Key Vault."""
        return Reply(error.status, {"error": {"code": error.code, "message": error.message}},
                     dict(error.headers))

    def finish(self, request, reply):
        """Adds the headers every answer of the service carries."""
        return reply

    def natural(self, request, status):
        """The error of this status with which the service itself would answer the request,
        or None: it has none, or nobody knows its words."""

    def reworded(self, request, error, code):
        """The same error under a code that a fault orders."""
        return ServiceError(error.status, code, error.message, error.inner, error.headers)

    def ordered(self, request, order):
        """The error that a fault orders: the service's own one, so that nobody can tell
        them apart, but in the order's words where it has some."""
        status = order["status"]
        error = self.natural(request, status) or ServiceError(status, *self.usual_error(status))
        if order.get("code", error.code) != error.code:
            error = self.reworded(request, error, order["code"])
        error.message = order.get("message", error.message)
        error.inner = order.get("innererror", error.inner)
        return error

    def caller(self, request):
        """The claims of the request's token, or those of the daemon's own."""
        found = self.world.access.claims(request.bearer() or "")
        if found is None:
            one = self.world.access.principals[0]
            found = {"appid": one.client_id, "oid": one.object_id,
                     "iss": f"https://sts.windows.net/{names.TENANT}/"}
        return found

    def usual_error(self, status):
        """Code and message for a status."""
        words = reason(status)
        return self.usual.get(status, (words.replace(" ", ""), words))


def unknown_path(request):
    """The error for a path no service knows."""
    return ServiceError(404, "NotFound", f"No resource was found at {request.path}.")


def read_json(request, code):
    """The request's body as an object; a 400 with the service's code when it is none."""
    try:
        return request.json()
    except ValueError:
        raise ServiceError(400, code, "The request body is not valid JSON.") from None
