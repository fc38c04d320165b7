"""What the documents at hand do not say, each with the reason why it is right."""
import re

# Versions whose document is not at hand, and the one that they are held against.
SAME_AS = {
    # EncryptionProperty, KeyVaultProperties, RegistryUpdateParameters and the answers of
    # Registries_Update are word for word the same (Azure/azure-rest-api-specs:
    # specification/containerregistry/resource-manager/Microsoft.ContainerRegistry/
    # stable/2023-07-01/containerregistry.json).
    "2023-07-01": "2022-12-01",
}

# A next page is asked for by a link, "as it is"; its query is the service's own.
SKIP_TOKEN = re.compile(r"\$skiptoken", re.IGNORECASE)

VAULTS = "/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft.KeyVault/vaults/"
REGISTRIES = "/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft.ContainerRegistry/registries/"
LOCAL = ("api-version", "resource", "client_id", "object_id", "msi_res_id", "mi_res_id")
FORM = "application/x-www-form-urlencoded"


class Row:
    """Requests of a kind that no document describes: service, method, path (whole, case
    aside), the query's names, the body's type, and why they are right all the same."""

    def __init__(self, service, method, path, query, why, body=None):
        self.service = service
        self.method = method
        self.path = re.compile(path, re.IGNORECASE)
        self.query = set(query)
        self.why = why
        self.body = body

    def fits(self, service, method, path):
        """Whether the row is about this request."""
        return service == self.service and method == self.method and bool(self.path.fullmatch(path))


ROWS = [
    Row("login", "POST", "/[0-9A-Za-z.-]+/oauth2/v2.0/token", [],
        "RFC 6749, section 4.4; Microsoft Learn, OAuth 2.0 client credentials flow", FORM),
    Row("login", "GET", "/[0-9A-Za-z.-]+/v2.0/.well-known/openid-configuration", [],
        "OpenID Connect Discovery 1.0, section 4"),
    Row("imds", "GET", "/metadata/identity/oauth2/token", LOCAL,
        "Microsoft Learn, Use managed identities on a virtual machine to acquire access token"),
    Row("imds", "GET", "/", [], "any answer tells that a service of this host is there"),
    Row("appservice", "GET", "/msi/token", LOCAL,
        "Microsoft Learn, How to use managed identities for App Service and Azure Functions"),
    Row("arc", "GET", "/arc/metadata/identity/oauth2/token", LOCAL,
        "Microsoft Learn, Authenticate against Azure resources with Azure Arc-enabled servers"),
    # The address is the service's own, out of Azure-AsyncOperation or Location
    # (Azure/azure-resource-manager-rpc, v1.0/async-api-reference.md).
    Row("arm", "GET", REGISTRIES + "[^/]+/operation(Statuses|Results)/[^/]+", ["api-version"],
        "the address out of the answer to a PATCH"),
    # "This URI fragment is optional", says GetKey of its key-version, which the path of
    # the document has no way to leave out.
    Row("vault", "GET", "/keys/[0-9A-Za-z-]{1,127}/?", ["api-version"], "GetKey without a version"),
    # specification/keyvault/resource-manager/Microsoft.KeyVault/stable/2022-07-01/keys.json
    Row("arm", "GET", VAULTS + "[^/]+/keys/[^/]+(/versions(/[^/]+)?)?", ["api-version"],
        "Azure/azure-rest-api-specs, Microsoft.KeyVault, Keys_Get, Keys_GetVersion, Keys_ListVersions"),
    Row("arm", "GET", VAULTS + "[^/]+", ["api-version"],
        "Azure/azure-rest-api-specs, Microsoft.KeyVault, Vaults_Get"),
    # specification/authorization/resource-manager/Microsoft.Authorization/
    # stable/2022-04-01/authorization-RoleDefinitionsCalls.json
    Row("arm", "GET", "/subscriptions/.+/providers/Microsoft.Authorization/permissions",
        ["api-version"], "Azure/azure-rest-api-specs, Microsoft.Authorization, Permissions_ListForResource"),
]

# Members that the service was seen to answer and the document does not have.
ANSWERED = {
    # Azure/azure-cli, recording test_keyvault_key_rotation.yaml
    "hsmPlatform",
}
