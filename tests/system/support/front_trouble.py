"""What the server in front of azsim does wrong; see front_server."""

import contextlib
import os
import socket
import struct
import subprocess
import time


def openssl(*args):
    """Runs it."""
    subprocess.run(['openssl', *args], check=True, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def bad_certificate(folder, place, kind):
    """A certificate with something wrong: (file, key)."""
    cert, key, draft = (f'{place}.{kind}.{end}' for end in
                        ('pem', 'key', 'csr'))
    names = 'DNS:elsewhere.example' if kind == 'name' else \
        'DNS:localhost,DNS:*.vault.localhost,DNS:login.localhost,' \
        'DNS:management.localhost'
    new = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
           '-keyout', key, '-subj', '/CN=front', '-addext',
           f'subjectAltName={names}']
    if kind == 'self-signed':
        openssl('req', '-x509', *new, '-days', '30', '-out', cert)
        return cert, key
    openssl('req', '-new', *new, '-out', draft)
    openssl('x509', '-req', '-in', draft, '-copy_extensions', 'copy',
            '-CA', os.path.join(folder, 'ca.pem'),
            '-CAkey', os.path.join(folder, 'ca.key'), '-set_serial', '4711',
            '-days', '0' if kind == 'expired' else '30', '-out', cert)
    if kind == 'expired':
        time.sleep(1.2)     # its time is over within a second
    return cert, key


def reset(writer):
    """Ends a connection with a RST."""
    with contextlib.suppress(OSError):
        writer.get_extra_info('socket').setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    writer.transport.abort()


async def cut(writer, rule, data):
    """Some of the bytes, one more each time but never all, and the connection
    is reset."""
    at = rule['at'] = (rule.get('at', -1) + 1) % len(data)
    writer.write(data[:at])
    await writer.drain()
    reset(writer)
