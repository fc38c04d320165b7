"""Connections: reads requests, carries out faults, writes answers.

One asyncio loop serves everything, so no part of the model needs a lock.
"""
import asyncio
import sys
import traceback
from email.utils import formatdate

from . import names
from .reader import HEAD_LIMIT, BadRequest, read_request
from .wire import Reply, ServiceError, reason

BACKLOG = 1024


class Server:
    """Serves any number of ports with services that `choose` picks by request."""

    def __init__(self, world):
        self.world = world
        self.connections = 0
        self.open = set()
        self.listeners = []

    async def listen(self, sock, choose, context=None):
        """Starts to serve a bound socket."""
        async def serve(reader, writer):
            await self._connection(reader, writer, choose)
        self.listeners.append(await asyncio.start_server(
            serve, sock=sock, ssl=context, limit=HEAD_LIMIT, backlog=BACKLOG))

    async def close(self):
        """Stops listening and ends every connection."""
        for listener in self.listeners:
            listener.close()
        for writer in list(self.open):
            writer.transport.abort()

    async def _connection(self, reader, writer, choose):
        if len(self.open) >= self.world.settings.max_connections:
            writer.transport.abort()
            return
        self.connections += 1
        number = self.connections
        self.open.add(writer)
        try:
            while await self._exchange(reader, writer, choose, number):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, TimeoutError):
            pass  # the client went away; nothing is owed to it
        except asyncio.CancelledError:
            pass  # the simulator ends; asyncio's streams would report this as an error
        finally:
            self.open.discard(writer)
            writer.close()

    async def _exchange(self, reader, writer, choose, number):
        """One request and its answer; False when the connection is over."""
        try:
            request, stay = await read_request(reader, writer, number, names.guid())
        except BadRequest as error:
            reply = Reply(400, raw=str(error).encode())
            await self._send(writer, reply, reply.payload(), False)
            return False
        if request is None:
            return False
        service = choose(request)
        request.service = service.name
        fault = self.world.faults.take(request) if service.name != "admin" else None
        if fault is None:
            reply = self.answer(service, request)
            body = b"" if request.method == "HEAD" else reply.payload()
            # The log comes first: whoever has the answer finds the line written.
            self._log(request, reply.status, len(body))
            await self._send(writer, reply, body, stay)
            return stay
        return await self._with_fault(writer, service, request, fault, stay)

    async def _with_fault(self, writer, service, request, fault, stay):
        order = fault.order
        if order.get("delay"):
            await asyncio.sleep(order["delay"])
        if order.get("drop") == "before":
            self._log(request, None, 0, fault)
            writer.transport.abort()
            return False
        request.fault = order
        reply = self._ordered(service, request, order)
        if order.get("drop") == "after":
            self._log(request, reply.status, 0, fault)
            writer.transport.abort()
            return False
        body = b"" if request.method == "HEAD" else reply.payload()
        if order.get("drop") == "half":
            body, stay = body[:len(body) // 2], False
        self._log(request, reply.status, len(body), fault)
        await self._send(writer, reply, body, stay, order.get("slow"))
        return stay

    def _ordered(self, service, request, order):
        """The answer a fault wants: an error, another body, or the true one."""
        if "status" in order:
            error = service.ordered(request, order)
            reply = service.finish(request, service.failure(request, error))
        else:
            reply = self.answer(service, request)
        if "body" in order:
            reply.raw = order["body"].encode()
        if "retry_after" in order:
            reply.headers.pop("Retry-After", None)
            if order["retry_after"] is not None:
                reply.headers["Retry-After"] = str(order["retry_after"])
        reply.headers.update({name: str(value) for name, value in order.get("headers", {}).items()})
        return reply

    def answer(self, service, request):
        """The service's answer. A mistake of the simulator's own goes to the standard
        error, never to the client."""
        try:
            reply = service.handle(request)
        except ServiceError as error:
            reply = service.failure(request, error)
        except Exception:  # pylint: disable=broad-except
            traceback.print_exc(file=sys.stderr)
            reply = service.failure(request, ServiceError(500, "InternalServerError",
                                                          "The server met an error."))
        return service.finish(request, reply)

    def _log(self, request, status, sent, fault=None):
        if request.service != "admin":
            self.world.log.write(request, status, sent, fault.number if fault else None)

    async def _send(self, writer, reply, body, stay, slow=None):
        """Writes an answer with this much of its body; the length told is the whole one's."""
        length = len(reply.payload())
        lines = [f"HTTP/1.1 {reply.status} {reason(reply.status)}",
                 f"Date: {formatdate(self.world.clock(), usegmt=True)}"]
        if reply.status != 204:     # RFC 9110, section 8.6
            lines.append(f"Content-Length: {length}")
        if length and "Content-Type" not in reply.headers:
            lines.append("Content-Type: application/json; charset=utf-8")
        lines += [f"{name}: {value}" for name, value in reply.headers.items()]
        if not stay:
            lines.append("Connection: close")
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")
        if slow:
            writer.write(head)
            await self._trickle(writer, body, slow)
        else:
            writer.write(head + body)
            await writer.drain()

    @staticmethod
    async def _trickle(writer, body, rate):
        """Writes the body at so many bytes a second, ten times a second at most."""
        step = max(1, rate // 10)
        for start in range(0, len(body), step):
            writer.write(body[start:start + step])
            await writer.drain()
            await asyncio.sleep(step / rate)
