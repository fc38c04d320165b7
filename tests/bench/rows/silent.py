"""100 vaults with a key and a registry each, one of which does not answer."""

import time
from statistics import median

from kit.table import Line
from kit.world import World

VAULTS = 100
SILENT = 50
SECONDS = 2.0


def until_verified(server, options, silent):
    """Seconds from the new versions to all others verified."""
    seen = []
    with World(server, VAULTS, vaults=VAULTS, poll_interval='2s') as world:
        with world.start() as daemon:
            daemon.wait()
            server.world(silent=silent)
            # So that some of its questions are waiting already.
            time.sleep(10 if silent >= 0 else 4)
            for _ in range(options.runs):
                version = server.rotate()
                began = time.monotonic()
                daemon.wait_version(version, without=silent)
                seen.append(time.monotonic() - began)
    server.forget()
    return median(seen)


def row(server, options):
    without = until_verified(server, options, -1)
    beside = until_verified(server, options, SILENT)
    yield Line('new version to verified of 99 vaults beside a silent one',
               beside, 's', target=without + SECONDS, peer=without,
               peer_name='none silent')
