"""Requests, replies and errors as plain values; no sockets here."""
import base64
import json
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qsl, unquote


@dataclass
class Request:
    """One HTTP request as read from the wire."""
    method: str
    target: str
    headers: dict           # names in lower case
    body: bytes
    connection: int
    request_id: str
    service: str = ""       # login, imds, vault, arm or admin, set by the server
    fault: dict = None      # the order of a fault that concerns it
    quota: dict = field(default_factory=dict)  # rate-limit headers of the answer

    def __post_init__(self):
        target = self.target
        if target.lower().startswith(("http://", "https://")):   # absolute form, RFC 9112, 3.2.2
            target = "/" + target.partition("://")[2].partition("/")[2]
        self.path, _, query = target.partition("?")
        # Clients percent-encode even the names: the JavaScript Key Vault client
        # sends "api%2Dversion" (npm @azure/keyvault-keys 4.10.2).
        pairs = parse_qsl(query, keep_blank_values=True)
        self.query = {name.lower(): value for name, value in pairs}
        self.host = self.headers.get("host", "").lower()
        self.host_name = self.host.rsplit(":", 1)[0] if not self.host.endswith("]") else self.host

    @property
    def segments(self):
        """The path's parts, percent-decoded; a trailing slash adds nothing."""
        return [unquote(part) for part in self.path.split("/") if part]

    @property
    def base(self):
        """The URL the client used to get here. Links are built from it, port included."""
        return f"https://{self.host}"

    @property
    def api_version(self):
        """The api-version as the client gave it, or None."""
        return self.query.get("api-version") or None

    def bearer(self):
        """The bearer token, or None when there is none."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" and token.strip() else None

    def json(self):
        """The body as a JSON object; ValueError when it is none."""
        try:
            value = json.loads(self.body.decode("utf-8"))
        except RecursionError:
            raise ValueError("the body is nested too deeply") from None
        if not isinstance(value, dict):
            raise ValueError("the body is not a JSON object")
        return value


@dataclass
class Reply:
    """One HTTP answer."""
    status: int = 200
    json: object = None
    headers: dict = field(default_factory=dict)
    raw: bytes = None        # instead of json

    def payload(self):
        """The body's bytes, made once."""
        if self.raw is None:
            self.raw = b"" if self.json is None else json.dumps(self.json, separators=(",", ":")).encode()
        return self.raw


class ServiceError(Exception):
    """An error answer; each service gives it its own JSON shape."""

    def __init__(self, status, code, message, inner=None, headers=None):
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.inner = inner
        self.headers = headers or {}


def reason(status):
    """The reason phrase of a status, also for unusual numbers."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Status"


def claims_challenge(world):
    """The header of a service that wants a token with claims (Microsoft Learn, "Claims
    challenges, claims requests and client capabilities")."""
    wanted = {"access_token": {"nbf": {"essential": True, "value": str(int(world.clock()))}}}
    text = base64.b64encode(json.dumps(wanted, separators=(",", ":")).encode()).decode()
    return (f'Bearer realm="", authorization_uri="{world.authority}/common/oauth2/authorize", '
            f'error="insufficient_claims", claims="{text}"')
