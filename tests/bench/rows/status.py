"""keyrotctl status --json of 100,000 registries, and who asks meanwhile."""

import subprocess
import threading
import time
from statistics import median

from kit.peers import ran
from kit.table import Line, Skip
from kit.world import KEYROTCTL, STATUS, World
from support.varlink import Varlink

NUMBER = 100000
SECONDS = 1.0
TURN = 0.020


class Pulse:
    """Asks for the summary over and over: it waits for the turn of the loop
    in which its question comes in, and hardly for anything else."""

    def __init__(self, path):
        self.longest = 0
        self.over = False
        self.path = path
        self.thread = threading.Thread(target=self._beat, daemon=True)

    def _beat(self):
        with Varlink(self.path, 120) as talk:
            while not self.over:
                began = time.monotonic()
                talk.call(STATUS + 'Summary')
                self.longest = max(self.longest, time.monotonic() - began)
                time.sleep(0.001)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_unused):
        self.over = True
        self.thread.join()


def status(world):
    return ran([KEYROTCTL, '--socket', world.socket, 'status', '--json'],
               out=subprocess.DEVNULL)


def times(world, daemon, runs):
    """(seconds of an answer, the daemon's own of it, the longest turn while
    one is made)"""
    alone, used, turns = [], [], []
    for _ in range(runs):
        before = daemon.cpu()
        cost = status(world)
        assert cost.code == 0, f'keyrotctl: exit status {cost.code}'
        alone.append(cost.wall)
        used.append(daemon.cpu() - before)
    for _ in range(runs):
        with Pulse(world.socket) as pulse:
            status(world)
        turns.append(pulse.longest)
    return median(alone), median(used), median(turns)


def of(world, daemon, how, runs):
    wall, used, turn = times(world, daemon, runs)
    yield Line(f'status --json, {NUMBER:,} registries, {how}', wall, 's',
               target=SECONDS, note=f'of which the daemon ran {used:.2f} s')
    yield Line(f'longest turn meanwhile, {how}', turn, 's', target=TURN,
               note='as somebody waits who asks for the summary beside it')


def row(server, options):
    if options.largest < NUMBER:
        raise Skip(f'{NUMBER:,} registries are more than --largest')
    with World(server, NUMBER, keys=NUMBER // 50) as world:
        with world.start() as daemon:
            daemon.wait()
            daemon.hang_up()
            yield from of(world, daemon, 'all well', options.runs)
    with World(None, NUMBER, keys=NUMBER // 50) as world:
        with world.start() as daemon:
            daemon.wait('unreachable')
            daemon.hang_up()
            yield from of(world, daemon, 'all in trouble', options.runs)
