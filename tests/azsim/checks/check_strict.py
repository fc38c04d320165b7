"""What the real services refuse, azsim refuses, and in the same words."""
import base64
import ssl

from .harness import Shared, claims


class Versions(Shared):
    def test_key_vault(self):
        for version in ("7.4", "7.4-preview.1", "2025-07-01"):
            self.assertEqual(self.vault("GET", "keys/acr-cmk", query=f"api-version={version}").status, 200)
        answer = self.vault("GET", "keys/acr-cmk", query="api-version=7.9")
        self.assertEqual((answer.status, answer.error[0]), (400, "BadParameter"))
        self.assertIn("The specified version (7.9) is not recognized.", answer.json["error"]["message"])
        self.assertEqual(self.vault("GET", "keys/acr-cmk", query="").error[0], "BadParameter")

    def test_a_provider(self):
        for version in ("2019-12-01-preview", "2022-12-01", "2023-07-01", "2025-11-01", "2022-02-01-Preview"):
            self.assertEqual(self.arm("GET", "simregistry", query=f"api-version={version}").status, 200)
        answer = self.arm("GET", "simregistry", query="api-version=2099-01-01")
        self.assertEqual((answer.status, answer.error[0]), (400, "NoRegisteredProviderFound"))
        self.assertRegex(answer.json["error"]["message"], "^No registered resource provider found for location "
                         "'westeurope' and API version '2099-01-01' for type 'registries'. The supported "
                         "api-versions are '.*2023-07-01.*'. The supported locations are '.*'.$")
        self.assertEqual(answer.headers["x-ms-failure-cause"], "gateway")
        # The vault's own versions are none of the registry's.
        self.assertEqual(self.arm("GET", "simregistry", query="api-version=2022-07-01").error[0],
                         "NoRegisteredProviderFound")
        operation = self.sim.registry_path + "/simregistry/operationStatuses/registries-1"
        answer = self.arm("GET", operation, query="api-version=2099-01-01")
        self.assertIn("for type 'registries/operationStatuses'", answer.json["error"]["message"])

    def test_resource_manager(self):
        group = f"/subscriptions/{self.sim.env['SIM_SUBSCRIPTION']}/resourceGroups/{self.sim.env['SIM_RG']}"
        self.assertEqual(self.arm("GET", group, query="api-version=2021-04-01").status, 200)
        for path, version in ((group, "2023-02-01"), (f"{self.sim.registry_path}/simregistry", "7.4"),
                              ("/subscriptions", "2099-01-01")):
            answer = self.arm("GET", path, query=f"api-version={version}")
            self.assertEqual((answer.status, answer.error[0]), (400, "InvalidApiVersionParameter"))
            self.assertRegex(answer.json["error"]["message"],
                             f"^The api-version '{version}' is invalid. The supported versions are '2.*'.$")
        self.assertEqual(self.arm("GET", group, query="").error[0], "MissingApiVersionParameter")

    def imds(self, path, query):
        return self.sim.call("GET", f"{self.sim.env['SIM_IMDS']}{path}?resource=https%3A%2F%2Fvault.azure.net"
                             f"{query}", headers={"Metadata": "true"})

    def test_metadata_service(self):
        path = "/metadata/identity/oauth2/token"
        self.assertEqual(self.imds(path, "&api-version=2018-02-01").status, 200)
        answer = self.imds(path, "&api-version=2099-01-01")
        self.assertEqual(answer.status, 400)
        self.assertIn("api-version is invalid", answer.json["error"])
        self.assertEqual(len(answer.json["newest-versions"]), 3)
        self.assertEqual(self.imds(path, "").json["error"], "invalid_request")

    def test_metadata_service_elsewhere(self):
        answer = self.imds("/metadata/nonsense", "&api-version=2018-02-01")
        self.assertEqual((answer.status, answer.json), (401, {
            "error": "unknown_source", "error_description": "Unknown Source /metadata/nonsense"}))


