"""Entra ID and the services of a host that hand out managed identities' tokens."""
import base64
import os
import time
from urllib.parse import quote

from .harness import Case, claims


class Login(Case):
    def test_discovery_names_this_server(self):
        env = self.sim.env
        url = f"{env['SIM_AUTHORITY']}/{env['SIM_TENANT']}/v2.0/.well-known/openid-configuration"
        found = self.sim.call("GET", url).json
        self.assertEqual(found["issuer"], f"{env['SIM_AUTHORITY']}/{env['SIM_TENANT']}/v2.0")
        self.assertTrue(found["token_endpoint"].startswith(env["SIM_AUTHORITY"]))

    def test_instance_discovery_puts_the_port_back(self):
        env = self.sim.env
        asked = f"https://login.localhost/{env['SIM_TENANT']}/oauth2/v2.0/authorize"
        answer = self.sim.call("GET", f"{env['SIM_AUTHORITY']}/common/discovery/instance?api-version=1.0"
                                      f"&authorization_endpoint={quote(asked, safe='')}",
                               headers={"Host": "login.microsoftonline.com"}).json
        self.assertEqual(answer["tenant_discovery_endpoint"], f"{env['SIM_AUTHORITY']}/{env['SIM_TENANT']}"
                                                              "/v2.0/.well-known/openid-configuration")
        known = "https://login.microsoftonline.com/common/oauth2/authorize"
        answer = self.sim.call("GET", f"{env['SIM_AUTHORITY']}/common/discovery/instance?api-version=1.1"
                                      f"&authorization_endpoint={known}").json
        self.assertEqual(answer["metadata"][0]["aliases"], ["login.microsoftonline.com"])

    def test_token(self):
        answer = self.sim.token_request("https://management.core.windows.net//.default").json
        self.assertEqual(answer["expires_in"], 3599)
        found = claims(answer["access_token"])
        self.assertEqual(found["aud"], "https://management.core.windows.net/")
        self.assertEqual(found["iss"], f"https://sts.windows.net/{self.sim.env['SIM_TENANT']}/")
        self.assertEqual(found["exp"], found["iat"] + 3599)
        self.assertTrue({"tid", "oid", "appid", "nbf"} <= set(found))

    def test_token_errors(self):
        scope = "https://vault.azure.net/.default"
        for changes, status, error, number in (
                ({"client_secret": "wrong"}, 401, "invalid_client", 7000215),
                ({"client_id": "00000000-0000-0000-0000-000000000009"}, 400, "unauthorized_client", 700016),
                ({"tenant": "00000000-0000-0000-0000-000000000009"}, 400, "invalid_request", 90002),
                ({"client_id": None}, 400, "invalid_request", 900144),
                ({"scope": "nonsense"}, 400, "invalid_scope", 70011),
                ({"scope": "https://nowhere.example/.default"}, 400, "invalid_resource", 500011)):
            answer = self.sim.token_request(**{"scope": scope, **changes})
            self.assertEqual((answer.status, answer.json["error"], answer.json["error_codes"]),
                             (status, error, [number]))
            self.assertIn(f"AADSTS{number}: ", answer.json["error_description"])

    def test_another_secret(self):
        scope = "https://vault.azure.net/.default"
        usual = self.sim.env["SIM_CLIENT_SECRET"]
        self.sim.admin("/secret", {"value": "another one"})
        try:
            self.assertEqual(self.sim.token_request(scope=scope).json["error_codes"], [7000215])
            answer = self.sim.token_request(scope=scope, client_secret="another one")
            self.assertEqual(answer.status, 200)
        finally:
            self.sim.admin("/secret", {"value": usual})
        self.assertEqual(self.sim.token_request(scope=scope).status, 200)

    def test_lifetime_and_revocation(self):
        self.sim.admin("/settings", {"token_lifetime": 60})
        token = self.sim.token("https://vault.azure.net")
        self.assertEqual(self.vault("GET", "keys/acr-cmk", token=token).status, 200)
        self.sim.admin("/tokens", {"revoke": True, "principal": "system"})
        self.assertEqual(self.vault("GET", "keys/acr-cmk", token=token).status, 200)
        self.sim.admin("/tokens", {"revoke": True, "principal": "daemon"})
        answer = self.vault("GET", "keys/acr-cmk", token=token)
        self.assertEqual((answer.status, answer.error[0]), (401, "Unauthorized"))
        token = self.sim.token("https://vault.azure.net")
        self.assertEqual(self.vault("GET", "keys/acr-cmk", token=token).status, 200)
        self.sim.admin("/tokens", {"revoke": True})
        self.assertEqual(self.vault("GET", "keys/acr-cmk", token=token).status, 401)
        type(self).vault_token = self.sim.token("https://vault.azure.net")
        type(self).arm_token = self.sim.token("https://management.azure.com")


