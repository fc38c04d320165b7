"""A server in front of azsim that can go wrong: the test's side of it.

It stands for all hosts at once, told apart by their names: a vault, Resource
Manager and the login host each have a URL with this port.
"""

import json
import os
import re
import subprocess
import sys
import threading
import time

from . import process
from .log import Log

HERE = os.path.dirname(os.path.abspath(__file__))
ARM = r'^management[.]'
LOGIN = r'^login[.]'


class Front:
    """One server, as long as the `with` lasts; speaks "1.1" or "2", or is the
    metadata service ("imds")."""

    def __init__(self, cloud, folder, protocol='1.1'):
        self.cloud = cloud
        self.protocol = protocol
        path = os.path.join(folder, f'front{protocol}.jsonl')
        self.errors = os.path.join(folder, 'front.err')
        with open(self.errors, 'wb') as errors:
            self.process = process.spawn(
                [sys.executable, '-m', 'support.front_server', cloud.dir,
                 path, protocol], cwd=os.path.dirname(HERE),
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
                env=process.environment(PYTHONDONTWRITEBYTECODE='1'))
        self.lock = threading.Lock()
        self.spoilt, self.crooked = [], []
        self.port = self._answer()['port']
        self.log = Log(path)

    def _answer(self):
        line = self.process.stdout.readline()
        assert line, f'the front has ended: {self.complaints()}'
        return json.loads(line)

    def complaints(self):
        """What it printed, which should be nothing."""
        with open(self.errors, encoding='utf-8', errors='replace') as file:
            return file.read()

    def tell(self, do, **values):
        """A command; its answer."""
        with self.lock:
            self.process.stdin.write(
                json.dumps({'do': do, **values}).encode() + b'\n')
            self.process.stdin.flush()
            return self._answer()

    def url(self, host):
        """Where a host is served: "login", "management", "NAME.vault"."""
        return f'https://{host}.localhost:{self.port}'

    def cloud_block(self, *hosts, text=None):
        """The daemon's cloud block (or that text), with these hosts behind
        the front: "login", "management"."""
        text = text or self.cloud.cloud_block
        if self.protocol == 'imds':
            text, count = re.subn(r'(imds-endpoint = )"[^"]*"',
                                  fr'\1"http://127.0.0.1:{self.port}"', text)
            assert count == 1, text
        for host in hosts:
            text, count = re.subn(fr'https://{host}\.localhost:\d+"',
                                  self.url(host) + '"', text)
            assert count == 1, (host, text)
        return text

    # -- silence ----------------------------------------------------------

    def mute(self, *hosts, **rule):
        """Questions to these hosts (patterns) are taken and not answered."""
        self.tell('rules', rules=[{'host': host, **rule} for host in hosts])

    def spoil(self, host, **rule):
        """Questions to this host (a pattern) are dealt with so as well; rules
        of front_server."""
        self.spoilt.append({'host': host, **rule})
        self.tell('rules', rules=self.spoilt)

    def connections(self, host, **rule):
        """Connections with this host (a pattern) are from here on such, as
        well."""
        self.crooked.append({'host': host, **rule})
        self.tell('connections', rules=self.crooked)

    def met(self, host, since=0, until=None):
        """How many handshakes with this host have begun."""
        return self.tell('met', host=host, since=since,
                         until=until or time.time())['met']

    def deaf(self):
        """Connections are accepted, and then nothing."""
        self.tell('deaf')

    def deaf_after(self, host, **rule):
        """It answers one more question of that kind, and is deaf then."""
        self.tell('rules', rules=[{'host': host, 'deafen': True, **rule}])

    def heal(self, how='answer'):
        """All is well again; what was held is answered, or "cut", or "never"
        answered.  Returns the time of it."""
        self.spoilt, self.crooked = [], []
        return self.tell('heal', how=how)['time']

    def held(self):
        """Questions that wait for their answer, and connections that wait
        for a first word."""
        count = self.tell('count')
        return count['held'] + count['deaf']

    def asked(self, host='', method='', path='', since=0, until=None):
        """The requests that have arrived, oldest first; time in seconds."""
        return [one for one in self.log.lines()
                if one['time'] >= since
                and (until is None or one['time'] < until)
                and re.search(host, one['host'])
                and re.search(method, one['method'])
                and re.search(path, one['path'])]

    # -- the end ----------------------------------------------------------

    def __enter__(self):
        return self

    def __exit__(self, kind, *_unused):
        self.process.stdin.close()
        self.process.stdout.close()
        try:
            code = self.process.wait(20)
        except subprocess.TimeoutExpired:
            code = process.end(self.process)
        process.forget(self.process)
        if kind is None:
            assert code == 0 and not self.complaints(), \
                f'the front ended with {code}: {self.complaints()}'
