"""Requests as series over time and as figures for each phase. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from panregion.gameday.attempts import Attempt, percentile
from panregion.gameday.result import CitySeries, Phase, Summary

BUCKETS_MAX = 600


def bucket_s(duration_s: float) -> float:
    """How long a bucket is: a second, or as much more as keeps their number readable."""
    return next(size for size in (1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0) if duration_s / size <= BUCKETS_MAX)


def city_series(
    city: str, journey: str, rate_s: float, attempts: Iterable[Attempt], size_s: float, duration_s: float
) -> CitySeries:
    """One city's requests by the bucket in which they were meant to begin."""
    count = max(1, -int(-duration_s // size_s))
    buckets: list[list[Attempt]] = [[] for _ in range(count)]
    for attempt in attempts:
        buckets[min(count - 1, int(attempt.intended_s // size_s))].append(attempt)
    latencies = [sorted(one.latency_ms for one in bucket if one.ok) for bucket in buckets]
    return CitySeries(
        city=city,
        journey=journey,
        rate_s=rate_s,
        good=[sum(one.ok for one in bucket) for bucket in buckets],
        failed=[sum(not one.ok for one in bucket) for bucket in buckets],
        p50_ms=[_rounded(percentile(ordered, 0.50)) for ordered in latencies],
        p95_ms=[_rounded(percentile(ordered, 0.95)) for ordered in latencies],
        p99_ms=[_rounded(percentile(ordered, 0.99)) for ordered in latencies],
        served_by=_served_by(buckets),
    )


def _served_by(buckets: Sequence[Sequence[Attempt]]) -> dict[str, list[int]]:
    served: defaultdict[str, list[int]] = defaultdict(lambda: [0] * len(buckets))
    for number, bucket in enumerate(buckets):
        for one in bucket:
            if one.ok and one.region is not None:
                served[one.region][number] += 1
    return dict(served)


def in_phase(attempts: Iterable[Attempt], phase: Phase) -> list[Attempt]:
    """The requests that were meant to begin in a phase."""
    return [one for one in attempts if phase.begin_s <= one.intended_s < phase.end_s]


def summary(city: str, phase: Phase, attempts: Sequence[Attempt]) -> Summary:
    """Figures of a phase's requests. Latencies are those of all requests: a failed one made somebody wait, too."""
    ordered = sorted(one.latency_ms for one in attempts)
    failed = sum(not one.ok for one in attempts)
    return Summary(
        city=city,
        phase=phase.name,
        requests=len(ordered),
        failed=failed,
        availability=1 - failed / len(ordered) if ordered else 0.0,
        p50_ms=_rounded(percentile(ordered, 0.50)),
        p95_ms=_rounded(percentile(ordered, 0.95)),
        p99_ms=_rounded(percentile(ordered, 0.99)),
        max_ms=_rounded(ordered[-1] if ordered else None),
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
