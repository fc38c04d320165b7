"""Resource Graph."""
from .harness import Case

PATH = "/providers/Microsoft.ResourceGraph/resources"
REGISTRIES = "Resources | where type =~ 'Microsoft.ContainerRegistry/registries'"


class Graph(Case):
    def setUp(self):
        super().setUp()
        self.sim.admin("/settings", {"graph_lag": 0})

    def ask(self, query, token=True, subscriptions=None, **options):
        body = {"query": query}
        if subscriptions is not None:
            body["subscriptions"] = subscriptions
        if options:
            body["options"] = {name.replace("S_", "$"): value for name, value in options.items()}
        return self.arm("POST", PATH, body, token=token, query="api-version=2021-03-01")

    def names(self, query, **more):
        answer = self.ask(query, **more)
        self.assertEqual(answer.status, 200, answer.body)
        return [row["name"] for row in answer.json["data"]]

    def test_the_usual_query(self):
        answer = self.ask(REGISTRIES + " | project id, name, location, sku, identity, properties",
                          subscriptions=[self.sim.env["SIM_SUBSCRIPTION"].upper()])
        self.assertEqual(answer.status, 200)
        row = next(row for row in answer.json["data"] if row["name"] == "simregistry")
        self.assertEqual(list(row), ["id", "name", "location", "sku", "identity", "properties"])
        self.assertEqual(row["properties"]["encryption"]["status"], "enabled")
        self.assertEqual(row["properties"], self.arm("GET", "simregistry", query="api-version=2021-08-01-preview")
                         .json["properties"])
        self.assertEqual({name: answer.json[name] for name in ("resultTruncated", "facets")},
                         {"resultTruncated": "false", "facets": []})
        self.assertRegex(answer.headers["x-ms-user-quota-resets-after"], "^00:00:0[0-5]$")
        self.assertTrue(answer.headers["x-ms-user-quota-remaining"].isdigit())
        row = self.ask("where name == 'simregistry'").json["data"][0]
        self.assertEqual((row["type"], row["resourceGroup"], row["kind"], row["zones"]),
                         ("microsoft.containerregistry/registries", self.sim.env["SIM_RG"], "", None))

    def test_what_a_query_can_say(self):
        for name in ("graphb", "graphA"):
            self.sim.admin("/registry", {"name": name, "resource_group": "Graph-RG"})
        self.sim.admin("/registry", {"name": "graphA", "resource_group": "Graph-RG", "encryption": "disabled"})
        mine = "Resources | where resourceGroup == 'graph-rg'"
        for query, wanted in (
                (" | order by name asc", ["graphA", "graphb"]), (" | sort by name", ["graphb", "graphA"]),
                (" | where name in ('graphb', 'x')", ["graphb"]), (" | where name !in~ ('GRAPHB')", ["graphA"]),
                (" and name =~ 'GRAPHA'", ["graphA"]), (" | where name == 'GRAPHA'", []),
                (" | where not(name contains 'HB')", ["graphA"]),
                (" | where name startswith \"GRAPHb\"", ["graphb"]),
                (" | where properties.encryption.status == 'enabled'", ["graphb"]),
                (" | where isnotempty(properties.encryption.keyVaultProperties)", ["graphb"]),
                (" | where (name == 'x' or name == 'graphb') and sku.name =~ 'premium'", ["graphb"]),
                (" | order by name asc | take 1", ["graphA"]), (" | limit 0", []),
                (" | where properties['encryption']['status'] != 'enabled' // why\n", ["graphA"])):
            self.assertEqual(self.names(mine + query), wanted, query)
        self.assertEqual(self.ask(mine + " | count").json["data"], [{"Count": 2}])
        answer = self.ask(mine + " | where name =~ 'graphb' | extend low = tolower(name) | project low, "
                          "key = properties.encryption.keyVaultProperties.keyIdentifier", resultFormat="table")
        self.assertEqual(answer.json["data"], {
            "columns": [{"name": "low", "type": "string"}, {"name": "key", "type": "string"}],
            "rows": [["graphb", f"{self.sim.env['SIM_VAULT']}/keys/acr-cmk"]]})

    def test_pages(self):
        self.sim.admin("/registries", {"count": 5, "prefix": "pagedgraph", "resource_group": "paged-rg"})
        query = "Resources | where resourceGroup == 'paged-rg' | project id, name"
        first = self.ask(query, S_top=2).json
        self.assertEqual((first["totalRecords"], first["count"], first["resultTruncated"]), (5, 2, "false"))
        rest = self.ask(query, S_top=4, S_skipToken=first["$skipToken"]).json
        self.assertEqual((rest["count"], "$skipToken" in rest), (3, False))
        self.assertEqual(len({row["id"] for row in first["data"] + rest["data"]}), 5)
        self.assertEqual(self.ask(query, S_skip=4).json["count"], 1)
        blind = self.ask(query.replace("id, ", ""), S_top=2).json
        self.assertEqual((blind["resultTruncated"], "$skipToken" in blind), ("true", False))
        for token in (first["$skipToken"], "x", "x.y"):
            other = self.ask(query + " | take 9", S_skipToken=token)
            self.assertEqual((other.status, other.error[0]), (400, "BadRequest"))

    def test_what_it_does_not_know(self):
        for query, code, token in (
                (REGISTRIES + " | summarize count() by location", "InvalidQueryLanguage", "summarize"),
                (REGISTRIES + " | where strlen(name) > 3", "UnknownFunction", "strlen"),
                (REGISTRIES + " | where nmae == 'x'", "UnknownColumn", "nmae"),
                ("Nothing | count", "DisallowedLogicalTableName", "Nothing"),
                (REGISTRIES + " | where name =", "ParserFailure", "="),
                (REGISTRIES + " | where name == 'x", "ParserFailure", "'x"),
                (REGISTRIES + " | where " + "(" * 60, "ParserFailure", "("),
                (REGISTRIES + " |", "ParserFailure", "")):
            answer = self.ask(query)
            self.assertEqual((answer.status, answer.error[0]), (400, "BadRequest"), query)
            details = answer.json["error"]["details"]
            self.assertEqual([details[0]["code"], details[1]["code"], details[1]["token"]],
                             ["InvalidQuery", code, token])
        for options in ({"S_top": 0}, {"S_top": 1001}, {"S_top": True}, {"S_skip": -1}, {"resultFormat": "x"},
                        {"x": 1}):
            self.assertEqual(self.ask(REGISTRIES, **options).status, 400, options)
        self.assertEqual(self.ask("").status, 400)
        answer = self.ask(REGISTRIES, subscriptions=["00000000-0000-0000-0000-000000000009"])
        self.assertEqual(answer.json["error"]["details"][0]["code"], "NoValidSubscriptionsInQueryRequest")
        self.assertEqual(self.arm("GET", PATH, query="api-version=2021-03-01").status, 405)
        self.assertEqual(self.arm("POST", PATH, {}, query="api-version=2023-07-01").error[0],
                         "NoRegisteredProviderFound")

    def test_rights_tokens_and_quota(self):
        self.assertEqual(self.ask(REGISTRIES, token=None).status, 401)
        self.assertEqual(self.ask(REGISTRIES, token=self.vault_token).status, 401)
        self.sim.admin("/permissions", {"principal": "daemon", "scope": f"{self.sim.registry_path}/simregistry",
                                        "arm_read": False})
        self.assertNotIn("simregistry", self.names(REGISTRIES))
        self.sim.admin("/permissions", {"principal": "daemon", "scope": f"{self.sim.registry_path}/simregistry",
                                        "arm_read": True})
        self.sim.admin("/settings", {"throttle": True})
        answers = [self.ask(REGISTRIES) for _ in range(16)]
        self.assertEqual((answers[-1].status, answers[-1].error[0]), (429, "RateLimiting"))
        self.assertIn("resourcegraph-throttling", answers[-1].json["error"]["details"][0]["message"])
        self.assertEqual(answers[-1].headers["x-ms-user-quota-remaining"], "0")

    def test_it_lags(self):
        self.sim.admin("/settings", {"graph_lag": 100})
        self.names(REGISTRIES)
        self.sim.admin("/registry", {"name": "latecomer"})
        self.assertNotIn("latecomer", self.names(REGISTRIES))
        self.sim.admin("/settings", {"graph_lag": 100, "clock_offset": 101})
        self.assertIn("latecomer", self.names(REGISTRIES))
