"""How long a daemon keeps others waiting, measured from outside.

    with Pulse(socket, pid) as pulse:       # in a process of its own
        ...
        pulse.read()    # {"asks": N, "answer": s, "turn": s, "noise": s}

A question each 20 ms, one after the other; "answer" is the longest time until
the answer, "turn" the longest of which it can be the daemon's loop: without
the time in which the daemon or who asks was ready to run and the machine was
busy with others (the second number of /proc/PID/schedstat, see the kernel's
Documentation/scheduler/sched-stats.rst).  "noise" is the longest time by which
its own sleep between two questions was late for no such reason: so long the
machine stood still for everybody.
"""

import json
import os
import select
import subprocess
import sys
import time

from . import process
from .varlink import Varlink

HERE = os.path.dirname(os.path.abspath(__file__))
EACH_S = 0.02
NOTHING = {'asks': 0, 'answer': 0, 'turn': 0, 'noise': 0}


class Pulse:
    """As long as the `with` lasts."""

    def __init__(self, path, pid):
        self.process = process.spawn(
            [sys.executable, '-m', 'support.pulse', path, str(pid)],
            cwd=os.path.dirname(HERE), stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=process.environment(PYTHONDONTWRITEBYTECODE='1'))

    def read(self):
        """What was seen since it was last read."""
        self.process.stdin.write(b'\n')
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, 'the pulse has ended'
        return json.loads(line)

    def __enter__(self):
        return self

    def __exit__(self, *_unused):
        self.process.stdin.close()
        self.process.stdout.close()
        process.end(self.process)


def waited(pid):
    """Seconds in which the main thread was ready and did not run."""
    with open(f'/proc/{pid}/task/{pid}/schedstat', encoding='ascii') as file:
        return int(file.read().split()[1]) / 1e9


def main(path, pid):
    """Asks until the standard input ends."""
    talk, own = Varlink(path), os.getpid()
    most = dict(NOTHING)
    while True:
        busy, began = waited(pid) + waited(own), time.monotonic()
        talk.call('io.keyrotd.Status.Summary')
        took = time.monotonic() - began
        busy = waited(pid) + waited(own) - busy
        most['asks'] += 1
        most['answer'] = max(most['answer'], took)
        most['turn'] = max(most['turn'], took - busy)
        busy, began = waited(own), time.monotonic()
        if select.select([sys.stdin], [], [], EACH_S)[0]:
            if not sys.stdin.readline():
                return
            print(json.dumps(most), flush=True)
            most = dict(NOTHING)
            continue
        late = time.monotonic() - began - EACH_S - waited(own) + busy
        most['noise'] = max(most['noise'], late)


if __name__ == '__main__':
    main(*sys.argv[1:])
