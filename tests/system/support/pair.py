"""Two daemons that share a lease, and a queue of events: the stage's own, and
its twin."""

import contextlib
import copy
import json
import os

from . import process
from .wait import until


def lease(storage, name='fleet', blob=None, **options):
    """A lease block; options with _ in place of -."""
    url = storage.blob_url('keyrotd', blob or name)
    lines = [f'lease "{name}" {{', f'    url = "{url}"',
             '    duration = "15s"']
    lines += [f'    {option.replace("_", "-")} = "{value}"'
              for option, value in options.items()]
    return '\n'.join(lines) + '\n}\n'


def events(queue, name='hints', **options):
    """An events block; options with _ in place of -."""
    lines = [f'events "{name}" {{', f'    queue = "{queue}"']
    lines += [f'    {option.replace("_", "-")} = "{value}"'
              for option, value in options.items()]
    return '\n'.join(lines) + '\n}\n'


@contextlib.contextmanager
def twin(s):
    """Another stage over the same world, with a daemon's places of its own."""
    two = copy.copy(s)
    two.dir = os.path.join(s.dir, 'two')
    os.mkdir(two.dir)
    two.conf_file = os.path.join(two.dir, 'keyrotd.conf')
    two.state_dir = os.path.join(two.dir, 'state')
    two.run_dir = os.path.join(two.dir, 'run')
    two.daemons, two.talk = [], None
    try:
        yield two
        two.judge()
    finally:
        two.hang_up()
        for daemon in two.daemons:
            process.end(daemon.process)


def role(s):
    return s.ask('Summary')['role']


def wait_role(s, wanted, seconds=40):
    def probe():
        assert s.daemon.alive(), s.daemon.log
        summary = s.ask('Summary')
        return summary['role'] == wanted or f'?{summary["leases"]}'
    until(f'it is {wanted}', probe, seconds)


def only_lease(s):
    found = s.ask('Summary')['leases']
    assert len(found) == 1, found
    return found[0]


def records(s, kind):
    """Of the audit, those of one kind."""
    with open(os.path.join(s.state_dir, 'audit.jsonl'),
              encoding='utf-8') as file:
        found = [json.loads(line) for line in file]
    return [one for one in found if one['kind'] == kind]
