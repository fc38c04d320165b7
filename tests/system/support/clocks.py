"""A daemon's clocks, which a scenario can put forward."""

import os
import subprocess

from . import process
from .wait import until


class Clocks:
    """All of them go together, and Azure's with them: time that is spent
    awake.  Not with sanitizers, for a library is put before all others."""

    def __init__(self, s):
        self.stage = s
        self.ahead = 0
        self.file = os.path.join(s.dir, 'clocks')
        library = os.path.join(s.dir, 'bent_clock.so')
        subprocess.run(['cc', '-shared', '-fPIC', '-O1', '-o', library,
                        os.path.join(process.ROOT, 'tests', 'systemd',
                                     'bent_clock.c'), '-ldl'], check=True)
        self.env = {'LD_PRELOAD': library, 'BENT_CLOCK': self.file}
        self.go(0)

    def go(self, seconds):
        """So much time passes.  Who has come just before may have waited for
        too long by then, and is sent away: it is asked until it answers."""
        self.ahead += seconds
        self.stage.cloud.settings(clock_offset=self.ahead)
        text = ' '.join([str(self.ahead)] * 3) + '\n'
        self.stage.write(self.file + '.new', text)
        os.rename(self.file + '.new', self.file)
        if self.stage.daemons:
            until('it has seen the new time',
                  lambda: self.stage.ctl('status').code == 0)
