"""A server in front of azsim, in a process of its own, that can go wrong.

    python3 -m support.front_server AZSIM_DIR LOG PROTOCOL

It serves TLS on a free port of 127.0.0.1 with azsim's certificate, speaks
PROTOCOL ("1.1" or "2"), and hands each request on to azsim, whose answer it
hands back.  PROTOCOL "imds" is HTTP/1.1 without TLS, before azsim's metadata
service.  LOG gets one line for each request that has arrived, before anything
else is done about it.

Commands are lines of JSON on the standard input, answers are lines of JSON on
the standard output; the first of these is {"port": N}.  The end of the input
ends the program.

    {"do": "rules", "rules": [RULE, ...]}   in place of those before
    {"do": "connections", "rules": [CRULE, ...]}    likewise; ends those open
    {"do": "deaf"}      ends all connections; takes new ones, says nothing
    {"do": "heal", "how": HOW}  no rules, not deaf, and what is held is
                        answered ("answer"), its connections are cut ("cut"),
                        or it stays held for ever ("never")
    {"do": "count"}     {"held": N, "deaf": N, "open": N, "heard": N}
    {"do": "met", "host": PATTERN, "since": T, "until": T}  {"met": N}, how
                        many handshakes were begun

A RULE has "host", "method" and "path" (regular expressions, found anywhere)
that say which requests; they are held, and not handed on, unless it has one of

    "delay": S          held for so many seconds only
    "deafen": true      (HTTP/1.1) answered, and deaf from then on
    "status": N         answered so by itself, with "headers" and "body"
    "drip": S           answered, a byte each S seconds
    "reset": true       answered in part, then the connection is reset: after
                        one more byte each time, from none to all but one
    "refuse": true      (HTTP/2) RST_STREAM with REFUSED_STREAM
    "goaway": true      (HTTP/2) GOAWAY: this stream was not looked at

A CRULE has "host" (found in the name that the client wants to talk to) and

    "certificate": "name", "expired" or "self-signed"
    "streams": N        (HTTP/2) SETTINGS_MAX_CONCURRENT_STREAMS
"""

import asyncio
import contextlib
import json
import logging
import os
import re
import socket
import ssl
import sys
import time

from . import front_http2, front_trouble as trouble

HEAD_LIMIT = 65536
GOODBYE = ('Connection', 'close')
BACKLOG = 1024
STREAMS = 100
# Whatever is in the rule besides which requests it is for.
KINDS = {'delay', 'deafen', 'status', 'drip', 'reset', 'refuse', 'goaway'}


