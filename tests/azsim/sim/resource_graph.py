"""Azure Resource Graph: one query over all subscriptions.

Sources: Azure/azure-rest-api-specs, Microsoft.ResourceGraph 2021-03-01
resourcegraph.json; Microsoft Learn, "Guidance for throttled requests in Azure Resource
Graph"; Azure/azure-powershell#13762 for the shape of a refused query.
"""
import hashlib

from . import names
from .arm_common import Resources
from .arm_keys import KIND as VAULTS
from .kusto import QueryError, run
from .paging import arm_token, read_token
from .service import read_json
from .shapes import registry_shape, stamp, user_identity_shape
from .wire import Reply, ServiceError

PATH = ["providers", "microsoft.resourcegraph", "resources"]
QUERIES, SECONDS = 15, 5        # of one caller
TOP = 1000
OPTIONS = ("$top", "$skip", "$skipToken", "resultFormat", "allowPartialScopes")
COLUMNS = ("id", "name", "type", "tenantId", "kind", "location", "resourceGroup", "subscriptionId",
           "managedBy", "sku", "plan", "properties", "tags", "identity", "zones", "extendedLocation")


class GraphError(ServiceError):
    """An error with details: [{"code", "message", ...}]."""

    def __init__(self, status, code, message, details):
        super().__init__(status, code, message)
        self.details = details


def _kind(value):
    """A column's type in the answer's tables."""
    names_of = {bool: "boolean", int: "integer", float: "number", str: "string"}
    return names_of.get(type(value), "object")


