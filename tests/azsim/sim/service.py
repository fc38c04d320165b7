"""What every service has in common."""
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
