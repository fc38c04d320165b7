"""An HTTP proxy that logs, for clients that are not to reach anything otherwise.

It does CONNECT (RFC 9110, section 9.3.6), and leads names of the clouds that are served to
this simulator, whatever their port; other names below localhost, and addresses of loopback,
to where they say. DIR/proxy.jsonl gets one line for each request, before it is answered.
"""
import asyncio
import base64
import json
import time

from . import clouds
from .fields import FieldError, check, integer, optional, text
from .wire import reason

HEAD_LIMIT = 16384
ORDERS = {"status": optional(integer), "user": optional(text), "password": optional(text),
          "body": optional(text)}


class Proxy:
    """Its orders: `status` refuses every CONNECT so, with `body`; `user` and `password` are
    wanted when they are set."""

    def __init__(self, path):
        self.path = path
        self.port = None
        self.orders = {}
        self.listener = None
        self.tasks = set()

    def order(self, values):
        """Takes the place of all orders before."""
        check("proxy", ORDERS, values)
        if values.get("status") is not None and not 300 <= values["status"] <= 599:
            raise FieldError("proxy: a status from 300 to 599 refuses")
        self.orders = {name: value for name, value in values.items() if value is not None}
        return dict(self.orders)

    async def listen(self, sock, port):
        """Starts to serve a bound socket; the simulator's TLS port is `port`."""
        self.port = port
        self.listener = await asyncio.start_server(self._client, sock=sock, limit=HEAD_LIMIT)

    async def close(self):
        """Ends it, and every tunnel."""
        self.listener.close()
        for task in list(self.tasks):
            task.cancel()

    def _log(self, **entry):
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(json.dumps({"time": round(time.time(), 6), **entry}) + "\n")

    def _login(self, headers):
        """The user and password that were sent, or None."""
        scheme, _, word = headers.get("proxy-authorization", "").partition(" ")
        try:
            return base64.b64decode(word).decode() if scheme.lower() == "basic" else None
        except ValueError:
            return None

    def _refusal(self, method, login):
        if "status" in self.orders:
            return self.orders["status"]
        if "user" in self.orders and login != f"{self.orders['user']}:{self.orders.get('password', '')}":
            return 407
        return None if method == "CONNECT" else 405

    def _where(self, target):
        """(address, port) behind HOST:PORT, or None."""
        host, colon, port = target.rpartition(":")
        host = host.lower()
        if not colon or not port.isdigit():
            return None
        if host.endswith(".localhost") or host in ("localhost", "127.0.0.1"):
            return "127.0.0.1", int(port)
        if host == "[::1]":
            return "::1", int(port)
        return ("127.0.0.1", self.port) if clouds.host_kind(host) else None

    async def _client(self, reader, writer):
        task = asyncio.current_task()
        self.tasks.add(task)
        try:
            await self._serve(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass    # it went away, or spoke something else
        except asyncio.CancelledError:
            pass    # the simulator ends
        finally:
            self.tasks.discard(task)
            writer.transport.abort()

    async def _serve(self, reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")[:-2]
        method, target, *_ = [*first.split(" "), "", ""]
        headers = {name.lower(): value.strip() for name, _, value in
                   (line.partition(":") for line in lines)}
        login = self._login(headers)
        status, far = self._refusal(method, login), None
        if status is None:
            far = self._where(target)
            status = 200 if far else 502
        if far:
            try:
                there = await asyncio.open_connection(*far)
            except OSError:
                status = 502
        # Names of headers, so that a token that went astray would be seen.
        self._log(method=method, target=target, status=status, user=(login or "").partition(":")[0],
                  headers=sorted(headers))
        if status != 200:
            await self._refuse(writer, status)
            return
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(self._pump(reader, there[1]), self._pump(there[0], writer))

    async def _refuse(self, writer, status):
        body = self.orders.get("body", "").encode()
        more = 'Proxy-Authenticate: Basic realm="azsim"\r\n' if status == 407 else ""
        writer.write(f"HTTP/1.1 {status} {reason(status)}\r\n{more}Content-Length: {len(body)}\r\n"
                     "Connection: close\r\n\r\n".encode() + body)
        await writer.drain()

    @staticmethod
    async def _pump(reader, writer):
        """Bytes one way, until either side ends it."""
        try:
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        finally:
            writer.close()
