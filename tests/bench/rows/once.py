"""keyrotd --once over 10,000 distinct keys, beside curl and h2load."""

from statistics import median

from kit import peers
from kit.table import Line, Skip, against
from kit.world import World

KEYS = 10000
FEW = 1000


class Turns:
    """The same work by each of some programs, in turns."""

    def __init__(self, server, contestants, runs):
        self.costs = {name: [] for name in contestants}
        self.opened = {}
        self.asked = {}
        self.server_cpu = {name: [] for name in contestants}
        for turn in range(runs + 1):
            # The first is to warm up; then each goes first in its turn.
            order = list(contestants)
            order = order[turn % len(order):] + order[:turn % len(order)]
            for name in order:
                server.forget()
                before = server.cpu()
                cost = contestants[name]()
                assert cost.code == 0, f'{name}: {cost.out[-300:]}'
                counts = server.counts()
                self.opened[name] = counts.get('opened_by_keys', 0)
                self.asked[name] = sum(
                    counts.get(kind, 0) for kind
                    in ('key', 'page', 'registry', 'token'))
                if turn:
                    self.costs[name].append(cost)
                    self.server_cpu[name].append(server.cpu() - before)

    def cpu(self, name):
        return median(cost.cpu for cost in self.costs[name])

    def wall(self, name):
        return median(cost.wall for cost in self.costs[name])

    def server_note(self, name):
        used = median(self.server_cpu[name])
        return (f'{self.asked[name]:,} requests; the server used {used:.2f} s '
                f'of its {self.wall(name):.2f} s')


def turns(server, world, options, protocol, *more):
    """keyrotd and curl, and what else there is."""
    contestants = {'keyrotd': world.once,
                   'curl': peers.Curl(world, protocol).run}
    contestants.update(more)
    return Turns(server, contestants, options.runs)


def one_vault(server, options):
    for protocol in '2', '1.1':
        server.protocol(protocol)
        with World(server, KEYS, subscriptions=10) as world:
            more = {'curl, lists too': peers.Curl(
                world, protocol, more=peers.pages(world)).run}
            if protocol == '2' and peers.has('h2load'):
                more['h2load'] = peers.H2load(world).run
            ran = turns(server, world, options, protocol, *more.items())
        cpu = f'CPU of --once, {KEYS:,} keys, HTTP/{protocol}'
        note = f'{ran.server_note("keyrotd")}; curl: {ran.server_note("curl")}'
        if protocol == '2':
            yield against(cpu, ran.cpu('keyrotd'), ran.cpu('curl'), 'curl',
                          's', note)
        else:
            yield Line(cpu, ran.cpu('keyrotd'), 's', peer=ran.cpu('curl'),
                       peer_name='curl', note=note)
        for name in more:
            yield Line(f'{cpu}, beside {name}', ran.cpu('keyrotd'), 's',
                       peer=ran.cpu(name), peer_name=name)
        wall = f'wall time of the same, HTTP/{protocol}'
        if protocol == '2':
            yield against(wall, ran.wall('keyrotd'), ran.wall('curl'), 'curl',
                          's')
        else:
            yield Line(wall, ran.wall('keyrotd'), 's', peer=ran.wall('curl'),
                       peer_name='curl')
    server.protocol('2')
    if not peers.has('h2load'):
        raise Skip('h2load is not installed: no physical limit to compare '
                   'with')


def many_vaults(server, options):
    server.protocol('2')
    for keys in KEYS, FEW:
        what = f'{keys:,} keys in 100 vaults'
        with World(server, keys, vaults=100,
                   subscriptions=max(1, keys // 1000)) as world:
            ran = turns(server, world, options, '2')
        if keys == KEYS:
            yield against(f'CPU of --once, {what}', ran.cpu('keyrotd'),
                          ran.cpu('curl'), 'curl', 's',
                          ran.server_note('keyrotd'))
            yield against(f'wall time of --once, {what}', ran.wall('keyrotd'),
                          ran.wall('curl'), 'curl', 's')
        yield against(f'connections to vaults of --once, {what}',
                      ran.opened['keyrotd'], ran.opened['curl'], 'curl', '')
