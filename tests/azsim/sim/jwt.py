"""JSON Web Tokens signed RS256 (RFC 7515, RFC 7518 section 3.3), with plain integers.

Python's standard library has no RSA; the few lines of arithmetic below are enough for
a test server and keep the openssl command out of the request path.
"""
import base64
import hashlib
import json

# DER prefix of a SHA-256 DigestInfo (RFC 8017, section 9.2, note 1).
SHA256_PREFIX = bytes.fromhex("3031300d060960864801650304020105000420")


def b64encode(data):
    """base64url without padding (RFC 7515, section 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def b64decode(text):
    """The inverse of b64encode; ValueError for anything else."""
    return base64.b64decode(text.encode() + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _der_integers(data):
    """The integers of a PKCS#1 RSAPrivateKey (RFC 8017, appendix A.1.2)."""
    def header(start):
        length = data[start + 1]
        if length < 0x80:
            return start + 2, length
        size = length & 0x7F
        return start + 2 + size, int.from_bytes(data[start + 2:start + 2 + size], "big")
    position, length = header(0)
    end = position + length
    numbers = []
    while position < end:
        position, length = header(position)
        numbers.append(int.from_bytes(data[position:position + length], "big"))
        position += length
    return numbers


def split(token):
    """(header, claims, signed part, signature) of a compact token; ValueError for anything else."""
    head, body, signature = token.split(".")
    header, claims = json.loads(b64decode(head)), json.loads(b64decode(body))
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise ValueError("not two objects")
    return header, claims, f"{head}.{body}".encode(), b64decode(signature)


def readable(token):
    """Whether it is a token at all, whoever signed it."""
    try:
        split(token)
    except (ValueError, RecursionError):
        return False
    return True


def pkcs1_padded(message, size):
    """EMSA-PKCS1-v1_5 with SHA-256 (RFC 8017, section 9.2)."""
    digest = SHA256_PREFIX + hashlib.sha256(message).digest()
    filler = b"\xff" * (size - len(digest) - 3)
    return b"\x00\x01" + filler + b"\x00" + digest


def _mask(seed, length):
    """MGF1 with SHA-256 (RFC 8017, appendix B.2.1)."""
    out = b"".join(hashlib.sha256(seed + number.to_bytes(4, "big")).digest()
                   for number in range((length + 31) // 32))
    return out[:length]


def pss_fits(message, encoded, bits):
    """EMSA-PSS-VERIFY with SHA-256 and a salt of 32 bytes (RFC 8017, section 9.1.2)."""
    size = (bits - 1 + 7) // 8
    encoded = encoded[-size:]
    masked, digest, spare = encoded[:size - 33], encoded[size - 33:-1], 8 * size - (bits - 1)
    if encoded[-1] != 0xbc or masked[0] >> (8 - spare):
        return False
    block = bytearray(one ^ other for one, other in zip(masked, _mask(digest, len(masked))))
    block[0] &= 0xff >> spare
    if any(block[:-33]) or block[-33] != 1:
        return False
    return hashlib.sha256(bytes(8) + hashlib.sha256(message).digest()
                          + bytes(block[-32:])).digest() == digest


def signed_by(modulus, algorithm, message, signature):
    """Whether the key with this modulus and exponent 65537 signed the message."""
    bits = modulus.bit_length()
    number, size = int.from_bytes(signature, "big"), (bits + 7) // 8
    if len(signature) != size or number >= modulus:
        return False
    encoded = pow(number, 65537, modulus).to_bytes(size, "big")
    if algorithm == "RS256":
        return encoded == pkcs1_padded(message, size)
    return algorithm == "PS256" and pss_fits(message, encoded, bits)


class Signer:
    """One RSA key that signs and checks tokens."""

    def __init__(self, pem):
        lines = [line for line in pem.splitlines() if line and not line.startswith("-----")]
        numbers = _der_integers(base64.b64decode("".join(lines)))
        (_, self.modulus, self.exponent, _, self.prime_p, self.prime_q,
         self.exponent_p, self.exponent_q, self.coefficient) = numbers[:9]
        self.size = (self.modulus.bit_length() + 7) // 8
        self.key_id = b64encode(hashlib.sha1(self._modulus_bytes()).digest())

    def _modulus_bytes(self):
        return self.modulus.to_bytes(self.size, "big")

    def _padded(self, message):
        return int.from_bytes(pkcs1_padded(message, self.size), "big")

    def sign(self, claims):
        """A compact token carrying the claims."""
        header = {"typ": "JWT", "alg": "RS256", "x5t": self.key_id, "kid": self.key_id}
        parts = [b64encode(json.dumps(part, separators=(",", ":")).encode())
                 for part in (header, claims)]
        message = ".".join(parts).encode()
        number = self._padded(message)
        # Chinese remainder form: a quarter of the work of one big power.
        half_p = pow(number, self.exponent_p, self.prime_p)
        half_q = pow(number, self.exponent_q, self.prime_q)
        lift = (half_p - half_q) * self.coefficient % self.prime_p
        signature = (half_q + lift * self.prime_q).to_bytes(self.size, "big")
        return message.decode() + "." + b64encode(signature)

    def verify(self, token):
        """The claims of a token this key signed, else None."""
        try:
            head, body, signature = token.split(".")
            number = int.from_bytes(b64decode(signature), "big")
            claims = json.loads(b64decode(body))
        except (ValueError, RecursionError):
            return None
        expected = self._padded(f"{head}.{body}".encode())
        if number >= self.modulus or pow(number, self.exponent, self.modulus) != expected:
            return None
        return claims if isinstance(claims, dict) else None

    def jwk(self):
        """The public half, as the discovery document's key list shows it (RFC 7517)."""
        return {"kty": "RSA", "use": "sig", "kid": self.key_id, "x5t": self.key_id,
                "n": b64encode(self._modulus_bytes()), "e": "AQAB"}
