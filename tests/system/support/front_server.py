"""A server in front of azsim, in a process of its own, that can fall silent.

    python3 -m support.front_server AZSIM_DIR LOG PROTOCOL

It serves TLS on a free port of 127.0.0.1 with azsim's certificate, speaks
PROTOCOL ("1.1" or "2"), and hands each request on to azsim, whose answer it
hands back.  LOG gets one line for each request that has arrived, before
anything else is done about it.

Commands are lines of JSON on the standard input, answers are lines of JSON on
the standard output; the first of these is {"port": N}.  The end of the input
ends the program.

    {"do": "rules", "rules": [RULE, ...]}   in place of those before
    {"do": "deaf"}      ends all connections; takes new ones, says nothing
    {"do": "heal", "how": HOW}  no rules, not deaf, and what is held is
                        answered ("answer"), its connections are cut ("cut"),
                        or it stays held for ever ("never")
    {"do": "count"}     {"held": N, "deaf": N, "open": N, "heard": N}

A RULE has "host", "method" and "path" (regular expressions, found anywhere)
that say which requests; they are held, or with "delay" only for so many
seconds, or with "deafen" (HTTP/1.1) answered, and the front is deaf from then
on.  What is held has not been handed on.
"""

import asyncio
import contextlib
import json
import os
import re
import socket
import ssl
import sys
import time

from . import front_http2

HEAD_LIMIT = 65536
GOODBYE = ('Connection', 'close')
BACKLOG = 1024


class Upstream:
    """Connections to azsim, kept and used again."""

    def __init__(self, folder, port):
        self.port = port
        self.context = ssl.create_default_context(
            cafile=os.path.join(folder, 'ca.pem'))
        self.idle = []

    async def ask(self, method, target, headers, body):
        """(status, headers, body), or None when azsim hung up."""
        head = ''.join(f'{name}: {value}\r\n'
                       for name, value in headers.items()
                       if name not in front_http2.HOP | {'content-length'})
        text = (f'{method} {target} HTTP/1.1\r\n{head}'
                f'content-length: {len(body)}\r\n\r\n').encode('latin-1')
        reader, writer = self.idle.pop() if self.idle else \
            await asyncio.open_connection(
                '127.0.0.1', self.port, ssl=self.context,
                server_hostname='localhost', limit=HEAD_LIMIT)
        try:
            writer.write(text + body)
            answer = await self._read(reader)
        except (OSError, asyncio.IncompleteReadError):
            writer.transport.abort()
            return None
        except asyncio.CancelledError:
            writer.transport.abort()    # half an answer may be in it
            raise
        self.idle.append((reader, writer))
        return answer

    @staticmethod
    async def _read(reader):
        head = await reader.readuntil(b'\r\n\r\n')
        first, *lines = head.decode('latin-1').split('\r\n')[:-2]
        pairs = [tuple(line.split(': ', 1)) for line in lines]
        length = next((int(value) for name, value in pairs
                       if name.lower() == 'content-length'), 0)
        return (int(first.split(' ')[1]), pairs,
                await reader.readexactly(length))


class Held:
    """A request that waits for the end of the silence."""

    def __init__(self, writer):
        self.writer = writer
        self.verdict = asyncio.get_running_loop().create_future()


