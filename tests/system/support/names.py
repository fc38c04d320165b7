"""A resolver in the daemon that can lose the names of Azure's public cloud."""

import os
import subprocess
import time

from .log import Log

HERE = os.path.dirname(os.path.abspath(__file__))
# What they are called there, all at this host while they are not lost.
PUBLIC = {'management': 'management.azure.com',
          'login': 'login.microsoftonline.com', 'vault': 'vault.azure.net'}


class Names:
    """Of one daemon, which is started with `env`."""

    def __init__(self, s):
        self.file = os.path.join(s.dir, 'lost')
        library = os.path.join(s.dir, 'lost_names.so')
        subprocess.run(['cc', '-shared', '-fPIC', '-O1', '-o', library,
                        os.path.join(HERE, 'lost_names.c'), '-ldl'],
                       check=True)
        self.env = {'LD_PRELOAD': library, 'LOST_NAMES': self.file}
        with open(self.file + '.log', 'w', encoding='ascii'):
            pass
        self.log = Log(self.file + '.log')

    def lose(self):
        with open(self.file, 'w', encoding='ascii'):
            pass

    def find(self):
        os.unlink(self.file)
        return time.time()

    def looked_up(self, name='', since=0, until=None):
        """How often a name with this in it was sought."""
        return len([one for one in self.log.lines()
                    if name in one['name'] and one['time'] >= since
                    and (until is None or one['time'] < until)])
