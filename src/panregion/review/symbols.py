"""Names that only a deployment gives a value: kept as marks inside evaluated text, so that they can be found again.

`!Sub https://${Api}.execute-api.x` becomes text with a mark for `Api` in it. A mark is the name between two characters
of Unicode's private use area, which nothing that AWS takes contains.
"""

import re
from collections.abc import Iterator
from typing import Any

_OPEN, _CLOSE = "\ue000", "\ue001"
_MARK = re.compile(f"{_OPEN}([^{_OPEN}{_CLOSE}]*){_CLOSE}")
UNKNOWN = "?"
"""What the name of a mark begins with that stands for something outside the template: a parameter, an export."""


def mark(name: str) -> str:
    """The mark of a resource (`Api`), of its attribute (`Api.Arn`), or of something unknown (`?Threshold`)."""
    return f"{_OPEN}{name}{_CLOSE}"


def marks_in(text: str) -> list[str]:
    """The names of the marks in a text, as they come."""
    return _MARK.findall(text)


def resources_in(value: Any) -> Iterator[str]:
    """The logical ids that an evaluated value refers to, however deep."""
    for text in texts_in(value):
        for name in marks_in(text):
            if not name.startswith(UNKNOWN):
                yield name.partition(".")[0]


def texts_in(value: Any) -> Iterator[str]:
    """Every text in a value: not the keys of its maps."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, list):
            waiting.extend(reversed(one))
        elif isinstance(one, dict):
            waiting.extend(reversed(one.values()))


def is_known(text: str) -> bool:
    """Whether a text has no marks in it."""
    return _OPEN not in text


def readable(text: str) -> str:
    """A text for people: marks as a template writes them."""
    return _MARK.sub(lambda found: "${" + found[1].removeprefix(UNKNOWN) + "}", text)
