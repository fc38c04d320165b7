"""Reads OpenAPI documents (Swagger 2.0) and keeps of them what a check needs.

The folder is laid out as Azure/azure-rest-api-specs is.  The documents are large
and a run checks twenty logs, so what was read is kept in build/, under a name that
changes with the documents.
"""
import hashlib
import json
import os
import re

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
METHODS = ("get", "head", "put", "post", "patch", "delete")
# Of a schema; the rest is for people and for generators of code.
KEPT = ("type", "format", "enum", "pattern", "minimum", "maximum", "minLength", "maxLength",
        "maxItems", "minItems", "readOnly", "x-nullable", "x-ms-mutability", "x-ms-skip-url-encoding")
FORM = 3    # of what is kept: another number, and it is read anew


def folder():
    """Where the documents are, or None: OPENAPI says it, as tests/run finds it."""
    found = os.environ.get("OPENAPI") or ""
    return found if os.path.isdir(found) else None


def _files(root):
    for where, _, names in sorted(os.walk(root)):
        if os.path.basename(where) != "examples":
            yield from (os.path.join(where, name) for name in sorted(names) if name.endswith(".json"))


class Reader:
    """The documents of one folder, and the references between them."""

    def __init__(self, root):
        self.root = root
        self.known = {}
        self.schemas = {}

    def document(self, path):
        """A file's content, read once."""
        if path not in self.known:
            with open(path, encoding="utf-8-sig") as file:
                self.known[path] = json.load(file)
        return self.known[path]

    def follow(self, path, node):
        """(file, node, name) at the end of a reference; the node itself without one."""
        name = None
        while "$ref" in node:
            where, _, pointer = node["$ref"].partition("#")
            if where:
                path = os.path.normpath(os.path.join(os.path.dirname(path), where))
            node, name = self.document(path), f"{os.path.relpath(path, self.root)}#{pointer}"
            for part in pointer.strip("/").split("/"):
                node = node[part.replace("~1", "/").replace("~0", "~")]
        return path, node, name

    def schema(self, path, node):
        """The node as a plain schema; one with a name is kept in the table, once."""
        aside = {word: node[word] for word in ("readOnly", "x-nullable") if word in node}
        where, found, name = self.follow(path, node)
        if name is None:
            return self._plain(where, found)
        if name not in self.schemas:
            self.schemas[name] = {}     # it may name itself
            self.schemas[name] = self._plain(where, found)
        return {"ref": name, **aside}

    def _plain(self, path, node):
        out = {word: node[word] for word in KEPT if word in node}
        if "items" in node:
            out["items"] = self.schema(path, node["items"])
        members = {name: self.schema(path, inner) for name, inner in node.get("properties", {}).items()}
        required = list(node.get("required", []))
        for base in node.get("allOf", []):
            inner = self.schema(path, base)
            inner = self.schemas[inner["ref"]] if "ref" in inner else inner
            members = {**inner.get("properties", {}), **members}
            required += inner.get("required", [])
        if members:
            out.update(type="object", properties=members, required=sorted(set(required)))
        # One with a discriminator has kinds with members of their own.
        rest = node.get("additionalProperties", bool(not members or "discriminator" in node))
        out["rest"] = self.schema(path, rest) if isinstance(rest, dict) else rest
        return out

    def operations(self, path):
        """Every operation of a file."""
        document = self.document(path)
        for shape, item in document.get("paths", {}).items():
            for method in METHODS:
                if method in item:
                    yield self._operation(path, document, shape, method, item)

    def _operation(self, path, document, shape, method, item):
        node = item[method]
        parameters = []
        for one in item.get("parameters", []) + node.get("parameters", []):
            where, found, _ = self.follow(path, one)
            plain = {word: found[word] for word in found if word != "required"}
            wanted = self.schema(where, found["schema"]) if "schema" in found else self._plain(where, plain)
            parameters.append({"name": found["name"], "in": found["in"],
                               "required": found.get("required", False), "schema": wanted})
        answers = {status: self.schema(path, answer["schema"])
                   for status, answer in node["responses"].items() if "schema" in answer}
        return {"id": node["operationId"], "method": method.upper(), "path": shape,
                "version": document["info"]["version"], "host": document.get("host"),
                "consumes": node.get("consumes", document.get("consumes", [])),
                "parameters": parameters, "answers": answers,
                "statuses": sorted(node["responses"]), "pageable": "x-ms-pageable" in node,
                "examples": [os.path.normpath(os.path.join(os.path.dirname(path), one["$ref"]))
                             for one in node.get("x-ms-examples", {}).values()]}


def read(root):
    """{"operations": [...], "schemas": {name: schema}} of a folder of documents."""
    reader = Reader(root)
    operations = [one for path in _files(root) for one in reader.operations(path)]
    return {"operations": operations, "schemas": reader.schemas}


def load(root):
    """The same, from build/ when it was read before."""
    root = os.path.realpath(root)
    stamp = hashlib.sha256(f"{FORM} {root}".encode())
    for path in _files(root):
        about = os.stat(path)
        stamp.update(f"{path} {about.st_size} {about.st_mtime_ns}".encode())
    kept = os.path.join(ROOT, "build", f"openapi-{stamp.hexdigest()[:16]}.json")
    try:
        with open(kept, encoding="utf-8") as file:
            return json.load(file)
    except (OSError, ValueError):
        found = read(root)
    os.makedirs(os.path.dirname(kept), exist_ok=True)
    draft = f"{kept}.{os.getpid()}"
    with open(draft, "w", encoding="utf-8") as file:
        json.dump(found, file)
    os.replace(draft, kept)     # another run may do the same: both are whole
    return found


def pattern(shape, exact):
    """A regular expression for a path with its parameters as groups.  The names come
    with it, for they have characters that no group's name may have."""
    names = re.findall(r"\{([^}]+)\}", shape)
    text = re.sub(r"\\\{[^}]+\\\}", "([^/]+)", re.escape(shape))
    return re.compile(text, 0 if exact else re.IGNORECASE), names