class Tenants(Shared):
    SCOPE = "https://vault.azure.net/.default"

    def test_of_many_are_no_home(self):
        for tenant in ("common", "organizations", "consumers", "Common"):
            answer = self.sim.token_request(self.SCOPE, tenant=tenant)
            self.assertEqual((answer.status, answer.json["error"], answer.json["error_codes"]),
                             (400, "invalid_request", [50059]))
            path = f"{self.sim.env['SIM_AUTHORITY']}/{tenant}/v2.0/.well-known/openid-configuration"
            self.assertEqual(self.sim.call("GET", path).status, 200)

    def test_by_name(self):
        other = "88888888-5a6b-4c4e-9d7e-0a1b2c3d4e5f"
        self.assertEqual(self.sim.token_request(self.SCOPE, tenant="two.example").json["error_codes"], [90002])
        self.sim.admin("/tenant", {"id": other, "domain": "two.example"})
        token = self.sim.token_request(self.SCOPE, tenant="Two.Example").json["access_token"]
        self.assertEqual(claims(token)["tid"], other)
        path = f"{self.sim.env['SIM_AUTHORITY']}/two.example/v2.0/.well-known/openid-configuration"
        self.assertEqual(self.sim.call("GET", path).json["token_endpoint"],
                         f"{self.sim.env['SIM_AUTHORITY']}/{other}/oauth2/v2.0/token")


class Tokens(Shared):
    def test_unreadable_and_of_another_signer(self):
        head, body, signature = self.vault_token.split(".")
        other = f"{head}.{body}.{signature[::-1]}"
        for token, words in (("nonsense", "BearerReadAccessTokenFailed"), ("a.b.c", "BearerReadAccessTokenFailed"),
                             (f"{head}.{head[:-3]}.{signature}", "BearerReadAccessTokenFailed"),
                             (f"{head}.WzFd.{signature}", "BearerReadAccessTokenFailed"), (other, "AKV10046")):
            answer = self.vault("GET", "keys/acr-cmk", token=token)
            self.assertEqual((answer.status, answer.error[0]), (401, "Unauthorized"))
            self.assertIn(words, answer.json["error"]["message"])
            self.assertIn("resource=", answer.headers["WWW-Authenticate"])
            answer = self.arm("GET", "simregistry", token=token)
            self.assertEqual((answer.status, answer.error[0]), (401, "InvalidAuthenticationToken"))

    def test_nested_without_end(self):
        deep = base64.urlsafe_b64encode(b"[" * 20000).decode().rstrip("=")
        token = f"{deep}.{deep}.AAAA"
        self.assertEqual(self.vault("GET", "keys/acr-cmk", token=token).status, 401)
        self.assertEqual(self.arm("GET", "simregistry", token=token).status, 401)


class Vaults(Shared):
    def test_one_that_nobody_made_has_no_address(self):
        url = self.sim.env["SIM_VAULT"].replace("simvault", "nosuchvault")
        self.assertRaises(ssl.SSLError, self.sim.call, "GET", f"{url}/keys/k?api-version=7.4", self.vault_token)
        self.sim.admin("/vault", {"name": "nosuchvault"})
        self.assertEqual(self.sim.call("GET", f"{url}/keys/k?api-version=7.4", self.vault_token).status, 404)

    def test_nor_on_another_ones_connection(self):
        link = self.sim.connection(self.sim.env["SIM_VAULT"])
        answer = self.sim.call("GET", f"{self.sim.env['SIM_VAULT']}/keys/acr-cmk?api-version=7.4", None,
                               headers={"Host": "elsewhere.vault.localhost"}, connection=link)
        self.assertEqual((answer.status, answer.headers["WWW-Authenticate"]), (421, None))
        link.close()


