"""One keyrotd process, its notifications and what it writes to stderr."""

import codecs
import os
import re
import signal
import subprocess
import time

from . import process
from .notify import Notify
from .wait import until

# What no run may ever print.
BAD = re.compile(r'AddressSanitizer|LeakSanitizer|runtime error:|'
                 r'UndefinedBehaviorSanitizer|Assertion|\*\*\* ')


class Daemon:
    """Started by Stage.start; stopped and judged by it in the end."""

    def __init__(self, stage, args=(), env=None, command=None, **more):
        self.number = len(stage.daemons) + 1
        self.folder = os.path.join(stage.dir, f'd{self.number}')
        os.mkdir(self.folder)
        self.log_file = os.path.join(self.folder, 'stderr')
        self.notify = Notify(self.folder)
        self.code = None
        self.expected = 0
        self.logged, self.log_at = '', 0
        self.decoder = codecs.getincrementaldecoder('utf-8')('replace')
        env = process.environment(NOTIFY_SOCKET=self.notify.path,
                                  **(env or {}))
        command = command or [stage.keyrotd]
        self.began = time.monotonic()
        with open(self.log_file, 'wb') as log, \
                open(os.path.join(self.folder, 'stdout'), 'wb') as out:
            self.process = process.spawn(
                [*command, '-c', stage.conf_file, *args], stdout=out,
                stderr=log, stdin=subprocess.DEVNULL, env=env, **more)

    # -- what it says -----------------------------------------------------

    def _read(self, name):
        with open(os.path.join(self.folder, name), encoding='utf-8',
                  errors='replace') as file:
            return file.read()

    @property
    def log(self):
        """All of it; read on from where it was read to, for some ask often."""
        with open(self.log_file, 'rb') as file:
            file.seek(self.log_at)
            more = file.read()
        self.log_at += len(more)
        self.logged += self.decoder.decode(more)
        return self.logged

    @property
    def out(self):
        return self._read('stdout')

    def wait_log(self, pattern):
        """The match of a regular expression in what it has logged."""
        def probe():
            found = re.search(pattern, self.log, re.M)
            assert found or self.alive(), f'it ended without "{pattern}"'
            return found
        return until(f'log line "{pattern}"', probe)

    # -- its life ---------------------------------------------------------

    def alive(self):
        return self.process.poll() is None

    def ready(self):
        self.notify.wait('READY', '1', alive=self.alive)
        return self

    def send(self, number):
        self.process.send_signal(number)

    def kill(self):
        """SIGKILL: no last words."""
        self.code = process.end(self.process, signal.SIGKILL)
        self.expected = -signal.SIGKILL
        return self

    def wait(self, seconds=30):
        """Its exit code, when it ends by itself."""
        self.code = self.process.wait(seconds)
        process.forget(self.process)
        return self.code

    def stop(self, number=signal.SIGTERM):
        """Ends it as a service manager does; the exit code.

        A sanitizer looks for leaks at that point, which takes its time.
        """
        if self.code is None:
            began = time.monotonic()
            self.send(number)
            self.wait()
            self.took = time.monotonic() - began
        return self.code

    def judge(self):
        """Everything that must be true of every run."""
        self.stop()
        self.notify.close()
        found = BAD.search(self.log)
        assert not found, f'a sanitizer or libc complained: {found.group(0)}'
        assert self.code == self.expected, \
            f'keyrotd ended with {self.code}, not {self.expected}'
        for line in self.log.splitlines():
            assert re.match('<[3-7]>', line), f'no log line: {line}'
