"""Judges requests as azsim logs them, and answers as a test gets them.

    judge = Judge.of(folder)
    judge.request(line of the log) -> what is wrong with it
    judge.answer(operation, version, status, value) -> what is wrong with it
"""
import json
import re
from urllib.parse import unquote, urlsplit

from . import documents, schema
from .rows import ANSWERED, ROWS, SAME_AS, SKIP_TOKEN

# RFC 3986, section 3.3 and 3.4: what may stand in a path and in a query as it is.
TARGET = re.compile(r"(/([A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})*)+"
                    r"(\?([A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?")
AGENT = "keyrotd/"


class Route:
    """An operation with its path made ready to be compared.  A vault's paths compare to
    the letter, Resource Manager's without case."""

    def __init__(self, operation):
        self.operation = operation
        self.service = "arm" if operation["host"] else "vault"
        self.path, self.names = documents.pattern(operation["path"], self.service == "vault")
        self.parameters = {(one["in"], one["name"]): one for one in operation["parameters"]}

    def body(self):
        """The parameter that is the body, or None."""
        return next((one for (where, _), one in self.parameters.items() if where == "body"), None)


class Judge:
    """Knows the documents.  `checked` counts requests that a document or a row describes."""

    def __init__(self, found):
        # A path that is spelled out comes before one with a parameter in that place.
        self.routes = sorted(map(Route, found["operations"]), key=lambda one: len(one.names))
        self.sent = schema.Judge(found["schemas"], True)
        self.answered = schema.Judge(found["schemas"], False)
        self.checked = {}
        self.known = {}

    @classmethod
    def of(cls, folder):
        """The judge over the documents of a folder."""
        return cls(documents.load(folder))

    # -- requests ----------------------------------------------------------------------

    def log(self, path):
        """What is wrong with the daemon's requests of a log: {what: the first such request}."""
        found = {}
        with open(path, encoding="utf-8") as file:
            for line in file:
                entry = json.loads(line)
                if not entry.get("user_agent", "").startswith(AGENT):
                    continue
                for what in self.request(entry):
                    found.setdefault(what, f"{entry['method']} {entry['host']}{entry['path']}: {what}")
        return found

    def request(self, entry):
        """What is wrong with one request."""
        key = tuple(entry.get(name) for name in ("service", "method", "path", "body", "content_type", "req_bytes"))
        if key not in self.known:       # a daemon asks the same over and over
            if len(self.known) > 5000:
                self.known.clear()
            self.known[key] = self._request(entry)
        kind, mistakes = self.known[key]
        self.checked[kind] = self.checked.get(kind, 0) + 1
        return mistakes

    def _request(self, entry):
        """(the operation's or the row's name, mistakes)"""
        target = entry["path"]
        if not TARGET.fullmatch(target):
            return "", ["the target has characters that must be percent-encoded"]
        parts = urlsplit(target)
        query = [tuple(map(unquote, (pair + "=").split("=")[:2])) for pair in parts.query.split("&") if pair]
        row = next((one for one in ROWS if one.fits(entry["service"], entry["method"], parts.path)), None)
        if row:
            return row.why, self._row(row, entry, query)
        routes = [one for one in self.routes if one.service == entry["service"]
                  and one.operation["method"] == entry["method"] and one.path.fullmatch(parts.path)]
        if not routes:
            return "", ["no document has such a path"]
        version = dict(query).get("api-version")
        route = next((one for one in routes
                      if one.operation["version"] == SAME_AS.get(version, version)), None)
        if route is None:
            return "", [f"no document has api-version {version}"]
        operation = route.operation
        return operation["id"], [f"{operation['id']}: {what}" for what in (
            *self._path(route, parts.path), *self._query(route, query), *self._body(route, entry))]

    @staticmethod
    def _row(row, entry, query):
        names = [name for name, _ in query]
        found = [f"the query has {name}" for name in names if name not in row.query]
        if "api-version" in row.query and not dict(query).get("api-version"):
            found.append("api-version is missing")
        if len(set(names)) != len(names):
            found.append("the query names something twice")
        return found + Judge._type(entry, row.body)

    @staticmethod
    def _type(entry, wanted):
        """The body's type must be what it is said to be; without one there is no body."""
        given = (entry.get("content_type") or "").split(";")[0].strip().lower()
        if wanted is None:
            return ["a body that no document knows"] if entry["req_bytes"] else []
        return [] if given == wanted else [f"the body's type is {given or 'missing'}, not {wanted}"]

    def _path(self, route, path):
        for name, value in zip(route.names, route.path.fullmatch(path).groups()):
            yield from self.sent.mistakes(route.parameters["path", name]["schema"], unquote(value), name)

    def _query(self, route, query):
        given = {}
        for name, value in query:
            if name in given:
                yield f"{name} is given twice"
            given[name] = value
            known = route.parameters.get(("query", name))
            if known:
                yield from self.sent.mistakes(known["schema"], self._typed(known["schema"], value), name)
            elif not (route.operation["pageable"] and SKIP_TOKEN.fullmatch(name)):
                yield f"the query has {name}"
        for (where, name), one in route.parameters.items():
            if where == "query" and one["required"] and not given.get(name):
                yield f"{name} is missing"
            if where == "header" and one["required"]:
                yield f"the header {name} cannot be seen in the log"

    @staticmethod
    def _typed(wanted, value):
        if wanted.get("type") == "integer" and re.fullmatch(r"-?[0-9]+", value):
            return int(value)
        return {"true": True, "false": False}.get(value, value) if wanted.get("type") == "boolean" else value

    def _body(self, route, entry):
        wanted = route.body()
        if wanted is None:
            return self._type(entry, None)
        if not entry["req_bytes"]:
            return ["the body is missing"] if wanted["required"] else []
        try:
            value = json.loads(entry["body"])
        except ValueError:
            return ["the body is no JSON"]
        kinds = route.operation["consumes"]
        return [*self._type(entry, kinds[0] if kinds else "application/json"),
                *self.sent.mistakes(wanted["schema"], value, "body")]

    # -- answers -----------------------------------------------------------------------

    def answer(self, operation, version, status, value):
        """What is wrong with an answer, its body given as a value (None: no body)."""
        route = next(one for one in self.routes if one.operation["id"] == operation
                     and one.operation["version"] == SAME_AS.get(version, version))
        answers, statuses = route.operation["answers"], route.operation["statuses"]
        if str(status) not in statuses and "default" not in statuses:
            return [f"{operation}: the document has no answer {status}"]
        wanted = answers.get(str(status) if str(status) in statuses else "default")
        if wanted is None:
            return [] if value is None else [f"{operation}: a body with {status}"]
        return [f"{operation}: {what}" for what in self.answered.mistakes(wanted, value, "answer")
                if not (what.endswith(": unknown") and what[:-9].rpartition(".")[2] in ANSWERED)]
