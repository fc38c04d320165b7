"""How everything grows: with the registries in one vault, and with the vaults.

Nothing is judged here; a curve that bends upwards is a reason to look.  A cycle
is one look at each key: what is read of the registries once after a start, and of
the rotation policies once a day, is put off.
"""

import subprocess
import time

from kit import measure
from kit.peers import ran
from kit.table import Line
from kit.world import CONTROL, KEYROTCTL, World
from support.pulse import Pulse

REGISTRIES = (1, 10, 100, 1000, 10000, 100000)
VAULTS = (1, 20, 100)
OF_VAULTS = 1000    # registries, on a tenth as many keys
PER_KEY = 50
INTERVAL = 5        # seconds of one cycle ...
BIG = 30            # ... where there is more to do
CYCLES = 2


def asked(counts):
    return sum(n for kind, n in counts.items()
               if not kind.startswith('opened'))


def cycles(server, daemon, interval):
    """(CPU seconds, requests) of one poll cycle."""
    server.forget()
    before, began = daemon.cpu(), time.monotonic()
    time.sleep(CYCLES * interval)
    number = (time.monotonic() - began) / interval
    return ((daemon.cpu() - before) / number,
            asked(server.counts()) / number)


def point(server, registries, keys, vaults):
    """All figures of one world, by name."""
    interval = INTERVAL if keys < 1000 else BIG
    out = {}
    with World(server, registries, keys=keys, vaults=vaults,
               poll_interval=f'{interval}s', reread_interval='1d',
               read_rotation_policy='false') as world:
        with world.start() as daemon:
            out['start s'] = daemon.ready_seconds()
            daemon.wait()
            out['RssAnon kB'] = daemon.memory()
            out['cycle CPU ms'], out['requests'] = cycles(server, daemon,
                                                          interval)
            out['cycle CPU ms'] *= 1000
            out['connections'] = measure.connections(daemon.pid)
            with Pulse(world.socket, daemon.pid) as pulse:
                cost = ran([KEYROTCTL, '--socket', world.socket, 'status',
                            '--json'], out=subprocess.DEVNULL)
                out['turn ms'] = 1000 * pulse.read()['turn']
            assert cost.code == 0, f'keyrotctl: {cost.code}'
            out['status s'] = cost.wall
        with world.start() as daemon:
            out['restart s'] = daemon.ready_seconds()
            out['retire s'] = retire(world, daemon.wait())
    return out


def retire(world, daemon):
    """CPU seconds of a reload after which one registry of one key is left."""
    before = daemon.cpu()
    world.registries = world.keys = world.vaults = 1
    world.write()
    daemon.ask(CONTROL + 'Reload')
    daemon.wait('current')
    return daemon.cpu() - before


UNITS = {'start s': 's', 'restart s': 's', 'retire s': 's',
         'RssAnon kB': 'kB', 'cycle CPU ms': 'ms', 'status s': 's', 'turn ms': 'ms',
         'requests': '', 'connections': ''}


def lines(where, figures):
    for name, value in figures.items():
        unit = UNITS[name]
        what = name.removesuffix(f' {unit}') if unit else name
        yield Line(f'{where}: {what}', value, unit, curve=where)


def row(server, options):
    for registries in REGISTRIES:
        if registries <= options.largest:
            keys = max(1, registries // PER_KEY)
            yield from lines(f'{registries:,} registries',
                             point(server, registries, keys, 1))
    for vaults in VAULTS:
        yield from lines(f'{vaults} vaults', point(
            server, OF_VAULTS, OF_VAULTS // 10, vaults))
