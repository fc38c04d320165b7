"""A fault that is ordered by its status alone cannot be told from the error that the
service makes by itself: status, headers and body are compared one by one."""
import re

from .harness import Case

GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
VARIES = [
    (re.compile(r"[0-9a-f]{32}\.key"), "FILE.key"),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ"), "TIME"),
    (re.compile(r"\d{8}T\d{6}Z"), "TIME"),
]
COUNTER = "x-ms-ratelimit-remaining-"
IDS = ("request-id", "trace_id", "correlation_id")


def plain(text):
    """Text without what is another each time."""
    for pattern, word in VARIES:
        text = pattern.sub(word, text)
    return text


def shape(answer, exact):
    """(status, headers, body), ids and times aside; counters only when exact."""
    headers = {}
    for name, value in answer.headers.items():
        name = name.lower()
        if name.startswith(COUNTER) and not exact:
            value = "N"
        elif "request-id" in name or name == "x-ms-routing-request-id":
            value = GUID.sub("GUID", value)
        headers[name] = plain(value)
    del headers["date"]
    body = {name: GUID.sub("GUID", str(value)) if name in IDS else value for name, value in answer.json.items()}
    if "error_description" in body:
        body["error_description"] = GUID.sub("GUID", body["error_description"].partition("Trace ID")[0])
        body["timestamp"] = None
    return answer.status, headers, plain(str(body))


