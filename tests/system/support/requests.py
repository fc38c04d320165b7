"""Whether what the daemon asked is as Azure's OpenAPI documents have it.

The documents are found by $OPENAPI; without them nothing is judged, and tests/run
says so at its end.
"""

import os
import sys
import threading

from . import process

sys.path.insert(0, os.path.join(process.ROOT, 'tests'))

from openapi.documents import folder  # noqa: E402  (the path must be set first)
from openapi.judge import Judge  # noqa: E402

SHOWN = 20


class Requests:
    """Judges the logs of one file's fake Azures, one after the other, also of
    those that a scenario has for itself."""

    def __init__(self):
        found = folder()
        self.judge = Judge.of(found) if found else None
        self.wrong = {}
        self.lock = threading.Lock()

    def log(self, path):
        with self.lock:
            if self.judge:
                self.wrong = {**self.judge.log(path), **self.wrong}

    def good(self):
        return not self.wrong

    def verdict(self):
        """Lines for tests/run, which adds the numbers up."""
        if self.judge is None:
            return []
        number = sum(self.judge.checked.values())
        if not self.wrong:
            return [f'ok requests-as-published: {number} requests']
        told = [f'# {line}' for line in list(self.wrong.values())[:SHOWN]]
        return [f'not ok requests-as-published: {len(self.wrong)} kinds of '
                f'mistakes in {number} requests', *told]
