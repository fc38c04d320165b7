"""keyrotctl against a small Varlink server: what it is answered is in the
hands of the test."""

import errno
import fcntl
import json
import os
import pty
import select
import socket
import struct
import subprocess
import termios
import threading

CTL = os.path.join(os.path.abspath(os.environ.get('BUILD', './build')),
                   'keyrotctl')
STATUS = 'io.keyrotd.Status.'
CONTROL = 'io.keyrotd.Control.'


def frame(message):
    return json.dumps(message).encode() + b'\0'


def parts(*replies):
    """Several replies, all but the last with "continues"."""
    last = len(replies) - 1
    return [frame({'parameters': r, 'continues': True} if i < last else
                  {'parameters': r}) for i, r in enumerate(replies)]


def reply(parameters):
    return parts(parameters)


def error(name, **parameters):
    return [frame({'error': name, 'parameters': parameters})]


class Server:
    """Answers each method from a table of lists of bytes; a number in a list
    is a pause in seconds, None closes the connection."""

    def __init__(self, directory, **answers):
        self.path = os.path.join(directory, 'io.keyrotd')
        self.calls = []
        self.answers = {}
        for name, answer in answers.items():
            self.answers[name.replace('_', '.')] = answer
        self.stopped = threading.Event()
        self.peers = []
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen(8)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                peer = self.listener.accept()[0]
            except OSError:
                return
            self.peers.append(peer)
            threading.Thread(target=self.serve, args=(peer,),
                             daemon=True).start()

    def serve(self, peer):
        data = b''
        with peer:
            try:
                while True:
                    while b'\0' not in data:
                        chunk = peer.recv(65536)
                        if not chunk:
                            return
                        data += chunk
                    call, data = data.split(b'\0', 1)
                    if not self.answer(peer, json.loads(call)):
                        return
            except OSError as problem:
                if problem.errno not in (errno.EPIPE, errno.ECONNRESET):
                    raise

    def answer(self, peer, call):
        self.calls.append(call)
        answer = self.answers.get(call['method'])
        if answer is None:
            answer = error('org.varlink.service.MethodNotFound',
                           method=call['method'])
        for piece in answer:
            if piece is None:
                return False
            if isinstance(piece, bytes):
                peer.sendall(piece)
            else:
                self.stopped.wait(piece)
        return True

    def stop(self):
        self.stopped.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        os.unlink(self.path)

    def hang_up(self):
        """As a daemon that ends."""
        for peer in self.peers:
            try:
                peer.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.stop()


def environment(**more):
    env = {'PATH': os.environ.get('PATH', ''), 'LC_ALL': 'C.UTF-8',
           'TERM': 'xterm'}
    for name in ('ASAN_OPTIONS', 'UBSAN_OPTIONS', 'LSAN_OPTIONS'):
        if name in os.environ:
            env[name] = os.environ[name]
    env.update(more)
    return env


class Run:
    def __init__(self, *args, server=None, path=None, env=None, **more):
        where = path or (server.path if server else None)
        env = environment(**(env or {}))
        if where:
            env['KEYROTD_SOCKET'] = where
        more.setdefault('stdout', subprocess.PIPE)
        done = subprocess.run([CTL, *args], stderr=subprocess.PIPE, env=env,
                              stdin=subprocess.DEVNULL, timeout=60,
                              check=False, **more)
        self.code = done.returncode
        self.out = (done.stdout or b'').decode()
        self.err = done.stderr.decode()
        self.lines = self.out.splitlines()

    def want(self, code, out='', err=''):
        told = f'exit {self.code}\n{self.out}--\n{self.err}'
        assert self.code == code, f'wanted exit {code}: {told}'
        for text in [out] if isinstance(out, str) else out:
            assert text in self.out, f'no {text!r} in: {told}'
        for text in [err] if isinstance(err, str) else err:
            assert text in self.err, f'no {text!r} on stderr: {told}'
        if code and err:
            assert not self.out, f'output in spite of failure: {told}'
        if not err:
            assert not self.err, f'stderr: {told}'
        return self


def terminal(args, path, columns=80, **env):
    """Run on a terminal of its own; what it shows, and the exit code."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ,
                struct.pack('HHHH', 24, columns, 0, 0))
    run = subprocess.Popen([CTL, *args, '--socket', path], stdout=theirs,
                           stderr=theirs, stdin=subprocess.DEVNULL,
                           env=environment(**env))
    os.close(theirs)
    shown = b''
    while select.select([ours], [], [], 20)[0]:
        try:
            piece = os.read(ours, 65536)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    os.close(ours)
    return shown.decode().replace('\r\n', '\n'), run.wait(20)
