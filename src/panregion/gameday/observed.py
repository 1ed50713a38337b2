"""All that was seen in a game day, before anybody has judged it: what the verdict is given."""

from dataclasses import dataclass, field

import msgspec

from panregion.gameday import result
from panregion.gameday.attempts import Attempt
from panregion.gameday.ledger import Finding


class ProbeSample(msgspec.Struct, frozen=True, gc=False):
    """What one probe of one's own said at one time."""

    probe: str
    at_s: float
    held: bool
    measured: str


@dataclass
class Observed:
    """Times are seconds since the game day began."""

    began_s: float
    """Unix time."""
    duration_s: float
    seed: int
    regions: list[str]
    health_check_scale: float
    attempts: list[Attempt]
    phases: list[result.Phase]
    faults: list[result.FaultSpan]
    health: list[result.HealthChange] = field(default_factory=list)
    dns: list[result.DnsAnswer] = field(default_factory=list)
    region_states: list[result.RegionState] = field(default_factory=list)
    lag: list[result.LagSeries] = field(default_factory=list)
    probes: list[ProbeSample] = field(default_factory=list)
    acknowledged: dict[str, int] = field(default_factory=dict)
    """Kind -> how many writes were acknowledged."""
    shown: dict[str, int] = field(default_factory=dict)
    """Kind -> how many answers were noted."""
    findings: list[Finding] = field(default_factory=list)
    converged_s: float | None = None
    """When every replica had everything, after the last fault was over."""
    troubles: list[str] = field(default_factory=list)
    """What kept the game day from being one: a journey that raised, a check that could not be made. None may be."""
    notes: list[str] = field(default_factory=list)
    cost: result.Cost = field(default_factory=lambda: result.Cost(0, 0, 0, 0))
    command: str = ""
    text: str = ""
    """The game day's file, as it was."""
