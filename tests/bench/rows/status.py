"""keyrotctl status --json of 100,000 registries, and who asks meanwhile."""

import subprocess
from statistics import median

from kit.peers import ran
from kit.table import Line, Skip
from kit.world import KEYROTCTL, World
from support.pulse import Pulse

NUMBER = 100000
SECONDS = 1.0
TURN = 0.020


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
        with Pulse(world.socket, daemon.pid) as pulse:
            status(world)
            turns.append(pulse.read()['turn'])
    return median(alone), median(used), median(turns)


def of(world, daemon, how, runs):
    wall, used, turn = times(world, daemon, runs)
    yield Line(f'status --json, {NUMBER:,} registries, {how}', wall, 's',
               target=SECONDS, note=f'of which the daemon ran {used:.2f} s')
    yield Line(f'longest turn meanwhile, {how}', turn, 's', target=TURN,
               note='the longest that it ran while somebody beside it waited '
               'for the summary')


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
