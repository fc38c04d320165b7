"""Wrapping and unwrapping with a version of a key (RFC 8017, sections 7.1.1 and 7.2.1).

The private halves of the vault's keys were never kept, so what is unwrapped is what
this process wrapped: it remembers the last thousand. Rules: MicrosoftDocs/
azure-security-docs, includes/key-attributes.md; Azure/azure-sdk-for-net,
sdk/keyvault/TROUBLESHOOTING.md for the text of an operation that is not permitted.
"""
import hashlib
import secrets
from collections import OrderedDict

from . import vault_errors as errors
from .jwt import b64decode, b64encode

REMEMBERED = 1000
HASHES = {"RSA-OAEP-256": hashlib.sha256, "RSA-OAEP": hashlib.sha1}


def _mask(digest, seed, length):
    """MGF1 (RFC 8017, appendix B.2.1)."""
    size = digest().digest_size
    out = b"".join(digest(seed + number.to_bytes(4, "big")).digest()
                   for number in range(-(-length // size)))
    return out[:length]


def _xor(one, other):
    return bytes(left ^ right for left, right in zip(one, other))


def _oaep(digest, plain, size):
    """EME-OAEP with an empty label (RFC 8017, section 7.1.1)."""
    length = digest().digest_size
    if len(plain) > size - 2 * length - 2:
        raise errors.bad_parameter("The value is too long for the key.")
    block = digest(b"").digest() + bytes(size - len(plain) - 2 * length - 2) + b"\x01" + plain
    seed = secrets.token_bytes(length)
    masked = _xor(block, _mask(digest, seed, len(block)))
    return b"\x00" + _xor(seed, _mask(digest, masked, length)) + masked


def _pkcs1(plain, size):
    """EME-PKCS1-v1_5 (RFC 8017, section 7.2.1)."""
    if len(plain) > size - 11:
        raise errors.bad_parameter("The value is too long for the key.")
    filler = bytes(secrets.randbelow(255) + 1 for _ in range(size - len(plain) - 3))
    return b"\x00\x02" + filler + b"\x00" + plain


def _pad(algorithm, plain, size):
    if algorithm == "RSA1_5":
        return _pkcs1(plain, size)
    return _oaep(HASHES[algorithm], plain, size)


def _read(body):
    algorithm, value = body.get("alg"), body.get("value")
    if algorithm not in (*HASHES, "RSA1_5"):
        raise errors.bad_parameter("Property alg has an invalid value.")
    try:
        return algorithm, b64decode(value)
    except (AttributeError, ValueError):
        raise errors.bad_parameter("Property value has an invalid value.") from None


def _may(version, operation, now):
    """Refuses what the version does not allow: unwrapping goes on outside its time."""
    if not version.enabled:
        raise errors.disabled(operation)
    if operation not in version.key_ops:
        raise errors.not_permitted(operation)
    early = version.not_before is not None and now < version.not_before
    if operation == "wrapKey" and (early or version.expires is not None and now >= version.expires):
        raise errors.out_of_time(operation, early)


class Wrapping:
    """Both operations, and what was wrapped."""

    def __init__(self, clock):
        self.clock = clock
        self.wrapped = OrderedDict()

    def use(self, version, operation, body):
        """The value of the answer to wrapKey or unwrapKey."""
        _may(version, operation, self.clock())
        algorithm, value = _read(body)
        if not version.kty.startswith("RSA"):
            raise errors.bad_parameter(f"The algorithm {algorithm} does not fit a key of type {version.kty}.")
        if operation == "unwrapKey":
            plain = self.wrapped.get((version.name, algorithm, value))
            if plain is None:
                raise errors.bad_parameter("The value cannot be unwrapped with this key.")
            return b64encode(plain)
        modulus = int.from_bytes(b64decode(version.public["n"]), "big")
        size = (modulus.bit_length() + 7) // 8
        number = pow(int.from_bytes(_pad(algorithm, value, size), "big"), 65537, modulus)
        secret = number.to_bytes(size, "big")
        self.wrapped[version.name, algorithm, secret] = value
        if len(self.wrapped) > REMEMBERED:
            self.wrapped.popitem(last=False)
        return b64encode(secret)
