"""RssAnon: what the daemon itself adds to the libraries that it maps."""


from kit import measure
from kit.table import Line, Skip
from kit.world import STATUS, World
from support.wait import until

KB = 1024
ONE, THOUSAND, MANY = 4 * KB, 8 * KB, 90 * KB
POLLS = 10000
FLAT = 64           # kB that may come and go


def large_answer(daemon):
    """All registries in one answer, as it comes."""
    rows = daemon.ask(STATUS + 'ListRegistries')['registries']
    assert len(rows) == daemon.world.registries
    return daemon.memory()


def of(server, registries, target):
    """After a first start, after a large answer, after a restart with saved
    state."""
    keys = max(1, registries // 50)
    what = f'RssAnon, {registries:,} ' + \
        ('registry' if registries == 1 else 'registries')
    with World(server, registries, keys=keys) as world:
        with world.start() as daemon:
            daemon.wait()
            yield Line(what, daemon.memory(), 'kB', target=target)
            yield Line(f'{what}, after a large answer', large_answer(daemon),
                       'kB', target=target)
        with world.start() as daemon:
            daemon.wait()
            yield Line(f'{what}, after a restart', daemon.memory(), 'kB',
                       target=target)


def over_polls(server):
    with World(server, 1000, poll_interval='1s') as world:
        with world.start() as daemon:
            daemon.wait()

            def polled(number):
                return lambda: server.counts().get('key', 0) >= number
            until('some polls', polled(3000), 120, pause=0.2)
            daemon.hang_up()
            first = measure.rss_anon(daemon.pid)
            until('more polls', polled(3000 + POLLS), 240, pause=0.2)
            last = measure.rss_anon(daemon.pid)
    yield Line(f'RssAnon added by {POLLS:,} polls', last - first, 'kB',
               target=FLAT, note=f'{first} kB, then {last} kB')


def row(server, options):
    for registries, target in (1, ONE), (1000, THOUSAND), (100000, MANY):
        if registries <= options.largest:
            yield from of(server, registries, target)
    yield from over_polls(server)
    if options.largest < 100000:
        raise Skip('100,000 registries are more than --largest')
