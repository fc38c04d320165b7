"""A stage whose daemon is the installed unit, under the systemd that booted."""

import json
import os
import shutil
import subprocess
import time
from types import SimpleNamespace

from support.daemon import BAD
from support.stage import Stage
from support.wait import until

UNIT = 'keyrotd.service'
FOLDER = '/run/systemd/system/keyrotd.service.d'
ETC = '/etc/keyrotd'
HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
STATE = '/var/lib/keyrotd'


def systemctl(*words, check=True):
    return subprocess.run(['systemctl', '--no-pager', *words], check=check,
                          capture_output=True, text=True, timeout=100)


def show(name, unit=UNIT):
    return systemctl('show', '-p', name, '--value', unit).stdout.strip()


def quantity(name):
    """A property that is a time of the monotonic clock, in seconds."""
    return int(show(name)) / 1e6


class Unit:
    """What Stage calls a daemon; all of them are one unit."""

    number = 1

    def __init__(self, cursor):
        self.cursor = cursor

    def journal(self, *fields, unit=UNIT):
        """Its entries since the scenario began, as dictionaries."""
        done = subprocess.run(
            ['journalctl', '-q', '--no-pager', '-o', 'json', '--all',
             f'--after-cursor={self.cursor}', '-u', unit, *fields],
            check=True, capture_output=True, text=True, timeout=60)
        return [json.loads(line) for line in done.stdout.splitlines()]

    @property
    def lines(self):
        """What the daemon itself said, oldest first."""
        return [str(one.get('MESSAGE', '')) for one in self.journal()
                if one.get('_PID') != '1']

    @property
    def log(self):
        return '\n'.join(self.lines)

    @property
    def out(self):
        """Every field of every entry, for what must stand in none."""
        return '\n'.join(json.dumps(one, ensure_ascii=False)
                         for one in self.journal())

    @property
    def log_all(self):
        """What systemd says of it is among it."""
        return '\n'.join(str(one.get('MESSAGE', ''))
                         for one in self.journal())

    @property
    def code(self):
        return show('ExecMainStatus')

    @property
    def pid(self):
        return int(show('MainPID'))

    @property
    def process(self):
        return SimpleNamespace(pid=self.pid)

    def alive(self):
        return show('ActiveState') in ('active', 'activating', 'reloading')

    def judge(self):
        found = BAD.search(self.log)
        assert not found, f'libc complained: {found.group(0)}'


class Service(Stage):
    """Begins with no state, no drop-in and a stopped unit."""

    def __init__(self, cloud):
        super().__init__(cloud, '/usr/local/bin')
        self.keyrotd = '/usr/local/sbin/keyrotd'
        self.conf_file = ETC + '/keyrotd.conf'
        self.state_dir = STATE
        self.run_dir = '/run/keyrotd'
        shutil.rmtree(STATE, ignore_errors=True)
        shutil.rmtree(FOLDER, ignore_errors=True)
        self.secret = os.path.join(self.dir, 'client-secret')
        self.write(self.secret, cloud.env['SIM_CLIENT_SECRET'])
        self.drop_in('secret', f'LoadCredential=client-secret:{self.secret}')
        self.unit = Unit(self._cursor())
        self.daemons = [self.unit]

    @staticmethod
    def _cursor():
        done = subprocess.run(['journalctl', '-n', '0', '--show-cursor', '-q'],
                              check=True, capture_output=True, text=True)
        return done.stdout.split('cursor: ')[1].strip()

    # -- the unit ---------------------------------------------------------

    def drop_in(self, name, *lines):
        """Settings of [Service] on top of the unit's own."""
        os.makedirs(FOLDER, exist_ok=True)
        self.write(f'{FOLDER}/{name}.conf',
                   '[Service]\n' + '\n'.join(lines) + '\n')
        systemctl('daemon-reload')

    def preload(self, name, *environment):
        """A library of this folder, compiled, in front of the C library."""
        library = f'/usr/local/lib/{name}.so'
        subprocess.run(['cc', '-shared', '-fPIC', '-O1', '-o', library,
                        os.path.join(HERE, name + '.c'), '-ldl'], check=True)
        self.drop_in(name, f'Environment=LD_PRELOAD={library}',
                     *(f'Environment={one}' for one in environment))

    def conf(self, *watches, credential=None, settings=None, **more):
        """The secret comes from systemd, and so do the folders."""
        block = credential or self.cloud.credential_block.replace(
            self.cloud.env['SIM_CLIENT_SECRET_FILE']
            if 'SIM_CLIENT_SECRET_FILE' in self.cloud.env
            else f'{self.cloud.dir}/client-secret',
            'credential:client-secret')
        return super().conf(*watches, credential=block, settings={
            'state-directory': None, 'runtime-directory': None,
            **(settings or {})}, **more)

    def launch(self, args=(), **more):
        """systemctl start, which returns when the daemon is ready."""
        assert not args and not more.get('env'), 'that takes a drop-in'
        done = systemctl('start', UNIT, check=False)
        assert done.returncode == 0, done.stderr
        self.ready = lambda: self
        return self

    def alive(self):
        return self.unit.alive()

    def stop(self):
        """How long it took, in seconds."""
        self.hang_up()
        began = time.monotonic()
        systemctl('stop', UNIT)
        return time.monotonic() - began

    def restart(self):
        self.hang_up()
        systemctl('restart', UNIT)

    def is_(self, **properties):
        """Whether the unit's properties are so; else what they are."""
        seen = {name: show(name) for name in properties}
        wanted = {name: str(value) for name, value in properties.items()}
        return seen == wanted or f'?it shows {seen}'

    def wait_unit(self, seconds=40, **properties):
        until(f'unit with {properties}', lambda: self.is_(**properties),
              seconds)

    def wait_log(self, words, seconds=40):
        until(f'log with "{words}"', lambda: words in self.unit.log, seconds)

    @property
    def status_line(self):
        return show('StatusText')

    def audit_is_whole(self):
        ran = self.ctl('audit', 'verify')
        assert ran.code == 0 and ran.out.startswith('Whole'), ran

    # -- the end ----------------------------------------------------------

    def close(self):
        self.hang_up()
        systemctl('kill', '-s', 'CONT', UNIT, check=False)
        systemctl('stop', UNIT, check=False)
        systemctl('reset-failed', UNIT, check=False)
        shutil.rmtree(FOLDER, ignore_errors=True)
        systemctl('daemon-reload')
        shutil.rmtree(self.dir, ignore_errors=True)

    def tell(self):
        shown = systemctl('status', '-l', '-n', '0', UNIT, check=False)
        out = shown.stdout.splitlines() + self.unit.log.splitlines()[-40:]
        out += ['{method} {host}{path} {status}'.format(**one)
                for one in self.cloud.requests()[-10:]]
        return out
