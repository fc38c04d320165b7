"""Records of an audit as keyrotd writes them, for files made by hand."""

import hashlib
import json
import time


def moment(seconds):
    """RFC 3339 with milliseconds, in UTC, of seconds since 1970."""
    whole = int(seconds)
    return time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(whole)) + \
        f'.{int(round((seconds - whole) * 1000)):03d}Z'


class Chain:
    """Seals one record after the other."""

    def __init__(self, file):
        self.file = file
        self.seq = 0
        self.hash = '0' * 64

    def add(self, when, kind, **members):
        self.seq += 1
        record = {'seq': self.seq, 'time': moment(when), 'kind': kind,
                  **members, 'prev': self.hash}
        sealed = json.dumps(record, separators=(',', ':'),
                            ensure_ascii=False)[:-1].encode()
        self.hash = hashlib.sha256(sealed).hexdigest()
        self.file.write(sealed + f',"hash":"{self.hash}"}}\n'.encode())

    def event(self, when, kind, event, **members):
        members.setdefault('text', f'A sentence about {event}.')
        self.add(when, kind, event=event, **members)
