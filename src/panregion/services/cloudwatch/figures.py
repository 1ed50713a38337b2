"""Where CloudWatch keeps metric data.

    ("cloudwatch-metric", namespace, name, dimensions)                        -> when it was last written, epoch seconds
    ("cloudwatch-minute", namespace, name, dimensions, unit, epoch seconds)   -> Figures of the minute from then on
    ("cloudwatch-second", namespace, name, dimensions, unit, epoch seconds)   -> the same of a second (resolution 1)

Dimensions are JSON, sorted. A metric's old data go when it is written, and whole metrics when nobody has written them
for long (`forget`).
"""

from collections.abc import Iterator
from itertools import islice

import msgspec

from panregion.services.cloudwatch.metric import MINUTE_S, Datum, Figures, Metric, windows
from panregion.services.here import Here
from panregion.store import Key

METRIC, MINUTE, SECOND = "cloudwatch-metric", "cloudwatch-minute", "cloudwatch-second"
KEPT_S = {MINUTE: 15 * 86_400, SECOND: 3 * 3600}
LISTED_S = 14 * 86_400
"""How long ListMetrics shows a metric that is not written any more."""
TRIM_MAX = 100
"""Old periods removed per metric and write: more than one writes, so it catches up."""

_figures = msgspec.msgpack.Decoder(Figures)
_float = msgspec.msgpack.Decoder(float)
_dimensions = msgspec.json.Decoder(tuple[tuple[str, str], ...])


def _below(space: str, metric: Metric) -> Key:
    return (space, metric.namespace, metric.name, msgspec.json.encode(metric.dimensions).decode())


def add(here: Here, data: list[Datum]) -> None:
    """Add data to what there is of their periods."""
    now, units = here.now(), dict.fromkeys((datum.metric, datum.unit, datum.fine) for datum in data)
    for datum in data:
        _add(here, MINUTE, MINUTE_S, datum)
        if datum.fine:
            _add(here, SECOND, 1, datum)
    for metric, unit, fine in units:
        here.tx.put(_below(METRIC, metric), msgspec.msgpack.encode(now))
        for space in (MINUTE, SECOND) if fine else (MINUTE,):
            _trim(here, (*_below(space, metric), unit), int(now) - KEPT_S[space])


def _add(here: Here, space: str, step_s: int, datum: Datum) -> None:
    key = (*_below(space, datum.metric), datum.unit, int(datum.at // step_s) * step_s)
    before = here.tx.get(key)
    figures = datum.figures if before is None else _figures.decode(before) + datum.figures
    here.tx.put(key, msgspec.msgpack.encode(figures))


def _trim(here: Here, below: Key, until: int) -> None:
    for key in [key for key, _ in islice(here.tx.range(below, (*below, until)), TRIM_MAX)]:
        here.tx.delete(key)


def units(here: Here, metric: Metric, space: str) -> list[str]:
    """The units that a metric has data of."""
    found: list[str] = []
    below = _below(space, metric)
    while True:
        after = (*below, found[-1], 1 << 61) if found else None
        key = next((key for key, _ in here.tx.prefix(below, after=after)), None)
        if key is None:
            return found
        found.append(str(key[4]))


def between(
    here: Here, metric: Metric, start: int, end: int, period_s: int, unit: str | None = None
) -> Iterator[tuple[int, str, Figures]]:
    """What there is with start <= time < end, by unit and time: seconds where the period is shorter than a minute."""
    space = SECOND if period_s < MINUTE_S else MINUTE
    oldest = int(here.now()) - KEPT_S[space]
    for each in units(here, metric, space) if unit is None else [unit]:
        below = (*_below(space, metric), each)
        for key, value in here.tx.range((*below, max(start, oldest)), (*below, end)):
            yield int(key[-1]), each, _figures.decode(value)


def sums(
    here: Here, metric: Metric, start: float, end: float, period_s: int, unit: str | None
) -> list[tuple[int, Figures]]:
    """By period in which there is something, oldest first: when it begins, and what there is (of all units: None)."""
    ranges = windows(start, end, period_s)
    first, _ = next(ranges)
    totals: dict[int, Figures] = {}
    for at, _, found in between(here, metric, first, int(-(-end // 1)), period_s, unit):
        begins = first + (at - first) // period_s * period_s
        totals[begins] = totals[begins] + found if begins in totals else found
    return sorted(totals.items())


def is_known(here: Here, metric: Metric) -> bool:
    """Whether anybody has ever written it."""
    return here.tx.get(_below(METRIC, metric)) is not None


def metrics(here: Here, *below: str, after: Metric | None = None) -> Iterator[tuple[Metric, float]]:
    """All metrics in order, and when they were last written."""
    position = None if after is None else _below(METRIC, after)
    for key, value in here.tx.prefix((METRIC, *below), after=position):
        yield Metric(str(key[1]), str(key[2]), _dimensions.decode(str(key[3]))), _float.decode(value)
