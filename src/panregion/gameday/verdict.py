"""The verdict: what a game day cost, by whom it was felt, and whether what was promised held. Pure.

What is measured, and how far it can be trusted:

**Time.** One axis: seconds since the game day began, by a clock that never goes back, so skewed regions do not bend it.
A request belongs to the moment at which it was meant to begin; a system that stalls is charged for the requests that
stood in line (load.py). Users' requests are the sampling: what is said of an outage is true to within the gap between
two of a city's requests, so rates decide how sharp the figures are, and DNS and health are sampled a few times a second
(observe.py).

**RTO** is split, for each city and fault (outage.py): when service was *lost*, when that was *detected* by a health
check, when users were *rerouted* by DNS, when the *first success* came, and from when on the state was *steady*: as
good as asked for (or without a failure, if nothing is asked for) until the fault was over. The time from lost to steady
is what an objective means, unless it says otherwise, for one good answer in the middle of an outage is no recovery. A
city that no failed request belongs to was not touched, and its RTO is 0.

**RPO** comes from the users' side alone: a ledger of what the application acknowledged, compared at the end with what
is there (stores.py, stale.py, and the file's own `verify`). *Lost*: not to be found where it should be, once everything
is over and replicas had time to converge. *Missing while away*: not to be found in the surviving regions soon after a
fault began, but there at the end: what users of an asynchronous replica live without in the meantime. *Overwritten*:
replaced by a write that had not seen it; AWS drops it in silence, here both ledgers show it. *Stale*: an answer older
than what had been promised before it was asked for. *Duplicated*: only the application can tell.

**Blast radius**: the requests that failed from the first fault on, the cities that felt it, and the longest time that
one of them had no good answer. **Error budget**: the failed requests as a share of those that may fail in a window at
this rate. **Time to converge**: from the end of the last fault until every replica followed every peer with an empty
backlog, which is seen by sampling too.

**Held** is true only if every objective, every steady state outside faults (inside, where the file says so), everything
that must be true in the end, and the game day itself held: faults that could not be injected or undone, journeys that
raise, checks that could not be made, or users who sent nothing make a verdict that nobody should trust, so they fail.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from panregion.gameday import objectives as judge
from panregion.gameday import result as r
from panregion.gameday.attempts import Attempt
from panregion.gameday.file import Availability, GameDay, Users
from panregion.gameday.ledger import Finding
from panregion.gameday.observed import Observed
from panregion.gameday.outage import longest_outage_s, rto_of
from panregion.gameday.series import bucket_s, city_series, in_phase, summary

WRITES_LISTED = 1000
VERDICT_ORDER: tuple[r.WriteVerdict, ...] = ("lost", "overwritten", "duplicated", "missing-while-away", "stale")


def verdict(game: GameDay, seen: Observed) -> r.Result:
    """Judge what was seen by what the game day's file promises."""
    seen.attempts.sort(key=lambda one: one.intended_s)
    by_city = _by_city(game.users, seen.attempts)
    rto = list(_rto(game, seen, by_city))
    rpo = _rpo(game, seen)
    counted = [one for one in seen.attempts if one.intended_s >= seen.phases[0].begin_s]
    budget = _budget(game, seen, counted)
    converge_s = _converge(seen)
    held_to = _held_to(game, seen, counted, rto, rpo, budget, converge_s)
    steady = list(judge.steady_checks(game.steady_state, seen))
    in_the_end = _in_the_end(game, seen)
    why_not = list(_why_not(game, seen, by_city, held_to, steady, in_the_end))
    writes = _writes(game, seen.findings)
    size_s = bucket_s(seen.duration_s)
    return r.Result(
        name=game.name,
        description=game.description,
        held=not why_not,
        why_not=why_not,
        began_s=seen.began_s,
        duration_s=seen.duration_s,
        seed=seen.seed,
        regions=seen.regions,
        health_check_scale=seen.health_check_scale,
        bucket_s=size_s,
        phases=seen.phases,
        cities=[
            city_series(city, what(game.users, city), rate(game.users, city), attempts, size_s, seen.duration_s)
            for city, attempts in by_city.items()
        ],
        summaries=list(_summaries(seen, by_city)),
        faults=seen.faults,
        health=seen.health,
        dns=seen.dns,
        region_states=seen.region_states,
        lag=seen.lag,
        steady_state=steady,
        objectives=held_to,
        in_the_end=in_the_end,
        rto=rto,
        rpo=list(rpo.values()),
        writes=writes[:WRITES_LISTED],
        writes_left_off=max(0, len(writes) - WRITES_LISTED),
        blast_radius=_blast_radius(seen, by_city),
        error_budget=budget,
        converge_s=converge_s,
        notes=[*seen.notes, *_unexplained(seen), *_reasons(seen.attempts)],
        cost=seen.cost,
        repeat=r.Repeat(seen.command, seen.seed, seen.text),
    )


