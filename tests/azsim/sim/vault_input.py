"""Reads what a client sends to a vault, and refuses what the service refuses."""
import re

from .fields import flag, integer, mapping, text
from .vault_errors import bad_parameter

OPERATIONS = {"encrypt", "decrypt", "sign", "verify", "wrapKey", "unwrapKey", "import", "export"}
DURATION = re.compile(r"^P(?=\d)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?$", re.IGNORECASE)
DAY = 86400


def seconds(duration):
    """An ISO 8601 duration of days and more, in seconds; 400 for any other."""
    match = DURATION.match(duration) if isinstance(duration, str) else None
    if not match:
        raise bad_parameter(f"The duration {duration} is not valid.")
    years, months, weeks, days = (int(part or 0) for part in match.groups())
    return (years * 365 + months * 30 + weeks * 7 + days) * DAY


def _member(body, name, kind):
    value = body.get(name)
    if value is not None and not kind(value):
        raise bad_parameter(f"Property {name} has an invalid value.")
    return value


def read_update(body):
    """The changes to a version: attributes, operations, tags."""
    change = {}
    attributes = _member(body, "attributes", mapping) or {}
    for wire, field, kind in (("enabled", "enabled", flag), ("nbf", "not_before", integer),
                              ("exp", "expires", integer)):
        value = _member(attributes, wire, kind)
        if value is not None:
            change[field] = value
    operations = _member(body, "key_ops", lambda value: isinstance(value, list))
    if operations is not None:
        if not set(map(str, operations)) <= OPERATIONS:
            raise bad_parameter("Property key_ops has an invalid value.")
        change["key_ops"] = operations
    tags = _member(body, "tags", mapping)
    if tags is not None:
        if len(tags) > 15:
            raise bad_parameter("The number of tags must not exceed 15.")
        change["tags"] = tags
    return change


def read_create(body, material):
    """The wish for a new version. An RSA key has 2048 bits when no size is given."""
    kty = _member(body, "kty", text)
    wish = {"kty": kty, **read_update(body)}
    if kty in ("RSA", "RSA-HSM"):
        wish["bits"] = _member(body, "key_size", integer) or 2048
        if wish["bits"] not in material.rsa_sizes() or wish["bits"] < 2048:
            raise bad_parameter(f"The key size {wish['bits']} is not supported.")
    elif kty in ("EC", "EC-HSM"):
        wish["curve"] = _member(body, "crv", text) or "P-256"
        if wish["curve"] not in material.curves():
            raise bad_parameter(f"The curve {wish['curve']} is not supported.")
    else:
        raise bad_parameter(f"Property kty has an invalid value: {kty}.")
    return wish


def _read_action(action):
    trigger = action.get("trigger") if isinstance(action, dict) else None
    what = action.get("action") if isinstance(action, dict) else None
    if not isinstance(trigger, dict) or not isinstance(what, dict):
        raise bad_parameter("Property lifetimeActions has an invalid value.")
    given = {name: value for name, value in trigger.items() if value is not None}
    if len(given) != 1 or not set(given) <= {"timeAfterCreate", "timeBeforeExpiry"}:
        raise bad_parameter("Exactly one trigger must be given.")
    kind = str(what.get("type", "")).capitalize()
    if kind not in ("Rotate", "Notify"):
        raise bad_parameter("The action must be Rotate or Notify.")
    # No sooner than 7 days after it was made, no later than 7 days before it expires
    # (MicrosoftDocs/azure-security-docs, how-to-configure-key-rotation.md; notes in
    # nagyesta/lowkey-vault#181). The service's words for it are not public.
    for name, value in given.items():
        if seconds(value) < 7 * DAY:
            raise bad_parameter(f"The {name} must be at least 7 days.")
    return {"trigger": given, "action": {"type": kind}}


def read_policy(body):
    """A rotation policy. The service answers Rotate and Notify, whatever the case it got."""
    actions = _member(body, "lifetimeActions", lambda value: isinstance(value, list)) or []
    policy = {"lifetimeActions": [_read_action(action) for action in actions], "attributes": {}}
    life = (_member(body, "attributes", mapping) or {}).get("expiryTime")
    if life is not None:
        if seconds(life) < 28 * DAY:
            raise bad_parameter("The expiryTime must be at least 28 days.")
        for action in policy["lifetimeActions"]:
            if seconds(action["trigger"].get("timeAfterCreate", "P0D")) > seconds(life) - 7 * DAY:
                raise bad_parameter("The timeAfterCreate must be 7 days before the expiryTime or sooner.")
        policy["attributes"]["expiryTime"] = life
    return policy
