"""From the exec to READY=1: systemd waits for it."""

import os
from statistics import median

from kit.table import Line, Skip
from kit.world import World

SIZES = ((1000, 0.050), (100000, 1.5))
LONGEST = 90        # seconds: what takes longer has failed


def once(world):
    with world.start(patience=LONGEST) as daemon:
        return daemon.ready_seconds()


def measured(what, world, runs, target):
    """Its Line; what does not start in time is as late as that at least."""
    try:
        return Line(what, median(once(world) for _ in range(runs)), 's',
                    target=target)
    except AssertionError as problem:
        return Line(what, float(LONGEST), 's', target=target,
                    note=f'not ready after {LONGEST} s: {problem}')


def keep_state(world):
    """A daemon has seen everything, and keeps it."""
    with world.start() as daemon:
        daemon.wait(seconds=10 * LONGEST)
    return os.path.getsize(os.path.join(world.state_dir, 'state.json'))


def row(server, options):
    for watches, target in SIZES:
        if watches > options.largest:
            raise Skip(f'{watches:,} watches are more than --largest')
        runs = options.runs if watches > 10000 else 2 * options.runs + 1
        # A long interval, so that all that is measured is the start.
        with World(server, watches, poll_interval='1h', window='7d',
                   reread_interval='1d') as world:
            # First against nobody: nothing is known, nothing is learnt.
            yield measured(f'start to READY=1, {watches:,} watches', world,
                           runs, target)
            kept = keep_state(world)
            line = measured(f'the same with saved state, {watches:,} watches',
                            world, runs, target)
            line.note = line.note or f'{kept // 1024:,} kB of state'
            yield line
