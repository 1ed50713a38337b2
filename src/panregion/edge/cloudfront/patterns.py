"""Path patterns of cache behaviours and invalidations. Pure."""

import re
from functools import lru_cache
from urllib.parse import unquote_to_bytes

_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")


def path_regex(pattern: str) -> re.Pattern[str]:
    """`*` is any number of characters and `?` is one, slashes among them; a leading slash may be left out."""
    text = pattern if pattern.startswith(("/", "*")) else f"/{pattern}"
    parts = (".*" if char == "*" else "." if char == "?" else re.escape(char) for char in text)
    return re.compile("".join(parts), re.DOTALL)


@lru_cache(4096)
def normal_path(path: str) -> str:
    """A path for matching, as RFC 3986 (6.2.2) normalizes it; the origin gets the path as it came."""
    if "%" in path:
        path = _ESCAPE.sub(_decoded, path)
    if "/." not in path:
        return path
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    ending = "/" if segments[-1] in (".", "..") and kept else ""
    return "/" + "/".join(kept) + ending


def _decoded(match: re.Match[str]) -> str:
    (byte,) = unquote_to_bytes(match[0])
    return chr(byte) if byte in _UNRESERVED else match[0].upper()


def is_invalidated(paths: list[str], path_and_query: str) -> bool:
    """Whether an invalidation of those paths is of this object. One without a query is of all its queries."""
    path, _, _ = path_and_query.partition("?")
    for wanted in paths:
        if wanted.endswith("*"):
            if path_and_query.startswith(wanted[:-1]):
                return True
        elif wanted in (path_and_query, path):
            return True
    return False
