"""App Service's identity endpoint, which an app finds in its environment.

Source: Microsoft Learn, "How to use managed identities for App Service and Azure
Functions", "REST endpoint reference"; AzureAD/microsoft-authentication-library-for-go,
apps/managedidentity, for the answer's members.
"""
import hmac

from .imds import Imds
from .wire import Reply, ServiceError

PATH = ["msi", "token"]
VERSIONS = ("2019-08-01", "2025-03-30")


class AppService(Imds):
    """Answers whoever knows the secret of the environment."""

    name = "appservice"
    usual = {
        400: ("400", "No User Assigned or Delegated Managed Identity found for specified "
                     "ClientId/ResourceId/PrincipalId."),
        401: ("401", "The identity header is not the app's."),
        429: ("429", "Too many requests."),
        500: ("500", "An unexpected error occured while fetching the AAD Token."),
    }

    def natural(self, request, status):
        return None     # `usual` has its words

    def handle(self, request):
        given = request.headers.get("x-identity-header", "")
        if not hmac.compare_digest(given.encode(), self.world.appservice_header.encode()):
            raise ServiceError(401, "401", self.usual[401][1])
        if request.api_version not in VERSIONS:
            raise ServiceError(400, "400", "The api-version is not supported.")
        resource = self.asked(request)
        try:
            principal = self.identity(request.query)
        except ServiceError:
            raise ServiceError(400, "400", self.usual[400][1]) from None
        values = self.values(principal, resource)
        # As the documentation shows it: no expires_in.
        return Reply(json={name: values[name] for name in
                           ("access_token", "client_id", "expires_on", "resource", "token_type")})

    def failure(self, request, error):
        return Reply(error.status, {"statusCode": error.status, "message": error.message},
                     dict(error.headers))

    def finish(self, request, reply):
        return reply
