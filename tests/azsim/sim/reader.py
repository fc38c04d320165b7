"""Reads one HTTP/1.1 request from a stream (RFC 9112), within bounds."""
import asyncio

from .wire import Request

HEAD_LIMIT = 65536
BODY_LIMIT = 8 * 1024 * 1024
IDLE_SECONDS = 300


class BadRequest(Exception):
    """Bytes that are no HTTP request; the connection ends after the answer."""


def _parse_head(head):
    lines = head.decode("latin-1").split("\r\n")
    parts = lines[0].split(" ")
    if len(parts) != 3 or not lines[0].isprintable() or not parts[0].isalpha() \
            or not parts[2].startswith("HTTP/1."):
        raise BadRequest("malformed request line")
    method, target, version = parts
    headers = {}
    for line in lines[1:]:
        if not line:
            continue
        name, colon, value = line.replace("\t", " ").partition(":")
        if not colon or not name or name != name.strip() or not value.isprintable():
            raise BadRequest("malformed header")
        headers[name.lower()] = value.strip()
    return method.upper(), target, version, headers


async def _read_chunks(reader):
    body = b""
    while True:
        try:    # readline, too, raises ValueError: for a line that is too long
            size = int((await reader.readline()).split(b";")[0], 16)
        except ValueError:
            raise BadRequest("malformed chunk") from None
        if size < 0 or len(body) + size > BODY_LIMIT:
            raise BadRequest("body too large")
        if size == 0:
            break
        body += await reader.readexactly(size)
        await reader.readexactly(2)
    while (await reader.readuntil(b"\n")).strip():
        pass  # trailers mean nothing here
    return body


async def _read_body(reader, writer, headers):
    if headers.get("expect", "").lower() == "100-continue":
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    if "chunked" in headers.get("transfer-encoding", "").lower():
        return await _read_chunks(reader)
    length = headers.get("content-length", "0")
    if not length.isascii() or not length.isdigit() or int(length) > BODY_LIMIT:
        raise BadRequest("bad Content-Length")
    return await reader.readexactly(int(length)) if int(length) else b""


async def read_request(reader, writer, connection, request_id):
    """The next request and whether the client wants to go on, or None at the end."""
    async with asyncio.timeout(IDLE_SECONDS):
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            method, target, version, headers = _parse_head(head[:-4].lstrip(b"\r\n"))
            body = await _read_body(reader, writer, headers)
        except asyncio.IncompleteReadError:
            return None, False
        except asyncio.LimitOverrunError:
            raise BadRequest("header too large") from None
    wish = headers.get("connection", "").lower()
    stay = "close" not in wish if version == "HTTP/1.1" else "keep-alive" in wish
    return Request(method, target, headers, body, connection, request_id), stay
