"""Key Vault."""
from urllib.parse import urlsplit

from .harness import Case


class Vault(Case):
    def test_challenge_comes_before_everything(self):
        host = urlsplit(self.sim.env["SIM_VAULT"]).netloc.partition(".")[2]
        for method, path in (("GET", "keys/acr-cmk"), ("POST", "keys/acr-cmk/create"), ("PUT", "nonsense")):
            answer = self.vault(method, path, token=None, query="")
            self.assertEqual(answer.status, 401)
            self.assertEqual(answer.headers["WWW-Authenticate"],
                             f'Bearer authorization="{self.sim.env["SIM_AUTHORITY"]}/'
                             f'{self.sim.env["SIM_TENANT"]}", resource="https://{host}"')
            self.assertIn("AKV10000", answer.json["error"]["message"])

    def test_refused_tokens(self):
        answer = self.vault("GET", "keys/acr-cmk", token=self.arm_token)
        self.assertEqual(answer.status, 401)
        self.assertIn("AKV10022: Invalid audience.", answer.json["error"]["message"])
        for token in ("a.b.c", "nonsense", self.vault_token[:-4] + "AAAA"):
            self.assertEqual(self.vault("GET", "keys/acr-cmk", token=token).status, 401)
        self.assertEqual(self.vault("GET", "keys/acr-cmk", query="").status, 400)

    def test_get(self):
        first = self.new_key("plain")["version"]
        second = self.new_key("plain")["version"]
        for path in ("keys/plain", "keys/plain/", "keys/PLAIN", f"keys/plain/{second.upper()}"):
            answer = self.vault("GET", path, query="api%2Dversion=2025-07-01",
                                headers={"x-ms-client-request-id": "abc"})
            self.assertEqual(answer.json["key"]["kid"], f"{self.sim.env['SIM_VAULT']}/keys/plain/{second}")
            self.assertEqual(answer.headers["x-ms-client-request-id"], "abc")
        self.assertEqual(self.vault("GET", f"keys/plain/{first}").json["key"]["kid"][-32:], first)
        for path in ("keys/nothing", "keys/plain/" + "0" * 32):
            answer = self.vault("GET", path)
            self.assertEqual((answer.status, answer.error[0]), (404, "KeyNotFound"))

    def test_versions_by_hash_with_empty_pages(self):
        made = self.new_key("many", count=7)["versions"]
        url = f"{self.sim.env['SIM_VAULT']}/keys/many/versions?api-version=7.4&maxresults=3"
        pages = []
        while url:
            answer = self.sim.call("GET", url, self.vault_token).json
            pages.append([item["kid"][-32:] for item in answer["value"]])
            self.assertNotIn("key", (answer["value"] or [{}])[0])
            url = answer["nextLink"]
            if url:
                self.assertIn("&$skiptoken=", url)
                self.assertTrue(url.endswith("&maxresults=3"))
                self.assertEqual(urlsplit(url).netloc, urlsplit(self.sim.env["SIM_VAULT"]).netloc)
        self.assertEqual([len(page) for page in pages], [3, 0, 3, 0, 1])
        self.assertEqual(sum(pages, []), sorted(made))
        answer = self.vault("GET", "keys/many/versions", query="api-version=7.4&maxresults=26")
        self.assertEqual((answer.status, answer.error[0]), (400, "BadParameter"))

    def test_disabled_newest_version_both_ways(self):
        self.new_key("off")
        self.new_key("off", enabled=False)
        self.assertIs(self.vault("GET", "keys/off").json["attributes"]["enabled"], False)
        self.sim.admin("/settings", {"disabled_get": "403"})
        answer = self.vault("GET", "keys/off")
        self.assertEqual((answer.status, answer.error), (403, ("Forbidden", "KeyDisabled")))

    def test_create_update_rotate_and_policy(self):
        made = self.vault("POST", "keys/life/create", {"kty": "RSA", "key_ops": ["wrapKey", "unwrapKey"]})
        version = made.json["key"]["kid"][-32:]
        self.assertEqual(len(made.json["key"]["n"]), 342)
        changed = self.vault("PATCH", f"keys/life/{version}", {"attributes": {"exp": 4000000000}})
        self.assertEqual(changed.json["attributes"]["exp"], 4000000000)
        self.assertEqual(changed.json["key"]["key_ops"], ["wrapKey", "unwrapKey"])
        policy = {"lifetimeActions": [{"trigger": {"timeAfterCreate": "P7D"}, "action": {"type": "rotate"}}],
                  "attributes": {"expiryTime": "P30D"}}
        answer = self.vault("PUT", "keys/life/rotationpolicy", policy).json
        self.assertEqual(answer["lifetimeActions"][0]["action"]["type"], "Rotate")
        rotated = self.vault("POST", "keys/life/rotate").json["attributes"]
        self.assertEqual(rotated["exp"] - rotated["created"], 30 * 86400)
        self.vault("PATCH", "keys/life/", {"attributes": {"enabled": False}})
        self.assertIs(self.vault("GET", f"keys/life/{version}").json["attributes"]["enabled"], True)
        self.assertIs(self.vault("GET", "keys/life").json["attributes"]["enabled"], False)

    def test_delete_recover_purge(self):
        self.new_key("gone")
        self.assertIn("recoveryId", self.vault("DELETE", "keys/gone").json)
        self.assertEqual(self.vault("GET", "keys/gone").status, 404)
        answer = self.vault("POST", "keys/gone/create", {"kty": "RSA"})
        self.assertEqual((answer.status, answer.error), (409, ("Conflict", "ObjectIsDeletedButRecoverable")))
        self.assertEqual(self.vault("POST", "deletedkeys/gone/recover").status, 200)
        self.assertEqual(self.vault("GET", "keys/gone").status, 200)
        self.vault("DELETE", "keys/gone")
        self.assertEqual(self.vault("DELETE", "deletedkeys/gone").status, 204)
        self.assertEqual(self.vault("GET", "deletedkeys/gone").status, 404)

    def test_forbidden_in_all_forms(self):
        self.sim.admin("/permissions", {"principal": "daemon", "vault_get": False})
        for denial, inner in (("rbac", "ForbiddenByRbac"), ("policy", "ForbiddenByPolicy"),
                              ("access-policy", "AccessDenied")):
            self.sim.admin("/settings", {"denial": denial})
            answer = self.vault("GET", "keys/acr-cmk")
            self.assertEqual(answer.error, ("Forbidden", inner))
            if denial == "rbac":
                self.assertIn(f"Resource: '/subscriptions/{self.sim.env['SIM_SUBSCRIPTION']}/resourcegroups/sim-rg/"
                              "providers/microsoft.keyvault/vaults/simvault/keys/acr-cmk'",
                              answer.json["error"]["message"])
        self.sim.admin("/permissions", {"principal": "daemon", "vault_get": True})
        for network, inner in (("firewall", "ForbiddenByFirewall"), ("connection", "ForbiddenByConnection")):
            self.sim.admin("/vault", {"name": "simvault", "network": network})
            self.assertEqual(self.vault("GET", "keys/acr-cmk").error, ("Forbidden", inner))
        self.sim.admin("/vault", {"name": "simvault", "network": "open"})

    def test_other_vaults_and_types(self):
        self.sim.admin("/key", {"vault": "second", "name": "curve", "kty": "EC"})
        url = self.sim.env["SIM_VAULT"].replace("simvault", "second")
        answer = self.sim.call("GET", f"{url}/keys/curve?api-version=7.4", self.vault_token).json
        self.assertEqual((answer["key"]["kty"], answer["key"]["crv"]), ("EC", "P-256"))
        self.new_key("weak", bits=1024)
        self.assertEqual(len(self.vault("GET", "keys/weak").json["key"]["n"]), 171)

    def test_control_plane_read(self):
        version = self.new_key("arm-way")["version"]
        path = (f"/subscriptions/{self.sim.env['SIM_SUBSCRIPTION']}/resourceGroups/{self.sim.env['SIM_RG']}"
                "/providers/Microsoft.KeyVault/vaults/simvault/keys/arm-way")
        found = self.arm("GET", path, query="api-version=2022-07-01").json["properties"]
        self.assertEqual(found["keyUriWithVersion"], f"{self.sim.env['SIM_VAULT']}/keys/arm-way/{version}")
        self.assertEqual(found["keySize"], 2048)
        self.assertEqual(len(self.arm("GET", f"{path}/versions").json["value"]), 1)
        self.assertEqual(self.arm("GET", f"{path}/versions/{version}").status, 200)

    def test_control_plane_refusals(self):
        """The vault's network is nothing to it; its right is the control plane's."""
        key = self.sim.vault_path + "/keys/acr-cmk"

        def read(path=key, query="api-version=2023-07-01"):
            return self.arm("GET", path, query=query)
        self.sim.admin("/vault", {"name": "simvault", "network": "connection"})
        self.assertEqual(self.vault("GET", "keys/acr-cmk").status, 403)
        self.assertEqual(read().status, 200)
        self.sim.admin("/vault", {"name": "simvault", "network": "open"})
        for version in ("2020-01-01", "2022-12-01"):
            answer = read(query=f"api-version={version}")
            self.assertEqual((answer.status, answer.error[0]), (400, "NoRegisteredProviderFound"))
        self.assertEqual(read(f"{key}-not").error[0], "ResourceNotFound")
        self.assertEqual(read(key.replace("simvault", "othervault")).error[0], "ParentResourceNotFound")
        self.sim.admin("/permissions", {"principal": "daemon", "scope": self.sim.vault_path, "arm_read": False})
        answer = read()
        self.assertEqual((answer.status, answer.error[0]), (403, "AuthorizationFailed"))
        self.assertIn(f"action 'Microsoft.KeyVault/vaults/keys/read' over scope '{key}'",
                      answer.json["error"]["message"])
        self.sim.admin("/permissions", {"principal": "daemon", "scope": self.sim.vault_path, "arm_read": True})
        # The data plane's right is another one.
        self.sim.admin("/permissions", {"principal": "daemon", "vault_get": False})
        self.assertEqual(read().status, 200)
        self.sim.admin("/permissions", {"principal": "daemon", "vault_get": True})
