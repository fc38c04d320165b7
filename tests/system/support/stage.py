"""A stage for one scenario: a key and a registry of its own, a daemon."""

import glob
import json
import os
import re
import secrets
import subprocess
import tempfile
import time

from . import process
from .daemon import BAD, Daemon
from .varlink import Varlink
from .wait import until

STATUS = 'io.keyrotd.Status.'


class Ran:
    """What a program that ran to its end left behind."""

    def __init__(self, done):
        self.code = done.returncode
        self.out = done.stdout
        self.err = done.stderr
        found = BAD.search(self.err)
        assert not found, f'{done.args}: {self.err}'

    def json(self):
        assert self.code == 0, self
        return json.loads(self.out)

    def __repr__(self):
        return f'exit {self.code}\n{self.out}--\n{self.err}'


class Stage:
    """`cloud` is for this scenario alone while it runs."""

    def __init__(self, cloud, build):
        self.cloud = cloud
        self.keyrotd = os.path.join(build, 'keyrotd')
        self.keyrotctl = os.path.join(build, 'keyrotctl')
        self.dir = process.keep_folder(tempfile.mkdtemp(prefix='kst.'))
        self.conf_file = os.path.join(self.dir, 'keyrotd.conf')
        self.state_dir = os.path.join(self.dir, 'state')
        self.run_dir = os.path.join(self.dir, 'run')
        self.daemons = []
        self.told_nobody = []       # more secrets of the scenario
        self.talk = None
        self.subscription = cloud.env['SIM_SUBSCRIPTION']
        self.tag = secrets.token_hex(4)
        self.vault = f'v{self.tag}'
        self.key = 'acr-cmk'
        cloud.begin()
        # Old enough that every later version is newer by any clock.
        self.old = self.new_version(created=int(time.time()) - 7200)
        self.name = f'reg{self.tag}'
        self.id = self.registry(self.name)['id']

    # -- the world --------------------------------------------------------

    def new_version(self, **fields):
        """A new version of the key; its name."""
        fields = {'vault': self.vault, 'name': self.key,
                  'new_version': True, **fields}
        return self.cloud.post('key', **fields)['version']

    def change_key(self, **fields):
        return self.cloud.post('key', vault=self.vault, name=self.key,
                               **fields)

    def registry(self, name=None, **fields):
        """Makes, changes or just shows a registry."""
        if name is None:
            name = self.name
        elif name != self.name or not hasattr(self, 'id'):
            fields = {'vault': self.vault, 'key': self.key, **fields}
        return self.cloud.post('registry', name=name,
                               subscription=self.subscription, **fields)

    def truth(self, name=None):
        """(key identifier as written, version in use), asked of azsim."""
        shown = self.cloud.post('registry', name=name or self.name,
                                subscription=self.subscription)
        values = shown['encryption']['keyVaultProperties']
        return (values['keyIdentifier'],
                values['versionedKeyIdentifier'].rsplit('/', 1)[1])

    @property
    def key_id(self):
        base = self.cloud.env['SIM_VAULT']
        return base.replace('simvault', self.vault) + f'/keys/{self.key}'

    def patches(self, name=None):
        return self.cloud.requests('arm', 'PATCH',
                                   f'/registries/{name or self.name}[?]')

    def gets(self, name=None):
        return self.cloud.requests('arm', 'GET',
                                   f'/registries/{name or self.name}[?]')

    def polls(self):
        return self.cloud.requests('vault', 'GET',
                                   f'/keys/{self.key}[?]')

    def written(self, name=None):
        """What each PATCH wrote: versions, or None for unversioned."""
        out = []
        for one in self.patches(name):
            body = json.loads(one['body'])
            assert list(body) == ['properties'], body
            assert list(body['properties']) == ['encryption'], body
            identifier = body['properties']['encryption'][
                'keyVaultProperties']['keyIdentifier']
            assert identifier.startswith(self.key_id), identifier
            rest = identifier[len(self.key_id):].lstrip('/')
            out.append(rest or None)
        return out

    # -- the configuration ------------------------------------------------

    def watch(self, key=None, registries=None, **options):
        """A watch block; options with _ in place of -."""
        ids = ',\n'.join(f'        "{one}"'
                         for one in registries or [self.id])
        lines = [f'watch "{key or self.key_id}" {{',
                 f'    registries = {{\n{ids}\n    }}']
        lines += [f'    {name.replace("_", "-")} = "{value}"'
                  for name, value in options.items() if value is not None]
        return '\n'.join(lines) + '\n}\n'

    def conf(self, *watches, credential=None, settings=None, cloud=None,
             **options):
        """Writes keyrotd.conf.  Without watches: one with the options."""
        values = {'poll-interval': '2s', 'reread-interval': '10s',
                  'state-directory': self.state_dir,
                  'runtime-directory': self.run_dir, **(settings or {})}
        text = ''.join(f'{name} = "{value}"\n'
                       for name, value in values.items()
                       if value is not None)
        text += cloud or self.cloud.cloud_block
        text += credential or self.cloud.credential_block
        text += ''.join(watches or [self.watch(**options)])
        self.write(self.conf_file, text)
        return text

    @staticmethod
    def write(path, text):
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)

    # -- running ----------------------------------------------------------

    def launch(self, args=(), **more):
        """A daemon with the configuration as it is; not waited for."""
        daemon = Daemon(self, args, **more)
        self.daemons.append(daemon)
        return daemon

    def start(self, *watches, args=(), env=None, **options):
        """Writes the configuration and starts a daemon; it is ready."""
        self.conf(*watches, **options)
        return self.launch(args, env=env).ready()

    def again(self, **more):
        """Another daemon with the same configuration; it is ready."""
        self.hang_up()
        return self.launch(**more).ready()

    @property
    def daemon(self):
        return self.daemons[-1]

    @property
    def socket(self):
        return os.path.join(self.run_dir, 'io.keyrotd')

    def run(self, *args, env=None, program=None,
            stdin=subprocess.DEVNULL, **more):
        """keyrotd to its end, such as --once or --check."""
        command = program or [self.keyrotd]
        return Ran(subprocess.run(
            [*command, *args], capture_output=True, text=True, check=False,
            timeout=120, stdin=stdin,
            env=process.environment(**(env or {})), **more))

    def once(self, *args, **more):
        return self.run('-c', self.conf_file, '--once', *args, **more)

    def ctl(self, *args, **more):
        ran = self.run('--socket', self.socket, *args,
                       program=[self.keyrotctl], **more)
        self.holds_none(ran.out + ran.err)
        return ran

    def poll(self):
        """Have the daemon look at its keys now."""
        ran = self.ctl('poll')
        assert ran.code == 0, ran

    # -- what the daemon thinks -------------------------------------------

    def ask(self, method, **parameters):
        """A Status method over a connection that is kept."""
        if self.talk is None:
            self.talk = Varlink(self.socket)
        return self.talk.call(STATUS + method, **parameters)

    def hang_up(self):
        if self.talk:
            self.talk.close()
        self.talk = None

    def state(self):
        """Of the whole, once all was heard of: its key and its registry are
        asked at the same time, and either may be first."""
        until('all was heard of', lambda: self.status()['state'] != 'starting')
        return self.status()['state']

    def status(self):
        """keyrotctl status --json"""
        return self.ctl('status', '--json').json()

    def reg(self, name=None, source=None):
        """One registry of the daemon's list (or of a status document)."""
        listed = (source or self.ask('ListRegistries'))['registries']
        return next(one for one in listed
                    if one['id'].endswith('/' + (name or self.name)))

    def wait(self, state=None, name=None, seconds=40, **wanted):
        """Until a registry is so; then keyrotctl has to say the same."""
        if state:
            wanted['state'] = state

        def fits(one):
            return all(one[field] == value or callable(value)
                       and value(one[field])
                       for field, value in wanted.items())

        def probe():
            assert self.daemon.alive(), 'the daemon has ended'
            one = self.reg(name)
            return one if fits(one) else f'?it says {one}'
        until(f'registry with {wanted}', probe, seconds)
        one = self.reg(name, self.status())
        return one if fits(one) else self.wait(name=name, seconds=seconds,
                                               **wanted)

    def wait_write(self):
        """A write has been sent: it is, when its record is on the disk."""
        until('it writes', lambda: 'write' in self.kinds()
              and self.kept())

    def wait_reason(self, words, state=None, name=None, **wanted):
        return self.wait(state, name, reason=lambda text: words in text,
                         **wanted)

    def wait_current(self, version, name=None):
        """Verified on the version; and azsim itself agrees."""
        one = self.wait('current', name, version_in_use=version)
        assert one['version_wanted'] == version, one
        assert one['verified_at'], one
        assert self.truth(name)[1] == version, self.truth(name)
        return one

    def events(self):
        """The recent events of the daemon that runs, oldest first: all that
        have happened, for each is told when its record is on the disk."""
        self.all_told()
        ran = self.ctl('--json', 'events')
        assert ran.code == 0, ran
        found = [json.loads(line) for line in ran.out.splitlines()]
        began = self.began()
        return [one for one in found if (one['sequence'] or began) >= began]

    def all_told(self):
        until('the records are on the disk', self.kept)

    def kept(self):
        """Is each record on the disk, or told without (no audit, no disk)?"""
        audit = self.ask('Summary')['audit']
        return not audit or not audit['waiting'] or audit['error']

    def began(self):
        """The record with which the daemon that runs has begun; 0: none."""
        for path in glob.glob(os.path.join(self.state_dir, 'audit*.jsonl')):
            with open(path, encoding='utf-8', errors='replace') as file:
                for line in file:
                    if '"kind":"start"' in line and \
                            f'"pid":{self.daemon.process.pid},' in line:
                        return json.loads(line)['seq']
        return 0

    def kinds(self):
        return [event['kind'] for event in self.events()]

    # -- the end ----------------------------------------------------------

    def judge(self):
        self.hang_up()
        self.never_shown()
        for daemon in self.daemons:
            daemon.judge()
        self.never_blind()
        self.never_told()

    def never_told(self):
        """No secret and no token in a log, on stdout, in what is kept."""
        texts = [daemon.log + daemon.out for daemon in self.daemons]
        state = os.path.join(self.state_dir, 'state.json')
        if os.path.isfile(state):
            with open(state, encoding='utf-8', errors='replace') as file:
                texts.append(file.read())
        for name in os.listdir(self.state_dir) \
                if os.path.isdir(self.state_dir) else []:
            if name.endswith('.jsonl'):
                with open(os.path.join(self.state_dir, name),
                          encoding='utf-8', errors='replace') as file:
                    texts.append(file.read())
        for text in texts:
            self.holds_none(text)

    def never_shown(self):
        """Nor where anybody can look at a process that runs, but in a
        variable that the scenario itself gave it."""
        for daemon in self.daemons:
            for name in ('cmdline', 'environ') if daemon.alive() else ():
                try:
                    with open(f'/proc/{daemon.process.pid}/{name}',
                              encoding='utf-8', errors='replace') as file:
                        words = file.read().split('\0')
                except PermissionError:     # so it should be
                    continue
                for word in words:
                    if not word.startswith('AZURE_CLIENT_SECRET='):
                        self.holds_none(word)

    def kept_to_itself(self):
        """Of the cloud, and of the files that the scenario keeps to itself:
        what is private of a PEM, or a line."""
        found = [self.cloud.env['SIM_CLIENT_SECRET'], *self.told_nobody]
        paths = [self.cloud.env['SIM_CLIENT_CERT']]
        for entry in os.scandir(self.dir):
            try:
                if entry.is_file(follow_symlinks=False) and \
                        not entry.name.endswith('.log') and \
                        entry.stat().st_mode & 0o777 == 0o600:
                    paths.append(entry.path)
            except FileNotFoundError:   # renamed since, by a program
                pass
        for path in paths:
            try:
                with open(path, encoding='utf-8', errors='replace') as file:
                    text = file.read(65536)
            except FileNotFoundError:
                if os.path.dirname(path) != self.dir:
                    raise
                continue
            for body in re.findall('-BEGIN [A-Z ]*PRIVATE KEY-+\n(.*?)\n-+END',
                                   text, re.DOTALL):
                found += [line for line in body.split('\n')
                          if re.fullmatch('[A-Za-z0-9+/=]{60,}', line)]
            line = text.strip()
            if '\n' not in line and 8 <= len(line) <= 200:
                found.append(line)
        return found

    def holds_none(self, text):
        for one in self.kept_to_itself():
            assert one not in text, 'a secret was told'
        assert 'eyJ' not in text, 'a token was told'

    def never_blind(self):
        """Before each PATCH of a registry came a GET of it, since the last
        PATCH: a write whose answer was lost may have happened."""
        read = {}
        for one in self.cloud.requests('arm', path=self.tag):
            place = one['path'].split('?')[0].lower()
            if one['method'] == 'GET':
                read[place] = True
            elif one['method'] == 'PATCH':
                assert read.get(place), f'a blind PATCH of {place}'
                read[place] = False

    def story(self, name=None):
        """What was asked of a registry: G(et), P(atch), O(peration)."""
        return ''.join(
            'O' if '/operation' in one['path'] else one['method'][0]
            for one in self.cloud.requests(
                'arm', path=f'/registries/{name or self.name}[/?]'))

    def close(self):
        self.hang_up()
        for daemon in self.daemons:
            process.end(daemon.process)
        process.drop_folder(self.dir)

    def tell(self):
        """What helps to understand a failure."""
        out = []
        for daemon in self.daemons:
            tail = daemon.log.splitlines()[-25:]
            out += [f'keyrotd {daemon.number}, exit {daemon.code}, stderr:',
                    *('  ' + line for line in tail)]
        out.append('the last requests:')
        out += ['  {method} {host}{path} {status} {bytes} {more}'.format(
            more=one.get('fault', ''), **one)
            for one in self.cloud.requests()[-15:]]
        if self.cloud.complaints():
            out.append('azsim: ' + self.cloud.complaints())
        return [line.replace(self.id, '.../' + self.name) for line in out]
