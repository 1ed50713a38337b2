"""What a game day found: one value, written as JSON, from which every report is made.

Times ending in `_s` are seconds since the game day began, unless a field says otherwise; `began_s` alone is Unix time.
Series have one number per bucket of `bucket_s` seconds, counted from the beginning; latencies are from the moment a
request was meant to begin, so a stalled system is not flattered by requests that could not be sent meanwhile
(coordinated omission). None is "not known" or "did not happen", never zero.

The JSON schema of this file is `schema()`; docs/gameday.md has it in words.
"""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

VERSION = 1

At = Annotated[float, Meta(description="seconds since the game day began")]
Since = Annotated[float, Meta(description="seconds since the fault began")]
PhaseName = Literal["before", "during", "after"]
WriteVerdict = Literal["lost", "missing-while-away", "overwritten", "stale", "duplicated"]


class Phase(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Before the first fault, until the last one is over, and after it."""

    name: PhaseName
    begin_s: At
    end_s: At


class CitySeries(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The requests that a city's users meant to begin in each bucket, and what became of them."""

    city: str
    journey: Annotated[str, Meta(description="what its users did: module:function, or GET url")]
    rate_s: Annotated[float, Meta(description="journeys begun per second")]
    good: list[int]
    failed: list[int]
    p50_ms: list[float | None]
    p95_ms: list[float | None]
    p99_ms: list[float | None]
    served_by: Annotated[
        dict[str, list[int]], Meta(description="region -> good requests it answered, where the application says so")
    ] = {}


class Summary(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A city's requests in one phase; `city` "" is everybody."""

    city: str
    phase: PhaseName
    requests: int
    failed: int
    availability: Annotated[float, Meta(description="share of requests that were good, 0 to 1")]
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    max_ms: float | None


class FaultSpan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A fault, as planned and as it was."""

    id: str
    kind: str
    text: Annotated[str, Meta(description="a short sentence for people, such as 'us-east-1 is killed'")]
    sites: Annotated[list[str], Meta(description="regions and other sites that it touches")]
    planned_at_s: At
    began_s: At | None
    ended_s: Annotated[float | None, Meta(description="when it was undone; null where it never was")]
    fault: Annotated[dict[str, Any], Meta(description="the fault itself, as gameday.yaml has it")]
    problem: Annotated[str, Meta(description="why it could not be injected or undone; empty otherwise")] = ""


class HealthChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A health check changed its mind: as a whole (`site` null), or one checker of it."""

    at_s: At
    check: str
    target: str
    region: Annotated[str | None, Meta(description="the region whose health it tells, where that is known")]
    site: str | None
    healthy: bool
    why: str


class DnsAnswer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the name server tells a city from this moment on; an entry per change."""

    at_s: At
    city: str
    name: str
    values: list[str]
    regions: Annotated[list[str], Meta(description="the regions whose addresses those are")]


class RegionState(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What control says of a region from this moment on; an entry per change."""

    at_s: At
    region: str
    status: str


class LagSeries(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far a replica is behind one of its peers, sampled; the three lists have one number per sample."""

    store: Annotated[str, Meta(description="such as dynamodb:orders")]
    from_region: str
    to_region: str
    at_s: list[At]
    lag_ms: list[float | None]
    backlog: list[int | None]


class Check(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A steady-state probe in one phase, or something that must be true in the end."""

    name: str
    phase: Literal["before", "during", "after", "end"]
    wanted: str
    measured: str
    held: bool
    why: str = ""


class Objective(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was promised, what was measured, and whether it holds. `measured` null: there was nothing to measure."""

    name: Annotated[str, Meta(description="such as 'RTO, new-york' or 'RPO, dynamodb:orders'")]
    kind: Literal["rto", "rpo", "overwritten", "stale", "availability", "latency", "converge", "error-budget"]
    wanted: float
    measured: float | None
    unit: Literal["s", "ms", "writes", "share"]
    held: bool
    why: str


class Rto(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long one city was without service because of one fault: from `lost_s` to `steady_s`."""

    city: str
    fault: Annotated[str, Meta(description="id of the fault")]
    touched: Annotated[bool, Meta(description="whether requests of its users failed because of it")]
    detected_s: Annotated[Since | None, Meta(description="a health check saw it")]
    rerouted_s: Annotated[Since | None, Meta(description="DNS first told this city something else")]
    first_success_s: Annotated[Since | None, Meta(description="the first good answer after the last outage's start")]
    steady_s: Annotated[Since | None, Meta(description="from here on as good as before the fault, to its end")]
    failed: Annotated[int, Meta(description="requests of the city that failed because of it, as far as can be told")]
    lost_s: Annotated[Since | None, Meta(description="the first request that failed was meant to begin")] = None


class StoreRpo(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What became of the writes that a store's users had been promised. Counts are of writes."""

    store: str
    acknowledged: int
    lost: Annotated[int, Meta(description="lost for good: in no region at the end")]
    missing_while_away: Annotated[int, Meta(description="not to be read while a region was away, there at the end")]
    overwritten: Annotated[int, Meta(description="replaced by a write that had not seen it")]
    stale: Annotated[int, Meta(description="reads that were answered with something older than was acknowledged")]
    duplicated: Annotated[int, Meta(description="there more than once")] = 0
    window_s: Annotated[
        float | None, Meta(description="from the oldest lost write to the newest: the RPO as time; null: none lost")
    ] = None


class WriteFinding(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One acknowledged write that is not as it was promised."""

    store: str
    key: str
    verdict: WriteVerdict
    city: str
    acknowledged_s: At
    digest: Annotated[str, Meta(description="SHA-256 of the acknowledged body, the first 16 hexadecimal digits")]
    regions: Annotated[list[str], Meta(description="where it was looked for and not found as promised")]
    detail: str = ""


class BlastRadius(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far it was felt, from the first fault on."""

    requests: int
    failed: int
    share: Annotated[float, Meta(description="failed of all requests, 0 to 1")]
    cities: list[str]
    cities_touched: list[str]
    longest_outage_s: Annotated[float, Meta(description="the longest time that one city had no good answer")]


class ErrorBudget(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may fail, and what did."""

    availability: Annotated[float, Meta(description="the objective, such as 0.999")]
    window_s: Annotated[float, Meta(description="the time the budget is for: the game day, or such as 30 days")]
    allowed: Annotated[float, Meta(description="requests that may fail in the window, at this game day's rate")]
    failed: int
    spent: Annotated[float, Meta(description="share of the budget: 1 is all of it")]


class Cost(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What watching cost, so that the observer can be told from the observed."""

    cpu_s: float
    cores: Annotated[float, Meta(description="cpu_s by the time it took: 0.1 is a tenth of a core")]
    requests_s: float
    begun_late_ms: Annotated[float, Meta(description="p99 of how much later than meant a request was sent")]


class Repeat(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How to do it again."""

    command: str
    seed: int
    file: Annotated[str, Meta(description="the game day's file, as it was")]


class Result(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A game day, from its beginning to its verdict."""

    name: str
    description: str
    held: Annotated[bool, Meta(description="every objective, every steady state outside faults, and the end")]
    why_not: Annotated[list[str], Meta(description="a line for each thing that did not hold")]
    began_s: Annotated[float, Meta(description="Unix time")]
    duration_s: float
    seed: int
    regions: list[str]
    health_check_scale: Annotated[float, Meta(description="1: checks run at their own interval")]
    bucket_s: float
    phases: list[Phase]
    cities: list[CitySeries]
    summaries: list[Summary]
    faults: list[FaultSpan]
    health: list[HealthChange]
    dns: list[DnsAnswer]
    region_states: list[RegionState]
    lag: list[LagSeries]
    steady_state: list[Check]
    objectives: list[Objective]
    in_the_end: list[Check]
    rto: list[Rto]
    rpo: list[StoreRpo]
    writes: Annotated[list[WriteFinding], Meta(description="lost and overwritten writes first; 1,000 at most")]
    writes_left_off: Annotated[int, Meta(description="how many more there are than `writes` lists")]
    blast_radius: BlastRadius
    error_budget: ErrorBudget | None
    converge_s: Annotated[
        float | None, Meta(description="from the end of the last fault until every replica had everything; null: never")
    ]
    notes: Annotated[list[str], Meta(description="what a reader must know: what could not be seen, and why")]
    cost: Cost
    repeat: Repeat
    version: int = VERSION


def to_json(result: Result) -> bytes:
    """The result as a file holds it."""
    return msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n"


def from_json(text: bytes) -> Result:
    """The result of a file. Raises msgspec.ValidationError, which names the place, or DecodeError."""
    return msgspec.json.decode(text, type=Result)


def schema() -> dict[str, Any]:
    """The JSON schema of a result."""
    return msgspec.json.schema(Result)
