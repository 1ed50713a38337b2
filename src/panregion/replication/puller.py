"""The follower's side of one link: when to open a stream, when to give one up, what to do with what comes.
Pure.

    step(input) -> effects; `wake_at` says when to step with a Tick at the latest.

There is at most one stream per peer, for all feeds. The difficulty is a cut link: nothing fails, packets
just vanish, and neither a hanging connection nor a hanging connect ever says so.

  - A stream on which nothing came for `silence_s`, not even a heartbeat, is given up. (Not while frames
    wait to be applied: then it is this side that does not read.)
  - Attempts to open do not wait for each other. A new one starts every `attempt_every_s` while older ones
    may still be hanging, up to `attempts_max`; the first that is answered becomes the stream, the others
    are dropped. So a healed link is used within `attempt_every_s` and a round trip, and a link with a round
    trip of seconds still gets through.
  - A failure that is told at once (connection refused: the region is down) is retried with a delay that
    doubles up to `backoff_max_s`, with jitter, so that those who follow a region do not all come back in
    the same moment.

A change of what is wanted opens a new stream with the new set. Cursors are where the last transaction left
them, so what was on its way is sent again and applied once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from .frames import Batch, Frame, Gone, Passed


class Random(Protocol):
    def random(self) -> float: ...


@dataclass(frozen=True, kw_only=True)
class PullSettings:
    silence_s: float = 2.0
    attempt_every_s: float = 0.7
    attempt_timeout_s: float = 10.0
    attempts_max: int = 12
    backoff_min_s: float = 0.05
    backoff_max_s: float = 1.0
    acknowledge_every_s: float = 1.0

    def __post_init__(self) -> None:
        assert 0 < self.backoff_min_s <= self.backoff_max_s
        assert self.attempt_every_s * self.attempts_max >= self.silence_s
        assert self.attempts_max > 0


class Wanted(NamedTuple):
    """Follow these feeds from these cursors."""

    cursors: Mapping[str, int]


class Tick(NamedTuple):
    """Time has passed."""


class Opened(NamedTuple):
    attempt: int


class Received(NamedTuple):
    attempt: int
    frame: Frame


class Ended(NamedTuple):
    """An attempt or the stream failed or was closed by the other side."""

    attempt: int
    reason: str


class Applied(NamedTuple):
    """A frame has been dealt with; the feed's cursor, if it moved."""

    feed: str
    cursor: int


Input = Wanted | Tick | Opened | Received | Ended | Applied


class Open(NamedTuple):
    """Ask the peer for these feeds; answer with Opened or Ended."""

    attempt: int
    cursors: dict[str, int]


class Close(NamedTuple):
    attempt: int


class Apply(NamedTuple):
    """Apply in one transaction with the cursor, in the order of these effects; answer with Applied."""

    batch: Batch


class Note(NamedTuple):
    passed: Passed


class CopyAnew(NamedTuple):
    """The feed does not reach back to the cursor."""

    feed: str


class Acknowledge(NamedTuple):
    cursors: dict[str, int]


Effect = Open | Close | Apply | Note | CopyAnew | Acknowledge


