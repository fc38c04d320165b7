"""Client authentication by a signed token: one of the application's own, proved by a
certificate, or one of another issuer (RFC 7523; Microsoft Learn, "Microsoft identity platform
application authentication certificate credentials" and "Workload identity federation")."""
from datetime import datetime, timezone

from . import jwt
from .fields import FieldError, check, flag, integer, text
from .wire import ServiceError

KIND = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
FEDERATED_AUDIENCE = "api://AzureADTokenExchange"
FEDERATED_ISSUER = "https://oidc.sim.example"
FEDERATED_SUBJECT = "system:serviceaccount:keyrotd:keyrotd"
LONGEST = 24 * 3600         # an assertion of the application's own
FIELDS = {"issuer": text, "subject": text, "audience": text, "lifetime": integer, "spoilt": flag}


def _refused(message, number, error="invalid_client"):
    return ServiceError(401, error, message, number)


def _shown(moment):
    return datetime.fromtimestamp(moment, timezone.utc).strftime("%m/%d/%Y %H:%M:%S")


def _in_time(now, claims, longest=None):
    starts, ends = claims.get("nbf", claims.get("iat", 0)), claims.get("exp")
    # Five minutes of grace for clocks that differ.
    if isinstance(ends, (int, float)) and isinstance(starts, (int, float)) \
            and starts - 300 <= now < ends + 300 and (longest is None or ends <= now + longest):
        return
    ends = ends if isinstance(ends, (int, float)) else 0
    raise _refused("Client assertion is not within its valid time range. Current time: "
                   f"{_shown(now)}, assertion valid from {_shown(starts)}, expiry time of assertion "
                   f"{_shown(ends)}.", 700024)


def _unknown_key(reason, header, principal):
    thumbprint = header.get("x5t#S256", header.get("x5t", ""))
    return _refused("The certificate with identifier used to sign the client assertion is not "
                    f"registered on application. [Reason - {reason}, Thumbprint of key used by client: "
                    f"'{thumbprint}', Configured keys: [{len(principal.certificates.known)}]].", 700027)


def _certificate(world, principal, header):
    """The registered certificate that the header names; 700027 when there is none."""
    if ("x5t#S256" if header.get("alg") == "PS256" else "x5t") not in header:
        raise _refused("JWT token is invalid or malformed: the thumbprint does not go with the "
                       "algorithm.", 50027)
    found = principal.certificates.find(header)
    if found is None and header.get("x5c"):
        try:
            found = principal.certificates.trusted(header["x5c"])
        except (FieldError, TypeError):
            raise _refused("JWT token is invalid or malformed: x5c.", 50027) from None
    if found is None:
        raise _unknown_key("The key was not found.", header, principal)
    if not found.starts <= world.clock() < found.ends:
        raise _unknown_key("The key used is expired.", header, principal)
    return found


def _own(world, principal, parts, request):
    header, claims, message, signature = parts
    found = _certificate(world, principal, header)
    if not jwt.signed_by(found.modulus, header.get("alg"), message, signature):
        raise _refused("Client assertion failed signature validation. [Reason - The provided signature "
                       "value did not match the expected signature value.]", 700027)
    if str(claims.get("aud", "")).lower() != f"{request.base}{request.path}".split("?")[0].lower():
        raise _refused("Client assertion audience claim does not match Realm issuer. Review the "
                       "documentation.", 700023)
    if not {str(claims.get("iss", "")).lower(), str(claims.get("sub", "")).lower()} == \
            {principal.client_id}:
        raise _refused("Client assertion application identifier doesn't match 'client_id' parameter.",
                       700021)
    if not claims.get("jti"):
        raise _refused("JWT token is invalid or malformed: jti is missing.", 50027)
    _in_time(world.clock(), claims, LONGEST)


def _federated(world, parts, token):
    """A token of the simulated issuer, which signs with azsim's own key."""
    _, claims, _, _ = parts
    for number, name, wanted in ((700211, "issuer", FEDERATED_ISSUER),
                                 (700213, "subject", FEDERATED_SUBJECT),
                                 (700212, "audience", FEDERATED_AUDIENCE)):
        given = claims.get({"issuer": "iss", "subject": "sub", "audience": "aud"}[name])
        if isinstance(given, list) and len(given) == 1:
            given = given[0]
        if given != wanted:
            raise _refused("No matching federated identity record found for presented assertion "
                           f"{name} '{given}'. Check your federated identity credential Subject, Audience "
                           "and Issuer against the presented assertion.", number, "invalid_request")
    if world.access.signer.verify(token) is None:
        raise _refused("Assertion failed signature validation. [Reason - The provided signature value "
                       "did not match the expected signature value.]", 5001266, "invalid_request")
    _in_time(world.clock(), claims)


def client_assertion(world, principal, form, request):
    """Accepts a good one of either kind."""
    if form.get("client_assertion_type") != KIND:
        raise ServiceError(400, "invalid_request", "The request body must contain the following "
                           "parameter: 'client_assertion_type'.", 900144)
    token = form["client_assertion"]
    try:
        parts = jwt.split(token)
    except (ValueError, TypeError):
        raise _refused("JWT token is invalid or malformed.", 50027, "invalid_request") from None
    named = {"x5t", "x5t#S256", "x5c"} & set(parts[0])
    if named and parts[0].get("kid") != world.access.signer.key_id:
        _own(world, principal, parts, request)
    else:
        _federated(world, parts, token)


def federated_token(world, values):
    """What the simulated issuer makes: good for an hour unless told otherwise."""
    check("federated", FIELDS, values)
    now = int(world.clock())
    claims = {"iss": values.get("issuer", FEDERATED_ISSUER), "sub": values.get("subject", FEDERATED_SUBJECT),
              "aud": [values.get("audience", FEDERATED_AUDIENCE)], "iat": min(now, now + values.get("lifetime", 0)),
              "nbf": min(now, now + values.get("lifetime", 0)), "exp": now + values.get("lifetime", 3600)}
    token = world.access.signer.sign(claims)
    if values.get("spoilt"):
        token = token[:-8] + ("A" * 8 if token[-8:] != "A" * 8 else "B" * 8)
    return {"token": token}
