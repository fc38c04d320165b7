"""A daemon whose servers are well, get into trouble, alone or two together,
and are well again: what is seen meanwhile, and what it may be."""

import re
import time

from .beside import (PATIENCE_S, Bad, Table, Watched, all_current, appears,
                     counted, is_ok, is_verified, moved, not_ok, seen, storm)
from .front import ARM, LOGIN, Front
from .names import PUBLIC, Names
from .pulse import Pulse
from .trouble import (BASE_S, BURST, CLOSED_S, FAULTS, HEAL_S, LATE_S, MOVE_S,
                      PAID, RATE, REREAD_S, SEEN_S, SLACK, TOKENS,
                      judge_daemon, keeps_to_it, spoil)
from .wait import until

MACHINE = 'credential "machine" {\n    type = "managed-identity"\n}\n'
OTHER = 'credential "other" {{\n    type = "managed-identity"\n' \
    '    client-id = "{SIM_MI_CLIENT_ID}"\n}}\n'
FRONTED = {'arm': 'management', 'login': 'login'}
TOKENS_OF = {'login', 'imds'}
MANY = 1000         # keys, from which on they are polled more slowly
MANY_POLL_S = 15
MANY_RATE = 400
MANY_REREAD_S = 30
FEW = 40            # for whom a subscription's budget is enough
WRITE_RATE, WRITE_BURST = 5, 100    # by default


