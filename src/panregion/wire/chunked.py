r"""S3's own chunked encoding, in which SDKs upload streams: `aws-chunked`.

    5;chunk-signature=ab12...\r\n
    hello\r\n
    0;chunk-signature=...\r\n
    x-amz-checksum-crc32:...\r\n
    \r\n

The chunks' signatures are not verified (see sigv4); trailing headers are read.
"""

from panregion.wire.errors import AwsError
from panregion.world.http import Headers, Request


class IncompleteBody(AwsError):
    """You did not provide the number of bytes specified by the Content-Length HTTP header."""


def is_chunked(request: Request) -> bool:
    return (request.header("x-amz-content-sha256") or "").startswith("STREAMING-") or "aws-chunked" in (
        request.header("content-encoding") or ""
    )


def unchunked(request: Request, body: bytes) -> tuple[Request, bytes]:
    """The request as if its body had been sent plainly, with what trailed it among its headers."""
    body, trailers = split(body)
    headers = without_coding(request.headers, "aws-chunked")
    plain = [(name, str(len(body)) if name.lower() == "content-length" else value) for name, value in headers]
    return request.with_headers([*plain, *trailers.items()]), body


def without_coding(headers: Headers, coding: str) -> Headers:
    """The headers without one of the codings in Content-Encoding, and without that where none is left."""
    kept = []
    for name, value in headers:
        if name.lower() == "content-encoding":
            value = ", ".join(part.strip() for part in value.split(",") if part.strip() != coding)
        if value or name.lower() != "content-encoding":
            kept.append((name, value))
    return kept


def split(body: bytes) -> tuple[bytes, dict[str, str]]:
    """The body's own bytes, and the headers that came after it: a checksum, mostly."""
    chunks: list[bytes] = []
    position = 0
    while True:
        end = body.find(b"\r\n", position)
        size = _size(body[position:end]) if end >= 0 else None
        if size is None:
            raise IncompleteBody("The request body terminated unexpectedly")
        position = end + 2
        if size == 0:
            return b"".join(chunks), _trailers(body[position:])
        if position + size > len(body):
            raise IncompleteBody("The request body terminated unexpectedly")
        chunks.append(body[position : position + size])
        position += size + 2


def _size(line: bytes) -> int | None:
    """The hexadecimal length before the semicolon."""
    digits = line.partition(b";")[0].strip()
    try:
        return int(digits, 16)
    except ValueError:
        return None


def _trailers(tail: bytes) -> dict[str, str]:
    found = {}
    for line in tail.split(b"\r\n"):
        name, colon, value = line.decode("latin-1").partition(":")
        if colon:
            found[name.strip().lower()] = value.strip()
    return found
