"""Clouds by their names, managed HSMs, and the proxy. Sources: Azure/azure-cli, core/cloud.py;
Microsoft Learn, "About keys, secrets and certificates"; RFC 9110, section 9.3.6."""
import json
import os
import socket
import ssl
from base64 import b64encode
from urllib.parse import urlsplit

from .harness import Case


class Names(Case):
    """The names of one cloud are served, and no other's."""

    arguments = ("--cloud", "china")
    audiences = ("https://vault.azure.cn", "https://management.chinacloudapi.cn")

    def at(self, host, path="/", token=None):
        port = urlsplit(self.sim.env["SIM_ARM"]).port
        return self.sim.call("GET", f"https://{host}:{port}{path}", token)

    def test_hosts(self):
        for host, status in (("login.chinacloudapi.cn", 404), ("management.chinacloudapi.cn", 401),
                             ("simvault.vault.azure.cn", 401), ("management.localhost", 401),
                             ("login.microsoftonline.com", 421), ("management.azure.com", 421),
                             ("simvault.vault.azure.net", 421)):
            answer = self.at(host, "/subscriptions?api-version=2022-12-01")
            self.assertEqual((host, answer.status), (host, status))

    def test_audiences(self):
        for audience, status in (("https://vault.azure.cn", 200), ("https://managedhsm.azure.cn", 200),
                                 ("https://storage.azure.com", 200),
                                 ("https://management.core.chinacloudapi.cn/", 200),
                                 ("https://vault.azure.net", 400), ("https://management.azure.com", 400)):
            answer = self.sim.token_request(audience + "/.default")
            self.assertEqual((audience, answer.status), (audience, status))

    def test_the_challenge_names_the_clouds_own_authority(self):
        header = self.at("simvault.vault.azure.cn", "/keys/acr-cmk?api-version=7.4")
        header = header.headers["WWW-Authenticate"]
        self.assertIn('authorization="https://login.chinacloudapi.cn/', header)
        self.assertIn('resource="https://vault.azure.cn', header)

    def test_a_key_as_a_resource_spells_the_port(self):
        """... after its vault's own name (the examples beside Azure/azure-rest-api-specs, specification/
        keyvault/resource-manager/Microsoft.KeyVault/stable/2022-07-01/keys.json); the vault does not."""
        version = self.new_key("spelled")["version"]
        url = "https://simvault.vault.azure.cn:443/keys/spelled"
        for path in ("keys/spelled", "keys/spelled/versions/" + version):
            found = self.at("management.chinacloudapi.cn", f"{self.sim.vault_path}/{path}?api-version=2022-07-01",
                            self.arm_token).json["properties"]
            self.assertEqual((found["keyUri"], found["keyUriWithVersion"]), (url, f"{url}/{version}"))
        found = self.at("management.chinacloudapi.cn", f"{self.sim.vault_path}?api-version=2022-07-01",
                        self.arm_token).json["properties"]
        self.assertEqual(found["vaultUri"], "https://simvault.vault.azure.cn/")


class Hsm(Case):
    """A managed HSM has names, tokens and keys of its own."""

    def test_it_is_no_vault(self):
        self.sim.admin("/vault", {"name": "simhsm", "hsm": True})
        made = self.sim.admin("/key", {"vault": "simhsm", "name": "k", "new_version": True})
        self.assertEqual(made["kty"], "RSA-HSM")
        url = urlsplit(made["id"])
        self.assertTrue(url.hostname == "simhsm.managedhsm.localhost")
        path = "/keys/k?api-version=7.4"
        here, there = (f"https://simhsm.{kind}.localhost:{url.port}{path}" for kind in ("managedhsm", "vault"))
        right = self.sim.token("https://managedhsm.azure.net")
        answer = self.sim.call("GET", here, right)
        self.assertEqual((answer.status, answer.json["key"]["kid"]), (200, made["id"]))
        self.assertEqual(self.sim.call("GET", here, self.vault_token).status, 401)
        with self.assertRaises(ssl.SSLError):
            self.sim.call("GET", there, self.vault_token)   # such a vault there is not
        self.assertEqual(self.sim.call("GET", here).headers["WWW-Authenticate"].partition("resource=")[2],
                         f'"https://managedhsm.localhost:{url.port}"')
        with self.assertRaisesRegex(AssertionError, "no software keys"):
            self.sim.admin("/key", {"vault": "simhsm", "name": "k", "new_version": True, "kty": "RSA"})


class ProxyLog(Case):
    """CONNECT, its refusals and its log."""

    def ask(self, text, more=""):
        """The head of what the proxy says; the connection is closed then."""
        proxy = urlsplit(self.sim.env["SIM_PROXY"])
        with socket.create_connection((proxy.hostname, proxy.port), timeout=10) as link:
            link.sendall(f"{text} HTTP/1.1\r\nHost: x\r\n{more}\r\n".encode())
            return link.recv(4096).decode()

    def last(self):
        with open(os.path.join(self.directory, "proxy.jsonl"), encoding="utf-8") as file:
            return json.loads(file.read().splitlines()[-1])

    def test_tunnels(self):
        port = urlsplit(self.sim.env["SIM_ARM"]).port
        for target in ("login.microsoftonline.com:443", f"management.localhost:{port}", f"127.0.0.1:{port}"):
            self.assertIn(" 200 ", self.ask(f"CONNECT {target}"))
            self.assertEqual((self.last()["target"], self.last()["status"]), (target, 200))
        for target in ("example.com:443", "login.chinacloudapi.cn:443", "nonsense", "127.0.0.1:9"):
            self.assertIn(" 502 ", self.ask(f"CONNECT {target}"))
        self.assertIn(" 405 ", self.ask("GET http://169.254.169.254/metadata"))
        self.assertEqual(self.last()["target"], "http://169.254.169.254/metadata")

    def test_orders(self):
        self.sim.admin("/proxy", {"user": "me", "password": "p:w"})
        self.assertIn("Proxy-Authenticate: Basic", self.ask("CONNECT login.microsoftonline.com:443"))
        for word, status in (("me:p:w", " 200 "), ("me:no", " 407 ")):
            header = f"Proxy-Authorization: Basic {b64encode(word.encode()).decode()}\r\n"
            self.assertIn(status, self.ask("CONNECT login.microsoftonline.com:443", header))
        self.assertNotIn("p:w", str(self.last()))
        self.sim.admin("/proxy", {"status": 503, "body": "closed"})
        self.assertIn(" 503 ", self.ask("CONNECT login.microsoftonline.com:443"))
        self.sim.admin("/proxy", {})
        self.assertIn(" 200 ", self.ask("CONNECT login.microsoftonline.com:443"))
