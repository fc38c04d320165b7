"""Pages of a list, with empty ones in between.

Both Key Vault and ARM may answer a page without items that still carries a link
(Azure/azure-sdk-for-js, recordings of the Key Vault list tests). The links here come in
turn: after each full page one leads to an empty page, when the setting says so.
"""
import base64
import binascii
import json


def _pack(marker):
    return base64.urlsafe_b64encode(marker.encode()).decode().rstrip("=")


def _unpack(text):
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_").decode()


def vault_token(index, empty, kind, name):
    """A skip token in Key Vault's form: base64 of a storage continuation marker, which is
    itself base64 with "-" for "=" (Azure/azure-rest-api-specs, Key Vault 7.4 examples)."""
    row = f"{len(name) + 4:06d}!{kind}/{name.upper()}!000028!9999-12-31T23:59:59.9999999Z!"
    inner = base64.b64encode(row.encode()).decode().replace("=", "-")
    marker = {"NextMarker": f"2!{len(inner)}!{inner}", "TargetLocation": 0,
              "At": index, "Empty": empty}
    return _pack(json.dumps(marker, separators=(",", ":")))


def arm_token(index, empty, _kind, _name):
    """An opaque skip token; ARM's own form was never published."""
    return _pack(json.dumps({"At": index, "Empty": empty}, separators=(",", ":")))


def read_token(text):
    """(index, whether this page is the empty one); ValueError for somebody else's token."""
    try:
        marker = json.loads(_unpack(text))
        index, empty = marker["At"], marker["Empty"]
    except (KeyError, TypeError, binascii.Error) as error:
        raise ValueError("not a skip token") from error
    if not isinstance(index, int) or index < 0:
        raise ValueError("not a skip token")
    return index, bool(empty)


def page(items, size, skip, with_empty):
    """One page of `items`: (its items, index of the next page or None, whether that next
    page is an empty one)."""
    index, empty = read_token(skip) if skip else (0, False)
    if empty:
        return [], index, False
    following = index + size
    if following >= len(items):
        return items[index:following], None, False
    return items[index:following], following, with_empty
