"""The server's half of HTTP/2 (RFC 9113), as far as a client can tell."""

import asyncio
import struct

from . import front_hpack as hpack
from .front_trouble import cut

PREFACE = b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
(DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY,
 WINDOW_UPDATE, CONTINUATION) = range(10)
END_STREAM = ACK = 0x1
END_HEADERS, PADDED, PRIORITIZED = 0x4, 0x8, 0x20
MAX_CONCURRENT_STREAMS, INITIAL_WINDOW_SIZE, MAX_FRAME_SIZE = 3, 4, 5
NO_ERROR, PROTOCOL_ERROR, REFUSED_STREAM = 0, 1, 7
WINDOW = 65535
FRAME = 16384           # the most that we send and take in one frame
BODY_MAX = 1 << 20
# Of the connection, not of the request or answer: not said in HTTP/2 (8.2.2).
HOP = {'connection', 'keep-alive', 'transfer-encoding', 'upgrade',
       'proxy-connection'}


class Broken(Exception):
    """The peer broke the protocol."""


class Stream:
    """One request on its way in, and its answer on its way out."""

    def __init__(self, number, window):
        self.number = number
        self.window = window    # what may still be sent
        self.headers = []
        self.body = b''
        self.ended = False
        self.task = None


class Connection:
    """`answer(method, target, headers, body, stream number)` is awaited for
    (status, headers, body, rule); None ends the connection.  Rules: see
    front_server."""

    def __init__(self, reader, writer, answer, streams):
        self.reader = reader
        self.writer = writer
        self.answer = answer
        self.most = streams     # at once
        self.hpack = hpack.Reader()
        self.streams = {}
        self.window = WINDOW    # what may still be sent, all streams together
        self.first_window = WINDOW
        self.frame = FRAME
        self.last = 0
        self.room = asyncio.Condition()

    # -- frames -----------------------------------------------------------

    def send(self, kind, flags, stream, data=b''):
        """Hands a frame to the connection."""
        self.writer.write(struct.pack('>I', len(data))[1:]
                          + struct.pack('>BBI', kind, flags, stream) + data)

    async def _frame(self):
        head = await self.reader.readexactly(9)
        size = int.from_bytes(head[:3], 'big')
        kind, flags, stream = struct.unpack('>BBI', head[3:])
        if size > FRAME:
            raise Broken('a frame larger than allowed')
        return (kind, flags, stream & 0x7fffffff,
                await self.reader.readexactly(size))

    @staticmethod
    def _unpadded(flags, data):
        if not flags & PADDED:
            return data
        if not data or data[0] >= len(data):
            raise Broken('more padding than frame')
        return data[1:len(data) - data[0]]

    # -- the connection ---------------------------------------------------

    def allow(self, streams):
        """So many at once from here on."""
        self.most = streams
        self.send(SETTINGS, 0, 0,
                  struct.pack('>HI', MAX_CONCURRENT_STREAMS, streams))

    async def serve(self):
        """Until the peer goes away, or is sent away."""
        try:
            if await self.reader.readexactly(len(PREFACE)) != PREFACE:
                raise Broken('no preface')
            self.allow(self.most)
            while True:
                await self._take(*await self._frame())
        except (Broken, hpack.BadBlock):
            self.send(GOAWAY, 0, 0,
                      struct.pack('>II', self.last, PROTOCOL_ERROR))
            await self.writer.drain()
        finally:
            for stream in self.streams.values():
                if stream.task:
                    stream.task.cancel()

    async def _take(self, kind, flags, number, data):
        if kind == SETTINGS:
            await self._settings(flags, data)
        elif kind == PING and not flags & ACK:
            self.send(PING, ACK, 0, data)
        elif kind == WINDOW_UPDATE:
            await self._wider(number, data)
        elif kind == HEADERS:
            await self._headers(flags, number, data)
        elif kind == DATA:
            self._data(flags, number, data)
        elif kind == RST_STREAM and number in self.streams:
            stream = self.streams.pop(number)
            if stream.task:
                stream.task.cancel()
        elif kind in (CONTINUATION, PUSH_PROMISE):
            raise Broken('a frame out of its place')
        # Others, unknown ones among them, are passed over (section 4.1).

    async def _settings(self, flags, data):
        if flags & ACK:
            return
        for name, value in struct.iter_unpack('>HI', data):
            if name == INITIAL_WINDOW_SIZE:
                for stream in self.streams.values():
                    stream.window += value - self.first_window
                self.first_window = value
            elif name == MAX_FRAME_SIZE:
                self.frame = min(FRAME, value)
        self.send(SETTINGS, ACK, 0)
        async with self.room:
            self.room.notify_all()

    async def _wider(self, number, data):
        by = struct.unpack('>I', data)[0] & 0x7fffffff
        if number == 0:
            self.window += by
        elif number in self.streams:
            self.streams[number].window += by
        async with self.room:
            self.room.notify_all()

    # -- requests ---------------------------------------------------------

    async def _headers(self, flags, number, data):
        block = self._unpadded(flags, data)
        if flags & PRIORITIZED:
            block = block[5:]
        end = flags & END_STREAM
        while not flags & END_HEADERS:
            kind, flags, same, data = await self._frame()
            if kind != CONTINUATION or same != number:
                raise Broken('a header block is torn apart')
            block += data
        pairs = self.hpack.read(block)
        if number in self.streams:
            stream = self.streams[number]       # trailers: nothing to us
        elif number % 2 and number > self.last:
            self.last = number
            stream = Stream(number, self.first_window)
            stream.headers = pairs
            self.streams[number] = stream
        else:
            raise Broken('no number for a stream')
        if end:
            self._asked(stream)

    def _data(self, flags, number, data):
        if data:
            self.send(WINDOW_UPDATE, 0, 0, struct.pack('>I', len(data)))
        stream = self.streams.get(number)
        if stream is None:
            return
        if data:
            self.send(WINDOW_UPDATE, 0, number, struct.pack('>I', len(data)))
        stream.body += self._unpadded(flags, data)
        if len(stream.body) > BODY_MAX:
            raise Broken('a body larger than allowed')
        if flags & END_STREAM:
            self._asked(stream)

    def _asked(self, stream):
        if stream.task is None:
            stream.task = asyncio.create_task(self._reply(stream))

    async def _reply(self, stream):
        pseudo = {name: value for name, value in stream.headers
                  if name.startswith(':')}
        headers = {'host': pseudo.get(':authority', '')}
        headers.update(pair for pair in stream.headers
                       if not pair[0].startswith(':'))
        got = await self.answer(pseudo.get(':method', ''),
                                pseudo.get(':path', ''), headers, stream.body,
                                stream.number)
        if got is None:
            self.writer.transport.abort()
            return
        status, pairs, body, rule = got
        if 'refuse' in rule:
            self.streams.pop(stream.number, None)
            self.send(RST_STREAM, 0, stream.number,
                      struct.pack('>I', REFUSED_STREAM))
            return
        if 'goaway' in rule:
            self.send(GOAWAY, 0, 0,
                      struct.pack('>II', stream.number - 2, NO_ERROR)
                      if stream.number > 1 else bytes(8))
            await self.writer.drain()
            self.writer.close()
            return
        head = hpack.write([(':status', str(status))]
                           + [(name.lower(), value) for name, value in pairs
                              if name.lower() not in HOP])
        if 'reset' in rule:
            await cut(self.writer, rule, self._frames(
                stream.number, head, body))
            return
        self.send(HEADERS, END_HEADERS | (0 if body else END_STREAM),
                  stream.number, head)
        while 'drip' in rule and not rule.get('over') and len(body) > 1:
            self.window -= 1
            stream.window -= 1
            self.send(DATA, 0, stream.number, body[:1])
            body = body[1:]
            await asyncio.sleep(rule['drip'])
        await self._body(stream, body)
        self.streams.pop(stream.number, None)

    @staticmethod
    def _frames(number, head, body):
        """An answer as it goes over the wire."""
        return b''.join(
            struct.pack('>I', len(data))[1:]
            + struct.pack('>BBI', kind, flags, number) + data
            for kind, flags, data in (
                (HEADERS, END_HEADERS, head),
                (DATA, END_STREAM, body[:FRAME])))

    async def _body(self, stream, body):
        while body:
            async with self.room:
                await self.room.wait_for(
                    lambda: min(self.window, stream.window) > 0)
            size = min(len(body), self.window, stream.window, self.frame)
            part, body = body[:size], body[size:]
            self.window -= size
            stream.window -= size
            self.send(DATA, 0 if body else END_STREAM, stream.number, part)
            await self.writer.drain()
