"""A daemon that has little to do: 100 keys, each looked at once a minute."""

import contextlib
import time

from kit import measure
from kit.table import Line
from kit.world import World

KEYS = 100
PERCENT = 0.1
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
    seconds = options.idle
    with contextlib.ExitStack() as stack:
        running = {}
        for vaults in 1, KEYS:
            world = stack.enter_context(World(server, KEYS, vaults=vaults))
            running[vaults] = stack.enter_context(world.start())
            # The server knows one world at a time; what it is asked for is
            # the same in both, but for the vaults.
            running[vaults].wait()
        quiet = stack.enter_context(World(
            None, 1, poll_interval='1h', window='7d', reread_interval='1d'))
        calm = stack.enter_context(quiet.start())
        calm.wait('unreachable')
        for daemon in *running.values(), calm:
            daemon.hang_up()
        time.sleep(5)
        watched = {vaults: Watched(one) for vaults, one in running.items()}
        resting = Watched(calm)
        kept = {vaults: measure.connections(one.pid)
                for vaults, one in running.items()}
        server.forget()
        time.sleep(seconds)
        opened = server.counts().get('opened_by_keys', 0)
        found = {vaults: one.result() for vaults, one in watched.items()}
        _, wakes = resting.result()
    for vaults, (percent, sleeps) in found.items():
        yield Line(f'idle CPU, {KEYS} keys in {vaults} '
                   f'vault{"s" if vaults > 1 else ""}', percent, '%',
                   target=PERCENT, note=f'{sleeps:.0f} times a minute asleep; '
                   f'{kept[vaults]} connections')
    yield Line('new connections of both meanwhile', opened, '', target=0)
    yield Line('wake-ups in a minute with nothing due', round(wakes, 1), '',
               target=WAKES)
