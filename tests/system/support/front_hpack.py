"""HPACK (RFC 7541): all of reading, and as much of writing as is needed.

What is written are literals without Huffman and without the dynamic table,
which every reader has to understand.
"""

import functools

STATIC = [      # appendix A; the first entry has index 1
    (':authority', ''), (':method', 'GET'), (':method', 'POST'),
    (':path', '/'), (':path', '/index.html'), (':scheme', 'http'),
    (':scheme', 'https'), (':status', '200'), (':status', '204'),
    (':status', '206'), (':status', '304'), (':status', '400'),
    (':status', '404'), (':status', '500'), ('accept-charset', ''),
    ('accept-encoding', 'gzip, deflate')] + [(name, '') for name in (
        'accept-language accept-ranges accept access-control-allow-origin '
        'age allow authorization cache-control content-disposition '
        'content-encoding content-language content-length content-location '
        'content-range content-type cookie date etag expect expires from '
        'host if-match if-modified-since if-none-match if-range '
        'if-unmodified-since last-modified link location max-forwards '
        'proxy-authenticate proxy-authorization range referer refresh '
        'retry-after server set-cookie strict-transport-security '
        'transfer-encoding user-agent vary via www-authenticate').split()]

# Appendix B: the length of each octet's code, and of the end's.  The codes
# themselves follow from them, for the code is canonical.
LENGTHS = [int(word) for word in '''
13 23 28 28 28 28 28 28 28 24 30 28 28 30 28 28 28 28 28 28 28 28 30 28 28 28
28 28 28 28 28 28 6 10 10 12 13 6 8 11 10 10 8 11 8 6 6 6 5 5 5 6 6 6 6 6 6 6
7 8 15 6 12 10 13 6 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 8 7 8 13 19 13
14 6 15 5 6 5 6 5 6 6 6 5 7 7 6 6 6 5 6 7 6 5 5 6 7 7 7 7 7 15 11 14 13 28 20
22 20 20 22 22 22 23 22 23 23 23 23 23 24 23 24 24 22 23 24 23 23 23 23 21 22
23 22 23 23 24 22 21 20 22 22 23 23 21 23 22 22 24 21 22 23 23 21 21 22 21 23
22 23 23 20 22 22 22 23 22 22 23 26 26 20 19 22 23 22 25 26 26 26 27 27 26 24
25 19 21 26 27 27 26 27 24 21 21 26 26 28 27 27 27 20 24 20 21 22 21 21 23 22
22 25 25 24 24 26 23 26 27 26 26 27 27 27 27 27 28 27 27 27 27 27 26 30
'''.split()]
END = 256


def _codes():
    """{(length, code): octet}"""
    out, code, before = {}, 0, 0
    for length, octet in sorted((length, octet)
                                for octet, length in enumerate(LENGTHS)):
        code <<= length - before
        out[length, code] = octet
        code, before = code + 1, length
    return out


CODES = _codes()


class BadBlock(Exception):
    """Bytes that are no header block."""


@functools.lru_cache(1000)
def unhuffman(data):
    """The octets behind Huffman-coded ones."""
    out, code, length = bytearray(), 0, 0
    for byte in data:
        for bit in range(7, -1, -1):
            code, length = code << 1 | byte >> bit & 1, length + 1
            octet = CODES.get((length, code))
            if octet is not None:
                if octet == END:
                    raise BadBlock('the end in the middle')
                out.append(octet)
                code = length = 0
    if length > 7 or code != (1 << length) - 1:
        raise BadBlock('wrong padding')
    return bytes(out)


class Reader:
    """One connection's header blocks, in their order."""

    def __init__(self):
        self.table = []         # the newest first
        self.limit = self.most = 4096
        self.data, self.at = b'', 0

    def read(self, block):
        """[(name, value)] of one block."""
        self.data, self.at, out = block, 0, []
        try:
            while self.at < len(self.data):
                self._one(out)
        except (IndexError, UnicodeDecodeError):
            raise BadBlock('cut off, or an index that is none') from None
        return out

    def _one(self, out):
        first = self.data[self.at]
        if first & 0x80:                        # indexed, 6.1
            out.append(self._entry(self._number(7)))
        elif first & 0x40:                      # to be kept, 6.2.1
            pair = self._literal(6)
            self.table.insert(0, pair)
            self._trim()
            out.append(pair)
        elif first & 0x20:                      # the table's size, 6.3
            self.limit = self._number(5)
            if self.limit > self.most:
                raise BadBlock('a table larger than allowed')
            self._trim()
        else:                                   # not to be kept, 6.2.2
            out.append(self._literal(4))

    def _trim(self):
        size = 0
        for count, (name, value) in enumerate(self.table):
            size += len(name) + len(value) + 32
            if size > self.limit:
                del self.table[count:]
                return

    def _number(self, bits):
        most = (1 << bits) - 1
        value = self.data[self.at] & most
        self.at += 1
        if value < most:
            return value
        for shift in range(0, 28, 7):
            byte = self.data[self.at]
            self.at += 1
            value += (byte & 0x7f) << shift
            if not byte & 0x80:
                return value
        raise BadBlock('a number too large')

    def _entry(self, index):
        if index < 1:
            raise IndexError
        return STATIC[index - 1] if index <= len(STATIC) \
            else self.table[index - 1 - len(STATIC)]

    def _literal(self, bits):
        index = self._number(bits)
        name = self._entry(index)[0] if index else self._text()
        return name, self._text()

    def _text(self):
        coded = self.data[self.at] & 0x80
        length = self._number(7)
        end = self.at + length
        if end > len(self.data):
            raise IndexError
        data = self.data[self.at:end]
        self.at = end
        return (unhuffman(data) if coded else data).decode('latin-1')


def _length(value):
    if value < 127:
        return bytes([value])
    out, value = bytearray([127]), value - 127
    while value > 127:
        out.append(value & 0x7f | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def write(pairs):
    """The block of [(name, value)]."""
    out = bytearray()
    for pair in pairs:
        out.append(0)
        for text in pair:
            data = text.encode('latin-1')
            out += _length(len(data)) + data
    return bytes(out)
