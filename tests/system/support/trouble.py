"""What can go wrong with a server, what is told of it, and how much a daemon
beside it may take: its time, its size, and what it asks."""

from .beside import counted

# --- what is allowed --------------------------------------------------------

LATE_S = 2.0        # a move beside a server in trouble, against one without
BASE_S = 20         # any machine; what counts is how much later it gets
MOVE_S = 4.0        # a write and two looks at how it went, a second each
SEEN_S = 2.0        # a new version is seen, beyond the interval
HEAL_S = 12.0       # from the end of the trouble to the new version verified
CLOSED_S = 16.0     # a vault that said 429 is left alone for so long at most
ANSWER_S = 1.0      # the socket's slowest answer
TURN_S = 0.1        # the loop's longest turn
STILL_S = 0.5       # neither at work nor idle: a busy disk
PAID = 32           # requests that waited for a stream, long paid for
SLACK = 5           # requests, for clocks that are read one after the other
RSS_KB = 12000      # of a daemon with no keys and some connections ...
RSS_KEY_KB = 6      # ... and more for each key
TOKENS = 8          # requests for a token in a second, of two audiences

RATE, BURST = 200, 50     # more than all keys need in each interval
REREAD_S = 4

# --- what goes wrong --------------------------------------------------------

# What is done, and what is told of it: one of these.  A request that must not
# be sent twice and got no answer at all was refused, for all that is known.
FAULTS = {
    'silent': ({}, None),
    'a byte a second': ({'drip': 1}, None),
    'reset': ({'reset': True}, 'The connection to',
              'closed the connection'),
    '503': ({'status': 503}, 'HTTP 503'),
    '503, Retry-After': ({'status': 503, 'headers': {'Retry-After': '2'}},
                         'HTTP 503'),
    '429': ({'status': 429}, 'HTTP 429'),
    '429, Retry-After': ({'status': 429, 'headers': {'Retry-After': '2'}},
                         'HTTP 429'),
    'refused streams': ({'refuse': True}, 'refused the request'),
    'GOAWAY': ({'goaway': True}, 'The connection to'),
    'no streams': ({'streams': 0}, None),
    'one stream': ({'streams': 1}, ''),
    'another name': ({'certificate': 'name'},
                     'certificate is for another name'),
    'expired': ({'certificate': 'expired'}, 'certificate has expired'),
    'self-signed': ({'certificate': 'self-signed'}, 'self-signed'),
    'vanished': ({'vanish': True}, 'its name has no address'),
}


def spoil(front, host, fault):
    """The trouble begins; a name is lost by support.names."""
    how = FAULTS[fault][0]
    if {'streams', 'certificate'} & set(how):
        front.connections(host, **how)
    elif 'vanish' not in how:
        front.spoil(host, **how)


# --- what is judged ---------------------------------------------------------

def rss_kb(d):
    with open(f'/proc/{d.process.pid}/status', encoding='ascii') as file:
        return int(next(line for line in file
                        if line.startswith('RssAnon')).split()[1])


def judge_daemon(s, t, pulse, keys):
    """Its size, and how soon it answers."""
    got = pulse.read()
    sanitized = '/asan/' in s.keyrotd
    t.time('slowest answer', got['answer'], ANSWER_S)
    t.values['longest turn'] = round(got['turn'] * 1000)
    t.cell(f'longest turn {got["turn"] * 1000:.0f} ms of {got["asks"]}',
           got['turn'] <= TURN_S * (4 if sanitized else 1) + got['noise'])
    t.cell(f'stood still {got["still"] * 1000:.0f} ms',
           got['still'] <= STILL_S + got['noise'])
    if not sanitized:
        t.number('RssAnon KiB', rss_kb(s.daemon), RSS_KB + RSS_KEY_KB * keys)


def keeps_to_it(t, front, host, since, healed, count, poll_s, rate=RATE):
    """What a vault in trouble was asked: no more than one that is well, but
    for the first steps of each key's back-off."""
    lasted = healed - since
    asked = front.asked(host, since=since, until=healed)
    t.number('asked in trouble', counted(front, host, since, healed),
             int(min(BURST + rate * lasted, count * (lasted / poll_s + 3))))
    keys = {}
    for one in asked:
        keys[one['path']] = keys.get(one['path'], 0) + 1
    if keys:
        t.number('for one key', max(keys.values()),
                 2 * int(lasted / poll_s) + 6)
