"""A small listener of a test's own: it leads elsewhere, or is rude."""

import contextlib
import socket
import struct
import threading


class Gate:
    """Listens as long as the `with` lasts.  With `to`, a port of 127.0.0.1,
    bytes are led there and back; else each connection gets `says`, or is reset
    (`says` None)."""

    def __init__(self, to=None, says=None, address='::1'):
        family = socket.AF_INET6 if ':' in address else socket.AF_INET
        self.to = to
        self.says = says
        self.met = 0
        self.open = set()
        self.listener = socket.socket(family)
        if family == socket.AF_INET6:
            self.listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY,
                                     1)
        self.listener.bind((address, 0))
        self.listener.listen(64)
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self._accept, daemon=True)
        self.thread.start()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.met += 1
            threading.Thread(target=self._serve, args=(client,),
                             daemon=True).start()

    def _serve(self, client):
        with contextlib.suppress(OSError):
            if self.to is not None:
                self._lead(client)
            elif self.says is not None:
                client.recv(4096)
                client.sendall(self.says)
            else:
                client.recv(1)
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                  struct.pack('ii', 1, 0))
        client.close()

    def _lead(self, client):
        there = socket.create_connection(('127.0.0.1', self.to))
        self.open |= {client, there}
        back = threading.Thread(target=self._pump, args=(there, client),
                                daemon=True)
        back.start()
        self._pump(client, there)
        back.join()
        there.close()
        self.open -= {client, there}

    @staticmethod
    def _pump(one, other):
        with contextlib.suppress(OSError):
            while data := one.recv(65536):
                other.sendall(data)
        for side in (one, other):
            with contextlib.suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)

    def __enter__(self):
        return self

    def __exit__(self, *_unused):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for one in list(self.open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self.thread.join(10)


def has_ipv6():
    """Whether this machine has ::1."""
    try:
        with socket.socket(socket.AF_INET6) as one:
            one.bind(('::1', 0))
    except OSError:
        return False
    return True
