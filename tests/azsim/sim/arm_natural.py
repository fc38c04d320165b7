"""The errors with which Resource Manager itself would answer a request: what a fault
that orders a status has to look like."""
import re

from . import arm_errors as errors, names
from .wire import ServiceError

ACTIONS = {"GET": "read", "HEAD": "read", "PATCH": "write", "PUT": "write", "DELETE": "delete"}
REGISTRY = re.compile(r"/subscriptions/([^/]+)/resourcegroups/([^/]+)/providers/"
                      r"microsoft\.containerregistry/registries/([^/?]+)(/operationstatuses/([^/?]+))?",
                      re.IGNORECASE)
# Codes of the gateway, before a provider hears of the request (Microsoft Learn, "Common
# Azure deployment errors" and "Lock your resources"); all others are the provider's.
GATEWAY_CODES = {
    "AuthorizationFailed", "LinkedAuthorizationFailed", "DenyAssignmentAuthorizationFailed",
    "ScopeLocked", "RequestDisallowedByPolicy", "MissingSubscriptionRegistration",
    "SubscriptionNotFound", "ResourceGroupNotFound", "ResourceNotFound", "DisabledSubscription",
    "ReadOnlyDisabledSubscription", "SubscriptionRequestsThrottled", "GatewayTimeout",
    "InvalidRequestContent", "InvalidApiVersionParameter", "NoRegisteredProviderFound",
}


PERMISSIONS = "/providers/microsoft.authorization/permissions"


def _denied(request, claims, found):
    place = request.path.lower().rfind(PERMISSIONS)
    if place >= 0:
        return errors.denied(claims, "Microsoft.Authorization/permissions/read", request.path[:place])
    action = ACTIONS.get(request.method, "action")
    kind = f"{names.ACR_TYPE}/{'operationStatuses/' if found and found[4] else ''}{action}"
    return errors.denied(claims, kind, names.registry_id(*found.group(1, 2, 3)) if found else request.path)


def _missing(found):
    if found is None:
        return None
    what = f"{names.ACR_TYPE}/{found[3]}"
    return errors.no_resource(f"{what}/operationStatuses/{found[5]}" if found[4] else what, found[2])


def natural(service, request, status):
    """The error of this status that this request would meet, or None."""
    found, claims = REGISTRY.match(request.path), service.caller(request)
    tenant = names.TENANT
    if status == 401:
        make = errors.invalid_token if request.bearer() else errors.missing_token
        return make(service.world.authority, tenant)
    if status == 403:
        return _denied(request, claims, found)
    if status == 404:
        return _missing(found)
    if status == 409 and found:
        return errors.busy(found[3])
    if status == 429:
        parts = request.segments
        subscription = parts[1] if len(parts) > 1 and parts[0].lower() == "subscriptions" else None
        # A caller whose bucket is empty waits for the next call, which is a second at most.
        return errors.throttled(service.kind(request)[:-1], subscription, claims["oid"], 1)
    return None


def reworded(request, error, code):
    """The error under another code, in the shape of whoever has that code."""
    provider = code not in GATEWAY_CODES and error.status in (400, 403, 404, 409) and REGISTRY.match(request.path)
    kind = errors.ProviderError if provider else ServiceError
    headers = dict(error.headers)
    if not provider and code in GATEWAY_CODES:
        headers.update(errors.GATEWAY)
    elif provider:
        headers.pop("x-ms-failure-cause", None)
    return kind(error.status, code, error.message, error.inner, headers)
