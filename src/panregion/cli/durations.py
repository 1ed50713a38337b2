"""Durations, shares and sizes as people write them: types of options, each a function from its text."""

import re
from collections.abc import Callable

import click

UNITS = {"ms": 0.001, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}
DURATION = re.compile(r"([+-]?\d+(?:\.\d+)?)(ms|s|min|m|h|d)?")
SIZES = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9}
SIZE = re.compile(r"(\d+(?:\.\d+)?)([kMG]?)B?")


def duration_in(unit: str) -> Callable[[str], float]:
    """Reads durations such as 200ms, 30s, 5m, 1h in a unit; a bare number is in that unit."""

    def duration(text: str) -> float:
        parsed = DURATION.fullmatch(str(text))
        if parsed is None:
            raise click.BadParameter(f"{text} is no duration; write 200ms, 30s, 5m or 1h")
        return round(float(parsed[1]) * UNITS[parsed[2] or unit] / UNITS[unit], 6)

    return duration


seconds = duration_in("s")
milliseconds = duration_in("ms")


def share(text: str) -> float:
    """A share such as 10% or 0.1."""
    written = str(text)
    try:
        return float(written[:-1]) / 100 if written.endswith("%") else float(written)
    except ValueError:
        raise click.BadParameter(f"{text} is no share; write 10% or 0.1") from None


def size(text: str) -> int:
    """A number of bytes such as 64k or 1.5MB."""
    parsed = SIZE.fullmatch(str(text))
    if parsed is None:
        raise click.BadParameter(f"{text} is no size; write 64k or 1.5MB")
    return int(float(parsed[1]) * SIZES[parsed[2]])
