"""How long a daemon keeps others waiting, measured from outside.

    with Pulse(socket, pid) as pulse:       # in a process of its own
        ...
        pulse.read()    # {"asks": N, "answer": s, "turn": s, ...}

A question each 20 ms, one after the other.  "answer" is the longest time until
the answer.  Of that, "turn" is the longest for which the daemon was at work,
and "still" the longest for which it was neither at work nor ready for it, while
the machine was busy with others: it slept, or waited for a disk.  "noise" is
the longest time by which the asking side's own sleep between two questions was
late for no such reason: so long the machine stood still for everybody.  The
kernel's figures are those of /proc/PID/schedstat (Documentation/scheduler/
sched-stats.rst).
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
NOTHING = {'asks': 0, 'answer': 0, 'turn': 0, 'still': 0, 'noise': 0}


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


def used(pid):
    """Seconds in which the main thread has run, and in which it was ready to
    and did not."""
    with open(f'/proc/{pid}/task/{pid}/schedstat', encoding='ascii') as file:
        ran, waited, _ = file.read().split()
    return int(ran) / 1e9, int(waited) / 1e9


def ask(talk, pid, own, most):
    """One question."""
    ran, late = used(pid)
    mine, began = used(own), time.monotonic()
    talk.call('io.keyrotd.Status.Summary')
    took = time.monotonic() - began
    mine = sum(used(own)) - sum(mine)
    ran, late = (now - then for now, then in zip(used(pid), (ran, late)))
    most['asks'] += 1
    most['answer'] = max(most['answer'], took)
    most['turn'] = max(most['turn'], min(took, ran))
    most['still'] = max(most['still'], took - ran - late - mine)


def main(path, pid):
    """Asks until the standard input ends."""
    talk, own, most = Varlink(path), os.getpid(), dict(NOTHING)
    while True:
        ask(talk, pid, own, most)
        mine, began = used(own), time.monotonic()
        if select.select([sys.stdin], [], [], EACH_S)[0]:
            if not sys.stdin.readline():
                return
            print(json.dumps(most), flush=True)
            most = dict(NOTHING)
            continue
        most['noise'] = max(most['noise'], time.monotonic() - began - EACH_S
                            - sum(used(own)) + sum(mine))


if __name__ == '__main__':
    main(*sys.argv[1:])
