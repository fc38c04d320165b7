"""Faults, bad input and the admin port."""
import http.client
import socket
import ssl
import time

from .harness import Case


class Faults(Case):
    def test_status_count_and_skip(self):
        made = self.sim.admin("/fault", {"service": "vault", "method": "GET", "path": "acr-cmk",
                                         "status": 429, "retry_after": 7, "skip": 1, "count": 2})
        answers = [self.vault("GET", "keys/acr-cmk") for _ in range(4)]
        self.assertEqual([one.status for one in answers], [200, 429, 429, 200])
        self.assertEqual((answers[1].error[0], answers[1].headers["Retry-After"]), ("Throttled", "7"))
        state = self.sim.admin("/state")["faults"]
        self.assertEqual([(one["hits"], one["left"]) for one in state if one["id"] == made["id"]], [(2, 0)])

    def test_dropped_answers(self):
        first = self.new_key("lost")["version"]
        self.new_registry("lostreg", "lost")
        second = self.new_key("lost")["version"]
        self.sim.admin("/fault", {"service": "arm", "method": "PATCH", "drop": "before"})
        self.assertRaises((http.client.HTTPException, OSError), self.rotate, "lostreg", "lost")
        self.assertEqual(self.in_use("lostreg"), (first, "Succeeded"))
        self.sim.admin("/fault", {"service": "arm", "method": "PATCH", "drop": "after"})
        self.assertRaises((http.client.HTTPException, OSError), self.rotate, "lostreg", "lost")
        self.assertEqual(self.in_use("lostreg"), (first, "Updating"))
        self.sim.admin("/fault", {"service": "vault", "drop": "half"})
        self.assertRaises(http.client.IncompleteRead, self.vault, "GET", "keys/lost")
        self.sim.admin("/settings", {"clock_offset": 3})
        self.assertEqual(self.in_use("lostreg"), (second, "Succeeded"))

    def test_operation_that_fails(self):
        first = self.new_key("fails")["version"]
        self.new_registry("failsreg", "fails")
        self.new_key("fails")
        self.sim.admin("/settings", {"op_polls": 0, "failed_state": "Failed"})
        self.sim.admin("/fault", {"service": "arm", "method": "PATCH", "operation": "Failed", "code": "Oops"})
        accepted = self.rotate("failsreg", "fails")
        self.assertEqual(accepted.status, 201)
        operation = self.sim.call("GET", accepted.headers["Azure-AsyncOperation"], self.arm_token).json
        self.assertEqual((operation["status"], operation["error"]["code"]), ("Failed", "Oops"))
        self.assertEqual(self.in_use("failsreg"), (first, "Failed"))

    def test_delay_slow_and_raw_body(self):
        started = time.monotonic()
        self.sim.admin("/fault", {"service": "vault", "delay": 0.3})
        self.vault("GET", "keys/acr-cmk")
        self.sim.admin("/fault", {"service": "vault", "slow": 2000})
        self.assertEqual(self.vault("GET", "keys/acr-cmk").status, 200)
        self.assertGreater(time.monotonic() - started, 0.5)
        self.sim.admin("/fault", {"service": "vault", "body": "{\"key\": ", "headers": {"X-Odd": "1"}})
        answer = self.vault("GET", "keys/acr-cmk")
        self.assertEqual((answer.body, answer.headers["X-Odd"]), (b'{"key": ', "1"))

    def test_admin_refuses_what_it_does_not_know(self):
        for path, values in (("/settings", {"nonsense": 1}), ("/settings", {"patch_mode": 200}),
                             ("/fault", {"path": "("}), ("/key", {"bits": 1000}), ("/registry", {}),
                             ("/permissions", {"principal": "nobody"}), ("/nonsense", {})):
            answer = self.sim.call("POST", self.sim.env["SIM_ADMIN"] + path, body=values)
            self.assertIn(answer.status, (400, 404), path)
            self.assertTrue(answer.json["error"]["message"])


