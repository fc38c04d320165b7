"""The certificate authority and the server's certificate, made once per directory.

Both are EC P-256: quick to make and quick in handshakes. They are kept in DIR, so a
client that was given DIR/ca.pem goes on trusting a restarted simulator.
"""
import os
import ssl
import subprocess

from .clouds import all_names
from .process import openssl

NAMES = ["localhost", *all_names()]
NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]


def _make_authority(certificate, key):
    openssl("req", "-x509", *NEW_KEY, "-keyout", key, "-out", certificate, "-days", "3650",
            "-subj", "/CN=azsim test authority",
            "-addext", "basicConstraints=critical,CA:TRUE",
            "-addext", "keyUsage=critical,keyCertSign,cRLSign")


def _make_server(certificate, key, authority, authority_key):
    names = ",".join(f"DNS:{name}" for name in NAMES) + ",IP:127.0.0.1,IP:::1"
    openssl("req", "-x509", *NEW_KEY, "-keyout", key, "-out", certificate, "-days", "825",
            "-CA", authority, "-CAkey", authority_key, "-subj", "/CN=azsim",
            "-addext", f"subjectAltName={names}",
            "-addext", "basicConstraints=critical,CA:FALSE",
            "-addext", "keyUsage=critical,digitalSignature",
            "-addext", "extendedKeyUsage=serverAuth")


def prepare(directory):
    """Makes what is missing and returns the server's TLS context."""
    path = {name: os.path.join(directory, name)
            for name in ("ca.pem", "ca.key", "server.pem", "server.key")}
    if not all(os.path.exists(name) for name in path.values()):
        _make_authority(path["ca.pem"], path["ca.key"])
        _make_server(path["server.pem"], path["server.key"], path["ca.pem"], path["ca.key"])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # Key Vault and ARM take TLS 1.2 or newer only (Microsoft Learn, "What's new for
    # Azure Key Vault").
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    context.load_cert_chain(path["server.pem"], path["server.key"])
    return context


def start_client_certificate(path):
    """Begins to make the application's certificate, its key in the same file."""
    if os.path.exists(path):
        return None
    return subprocess.Popen(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", path,
                             "-out", path + ".crt", "-days", "365", "-subj", "/CN=azsim client"],
                            stderr=subprocess.DEVNULL)


def finish_client_certificate(path, making):
    """Waits for it; the content of the file, the certificate behind the key."""
    if making is not None:
        if making.wait() != 0:
            raise RuntimeError("openssl req failed")
        os.chmod(path, 0o600)
        with open(path + ".crt", encoding="ascii") as certificate, open(path, "a", encoding="ascii") as file:
            file.write(certificate.read())
        os.unlink(path + ".crt")
    with open(path, encoding="ascii") as file:
        return file.read()


def start_signing_key(path):
    """Begins to make the RSA key that signs tokens, beside the certificates' own making."""
    if os.path.exists(path):
        return None
    return subprocess.Popen(["openssl", "genrsa", "-traditional", "-out", path, "2048"],
                            stderr=subprocess.DEVNULL)
