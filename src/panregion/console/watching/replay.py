"""A finished game day as moments, as if the console had watched it: what shows the world now shows it, too. Pure."""

import math
from bisect import bisect_right
from collections.abc import Iterable
from operator import attrgetter
from typing import Any

import msgspec

from panregion.console.watching.moment import Check, Lag, Moment, Told, Traffic
from panregion.console.watching.regions import worst_first
from panregion.control.faults.effects import LinkChange
from panregion.control.faults.table import read_fault
from panregion.control.faults.where import where_in
from panregion.gameday.result import CitySeries, FaultSpan, LagSeries, Result
from panregion.world import WorldSettings

LINKS_MAX = 60
OLD_STEPS = 3


class Replay:
    """Its moments are `step_s` apart, which is the result's bucket; times are whole unix seconds and what they add."""

    def __init__(self, result: Result, settings: WorldSettings) -> None:
        self._result = result
        self._where = where_in(msgspec.structs.replace(settings, regions=tuple(result.regions)))
        self.began_s = math.floor(result.began_s)
        self.step_s = max(1, round(result.bucket_s))
        self.ended_s = self.began_s + max(1, math.ceil(result.duration_s))
        self._links = {fault.id: list(self._of_fault(fault)) for fault in result.faults}

    def moments(self) -> list[Moment]:
        """From the beginning to the end."""
        count = -(-(self.ended_s - self.began_s) // self.step_s)
        return [self._moment(number, number * self.step_s) for number in range(count + 1)]

    def _moment(self, number: int, at_s: float) -> Moment:
        since_s = at_s - self.step_s if number else -math.inf
        result = self._result
        live = [fault for fault in result.faults if _is_live(fault, at_s)]
        ended = [fault for fault in result.faults if fault.ended_s is not None and since_s < fault.ended_s <= at_s]
        states = {state.region: state.status for state in _until(result.region_states, at_s)}
        return Moment(
            number=number + 1,
            at_s=self.began_s + at_s,
            regions={region: states.get(region, "running") for region in result.regions},
            faults=[self._fault(fault) for fault in live],
            ended=[self._fault(fault) for fault in ended],
            links=[link for fault in live for link in self._links[fault.id]],
            lag=worst_first(filter(None, (_lag_at(series, at_s, self.step_s) for series in result.lag))),
            traffic=[count for city in result.cities for count in self._traffic(city, number - 1)],
            health=[
                {
                    "time": self.began_s + change.at_s,
                    "health_check": change.check,
                    "site": change.site,
                    "healthy": change.healthy,
                    "why": change.why,
                }
                for change in _between(result.health, since_s, at_s)
            ],
            checks=self._checks() if number == 0 else None,
            dns=[
                Told(answer.city, answer.name, answer.values, answer.regions, self.began_s + answer.at_s)
                for answer in _between(result.dns, since_s, at_s)
            ],
        )

    def _fault(self, fault: FaultSpan) -> dict[str, Any]:
        assert fault.began_s is not None
        ended_s = None if fault.ended_s is None else self.began_s + fault.ended_s
        began_s = self.began_s + fault.began_s
        return {"id": fault.id, "description": fault.text, "began_s": began_s, "ended_s": ended_s, "undone_s": ended_s}

    def _of_fault(self, fault: FaultSpan) -> Iterable[dict[str, Any]]:
        """The links that a fault disturbs; none of a fault that this version does not know."""
        try:
            effects = list(read_fault(fault.fault).effects(self._where))
        except ValueError:
            return
        for effect in effects[:LINKS_MAX]:
            if isinstance(effect, LinkChange):
                yield {
                    "from": effect.from_site,
                    "to": effect.to_site,
                    "cut": effect.cut,
                    "delay_ms_extra": effect.delay_ms or 0.0,
                    "loss": effect.loss or 0.0,
                    "bandwidth_bytes_s": effect.bandwidth_bytes_s,
                }

    def _traffic(self, series: CitySeries, bucket: int) -> Iterable[Traffic]:
        """One bucket of a city: by the region that answered, where the application says so."""
        if not 0 <= bucket < len(series.good):
            return
        second, good, failed = self.began_s + bucket * self.step_s, series.good[bucket], series.failed[bucket]
        took_ms = series.p50_ms[bucket] or 0.0
        for region, counts in series.served_by.items():
            if counts[bucket]:
                yield Traffic(second, series.city, region, counts[bucket], 0, 0, took_ms * counts[bucket])
                good -= counts[bucket]
        if good > 0 or failed:
            yield Traffic(second, series.city, None, max(0, good), failed, 0, took_ms * max(0, good))

    def _checks(self) -> list[Check]:
        """The checks that changed their mind, as they were at the end."""
        found = {}
        for change in sorted(self._result.health, key=attrgetter("at_s")):
            if change.site is None or change.check not in found:
                healthy = change.healthy if change.site is None else True
                found[change.check] = Check(change.check, change.target, change.region, healthy, change.why)
        return list(found.values())


def _is_live(fault: FaultSpan, at_s: float) -> bool:
    return fault.began_s is not None and fault.began_s <= at_s and (fault.ended_s is None or at_s < fault.ended_s)


def _until(changes: list[Any], at_s: float) -> list[Any]:
    return sorted((change for change in changes if change.at_s <= at_s), key=attrgetter("at_s"))


def _between(changes: list[Any], since_s: float, at_s: float) -> list[Any]:
    return sorted((change for change in changes if since_s < change.at_s <= at_s), key=attrgetter("at_s"))


def _lag_at(series: LagSeries, at_s: float, step_s: float) -> Lag | None:
    """The last sample of a pair at that time; None where nobody had looked for a while: the region was away."""
    found = bisect_right(series.at_s, at_s) - 1
    if found < 0 or at_s - series.at_s[found] > OLD_STEPS * step_s:
        return None
    return Lag(series.from_region, series.to_region, series.store, series.lag_ms[found], series.backlog[found])
