"""Entra ID: discovery documents and the v2 token endpoint.

Sources: Microsoft Learn, "OAuth 2.0 client credentials flow" and "Microsoft Entra
authentication and authorization error codes"; AzureAD/microsoft-authentication-library-
for-python for what its discovery reads.
"""
import json
from datetime import datetime, timezone
from urllib.parse import parse_qsl, urlsplit

from . import names
from .clouds import audience_kind
from .client_assertion import client_assertion
from .client_secret import client_secret, wrong_secret
from .service import Service
from .wire import Reply, ServiceError

# How a client may prove who it is: form member -> check. Another way is one row more.
METHODS = {"client_secret": client_secret, "client_assertion": client_assertion}
# What stands for many tenants: there for discovery, and for people who sign in.
MANY = ("common", "organizations", "consumers")


class Entra(Service):
    """The login host."""

    name = "login"
    usual = {
        401: ("invalid_client", "Invalid client secret provided."),
        429: ("temporarily_unavailable", "The service is throttling requests."),
        500: ("server_error", "The service met an error."),
        503: ("temporarily_unavailable", "The service is temporarily unavailable."),
    }

    def natural(self, request, status):
        if status != 401:
            return None
        form = dict(parse_qsl(request.body.decode("utf-8", "replace")))
        found = self.world.access.find(form.get("client_id", "")) or self.world.access.principals[0]
        return wrong_secret(found)

    def handle(self, request):
        parts = [part.lower() for part in request.segments]
        if parts[1:] == ["discovery", "instance"]:
            return self._instance(request)
        if parts[1:] in (["v2.0", ".well-known", "openid-configuration"],
                         [".well-known", "openid-configuration"]):
            return self._configuration(request, request.segments[0])
        if parts[1:] == ["discovery", "v2.0", "keys"]:
            return Reply(json={"keys": [self.world.access.signer.jwk()]})
        if parts[1:] == ["oauth2", "v2.0", "token"]:
            return self._token(request, request.segments[0])
        raise ServiceError(404, "not_found", f"The path {request.path} was not found.", 90002)

    def _instance(self, request):
        """Instance discovery. MSAL drops the port from the authority it asks about, so
        the answer puts this server's own port back; follow-up requests need it."""
        asked = urlsplit(request.query.get("authorization_endpoint", ""))
        if not asked.hostname:
            raise ServiceError(400, "invalid_instance", "authorization_endpoint is missing.", 50049)
        host = asked.netloc
        if asked.port is None and asked.hostname.endswith(".localhost"):
            host = f"{asked.hostname}:{self.world.port}"
        tenant = asked.path.strip("/").split("/")[0] or "common"
        return Reply(json={
            "tenant_discovery_endpoint":
                f"https://{host}/{tenant}/v2.0/.well-known/openid-configuration",
            "api-version": request.query.get("api-version", "1.0"),
            "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}]})

    def _configuration(self, request, tenant):
        self._known_tenant(tenant)
        # Whoever asks by a domain's name is told the tenant's id (OpenID configuration
        # documents of login.microsoftonline.com).
        base = f"{request.base}/{self.world.access.tenant(tenant) or tenant}"
        return Reply(json={
            "token_endpoint": f"{base}/oauth2/v2.0/token",
            "token_endpoint_auth_methods_supported":
                ["client_secret_post", "private_key_jwt", "client_secret_basic"],
            "jwks_uri": f"{base}/discovery/v2.0/keys",
            "response_modes_supported": ["query", "fragment", "form_post"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "issuer": f"{base}/v2.0",
            "request_uri_parameter_supported": False,
            "userinfo_endpoint": "https://graph.microsoft.com/oidc/userinfo",
            "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
            "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
            "end_session_endpoint": f"{base}/oauth2/v2.0/logout",
            "claims_supported": ["sub", "iss", "aud", "exp", "iat"],
            "tenant_region_scope": "EU", "cloud_instance_name": request.host,
            "cloud_graph_host_name": "graph.windows.net", "msgraph_host": "graph.microsoft.com"})

    def _known_tenant(self, tenant):
        if self.world.access.tenant(tenant) is None and tenant.lower() not in MANY:
            raise ServiceError(400, "invalid_request",
                               f"Tenant '{tenant}' not found. Check to make sure you have the "
                               "correct tenant ID and are signing into the correct cloud.", 90002)

    def _token(self, request, tenant):
        if request.method != "POST":
            raise ServiceError(405, "invalid_request", "The endpoint only accepts POST requests.", 900561)
        self._known_tenant(tenant)
        form = self._form(request)
        if tenant.lower() in MANY:
            # An application has no home there (AzureAD/microsoft-identity-web#462).
            raise ServiceError(400, "invalid_request", "No tenant-identifying information found in either "
                               "the request or implied by any provided credentials.", 50059)
        principal = self._application(form["client_id"], tenant)
        audience = self._audience(form["scope"], tenant)
        self._authenticate(principal, form, request)
        token, _ = self.world.access.grant(
            principal, audience, self.world.access.tenant(tenant),
            secret="client_secret" in form, wanted=self._claims(form))
        lifetime = self.world.settings.token_lifetime
        # expires_in is a number here; IMDS sends a string.
        return Reply(json={"token_type": "Bearer", "expires_in": lifetime,
                           "ext_expires_in": lifetime, "access_token": token})

    @staticmethod
    def _form(request):
        try:
            form = dict(parse_qsl(request.body.decode("utf-8"), keep_blank_values=True))
        except (UnicodeDecodeError, ValueError):
            form = {}
        for name in ("grant_type", "client_id", "scope"):
            if not form.get(name):
                raise ServiceError(400, "invalid_request", "The request body must contain the "
                                   f"following parameter: '{name}'.", 900144)
        if form["grant_type"] != "client_credentials":
            raise ServiceError(400, "unsupported_grant_type", "The app requested an unsupported "
                               f"grant type '{form['grant_type']}'.", 70003)
        return form

    @staticmethod
    def _claims(form):
        """What the caller wants the token to say (OpenID Connect Core, section 5.5)."""
        if not form.get("claims"):
            return None
        try:
            wanted = json.loads(form["claims"])
        except ValueError:
            wanted = None
        if not isinstance(wanted, dict):
            raise ServiceError(400, "invalid_request", "The claims parameter is not valid JSON.", 9000411)
        # That a client can answer challenges is no claim that a challenge asks for.
        return [name for name in wanted.get("access_token", {}) if name != "xms_cc"] or None

    def _application(self, client_id, tenant):
        principal = self.world.access.find(client_id)
        if principal is None or principal.secret is None or client_id.lower() != principal.client_id:
            raise ServiceError(400, "unauthorized_client", f"Application with identifier '{client_id}' "
                               f"was not found in the directory '{tenant}'. This can happen if the "
                               "application has not been installed by the administrator of the tenant.",
                               700016)
        return principal

    @staticmethod
    def _audience(scope, tenant):
        """What stands before "/.default". Azure CLI asks for
        "https://management.core.windows.net//.default": the slash belongs to the audience."""
        audience, found, rest = scope.partition("/.default")
        if not found or rest or not audience or " " in scope:
            raise ServiceError(400, "invalid_scope", "The provided value for the input parameter "
                               f"'scope' is not valid. The scope {scope} is not valid.", 70011)
        if audience_kind(audience) is None:
            raise ServiceError(400, "invalid_resource", f"The resource principal named {audience} was "
                               f"not found in the tenant named {tenant}. This can happen if the "
                               "application has not been installed by the administrator of the tenant.",
                               500011)
        return audience

    def _authenticate(self, principal, form, request):
        for name, method in METHODS.items():
            if form.get(name):
                method(self.world, principal, form, request)
                return
        raise ServiceError(401, "invalid_client", "The request body must contain the following "
                           "parameter: 'client_assertion' or 'client_secret'.", 7000218)

    def failure(self, request, error):
        """RFC 6749, section 5.2, with Microsoft's additions."""
        moment = datetime.fromtimestamp(self.world.clock(), timezone.utc).strftime("%Y-%m-%d %H:%M:%SZ")
        trace, correlation = request.request_id, request.headers.get("client-request-id", names.guid())
        number = int(error.inner) if str(error.inner or "").isdecimal() else None
        prefix = f"AADSTS{number}: " if number else ""
        body = {"error": error.code,
                "error_description": f"{prefix}{error.message}\r\nTrace ID: {trace}\r\n"
                                     f"Correlation ID: {correlation}\r\nTimestamp: {moment}",
                "error_codes": [number] if number else [], "timestamp": moment,
                "trace_id": trace, "correlation_id": correlation}
        if number:
            body["error_uri"] = f"{request.base}/error?code={number}"
        return Reply(error.status, body, dict(error.headers))

    def finish(self, request, reply):
        reply.headers.update({
            "Cache-Control": "no-store, no-cache", "Pragma": "no-cache", "Expires": "-1",
            "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
            "X-Content-Type-Options": "nosniff", "x-ms-request-id": request.request_id})
        if request.headers.get("return-client-request-id", "").lower() == "true" \
                and "client-request-id" in request.headers:
            reply.headers["client-request-id"] = request.headers["client-request-id"]
        return reply
