"""Compressing what viewers can take compressed, by AWS's rules. Pure.

A response is compressed where the behaviour and the policy say so and the viewer takes it, if it is a 200, 403 or
404 of 1,000 to 10,000,000 bytes with a Content-Length, of a type that pays, and not encoded already. Brotli is
preferred. It is done piece by piece as the body passes, so that no body is held for it.
"""

import zlib
from collections.abc import Callable
from typing import Protocol

import brotli

from panregion.world import Headers

LEAST_BYTES, MOST_BYTES = 1_000, 10_000_000
STATUSES = frozenset({200, 403, 404})
BROTLI_QUALITY = 4
GZIP_LEVEL = 5
GZIP_WBITS = 31

TYPES = frozenset(
    {
        *("application/dash+xml", "application/eot", "application/font", "application/font-sfnt"),
        *("application/javascript", "application/json", "application/opentype", "application/otf"),
        *("application/pdf", "application/pkcs7-mime", "application/protobuf", "application/rss+xml"),
        *(
            "application/truetype",
            "application/ttf",
            "application/vnd.apple.mpegurl",
            "application/vnd.mapbox-vector-tile",
        ),
        *("application/vnd.ms-fontobject", "application/wasm", "application/xhtml+xml", "application/xml"),
        *("application/x-font-opentype", "application/x-font-truetype", "application/x-font-ttf"),
        *("application/x-httpd-cgi", "application/x-javascript", "application/x-mpegurl", "application/x-opentype"),
        *("application/x-otf", "application/x-perl", "application/x-ttf", "font/eot", "font/opentype", "font/otf"),
        *("font/ttf", "image/svg+xml", "text/css", "text/csv", "text/html", "text/javascript", "text/js", "text/plain"),
        *("text/richtext", "text/tab-separated-values", "text/xml", "text/x-component", "text/x-java-source"),
        *("text/x-script", "vnd.apple.mpegurl"),
    }
)


class Compressor(Protocol):
    """Compresses one body, piece by piece."""

    def compress(self, piece: bytes) -> bytes: ...

    def finish(self) -> bytes: ...


class _Gzip:
    def __init__(self) -> None:
        self._state = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, GZIP_WBITS)

    def compress(self, piece: bytes) -> bytes:
        return self._state.compress(piece)

    def finish(self) -> bytes:
        return self._state.flush()


class _Brotli:
    def __init__(self) -> None:
        self._state = brotli.Compressor(quality=BROTLI_QUALITY)

    def compress(self, piece: bytes) -> bytes:
        return bytes(self._state.process(piece))

    def finish(self) -> bytes:
        return bytes(self._state.finish())


MAKERS: dict[str, Callable[[], Compressor]] = {"gzip": _Gzip, "br": _Brotli}


def encoding_for(status: int, by_name: dict[str, str], length: int | None, encodings: str) -> str:
    """The encoding that a response gets, or nothing. `encodings` are those the viewer takes, normalized."""
    if not encodings or status not in STATUSES or length is None or not LEAST_BYTES <= length <= MOST_BYTES:
        return ""
    if "content-encoding" in by_name or "no-transform" in by_name.get("cache-control", "").lower():
        return ""
    kind = by_name.get("content-type", "").partition(";")[0].strip().lower()
    return encodings.partition(",")[0] if kind in TYPES else ""


def compressed_headers(headers: Headers, encoding: str) -> Headers:
    """The headers of the compressed response: a strong ETag becomes weak, and Vary names Accept-Encoding."""
    found: Headers = []
    varies = False
    for name, value in headers:
        lower = name.lower()
        if lower == "etag" and not value.startswith("W/"):
            value = f"W/{value}"
        if lower == "vary":
            varies = True
            if "accept-encoding" not in value.lower():
                value = f"{value}, Accept-Encoding"
        if lower not in ("accept-ranges", "content-length"):
            found.append((name, value))
    found.append(("Content-Encoding", encoding))
    return found if varies else [*found, ("Vary", "Accept-Encoding")]
