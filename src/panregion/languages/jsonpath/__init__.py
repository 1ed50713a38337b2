"""JSONPath as API Gateway's `$input.path` and `$input.json` use it (Jayway's dialect).

A definite path (names and indices only, as nearly all are) is walked by ourselves: it gives one value, or None where
there is none. Any other is python-jsonpath's, and gives the list of what it finds.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

STEP = re.compile(
    r"""\.([A-Za-z0-9_$@-]+)|\[\s*(-?\d+)\s*\]|\[\s*'((?:[^'\\]|\\.)*)'\s*\]|\[\s*"((?:[^"\\]|\\.)*)"\s*\]"""
)
ESCAPED = re.compile(r"\\(.)")
SIZE = re.compile(r"\.(length|size)\(\)$")

Find = Callable[[Any], Any]


class JsonPathError(Exception):
    """The text is no path."""


def find(path: str, document: Any) -> Any:
    """What a path finds in a document. Raises JsonPathError."""
    return compiled(path)(document)


@lru_cache(2048)
def compiled(path: str) -> Find:
    """A path ready to be used. Raises JsonPathError."""
    path = path.strip()
    size = SIZE.search(path)
    if size is not None:
        inner = compiled(path[: size.start()])
        return lambda document: _size(inner(document))
    if path and not path.startswith("$"):
        path = f"$.{path}"
    steps = _definite(path)
    return _through(steps) if steps is not None else _search(path)


def _definite(path: str) -> list[str | int] | None:
    """The names and indices of a path, or None where it is made of more."""
    steps: list[str | int] = []
    at = 1
    while at < len(path):
        found = STEP.match(path, at)
        if found is None:
            return None
        at = found.end()
        name, index, single, double = found.groups()
        quoted = single if single is not None else double
        steps.append(int(index) if index is not None else name if name is not None else ESCAPED.sub(r"\1", quoted))
    return steps


def _through(steps: list[str | int]) -> Find:
    def walk(document: Any) -> Any:
        for step in steps:
            if isinstance(document, dict):
                document = document.get(step)
            elif isinstance(document, list) and isinstance(step, int) and -len(document) <= step < len(document):
                document = document[step]
            else:
                return None
        return document

    return walk


def _search(path: str) -> Find:
    import jsonpath as python_jsonpath  # on demand: it takes a tenth of a second, and few paths need it

    try:
        query = python_jsonpath.compile(path)
    except (python_jsonpath.JSONPathError, RecursionError) as error:
        raise JsonPathError(f"{path}: {error}") from error

    def search(document: Any) -> list[Any]:
        try:
            return query.findall(document)
        except (python_jsonpath.JSONPathError, TypeError) as error:
            raise JsonPathError(f"{path}: {error}") from error

    return search


def _size(value: Any) -> int | None:
    return len(value) if isinstance(value, (list, dict)) else None


__all__ = ["JsonPathError", "compiled", "find"]
