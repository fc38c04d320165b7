"""The rows of the bench, in the order in which they are run and printed.

A row is a function of (server, options) that yields kit.table.Lines as it finds
them.  What it cannot do here it says with kit.table.Skip.
"""

from . import (alternatives, curves, fleet, idle, memory, once, poll, requests,
               silent, start, status)

# (name for --row, what it is about, function)
ROWS = (
    ('once', '--once over 10,000 keys of one vault', once.one_vault),
    ('vaults', '--once over 10,000 keys in 100 vaults', once.many_vaults),
    ('fleet', '1,000 registries on one key', fleet.row),
    ('poll', 'instructions of one steady poll', poll.row),
    ('memory', 'memory of its own', memory.row),
    ('start', 'start to READY=1', start.row),
    ('idle', '100 keys polled every 60 s', idle.row),
    ('silent', 'one of 100 vaults is silent', silent.row),
    ('status', 'status --json of 100,000 registries', status.row),
    ('requests', 'requests per poll cycle', requests.row),
    ('alternatives', 'Azure CLI and the official SDK', alternatives.row),
    ('curves', 'growth with registries and vaults', curves.row),
)
