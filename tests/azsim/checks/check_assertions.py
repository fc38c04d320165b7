"""Client assertions at the token endpoint: certificates and federated tokens.

Sources: Microsoft Learn, "Microsoft identity platform application authentication certificate
credentials", "Workload identity federation" and "Microsoft Entra authentication and
authorization error codes"; RFC 7515, RFC 7518 sections 3.3 and 3.5.
"""
import base64
import hashlib
import json
import os
import ssl
import subprocess
import time
from urllib.parse import urlencode

from .harness import Case, claims

KIND = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
PSS = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"]


def encoded(data):
    """base64url without padding."""
    if isinstance(data, dict):
        data = json.dumps(data).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def openssl(*arguments, data=None):
    """The standard output of one call."""
    return subprocess.run(["openssl", *arguments], input=data, capture_output=True, check=True).stdout


class Assertions(Case):
    def setUp(self):
        super().setUp()
        self.place = self.sim.env["SIM_CLIENT_CERT"]
        with open(self.place, encoding="ascii") as file:
            self.pem = file.read()
        self.sim.admin("/certificate", {"pem": self.pem, "only": True})
        self.der = ssl.PEM_cert_to_DER_cert(self.pem[self.pem.index("-----BEGIN CERTIFICATE"):])
        self.x5t = hashlib.sha256(self.der).digest()
        self.url = f"{self.sim.env['SIM_AUTHORITY']}/{self.sim.env['SIM_TENANT']}/oauth2/v2.0/token"

    def make(self, header=None, place=None, pss=True, **changes):
        """A signed assertion; claims with None are left out."""
        now, client = int(time.time()), self.sim.env["SIM_CLIENT_ID"]
        body = {"aud": self.url, "iss": client, "sub": client, "jti": "one", "nbf": now, "iat": now,
                "exp": now + 600, **changes}
        header = {"alg": "PS256", "typ": "JWT", "x5t#S256": encoded(self.x5t)} if header is None else header
        text = encoded(header) + "." + encoded({name: one for name, one in body.items() if one is not None})
        signature = openssl("dgst", "-sha256", *(PSS if pss else []), "-sign", place or self.place,
                            data=text.encode())
        return text + "." + encoded(signature)

    def ask(self, assertion, **changes):
        """The token endpoint's answer."""
        form = {"grant_type": "client_credentials", "client_id": self.sim.env["SIM_CLIENT_ID"],
                "scope": "https://vault.azure.net/.default", "client_assertion_type": KIND,
                "client_assertion": assertion, **changes}
        return self.sim.call("POST", self.url, body=urlencode(form),
                             headers={"Content-Type": "application/x-www-form-urlencoded"})

    def accepted(self, assertion):
        answer = self.ask(assertion)
        self.assertEqual(answer.status, 200, answer.body)
        token = answer.json["access_token"]
        self.assertEqual(claims(token)["appidacr"], "2")
        self.assertEqual(self.vault("GET", "keys/acr-cmk", token=token).status, 200)

    def refused(self, assertion, number, **changes):
        answer = self.ask(assertion, **changes)
        self.assertIn(answer.status, (400, 401))
        self.assertEqual(answer.json["error_codes"], [number], answer.body)

    def certificate(self, name, subject, *more):
        """Paths of a key and a certificate of their own."""
        key, cert = (os.path.join(self.directory, f"{name}.{end}") for end in ("key", "crt"))
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "9",
                "-subj", subject, *more)
        return key, cert

    def test_both_algorithms_and_alphabets(self):
        self.accepted(self.make())
        standard = base64.b64encode(self.x5t).decode()      # MSAL Go: with its padding
        self.accepted(self.make({"alg": "PS256", "typ": "JWT", "x5t#S256": standard}))
        sha1 = encoded(hashlib.sha1(self.der).digest())
        for x5t in (sha1, sha1 + "="):                      # MSAL Python
            self.accepted(self.make({"alg": "RS256", "typ": "JWT", "x5t": x5t}, pss=False))

    def test_signature(self):
        good = self.make()
        self.refused(good[:-6] + ("AAAAAA" if good[-6:] != "AAAAAA" else "BBBBBB"), 700027)
        self.refused(self.make(pss=False), 700027)          # says PS256
        self.refused(self.make({"alg": "RS256", "x5t": encoded(hashlib.sha1(self.der).digest())}), 700027)
        self.refused(self.make({"alg": "RS256", "x5t#S256": encoded(self.x5t)}, pss=False), 50027)
        self.refused(self.make({"alg": "none", "x5t": encoded(hashlib.sha1(self.der).digest())}), 700027)
        key, _ = self.certificate("stranger", "/CN=stranger")
        self.refused(self.make(place=key), 700027)
        self.refused("a.b.c", 50027)
        self.refused("nonsense", 50027)

    def test_claims(self):
        now = int(time.time())
        self.refused(self.make(aud=self.sim.env["SIM_AUTHORITY"]), 700023)
        self.refused(self.make(iss="somebody"), 700021)
        self.refused(self.make(sub=None), 700021)
        self.refused(self.make(jti=None), 50027)
        for changes in ({"exp": now - 301, "nbf": now - 900}, {"nbf": now + 400}, {"exp": None},
                        {"exp": now + 90000}):
            self.refused(self.make(**changes), 700024)
        self.refused(self.make(), 900144, client_assertion_type="urn:else")

    def test_registration(self):
        key, cert = self.certificate("other", "/CN=other")
        with open(cert, encoding="ascii") as file:
            pem = file.read()
        header = {"alg": "PS256", "x5t#S256": encoded(hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).digest())}
        self.refused(self.make(header, key), 700027)
        self.sim.admin("/certificate", {"pem": pem})
        self.accepted(self.make(header, key))
        self.accepted(self.make())
        self.sim.admin("/certificate", {"pem": pem, "only": True})
        self.refused(self.make(), 700027)
        self.sim.admin("/settings", {"clock_offset": 10 * 86400})
        now = int(time.time()) + 10 * 86400
        answer = self.ask(self.make(header, key, nbf=now, exp=now + 600))
        self.assertIn("The key used is expired", answer.json["error_description"])

    def test_subject_and_issuer(self):
        _, authority = self.certificate("ca", "/CN=authority")
        key, cert = self.certificate("leaf", "/CN=leaf", "-CA", authority, "-CAkey",
                                     os.path.join(self.directory, "ca.key"))
        stranger, self_signed = self.certificate("self", "/CN=leaf")
        with open(authority, encoding="ascii") as file:
            self.sim.admin("/certificate", {"subject": "CN=leaf", "authority": file.read(), "only": True})

        def header(path, chain=True):
            with open(path, encoding="ascii") as file:
                der = ssl.PEM_cert_to_DER_cert(file.read())
            out = {"alg": "PS256", "x5t#S256": encoded(hashlib.sha256(der).digest())}
            return {**out, "x5c": [base64.b64encode(der).decode()]} if chain else out
        self.accepted(self.make(header(cert), key))
        self.refused(self.make(header(cert, chain=False), key), 700027)
        self.refused(self.make(header(self_signed), stranger), 700027)
        self.refused(self.make({**header(cert), "x5c": ["!"]}, key), 50027)

    def test_federated_tokens(self):
        with open(self.sim.env["SIM_FEDERATED_TOKEN_FILE"], encoding="ascii") as file:
            self.accepted(file.read())
        self.assertEqual(claims(self.sim.admin("/federated", {})["token"])["aud"], ["api://AzureADTokenExchange"])
        for values, number in (({"issuer": "https://else"}, 700211), ({"subject": "else"}, 700213),
                               ({"audience": "api://else"}, 700212), ({"lifetime": -400}, 700024),
                               ({"spoilt": True}, 5001266)):
            self.refused(self.sim.admin("/federated", values)["token"], number)
