"""What one poll cycle asks of Azure: each key, and the pages of the lists."""

import time

from kit.table import Line
from kit.world import World

REGISTRIES, KEYS, SUBSCRIPTIONS = 1000, 100, 4
SECONDS = 3         # of one cycle; in five the registries are read anew,
REREAD = 15         # as it is by default
CYCLES = 15
PAGE = 100


def row(server, options):
    pages = SUBSCRIPTIONS * -(-(REGISTRIES // SUBSCRIPTIONS) // PAGE)
    with World(server, REGISTRIES, keys=KEYS, vaults=4,
               subscriptions=SUBSCRIPTIONS, poll_interval=f'{SECONDS}s',
               reread_interval=f'{REREAD}s',
               read_rotation_policy='false') as world:
        with world.start() as daemon:
            daemon.wait()
            time.sleep(REREAD)
            server.forget()
            time.sleep(CYCLES * SECONDS)
            counts = server.counts()
    least = KEYS + pages
    total = sum(n for kind, n in counts.items()
                if not kind.startswith('opened'))
    others = total - counts.get('key', 0) - counts.get('page', 0)
    note = (f'rotation policies, read once a day, and the first re-read '
            'interval, in which each registry is asked itself, left out; '
            f'{KEYS} keys, {pages} pages; in {CYCLES} cycles: '
            f'{counts.get("key", 0)} keys, {counts.get("page", 0)} pages')
    yield Line('requests per poll cycle', round(total / CYCLES, 2), '',
               target=float(least), peer=float(least),
               peer_name='keys and pages', note=note)
    yield Line('requests of other kinds, in all cycles', others, '', target=0,
               note=', '.join(f'{kind} {n}' for kind, n in counts.items()
                              if kind not in ('key', 'page')))
