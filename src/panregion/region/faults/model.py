"""The faults that a region has in itself, as values: what control tells it, whole, as one list.

control/faults has a file for each, which says in which region; the fields and what they may be are defined here.
"""

import re
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Share = Annotated[float, Meta(gt=0, le=1)]
"""Of all that could be struck, how much is."""
Delay = Annotated[float, Meta(ge=0, le=3_600_000)]
Positive = Annotated[float, Meta(gt=0, le=86_400)]


def kind_of(name: str) -> str:
    """A class's name as its kind: RegionKill is region-kill."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


class Within(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag=kind_of):
    """One fault inside a region."""

    region: str


class OfService(Within, frozen=True, kw_only=True):
    """A fault of one service's operations, by botocore's name of the service; "*" is every service.

    `operations` may hold patterns ("Get*"); none: all of them. Users' requests to deployed APIs, websites and load
    balancers are the operation "plane" of the service that answers them.
    """

    service: str
    operations: tuple[str, ...] = ()
    share: Share = 1.0


class ServiceError(OfService, frozen=True, kw_only=True):
    """Answers are errors: the service's own words for `how`, or the `code`, `message` and `status` that are given."""

    how: Literal["internal", "unavailable"] = "internal"
    code: str | None = None
    message: str | None = None
    status: Annotated[int, Meta(ge=400, le=599)] | None = None


class ServiceThrottle(OfService, frozen=True, kw_only=True):
    """Answers are what the service says to those who ask too often."""


class ServiceSlow(OfService, frozen=True, kw_only=True):
    """Answers come later, by `delay_ms` and up to `jitter_ms` more."""

    delay_ms: Delay
    jitter_ms: Delay = 0.0


class OfFunctions(Within, frozen=True, kw_only=True):
    """A fault of one Lambda function's invocations; "*" is every function."""

    function: str = "*"
    share: Share = 1.0


class FunctionError(OfFunctions, frozen=True, kw_only=True):
    """Invocations fail: with an error of the function's own, by running out of time, or by the end of the process.

    `after` has the function run first, so that what it does is done although its caller is told of an error.
    """

    how: Literal["error", "timeout", "exit"] = "error"
    after: bool = False


class FunctionSlow(OfFunctions, frozen=True, kw_only=True):
    """Invocations begin later."""

    delay_ms: Delay


class FunctionCold(OfFunctions, frozen=True, kw_only=True):
    """Invocations start an execution environment of their own."""


class ReplicationPause(Within, frozen=True, kw_only=True):
    """What other regions wrote is not taken over: a table's, or every table's; from one region, or from all."""

    table: str | None = None
    source: str | None = None


class DiskFull(Within, frozen=True, kw_only=True):
    """The region's folder takes `free_bytes` more, and then nothing."""

    free_bytes: Annotated[int, Meta(ge=0)] = 0


class StoreSyncFailure(Within, frozen=True, kw_only=True):
    """Syncing to disk fails: what was to be kept is refused, whole groups at a time."""

    share: Share = 1.0


class ClockSkew(Within, frozen=True, kw_only=True):
    """The region's clock is `skew_s` ahead (negative: behind), and gains `drift_ms_per_s` from then on."""

    skew_s: Annotated[float, Meta(ge=-1e9, le=1e9)] = 0.0
    drift_ms_per_s: Annotated[float, Meta(ge=-1000, le=1000)] = 0.0

    def __post_init__(self) -> None:
        if not self.skew_s and not self.drift_ms_per_s:
            raise ValueError("skew_s or drift_ms_per_s must be given, or the clock is right")


class ClockJump(Within, frozen=True, kw_only=True):
    """The region's clock jumps by `by_s` (negative: back), and after `every_s` jumps to where it was, and so on."""

    by_s: Annotated[float, Meta(ge=-1e9, le=1e9)]
    every_s: Positive = 10.0


class CpuLeak(Within, frozen=True, kw_only=True):
    """Processes of the region do nothing, as fast as they can."""

    processes: Annotated[int, Meta(ge=1, le=64)] = 1


RegionFault = (
    ServiceError
    | ServiceThrottle
    | ServiceSlow
    | FunctionError
    | FunctionSlow
    | FunctionCold
    | ReplicationPause
    | DiskFull
    | StoreSyncFailure
    | ClockSkew
    | ClockJump
    | CpuLeak
)  # fmt: skip
"""What stands in the list that a region is told."""
