"""Whether a value is as a schema wants it: Swagger 2.0 with Azure's additions.

What is sent and what is answered are judged differently.  A client must not send a
member that is read-only, and a word that is not in an enumeration is its mistake.  A
service answers read-only members, and may spell an enumeration's words in another
case (Azure/azure-resource-manager-rpc, v1.0/common-api-contracts.md).
"""
import re

GUID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
FORMATS = {
    "uuid": re.compile(GUID),
    "date-time": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"),
    "base64url": re.compile(r"[A-Za-z0-9_-]*"),
    "uri": re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+"),
    "arm-id": re.compile(r"/\S+"),
}
BITS = {"int32": 31, "int64": 63, "unixtime": 63}
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool}


class Judge:
    """Judges values; `sent` when a client sends them, else they are an answer."""

    def __init__(self, schemas, sent):
        self.schemas = schemas
        self.sent = sent

    def mistakes(self, schema, value, place):
        """What is wrong with the value, each with its place; nothing when all is well."""
        aside = {}
        while "ref" in schema:
            aside.update({word: schema[word] for word in schema if word != "ref"})
            schema = self.schemas[schema["ref"]]
        schema = {**schema, **aside}
        if value is None:
            return [] if schema.get("x-nullable") or not self.sent else [f"{place}: null"]
        kind = schema.get("type") or ("object" if "properties" in schema else None)
        if kind == "object" and not self.sent and schema.get("rest") is True:
            return []   # "object" without members is Microsoft's word for anything
        wrong = self._kind(kind, value)
        if wrong:
            return [f"{place}: {wrong}"]
        if kind == "object":
            return self._object(schema, value, place)
        if kind == "array":
            return self._array(schema, value, place)
        return [f"{place}: {what}" for what in self._plain(schema, value)]

    @staticmethod
    def _kind(kind, value):
        if kind in ("integer", "number"):
            fits = isinstance(value, int if kind == "integer" else (int, float)) and not isinstance(value, bool)
        else:
            fits = kind is None or kind == "file" or isinstance(value, TYPES[kind])
        return None if fits else f"is no {kind}"

    def _object(self, schema, value, place):
        found = []
        members, rest = schema.get("properties", {}), schema.get("rest", False)
        for name in schema.get("required", []):
            if name not in value and not (self.sent and self._read_only(members.get(name, {}))):
                found.append(f"{place}: {name} is missing")
        for name, inner in value.items():
            where = f"{place}.{name}"
            if name in members:
                if self.sent and self._read_only(members[name]):
                    found.append(f"{where}: is read-only")
                found += self.mistakes(members[name], inner, where)
            elif isinstance(rest, dict):
                found += self.mistakes(rest, inner, where)
            elif not rest:
                found.append(f"{where}: unknown")
        return found

    def _read_only(self, schema):
        while True:
            if schema.get("readOnly") or schema.get("x-ms-mutability") == ["read"]:
                return True
            if "ref" not in schema:
                return False
            schema = self.schemas[schema["ref"]]

    def _array(self, schema, value, place):
        found = []
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            found.append(f"{place}: {len(value)} items")
        for number, inner in enumerate(value):
            found += self.mistakes(schema.get("items", {"rest": True}), inner, f"{place}[{number}]")
        return found

    def _plain(self, schema, value):
        words = schema.get("enum")
        if words and value not in words and (self.sent or str(value).lower() not in
                                             [str(word).lower() for word in words]):
            yield f"{value!r} is none of {', '.join(map(str, words))}"
        if isinstance(value, str):
            yield from self._text(schema, value)
        elif not isinstance(value, bool):
            limit = 2 ** BITS.get(schema.get("format"), 1023)
            if not max(schema.get("minimum", -limit), -limit) <= value <= min(schema.get("maximum", limit), limit):
                yield f"{value} is out of range"

    @staticmethod
    def _text(schema, value):
        if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
            yield f"{value!r} has {len(value)} characters"
        if "pattern" in schema and not re.search(schema["pattern"], value):
            yield f"{value!r} does not match {schema['pattern']}"
        form = FORMATS.get(schema.get("format"))
        if form and not form.fullmatch(value):
            yield f"{value!r} is no {schema['format']}"
