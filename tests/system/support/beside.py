"""What is measured beside a server in trouble: how soon others' registries are
moved, what is told, and what the server is asked when it is well again."""

import re
import time

from .log import Log
from .runner import say
from .wait import until

PATIENCE_S = 9.0    # a move that takes longer is not waited for
TELL_S = 3.0        # from staleness to saying so


ROWS = []


class Table:
    """A row of what was measured, in any case told when the `with` ends, and
    all together at the very end; what is wrong fails the scenario."""

    def __init__(self, s, title):
        self.title = title + (', sanitized' if '/asan/' in s.keyrotd else '')
        self.cells = []
        self.wrong = []
        self.values = {}        # what is a number, by its words

    def cell(self, text, good=True):
        """Something that was seen."""
        self.cells.append(text if good else f'{text} (WRONG)')
        if not good:
            self.wrong.append(text)

    def time(self, what, seconds, limit):
        """Seconds, or None for "never seen"; the limit is in seconds."""
        self.values[what] = seconds
        if seconds is None:
            self.cell(f'{what} never seen', False)
        elif seconds > limit:
            self.cell(f'{what} {seconds:.2f} s, not {limit:.2f}', False)
        else:
            self.cell(f'{what} {seconds:.2f} s')

    def number(self, what, value, most):
        """A count that has a limit."""
        self.values[what] = value
        self.cell(f'{what} {value}' + (f', not {most}' if value > most
                                       else ''), value <= most)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_unused):
        row = f'{self.title}: ' + '; '.join(self.cells)
        ROWS.append(f'info: {row}')
        say(f'# {row}')
        assert kind or not self.wrong, '; '.join(self.wrong)


def seen(probe, seconds):
    """Whether probe() came true in time."""
    end = time.monotonic() + seconds
    while not probe():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def appears(probe, seconds, began=None):
    """How long it took until probe() was true; None: not in time."""
    began = began or time.monotonic()
    return time.monotonic() - began if seen(probe, seconds) else None


class Watched:
    """One key with one registry, straight at azsim."""

    def __init__(self, s, vault=None, name=None, **options):
        self.s = s
        self.vault = vault or s.vault
        self.name = name or s.name
        self.options = options
        self.times, self.looked = [], 0
        s.seen = getattr(s, 'seen', None) or Log(s.cloud.log, fresh=True)
        self.key_id = s.key_id.replace(s.vault, self.vault)
        self.id = s.id.replace(s.name, self.name)
        if vault:
            self.new_version(created=int(time.time()) - 7200)
            s.registry(self.name, vault=vault)

    def block(self):
        return self.s.watch(self.key_id, [self.id], **self.options)

    def new_version(self, **fields):
        return self.s.cloud.post('key', vault=self.vault, name=self.s.key,
                                 new_version=True, **fields)['version']

    def polls(self, since=0):
        """When the key was asked for."""
        lines = self.s.seen.lines()
        self.times += [one['time'] for one in lines[self.looked:]
                       if one['service'] == 'vault'
                       and one['host'].startswith(self.vault + '.')
                       and f'/keys/{self.s.key}?' in one['path']]
        self.looked = len(lines)
        return [time_ for time_ in self.times if time_ >= since]

    def gap(self, since, until_):
        """The longest time in which the key was not asked for."""
        times = [since, *self.polls(since), until_]
        return max(b - a for a, b in zip(times, times[1:]))


def is_verified(s, name, version):
    return f'/{name} is verified on version {version[:8]}' in s.daemon.log


def moved(s, one, poll_s=2, patience_s=PATIENCE_S):
    """Seconds from a new version to its registry being verified on it, or
    None.  The version comes just after a poll, so that the next one is as far
    away each time."""
    polls = len(one.polls())
    seen(lambda: len(one.polls()) > polls, 2 * poll_s)
    began = time.monotonic()
    new = one.new_version()
    if not seen(lambda: is_verified(s, one.name, new), patience_s):
        return None
    took = time.monotonic() - began
    assert s.truth(one.name)[1] == new
    return took


class Bad:
    """Many keys in a vault, behind the front unless `base` says where, with a
    registry for each.  `credentials`: of one watch after the other, in turn.
    Options: of all watches."""

    def __init__(self, s, front, count, apart=False, base=None,
                 credentials=(None,), **options):
        self.s = s
        self.vault = f'w{s.tag}'
        self.host = f'^{self.vault}[.]'
        base = (base or front.url('NAME.vault')).replace('NAME', self.vault) \
            + '/keys/'
        s.cloud.post('key', vault=self.vault, name='k', count=count,
                     created=int(time.time()) - 7200,
                     recoveryLevel='Recoverable')
        keys = ['k', *(f'k-{i}' for i in range(1, count))]
        self.names = [f'bad{s.tag}x{i}' for i in range(count)]
        shown = s.cloud.post('scenario', registries=[
            {'name': name, 'key': base + key, 'subscription':
             f'{s.tag}-0000-4000-8000-{i if apart else 0:012d}'}
            for i, (name, key) in enumerate(zip(self.names, keys))])
        self.blocks = [s.watch(base + key, [made['id']], **options, credential=
                               credentials[i % len(credentials)])
                       for i, (key, made) in enumerate(
                           zip(keys, shown['registries']))]

    def new_version(self):
        """Of the first key; its registry is names[0]."""
        return self.s.cloud.post('key', vault=self.vault, name='k',
                                 new_version=True)['version']


def all_current(s, count, seconds=40):
    until('all are current', lambda: s.ask('Summary')['states']['current']
          == count, seconds)


def is_ok(s):
    return s.ask('Summary')['state'] == 'ok'


def not_ok(s, t, name=None):
    """What is stale is told as such."""
    took = appears(lambda: s.ask('Summary')['state']
                   in ('degraded', 'failed'), TELL_S)
    status = s.status()
    t.cell(f'told: {status["state"]}, {status["reason"][:-1]}',
           took is not None and status['state'] in ('degraded', 'failed'))
    if name is not None:
        one = s.reg(name, status)
        t.cell(f'registry {one["state"]}, {one["reason"].split(";")[0]}',
               one['state'] != 'current')


def counted(front, host, since, until_=None):
    """What reached the server: requests, or handshakes if those are more."""
    return max(len(front.asked(host, since=since, until=until_)),
               front.met(host, since, until_))


def storm(t, asked, healed, budget, poll_s, more, again=0):
    """What went to the server after it was well again keeps to its budget,
    and to one poll of each key in each interval; `again` more with a new
    token."""
    (rate, burst), now = budget, time.time()
    first = [one for one in asked if one['time'] < healed + 1]
    t.number('requests in the first second', len(first), burst + rate + more)
    t.number(f'in {now - healed:.1f} s', len(asked),
             int(burst + rate * (now - healed)) + more)
    keys = {}
    for one in asked:
        if re.search(r'/keys/[^/]+[?]', one['path']):
            keys[one['path']] = keys.get(one['path'], 0) + 1
    t.number('for one key', max(keys.values()),
             int((now - healed) / poll_s) + 2 + again)
