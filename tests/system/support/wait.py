"""Waiting for a condition, with an end and a message that helps."""

import time

# Long, for a loaded machine; nothing waits that long when all is well.
PATIENCE = 40


def until(what, probe, seconds=PATIENCE, pause=0.03):
    """The first true value of probe(); AssertionError when none comes.

    A string that begins with '?' counts as false: it tells what is seen
    meanwhile, for the message.
    """
    end = time.monotonic() + seconds
    while True:
        seen = probe()
        waiting = isinstance(seen, str) and seen.startswith('?')
        if seen and not waiting:
            return seen
        if time.monotonic() > end:
            raise AssertionError(f'{what}: not within {seconds} s'
                                 + (f'; {seen[1:]}' if waiting else ''))
        time.sleep(pause)
