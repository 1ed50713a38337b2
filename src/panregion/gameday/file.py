"""gameday.yaml: what a game day is made of. A frozen value; reading.py makes one from a file.

The descriptions here are what an editor shows: schemas/gameday.json beside this file is made from them, and a test
keeps the two in step. Seconds of faults count from the end of the first steady phase.
"""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from panregion.gameday.load import Arrivals

Positive = Annotated[float, Meta(gt=0)]
NotNegative = Annotated[float, Meta(ge=0)]
Share = Annotated[float, Meta(ge=0, le=1)]
City = Annotated[str, Meta(min_length=1, description="a city of the world, such as london: `panregion dig --from`")]


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What all parts of the file have in common: a key that is not known is refused."""


class WorldPart(Part, frozen=True, kw_only=True):
    """The world to run in, where none runs in this folder; what is not given is as in panregion.toml."""

    regions: Annotated[tuple[str, ...], Meta(description="the first is the primary one")] = ()
    health_check_scale: Annotated[
        float | None, Meta(description="health checks run at this share of their interval; 1 is as on AWS")
    ] = None


class Stack(Part, frozen=True, kw_only=True):
    """A template to deploy before the game day begins; nothing changes where the stack is there already."""

    template: Annotated[str, Meta(description="CloudFormation or SAM, relative to this file")]
    name: Annotated[str, Meta(pattern="^[a-zA-Z][-a-zA-Z0-9]*$")]
    regions: Annotated[tuple[str, ...], Meta(description="all of the world's otherwise, the primary one first")] = ()
    parameters: dict[str, str] = {}


class Users(Part, frozen=True, kw_only=True):
    """Users of one city, and what they do."""

    city: City
    rate_s: Annotated[float, Meta(gt=0, le=2000, description="journeys begun per second")]
    journey: Annotated[
        str | None, Meta(description="module:function, an async function of one user, in a file beside this one")
    ] = None
    get: Annotated[str | None, Meta(description="a URL to read, in place of a journey")] = None
    arrivals: Annotated[
        Arrivals, Meta(description="poisson: gaps as of independent people; constant: all gaps the same")
    ] = "poisson"
    patience_s: Annotated[float, Meta(gt=0, le=60, description="how long a user waits for an answer")] = 3.0


class Store(Part, frozen=True, kw_only=True):
    """Where acknowledged writes of one kind lie, for the built-in check at the end."""

    table: Annotated[str, Meta(description="a DynamoDB table, global or not")]
    key: Annotated[str, Meta(description="the attribute that holds the acknowledged id: the table's partition key")]
    regions: Annotated[tuple[str, ...], Meta(description="where it should be; everywhere otherwise")] = ()
    arrive_s: Annotated[
        float, Meta(ge=0, le=3600, description="how long the last writes may take to be in all of them")
    ] = 5.0


class Probe(Part, frozen=True, kw_only=True):
    """What every probe has."""

    name: Annotated[str, Meta(description="for reports; made of what it measures otherwise")] = ""
    during: Annotated[bool, Meta(description="whether it must hold while faults last, too")] = False


class Availability(Probe, frozen=True, kw_only=True, tag_field="kind", tag="availability"):
    """The share of users' requests that are good."""

    at_least: Share
    cities: tuple[City, ...] = ()
    hosts: Annotated[tuple[str, ...], Meta(description="only requests to these; to all otherwise")] = ()
    failover_s: Annotated[
        NotNegative, Meta(description="requests meant to begin so soon after a fault began do not count")
    ] = 0.0

    def title(self) -> str:
        return self.name or "availability" + _of((*self.cities, *self.hosts))


class Latency(Probe, frozen=True, kw_only=True, tag_field="kind", tag="latency"):
    """A percentile of users' latencies, from the moment a request was meant to begin, by city."""

    at_most_ms: Positive
    percentile: Annotated[float, Meta(gt=0, le=100)] = 99
    cities: tuple[City, ...] = ()

    def title(self) -> str:
        return self.name or f"p{self.percentile:g}" + _of(self.cities)


class Lag(Probe, frozen=True, kw_only=True, tag_field="kind", tag="lag"):
    """How old writes were when replicas applied them: the worst pair of regions, a percentile of the samples."""

    at_most_ms: Positive
    percentile: Annotated[float, Meta(gt=0, le=100)] = 99
    store: Annotated[str, Meta(description="a table; all otherwise")] = ""

    def title(self) -> str:
        return self.name or f"replication lag p{self.percentile:g}" + _of((self.store,) if self.store else ())


class Http(Probe, frozen=True, kw_only=True, tag_field="kind", tag="http"):
    """A request of one's own, asked again and again from a city."""

    url: str
    city: City
    status: int = 200
    contains: Annotated[str, Meta(description="what the answer's body must contain")] = ""
    at_most_ms: Annotated[float, Meta(gt=0)] | None = None

    def title(self) -> str:
        return self.name or f"GET {self.url} from {self.city}"


class Command(Probe, frozen=True, kw_only=True, tag_field="kind", tag="command"):
    """A command line, run in this file's folder with the world's endpoint, keys and authority in its environment."""

    run: Annotated[str, Meta(min_length=1, description="holds if it exits with 0")]
    contains: Annotated[str, Meta(description="what its output must contain")] = ""
    region: Annotated[str, Meta(description="AWS's tools speak to this region; to the front door otherwise")] = ""
    timeout_s: Annotated[float, Meta(gt=0, le=600)] = 10.0

    def title(self) -> str:
        return self.name or self.run


