"""The service manager's end of sd_notify(3)."""

import os
import socket
import threading
import time

from .wait import until


class Notify:
    """Collects datagrams as (monotonic microseconds, dict)."""

    def __init__(self, folder):
        self.path = os.path.join(folder, 'notify')
        self.messages = []
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.thread = threading.Thread(target=self._receive, daemon=True)
        self.thread.start()

    def _receive(self):
        while True:
            data = self.socket.recv(65536)
            if data == b'END':
                return
            fields = dict(line.split('=', 1)
                          for line in data.decode().split('\n') if line)
            self.messages.append((time.monotonic_ns() // 1000, fields))

    def having(self, name, value=None, since=0):
        return [fields for _, fields in self.messages[since:]
                if name in fields and value in (None, fields[name])]

    def wait(self, name, value=None, since=0, alive=lambda: True):
        def probe():
            found = self.having(name, value, since)
            if found:
                return found[0]
            assert alive(), f'the daemon ended before {name}={value}'
            return f'?{[fields for _, fields in self.messages[since:]]}'
        return until(f'notification {name}={value}', probe, pause=0.005)

    def close(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as last:
            last.sendto(b'END', self.path)
        self.thread.join()
        self.socket.close()
        os.unlink(self.path)
