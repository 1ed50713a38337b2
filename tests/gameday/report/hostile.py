"""A result in which every free text is what an attacker would like to see in a page."""

from typing import Any

import msgspec

from panregion.gameday.result import Result
from tests.gameday.sample import sample

PAYLOAD = (
    "</script><script>document.documentElement.dataset.taken='1'</script>"
    "<img src=x onerror=\"document.documentElement.dataset.taken='2'\">'"
    '"`--><!--]]>&amp;\u2028\x00\x1b[31m[bold]{{7*7}}'
)
KEPT = {"kind", "phase", "verdict", "unit"}
"""Fields with a fixed set of values, which nobody else can choose."""


def hostile() -> Result:
    """The sample with the payload in each text: names, keys of items, log lines, notes, the file."""
    return msgspec.convert(_spoilt(msgspec.to_builtins(sample())), Result)


def _spoilt(value: Any, field: str = "") -> Any:
    match value:
        case str():
            return value if not value or field in KEPT or (field, value) in _PHASES else f"{value}{PAYLOAD}"
        case list():
            return [_spoilt(item, field) for item in value]
        case dict():
            return {key: _spoilt(item, key) for key, item in value.items()}
    return value


_PHASES = {("name", name) for name in ("before", "during", "after")}
