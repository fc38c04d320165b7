"""1,000 registries on one key that gets a new version; every PATCH is done at
once, and no budget holds anything back."""

import time
from statistics import median

from kit.table import Line
from kit.world import World

REGISTRIES = 1000
SECONDS = 5.0


def row(server, options):
    seen = []
    with World(server, REGISTRIES, keys=1, poll_interval='1s') as world:
        with world.start() as daemon:
            daemon.wait()
            for _ in range(options.runs):
                version = server.rotate()
                began = time.monotonic()
                daemon.poll()
                daemon.wait_version(version)
                seen.append(time.monotonic() - began)
            counts = server.counts()
    yield Line(f'{REGISTRIES:,} registries on one key, all verified',
               median(seen), 's', target=SECONDS,
               note=f'requests of the last time: {counts}')
