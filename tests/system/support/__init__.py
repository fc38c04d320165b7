"""What the system tests share: the fake Azure, the daemon, the runner.

    from support import scenario, run

    @scenario
    def pin_writes_once(s):         # s is a Stage, see stage.py
        s.start(mode='pin')
        ...

    run()
"""

from .runner import run, scenario
from .wait import until

__all__ = ['run', 'scenario', 'until']
