"""What the tests of the installed service share: a booted systemd, the fake
Azure beside it, the unit.

    from booted import run, scenario

    @scenario
    def it_starts(s):           # s is a Service, see service.py
        s.start()
        ...

    run()

Stage, Cloud and the Varlink client are those of tests/system.
"""

import os
import sys

sys.path.append(os.path.join(os.path.dirname(__file__), '..', '..', 'system'))

# pylint: disable=wrong-import-position
from support.wait import until              # noqa: E402

from .runner import run, scenario           # noqa: E402

__all__ = ['run', 'scenario', 'until']