def _budget(game: GameDay, seen: Observed, counted: Sequence[Attempt]) -> r.ErrorBudget | None:
    """What was spent of the error budget, where one was promised and anybody asked for anything."""
    if game.objectives.error_budget is None or not counted:
        return None
    return judge.error_budget(game.objectives.error_budget, counted, seen.duration_s - seen.phases[0].begin_s)


def _held_to(
    game: GameDay,
    seen: Observed,
    counted: Sequence[Attempt],
    rto: Sequence[r.Rto],
    rpo: dict[str, r.StoreRpo],
    budget: r.ErrorBudget | None,
    converge_s: float | None,
) -> list[r.Objective]:
    """Every objective of the file, and whether it held."""
    promised, disturbed = game.objectives, any(fault.began_s is not None for fault in seen.faults)
    return [
        *judge.rto_objectives(promised, rto, {fault.id: fault.text for fault in seen.faults}),
        *judge.rpo_objectives(promised, rpo, seen.shown),
        *judge.other_objectives(promised, counted, budget, converge_s, disturbed=disturbed),
    ]


def _by_city(users: Sequence[Users], attempts: Sequence[Attempt]) -> dict[str, list[Attempt]]:
    by_city: dict[str, list[Attempt]] = {one.city: [] for one in users}
    for attempt in attempts:
        by_city.setdefault(attempt.city, []).append(attempt)
    return by_city


def what(users: Sequence[Users], city: str) -> str:
    """What a city's users do, in the file's words."""
    return ", ".join(one.journey or f"GET {one.get}" for one in users if one.city == city)


def rate(users: Sequence[Users], city: str) -> float:
    """Journeys begun per second in a city."""
    return sum(one.rate_s for one in users if one.city == city)


def wanted_share(game: GameDay, city: str) -> float:
    """The share of good requests from which on a city counts as served: what the steady state asks, else all."""
    asked = [
        probe.at_least
        for probe in game.steady_state
        if isinstance(probe, Availability) and not probe.hosts and (not probe.cities or city in probe.cities)
    ]
    return max(asked, default=1.0)


def _rto(game: GameDay, seen: Observed, by_city: dict[str, list[Attempt]]) -> Iterator[r.Rto]:
    for city, attempts in by_city.items():
        for fault in seen.faults:
            if fault.began_s is not None:
                share = wanted_share(game, city)
                yield rto_of(city, fault, seen.faults, attempts, seen.health, seen.dns, share, seen.duration_s)


