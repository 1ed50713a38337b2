"""What one look at the world saw: plain values that go to the pages as they are."""

from typing import Any

import msgspec


class Traffic(msgspec.Struct, frozen=True, array_like=True):
    """Requests of a city that one site answered in one whole second (edge/visits.py)."""

    second: int
    """Unix seconds; in a replay the beginning of the bucket."""
    city: str
    site: str | None
    """None: nobody answered."""
    good: int
    failed: int
    tunnels: int
    """TLS connections that were opened; what was asked in them is the user's secret."""
    took_ms: float
    """All together."""


class Lag(msgspec.Struct, frozen=True, array_like=True):
    """How far a region is behind another one: its worst store's lag, and what waits in all stores together."""

    from_region: str
    to_region: str
    store: str
    """The one that is behind the most: "dynamodb:orders"."""
    lag_ms: float | None
    """Of the last write that was applied; None: none yet, or cut off."""
    backlog: int | None
    """Records; None while cut off."""


class Told(msgspec.Struct, frozen=True):
    """What the name server tells a city from this moment on."""

    city: str
    name: str
    values: list[str]
    regions: list[str]
    """Whose addresses those are; none where they are a data plane's."""
    at_s: float | None = None
    """Where it is known better than by the moment."""


class Check(msgspec.Struct, frozen=True):
    """A health check as it is now."""

    id: str
    target: str
    region: str | None
    """The region whose health it tells, where that is known."""
    healthy: bool
    why: str
    inverted: bool = False


class Moment(msgspec.Struct, frozen=True, omit_defaults=True):
    """One second of a world. What is a list of changes holds those since the look before."""

    number: int
    """Counts from 1; the stream's event id."""
    at_s: float
    """Unix seconds."""
    answered: bool = True
    """Whether control answered; if not, nothing is known of the regions."""
    regions: dict[str, str] = {}
    """Region -> status, as `panregion status` has it."""
    outside: dict[str, str] = {}
    """Service outside every region -> status."""
    faults: list[dict[str, Any]] = []
    """Those that are live: {id, description, began_s, fault}."""
    links: list[dict[str, Any]] = []
    """Links that are not as distance made them: {from, to, cut, one_way_ms, delay_ms_extra, loss, ...}."""
    lag: list[Lag] = []
    """Of the pairs of regions that replicate, those that are behind the most first; PAIRS_MAX at most."""
    traffic: list[Traffic] = []
    """Of the whole seconds since the look before."""
    health: list[dict[str, Any]] = []
    """Changes of health checks: {time, health_check, site, healthy, why}; site None: the check as a whole."""
    checks: list[Check] | None = None
    """All health checks, where they are others than they were."""
    dns: list[Told] = []
    """DNS answers that are others than they were."""
    ended: list[dict[str, Any]] = []
    """Faults that ended since: {id, description, began_s, undone_s, ended_s}."""
    notes: list[dict[str, str]] = []
    """What was done by way of the console: {text, command}."""


def folded(before: Moment | None, last: Moment) -> Moment:
    """All that is known after `last`, as one moment: of changes that are older, how they left things."""
    if before is None:
        return msgspec.structs.replace(last, traffic=[], health=[], ended=[], notes=[])
    told = {(one.city, one.name): one for one in [*before.dns, *last.dns]}
    checks = before.checks if last.checks is None else last.checks
    return msgspec.structs.replace(
        last, dns=list(told.values()), checks=checks, traffic=[], health=[], ended=[], notes=[]
    )
