"""What is read, in which batches, and who takes them. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from panregion.languages.patterns import Pattern
from panregion.store import Key

Json = dict[str, Any]

UNTIL_EXPIRED = -1
CONCURRENT_BATCHES = 5
"""Of a queue where nothing is said: what AWS begins with."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A queue or stream and how it is read. `retries` and `age_s` are those of streams; UNTIL_EXPIRED: no limit of
    their own. `cursors` begins the keys under which the places in a stream are kept, a row per shard."""

    arn: str
    batch: int
    window_s: int = 0
    patterns: Sequence[Pattern] = ()
    parallel: int = 1
    bisect: bool = False
    retries: int = UNTIL_EXPIRED
    age_s: int = UNTIL_EXPIRED
    concurrency: int = CONCURRENT_BATCHES
    not_before_s: float | None = None
    """Records that are older are passed over (a reading that started at LATEST), epoch seconds."""
    cursors: Key = ()
    tumbling_s: int = 0
    """How long a tumbling window is; 0: none (windows.py)."""
    windows: Key = ()
    """Begins the keys under which the windows that are open are kept, a row per shard."""

    @property
    def is_queue(self) -> bool:
        return self.arn.split(":", 5)[2] == "sqs"


class Taken(NamedTuple):
    """What came of a batch."""

    failed: list[str] | None
    """Identifiers of the records that failed, in the batch's order; None: all of it."""
    error: str = ""
    """The kind of a failure, as the taker's own words have it."""
    state: bytes = b""
    """What the taker wants to be given with the next batch of the same window: JSON."""


class Taker(Protocol):
    """Whom the records are for."""

    async def take(self, records: list[Json]) -> Taken:
        """Do a batch. Raises AwsError where nobody can be given anything: the reader ends, and begins again later."""

    async def give_up(self, shard: str, records: list[Json], condition: str, tried: int, taken: Taken | None) -> None:
        """Records of a stream will not be tried again; `taken` is what came of them last, if they were tried."""


class WindowTaker(Taker, Protocol):
    """Whom the records of windows are for."""

    async def take_window(self, records: list[Json], window: Json) -> Taken:
        """Do a batch; `window` says of which window, with the state that the batch before left."""