@dataclass
class Puller:
    """One peer, as this region follows it."""

    peer: str
    chance: Random
    settings: PullSettings = field(default_factory=PullSettings)
    cursors: dict[str, int] = field(default_factory=dict)
    heads: dict[str, int] = field(default_factory=dict)
    stream: int | None = None
    reason: str = "not connected yet"
    waiting: int = 0
    """Frames that were received and not yet dealt with."""
    wake_at: float = 0.0
    _attempts: dict[int, float] = field(default_factory=dict)
    _count: int = 0
    _failures: int = 0
    _open_at: float = 0.0
    _heard_at: float = 0.0
    _acknowledge_at: float = 0.0

    def step(self, now: float, given: Input) -> list[Effect]:
        """`now` is monotonic time in seconds."""
        match given:
            case Wanted(cursors):
                effects = self._want(now, cursors)
            case Opened(attempt):
                effects = self._opened(now, attempt)
            case Received(attempt, frame):
                effects = self._received(now, frame) if attempt == self.stream else []
            case Ended(attempt, reason):
                effects = self._ended(now, attempt, reason)
            case Applied(feed, cursor):
                effects = self._applied(now, feed, cursor)
            case Tick():
                effects = []
        effects += self._passing(now)
        self.wake_at = self._next_wake()
        return effects

    @property
    def following(self) -> bool:
        return self.stream is not None

    def backlog(self, feed: str) -> int:
        return max(0, self.heads.get(feed, 0) - self.cursors.get(feed, 0))

    def _want(self, now: float, cursors: Mapping[str, int]) -> list[Effect]:
        changed = cursors.keys() != self.cursors.keys()
        self.cursors = {feed: max(after, self.cursors.get(feed, 0)) for feed, after in cursors.items()}
        if not changed:
            return []
        self._open_at = now
        return self._drop_all()

    def _opened(self, now: float, attempt: int) -> list[Effect]:
        if attempt not in self._attempts:
            return [Close(attempt)]
        del self._attempts[attempt]
        dropped: list[Effect] = [Close(other) for other in self._attempts]
        self._attempts.clear()
        self.stream = attempt
        self.reason = ""
        self._failures = 0
        self._heard_at = now
        self._acknowledge_at = now
        return dropped

    def _received(self, now: float, frame: Frame) -> list[Effect]:
        self._heard_at = now
        match frame:
            case Batch(feed=feed, head=head):
                if feed not in self.cursors:
                    return []
                self.heads[feed] = head
                self.waiting += 1
                return [Apply(frame)]
            case Passed(feed=feed, head=head):
                self.heads[feed] = head
                return [Note(frame)]
            case Gone(feed=feed):
                return [CopyAnew(feed)]
        return []

    def _applied(self, now: float, feed: str, cursor: int) -> list[Effect]:
        self.waiting -= 1
        self._heard_at = now
        if feed in self.cursors:
            self.cursors[feed] = max(cursor, self.cursors[feed])
        return []

    def _ended(self, now: float, attempt: int, reason: str) -> list[Effect]:
        if attempt != self.stream and attempt not in self._attempts:
            return []
        self._attempts.pop(attempt, None)
        if attempt == self.stream:
            self.stream = None
        self.reason = reason
        delay_s = min(self.settings.backoff_max_s, self.settings.backoff_min_s * 2**self._failures)
        self._failures += 1
        self._open_at = now + delay_s * (0.5 + self.chance.random() / 2)
        return []

    def _passing(self, now: float) -> list[Effect]:
        """What is due by now, whatever happened."""
        effects: list[Effect] = []
        if self.stream is not None and not self.waiting and now >= self._heard_at + self.settings.silence_s:
            effects.append(Close(self.stream))
            self.stream = None
            self.reason = f"nothing was heard for {self.settings.silence_s:g} s"
            self._open_at = now
        for attempt, since in list(self._attempts.items()):
            if now >= since + self.settings.attempt_timeout_s:
                del self._attempts[attempt]
                effects.append(Close(attempt))
        if self._may_open and now >= self._open_at:
            effects.append(self._open(now))
        if self.stream is not None and now >= self._acknowledge_at:
            self._acknowledge_at = now + self.settings.acknowledge_every_s
            effects.append(Acknowledge(dict(self.cursors)))
        return effects

    @property
    def _may_open(self) -> bool:
        room = len(self._attempts) < self.settings.attempts_max
        return bool(self.cursors) and self.stream is None and not self.waiting and room

    def _open(self, now: float) -> Open:
        self._count += 1
        self._attempts[self._count] = now
        self._open_at = now + self.settings.attempt_every_s
        return Open(self._count, dict(self.cursors))

    def _drop_all(self) -> list[Effect]:
        open_ones = [*self._attempts, *([] if self.stream is None else [self.stream])]
        self._attempts.clear()
        self.stream = None
        return [Close(attempt) for attempt in open_ones]

    def _next_wake(self) -> float:
        times = [since + self.settings.attempt_timeout_s for since in self._attempts.values()]
        if self._may_open:
            times.append(self._open_at)
        if self.stream is not None:
            times.append(self._acknowledge_at)
            if not self.waiting:
                times.append(self._heard_at + self.settings.silence_s)
        return min(times, default=float("inf"))
