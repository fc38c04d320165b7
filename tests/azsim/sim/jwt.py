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
        digest = SHA256_PREFIX + hashlib.sha256(message).digest()
        filler = b"\xff" * (self.size - len(digest) - 3)
        return int.from_bytes(b"\x00\x01" + filler + b"\x00" + digest, "big")

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
        except ValueError:
            return None
        expected = self._padded(f"{head}.{body}".encode())
        if number >= self.modulus or pow(number, self.exponent, self.modulus) != expected:
            return None
        return claims if isinstance(claims, dict) else None

    def jwk(self):
        """The public half, as the discovery document's key list shows it (RFC 7517)."""
        return {"kty": "RSA", "use": "sig", "kid": self.key_id, "x5t": self.key_id,
                "n": b64encode(self._modulus_bytes()), "e": "AQAB"}