class Front:
    """All of it."""

    def __init__(self, folder, log, protocol, port):
        self.upstream = Upstream(folder, port)
        self.log = log
        self.protocol = protocol
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self.context.load_cert_chain(os.path.join(folder, 'server.pem'),
                                     os.path.join(folder, 'server.key'))
        self.context.set_alpn_protocols(
            ['h2'] if protocol == '2' else ['http/1.1'])
        self.rules = []
        self.held = set()
        self.unheard = []       # sockets that nobody talks to
        self.deaf = False
        self.open = set()       # writers
        self.tasks = set()
        self.connections = 0
        self.heard = 0

    # -- connections ------------------------------------------------------

    def accept(self, sock):
        """A connection, unless it went away before it was looked at."""
        with contextlib.suppress(OSError):
            one, _ = sock.accept()
            one.setblocking(False)
            if self.deaf:
                self.unheard.append(one)
            else:
                self._begin(one)

    def _begin(self, sock):
        task = asyncio.create_task(self._connect(sock))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _connect(self, sock):
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=HEAD_LIMIT)
        protocol = asyncio.StreamReaderProtocol(reader)
        try:
            transport, _ = await loop.connect_accepted_socket(
                lambda: protocol, sock, ssl=self.context)
        except OSError:         # an ssl.SSLError is one, too
            return
        writer = asyncio.StreamWriter(transport, protocol, reader, loop)
        self.connections += 1
        self.open.add(writer)
        try:
            await self._serve(reader, writer, self.connections)
        except (OSError, asyncio.IncompleteReadError):
            pass                # the client went away
        finally:
            self.open.discard(writer)
            transport.abort()

    async def _serve(self, reader, writer, number):
        async def answer(method, target, headers, body, stream):
            return await self.answer(reader, writer, {
                'method': method, 'host': headers.get('host', ''),
                'path': target, 'connection': number, 'stream': stream,
                'http': self.protocol}, headers, body)
        if self.protocol == '2':
            await front_http2.Connection(reader, writer, answer, 100).serve()
            return
        while True:
            head = await reader.readuntil(b'\r\n\r\n')
            first, *lines = head.decode('latin-1').split('\r\n')[:-2]
            method, target, _ = first.split(' ')
            headers = {name.lower(): value for name, value in
                       (line.split(': ', 1) for line in lines)}
            body = await reader.readexactly(
                int(headers.get('content-length', 0)))
            got = await answer(method, target, headers, body, 0)
            if got is None:
                return
            status, pairs, body = got
            text = f'HTTP/1.1 {status} Status\r\n' + ''.join(
                f'{name}: {value}\r\n' for name, value in pairs)
            writer.write(text.encode('latin-1') + b'\r\n' + body)
            await writer.drain()
            if GOODBYE in pairs:
                writer.close()
                await writer.wait_closed()
                return

    # -- requests ---------------------------------------------------------

    def _rule(self, question):
        return next((rule for rule in self.rules if all(
            re.search(rule.get(name, ''), question[name], re.I)
            for name in ('host', 'method', 'path'))), None)

    async def answer(self, reader, writer, question, headers, body):
        """azsim's answer, once it may be asked; None: hang up."""
        rule = self._rule(question)
        self.heard += 1
        self.log.write(json.dumps({
            'time': round(time.time(), 6), **question,
            'held': bool(rule and not {'delay', 'deafen'} & set(rule))})
            + '\n')
        self.log.flush()
        if rule and 'delay' in rule:
            await asyncio.sleep(rule['delay'])
        elif rule and 'deafen' not in rule and not await self._hold(writer):
            return None
        if writer.is_closing() or reader.at_eof():
            return None         # nobody is there to be answered
        got = await self.upstream.ask(question['method'], question['path'],
                                      headers, body)
        if got and rule and 'deafen' in rule:
            # Before the answer: what it leads to finds nobody.
            self._deafen(writer)
            got = (got[0], [*got[1], GOODBYE], got[2])
        return got

    async def _hold(self, writer):
        one = Held(writer)
        self.held.add(one)
        try:
            return await one.verdict
        finally:
            self.held.discard(one)

    # -- commands ---------------------------------------------------------

    def command(self, values):
        """Does it; the answer."""
        do = values['do']
        if do == 'rules':
            self.rules = values['rules']
        elif do == 'deaf':
            self._deafen()
        elif do == 'heal':
            self._heal(values['how'])
        elif do != 'count':
            raise ValueError(do)
        return {'held': len([one for one in self.held
                             if not one.writer.is_closing()]),
                'deaf': len(self.unheard), 'open': len(self.open),
                'heard': self.heard, 'time': time.time()}

    def _deafen(self, but=None):
        self.deaf = True
        for writer in self.open - {but}:
            writer.transport.abort()

    def _heal(self, how):
        self.rules, self.deaf = [], False
        unheard, self.unheard = self.unheard, []
        for sock in unheard:
            if how == 'answer':
                self._begin(sock)
            elif how == 'cut':
                sock.close()
            else:
                self.unheard.append(sock)
        for one in list(self.held):
            if how != 'never' and not one.verdict.done():
                one.verdict.set_result(how == 'answer')


async def main(folder, log, protocol):
    """Serves until the standard input ends."""
    with open(os.path.join(folder, 'ports.json'), encoding='utf-8') as file:
        upstream = json.load(file)[0]
    sock = socket.socket()
    sock.bind(('127.0.0.1', 0))
    sock.listen(BACKLOG)
    sock.setblocking(False)
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    with open(log, 'a', encoding='utf-8') as file:
        front = Front(folder, file, protocol, upstream)
        loop.add_reader(sock, front.accept, sock)
        print(json.dumps({'port': sock.getsockname()[1]}), flush=True)
        while line := await reader.readline():
            print(json.dumps(front.command(json.loads(line))), flush=True)
        loop.remove_reader(sock)
        for task in list(front.tasks):
            task.cancel()
        await asyncio.gather(*front.tasks, return_exceptions=True)


if __name__ == '__main__':
    asyncio.run(main(*sys.argv[1:]))
