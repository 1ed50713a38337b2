"""Whether what was promised held. Pure: figures in, an Objective or a Check for each promise out."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from panregion.gameday import file
from panregion.gameday.attempts import Attempt, percentile
from panregion.gameday.observed import Observed, ProbeSample
from panregion.gameday.result import Check, ErrorBudget, LagSeries, Objective, Phase, Rto, StoreRpo
from panregion.gameday.series import in_phase

RpoKind = Literal["rpo", "overwritten", "stale"]
RPO_KINDS: dict[str, RpoKind] = {
    "lost": "rpo",
    "missing_while_away": "rpo",
    "overwritten": "overwritten",
    "stale": "stale",
    "duplicated": "rpo",
}
"""What may become of a write -> the kind of objective that it is."""
LATE_S = 3.0
"""Requests that were under way for as long when a fault began are hit by it, too."""


def rto_objectives(wanted: file.Objectives, rto: Sequence[Rto], faults: Mapping[str, str]) -> Iterator[Objective]:
    """One for each city: its worst fault. `faults` are the sentences that describe them, by their ids.

    Where nothing went wrong, nothing is known of the way back.
    """
    if wanted.rto_s is None:
        return
    if not rto:
        strictest = min(wanted.rto_s.values(), default=0.0) if isinstance(wanted.rto_s, dict) else wanted.rto_s
        why = "no fault began, so how long the way back takes is not known"
        yield Objective("RTO", "rto", float(strictest), None, "s", False, why)
    for city in dict.fromkeys(one.city for one in rto):
        limit = wanted.rto_s if isinstance(wanted.rto_s, int | float) else wanted.rto_s.get(city)
        if limit is not None:
            yield _rto_objective(city, float(limit), wanted.rto_of, [one for one in rto if one.city == city], faults)


def _rto_objective(city: str, limit: float, of: str, its: Sequence[Rto], faults: Mapping[str, str]) -> Objective:
    touched = [one for one in its if one.touched]
    name = f"RTO, {city}"
    if not touched:
        return Objective(name, "rto", limit, 0.0, "s", True, f"no request of {city} failed because of a fault")
    back = [(_without_s(one, of), one) for one in touched]
    never = [one for lasted_s, one in back if lasted_s is None]
    if never:
        again = "was not served again" if never[0].first_success_s is None else "was not served steadily again"
        why = f"{city} {again} after this: {_told(never[0], faults)}; {requests_failed(never[0].failed)}"
        return Objective(name, "rto", limit, None, "s", False, why)
    worst_s, worst = max(((lasted_s, one) for lasted_s, one in back if lasted_s is not None), key=lambda pair: pair[0])
    without = f"{city} was without service for {worst_s:.1f} s"
    why = f"{without} after this: {_told(worst, faults)}; {requests_failed(worst.failed)}"
    return Objective(name, "rto", limit, worst_s, "s", worst_s <= limit, why)


def _told(one: Rto, faults: Mapping[str, str]) -> str:
    """The fault in words, as a reader knows it."""
    return faults.get(one.fault, one.fault)


def requests_failed(count: int) -> str:
    """In words."""
    return "1 request failed" if count == 1 else f"{count} requests failed"


def _without_s(one: Rto, of: str) -> float | None:
    """How long the city was without service: from the first failure, which may come long after the fault began."""
    back_s = one.steady_s if of == "steady" else one.first_success_s
    return None if back_s is None else round(back_s - (one.lost_s or 0.0), 3)


def rpo_objectives(wanted: file.Objectives, stores: dict[str, StoreRpo], shown: dict[str, int]) -> Iterator[Objective]:
    """One for each promise about each kind of write; `stores` and `shown` (answers that were noted) are by kind.

    What nobody wrote, or read, is not kept for that: a promise that could not be broken is not held.
    """
    known = {kind: rpo for kind, rpo in stores.items() if rpo.acknowledged}
    for kind, rpo in known.items():
        promised = wanted.rpo.get(kind) or wanted.rpo.get("*")
        for what, kind_of_objective in RPO_KINDS.items():
            limit = None if promised is None else getattr(promised, what)
            if limit is None:
                continue
            measured: int = getattr(rpo, what)
            if what == "stale" and not shown.get(kind):
                why = f"no journey noted what it was shown of kind {kind} (user.saw), so nothing is known"
                yield Objective(f"stale, {rpo.store}", "stale", limit, None, "writes", False, why)
                continue
            words = f"{measured} {'answers' if what == 'stale' else 'writes'} {what.replace('_', ' ')}"
            why = f"{words} of {rpo.acknowledged} acknowledged; {limit} may be"
            name = f"{'RPO' if what == 'lost' else what.replace('_', ' ')}, {rpo.store}"
            yield Objective(name, kind_of_objective, limit, measured, "writes", measured <= limit, why)
    missing = sorted(wanted.rpo.keys() - known.keys() - {"*"})
    if "*" in wanted.rpo and not known:
        missing.append("*")
    for kind in missing:
        why = f"no write of {'any kind' if kind == '*' else f'kind {kind}'} was acknowledged, so nothing is known"
        yield Objective(f"RPO, {kind}", "rpo", 0, None, "writes", False, why)


def other_objectives(
    wanted: file.Objectives,
    attempts: Sequence[Attempt],
    budget: ErrorBudget | None,
    converge_s: float | None,
    *,
    disturbed: bool,
) -> Iterator[Objective]:
    """Availability, error budget, convergence. `disturbed`: whether any fault began."""
    failed = sum(not one.ok for one in attempts)
    if wanted.availability is not None:
        share = 1 - failed / len(attempts) if attempts else 0.0
        why = f"{failed} of {len(attempts)} requests failed" if attempts else "there was no request to judge by"
        held = bool(attempts) and share >= wanted.availability
        yield Objective("availability", "availability", wanted.availability, share, "share", held, why)
    if wanted.error_budget is not None and budget is not None:
        limit = wanted.error_budget.spend_at_most
        why = f"{requests_failed(budget.failed)} of {budget.allowed:,.1f} that may in {duration(budget.window_s)}"
        yield Objective("error budget", "error-budget", limit, budget.spent, "share", budget.spent <= limit, why)
    if wanted.converge_s is not None:
        why = (
            "no fault began, so how long converging takes is not known"
            if not disturbed
            else "the regions were not seen with everything that the others had"
            if converge_s is None
            else f"every replica had everything {converge_s:.1f} s after the last fault was over"
        )
        held = converge_s is not None and converge_s <= wanted.converge_s
        yield Objective("converge", "converge", wanted.converge_s, converge_s, "s", held, why)


def error_budget(wanted: file.Budget, attempts: Sequence[Attempt], duration_s: float) -> ErrorBudget:
    """What may fail in the window at this game day's rate, and what did."""
    window_s = wanted.window_s or duration_s
    failed = sum(not one.ok for one in attempts)
    allowed = (1 - wanted.availability) * len(attempts) * window_s / duration_s
    spent = failed / allowed if allowed else float(failed > 0)
    return ErrorBudget(wanted.availability, window_s, allowed, failed, spent)


