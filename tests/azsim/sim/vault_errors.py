"""Key Vault's errors, in its own words.

Sources: Azure/azure-sdk-for-net, sdk/keyvault/TROUBLESHOOTING.md; Azure/azure-cli,
keyvault recording test_keyvault_key_rotation.yaml; Microsoft Learn, "Azure Key Vault
REST API error codes"; public logs for the firewall and throttling texts.
"""
from .wire import ServiceError, claims_challenge

HELP_POLICY = ("For help resolving this issue, please see "
               "https://go.microsoft.com/fwlink/?linkid=2125287")
HELP_MISSING = ("If you recently deleted this key you may be able to recover it using the correct "
                "recovery command. For help resolving this issue, please see "
                "https://go.microsoft.com/fwlink/?linkid=2125182")


def caller(claims):
    """How the service names who asked."""
    return f"appid={claims['appid']};oid={claims['oid']};iss={claims['iss']}"


def unauthorized(message):
    return ServiceError(401, "Unauthorized", message)


def missing_token():
    return unauthorized("AKV10000: Request is missing a Bearer or PoP token.")


def unreadable_token():
    # No public source quotes the service's words for this case.
    return unauthorized("[BearerReadAccessTokenFailed] Error validating token.")


def unknown_signer():
    # hashicorp/terraform-provider-azurerm#30912
    return unauthorized("AKV10046: Unable to resolve the key used for signature validation.")


def expired_token():
    return unauthorized("[TokenExpired] Error validating token: 'S2S12086'.")


def insufficient_claims(world):
    """Continuous access evaluation, as Azure/azure-sdk-for-js tests it for Key Vault."""
    return ServiceError(401, "Unauthorized", "[TokenClaimsInsufficient] Error validating token.",
                        headers={"WWW-Authenticate": claims_challenge(world)})


def wrong_audience(expected, found):
    return unauthorized(f"AKV10022: Invalid audience. Expected {expected}, found: {found}.")


def wrong_issuer(expected, found):
    return unauthorized(f"AKV10032: Invalid issuer. Expected one of {expected}, found {found}.")


def forbidden(kind, claims, action, right, vault, location, resource):
    """The 403 of a caller without rights: by RBAC, by policy, or in the older form."""
    who, where = caller(claims), f"{vault};location={location}"
    if kind == "rbac":
        return ServiceError(
            403, "Forbidden",
            "Caller is not authorized to perform action on resource.\r\nIf role assignments, deny "
            "assignments or role definitions were changed recently, please observe propagation "
            f"time.\r\nCaller: {who}\r\nAction: 'Microsoft.KeyVault/vaults/{action}'\r\n"
            f"Resource: '{resource}'\r\nAssignment: (not found)\r\nDenyAssignmentId: null\r\n"
            f"DecisionReason: 'DeniedWithNoValidRBAC' \r\nVault: {where}\r\n", "ForbiddenByRbac")
    inner = "ForbiddenByPolicy" if kind == "policy" else "AccessDenied"
    return ServiceError(403, "Forbidden", f"The user, group or application '{who}' does not have keys "
                        f"{right} permission on key vault '{where}'. {HELP_POLICY}", inner)


def by_network(kind, claims, vault, location):
    """The 403 of a vault that lets nobody in from here."""
    tail = f"\r\nCaller: {caller(claims)}\r\nVault: {vault};location={location}"
    if kind == "connection":
        return ServiceError(403, "Forbidden", "Public network access is disabled and request is not "
                            "from a trusted service nor via an approved private link." + tail,
                            "ForbiddenByConnection")
    return ServiceError(403, "Forbidden", "Client address is not authorized and caller is not a trusted "
                        "service.\r\nClient address: 127.0.0.1" + tail, "ForbiddenByFirewall")


def disabled(operation):
    """The other answer to reading a disabled key."""
    return ServiceError(403, "Forbidden", f"Operation {operation} is not allowed on a disabled key.",
                        "KeyDisabled")


def not_permitted(operation):
    return ServiceError(403, "Forbidden", f"Operation {operation} is not permitted on this key.",
                        "KeyOperationForbidden")


def out_of_time(operation, early):
    """Before nbf or after exp. The service's words and inner code are not public."""
    why = "not yet valid" if early else "expired"
    return ServiceError(403, "Forbidden", f"Operation {operation} is not allowed on a key that is {why}.")


def no_key(name):
    return ServiceError(404, "KeyNotFound", f"A key with (name/id) {name} was not found in this key "
                        f"vault. {HELP_MISSING}")


def no_deleted_key(name):
    return ServiceError(404, "KeyNotFound", f"Deleted Key not found: {name}")


def name_taken(name):
    return ServiceError(409, "Conflict", f"Key {name} is currently in a deleted but recoverable state, "
                        "and its name cannot be reused; in this state, the key can only be recovered "
                        "or purged.", "ObjectIsDeletedButRecoverable")


def being_deleted(name):
    return ServiceError(409, "Conflict", f"Key {name} is currently being deleted.", "ObjectIsBeingDeleted")


def throttled():
    """429 without Retry-After, as two public dumps of real answers show it
    (vcsjones/AzureSignTool#219, dotnet/sign#403)."""
    return ServiceError(429, "Throttled", "Request was not processed because too many requests were "
                        "received. Reason: VaultRequestTypeLimitReached")


def bad_parameter(message):
    return ServiceError(400, "BadParameter", message)
