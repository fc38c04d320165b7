"""Starts a simulator and speaks HTTP to it with nothing but the standard library."""
import base64
import http.client
import json
import os
import shlex
import shutil
import signal
import ssl
import subprocess
import tempfile
import time
import unittest
from urllib.parse import urlencode, urlsplit

PROGRAM = os.path.join(os.path.dirname(os.path.dirname(os.path.realpath(__file__))), "azsim")


class Answer:
    """An HTTP answer, read to its end."""

    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def error(self):
        """(code, inner code) of an error body."""
        error = self.json["error"]
        return error["code"], error.get("innererror", {}).get("code")


class Loopback(http.client.HTTPSConnection):
    """Connects to 127.0.0.1 whatever the host name says; the certificate must still match."""

    def connect(self):
        host, self.host = self.host, "127.0.0.1"
        http.client.HTTPConnection.connect(self)
        self.host = host
        self.sock = self._context.wrap_socket(self.sock, server_hostname=host)


class Simulator:
    """One running azsim."""

    def __init__(self, directory, *arguments):
        self.directory = directory
        self.stderr = open(os.path.join(directory, "stderr.txt"), "a+b")  # pylint: disable=R1732
        self.process = subprocess.Popen([PROGRAM, "--dir", directory, *arguments],
                                        stdout=self.stderr, stderr=self.stderr)
        environment = os.path.join(directory, "azsim.env")
        deadline = time.monotonic() + 40    # a loaded machine is slow to make keys
        while not os.path.exists(environment):
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.process.kill()     # nobody else will
                self.process.wait()
                raise RuntimeError("azsim did not start: " + self.complaints())
            time.sleep(0.01)
        with open(environment, encoding="utf-8") as file:
            pairs = (shlex.split(line)[0].partition("=") for line in file)
            self.env = {name: value for name, _, value in pairs}
        self.pool = {}      # connections kept open, by scheme and host
        self.context = ssl.create_default_context(cafile=self.env["SIM_CA"])
        self.vault_path = (f"/subscriptions/{self.env['SIM_SUBSCRIPTION']}/resourceGroups/"
                           f"{self.env['SIM_RG']}/providers/Microsoft.KeyVault/vaults/simvault")
        self.registry_path = (f"/subscriptions/{self.env['SIM_SUBSCRIPTION']}/resourceGroups/"
                              f"{self.env['SIM_RG']}/providers/Microsoft.ContainerRegistry/registries")

    def complaints(self):
        """What it printed, which should be nothing."""
        self.stderr.seek(0)
        return self.stderr.read().decode()

    def stop(self):
        """Ends it as a service manager would; returns (exit status, seconds)."""
        started = time.monotonic()
        for link in self.pool.values():
            link.close()
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(10)
        return status, time.monotonic() - started

    def connection(self, url):
        """A connection to the host of a URL."""
        parts = urlsplit(url)
        if parts.scheme == "http":
            return http.client.HTTPConnection(parts.hostname, parts.port, timeout=10)
        return Loopback(parts.hostname, parts.port, context=self.context, timeout=10)

    def call(self, method, url, token=None, body=None, headers=None, connection=None):
        """One request; the body may be an object, text or bytes."""
        parts = urlsplit(url)
        where = (parts.scheme, parts.netloc)
        if connection is None and where not in self.pool:
            self.pool[where] = self.connection(url)
        link = connection or self.pool[where]
        headers = dict(headers or {})
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if isinstance(body, dict):
            body = json.dumps(body)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        try:
            link.request(method, target, body, headers)
            return Answer(link.getresponse())
        except (http.client.HTTPException, OSError):
            link.close()    # it connects again when it is used again
            raise

    def admin(self, path, values=None):
        """An admin request that must succeed."""
        answer = self.call("GET" if values is None else "POST", self.env["SIM_ADMIN"] + path, body=values)
        if answer.status != 200:
            raise AssertionError(f"{path}: {answer.body.decode()}")
        return answer.json

    def token_request(self, scope, tenant=None, **changes):
        """The token endpoint's answer."""
        form = {"grant_type": "client_credentials", "client_id": self.env["SIM_CLIENT_ID"],
                "client_secret": self.env["SIM_CLIENT_SECRET"], "scope": scope, **changes}
        form = {name: value for name, value in form.items() if value is not None}
        url = f"{self.env['SIM_AUTHORITY']}/{tenant or self.env['SIM_TENANT']}/oauth2/v2.0/token"
        return self.call("POST", url, body=urlencode(form),
                         headers={"Content-Type": "application/x-www-form-urlencoded"})

    def token(self, audience):
        """A token for an audience."""
        return self.token_request(audience + "/.default").json["access_token"]