class ResourceGraph(Resources):
    """The one operation."""

    def __init__(self, world):
        super().__init__(world)
        self.windows = {}       # caller -> (when its window ends, calls left)
        self.copied = None      # (when, rows): the graph's own copy

    def query(self, request, claims):
        """POST /providers/Microsoft.ResourceGraph/resources."""
        self.only(request, "POST")
        request.quota = self._quota(claims["oid"])
        body = read_json(request, "BadRequest")
        text, options = self._read(body)
        wanted = self._scope(body)
        try:
            rows = run(text, {"resources": lambda: self._rows(claims, wanted)})
        except QueryError as error:
            raise self._refused("InvalidQuery", "Query is invalid. Please refer to the documentation for the "
                                "Azure Resource Graph service and fix the error before retrying.",
                                {"code": error.kind, "message": error.kind, "line": 1,
                                 "characterPositionInLine": -1, "token": str(error)}) from None
        return Reply(json=self._page(rows, options, hashlib.sha256(text.encode()).hexdigest()[:16]))

    # -- who, how often ----------------------------------------------------------------

    def _quota(self, caller):
        """The headers of the quota; 429 when it is used up."""
        now = self.world.clock()
        ends, left = self.windows.get(caller, (0, 0))
        if not now < ends <= now + SECONDS:
            ends, left = now + SECONDS, QUERIES
        granted = left > 0
        self.windows[caller] = (ends, max(left - 1, 0))
        headers = {"x-ms-user-quota-remaining": str(self.windows[caller][1]),
                   "x-ms-user-quota-resets-after": f"00:00:0{int(ends - now)}",
                   "x-ms-tenant-subscription-limit-hit": "false"}
        if not granted and self.world.settings.throttle:
            message = ("Client application has been throttled and should not attempt to repeat the request "
                       "until an amount of time has elapsed. Please see https://aka.ms/resourcegraph-throttling "
                       "for help.")
            error = GraphError(429, "RateLimiting", "Please provide below info when asking for support.",
                               [{"code": "RateLimiting", "message": message}])
            error.headers = headers
            raise error
        return headers

    def _refused(self, code, message, *more):
        now = stamp(self.world.clock(), "Z")
        return GraphError(400, "BadRequest", "Please provide below info when asking for support: timestamp = "
                          f"{now}, correlationId = {names.guid()}.", [{"code": code, "message": message}, *more])

    # -- what was asked ----------------------------------------------------------------

    def _read(self, body):
        unknown = set(body) - {"subscriptions", "managementGroups", "query", "options", "facets"}
        if unknown or body.get("facets"):
            raise self._refused("BadRequest", f"Not known here: {', '.join(sorted(unknown)) or 'facets'}.")
        text, options = body.get("query"), body.get("options") or {}
        if not isinstance(text, str) or not text.strip():
            raise self._refused("EmptyQuery", "The query must not be empty.")
        good = isinstance(options, dict) and set(options) <= set(OPTIONS)
        for name, low, high in (("$top", 1, TOP), ("$skip", 0, 2 ** 31)):
            value = options.get(name, low) if good else None
            good = good and isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
        if not good or options.get("resultFormat", "objectArray") not in ("objectArray", "table"):
            raise self._refused("InvalidOptions", "The options of the query are not valid.")
        return text, options

    def _scope(self, body):
        """The subscriptions asked for, in lower case; None is the whole tenant."""
        if body.get("managementGroups"):
            raise self._refused("InvalidScope", "There are no management groups here.")
        asked = body.get("subscriptions") or []
        if not isinstance(asked, list) or not all(isinstance(one, str) for one in asked):
            raise self._refused("InvalidScope", "The subscriptions must be a list of ids.")
        known = [one.lower() for one in asked if one.lower() in self.world.registries.subscriptions]
        if asked and not known:
            raise self._refused("NoValidSubscriptionsInQueryRequest", "There must be at least one subscription "
                                f"that is eligible to contain resources. Given: '{','.join(asked)}'.")
        return known or None

    # -- the table ---------------------------------------------------------------------

    def _rows(self, claims, wanted):
        """What the caller may read, the rest left out without a word."""
        now = self.world.clock()
        if self.copied is None or not 0 <= now - self.copied[0] < self.world.settings.graph_lag:
            self.copied = (now, [self._row(shape) for shape in self._shapes()])
        return [row for row in self.copied[1] if (wanted is None or row["subscriptionId"].lower() in wanted)
                and self.world.access.allowed(claims["appid"], "arm_read", row["id"])]

    def _shapes(self):
        for registry in self.world.registries.table.values():
            self.world.registries.settle(registry)
            yield registry_shape(registry)
        for vault in self.world.vaults.table.values():
            yield {"id": f"/subscriptions/{vault.subscription}/resourceGroups/{vault.group}/providers/{VAULTS}/"
                         f"{vault.name}", "name": vault.name, "type": VAULTS, "location": names.LOCATION,
                   "properties": {"tenantId": vault.tenant, "provisioningState": "Succeeded", "vaultUri":
                                  f"https://{self.world.vault_host.format(vault.name.lower())}/"}}
        for one in self.world.access.principals:
            if one.resource_id and not one.system:
                yield user_identity_shape(one)

    @staticmethod
    def _row(shape):
        """The type and the group are in lower case (the examples of the document)."""
        parts = shape["id"].split("/")
        row = dict.fromkeys(COLUMNS)
        row.update({name: value for name, value in shape.items() if name in row})
        row.update(type=shape["type"].lower(), subscriptionId=parts[2], resourceGroup=parts[4].lower(),
                   tenantId=names.TENANT, kind="", managedBy="")
        return row

    # -- the answer --------------------------------------------------------------------

    def _page(self, rows, options, digest):
        first = options.get("$skip", 0)
        if "$skipToken" in options:
            first = self._resume(options["$skipToken"], digest)
        size = min(options.get("$top", 100), self.world.settings.page_size or TOP)
        part, more = rows[first:first + size], first + size < len(rows)
        pages = bool(part) and "id" in part[0]      # without ids there is no order to go on from
        answer = {"totalRecords": len(rows), "count": len(part),
                  "resultTruncated": "true" if more and not pages else "false", "facets": []}
        if more and pages:
            answer["$skipToken"] = f"{digest}.{arm_token(first + size, False, None, None)}"
        answer["data"] = self._table(part) if options.get("resultFormat") == "table" else part
        return answer

    def _resume(self, token, digest):
        head, _, rest = str(token).partition(".")
        try:
            index, _ = read_token(rest)
        except ValueError:
            index = None
        if head != digest or index is None:
            raise self._refused("InvalidSkipToken", "The skip token does not belong to this query.")
        return index

    @staticmethod
    def _table(rows):
        columns = list(rows[0]) if rows else []
        return {"columns": [{"name": name, "type": _kind(rows[0][name])} for name in columns],
                "rows": [[row[name] for name in columns] for row in rows]}