class Natural(Case):
    maxDiff = None

    def setUp(self):
        super().setUp()
        self.permit(vault_get=True, arm_read=True, arm_write=True, op_read=True)()

    def same(self, service, ask, spoil=None, mend=None, exact=False, **order):
        """The answer of the spoilt world, and that of an order in a sound one."""
        if spoil:
            spoil()
        natural = ask()
        if mend:
            mend()
        self.sim.admin("/fault", {"service": service, "status": natural.status, **order})
        ordered = ask()
        self.assertEqual(shape(ordered, exact), shape(natural, exact))
        self.sim.admin("/faults/clear", {})
        return natural.status

    def permit(self, **rights):
        """A rule about the daemon's rights, to be made later."""
        return lambda: self.sim.admin("/permissions", {"principal": "daemon", **rights})

    def test_key_vault(self):
        def get(**more):
            return lambda: self.vault("GET", "keys/acr-cmk", **more)
        self.assertEqual(self.same("vault", get(token=None)), 401)
        self.assertEqual(self.same("vault", get(token="nonsense")), 401)
        self.assertEqual(self.same("vault", lambda: self.vault("GET", "keys/none")), 404)
        self.assertEqual(self.same("vault", lambda: self.vault("GET", "keys/none/0123")), 404)
        for denial in ("rbac", "policy", "access-policy"):
            self.sim.admin("/settings", {"denial": denial})
            self.assertEqual(self.same("vault", get(), self.permit(vault_get=False),
                                       self.permit(vault_get=True)), 403)
        for network, inner in (("firewall", "ForbiddenByFirewall"), ("connection", "ForbiddenByConnection")):
            self.assertEqual(self.same(
                "vault", get(), lambda way=network: self.sim.admin("/vault", {"name": "simvault", "network": way}),
                lambda: self.sim.admin("/vault", {"name": "simvault", "network": "open"}), innererror=inner), 403)
        self.sim.admin("/fault", {"service": "vault", "status": 429})
        answer = self.vault("GET", "keys/acr-cmk")
        self.assertEqual((answer.error, answer.headers["Retry-After"]), (("Throttled", None), None))
        self.assertIn("VaultRequestTypeLimitReached", answer.json["error"]["message"])

    def test_resource_manager(self):
        def get(path="simregistry", **more):
            return lambda: self.arm("GET", path, **more)
        self.assertEqual(self.same("arm", get(token=None)), 401)
        self.assertEqual(self.same("arm", get(token="nonsense")), 401)
        self.assertEqual(self.same("arm", get("nosuchregistry")), 404)
        status = f"{self.sim.registry_path}/simregistry/operationStatuses/registries-1"
        self.assertEqual(self.same("arm", get(status)), 404)
        self.assertEqual(self.same("arm", get(), self.permit(arm_read=False), self.permit(arm_read=True)), 403)
        self.assertEqual(self.same("arm", get(status), self.permit(op_read=False),
                                   self.permit(op_read=True), code="AuthorizationFailed"), 403)
        self.assertEqual(self.same("arm", lambda: self.rotate("simregistry", "acr-cmk"),
                                   self.permit(arm_write=False), self.permit(arm_write=True)), 403)

    def test_a_busy_registry(self):
        self.new_key("busy")
        self.new_registry("busyreg", "busy")
        self.assertEqual(self.rotate("busyreg", "busy").status, 201)
        self.assertEqual(self.same("arm", lambda: self.rotate("busyreg", "busy")), 409)
        # Others' codes come from the gateway, the provider's own with its outer member.
        for code, outer in (("ScopeLocked", False), ("RegistryBusy", True)):
            self.sim.admin("/fault", {"service": "arm", "status": 409, "code": code})
            answer = self.rotate("busyreg", "busy")
            self.assertEqual((answer.error[0], "status" in answer.json,
                              answer.headers["x-ms-failure-cause"] == "gateway"), (code, outer, not outer))

    def test_throttling(self):
        self.sim.admin("/settings", {"throttle": True})
        natural = None
        for _ in range(2000):
            natural = self.arm("GET", "simregistry")
            if natural.status != 200:
                break
        self.assertEqual(natural.status, 429)
        self.sim.admin("/fault", {"service": "arm", "status": 429})
        self.assertEqual(shape(self.arm("GET", "simregistry"), True), shape(natural, True))
        self.sim.admin("/fault", {"service": "arm", "status": 429, "retry_after": None})
        self.assertIsNone(self.arm("GET", "simregistry").headers["Retry-After"])

    def test_the_other_answers_count_calls(self):
        left = [int(self.arm("GET", "simregistry").headers[f"{COUNTER}subscription-reads"])]
        for status in (500, 503, 404):
            self.sim.admin("/fault", {"service": "arm", "status": status})
            left.append(int(self.arm("GET", "simregistry").headers[f"{COUNTER}subscription-reads"]))
        self.assertTrue(all(0 <= one <= 250 for one in left), left)

    def test_entra(self):
        def ask(secret):
            return self.sim.token_request("https://vault.azure.net/.default", client_secret=secret)
        self.assertEqual(self.same("login", lambda: ask("wrong")), 401)

    def test_identities_of_this_host(self):
        env, tail = self.sim.env, "resource=https%3A%2F%2Fvault.azure.net"

        def ask(url, version, header, more="", value="true"):
            target = f"{url}?api-version={version}&{tail}{more}"
            return lambda: self.sim.call("GET", target, headers={header: value})
        nobody = "&client_id=99999999-0000-4000-8000-000000000009"
        machine = f"{env['SIM_IMDS']}/metadata/identity/oauth2/token"
        self.assertEqual(self.same("imds", ask(machine, "2018-02-01", "Metadata", nobody)), 400)
        self.assertEqual(self.same("imds", ask(f"{env['SIM_IMDS']}/other", "2018-02-01", "Metadata")), 401)
        app = env["SIM_APPSERVICE_ENDPOINT"]
        self.assertEqual(self.same("appservice", ask(app, "2019-08-01", "X-IDENTITY-HEADER", nobody,
                                                     env["SIM_APPSERVICE_HEADER"])), 400)
        self.assertEqual(self.same("appservice", ask(app, "2019-08-01", "X-IDENTITY-HEADER")), 401)
        self.assertEqual(self.same("arc", ask(env["SIM_ARC_ENDPOINT"], "2020-06-01", "Metadata")), 401)
