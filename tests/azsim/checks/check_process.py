"""Starting, stopping, several at once, and the files it writes."""
import json
import os
import shutil
import stat
import tempfile
import unittest

from .harness import Case, Simulator


class Log(Case):
    def test_requests_are_logged_without_secrets(self):
        self.vault("PATCH", "keys/acr-cmk", {"tags": {"a": "b"}})
        self.sim.token("https://vault.azure.net")
        lines = self.sim.admin("/requests?service=vault&method=PATCH")
        self.assertEqual(json.loads(lines[-1]["body"]), {"tags": {"a": "b"}})
        self.assertTrue({"time", "host", "path", "status", "req_bytes", "bytes", "connection",
                         "request_id"} <= set(lines[-1]))
        with open(os.path.join(self.directory, "requests.jsonl"), encoding="utf-8") as file:
            text = file.read()
        for secret in (self.sim.env["SIM_CLIENT_SECRET"], self.vault_token, self.arm_token):
            self.assertNotIn(secret, text)
        self.assertNotIn("/state", text)

    def test_files(self):
        def mode(name):
            return stat.S_IMODE(os.stat(os.path.join(self.directory, name)).st_mode)
        self.assertEqual((mode("client-secret"), mode("state"), mode("run"), mode("ca.key")),
                         (0o600, 0o750, 0o750, 0o600))
        with open(os.path.join(self.directory, "keyrotd.conf"), encoding="utf-8") as file:
            text = file.read()
        self.assertTrue(text.startswith("# Made by azsim; everything points at the fake Azure.\n"))
        self.assertIn(f"watch \"{self.sim.env['SIM_VAULT']}/keys/{self.sim.env['SIM_KEY']}\" {{", text)
        self.assertEqual(int(self.sim.env["SIM_PID"]), self.sim.process.pid)


class Process(unittest.TestCase):
    def setUp(self):
        self.directories = []

    def tearDown(self):
        for directory in self.directories:
            shutil.rmtree(directory)

    def start(self, *arguments, directory=None):
        if directory is None:
            directory = tempfile.mkdtemp(prefix="azsim-check.")
            self.directories.append(directory)
        return Simulator(directory, *arguments)

    def end(self, sim):
        status, seconds = sim.stop()
        self.assertEqual((status, sim.complaints()), (0, ""))
        self.assertLess(seconds, 1)
        sim.stderr.close()

    def test_tokens_and_addresses_survive_a_restart(self):
        first = self.start()
        token = first.token("https://management.azure.com")
        idle = first.connection(first.env["SIM_ARM"])
        first.call("GET", first.env["SIM_ARM"] + "/subscriptions?api-version=2021-04-01", token, connection=idle)
        self.end(first)
        idle.close()
        second = self.start(directory=first.directory)
        self.assertEqual({**first.env, "SIM_PID": ""}, {**second.env, "SIM_PID": ""})
        answer = second.call("GET", second.env["SIM_ARM"] + "/subscriptions?api-version=2021-04-01", token)
        self.assertEqual(answer.status, 200)
        self.end(second)

    def test_several_at_once(self):
        sims = [self.start() for _ in range(2)]
        tokens = [sim.token("https://vault.azure.net") for sim in sims]
        for sim, token, other in zip(sims, tokens, reversed(tokens)):
            url = f"{sim.env['SIM_VAULT']}/keys/acr-cmk?api-version=7.4"
            self.assertEqual(sim.call("GET", url, token).status, 200)
            self.assertEqual(sim.call("GET", url, other).status, 401)
        for sim in sims:
            self.end(sim)

    def test_scenario(self):
        directory = tempfile.mkdtemp(prefix="azsim-check.")
        self.directories.append(directory)
        path = os.path.join(directory, "scenario.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"settings": {"patch_mode": "200"}, "keys": [{"name": "two", "new_version": True,
                       "count": 2}], "registries": [{"name": "tworeg", "key": "two", "version": "oldest"},
                                                    {"count": 3, "key": "two"}],
                       "faults": [{"service": "arm", "status": 503}]}, file)
        sim = self.start("--scenario", path)
        state = sim.admin("/state")
        self.assertEqual([one["name"] for one in state["registries"]],
                         ["simregistry", "tworeg", "bulkreg0", "bulkreg1", "bulkreg2"])
        self.assertEqual((len(state["faults"]), state["settings"]["patch_mode"]), (1, "200"))
        self.end(sim)
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"nonsense": 1}, file)
        with self.assertRaisesRegex(RuntimeError, "azsim: scenario: unknown field"):
            self.start("--scenario", path, directory=directory)
