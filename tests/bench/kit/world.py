"""So many registries on so many keys in so many vaults: the configuration of
it, and the daemon that watches it."""

import os
import subprocess
import tempfile
import time

from support import process
from support.notify import Notify
from support.varlink import Varlink
from support.wait import until

from . import measure, peers

STATUS = 'io.keyrotd.Status.'
CONTROL = 'io.keyrotd.Control.'
BUILD = os.environ.get('BUILD') or os.path.join(process.ROOT, 'build')
KEYROTD = os.path.join(BUILD, 'keyrotd')
KEYROTCTL = os.path.join(BUILD, 'keyrotctl')
# Budgets out of the way, where what is measured is not Azure's limits.
LIFTED = {'vault-rate': 100000, 'vault-burst': 100000, 'read-rate': 100000,
          'read-burst': 100000, 'write-rate': 100000, 'write-burst': 100000}
PATIENCE = 300
BUSY = 0.005        # seconds of waiting for a processor


class World:
    """Its numbers, and a folder with its configuration."""

    def __init__(self, server, registries, keys=None, vaults=1,
                 subscriptions=None, **settings):
        self.server = server
        self.registries = registries
        self.keys = keys or registries
        self.vaults = vaults
        self.subscriptions = subscriptions or max(1, registries // 1000)
        self.per_subscription = -(-registries // self.subscriptions)
        self.dir = process.keep_folder(tempfile.mkdtemp(prefix='kbw.'))
        self.conf_file = os.path.join(self.dir, 'keyrotd.conf')
        self.state_dir = os.path.join(self.dir, 'state')
        self.socket = os.path.join(self.dir, 'run', 'io.keyrotd')
        self.settings = {'state-directory': self.state_dir,
                         'runtime-directory': os.path.join(self.dir, 'run'),
                         'log-level': 'notice', **LIFTED,
                         **{name.replace('_', '-'): value
                            for name, value in settings.items()}}
        self.write()
        if server:
            self.tell()

    def tell(self, **more):
        """The server serves this world."""
        self.server.world(
            registries=self.registries, keys=self.keys, vaults=self.vaults,
            subscriptions=self.subscriptions, port=self.server.port,
            **{'silent': -1, **more})

    # -- the configuration --------------------------------------------------

    def key(self, number):
        port = self.server.port if self.server else 9
        return (f'https://v{number % self.vaults:03}.vault.localhost:{port}'
                f'/keys/k{number:06}')

    def registry(self, number):
        return (f'/subscriptions/{number // self.per_subscription:08}-0000-4000-8000-'
                '000000000000/resourceGroups/bench/providers/Microsoft.'
                f'ContainerRegistry/registries/bench{number:06}')

    def _cloud(self):
        port, plain, ca = (self.server.port, self.server.plain,
                           self.server.ca) if self.server else (9, 9, None)
        lines = [f'    authority = "https://login.localhost:{port}"',
                 '    resource-manager = '
                 f'"https://management.localhost:{port}"',
                 '    resource-manager-audience = '
                 '"https://management.azure.com"',
                 '    vault-suffixes = {".vault.localhost"}',
                 f'    vault-audience = "https://vault.localhost:{port}"',
                 f'    imds-endpoint = "http://127.0.0.1:{plain}"']
        if ca:
            lines.append(f'    ca-file = "{ca}"')
        return 'cloud {\n' + '\n'.join(lines) + '\n}\n'

    def write(self):
        """keyrotd.conf, as it is now."""
        with open(self.conf_file, 'w', encoding='utf-8') as file:
            for name, value in self.settings.items():
                file.write(f'{name} = "{value}"\n')
            file.write(self._cloud())
            file.write('credential "default" {\n    type = '
                       '"managed-identity"\n    source = "imds"\n}\n')
            for key in range(self.keys):
                ids = ',\n'.join(
                    f'        "{self.registry(i)}"'
                    for i in range(key, self.registries, self.keys))
                file.write(f'watch "{self.key(key)}" {{\n'
                           f'    registries = {{\n{ids}\n    }}\n}}\n')

    # -- running ------------------------------------------------------------

    def once(self):
        """keyrotd --once: what it cost, as peers.Cost has it."""
        return peers.ran([KEYROTD, '-c', self.conf_file, '--once'])

    def start(self, **more):
        return Running(self, **more)

    def close(self):
        process.drop_folder(self.dir)

    def __enter__(self):
        return self

    def __exit__(self, *_unused):
        self.close()


class Running:
    """A daemon of that world, as long as the `with` lasts."""

    def __init__(self, world, prefix=(), patience=PATIENCE):
        self.world = world
        self.folder = process.keep_folder(tempfile.mkdtemp(prefix='kbd.'))
        self.notify = Notify(self.folder)
        self.log = os.path.join(self.folder, 'log')
        self.talk = None
        self.began = time.monotonic()
        with open(self.log, 'wb') as log:
            self.process = process.spawn(
                [*prefix, KEYROTD, '-c', world.conf_file],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=log, env=process.environment(
                    NOTIFY_SOCKET=self.notify.path))
        self.pid = self.process.pid
        until('READY=1', self._is_ready, patience, pause=0.002)
        self.ran = measure.cpu(self.pid)
        self.waited = measure.waited(self.pid)

    def _is_ready(self):
        assert self.process.poll() is None, \
            f'keyrotd ended: {self.last_words()}'
        return self.notify.having('READY', '1')

    def last_words(self):
        with open(self.log, encoding='utf-8', errors='replace') as file:
            return file.read()[-600:]

    def ready_seconds(self):
        """From before the exec to READY=1.

        A process that had to wait for a processor is not slow: then what it
        has run, to READY=1 and a little more, is what counts."""
        when = next(when for when, fields in self.notify.messages
                    if 'READY' in fields)
        wall = when / 1e6 - self.began
        return min(wall, self.ran) if self.waited > BUSY else wall

    # -- asking it ----------------------------------------------------------

    def ask(self, method, **parameters):
        if self.talk is None:
            self.talk = Varlink(self.world.socket, PATIENCE)
        return self.talk.call(method, **parameters)

    def states(self):
        return self.ask(STATUS + 'Summary')['states']

    def wait(self, state='current', number=None, seconds=PATIENCE):
        """Until so many registries are so; all, when it is not said."""
        number = self.world.registries if number is None else number

        def probe():
            assert self.process.poll() is None, self.last_words()
            states = self.states()
            return states[state] == number or f'?it says {states}'
        until(f'{number} are {state}', probe, seconds, pause=0.02)
        return self

    def wait_version(self, generation, without=-1, seconds=PATIENCE):
        """Until all registries are verified on the versions of this
        generation; but not those whose vault is the silent one."""
        world = self.world

        def on_it(one):
            key = int(one['id'][-6:]) % world.keys
            return key % world.vaults == without or (
                one['state'] == 'current' and one['version_in_use']
                == f'{key:08x}{generation:08x}{key * 7:08x}{17:08x}')

        def probe():
            rows = self.ask(STATUS + 'ListRegistries')['registries']
            late = sum(1 for one in rows if not on_it(one))
            return not late or f'?{late} are not'
        until('all are on the newest version', probe, seconds, pause=0.05)

    def poll(self):
        self.ask(CONTROL + 'Poll')

    def hang_up(self):
        if self.talk:
            self.talk.close()
        self.talk = None

    def memory(self):
        """RssAnon in kB, with nobody connected."""
        self.hang_up()
        time.sleep(1)
        return measure.rss_anon(self.pid)

    def cpu(self):
        return measure.cpu(self.pid)

    def stop(self):
        self.hang_up()
        code = process.end(self.process, 15)
        self.notify.close()
        assert code == 0, f'keyrotd ended with {code}: {self.last_words()}'
        process.drop_folder(self.folder)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_unused):
        if kind is None:
            return self.stop()
        process.end(self.process)
        return None