def _rpo(game: GameDay, seen: Observed) -> dict[str, r.StoreRpo]:
    """By kind of write."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    lost_at: defaultdict[str, list[float]] = defaultdict(list)
    for finding in seen.findings:
        counts[finding.kind][finding.verdict] += 1
        if finding.verdict == "lost":
            lost_at[finding.kind].append(finding.at_s)
    kinds = [*seen.acknowledged, *(kind for kind in counts if kind not in seen.acknowledged)]
    return {
        kind: r.StoreRpo(
            store=store_of(game, kind),
            acknowledged=seen.acknowledged.get(kind, 0),
            lost=counts[kind]["lost"],
            missing_while_away=counts[kind]["missing-while-away"],
            overwritten=counts[kind]["overwritten"],
            stale=counts[kind]["stale"],
            duplicated=counts[kind]["duplicated"],
            window_s=max(lost_at[kind]) - min(lost_at[kind]) if lost_at[kind] else None,
        )
        for kind in kinds
    }


def store_of(game: GameDay, kind: str) -> str:
    """The store that a kind of write lies in, as reports name it; the kind itself where the file names none."""
    return f"dynamodb:{game.stores[kind].table}" if kind in game.stores else kind


def _writes(game: GameDay, findings: Sequence[Finding]) -> list[r.WriteFinding]:
    ordered = sorted(findings, key=lambda one: (VERDICT_ORDER.index(one.verdict), one.at_s))
    return [
        r.WriteFinding(
            store=store_of(game, one.kind),
            key=one.id,
            verdict=one.verdict,
            city=one.city,
            acknowledged_s=one.at_s,
            digest=one.digest,
            regions=list(one.regions),
            detail=one.detail,
        )
        for one in ordered
    ]


def _converge(seen: Observed) -> float | None:
    ends = [fault.ended_s for fault in seen.faults if fault.ended_s is not None]
    if seen.converged_s is None or not ends:
        return None
    return round(max(0.0, seen.converged_s - max(ends)), 3)


def _summaries(seen: Observed, by_city: dict[str, list[Attempt]]) -> Iterator[r.Summary]:
    for phase in seen.phases:
        yield summary("", phase, in_phase(seen.attempts, phase))
        for city, attempts in by_city.items():
            yield summary(city, phase, in_phase(attempts, phase))


def _blast_radius(seen: Observed, by_city: dict[str, list[Attempt]]) -> r.BlastRadius:
    """From the first fault on."""
    begun = [fault.began_s for fault in seen.faults if fault.began_s is not None]
    since_s = min(begun, default=seen.duration_s)
    after = {city: [one for one in attempts if one.ended_s > since_s] for city, attempts in by_city.items()}
    requests = sum(map(len, after.values()))
    failed = {city: sum(not one.ok for one in attempts) for city, attempts in after.items()}
    return r.BlastRadius(
        requests=requests,
        failed=sum(failed.values()),
        share=sum(failed.values()) / requests if requests else 0.0,
        cities=list(by_city),
        cities_touched=[city for city, count in failed.items() if count],
        longest_outage_s=round(max(map(longest_outage_s, after.values()), default=0.0), 3),
    )


def _in_the_end(game: GameDay, seen: Observed) -> list[r.Check]:
    """What the last asking of each probe said."""
    checks = []
    for probe in game.in_the_end:
        last = [one for one in seen.probes if one.probe == probe.title() and one.at_s >= seen.phases[-1].end_s]
        if last:
            checks.append(r.Check(probe.title(), "end", "holds", last[-1].measured, last[-1].held))
        else:
            checks.append(r.Check(probe.title(), "end", "holds", "nothing", False, "it was not asked at the end"))
    return checks


def _why_not(
    game: GameDay,
    seen: Observed,
    by_city: dict[str, list[Attempt]],
    objectives: Sequence[r.Objective],
    steady: Sequence[r.Check],
    in_the_end: Sequence[r.Check],
) -> Iterator[str]:
    yield from seen.troubles
    yield from (f"{city} sent no request" for city, attempts in by_city.items() if not attempts)
    if not by_city:
        yield "nobody sent a request"
    yield from (f"{fault.text}: {fault.problem}" for fault in seen.faults if fault.problem)
    yield from (f"{one.name}: {one.why}" for one in objectives if not one.held)
    for check in steady:
        if not check.held and judge.must_hold(game.steady_state, check):
            yield f"{check.name} {check.phase} faults: {check.measured}, wanted {check.wanted}{_because(check.why)}"
    for check in in_the_end:
        if not check.held:
            yield f"in the end, {check.name}: {check.measured}{_because(check.why)}"


def _because(why: str) -> str:
    return f" ({why})" if why else ""


def _unexplained(seen: Observed) -> Iterator[str]:
    """Health checks that failed where no fault was: the figures are of users who were led astray by that, too."""
    touched = {site for fault in seen.faults for site in fault.sites}
    turned: dict[str, list[float]] = defaultdict(list)
    for change in seen.health:
        if change.site is None and not change.healthy and change.region is not None and change.region not in touched:
            turned[change.region].append(change.at_s)
    for region, times in turned.items():
        often = "once, at" if len(times) == 1 else f"{len(times)} times, first at"
        yield (
            f"{region} was held unhealthy {often} {times[0]:.1f} s, and no fault touched it: the application there "
            "suffered with the others, or the machine was too busy to answer health checks in time"
        )


def _reasons(attempts: Sequence[Attempt]) -> Iterator[str]:
    """The most frequent reasons why requests failed."""
    for reason, count in Counter(one.reason for one in attempts if not one.ok).most_common(5):
        yield f"{count} requests failed: {reason}"