def claims(token):
    """The claims of a token, unchecked."""
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


class Case(unittest.TestCase):
    """A test with a simulator that the class shares; each test starts from the default
    settings, without faults."""

    arguments = ()
    audiences = ("https://vault.azure.net", "https://management.azure.com")

    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.mkdtemp(prefix="azsim-check.")
        cls.sim = Simulator(cls.directory, *cls.arguments)
        cls.settings = cls.sim.admin("/settings")
        cls.vault_token, cls.arm_token = (cls.sim.token(one) for one in cls.audiences)

    @classmethod
    def tearDownClass(cls):
        cls.sim.stop()
        cls.sim.stderr.close()
        shutil.rmtree(cls.directory)

    @classmethod
    def share(cls, other):
        """Takes another class's simulator."""
        for name in ("directory", "sim", "settings", "vault_token", "arm_token"):
            setattr(cls, name, getattr(other, name))

    def setUp(self):
        self.sim.admin("/settings", {**self.settings, "throttle": False})
        self.sim.admin("/faults/clear", {})

    def tearDown(self):
        self.assertEqual(self.sim.complaints(), "")

    def vault(self, method, path, body=None, token=True, query="api-version=7.4", **more):
        """A request to the vault."""
        return self.sim.call(method, f"{self.sim.env['SIM_VAULT']}/{path}?{query}",
                             self.vault_token if token is True else token, body, **more)

    def arm(self, method, path, body=None, token=True, query="api-version=2023-07-01", **more):
        """A request to ARM; a path that is no full one is a registry's name."""
        full = path if path.startswith("/") else f"{self.sim.registry_path}/{path}"
        return self.sim.call(method, f"{self.sim.env['SIM_ARM']}{full}?{query}",
                             self.arm_token if token is True else token, body, **more)

    def new_key(self, name, **values):
        """Makes a key or a version; the answer names the version."""
        return self.sim.admin("/key", {"name": name, "new_version": True, **values})

    def new_registry(self, name, key, **values):
        """Makes a registry on a key."""
        return self.sim.admin("/registry", {"name": name, "key": key, **values})

    def rotate(self, registry, key, version=None, **more):
        """The smallest PATCH that moves a registry."""
        url = f"{self.sim.env['SIM_VAULT']}/keys/{key}" + (f"/{version}" if version else "")
        return self.arm("PATCH", registry, {"properties": {"encryption": {
            "status": "enabled", "keyVaultProperties": {
                "keyIdentifier": url, "identity": "c11e7700-0000-4000-8000-000000000004"}}}}, **more)

    def in_use(self, registry):
        """(version in use, provisioning state) as ARM shows them."""
        properties = self.arm("GET", registry).json["properties"]
        used = properties["encryption"]["keyVaultProperties"]["versionedKeyIdentifier"]
        return used.rsplit("/", 1)[1], properties["provisioningState"]


class Shared(Case):
    """The classes of a file that have one simulator between them: to start one costs
    more than a dozen checks."""

    first = {}      # a file -> the class that started it

    @classmethod
    def setUpClass(cls):
        first = Shared.first.setdefault(cls.__module__, cls)
        if first is cls:
            super().setUpClass()
            unittest.addModuleCleanup(super().tearDownClass)
        else:
            cls.share(first)

    @classmethod
    def tearDownClass(cls):
        pass    # the file's end does it
