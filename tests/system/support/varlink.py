"""A small Varlink client, so that a test can also misbehave."""

import json
import socket


class Varlink:
    """One connection."""

    def __init__(self, path, seconds=30):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(seconds)
        self.socket.connect(path)
        self.data = b''

    def send(self, method, parameters=None, **flags):
        call = {'method': method, **flags}
        if parameters is not None:
            call['parameters'] = parameters
        self.socket.sendall(json.dumps(call).encode() + b'\0')

    def receive(self):
        """One reply, or None when the connection has ended."""
        while b'\0' not in self.data:
            chunk = self.socket.recv(65536)
            if not chunk:
                return None
            self.data += chunk
        one, self.data = self.data.split(b'\0', 1)
        return json.loads(one)

    def call(self, method, **parameters):
        """The reply's parameters; an error is an AssertionError."""
        self.send(method, parameters)
        reply = self.receive()
        assert reply is not None, f'{method}: the daemon hung up'
        assert 'error' not in reply, reply
        return reply['parameters']

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_unused):
        self.close()
