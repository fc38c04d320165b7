"""A daemon that has little to do: 100 keys, each looked at once a minute."""

import contextlib
import time

from kit import measure
from kit.server import Server
from kit.table import Line
from kit.world import World

KEYS = 100
PERCENT = 0.1
# What a daemon does in its first minutes (each registry is asked itself once)
# and once a day is put off, and with it a page of the list in four minutes.
STEADY = {'reread_interval': '1d', 'read_rotation_policy': 'false'}
# Everything that it does by the clock when no key is due, a minute: the file
# of metrics, and the look of the event loop whether the clock has jumped.
WAKES = 4


class Watched:
    """What one of them does from now on."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.began = time.monotonic()
        self.cpu = daemon.cpu()
        self.sleeps = measure.sleeps(daemon.pid)

    def result(self):
        seconds = time.monotonic() - self.began
        return (100 * (self.daemon.cpu() - self.cpu) / seconds,
                60 * (measure.sleeps(self.daemon.pid) - self.sleeps) / seconds)


def row(server, options):
    with contextlib.ExitStack() as stack:
        # Each has a server of its own, which knows one world at a time.
        servers = {1: server, KEYS: stack.enter_context(Server())}
        running = {}
        quiet = stack.enter_context(World(
            server, 1, poll_interval='1h', window='7d', **STEADY))
        calm = stack.enter_context(quiet.start()).wait()
        for vaults, one in servers.items():
            world = stack.enter_context(World(one, KEYS, vaults=vaults,
                                              **STEADY))
            running[vaults] = stack.enter_context(world.start()).wait()
        for daemon in *running.values(), calm:
            daemon.hang_up()
        time.sleep(5)
        kept = {vaults: measure.connections(one.pid)
                for vaults, one in running.items()}
        for one in servers.values():
            one.forget()
        watched = {vaults: Watched(one) for vaults, one in running.items()}
        resting = Watched(calm)
        time.sleep(options.idle)
        found = {vaults: one.result() for vaults, one in watched.items()}
        _, wakes = resting.result()
        counts = {vaults: one.counts() for vaults, one in servers.items()}
    for vaults, (percent, sleeps) in found.items():
        yield Line(f'idle CPU, {KEYS} keys in {vaults} '
                   f'vault{"s" if vaults > 1 else ""}', percent, '%',
                   target=PERCENT, note=f'{sleeps:.0f} times a minute asleep; '
                   f'{kept[vaults]} connections')
        yield Line(f'new connections of it in {options.idle} s',
                   counts[vaults].get('opened_by_keys', 0)
                   + counts[vaults].get('opened_by_others', 0), '', target=0,
                   note=f'asked for: {counts[vaults]}')
    yield Line('wake-ups in a minute, nothing due', round(wakes, 1), '',
               target=WAKES)
