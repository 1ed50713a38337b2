"""Scripts, styles and map data: files of the package, compressed once, asked for again only when they have changed."""

import gzip
import hashlib
import re
from functools import cache
from importlib.resources import files

from panregion.world import Headers, Request, Response

KINDS = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json",
    "svg": "image/svg+xml",
}
FOLDERS = {"own": "panregion.console:static", "vendor": "panregion.vendor:."}
NAME = re.compile(r"^[a-z0-9][a-z0-9.-]*$")


def asset(request: Request, folder: str, name: str) -> Response | None:
    """The file of that name; None where there is none."""
    found = _read(folder, name)
    if found is None:
        return None
    plain, packed, tag = found
    headers: Headers = [
        ("Content-Type", KINDS[name.rpartition(".")[2]]),
        ("ETag", tag),
        ("Cache-Control", "no-cache"),
        ("Vary", "Accept-Encoding"),
    ]
    if request.header("if-none-match") == tag:
        return Response(304, headers)
    if "gzip" in (request.header("accept-encoding") or ""):
        return Response(200, [*headers, ("Content-Encoding", "gzip")], packed)
    return Response(200, headers, plain)


@cache
def _read(folder: str, name: str) -> tuple[bytes, bytes, str] | None:
    """(as it is, compressed, entity tag)."""
    place = FOLDERS.get(folder)
    if place is None or not NAME.match(name) or name.rpartition(".")[2] not in KINDS:
        return None
    package, _, below = place.partition(":")
    path = files(package) / below / name
    if not path.is_file():
        return None
    plain = path.read_bytes()
    return plain, gzip.compress(plain, mtime=0), f'"{hashlib.sha256(plain).hexdigest()[:20]}"'