class CloudWatch(Probe, frozen=True, kw_only=True, tag_field="kind", tag="cloudwatch"):
    """A figure of CloudWatch in a region: the newest datapoint of two windows; give one bound at least."""

    region: str
    namespace: str
    metric: str
    statistic: Literal["Average", "Sum", "Minimum", "Maximum", "SampleCount"] = "Average"
    dimensions: dict[str, str] = {}
    window_s: Annotated[int, Meta(ge=60, multiple_of=60, description="a multiple of 60")] = 60
    at_least: float | None = None
    at_most: float | None = None

    def title(self) -> str:
        return self.name or f"{self.statistic} of {self.namespace} {self.metric} in {self.region}"


Active = Http | Command | CloudWatch
SteadyState = Availability | Latency | Lag | Http | Command | CloudWatch


class Action(Part, frozen=True, kw_only=True):
    """What people do to the world while users are there, by command lines; one after another, in the file's order."""

    name: Annotated[str, Meta(min_length=1, description="a short sentence, for reports")]
    run: Annotated[str, Meta(min_length=1, description="fails the game day if it does not exit with 0")]
    at_s: Annotated[NotNegative, Meta(description="or when the action before it is over")] = 0.0
    for_s: Annotated[float, Meta(gt=0, description="when it is undone")] | None = None
    undo: Annotated[str, Meta(description="the command line that undoes it; also if the game day is stopped")] = ""
    sites: Annotated[tuple[str, ...], Meta(description="regions and cities that it is about, for reports")] = ()
    timeout_s: Annotated[float, Meta(gt=0, le=3600)] = 300.0


class Timeline(Part, frozen=True, kw_only=True):
    """How long each part of the game day lasts. Faults have the time between `before_s` and `recover_s`."""

    warm_up_s: Annotated[
        float, Meta(ge=0, description="users arrive, but do not count yet: functions start, caches fill")
    ] = 0.0
    before_s: Annotated[float, Meta(gt=0, description="steady state before anything is done")] = 10.0
    faults_s: Annotated[float, Meta(gt=0, description="when faults end whose plans do not say for how long")] = 30.0
    recover_s: Annotated[float, Meta(ge=0, description="after the last fault, before the state must be steady")] = 10.0
    after_s: Annotated[float, Meta(gt=0, description="steady state after that")] = 10.0

    @property
    def faults_from_s(self) -> float:
        """When the plans of faults begin to count."""
        return self.warm_up_s + self.before_s


class Rpo(Part, frozen=True, kw_only=True):
    """How many writes may fare badly, of one kind. What is not given is not promised."""

    lost: Annotated[int, Meta(ge=0, description="not to be found at the end")] | None = None
    missing_while_away: Annotated[int, Meta(ge=0)] | None = None
    overwritten: Annotated[int, Meta(ge=0, description="replaced by a write that had not seen it")] | None = None
    stale: Annotated[int, Meta(ge=0, description="answers older than what had been acknowledged")] | None = None
    duplicated: Annotated[int, Meta(ge=0)] | None = None


class Budget(Part, frozen=True, kw_only=True):
    """An error budget: what may fail in a window, and how much of that this game day may spend."""

    availability: Annotated[float, Meta(gt=0, lt=1, description="such as 0.999")]
    window_s: Annotated[float, Meta(gt=0, description="such as 2592000, 30 days; the game day otherwise")] | None = None
    spend_at_most: Annotated[float, Meta(ge=0, description="1 is all of it")] = 1.0


class Objectives(Part, frozen=True, kw_only=True):
    """What is promised. The game day fails if one of these is missed."""

    rto_s: Annotated[
        float | dict[str, float] | None,
        Meta(description="how long a city may be without service after a fault: one figure, or one by city"),
    ] = None
    rto_of: Annotated[Literal["steady", "first-success"], Meta(description="when a city counts as served again")] = (
        "steady"
    )
    rpo: Annotated[
        dict[str, Rpo], Meta(description='by kind of write, as the journey names it; "*" is every other')
    ] = {}
    availability: Annotated[float, Meta(ge=0, le=1, description="over the whole game day")] | None = None
    error_budget: Budget | None = None
    converge_s: (
        Annotated[float, Meta(gt=0, description="after the last fault, until every replica has everything")] | None
    ) = None


class GameDay(Part, frozen=True, kw_only=True):
    """A game day."""

    name: Annotated[str, Meta(min_length=1)]
    description: str = ""
    like: Annotated[
        str, Meta(description="another such file, beside this one: what is not said here is as it says")
    ] = ""
    folder: Annotated[
        str, Meta(description="where journeys, templates and commands are, relative to this file; beside it otherwise")
    ] = ""
    short: Annotated[dict[str, Any], Meta(description="what is said instead with --short: keys of this file")] = {}
    seed: Annotated[int, Meta(description="decides arrivals and what is random in faults; runs with one are alike")] = 1
    world: WorldPart = WorldPart()
    stacks: tuple[Stack, ...] = ()
    prepare: Annotated[
        tuple[str, ...], Meta(description="command lines, run once the stacks are there, before anybody comes")
    ] = ()
    users: tuple[Users, ...] = ()
    stores: Annotated[
        dict[str, Store], Meta(description="where acknowledged writes lie, by the kind that the journey names")
    ] = {}
    steady_state: tuple[SteadyState, ...] = ()
    timeline: Timeline = Timeline()
    faults: Annotated[
        tuple[Any, ...],
        Meta(description="what goes wrong, and when; $primary, $secondary, $third are regions, [$regions] is all"),
    ] = ()
    actions: tuple[Action, ...] = ()
    objectives: Objectives = Objectives()
    in_the_end: Annotated[tuple[Active, ...], Meta(description="what must be true once everything is over")] = ()
    verify: Annotated[
        str | None,
        Meta(
            description="module:function of the ledger, the regions and, if it takes three, how to ask from a city, "
            "which returns findings"
        ),
    ] = None


def _of(names: tuple[str, ...]) -> str:
    return f", {', '.join(names)}" if names else ""
