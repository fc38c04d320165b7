"""Who may do what: applications, managed identities, their rights and their tokens."""
import time
from collections import deque
from dataclasses import dataclass, field

from . import names
from .arm_permissions import ACTIONS, LISTS, allows
from .certificates import Certificates
from .fields import FieldError, check, flag, text

RIGHTS = ("vault_get", "vault_write", "vault_wrap", "arm_read", "arm_write", "op_read",
          "identity_assign", "permissions_read")


def is_roles(value):
    """Role assignments as the permissions API shows them, or null: single rights decide again."""
    return value is None or isinstance(value, list) and all(
        isinstance(role, dict) and not role.keys() - set(LISTS)
        and all(isinstance(one, list) and all(map(text, one)) for one in role.values())
        for role in value)


@dataclass
class Principal:
    """An application or a managed identity."""
    name: str
    client_id: str
    object_id: str
    resource_id: str = None     # managed identities only
    secret: str = None          # applications only
    system: bool = False
    certificates: Certificates = field(default_factory=Certificates)    # applications only


class Access:
    """Principals, rights, and the tokens handed out."""

    def __init__(self, clock, settings, signer, secret):
        self.clock = clock
        self.settings = settings
        self.signer = signer
        self.principals = [
            Principal("daemon", names.CLIENT_ID, names.CLIENT_OBJECT_ID, secret=secret),
            Principal(names.MI_NAME, names.MI_CLIENT_ID, names.MI_OBJECT_ID,
                      names.identity_id(names.MI_NAME)),
            Principal("system", names.SYSTEM_CLIENT_ID, names.SYSTEM_OBJECT_ID,
                      names.VM_RESOURCE_ID, system=True),
            Principal(names.ACR_MI_NAME, names.ACR_MI_CLIENT_ID, names.ACR_MI_OBJECT_ID,
                      names.identity_id(names.ACR_MI_NAME)),
        ]
        self.rules = []
        self.revoked_until = {}     # client id, or None: everybody's
        self.claims_since = 0
        self.tenants = {names.TENANT: names.TENANT, names.DOMAIN: names.TENANT}
        self.known = {}
        self.order = deque()

    def find(self, word):
        """A principal by its name, client id, object id or ARM id."""
        wanted = word.lower()
        for one in self.principals:
            if wanted in (one.name, one.client_id, one.object_id, (one.resource_id or "-").lower()):
                return one
        return None

    def permit(self, values):
        """Grants or takes rights, perhaps below one scope only."""
        table = {"principal": text, "scope": text, "roles": is_roles,
                 **{right: flag for right in RIGHTS}}
        check("permissions", table, values, required=["principal"])
        principal = self.find(values["principal"])
        subject = principal.client_id if principal else values["principal"].lower()
        if not principal and not names.GUID.match(subject):
            raise FieldError(f"permissions: no principal \"{values['principal']}\"")
        rights = {right: values[right] for right in RIGHTS + ("roles",) if right in values}
        self.rules.append((subject, values.get("scope", "").lower(), rights))
        return {"principal": subject, "scope": values.get("scope", ""), **rights}

    def allowed(self, client_id, right, scope=""):
        """Whether it has the right; the newest rule that fits decides, without one it has."""
        for rights in self._rules(client_id, scope):
            if right in rights:
                return rights[right]
            if right in ACTIONS and rights.get("roles") is not None:
                return allows(rights["roles"], right)
        return True

    def roles(self, client_id, scope):
        """The roles that say what it may do there; None: single rights do."""
        for rights in self._rules(client_id, scope):
            if rights.keys() & ACTIONS.keys():
                return None
            if "roles" in rights:
                return rights["roles"]
        return None

    def _rules(self, client_id, scope):
        return (rights for subject, prefix, rights in reversed(self.rules)
                if subject == client_id.lower() and scope.lower().startswith(prefix))

    def grant(self, principal, audience, tenant=names.TENANT, secret=True, wanted=None):
        """A fresh access token and its claims (Microsoft Learn, "Access token claims reference")."""
        now = self.clock()
        claims = {
            "aud": audience, "iss": f"https://sts.windows.net/{tenant}/",
            "iat": int(now), "nbf": int(now) - 300, "exp": int(now) + self.settings.token_lifetime,
            "appid": principal.client_id, "appidacr": "1" if secret else "2",
            "idp": f"https://sts.windows.net/{tenant}/", "idtyp": "app",
            "oid": principal.object_id, "sub": principal.object_id, "tid": tenant,
            "uti": f"{time.time_ns():x}", "ver": "1.0",
        }
        if wanted:
            claims["xms_sim_claims"] = wanted
        if principal.resource_id:
            claims["xms_mirid"] = principal.resource_id
        return self.signer.sign(claims), claims

    def tenant(self, word):
        """The id of a tenant that is named by its id or a domain; None when there is none."""
        return self.tenants.get(word.lower())

    def add_tenant(self, values):
        """Another tenant, in which the application is known too."""
        check("tenant", {"id": text, "domain": text}, values, required=["id"])
        if not names.GUID.match(values["id"]):
            raise FieldError("tenant: the id is no GUID")
        for word in (values["id"], values.get("domain", values["id"])):
            self.tenants[word.lower()] = values["id"].lower()
        return values

    def demand_claims(self, wanted):
        """Every token issued until now lacks claims from here on; an application's next
        one has to be asked for with them. Or none does."""
        self.claims_since = time.time_ns() if wanted else 0

    def lacks_claims(self, claims):
        """Whether a service asks for a token with (newer) claims."""
        issued = int(claims.get("uti", "0"), 16)
        return self.claims_since > 0 and (issued <= self.claims_since or "xms_mirid" not in claims
                                          and "xms_sim_claims" not in claims)

    def revoke(self, word=None):
        """Every token issued until now, or of this principal, is refused from here on."""
        principal = None if word is None else self.find(word)
        if word is not None and principal is None:
            raise FieldError(f"tokens: no principal \"{word}\"")
        self.revoked_until[principal and principal.client_id] = time.time_ns()

    def claims(self, token):
        """The claims of a token of ours, whatever its age, or None. Remembers the last
        thousand, for a daemon sends the same one over and over."""
        if token not in self.known:
            self.known[token] = self.signer.verify(token)
            self.order.append(token)
            if len(self.order) > 1000:
                del self.known[self.order.popleft()]
        return self.known[token]

    def expired(self, claims):
        """Whether its time is over, or it was revoked."""
        issued = int(claims.get("uti", "0"), 16)
        until = max(self.revoked_until.get(one, 0) for one in (None, claims.get("appid")))
        return self.clock() >= claims.get("exp", 0) or issued <= until
