"""Client authentication by secret (RFC 6749, section 2.3.1, in the request body)."""
import hmac

from .wire import ServiceError


def wrong_secret(principal):
    return ServiceError(401, "invalid_client",
                        "Invalid client secret provided. Ensure the secret being sent in the "
                        "request is the client secret value, not the client secret ID, for a "
                        f"secret added to app '{principal.client_id}'.", 7000215)


def client_secret(_world, principal, form, _request):
    """Accepts the right secret."""
    given = form["client_secret"]
    if principal.secret and hmac.compare_digest(given.encode(), principal.secret.encode()):
        return
    raise wrong_secret(principal)
