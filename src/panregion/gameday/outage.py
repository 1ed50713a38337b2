"""How long a city was without service because of a fault: detected, rerouted, first success, steady. Pure.

A fault's time is from its beginning until the next fault begins that began after it was over, or else to the game
day's end: what fails after it is over, but before anything else is done to the world, is put down to it too. Faults
that overlap share what fails in both their times, because from outside nobody can tell them apart. A request that was
under way when the next fault began, and failed, is that one's.

- The city is touched if a request of its users failed that was still running, or meant to begin, in that time.
- Lost: when the first request that failed was meant to begin; the fault's own beginning, if that request was under way.
- Detected: the first health check, as a whole, that turned unhealthy after the fault began, of a region the fault
  touches (or of one whose region is not known).
- Rerouted: the first time after it began that the name server told the city something else than before.
- First success: when the first good answer had come to a request that was meant to begin after service was lost. One
  that was under way when the fault began, and was answered in spite of it, is no recovery.
- Steady: when the first good answer had come from which on, until the fault is over and for SETTLE_S at least, the
  share of good requests is no less than wanted. A system that comes back for a moment is not back; but where the next
  fault comes sooner, what was seen until then must do.

All in seconds since the fault began. What is measured from users' requests is known to within the time between two of
them, and no better.
"""

from collections.abc import Sequence

from panregion.gameday.attempts import Attempt
from panregion.gameday.result import DnsAnswer, FaultSpan, HealthChange, Rto

SETTLE_S = 2.0
LEAST_S = 0.5
"""Where the next fault comes before SETTLE_S is over, so long must do."""


def rto_of(
    city: str,
    fault: FaultSpan,
    faults: Sequence[FaultSpan],
    attempts: Sequence[Attempt],
    health: Sequence[HealthChange],
    dns: Sequence[DnsAnswer],
    wanted: float,
    end_s: float,
) -> Rto:
    """The city's way back after one fault. `attempts` are the city's, by their intended times."""
    assert fault.began_s is not None
    began_s, until_s = fault.began_s, horizon(fault, faults, end_s)
    detected = _since(began_s, _detected(fault, health, until_s))
    rerouted = _since(began_s, _rerouted(city, began_s, until_s, dns))
    its = [
        one
        for one in attempts
        if one.intended_s < until_s
        and one.ended_s > began_s
        and (one.ok or one.ended_s <= until_s or until_s == end_s)  # else it is the next fault's
    ]
    failed = [one for one in its if not one.ok]
    if not failed:
        return Rto(city, fault.id, False, detected, rerouted, None, None, 0)
    lost_s = max(began_s, failed[0].intended_s)
    after = [one for one in its if one.intended_s > lost_s]
    over_s = until_s if fault.ended_s is None else min(fault.ended_s, until_s)
    first_s = min((one.ended_s for one in after if one.ok), default=None)
    steady = _steady(after, over_s, until_s, until_s < end_s, wanted)
    steady_s = None if steady is None or first_s is None else max(first_s, steady.ended_s)
    return Rto(
        city=city,
        fault=fault.id,
        touched=True,
        detected_s=detected,
        rerouted_s=rerouted,
        first_success_s=_since(began_s, first_s),
        steady_s=_since(began_s, steady_s),
        failed=len(failed),
        lost_s=_since(began_s, lost_s),
    )


def horizon(fault: FaultSpan, faults: Sequence[FaultSpan], end_s: float) -> float:
    """Until when failures are put down to a fault."""
    if fault.ended_s is None:
        return end_s
    later = (other.began_s for other in faults if other.began_s is not None and other.began_s >= fault.ended_s)
    return min(later, default=end_s)


def longest_outage_s(attempts: Sequence[Attempt]) -> float:
    """The longest time in which everything a city asked for failed: from the first failed request's intended time to
    that of the next good one, or to the last failed one's end."""
    longest, first_failed = 0.0, None
    for attempt in attempts:
        if attempt.ok:
            if first_failed is not None:
                longest = max(longest, attempt.intended_s - first_failed)
            first_failed = None
        else:
            first_failed = attempt.intended_s if first_failed is None else first_failed
            longest = max(longest, attempt.ended_s - first_failed)
    return longest


def _steady(after: Sequence[Attempt], over_s: float, end_s: float, is_disturbed: bool, wanted: float) -> Attempt | None:
    """The first good attempt from which on enough are good, until `end_s` at most; `is_disturbed`: by another fault."""
    good = [0]
    for attempt in after:
        good.append(good[-1] + attempt.ok)
    last = 0
    for first, attempt in enumerate(after):
        if not attempt.ok:
            continue
        until_s = max(over_s, attempt.intended_s + SETTLE_S)
        if until_s > end_s:
            if end_s - attempt.intended_s < LEAST_S or not is_disturbed:
                return None
            until_s = end_s
        last = max(last, first + 1)
        while last < len(after) and after[last].intended_s < until_s:
            last += 1
        if (good[last] - good[first]) / (last - first) >= wanted:
            return attempt
    return None


def _detected(fault: FaultSpan, health: Sequence[HealthChange], until_s: float) -> float | None:
    assert fault.began_s is not None
    seen = (
        change.at_s
        for change in health
        if change.site is None
        and not change.healthy
        and fault.began_s <= change.at_s < until_s
        and (change.region is None or change.region in fault.sites)
    )
    return min(seen, default=None)


def _rerouted(city: str, began_s: float, until_s: float, dns: Sequence[DnsAnswer]) -> float | None:
    before = {answer.name: answer.values for answer in dns if answer.city == city and answer.at_s <= began_s}
    changed = (
        answer.at_s
        for answer in dns
        if answer.city == city
        and began_s < answer.at_s < until_s
        and answer.name in before
        and answer.values != before[answer.name]
    )
    return min(changed, default=None)


def _since(began_s: float, at_s: float | None) -> float | None:
    return None if at_s is None else round(at_s - began_s, 3)
