"""What one steady poll costs in instructions, which no other program on the
machine can change."""

import tempfile

from kit import callgrind, peers
from kit.table import Line, Skip
from kit.world import World
from support import process
from support.wait import until

KEYS = 50
FEW, MANY = 150, 650        # polls of a short and of a longer life
OURS = 60000


def life(server, world, folder, polls):
    """A daemon that ends after so many polls: (objects, polls)."""
    server.forget()
    with world.start(prefix=callgrind.prefix(folder)) as daemon:
        until(f'{polls} polls', lambda: server.counts().get('key', 0)
              >= polls, 300, pause=0.1)
    return (callgrind.take(folder, daemon.pid),
            server.counts().get('key', 0))


def curl(world, folder, number):
    cost = peers.ran(callgrind.prefix(folder)
                     + peers.Curl(world, '2', number).command)
    assert cost.code == 0, cost.out[-300:]
    return callgrind.take(folder)


def row(server, options):
    why = callgrind.missing()
    if why:
        raise Skip(why)
    folder = process.keep_folder(tempfile.mkdtemp(prefix='kbc.'))
    with World(server, KEYS, poll_interval='1s', reread_interval='1d',
               metrics_file='false') as world:
        few, first = life(server, world, folder, FEW)
        many, second = life(server, world, folder, MANY)
    with World(server, MANY) as world:
        url = callgrind.difference(curl(world, folder, MANY),
                                   curl(world, folder, FEW), MANY - FEW)
    process.drop_folder(folder)
    poll = callgrind.difference(many, few, second - first)
    parts = sorted(callgrind.grouped(poll).items(), key=lambda one: -one[1])
    yield Line('one steady poll', sum(poll.values()), 'instructions',
               target=sum(url.values()), peer=sum(url.values()),
               peer_name='curl, a URL',
               note=', '.join(f'{name} {cost:,.0f}' for name, cost in parts))
    yield Line('of which ours', poll.get('keyrotd', 0.0), 'instructions',
               target=OURS)