class Imds(Case):
    def ask(self, query="", headers=None, slash=""):
        url = (f"{self.sim.env['SIM_IMDS']}/metadata/identity/oauth2/token{slash}"
               f"?api-version=2018-02-01&resource=https%3A%2F%2Fvault.azure.net{query}")
        return self.sim.call("GET", url, headers={"Metadata": "true"} if headers is None else headers)

    def test_every_value_is_text(self):
        found = self.ask(slash="/").json
        self.assertEqual({type(value) for value in found.values()}, {str})
        self.assertLess(abs(int(found["expires_on"]) - time.time() - int(found["expires_in"])), 5)
        self.assertEqual(self.ask().json["access_token"], found["access_token"])
        self.assertEqual(self.vault("GET", "keys/acr-cmk", token=found["access_token"]).status, 200)

    def test_header_is_needed(self):
        answer = self.ask(headers={})
        self.assertEqual((answer.status, answer.json["error"]), (400, "bad_request_102"))

    def test_identities(self):
        env = self.sim.env
        for query in (f"&client_id={env['SIM_MI_CLIENT_ID']}", f"&object_id={env['SIM_MI_OBJECT_ID']}",
                      f"&msi_res_id={quote(env['SIM_MI_RESOURCE_ID'], safe='')}"):
            self.assertEqual(claims(self.ask(query).json["access_token"])["oid"], env["SIM_MI_OBJECT_ID"])
        answer = self.ask("&client_id=00000000-0000-0000-0000-000000000009")
        self.assertEqual((answer.status, answer.json), (400, {"error": "invalid_request",
                                                              "error_description": "Identity not found"}))

    def test_phases(self):
        for status in (404, 410, 429, 500):
            self.sim.admin("/fault", {"service": "imds", "status": status})
            self.assertEqual(self.ask().status, status)
        self.assertEqual(self.ask().status, 200)


class AppService(Case):
    """npm @azure/identity 4.13.1 as recorded: header, api-version, answer."""

    def ask(self, query="", header=True, version="2019-08-01"):
        env = self.sim.env
        secret = env["SIM_APPSERVICE_HEADER"] if header is True else header
        return self.sim.call("GET", f"{env['SIM_APPSERVICE_ENDPOINT']}?api-version={version}"
                                    f"&resource=https%3A%2F%2Fvault.azure.net{query}",
                             headers={"X-IDENTITY-HEADER": secret} if secret else {})

    def test_token(self):
        found = self.ask().json
        self.assertEqual(set(found), {"access_token", "client_id", "expires_on", "resource", "token_type"})
        self.assertEqual(self.vault("GET", "keys/acr-cmk", token=found["access_token"]).status, 200)

    def test_header(self):
        for header in ("", "wrong"):
            answer = self.ask(header=header)
            self.assertEqual((answer.status, answer.json["statusCode"]), (401, 401))

    def test_identities(self):
        env = self.sim.env
        for query in (f"&client_id={env['SIM_MI_CLIENT_ID']}", f"&object_id={env['SIM_MI_OBJECT_ID']}",
                      f"&mi_res_id={quote(env['SIM_MI_RESOURCE_ID'], safe='')}"):
            self.assertEqual(claims(self.ask(query).json["access_token"])["oid"], env["SIM_MI_OBJECT_ID"])
        answer = self.ask("&client_id=00000000-0000-0000-0000-000000000009")
        self.assertEqual((answer.status, "Managed Identity" in answer.json["message"]), (400, True))
        self.assertEqual(self.ask(version="2017-01-01").status, 400)