class Input(Shared):
    def policy(self, after, life=None, trigger="timeAfterCreate", kind="Rotate"):
        body = {"lifetimeActions": [{"trigger": {trigger: after}, "action": {"type": kind}}]}
        if life:
            body["attributes"] = {"expiryTime": life}
        return self.vault("PUT", "keys/acr-cmk/rotationpolicy", body).status

    def test_rotation_policy(self):
        self.assertEqual(self.policy("P7D"), 200)
        self.assertEqual(self.policy("P6D"), 400)
        self.assertEqual(self.policy("P23D", "P30D"), 200)
        self.assertEqual(self.policy("P24D", "P30D"), 400)
        self.assertEqual(self.policy("P6D", "P30D", "timeBeforeExpiry", "Notify"), 400)
        self.assertEqual(self.policy("P7D", "P27D"), 400)

    def test_encryption_status(self):
        for status in ("Enable", "on", 1, True):
            answer = self.arm("PATCH", "simregistry", {"properties": {"encryption": {"status": status}}})
            self.assertEqual((answer.status, answer.json["status"]), (400, "Failed"), status)
        self.assertEqual(self.rotate("simregistry", "acr-cmk").status, 201)


class Wrapping(Shared):
    def use(self, key, word, value, version=None, algorithm="RSA-OAEP-256"):
        name = version or self.vault("GET", f"keys/{key}").json["key"]["kid"][-32:]
        return self.vault("POST", f"keys/{key}/{name}/{word}", {"alg": algorithm, "value": value})

    def test_there_and_back(self):
        self.new_key("wrapper")
        for algorithm in ("RSA-OAEP-256", "RSA-OAEP", "RSA1_5"):
            wrapped = self.use("wrapper", "wrapkey", "c2VjcmV0", algorithm=algorithm).json
            self.assertEqual(len(wrapped["value"]), 342)
            self.assertEqual(self.use("wrapper", "unwrapkey", wrapped["value"], algorithm=algorithm).json,
                             {"kid": wrapped["kid"], "value": "c2VjcmV0"})
        other = self.new_key("wrapper")["version"]
        self.assertEqual(self.use("wrapper", "unwrapkey", wrapped["value"], other, "RSA1_5").status, 400)

    def test_what_a_version_allows(self):
        self.new_key("limits")
        wrapped = self.use("limits", "wrapkey", "AAAA").json["value"]
        for change, wrap, unwrap in (({"exp": 1000}, 403, 200), ({"exp": None, "nbf": 4000000000}, 403, 200),
                                     ({"nbf": None, "enabled": False}, 403, 403),
                                     ({"enabled": True, "key_ops": ["unwrapKey"]}, 403, 200)):
            self.sim.admin("/key", {"name": "limits", **change})
            self.assertEqual((self.use("limits", "wrapkey", "AAAA").status,
                              self.use("limits", "unwrapkey", wrapped).status), (wrap, unwrap), change)
        answer = self.use("limits", "wrapkey", "AAAA")
        self.assertEqual(answer.error, ("Forbidden", "KeyOperationForbidden"))

    def test_what_is_refused(self):
        self.new_key("careful")
        for value, algorithm in (("AAAA", "RSA-OAEP-512"), ("A", "RSA-OAEP"), (1, "RSA-OAEP"),
                                 ("A" * 400, "RSA-OAEP"), ("A" * 400, "RSA1_5")):
            self.assertEqual(self.use("careful", "wrapkey", value, algorithm=algorithm).status, 400)
        self.sim.admin("/key", {"name": "oval", "kty": "EC", "key_ops": ["wrapKey"]})
        self.assertEqual(self.use("oval", "wrapkey", "AAAA").status, 400)
        self.sim.admin("/permissions", {"principal": "daemon", "vault_wrap": False})
        self.assertEqual(self.use("careful", "wrapkey", "AAAA").error, ("Forbidden", "ForbiddenByRbac"))
        self.sim.admin("/permissions", {"principal": "daemon", "vault_wrap": True})
