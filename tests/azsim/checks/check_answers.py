"""azsim's answers are as Azure's OpenAPI documents have them. Needs $OPENAPI."""
import os
import sys
import unittest

from .harness import Case

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__)))))

from openapi.documents import folder  # noqa: E402  (the path must be set first)
from openapi.judge import Judge  # noqa: E402


@unittest.skipUnless(folder(), "OPENAPI names no folder of documents")
class Answers(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.judge = Judge.of(folder())

    def fits(self, operation, version, answer, status=200):
        """The answer has this status and what the document says of it; its value."""
        value = answer.json if answer.body else None
        self.assertEqual(answer.status, status, answer.body)
        self.assertEqual(self.judge.answer(operation, version, status, value), [])
        return value

    def test_reading_keys(self):
        for kty, more in (("RSA", {"tags": {"a": "b"}, "exp": 4000000000, "nbf": 1}), ("RSA-HSM", {"bits": 4096}),
                          ("EC", {}), ("EC-HSM", {"crv": "P-384"})):
            self.new_key(f"shown-{kty}", kty=kty, **more)
            self.fits("GetKey", "7.4", self.vault("GET", f"keys/shown-{kty}"))
        self.new_key("many", count=60)
        listed = self.fits("GetKeyVersions", "7.4", self.vault("GET", "keys/many/versions"))
        while listed["nextLink"]:
            listed = self.fits("GetKeyVersions", "7.4", self.sim.call("GET", listed["nextLink"], self.vault_token))
        self.fits("GetKeys", "7.4", self.vault("GET", "keys"))
        self.fits("GetKeyRotationPolicy", "7.4", self.vault("GET", "keys/many/rotationpolicy"))

    def test_changing_keys(self):
        made = self.fits("CreateKey", "7.4", self.vault("POST", "keys/made/create", {"kty": "RSA"}))
        version = made["key"]["kid"][-32:]
        self.fits("UpdateKey", "7.4", self.vault("PATCH", f"keys/made/{version}", {"tags": {"a": "b"}}))
        self.fits("RotateKey", "7.4", self.vault("POST", "keys/made/rotate"))
        policy = {"lifetimeActions": [{"trigger": {"timeAfterCreate": "P7D"}, "action": {"type": "rotate"}}]}
        self.fits("UpdateKeyRotationPolicy", "7.4", self.vault("PUT", "keys/made/rotationpolicy", policy))
        wrapped = self.fits("wrapKey", "7.4", self.vault(
            "POST", f"keys/made/{version}/wrapkey", {"alg": "RSA-OAEP", "value": "AAAA"}))
        self.fits("unwrapKey", "7.4", self.vault(
            "POST", f"keys/made/{version}/unwrapkey", {"alg": "RSA-OAEP", "value": wrapped["value"]}))
        self.fits("DeleteKey", "7.4", self.vault("DELETE", "keys/made"))
        self.fits("GetDeletedKey", "7.4", self.vault("GET", "deletedkeys/made"))
        self.fits("GetDeletedKeys", "7.4", self.vault("GET", "deletedkeys"))
        self.fits("RecoverDeletedKey", "7.4", self.vault("POST", "deletedkeys/made/recover"))
        self.vault("DELETE", "keys/made")
        self.fits("PurgeDeletedKey", "7.4", self.vault("DELETE", "deletedkeys/made"), 204)

    def test_errors_of_key_vault(self):
        self.fits("GetKey", "7.4", self.vault("GET", "keys/none"), 404)
        self.fits("GetKey", "7.4", self.vault("GET", "keys/acr-cmk", token=None), 401)
        self.fits("GetKeyVersions", "7.4", self.vault("GET", "keys/acr-cmk/versions",
                                                      query="api-version=7.4&maxresults=99"), 400)
        self.sim.admin("/permissions", {"principal": "daemon", "vault_get": False})
        self.fits("GetKey", "7.4", self.vault("GET", "keys/acr-cmk"), 403)
        self.sim.admin("/permissions", {"principal": "daemon", "vault_get": True})

    def test_registries(self):
        self.new_registry("bothids", "acr-cmk", identity="system")
        self.new_registry("nokey", "acr-cmk", encryption="disabled")
        self.new_registry("noids", "acr-cmk", identity="detach")
        subscription = f"/subscriptions/{self.sim.env['SIM_SUBSCRIPTION']}"
        for version in ("2022-12-01", "2023-07-01"):
            query = f"api-version={version}"
            for name in ("simregistry", "bothids", "nokey", "noids"):
                self.fits("Registries_Get", version, self.arm("GET", name, query=query))
            self.fits("Registries_List", version, self.arm(
                "GET", f"{subscription}/providers/Microsoft.ContainerRegistry/registries", query=query))
            self.fits("Registries_ListByResourceGroup", version,
                      self.arm("GET", self.sim.registry_path, query=query))
            self.fits("Replications_List", version, self.arm("GET", "simregistry/replications", query=query))
            self.fits("Replications_Get", version,
                      self.arm("GET", "simregistry/replications/westeurope", query=query))

    def test_changing_a_registry(self):
        self.new_key("changing")
        self.new_registry("changing", "changing")
        self.new_key("changing")
        self.sim.admin("/settings", {"op_polls": 0})
        for mode, status in (("201", 201), ("200", 200)):
            self.sim.admin("/settings", {"patch_mode": mode})
            accepted = self.rotate("changing", "changing")
            self.fits("Registries_Update", "2023-07-01", accepted, status)
            if status == 201:
                self.sim.call("GET", accepted.headers["Azure-AsyncOperation"], self.arm_token)
        self.fits("Registries_Get", "2023-07-01", self.arm("GET", "changing"))

    def test_resource_graph(self):
        path = "/providers/Microsoft.ResourceGraph/resources"
        for body, status in (({"query": "Resources"}, 200), ({"query": "Resources | count"}, 200),
                             ({"query": "Resources", "options": {"$top": 1}}, 200),
                             ({"query": "Resources", "options": {"resultFormat": "table"}}, 200),
                             ({"query": "Resources | evaluate x"}, 400)):
            answer = self.arm("POST", path, body, query="api-version=2021-03-01")
            self.fits("Resources", "2021-03-01", answer, status)