class Upstream:
    """Connections to azsim, kept and used again."""

    def __init__(self, folder, port, plain):
        self.port = port
        self.how = {} if plain else {
            'ssl': ssl.create_default_context(
                cafile=os.path.join(folder, 'ca.pem')),
            'server_hostname': 'localhost'}
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
                '127.0.0.1', self.port, limit=HEAD_LIMIT, **self.how)
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
        self.folder = folder
        self.upstream = Upstream(folder, port, protocol == 'imds')
        self.log = log
        self.protocol = protocol
        self.contexts = {}
        self.context = None if protocol == 'imds' else self._context(
            os.path.join(folder, 'server.pem'),
            os.path.join(folder, 'server.key'))
        if self.context:
            self.context.sni_callback = self._meet
        self.met = []           # (time, name) of each handshake
        self.crules = []
        self.speakers = {}      # HTTP/2 connections: name
        self.rules = []
        self.held = set()
        self.unheard = []       # sockets that nobody talks to
        self.deaf = False
        self.open = set()       # writers
        self.tasks = set()
        self.connections = 0
        self.heard = 0

    # -- connections ------------------------------------------------------

    def _context(self, cert, key):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(cert, key)
        # Each connection shows its certificate: a session that is taken up
        # again would not, whatever lies in between.
        context.options |= ssl.OP_NO_TICKET
        context.num_tickets = 0
        context.set_alpn_protocols(
            ['h2'] if self.protocol == '2' else ['http/1.1'])
        return context

    def _crule(self, name, what):
        return next((rule[what] for rule in self.crules if what in rule
                     and re.search(rule['host'], name, re.I)), None)

    def _meet(self, one, name, _context):
        """A client has said whom it wants to talk to."""
        one.wanted = name or ''
        self.met.append((time.time(), one.wanted))
        kind = self._crule(one.wanted, 'certificate')
        if kind:
            one.context = self.contexts[kind]

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
            sock.close()
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
            name = writer.get_extra_info('ssl_object').wanted
            streams = self._crule(name, 'streams')
            speaker = front_http2.Connection(
                reader, writer, answer,
                STREAMS if streams is None else streams)
            self.speakers[speaker] = name
            try:
                await speaker.serve()
            finally:
                del self.speakers[speaker]
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
            status, pairs, body, rule = got
            text = f'HTTP/1.1 {status} Status\r\n' + ''.join(
                f'{name}: {value}\r\n' for name, value in pairs)
            data = text.encode('latin-1') + b'\r\n' + body
            if 'reset' in rule:
                await trouble.cut(writer, rule, data)
                return
            while 'drip' in rule and not rule.get('over') and data:
                writer.write(data[:1])
                data = data[1:]
                await asyncio.sleep(rule['drip'])
            writer.write(data)
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
        rule = self._rule(question) or {}
        kind = KINDS & set(rule)
        self.heard += 1
        self.log.write(json.dumps({
            'time': round(time.time(), 6), **question,
            'held': bool(rule and not kind)}) + '\n')
        self.log.flush()
        if kind & {'refuse', 'goaway'}:
            return 0, [], b'', rule
        if 'status' in kind:
            data = rule.get('body', '').encode()
            return (rule['status'], [*rule.get('headers', {}).items(),
                                     ('Content-Length', str(len(data)))],
                    data, {})
        if 'delay' in kind:
            await asyncio.sleep(rule['delay'])
        elif rule and not kind and not await self._hold(writer):
            return None
        if writer.is_closing() or reader.at_eof():
            return None         # nobody is there to be answered
        got = await self.upstream.ask(question['method'], question['path'],
                                      headers, body)
        if got and 'deafen' in kind:
            # Before the answer: what it leads to finds nobody.
            self._deafen(writer)
            got = (got[0], [*got[1], GOODBYE], got[2])
        return got and (*got, rule)

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
        elif do == 'connections':
            self._connections(values['rules'])
        elif do == 'heal':
            self._heal(values['how'])
        elif do == 'met':
            return {'met': len([name for when, name in self.met
                                if values['since'] <= when < values['until']
                                and re.search(values['host'], name)])}
        elif do != 'count':
            raise ValueError(do)
        return {'held': len([one for one in self.held
                             if not one.writer.is_closing()]),
                'deaf': len(self.unheard), 'open': len(self.open),
                'heard': self.heard, 'time': time.time()}

    def _connections(self, rules):
        for rule in rules:
            if 'certificate' in rule:
                kind = rule['certificate']
                self.contexts[kind] = self._context(*trouble.bad_certificate(
                    self.folder, self.log.name, kind))
        self.crules = rules
        for writer in self.open:
            writer.transport.abort()

    def _deafen(self, but=None):
        self.deaf = True
        for writer in self.open - {but}:
            writer.transport.abort()

    def _heal(self, how):
        for rule in self.rules:
            rule['over'] = True
        for speaker, name in self.speakers.items():
            if self._crule(name, 'streams') is not None:
                speaker.allow(STREAMS)
        self.rules, self.crules, self.deaf = [], [], False
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
        upstream = json.load(file)[protocol == 'imds']
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
    # That a client has gone away in the middle is what these servers are for.
    logging.getLogger('asyncio').setLevel(logging.ERROR)
    asyncio.run(main(*sys.argv[1:]))
