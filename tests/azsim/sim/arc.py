"""The agent of an Azure Arc-enabled server, which wants a file's content as proof.

Source: Microsoft Learn, "Authenticate against Azure resources with Azure Arc-enabled
servers"; the shape of the 401 as the official SDKs were recorded to take it.
"""
import base64
import os
import secrets

from .imds import SELECTORS, Imds
from .wire import Reply, ServiceError

PATH = ["arc", "metadata", "identity", "oauth2", "token"]
VERSIONS = ("2019-11-01", "2020-06-01")


class Arc(Imds):
    """One challenge, one file, one token."""

    name = "arc"
    usual = {**Imds.usual, 401: ("unauthorized_client", "Missing Basic Authorization header")}

    def __init__(self, world):
        super().__init__(world)
        self.file = None
        self.content = None

    def natural(self, request, status):
        if status == 401:
            return ServiceError(401, *self.usual[401], headers={
                "WWW-Authenticate": f"Basic realm={self._new_key()}"})
        return super().natural(request, status) if status == 400 else None

    def handle(self, request):
        if request.headers.get("metadata", "").lower() != "true":
            raise ServiceError(400, "bad_request_102", "Required metadata header not specified")
        if request.api_version not in VERSIONS:
            raise ServiceError(400, "invalid_request", "The api-version is not supported.")
        resource = self.asked(request)
        scheme, _, proof = request.headers.get("authorization", "").partition(" ")
        if not proof:
            raise self.natural(request, 401)
        good = scheme == "Basic" and self.content is not None and proof == self.content
        self._drop_key()
        if not good:
            raise ServiceError(401, "unauthorized_client", "The Authorization header is not valid.")
        if not self.world.settings.arc_user_assigned:
            # An agent that knows of no other identity passes over the parameters.
            return Reply(json=self.values(self.identity({}), resource))
        values = self.values(self.identity(request.query), resource)
        # It confirms the identity by the name that it was asked for: MSAL refuses a token
        # without that (npm @azure/identity 4.13.1).
        values.update({name: request.query[name] for name in SELECTORS if request.query.get(name)})
        return Reply(json=values)

    def _drop_key(self):
        if self.file is not None and os.path.lexists(self.file):
            os.unlink(self.file)
        self.file = self.content = None

    def _new_key(self):
        """A fresh key file for one answer."""
        self._drop_key()
        self.content = base64.b64encode(secrets.token_bytes(48)).decode()
        folder = self.world.settings.arc_directory or self.world.arc_directory
        self.file = os.path.join(folder, f"{secrets.token_hex(16)}.key")
        with open(os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o440), "w",
                  encoding="ascii") as file:
            file.write(self.content)
        return self.file

    def finish(self, request, reply):
        reply.headers.setdefault("x-ms-request-id", request.request_id)
        return reply
