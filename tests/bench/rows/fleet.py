"""1,000 registries on one key that gets a new version; every PATCH is done at
once, and no budget holds anything back."""

import time
from statistics import median

from kit.table import Line
from kit.world import World

REGISTRIES = 1000
SECONDS = 5.0


def row(server, options):
    seen, used = [], []
    with World(server, REGISTRIES, keys=1, poll_interval='1s') as world:
        with world.start() as daemon:
            daemon.wait()
            for _ in range(options.runs):
                version = server.rotate()
                began, before = time.monotonic(), server.cpu()
                daemon.poll()
                daemon.wait_version(version)
                seen.append(time.monotonic() - began)
                used.append(server.cpu() - before)
            counts = server.counts()
    yield Line(f'{REGISTRIES:,} registries on one key, all verified',
               median(seen), 's', target=SECONDS,
               note=f'the server used {median(used):.2f} s of it; requests '
               f'of the last time: {counts}')
