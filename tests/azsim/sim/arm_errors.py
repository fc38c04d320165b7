"""ARM's and the registry provider's errors, in their own words.

Sources: Azure/azure-resource-manager-rpc, v1.0/common-api-details.md; Microsoft Learn,
"Common Azure deployment errors" and "Understand how Azure Resource Manager throttles
requests"; Azure/azure-sdk-for-js and Azure/azure-sdk-for-go challenge tests for the 401.
"""
from datetime import datetime, timezone

from .wire import ServiceError, claims_challenge

GATEWAY = {"x-ms-failure-cause": "gateway"}     # errors ARM makes before the provider


class ProviderError(ServiceError):
    """An error of the registry provider, whose shape has one more member: "status"
    (Azure/azure-cli, acr recording test_acr_with_dual_stack_endpoints.yaml)."""


def _challenge(authority, tenant, error, text):
    return {"WWW-Authenticate": f'Bearer authorization_uri="{authority}/{tenant}", '
                                f'error="{error}", error_description="{text}"', **GATEWAY}


def missing_token(authority, tenant):
    return ServiceError(401, "AuthenticationFailed",
                        "Authentication failed. The 'Authorization' header is missing.",
                        headers=_challenge(authority, tenant, "invalid_token", "The authentication failed "
                                           "because of missing 'Authorization' header."))


def invalid_token(authority, tenant):
    message = "The access token is invalid."
    return ServiceError(401, "InvalidAuthenticationToken", message,
                        headers=_challenge(authority, tenant, "invalid_token", message))


def wrong_audience(authority, tenant, found):
    message = ("The access token has been obtained for wrong audience or resource "
               f"'{found}'. It should exactly match with one of the allowed audiences "
               "'https://management.core.windows.net/','https://management.azure.com'.")
    return ServiceError(401, "InvalidAuthenticationTokenAudience", message,
                        headers=_challenge(authority, tenant, "invalid_token", message))


def wrong_tenant(authority, tenant, found):
    message = (f"The access token is from the wrong issuer 'https://sts.windows.net/{found}/'. It must "
               f"match the tenant 'https://sts.windows.net/{tenant}/' associated with this subscription. "
               f"Please use the authority (URL) 'https://login.windows.net/{tenant}' to get the token.")
    return ServiceError(401, "InvalidAuthenticationTokenTenant", message,
                        headers=_challenge(authority, tenant, "invalid_token", message))


def insufficient_claims(world):
    return ServiceError(401, "TokenIssuedBeforeRevocationTimestamp",
                        "Continuous access evaluation resulted in challenge with result: "
                        "InteractionRequired and code: TokenIssuedBeforeRevocationTimestamp",
                        headers={"WWW-Authenticate": claims_challenge(world), **GATEWAY})


def _clock_text(moment):
    value = datetime.fromtimestamp(moment, timezone.utc)
    return f"{value.month}/{value.day}/{value.year} {value.hour % 12 or 12}:{value:%M:%S} " \
           f"{'AM' if value.hour < 12 else 'PM'}"


def expired_token(authority, tenant, expiry, now):
    message = (f"The access token expiry UTC time '{_clock_text(expiry)}' is earlier than current "
               f"UTC time '{_clock_text(now)}'.")
    return ServiceError(401, "ExpiredAuthenticationToken", message,
                        headers=_challenge(authority, tenant, "invalid_token", message))


def no_subscription(subscription):
    return ServiceError(404, "SubscriptionNotFound",
                        f"The subscription '{subscription}' could not be found.", headers=GATEWAY)


def no_group(group):
    return ServiceError(404, "ResourceGroupNotFound",
                        f"Resource group '{group}' could not be found.", headers=GATEWAY)


def no_resource(kind, group):
    return ServiceError(404, "ResourceNotFound",
                        f"The Resource '{kind}' under resource group '{group}' was not found. For more "
                        "details please go to https://aka.ms/ARMResourceNotFoundFix", headers=GATEWAY)


def no_parent(name):
    """Of a nested resource (Microsoft Learn, "Resolve errors for parent resources")."""
    return ServiceError(404, "ParentResourceNotFound", "Can not perform requested operation on nested "
                        f"resource. Parent resource '{name}' not found.", headers=GATEWAY)


def no_api_version():
    return ServiceError(400, "MissingApiVersionParameter", "The api-version query parameter "
                        "(?api-version=) is required for all requests.", headers=GATEWAY)


def denied(claims, action, scope):
    return ServiceError(403, "AuthorizationFailed",
                        f"The client '{claims['appid']}' with object id '{claims['oid']}' does not have "
                        f"authorization to perform action '{action}' over scope '{scope}' or the scope "
                        "is invalid. If access was recently granted, please refresh your credentials.",
                        headers=GATEWAY)


def denied_link(claims, action, scope, linked):
    return ServiceError(403, "LinkedAuthorizationFailed",
                        f"The client '{claims['appid']}' with object id '{claims['oid']}' has permission "
                        f"to perform action '{action}' on scope '{scope}'; however, it does not have "
                        "permission to perform action(s) 'Microsoft.ManagedIdentity/"
                        f"userAssignedIdentities/assign/action' on the linked scope(s) '{linked}' "
                        "(respectively) or the linked scope(s) are invalid.", headers=GATEWAY)


def throttled(kind, subscription, actor, wait):
    return ServiceError(429, "SubscriptionRequestsThrottled",
                        f"Number of '{kind}' requests for subscription '{subscription}' actor '{actor}' "
                        f"exceeded. Please try again after '{wait}' seconds.",
                        headers={"Retry-After": str(wait), **GATEWAY})


def no_method(method, path):
    return ServiceError(405, "MethodNotAllowed", f"The method {method} is not allowed on {path}.")


def bad_content(message):
    return ServiceError(400, "InvalidRequestContent", message, headers=GATEWAY)


def bad_request(message):
    return ProviderError(400, "BadRequest", message)


def busy(registry):
    """A write during a write. The status is general practice; neither the service's code
    nor its words were ever published."""
    return ProviderError(409, "Conflict", f"The registry {registry} is being changed by another "
                         "operation. Try again after it has ended.")
