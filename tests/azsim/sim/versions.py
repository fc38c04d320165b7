"""The api-versions each service knows, and how it refuses any other.

Known are those of the published documents and those that recorded clients sent
(Azure/azure-rest-api-specs; Azure CLI 2.45 and the JavaScript and Python SDKs). The
texts: Azure/azure-sdk-for-python#28595 for Key Vault, Azure/acr#70 for a provider's
and Azure/azure-cli#27239 for Resource Manager's own; Microsoft Learn, "Azure Instance
Metadata Service". Entra ID's token endpoint has no versions of this kind.
"""
import re

from . import arm_errors, names
from .vault_errors import bad_parameter
from .wire import ServiceError

DATE = re.compile(r"20\d\d-\d\d-\d\d(-preview)?")

VAULT = ("2016-10-01", "7.0", "7.1", "7.2", "7.3", "7.4-preview.1", "7.4", "7.5", "7.6", "2025-07-01",
         "2026-04-01")
IMDS = (
    "2018-02-01", "2018-04-02", "2018-10-01", "2019-02-01", "2019-03-11", "2019-04-30", "2019-06-01",
    "2019-06-04", "2019-08-01", "2019-08-15", "2019-11-01", "2020-06-01", "2020-07-15", "2020-09-01",
    "2020-10-01", "2020-12-01", "2021-01-01", "2021-02-01", "2021-03-01", "2021-05-01", "2021-10-01",
    "2021-11-01", "2021-11-15", "2021-12-13", "2023-07-01", "2023-11-15", "2024-03-15", "2024-07-17",
    "2025-04-07")
# Resource Manager's own, for subscriptions, groups and the list of resources.
ARM = (
    "2016-06-01", "2016-09-01", "2017-05-10", "2018-02-01", "2018-05-01", "2019-05-01", "2019-06-01",
    "2019-10-01", "2019-11-01", "2020-01-01", "2020-05-01", "2020-06-01", "2020-10-01", "2021-01-01",
    "2021-04-01", "2022-01-01", "2022-09-01", "2022-12-01", "2023-07-01", "2024-03-01", "2024-08-01")
# Of each provider: a namespace in lower case. One more is one row.
PROVIDERS = {
    "microsoft.containerregistry": (
        "2019-12-01-preview", "2021-08-01-preview", "2021-09-01", "2022-02-01-preview", "2022-12-01",
        "2023-07-01", "2025-04-01", "2025-11-01", "2026-09-01-preview"),
    "microsoft.keyvault": (
        "2019-09-01", "2021-10-01", "2022-07-01", "2023-02-01", "2023-07-01", "2024-11-01", "2025-05-01",
        "2026-02-01"),
    "microsoft.managedidentity": (
        "2015-08-31-preview", "2018-11-30", "2021-09-30-preview", "2022-01-31-preview", "2023-01-31",
        "2024-11-30"),
    "microsoft.resourcegraph": ("2019-04-01", "2021-03-01", "2022-10-01", "2024-04-01"),
    "microsoft.authorization": ("2015-07-01", "2018-07-01", "2022-04-01"),
}


def check_vault(version):
    """Raises what Key Vault answers unless it knows the version."""
    if not version:
        raise bad_parameter("api-version must be specified")
    if version not in VAULT:
        raise bad_parameter(f"The specified version ({version}) is not recognized. Consider using the latest "
                            f"supported version ({VAULT[-1]}).")


def check_imds(version):
    """The same for the metadata service, whose answer is no pair of code and words."""
    if version not in IMDS:
        raise ServiceError(400, "Bad request. api-version is invalid or was not specified in the request. "
                           "For more information refer to aka.ms/azureimds", None,
                           {"newest-versions": list(IMDS[:-4:-1])})


def provider_type(segments):
    """(namespace, type) of a path's last provider, or None; the type without its names."""
    lowered = [part.lower() for part in segments]
    if "providers" not in lowered:
        return None
    at = len(lowered) - 1 - lowered[::-1].index("providers")
    rest = segments[at + 1:]
    return (rest[0].lower(), "/".join(rest[1::2])) if len(rest) > 1 else None


def check_arm(version, segments):
    """The same for Resource Manager, which knows what the provider of the path knows."""
    if not version:
        raise arm_errors.no_api_version()
    found = provider_type(segments)
    known = PROVIDERS.get(found[0]) if found else ARM
    if known is None or version.lower() in known:
        return
    if found is None or not DATE.fullmatch(version.lower()):
        raise ServiceError(400, "InvalidApiVersionParameter",
                           f"The api-version '{version}' is invalid. The supported versions are "
                           f"'{','.join(reversed(ARM))}'.", headers=arm_errors.GATEWAY)
    raise ServiceError(400, "NoRegisteredProviderFound",
                       f"No registered resource provider found for location '{names.LOCATION}' and API "
                       f"version '{version}' for type '{found[1]}'. The supported api-versions are "
                       f"'{', '.join(known)}'. The supported locations are '{names.LOCATION}'.",
                       headers=arm_errors.GATEWAY)