class Scene:
    """A daemon, its other vault, and the servers that are to be in trouble:
    {"vault", "arm", "login" or "imds": what is to go wrong}."""

    def __init__(self, s, t, fronts, who, count):
        self.s, self.t, self.fronts, self.who = s, t, fronts, who
        self.count = count
        many = count >= MANY
        self.poll_s = MANY_POLL_S if many else 1 if count <= FEW else 2
        self.reread_s = MANY_REREAD_S if many else REREAD_S
        self.rate = MANY_RATE if many else RATE
        own, other = (['machine'], 'default') if 'imds' in who else \
            (['default'], 'machine')
        if TOKENS_OF <= set(who):
            own, other = ['default', 'machine'], 'other'
        self.names = Names(s) if 'vanished' in who.values() else None
        self.bad = Bad(s, fronts['tls'], count, credentials=own,
                       base=self.base_of_keys())
        self.good = Watched(s, credential=other if TOKENS_OF & set(who)
                            else own[0])
        self.hosts = {'vault': self.bad.host, 'arm': ARM, 'login': LOGIN,
                      'imds': '^127[.]'}
        # Registries that are read one by one, too, are in each interval.
        self.read_rate = 12.5 if count <= FEW else 2 * count // self.reread_s
        self.read_burst = 125
        if count > FEW:
            s.cloud.settings(throttle=False)
        s.start(self.good.block(), *self.bad.blocks, cloud=self.cloud_block(),
                credential=s.cloud.credential_block + MACHINE
                + OTHER.format(**s.cloud.env),
                env=self.names.env if self.names else None, settings={
                    'poll-interval': f'{self.poll_s}s', 'reread-interval':
                    f'{self.reread_s}s' if 'arm' in who or len(who) > 1
                    else '1m',
                    'vault-rate': self.rate, 'vault-burst': BURST,
                    'read-rate': self.read_rate,
                    'read-burst': self.read_burst})
        began = time.monotonic()
        all_current(s, count + 1, 120 if many else 40)
        # A poll in vain may just have been, and then each waits its turn: as
        # in the beginning, but that the others' polls go on beside it.
        self.heal_s = HEAL_S
        if many or count > FEW and {'arm', 'login', 'imds'} & set(who):
            self.heal_s += self.poll_s + 1.5 * (time.monotonic() - began)
        until('the state is ok', lambda: is_ok(s))
        self.without = self.moved()
        t.time('moved before', self.without, BASE_S + self.poll_s)
        self.without = self.without or self.poll_s + MOVE_S

    def base_of_keys(self):
        """Where the keys' vault is; None: at the front."""
        if self.who.get('vault') == 'vanished':
            return f'https://NAME.{PUBLIC["vault"]}:{self.fronts["tls"].port}'
        if 'vault' in self.who:
            return None
        return self.s.cloud.env['SIM_VAULT'].replace('simvault', 'NAME')

    def cloud_block(self):
        """Those that are to be in trouble are at a front; a name can be lost
        that is not this machine's own."""
        block = self.fronts['tls'].cloud_block(
            *(FRONTED[one] for one in self.who if one in FRONTED))
        if 'imds' in self.who:
            block = self.fronts['imds'].cloud_block(text=block)
        for one, fault in self.who.items():
            if fault == 'vanished' and one in FRONTED:
                block, count = re.subn(
                    fr'https://{FRONTED[one]}[.]localhost(:\d+")',
                    fr'https://{PUBLIC[FRONTED[one]]}\1', block)
                assert count == 1, block
        return block.replace('".vault.localhost"', '".vault.localhost", '
                             f'".{PUBLIC["vault"]}"')

    def moved(self):
        return moved(self.s, self.good, self.poll_s,
                     PATIENCE_S if self.poll_s < MANY_POLL_S
                     else PATIENCE_S + self.poll_s)

    def front(self, one):
        return self.fronts['imds' if one == 'imds' else 'tls']

    def counted(self, one, since, until_=None):
        """What one of them was asked, or how often it was sought in vain."""
        if self.who[one] == 'vanished':
            name = self.bad.vault if one == 'vault' else PUBLIC[FRONTED[one]]
            return self.names.looked_up(name, since, until_)
        return counted(self.front(one), self.hosts[one], since, until_)

    def begin(self):
        """The trouble begins, and is felt."""
        self.since = time.time()
        for one, fault in self.who.items():
            spoil(self.front(one), self.hosts[one], fault)
        if self.names:
            self.names.lose()
            # Who has a connection looks no name up.
            assert self.s.ctl('reload').code == 0
        if TOKENS_OF <= set(self.who):
            for one in 'daemon', 'system':
                self.s.cloud.post('tokens', revoke=True, principal=one)
        elif TOKENS_OF & set(self.who):
            self.s.cloud.post('tokens', revoke=True)
        # Its own to do when it is well again; Resource Manager is met.
        self.new = self.bad.new_version()
        for one in self.who:
            until(f'{one} is in trouble',
                  lambda one=one: self.counted(one, self.since))

    def during(self):
        """The others go on."""
        # What is asked now and then was due meanwhile.
        time.sleep(REREAD_S if 'arm' in self.who and self.poll_s < MANY_POLL_S
                   else min(2 * self.poll_s, self.poll_s + SEEN_S))
        if 'arm' in self.who:
            polls = len(self.good.polls())
            seen(lambda: len(self.good.polls()) > polls, 2 * self.poll_s)
            self.pending = self.good.new_version()
            self.t.time('seen meanwhile', appears(
                lambda: f'A new version {self.pending[:8]} '
                in self.s.daemon.log, PATIENCE_S + self.poll_s),
                self.poll_s + SEEN_S)
        else:
            self.pending = None
            self.t.time('moved meanwhile', self.moved(),
                        self.without + LATE_S)

    def says_so(self):
        """What is told is true."""
        faults = list(self.who.values())
        if faults == ['one stream']:
            self.t.cell('told: ok', is_ok(self.s))
            return
        self.s.hang_up()        # who is silent for long is not kept
        not_ok(self.s, self.t)
        status = self.s.status()
        told = ' '.join(text for one in status['keys'] + status['registries']
                        for text in (one.get('error'), one.get('last_error'),
                                     one.get('reason')) if text)
        for one, fault in self.who.items():
            words = FAULTS[fault][1:]
            # Who gets no token asks the vault nothing.
            if words[0] and not (one == 'vault'
                                 and TOKENS_OF & set(self.who)):
                self.t.cell(f'said: {" or ".join(words)}',
                            any(word in told for word in words))

    def heal(self):
        """All is well again, and soon seen to be."""
        healed = [self.fronts[name].heal() for name in self.fronts][0]
        if self.names:
            healed = self.names.find()
        began, limit = time.monotonic(), self.heal_s
        if any('429' in fault for fault in self.who.values()):
            limit += CLOSED_S
        due = {'healed: its own moved': lambda: is_verified(
                   self.s, self.bad.names[0], self.new),
               'ok again': lambda: is_ok(self.s)}
        if self.pending:
            due['the other'] = lambda: is_verified(
                self.s, self.good.name, self.pending)
        took = {}
        self.s.hang_up()

        def all_seen():
            for what in due.keys() - took.keys():
                if due[what]():
                    took[what] = time.monotonic() - began
            return len(took) == len(due)
        seen(all_seen, limit)
        for what in sorted(due):
            self.t.time(what, took.get(what), limit)
        until('a second has passed', lambda: time.time() > healed + 1)
        return healed

    def storms(self, healed):
        """Nothing was asked more than it may be."""
        for one in self.who:
            if one == 'vault':
                self.vault_storms(healed)
                continue
            lasted = healed - self.since
            # What is refused is asked once more at once.
            each = (TOKENS if one != 'arm' else self.count + 1) * (
                2 if self.who[one] == 'refused streams' else 1)
            most, first = each * int(lasted + 2), TOKENS if one != 'arm' \
                else 4 * (self.count + 1)
            if one == 'arm':    # two subscriptions, reads and writes
                burst = 2 * (self.read_burst + WRITE_BURST)
                rate = 2 * (self.read_rate + WRITE_RATE)
                most = min(most, int(burst + rate * lasted))
                first = min(first, int(burst + rate))
            self.t.number(f'{one} asked in trouble',
                          self.counted(one, self.since, healed), most)
            self.t.number(f'{one} in the first second', len(
                self.front(one).asked(self.hosts[one], since=healed,
                                      until=healed + 1)), first)

    def vault_storms(self, healed):
        """The same of the vault."""
        front, fault = self.fronts['tls'], self.who['vault']
        if fault == 'vanished':
            self.t.number('asked in trouble', self.counted(
                'vault', self.since, healed), int(self.count * (
                    (healed - self.since) / self.poll_s + 3)))
        else:
            keeps_to_it(self.t, front, self.bad.host, self.since, healed,
                        self.count, self.poll_s, self.rate)
        storm(self.t, front.asked(self.bad.host, since=healed), healed,
              (self.rate, BURST), self.poll_s,
              SLACK + (PAID if fault == 'no streams' else 0),
              bool(TOKENS_OF & set(self.who)))


def hostile(s, protocol, count, who, table=None):
    """From well to trouble and back.  What is measured goes into the table,
    too, which may be somebody's who wants to know afterwards."""
    table = table or Table(s, title(protocol, count, who))
    with table as t, Front(s.cloud, s.dir, protocol) as front:
        if 'imds' in who:
            with Front(s.cloud, s.dir, 'imds') as imds:
                through(s, t, {'tls': front, 'imds': imds}, who, count)
        else:
            through(s, t, {'tls': front}, who, count)


def title(protocol, count, who):
    return ', '.join(f'{one} {fault}' for one, fault in who.items()) \
        + f', HTTP/{protocol}, {count} keys'


def through(s, t, fronts, who, count):
    scene = Scene(s, t, fronts, who, count)
    with Pulse(s.socket, s.daemon.process.pid) as pulse:
        scene.begin()
        scene.during()
        scene.says_so()
        healed = scene.heal()
        scene.storms(healed)
        judge_daemon(s, t, pulse, count)
    assert s.daemon.alive()