class Garbage(Case):
    def raw(self, data):
        """Sends bytes over TLS and reads to the end."""
        port = int(self.sim.env["SIM_ARM"].rsplit(":", 1)[1])
        with socket.create_connection(("127.0.0.1", port), timeout=5) as plain:
            with self.sim.context.wrap_socket(plain, server_hostname="management.localhost") as sock:
                sock.sendall(data)
                answer = b""
                while True:
                    try:
                        part = sock.recv(65536)
                    except (ssl.SSLError, ConnectionError):
                        return answer
                    if not part:
                        return answer
                    answer += part

    def test_no_traceback_on_garbage(self):
        for data in (b"garbage\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/1.1\r\nbad header\r\n\r\n",
                     b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
                     b"GET / HTTP/1.1\r\nContent-Length: \xb2\r\n\r\n",
                     b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1" * 70000,
                     b"\x00\xff" * 50 + b"\r\n\r\n",
                     b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                     b"GET / HTTP/1.1\r\nX: " + b"a" * 70000 + b"\r\n\r\n"):
            self.assertTrue(self.raw(data).startswith(b"HTTP/1.1 400 "), data[:40])
        for target in (b"//[", b"/%ff%00", b"/" + b"a/" * 500, b"*"):
            answer = self.raw(b"GET " + target + b" HTTP/1.1\r\nHost: management.localhost\r\n"
                              b"Connection: close\r\n\r\n")
            self.assertRegex(answer[:12].decode(), r"HTTP/1.1 4\d\d")

    def test_bad_bodies_get_the_services_error(self):
        for body in (b"", b"{", b"[]", b"\xff\xfe", b"[" * 100000, b'{"a":' * 5000):
            answer = self.vault("POST", "keys/bad/create", body)
            self.assertEqual((answer.status, answer.error[0]), (400, "BadParameter"))
            answer = self.arm("PATCH", "simregistry", body)
            self.assertEqual((answer.status, answer.error[0]), (400, "InvalidRequestContent"))
        for body in ({"kty": 5}, {"kty": "RSA", "key_size": "x"}, {"kty": "RSA", "attributes": {"nbf": "x"}}):
            self.assertEqual(self.vault("POST", "keys/bad/create", body).status, 400)
        for inner in ({"encryption": 5}, {"encryption": {"keyVaultProperties": {"keyIdentifier": 5}}},
                      {"encryption": {"keyVaultProperties": {"identity": [1]}}}, {"policies": []}):
            self.assertEqual(self.arm("PATCH", "simregistry", {"properties": inner}).status, 400)
        for values in ({"sku": {"name": 5}}, {"identity": {"userAssignedIdentities": []}}, {"tags": 1}):
            self.assertEqual(self.arm("PATCH", "simregistry", values).status, 400)
        for method in ("PUT", "DELETE", "OPTIONS"):
            self.assertIn(self.vault(method, "keys").status, (400, 405))
            self.assertIn(self.arm(method, "/subscriptions").status, (404, 405))

    def test_plain_text_and_mistrust_on_the_tls_port(self):
        port = int(self.sim.env["SIM_ARM"].rsplit(":", 1)[1])
        with socket.create_connection(("127.0.0.1", port), timeout=5) as plain:
            plain.sendall(b"GET / HTTP/1.1\r\n\r\n")
            while plain.recv(4096):
                pass
        with socket.create_connection(("127.0.0.1", port), timeout=5) as plain:
            self.assertRaises(ssl.SSLError, ssl.create_default_context().wrap_socket, plain,
                              server_hostname="management.localhost")
        with socket.create_connection(("127.0.0.1", port), timeout=5) as plain:
            self.assertRaises(ssl.SSLError, self.sim.context.wrap_socket, plain,
                              server_hostname="elsewhere.example")

    def test_http_manners(self):
        head = b"Host: management.localhost\r\n"
        self.assertEqual(self.raw(b"GET / HTTP/1.1\r\n" + head + b"\r\nGET /x HTTP/1.1\r\n" + head
                                  + b"Connection: close\r\n\r\n").count(b"HTTP/1.1 401"), 2)
        answer = self.raw(b"POST / HTTP/1.1\r\n" + head + b"Expect: 100-continue\r\nConnection: close\r\n"
                          b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
        self.assertTrue(answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 401 "))
        answer = self.raw(b"GET / HTTP/1.1\r\nHost: elsewhere.example\r\nConnection: close\r\n\r\n")
        self.assertTrue(answer.startswith(b"HTTP/1.1 421 "))
