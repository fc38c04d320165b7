"""DIR/requests.jsonl: one line for every request but the admin's own.

Tokens and secrets never reach it: no header is written but those that say who asks
and what the body is, and the body of a token request is left out.
"""
import json
import time
from urllib.parse import unquote

BODY_LIMIT = 65536


class RequestLog:
    """Appends to the file and reads it back."""

    def __init__(self, path):
        self.path = path
        self.file = open(path, "a", encoding="utf-8")  # pylint: disable=consider-using-with

    def write(self, request, status, sent, fault=None):
        """Adds one line and flushes it. The status is null when no answer was sent."""
        entry = {"time": round(time.time(), 6), "service": request.service,
                 "method": request.method, "host": request.host, "path": request.target,
                 "status": status, "req_bytes": len(request.body), "bytes": sent,
                 "connection": request.connection, "request_id": request.request_id,
                 "authorized": request.bearer() is not None}
        for header in ("user-agent", "content-type"):
            if header in request.headers:
                entry[header.replace("-", "_")] = request.headers[header]
        given = "client-request-id" if request.service == "login" else "x-ms-client-request-id"
        returned = given.replace("client", "return-client", 1)
        if given in request.headers:
            entry["client_request_id"] = request.headers[given]
            entry["wants_it_back"] = request.headers.get(returned, "").lower() == "true"
        if request.method in ("PATCH", "PUT", "POST") and request.service in ("vault", "arm"):
            entry["body"] = request.body[:BODY_LIMIT].decode("utf-8", "replace")
        if fault is not None:
            entry["fault"] = fault
        self.file.write(json.dumps(entry, separators=(",", ":")) + "\n")
        self.file.flush()

    def read(self, wanted):
        """The lines that fit: service, method, path (a part of it), since, limit."""
        found = []
        with open(self.path, encoding="utf-8") as file:
            for line in file:
                entry = json.loads(line)
                if all(wanted.get(name, entry[name]) == entry[name] for name in ("service", "method")) \
                        and wanted.get("path", "").lower() in unquote(entry["path"]).lower() \
                        and entry["time"] >= float(wanted.get("since", 0)):
                    found.append(entry)
        return found[-int(wanted.get("limit", len(found) or 1)):]

    def close(self):
        """Closes the file."""
        self.file.close()
