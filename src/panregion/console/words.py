"""Figures as people read them: always with their unit."""

from collections.abc import Callable
from datetime import UTC, datetime

NONE = "\u2013"
MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86_400


def milliseconds(value: float | None) -> str:
    """1234.5 -> "1.23 s"; 12.34 -> "12.3 ms"; None -> a dash."""
    if value is None:
        return NONE
    if value >= 10_000:
        return f"{value / 1000:.1f} s"
    if value >= 1000:
        return f"{value / 1000:.2f} s"
    return f"{value:.0f} ms" if value >= 100 else f"{value:.1f} ms"


def seconds(value: float | None) -> str:
    """A length of time: "0.4 s", "12 s", "3 min", "2.5 h", "4 days"."""
    if value is None:
        return NONE
    if value < 10:
        return f"{value:.1f} s"
    if value < 2 * MINUTE_S:
        return f"{value:.0f} s"
    if value < 2 * HOUR_S:
        return f"{value / MINUTE_S:.0f} min"
    return f"{value / HOUR_S:.1f} h" if value < 2 * DAY_S else f"{value / DAY_S:.0f} days"


def size(value: float | None) -> str:
    """Bytes with a decimal prefix: "512 B", "1.5 kB", "20 MB"."""
    if value is None:
        return NONE
    units = ["B", "kB", "MB", "GB", "TB"]
    while value >= 1000 and len(units) > 1:
        value /= 1000
        units.pop(0)
    unit = units[0]
    return f"{value:.0f} {unit}" if value >= 100 or unit == "B" else f"{value:.1f} {unit}"


def count(value: float | None) -> str:
    """With thin spaces between thousands."""
    return NONE if value is None else f"{value:,.0f}".replace(",", "\u202f")


def clock(at_s: float | None) -> str:
    """A moment (unix seconds) as UTC time of day."""
    return NONE if at_s is None else datetime.fromtimestamp(at_s, UTC).strftime("%H:%M:%S")


def date(at_s: float | None) -> str:
    """A moment (unix seconds) as UTC date and time."""
    return NONE if at_s is None else datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%d %H:%M:%S")


FILTERS: dict[str, Callable[[float | None], str]] = {
    "ms": milliseconds,
    "seconds": seconds,
    "size": size,
    "count": count,
    "clock": clock,
    "date": date,
}
"""By their names in templates."""