class Arc(Case):
    """npm @azure/identity 4.13.1 as recorded: the 401 and its file, then the token."""

    def ask(self, proof=None, query="", version="2020-06-01"):
        headers = {"Metadata": "true", **({"Authorization": f"Basic {proof}"} if proof else {})}
        return self.sim.call("GET", f"{self.sim.env['SIM_ARC_ENDPOINT']}?api-version={version}"
                                    f"&resource=https%3A%2F%2Fvault.azure.net{query}", headers=headers)

    def challenge(self):
        answer = self.ask()
        realm = answer.headers["WWW-Authenticate"]
        self.assertEqual((answer.status, answer.json["error"]), (401, "unauthorized_client"))
        self.assertTrue(realm.startswith(f"Basic realm={self.sim.env['SIM_ARC_DIRECTORY']}/"), realm)
        return realm.partition("=")[2]

    def read(self):
        with open(self.challenge(), encoding="ascii") as file:
            return file.read()

    def test_token(self):
        path = self.challenge()
        with open(path, encoding="ascii") as file:
            proof = file.read()
        found = self.ask(proof).json
        self.assertEqual({type(value) for value in found.values()}, {str})
        self.assertEqual(self.vault("GET", "keys/acr-cmk", token=found["access_token"]).status, 200)
        self.assertFalse(os.path.exists(path))
        self.assertEqual(self.ask(proof).status, 401)      # good for once

    def test_wrong_proof(self):
        self.read()
        self.assertEqual(self.ask("wrong").status, 401)
        self.assertEqual(self.ask(version="2018-02-01").status, 400)

    def test_identity_is_confirmed_by_its_name(self):
        for name, value in (("client_id", "SIM_MI_CLIENT_ID"), ("object_id", "SIM_MI_OBJECT_ID"),
                            ("msi_res_id", "SIM_MI_RESOURCE_ID")):
            wanted = self.sim.env[value]
            self.assertEqual(self.ask(self.read(), f"&{name}={wanted}").json[name], wanted)

    def test_the_key_file_elsewhere(self):
        folder = os.path.join(self.directory, "tokens")
        os.mkdir(folder)
        self.sim.admin("/settings", {"arc_directory": folder})
        realm = self.ask().headers["WWW-Authenticate"]
        self.assertTrue(realm.startswith(f"Basic realm={folder}/"), realm)

    def test_old_agents_pass_over_the_identity(self):
        env = self.sim.env
        query = f"&client_id={env['SIM_MI_CLIENT_ID']}"
        self.assertEqual(self.ask(self.read(), query).json["client_id"], env["SIM_MI_CLIENT_ID"])
        self.sim.admin("/settings", {"arc_user_assigned": False})
        self.assertNotEqual(self.ask(self.read(), query).json["client_id"], env["SIM_MI_CLIENT_ID"])


class RequestIds(Case):
    def test_entra_keeps_ours(self):
        url = f"{self.sim.env['SIM_AUTHORITY']}/{self.sim.env['SIM_TENANT']}/oauth2/v2.0/token"
        answer = self.sim.call("POST", url, body="", headers={
            "client-request-id": "11111111-2222-4333-8444-555555555555",
            "return-client-request-id": "true"})
        self.assertEqual(answer.json["correlation_id"], "11111111-2222-4333-8444-555555555555")
        self.assertEqual(answer.headers["client-request-id"], "11111111-2222-4333-8444-555555555555")


class Tenants(Case):
    OTHER = "99999999-5a6b-4c4e-9d7e-0a1b2c3d4e5f"

    def test_by_domain(self):
        answer = self.sim.token_request("https://vault.azure.net/.default", tenant="sim.example")
        self.assertEqual(claims(answer.json["access_token"])["tid"], self.sim.env["SIM_TENANT"])

    def test_another_one(self):
        scope = "https://vault.azure.net/.default"
        self.assertEqual(self.sim.token_request(scope, tenant=self.OTHER).json["error_codes"], [90002])
        self.sim.admin("/tenant", {"id": self.OTHER})
        token = self.sim.token_request(scope, tenant=self.OTHER).json["access_token"]
        self.assertEqual(claims(token)["tid"], self.OTHER)
        answer = self.vault("GET", "keys/acr-cmk", token=token)
        self.assertIn("AKV10032: Invalid issuer", answer.json["error"]["message"])
        answer = self.arm("GET", "simregistry", token=self.sim.token_request(
            "https://management.azure.com/.default", tenant=self.OTHER).json["access_token"])
        self.assertEqual((answer.status, answer.error[0]), (401, "InvalidAuthenticationTokenTenant"))
        self.assertIn(self.sim.env["SIM_TENANT"], answer.headers["WWW-Authenticate"])


class ClaimsChallenge(Case):
    """Continuous access evaluation: Microsoft Learn, "Claims challenges ..."."""

    def test_answered_with_the_claims(self):
        scope = "https://vault.azure.net/.default"
        old = self.sim.token_request(scope).json["access_token"]
        self.sim.admin("/tokens", {"claims": True})
        answer = self.vault("GET", "keys/acr-cmk", token=old)
        header = answer.headers["WWW-Authenticate"]
        self.assertEqual((answer.status, 'error="insufficient_claims"' in header), (401, True))
        wanted = base64.b64decode(header.partition('claims="')[2].partition('"')[0]).decode()
        plain = self.sim.token_request(scope).json["access_token"]
        self.assertEqual(self.vault("GET", "keys/acr-cmk", token=plain).status, 401)
        able = self.sim.token_request(scope, claims='{"access_token":{"xms_cc":{"values":["CP1"]}}}')
        self.assertEqual(self.vault("GET", "keys/acr-cmk", token=able.json["access_token"]).status, 401)
        good = self.sim.token_request(scope, claims=wanted).json["access_token"]
        self.assertEqual(self.vault("GET", "keys/acr-cmk", token=good).status, 200)
        self.assertEqual(self.sim.token_request(scope, claims="nonsense").status, 400)
