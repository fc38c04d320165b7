"""keyrotctl status --json of 100,000 registries, and who asks meanwhile."""

import subprocess
from statistics import median

from kit import measure
from kit.peers import ran
from kit.table import Line, Skip
from kit.world import BUSY, KEYROTCTL, World
from support.pulse import Pulse

NUMBER = 100000
SECONDS = 1.0
TURN = 0.020


def status(world):
    return ran([KEYROTCTL, '--socket', world.socket, 'status', '--json'],
               out=subprocess.DEVNULL)


class Answer:
    """One of them."""

    def __init__(self, world, daemon):
        ran_before, waited = daemon.cpu(), measure.waited(daemon.pid)
        cost = status(world)
        assert cost.code == 0, f'keyrotctl: exit status {cost.code}'
        self.wall = cost.wall
        self.ours = daemon.cpu() - ran_before
        self.asking = cost.cpu
        # Two programs, one after the other, and nothing else to wait for:
        # where they had to wait for a processor, what they ran counts.
        busy = measure.waited(daemon.pid) - waited > BUSY
        self.seconds = min(self.wall, self.ours + self.asking) if busy \
            else self.wall


def turn(world, daemon):
    """The longest turn of the loop while one is made, in seconds."""
    with Pulse(world.socket, daemon.pid) as pulse:
        status(world)
        return pulse.read()['turn']


def of(world, daemon, how, runs):
    seen = [Answer(world, daemon) for _ in range(runs)]
    yield Line(f'status --json, {NUMBER:,} registries, {how}',
               median(one.seconds for one in seen), 's', target=SECONDS,
               note=f'by the clock {median(one.wall for one in seen):.2f} s; '
               f'the daemon ran {median(one.ours for one in seen):.2f} s, '
               f'keyrotctl {median(one.asking for one in seen):.2f} s')
    yield Line(f'longest turn meanwhile, {how}',
               median(turn(world, daemon) for _ in range(runs)), 's',
               target=TURN, note='the longest that the daemon ran while '
               'somebody beside it waited for the summary')


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
