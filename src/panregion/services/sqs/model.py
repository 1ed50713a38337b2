"""What queues and messages are. Pure."""

from typing import NamedTuple

import msgspec

INFLIGHT_MAX = 120_000
"""Of a queue. A standard queue then answers OverLimit, a FIFO queue gives nothing more."""

VISIBILITY_MAX_S = 43_200
DEDUPLICATION_S = 300
DELETED_RECENTLY_S = 60
PURGE_EVERY_S = 60
RECEIVED_MAX = 10
WAIT_MAX_S = 20

US = 1_000_000
"""Microseconds in a second: the grain of visibility."""


class Redrive(msgspec.Struct, frozen=True):
    """A redrive policy: where a message goes that was received more often than that."""

    target_arn: str
    receives_max: int


class Queue(msgspec.Struct, frozen=True, kw_only=True):
    """A queue. `id` is its own for ever; `heap` names where its messages lie, and a purge gives it another one."""

    name: str
    id: int
    heap: int
    fifo: bool
    created_s: int
    modified_s: int
    attributes: dict[str, str]
    """As they were set, by AWS's names."""
    delay_s: int = 0
    message_bytes_max: int = 1_048_576
    retention_s: int = 345_600
    wait_s: int = 0
    visibility_s: int = 30
    content_deduplication: bool = False
    deduplication_by_group: bool = False
    redrive: Redrive | None = None
    tags: dict[str, str] = {}
    purged_s: float = 0.0

    @property
    def feed(self) -> str:
        """What those who wait for a message of the queue watch."""
        return f"sqs/{self.id}"


class Message(msgspec.Struct, frozen=True, array_like=True):
    """A message as it is kept. `attributes` is JSON, ready to be sent. Times are microseconds since the epoch."""

    id: str
    body: str
    body_md5: str
    sent_us: int
    receives: int = 0
    received_us: int = 0
    attributes: bytes = b""
    attributes_md5: str = ""
    group: str | None = None
    deduplication: str | None = None
    sequence: str | None = None
    trace: str | None = None
    source_arn: str | None = None
    """The queue from which it came to this dead-letter queue."""
    expires_from_us: int = 0
    """Retention counts from here: on a standard dead-letter queue from when the message was first sent."""
    last_us: int = 0
    """When it was received last: the twelve hours of a visibility timeout begin here."""
    apart: bool = False
    """The body is long and lies in a place of its own."""
    origin: bytes = b""
    """Where its receipt handle says that it lies, if its visibility was changed since."""
    buried_us: int = 0
    """When it came to this dead-letter queue."""


class Group(msgspec.Struct, frozen=True, array_like=True):
    """A message group of a FIFO queue: when it is its turn, behind which others, and what of it is in flight."""

    turn_us: int
    head: int
    flying: dict[int, int] = {}
    """Number of a message -> when it may be seen again."""


class Seen(msgspec.Struct, frozen=True, array_like=True):
    """What came of a deduplication id."""

    until_us: int
    message_id: str
    sequence: str


class Attempt(msgspec.Struct, frozen=True, array_like=True):
    """What a receive request on a FIFO queue gave, for the same request to be given again."""

    until_us: int
    receipts: list[str]


class Tally(NamedTuple):
    """How many messages a queue has, by what may be done with them now, and since when the oldest of them is there."""

    visible: int = 0
    inflight: int = 0
    delayed: int = 0
    oldest_us: int | None = None

    @property
    def counts(self) -> tuple[int, int, int]:
        return self.visible, self.inflight, self.delayed

    def plus(self, other: "Tally") -> "Tally":
        oldest = [us for us in (self.oldest_us, other.oldest_us) if us is not None]
        return Tally(
            self.visible + other.visible,
            self.inflight + other.inflight,
            self.delayed + other.delayed,
            min(oldest, default=None),
        )


class Taken(NamedTuple):
    """A message as a receiver gets it."""

    message: Message
    receipt: str