def steady_checks(probes: Sequence[file.SteadyState], seen: Observed) -> Iterator[Check]:
    """Every probe in every phase."""
    for probe in probes:
        for phase in seen.phases:
            match probe:
                case file.Availability():
                    yield _availability(probe, phase, seen)
                case file.Latency():
                    yield _latency(probe, phase, seen.attempts)
                case file.Lag():
                    yield _lag(probe, phase, seen.lag)
                case _:
                    samples = [one for one in seen.probes if one.probe == probe.title()]
                    yield _asked(probe, phase, samples)


def must_hold(probes: Sequence[file.SteadyState], check: Check) -> bool:
    """Whether a steady state that does not hold in this phase fails the game day."""
    return check.phase != "during" or any(probe.during for probe in probes if probe.title() == check.name)


def _chosen(cities: tuple[str, ...], phase: Phase, attempts: Sequence[Attempt]) -> list[Attempt]:
    return [one for one in in_phase(attempts, phase) if not cities or one.city in cities]


def _availability(probe: file.Availability, phase: Phase, seen: Observed) -> Check:
    began_s = [fault.began_s for fault in seen.faults if fault.began_s is not None]
    chosen = [
        one
        for one in _chosen(probe.cities, phase, seen.attempts)
        if (not probe.hosts or one.host in probe.hosts)
        and not any(at_s - LATE_S <= one.intended_s < at_s + probe.failover_s for at_s in began_s if probe.failover_s)
    ]
    wanted = f"at least {probe.at_least:.4%}"
    if not chosen:
        return Check(probe.title(), phase.name, wanted, "nothing", False, "there was no request to judge by")
    failed = sum(not one.ok for one in chosen)
    share = 1 - failed / len(chosen)
    why = f"{failed} of {len(chosen)} requests failed" if failed else ""
    return Check(probe.title(), phase.name, wanted, f"{share:.4%}", share >= probe.at_least, why)


def _latency(probe: file.Latency, phase: Phase, attempts: Sequence[Attempt]) -> Check:
    chosen = _chosen(probe.cities, phase, attempts)
    measured = percentile(sorted(one.latency_ms for one in chosen), probe.percentile / 100)
    wanted = f"at most {probe.at_most_ms:g} ms"
    if measured is None:
        return Check(probe.title(), phase.name, wanted, "nothing", False, "there was no request to judge by")
    return Check(probe.title(), phase.name, wanted, f"{measured:.1f} ms", measured <= probe.at_most_ms)


def _lag(probe: file.Lag, phase: Phase, lag: Sequence[LagSeries]) -> Check:
    worst, pair = -1.0, ""
    for series in lag:
        if probe.store and series.store.partition(":")[2] != probe.store:
            continue
        samples = zip(series.at_s, series.lag_ms, strict=True)
        ordered = sorted(ms for at_s, ms in samples if ms is not None and phase.begin_s <= at_s < phase.end_s)
        measured = percentile(ordered, probe.percentile / 100)
        if measured is not None and measured > worst:
            worst, pair = measured, f"{series.from_region} -> {series.to_region}, {series.store}"
    wanted = f"at most {probe.at_most_ms:g} ms"
    if not pair:
        return Check(probe.title(), phase.name, wanted, "nothing", False, "no replica applied a write")
    return Check(probe.title(), phase.name, wanted, f"{worst:.1f} ms", worst <= probe.at_most_ms, pair)


def _asked(probe: file.Active, phase: Phase, samples: Sequence[ProbeSample]) -> Check:
    its = [one for one in samples if phase.begin_s <= one.at_s < phase.end_s]
    if not its:
        return Check(probe.title(), phase.name, "holds every time", "never asked", False, "the phase is too short")
    failed = [one for one in its if not one.held]
    why = f"at {failed[0].at_s:.1f} s: {failed[0].measured}" if failed else ""
    measured = f"held {len(its) - len(failed)} of {len(its)} times"
    return Check(probe.title(), phase.name, "holds every time", measured, not failed, why)


def duration(seconds: float) -> str:
    """A time as people say it."""
    for name, size in (("days", 86400.0), ("hours", 3600.0), ("minutes", 60.0)):
        if seconds >= 2 * size:
            return f"{seconds / size:g} {name}"
    return f"{seconds:.0f} s"
