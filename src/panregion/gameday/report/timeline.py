"""One time axis for all that was seen: a result as rows of lanes, bars and lines, which charts.js draws.

Every panel has rows with a name, so nothing depends on telling colours apart. Buckets are joined until there are few
enough to be drawn; the figures of the tables are never those of the charts.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Literal

import msgspec

from panregion.gameday.result import HealthChange, LagSeries, Result

BARS_MAX = 240
ROWS_MAX = 24
"""More rows than this (pairs of regions by stores) and the quietest are left off, which is said."""
GAP_S = 2.0
"""Where samples are further apart than this, and than four of their usual steps, nothing is drawn between them."""
STYLES = 6
"""Regions beyond this share a colour and pattern with another; their names are written on them."""


class Segment(msgspec.Struct, frozen=True):
    """A stretch of a lane."""

    row: str
    begin_s: float
    end_s: float
    text: str
    title: str
    style: str


class Tick(msgspec.Struct, frozen=True):
    """A moment in a lane."""

    row: str
    at_s: float
    title: str


class Bar(msgspec.Struct, frozen=True):
    """Requests of one row in one bucket."""

    row: str
    begin_s: float
    end_s: float
    good: int
    failed: int
    title: str


class Point(msgspec.Struct, frozen=True):
    row: str
    at_s: float
    value: float | None


class Panel(msgspec.Struct, frozen=True, kw_only=True):
    """A chart: `kind` says which of the lists are its own."""

    id: str
    kind: Literal["lanes", "bars", "lines"]
    title: str
    note: str = ""
    unit: str = ""
    rows: list[str]
    segments: list[Segment] = []
    ticks: list[Tick] = []
    bars: list[Bar] = []
    points: list[Point] = []
    most: float = 1
    """The end of the axis of bars and lines."""
    beside: bool = False
    """Whether a text that does not fit into its segment stands beside it."""


class Band(msgspec.Struct, frozen=True):
    """While a fault lasted, behind every panel."""

    begin_s: float
    end_s: float


class Timeline(msgspec.Struct, frozen=True):
    end_s: float
    bands: list[Band]
    panels: list[Panel]


def timeline(result: Result) -> Timeline:
    """The panels that have something to show, in the order in which they are read."""
    end_s = max(result.duration_s, result.bucket_s, 0.001)
    bands = [
        Band(fault.began_s, end_s if fault.ended_s is None else fault.ended_s)
        for fault in result.faults
        if fault.began_s is not None
    ]
    panels = [
        _faults(result, end_s),
        _requests(result, end_s),
        _dns(result, end_s),
        _health(result, end_s),
        _regions(result, end_s),
        _latency(result),
        _lag(result, "lag_ms", "Replication lag", "ms"),
        _lag(result, "backlog", "Replication backlog", "records"),
    ]
    return Timeline(end_s, bands, [panel for panel in panels if panel.rows])


def _faults(result: Result, end_s: float) -> Panel:
    segments = [
        Segment(
            row=f"{number}. {fault.kind}",
            begin_s=fault.began_s,
            end_s=end_s if fault.ended_s is None else fault.ended_s,
            text=fault.text,
            title=f"{fault.text}: {fault.began_s:.1f} s to "
            + ("the end" if fault.ended_s is None else f"{fault.ended_s:.1f} s"),
            style="fault",
        )
        for number, fault in enumerate(result.faults, 1)
        if fault.began_s is not None
    ]
    return Panel(id="faults", kind="lanes", title="Faults", rows=_rows(segments), segments=segments, beside=True)


def _rows(things: Sequence[Segment | Bar | Point]) -> list[str]:
    return list(dict.fromkeys(thing.row for thing in things))


def _requests(result: Result, end_s: float) -> Panel:
    bars = []
    for series in result.cities:
        for begin, count in _joined(len(series.good)):
            good, failed = sum(series.good[begin : begin + count]), sum(series.failed[begin : begin + count])
            from_s, to_s = begin * result.bucket_s, min(end_s, (begin + count) * result.bucket_s)
            if from_s >= end_s and not good + failed:
                continue
            title = f"{series.city}, {from_s:.1f} to {to_s:.1f} s: {good} good, {failed} failed"
            bars.append(Bar(series.city, from_s, to_s, good, failed, title))
    note = "requests by the moment at which a user meant to begin them"
    return Panel(id="requests", kind="bars", title="Requests", note=note, rows=_rows(bars), bars=bars, most=_most(bars))


def _most(bars: list[Bar]) -> float:
    return _round_up(max((bar.good + bar.failed for bar in bars), default=0))


def _round_up(value: float) -> float:
    """The next of 1, 2, 5, 10, 20, ... for the end of an axis."""
    power = 10 ** math.floor(math.log10(value)) if value > 0 else 1
    return next(power * step for step in (1, 2, 5, 10, 20) if power * step >= value)


def _joined(buckets: int) -> Iterator[tuple[int, int]]:
    """(first bucket, how many) so that there are few enough of them."""
    width = max(1, -(-buckets // BARS_MAX))
    for begin in range(0, buckets, width):
        yield begin, min(width, buckets - begin)


def _style(result: Result, regions: Sequence[str]) -> str:
    if len(regions) != 1:
        return "several" if regions else "none"
    known = result.regions.index(regions[0]) if regions[0] in result.regions else STYLES - 1
    return f"region-{known % STYLES}"


def _dns(result: Result, end_s: float) -> Panel:
    segments = []
    lanes: dict[tuple[str, str], list[Any]] = {}
    for answer in result.dns:
        lanes.setdefault((answer.city, answer.name), []).append(answer)
    names = {name for _, name in lanes}
    order = [series.city for series in result.cities]
    for (city, name), answers in sorted(lanes.items(), key=lambda lane: _place(order, lane[0][0])):
        answers.sort(key=lambda answer: answer.at_s)
        for answer, until_s in _until(answers, end_s):
            what = ", ".join(answer.regions) or ", ".join(answer.values) or "no answer"
            segments.append(
                Segment(
                    row=city if len(names) == 1 else f"{city}: {name}",
                    begin_s=answer.at_s,
                    end_s=until_s,
                    text=what,
                    title=f"{city} is told {what} for {name} ({', '.join(answer.values)}) from {answer.at_s:.1f} s",
                    style=_style(result, answer.regions),
                )
            )
    note = f"what the name server tells each city for {', '.join(sorted(names))}" if names else ""
    return _lanes("dns", "DNS answers", note, segments)


def _place(order: list[str], city: str) -> int:
    return order.index(city) if city in order else len(order)


def _until(changes: list[Any], end_s: float) -> Iterator[tuple[Any, float]]:
    """Each change with the time of the next one."""
    for change, following in pairwise([*changes, None]):
        yield change, max(change.at_s, end_s if following is None else following.at_s)


def _lanes(id_: str, title: str, note: str, segments: list[Segment], ticks: list[Tick] | None = None) -> Panel:
    rows = _rows(segments)[:ROWS_MAX]
    left = len(_rows(segments)) - len(rows)
    if left:
        note += f" ({left} more are in the JSON)"
    shown = set(rows)
    return Panel(
        id=id_,
        kind="lanes",
        title=title,
        note=note.strip(),
        rows=rows,
        segments=[one for one in segments if one.row in shown],
        ticks=[one for one in ticks or [] if one.row in shown],
    )


def _health(result: Result, end_s: float) -> Panel:
    """A lane per health check. What it was before its first change is the opposite of what it changed to."""
    segments, ticks = [], []
    checks: dict[str, list[HealthChange]] = {}
    for change in sorted(result.health, key=lambda change: change.at_s):
        checks.setdefault(change.check, []).append(change)
    for changes in checks.values():
        first = changes[0]
        row = f"{first.region or first.target} ({first.check[:8]})"
        whole = [change for change in changes if change.site is None]
        if whole and whole[0].at_s > 0:
            segments.append(_healthy(row, 0.0, whole[0].at_s, not whole[0].healthy, "as it was before"))
        segments += [
            _healthy(row, change.at_s, until_s, change.healthy, change.why) for change, until_s in _until(whole, end_s)
        ]
        if not whole:
            segments.append(_healthy(row, 0.0, end_s, True, "no change as a whole"))
        ticks += [
            Tick(row, change.at_s, f"checker in {change.site}: {_word(change.healthy)}, {change.why}")
            for change in changes
            if change.site is not None
        ]
    note = "Route 53's health checks; triangles are single checkers that changed their mind"
    return _lanes("health", "Health", note, segments, ticks)


def _word(healthy: bool) -> str:
    return "healthy" if healthy else "unhealthy"


def _healthy(row: str, begin_s: float, end_s: float, healthy: bool, why: str) -> Segment:
    style = "healthy" if healthy else "failed"
    return Segment(row, begin_s, end_s, _word(healthy), f"{_word(healthy)} from {begin_s:.1f} s: {why}", style)


def _regions(result: Result, end_s: float) -> Panel:
    lanes: dict[str, list[Any]] = {}
    for state in sorted(result.region_states, key=lambda state: state.at_s):
        lanes.setdefault(state.region, []).append(state)
    segments = [
        Segment(
            row=region,
            begin_s=state.at_s,
            end_s=until_s,
            text=state.status,
            title=f"{region} is {state.status} from {state.at_s:.1f} s",
            style="healthy" if state.status == "running" else "failed",
        )
        for region, states in lanes.items()
        for state, until_s in _until(states, end_s)
    ]
    return _lanes("regions", "Regions", "what control says of each region's processes", segments)


def _latency(result: Result) -> Panel:
    points = []
    for series in result.cities:
        for begin, count in _joined(len(series.p99_ms)):
            known = [value for value in series.p99_ms[begin : begin + count] if value is not None]
            middle_s = (begin + count / 2) * result.bucket_s
            points.append(Point(series.city, middle_s, round(max(known), 1) if known else None))
    note = "p99 of the good requests of each bucket, from the moment they were meant to begin"
    return _lines("latency", "Latency", note, "ms", points)


def _lines(id_: str, title: str, note: str, unit: str, points: list[Point]) -> Panel:
    most = _round_up(max((point.value for point in points if point.value is not None), default=0))
    return Panel(id=id_, kind="lines", title=title, note=note, unit=unit, rows=_rows(points), points=points, most=most)


def _lag(result: Result, which: Literal["lag_ms", "backlog"], title: str, unit: str) -> Panel:
    known = [series for series in result.lag if any(value is not None for value in getattr(series, which))]
    shown = sorted(known, key=lambda series: -_worst(series, which))[:ROWS_MAX]
    stores = {series.store for series in known}
    points = [
        Point(_pair(series, len(stores) > 1), at_s, value)
        for series in sorted(shown, key=lambda series: (series.store, series.from_region, series.to_region))
        for at_s, value in _thinned(series.at_s, getattr(series, which))
    ]
    note = f"{', '.join(sorted(stores))}, by pair of regions" if stores else ""
    if len(shown) < len(known):
        note += f" ({len(known) - len(shown)} quieter pairs are in the JSON)"
    return _lines(which, title, note, unit, points)


def _worst(series: LagSeries, which: str) -> float:
    values: list[float | None] = getattr(series, which)
    return max((value for value in values if value is not None), default=0)


def _pair(series: LagSeries, several: bool) -> str:
    pair = f"{series.from_region} → {series.to_region}"
    return f"{series.store.rpartition(':')[2]}: {pair}" if several else pair


def _thinned(at_s: list[float], values: list[float | None]) -> Iterator[tuple[float, float | None]]:
    """The worst sample of each stretch, and a gap where there was none, or where nobody looked for a while."""
    samples = list(zip(at_s, values, strict=False))
    steps = sorted(later - at for at, later in pairwise(at_s))
    gap_s = max(GAP_S, 4 * steps[len(steps) // 2]) if steps else GAP_S
    last_s = None
    for begin, count in _joined(len(samples)):
        part = samples[begin : begin + count]
        known = [(at, value) for at, value in part if value is not None]
        if last_s is not None and part[0][0] - last_s > gap_s:
            yield (last_s + part[0][0]) / 2, None
        yield max(known, key=lambda sample: sample[1]) if known else (part[0][0], None)
        last_s = part[-1][0]
