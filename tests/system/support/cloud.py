"""One running azsim: its admin port, its log, its files."""

import json
import os
import re
import shlex
import shutil
import tempfile
import urllib.error
import urllib.request

from . import process
from .wait import until

AZSIM = os.path.join(process.ROOT, 'tests', 'azsim', 'azsim')
# Operations that take two looks, each as soon as the daemon may.
BRISK = {'retry_after': 0, 'op_polls': 1}
# What takes azsim longest to make.  It takes what it finds, so the fake Azures
# of one run share them: tests/run names a folder for it, AZSIM_KEYS.
KEYS = ('token-signing.key', 'client-cert.pem', 'ca.pem', 'ca.key',
        'server.pem', 'server.key')


def copy_keys(source, target):
    for name in KEYS:
        shutil.copy2(os.path.join(source, name), target)


def borrow_keys(folder):
    """Into the folder of an azsim that is to start, once somebody lent any."""
    lent = os.path.join(os.environ.get('AZSIM_KEYS', ''), 'keys')
    if os.path.isabs(lent) and os.path.isdir(lent):
        copy_keys(lent, folder)


def lend_keys(folder):
    """Of an azsim that has just started.  Whoever comes first; all at once."""
    shared = os.environ.get('AZSIM_KEYS', '')
    lent = os.path.join(shared, 'keys')
    if not os.path.isabs(lent) or os.path.isdir(lent):
        return
    draft = tempfile.mkdtemp(dir=shared)
    copy_keys(folder, draft)
    try:
        os.rename(draft, lent)
    except OSError:
        shutil.rmtree(draft)


class Cloud:
    """A fake Azure that scenarios use one after the other."""

    judge = None        # support.requests.Requests, of all that are stopped

    def __init__(self, *options):
        self.dir = process.keep_folder(tempfile.mkdtemp(prefix='kaz.'))
        self.errors = os.path.join(self.dir, 'azsim.err')
        self.ordered = self.before = 0      # faults: the newest, and begin()'s
        borrow_keys(self.dir)
        with open(self.errors, 'wb') as errors:
            self.process = process.spawn(
                [AZSIM, '--dir', self.dir, *options], stderr=errors,
                stdout=errors, env=process.environment())
        until('azsim starts', self._ready)
        lend_keys(self.dir)
        self.env = self._environment()
        with open(os.path.join(self.dir, 'keyrotd.conf'),
                  encoding='utf-8') as file:
            text = file.read()
        self.cloud_block = re.search(r'^cloud \{.*?^\}\n', text,
                                     re.M | re.S).group(0)
        self.credential_block = re.search(r'^credential .*?^\}\n', text,
                                          re.M | re.S).group(0)
        self.usual = self.get('settings')
        self.offset = 0

    def _ready(self):
        assert self.process.poll() is None, \
            f'azsim ended at once: {self.complaints()}'
        return os.path.exists(os.path.join(self.dir, 'azsim.env'))

    def _environment(self):
        with open(os.path.join(self.dir, 'azsim.env'),
                  encoding='utf-8') as file:
            return dict(word.split('=', 1)
                        for word in shlex.split(file.read()))

    def complaints(self):
        with open(self.errors, encoding='utf-8', errors='replace') as file:
            return file.read()

    # -- the admin port ---------------------------------------------------

    def _ask(self, path, body=None):
        request = urllib.request.Request(
            f'{self.env["SIM_ADMIN"]}/{path}',
            data=None if body is None else json.dumps(body).encode())
        # No proxy of the caller's, whatever the environment says.
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=60) as reply:
                return json.load(reply)
        except urllib.error.HTTPError as error:
            raise AssertionError(
                f'azsim refused /{path} {body}: {error.read()}') from None

    def get(self, path):
        return self._ask(path)

    def post(self, path, /, **fields):
        return self._ask(path, fields)

    def settings(self, **fields):
        return self.post('settings', **fields)

    def fault(self, **fields):
        made = self.post('fault', **fields)
        self.ordered = made['id']
        return made

    def clear(self):
        return self.post('faults/clear')

    def hits(self, number):
        """How often the fault of this id was carried out."""
        return next(fault['hits'] for fault in self.get('state')['faults']
                    if fault['id'] == number)

    # -- scenarios --------------------------------------------------------

    def begin(self):
        """A clean start for the next scenario: its names are its own."""
        self.clear()
        self.post('tokens', claims=False)
        self.post('proxy')
        self.settings(**{**self.usual, **BRISK})
        self.before = self.ordered
        self.mark()

    def mark(self):
        """Requests from here on are the ones that requests() tells."""
        self.offset = os.path.getsize(self.log)

    @property
    def log(self):
        return os.path.join(self.dir, 'requests.jsonl')

    def requests(self, service=None, method=None, path=None):
        """The lines of requests.jsonl since the mark, oldest first.  What a
        scenario before has ordered to be late is written when it is answered,
        and is none of this one's."""
        with open(self.log, 'rb') as file:
            file.seek(self.offset)
            lines = file.read().split(b'\n')
        out = [json.loads(line) for line in lines[:-1]]
        return [one for one in out
                if one.get('fault', self.ordered + 1) > self.before
                and service in (None, one['service'])
                and method in (None, one['method'])
                and (path is None
                     or re.search(path, one['path'], re.I))]

    def stop(self):
        process.end(self.process)
        if Cloud.judge:
            Cloud.judge.log(self.log)
        complaints = self.complaints()
        process.drop_folder(self.dir)
        assert not complaints, f'azsim complained: {complaints}'
