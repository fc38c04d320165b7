"""ARM and Container Registry."""
import time

from .harness import Case


class Arm(Case):
    def setUp(self):
        super().setUp()
        self.sim.admin("/settings", {"retry_after": 1})

    def poll(self, accepted):
        """Follows an accepted PATCH to its end; the bodies on the way."""
        url, seen = accepted.headers["Azure-AsyncOperation"], []
        while not seen or seen[-1]["status"] == "InProgress":
            answer = self.sim.call("GET", url, self.arm_token)
            self.assertEqual(answer.status, 200)
            seen.append(answer.json)
            url = answer.headers["Azure-AsyncOperation"]
        return seen

    def pair(self, key, registry, **values):
        """A key with two versions and a registry that uses the first."""
        first = self.new_key(key)["version"]
        self.new_registry(registry, key, **values)
        return first, self.new_key(key)["version"]

    def test_who_may_ask(self):
        answer = self.arm("GET", "/subscriptions/00000000-0000-0000-0000-000000000009/resources", token=None)
        self.assertEqual((answer.status, answer.error[0]), (404, "SubscriptionNotFound"))
        answer = self.arm("GET", "simregistry", token=None)
        self.assertEqual((answer.status, answer.error[0]), (401, "AuthenticationFailed"))
        self.assertIn("authorization_uri=", answer.headers["WWW-Authenticate"])
        answer = self.arm("GET", "simregistry", token=self.vault_token)
        self.assertEqual((answer.status, answer.error[0]), (401, "InvalidAuthenticationTokenAudience"))
        answer = self.arm("GET", "simregistry", query="x=y")
        self.assertEqual((answer.status, answer.error[0]), (400, "MissingApiVersionParameter"))
        self.assertEqual(self.arm("GET", "nosuchregistry").error[0], "ResourceNotFound")
        answer = self.arm("GET", self.sim.registry_path.replace("sim-rg", "nowhere"))
        self.assertEqual(answer.error[0], "ResourceGroupNotFound")
        self.sim.admin("/permissions", {"principal": self.sim.env["SIM_CLIENT_ID"], "arm_read": False})
        self.assertEqual(self.arm("GET", "simregistry").error[0], "AuthorizationFailed")
        self.sim.admin("/permissions", {"principal": "daemon", "arm_read": True})

    def test_lists_by_the_rights_that_there_are(self):
        self.new_key("listed")
        for name in ("listedone", "listedtwo"):
            self.new_registry(name, "listed")
        self.sim.admin("/permissions", {"principal": "daemon", "arm_read": False})
        self.sim.admin("/permissions", {"principal": "daemon", "scope": f"{self.sim.registry_path}/listedone",
                                        "arm_read": True})
        self.assertEqual(self.arm("GET", self.sim.registry_path).error[0], "AuthorizationFailed")
        self.sim.admin("/settings", {"list_denial": "filter"})
        answer = self.arm("GET", self.sim.registry_path)
        self.assertEqual([one["name"] for one in answer.json["value"]], ["listedone"])
        self.sim.admin("/settings", {"list_denial": "403"})
        self.sim.admin("/permissions", {"principal": "daemon", "arm_read": True})

    def permissions(self, name=None):
        """What the permissions API shows at a registry, or at the group."""
        place = f"{self.sim.registry_path}/{name}" if name else self.sim.registry_path.split("/providers")[0]
        return self.arm("GET", f"{place}/providers/Microsoft.Authorization/permissions",
                        query="api-version=2022-04-01")

    def test_permissions(self):
        """Azure/azure-rest-api-specs, Microsoft.Authorization 2022-04-01,
        authorization-RoleDefinitionsCalls.json."""
        self.new_registry("permreg", "acr-cmk")
        path, kind = f"{self.sim.registry_path}/permreg", "Microsoft.ContainerRegistry/registries"
        self.assertEqual(self.permissions("permreg").json, {"value": [
            {"actions": [f"{kind}/read", f"{kind}/write", f"{kind}/operationStatuses/read"],
             "notActions": [], "dataActions": [], "notDataActions": []}]})
        self.assertEqual(self.permissions().status, 200)
        self.assertEqual(self.permissions("nosuchregistry").error[0], "ResourceNotFound")

        def permit(**rights):
            self.sim.admin("/permissions", {"principal": "daemon", "scope": path, **rights})
        permit(arm_write=False)
        self.assertEqual(self.permissions("permreg").json["value"][0]["actions"],
                         [f"{kind}/read", f"{kind}/operationStatuses/read"])
        # Roles decide what is shown and what is allowed alike.
        permit(roles=[{"actions": ["*/READ"]}, {"actions": ["microsoft.containerregistry/*"],
                                                "notActions": ["*/write"]}])
        shown = self.permissions("permreg").json["value"]
        self.assertEqual([one["notActions"] for one in shown], [[], ["*/write"]])
        self.assertEqual(self.arm("GET", "permreg").status, 200)
        self.assertEqual(self.rotate("permreg", "acr-cmk").error[0], "AuthorizationFailed")
        permit(roles=[])
        self.assertEqual(self.permissions("permreg").json, {"value": []})
        self.assertEqual(self.arm("GET", "permreg").error[0], "AuthorizationFailed")
        permit(roles=None, arm_read=True, arm_write=True)
        self.assertEqual(self.arm("GET", "permreg").status, 200)
        permit(permissions_read=False)
        self.assertEqual(self.permissions("permreg").error[0], "AuthorizationFailed")

    def test_rights_one_by_one(self):
        _, second = self.pair("rights", "rightsreg")
        path = f"{self.sim.registry_path}/rightsreg"

        def permit(**rights):
            self.sim.admin("/permissions", {"principal": "daemon", "scope": path, **rights})
        permit(arm_write=False)
        self.assertEqual(self.rotate("rightsreg", "rights").error[0], "AuthorizationFailed")
        permit(arm_write=True, op_read=False)
        accepted = self.rotate("rightsreg", "rights")
        answer = self.sim.call("GET", accepted.headers["Azure-AsyncOperation"], self.arm_token)
        self.assertEqual((answer.status, answer.error[0]), (403, "AuthorizationFailed"))
        self.sim.admin("/settings", {"clock_offset": 3})
        self.assertEqual(self.in_use("rightsreg"), (second, "Succeeded"))
        self.sim.admin("/permissions", {"principal": "daemon", "identity_assign": False})
        answer = self.arm("PATCH", "rightsreg", self.arm("GET", "rightsreg").json)
        self.assertEqual((answer.status, answer.error[0]), (403, "LinkedAuthorizationFailed"))
        self.sim.admin("/permissions", {"principal": "daemon", "identity_assign": True})

    def test_shape_and_headers(self):
        self.new_key("shape")
        self.new_registry("shapereg", "shape")
        answer = self.arm("GET", self.sim.registry_path.upper() + "/SHAPEREG")
        self.assertEqual(answer.json["name"], "shapereg")
        self.assertEqual(answer.json["identity"]["type"], "userAssigned")
        self.assertIn("/resourcegroups/", list(answer.json["identity"]["userAssignedIdentities"])[0])
        inner = answer.json["properties"]["encryption"]["keyVaultProperties"]
        self.assertIs(inner["keyRotationEnabled"], True)
        self.assertNotIn("lastKeyRotationTimestamp", inner)
        again = self.arm("GET", "shapereg")
        name = "x-ms-ratelimit-remaining-subscription-reads"
        self.assertLess(int(again.headers[name]), 250)
        for name in ("Date", "x-ms-request-id", "x-ms-correlation-request-id"):
            self.assertTrue(again.headers[name])

    def test_patch_dance(self):
        first, second = self.pair("dance", "dancereg")
        accepted = self.rotate("dancereg", "dance", second)
        self.assertEqual((accepted.status, accepted.headers["Retry-After"]), (201, "1"))
        self.assertNotIn("Location", accepted.headers)
        properties = accepted.json["properties"]
        self.assertEqual(properties["provisioningState"], "Updating")
        inner = properties["encryption"]["keyVaultProperties"]
        self.assertEqual(inner["versionedKeyIdentifier"][-32:], first)
        refused = self.rotate("dancereg", "dance", second)
        self.assertEqual((refused.status, refused.json["status"]), (409, "Failed"))
        self.assertEqual([body["status"] for body in self.poll(accepted)], ["InProgress", "Succeeded"])
        self.assertEqual(self.in_use("dancereg"), (second, "Succeeded"))
        inner = self.arm("GET", "dancereg").json["properties"]["encryption"]["keyVaultProperties"]
        self.assertIs(inner["keyRotationEnabled"], False)
        self.assertRegex(inner["lastKeyRotationTimestamp"], r"\.\d{7}\+00:00$")

    def test_patch_variants(self):
        _, second = self.pair("variant", "variantreg")
        self.sim.admin("/settings", {"patch_mode": "200"})
        answer = self.rotate("variantreg", "variant")
        self.assertEqual((answer.status, answer.json["properties"]["provisioningState"]), (200, "Succeeded"))
        self.assertEqual(self.in_use("variantreg")[0], second)
        self.sim.admin("/settings", {"patch_mode": "202"})
        answer = self.rotate("variantreg", "variant")
        self.assertEqual(answer.status, 202)
        statuses = [self.sim.call("GET", answer.headers["Location"], self.arm_token).status for _ in "ab"]
        self.assertEqual(statuses, [202, 200])
        self.sim.admin("/settings", {"patch_mode": "201", "retry_after": None})
        answer = self.rotate("variantreg", "variant")
        self.assertNotIn("Retry-After", answer.headers)

    def test_unversioned_identifier_ignored(self):
        first, second = self.pair("stubborn", "stubbornreg")
        self.sim.admin("/settings", {"honour_unversioned": False})
        self.poll(self.rotate("stubbornreg", "stubborn"))
        self.assertEqual(self.in_use("stubbornreg")[0], first)
        self.poll(self.rotate("stubbornreg", "stubborn", second))
        self.poll(self.rotate("stubbornreg", "stubborn"))
        self.assertEqual(self.in_use("stubbornreg")[0], second)

    def test_follows_by_itself_after_the_delay(self):
        first, second = self.pair("follow", "followreg")
        self.new_registry("pinnedreg", "follow", version="oldest")
        self.assertEqual(self.in_use("followreg")[0], first)
        self.sim.admin("/settings", {"follow_delay": 0.2})
        time.sleep(0.3)
        self.assertEqual(self.in_use("followreg")[0], second)
        self.assertEqual(self.in_use("pinnedreg")[0], first)
        self.new_key("follow", enabled=False)
        time.sleep(0.3)
        self.assertEqual(self.in_use("followreg")[0], second)

    def test_key_errors_both_ways(self):
        self.pair("cmk", "cmkreg")
        self.sim.admin("/registry", {"name": "cmkreg", "identity": "detach"})
        failed = self.poll(self.rotate("cmkreg", "cmk"))[-1]
        self.assertEqual(failed["status"], "Failed")
        self.assertIn("does not have access to identity", failed["error"]["message"])
        self.sim.admin("/registry", {"name": "cmkreg", "identity": "attach"})
        self.sim.admin("/settings", {"cmk_error_mode": "at-once"})
        self.sim.admin("/permissions", {"principal": "acr-cmk", "vault_wrap": False})
        answer = self.rotate("cmkreg", "cmk")
        self.assertEqual((answer.status, answer.json["status"]), (400, "Failed"))
        self.assertIn("Failed to access KeyId", answer.json["error"]["message"])
        self.sim.admin("/permissions", {"principal": "acr-cmk", "vault_wrap": True})
        self.new_key("curve", kty="EC")
        self.new_key("cmk", enabled=False)
        for key in ("curve", "cmk", "nothing"):
            self.assertEqual(self.rotate("cmkreg", key).status, 400)

    def test_whole_object_patch(self):
        first, second = self.pair("whole", "wholereg")
        before = self.arm("GET", "wholereg").json
        before["properties"]["encryption"]["keyVaultProperties"]["keyIdentifier"] = \
            f"{self.sim.env['SIM_VAULT']}/keys/whole/{second}"
        self.poll(self.arm("PATCH", "wholereg", before))
        after = self.arm("GET", "wholereg").json
        self.assertEqual(self.in_use("wholereg")[0], second)
        self.assertEqual(after["identity"], before["identity"])
        self.assertEqual(after["tags"], before["tags"])
        updated = [one["properties"]["policies"]["retentionPolicy"]["lastUpdatedTime"]
                   for one in (before, after)]
        self.assertNotEqual(*updated)
        self.assertEqual(self.arm("PUT", "wholereg", before).status, 400)
        self.assertNotEqual(first, second)

    def test_identifier_as_it_is_written(self):
        first = self.new_key("ported")["version"]
        name = "https://simvault.vault.localhost:9/keys/ported"
        self.new_registry("portedreg", name)
        second = self.new_key("ported")["version"]
        for values, identifier, used in (
                ({}, name, first), ({"in_use": "newest"}, name, second),
                ({"version": "oldest"}, f"{name}/{first}", first),
                ({"key": f"{name}/", "version": "unversioned"}, name, first)):
            shown = self.sim.admin("/registry", {"name": "portedreg", **values})
            inner = shown["encryption"]["keyVaultProperties"]
            self.assertEqual((inner["keyIdentifier"], inner["versionedKeyIdentifier"]),
                             (identifier, f"{name}/{used}"))

    def test_lists_and_pages(self):
        self.new_key("bulk")
        self.sim.admin("/registries", {"count": 5, "prefix": "bulkreg", "key": "bulk",
                                       "resource_group": "Bulk-RG"})
        self.sim.admin("/settings", {"page_size": 2})
        path = self.sim.registry_path.replace("sim-rg", "bulk-rg")
        url = f"{self.sim.env['SIM_ARM']}{path}?api-version=2023-07-01"
        pages = []
        while url:
            answer = self.sim.call("GET", url, self.arm_token).json
            pages.append([item["name"] for item in answer["value"]])
            url = answer.get("nextLink")
        self.assertEqual([len(page) for page in pages], [2, 0, 2, 0, 1])
        self.assertEqual(sum(pages, []), [f"bulkreg{number}" for number in range(5)])
        subscription = f"/subscriptions/{self.sim.env['SIM_SUBSCRIPTION']}"
        self.assertEqual(self.arm("GET", "/subscriptions").json["count"]["value"], 1)
        found = self.arm("GET", f"{subscription}/resources", query="api-version=2021-04-01&$filter="
                         "resourceType%20eq%20%27Microsoft.ContainerRegistry%2Fregistries%27"
                         "%20and%20name%20eq%20%27BULKREG3%27").json["value"]
        self.assertEqual([item["name"] for item in found], ["bulkreg3"])
        identity = self.sim.env["SIM_MI_RESOURCE_ID"]
        found = self.arm("GET", identity, query="api-version=2018-11-30").json["properties"]
        self.assertEqual(found["clientId"], self.sim.env["SIM_MI_CLIENT_ID"])
        self.assertEqual(len(self.arm("GET", "simregistry/replications").json["value"]), 1)

    def test_throttling(self):
        self.sim.admin("/settings", {"throttle": True})
        link = self.sim.connection(self.sim.env["SIM_ARM"])
        for _ in range(400):
            answer = self.arm("GET", "/subscriptions/" + self.sim.env["SIM_SUBSCRIPTION"], connection=link)
            if answer.status == 429:
                break
        link.close()
        self.assertEqual((answer.status, answer.error[0]), (429, "SubscriptionRequestsThrottled"))
        self.assertGreaterEqual(int(answer.headers["Retry-After"]), 1)
        self.assertEqual(answer.headers["x-ms-ratelimit-remaining-subscription-reads"], "0")
