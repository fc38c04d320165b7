"""What the rows of the bench share: the server, the daemon, the peers.

The small things (processes, notifications, waiting, Varlink) are those of the
system tests.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', '..',
                                'system'))
