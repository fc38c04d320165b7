"""Certificates with which applications prove who they are."""
import base64
import hashlib
import os
import ssl
import tempfile
from dataclasses import dataclass
from datetime import datetime, timezone

from .fields import FieldError, check, flag, text
from .process import openssl

FIELDS = {"pem": text, "subject": text, "authority": text, "only": flag}


def _moment(words):
    return datetime.strptime(words, "%b %d %H:%M:%S %Y %Z").replace(tzinfo=timezone.utc).timestamp()


@dataclass
class Certificate:
    """What an application is registered with, or what a client sends along."""
    der: bytes
    modulus: int
    starts: float
    ends: float
    subject: str

    @classmethod
    def read(cls, pem):
        """The first certificate of a PEM text."""
        try:
            shown = openssl("x509", "-noout", "-modulus", "-dates", "-subject", "-nameopt", "RFC2253",
                            data=pem.encode()).decode()
            start = pem.index("-----BEGIN CERTIFICATE-----")
            end = pem.index("-----END CERTIFICATE-----") + len("-----END CERTIFICATE-----")
            der = ssl.PEM_cert_to_DER_cert(pem[start:end])
            values = dict(line.partition("=")[::2] for line in shown.splitlines())
            modulus = int(values["Modulus"], 16)
        except (RuntimeError, ValueError, KeyError) as error:
            raise FieldError(f"certificate: {error}") from None
        return cls(der, modulus, _moment(values["notBefore"]), _moment(values["notAfter"]),
                   values["subject"].strip())

    @property
    def sha256(self):
        """The thumbprint of x5t#S256."""
        return hashlib.sha256(self.der).digest()

    @property
    def sha1(self):
        """The thumbprint of x5t."""
        return hashlib.sha1(self.der).digest()


class Certificates:
    """Those of one application: single ones, and subjects trusted from an authority."""

    def __init__(self):
        self.known = []
        self.subjects = []      # (subject, authority's PEM)

    def register(self, values):
        """The admin port's way to add some."""
        check("certificate", FIELDS, values)
        if values.get("only"):
            self.known, self.subjects = [], []
        if "pem" in values:
            self.known.append(Certificate.read(values["pem"]))
        if "subject" in values:
            self.subjects.append((values["subject"], values["authority"]))
        return {"thumbprints": [one.sha1.hex().upper() for one in self.known],
                "subjects": [subject for subject, _ in self.subjects]}

    def find(self, header):
        """The one whose thumbprint a token's header has, in either alphabet, else None."""
        for member, digest in (("x5t#S256", "sha256"), ("x5t", "sha1")):
            if member in header:
                words = str(header[member]).rstrip("=").replace("+", "-").replace("/", "_")
                for one in self.known:
                    if base64.urlsafe_b64encode(getattr(one, digest)).decode().rstrip("=") == words:
                        return one
        return None

    def trusted(self, chain):
        """The first certificate of an x5c, when a trusted authority issued it for a trusted
        subject (Microsoft Learn, "Subject name and issuer authentication"), else None."""
        pems = ["-----BEGIN CERTIFICATE-----\n" + one + "\n-----END CERTIFICATE-----\n" for one in chain]
        leaf = Certificate.read(pems[0])
        for subject, authority in self.subjects:
            if leaf.subject == subject and self._issued(pems, authority):
                return leaf
        return None

    @staticmethod
    def _issued(pems, authority):
        with tempfile.TemporaryDirectory() as folder:
            paths = []
            for name, content in (("ca", authority), ("chain", "".join(pems)), ("leaf", pems[0])):
                paths.append(os.path.join(folder, name))
                with open(paths[-1], "w", encoding="ascii") as file:
                    file.write(content)
            try:
                openssl("verify", "-no_check_time", "-CAfile", paths[0], "-untrusted", paths[1], paths[2])
            except RuntimeError:
                return False
        return True
