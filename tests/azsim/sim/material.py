"""Public key material for vault keys.

public-keys.json holds real public keys, made once with `openssl genrsa` and
`openssl ecparam`; their private halves were never kept. A fresh key version takes the
next one in turn, so that starting costs nothing.
"""
import json
import os


class Material:
    """Hands out public keys in turn."""

    def __init__(self):
        path = os.path.join(os.path.dirname(__file__), "public-keys.json")
        with open(path, encoding="utf-8") as file:
            self.keys = json.load(file)
        self.turn = 0

    def rsa_sizes(self):
        """The RSA sizes there are."""
        return [int(size) for size in self.keys["rsa"]]

    def curves(self):
        """The EC curves there are."""
        return list(self.keys["ec"])

    def _next(self, kind, name):
        self.turn += 1
        row = self.keys[kind][name]
        return row[self.turn % len(row)]

    def rsa(self, bits):
        """The public members of an RSA key in JWK form (RFC 7518, section 6.3)."""
        return {"n": self._next("rsa", str(bits)), "e": "AQAB"}

    def elliptic(self, curve):
        """The public members of an EC key in JWK form (RFC 7518, section 6.2)."""
        return {"crv": curve, **self._next("ec", curve)}
