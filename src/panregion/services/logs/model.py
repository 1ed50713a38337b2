"""What log groups, streams and events are, and the rules they obey. Pure."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from panregion.services.logs.errors import InvalidParameterException

EVENT_OVERHEAD_BYTES = 26
BATCH_MAX_BYTES = 1_048_576
BATCH_SPAN_MS = 24 * 3600 * 1000
TOO_OLD_MS = 14 * 24 * 3600 * 1000
TOO_NEW_MS = 2 * 3600 * 1000
DAY_MS = 24 * 3600 * 1000

RETENTION_DAYS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)


class Group(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    created_ms: int
    retention_days: int | None = None
    stored_bytes: int = 0
    tags: dict[str, str] = {}
    log_class: str = "STANDARD"
    kms_key_id: str | None = None

    def oldest_ms(self, now_ms: int) -> int:
        """Events before this have been deleted by the retention policy."""
        return 0 if self.retention_days is None else now_ms - self.retention_days * DAY_MS


class Stream(msgspec.Struct, frozen=True, kw_only=True):
    group: str
    name: str
    created_ms: int
    first_event_ms: int | None = None
    last_event_ms: int | None = None
    last_ingestion_ms: int | None = None
    written: int = 0
    """Events ever written: the next one's number within the stream."""
    stored_bytes: int = 0

    def with_events(self, events: Sequence["Event"]) -> "Stream":
        """The stream's description once these have been written."""
        times = [event.at_ms for event in events]
        firsts = [*times, *([] if self.first_event_ms is None else [self.first_event_ms])]
        lasts = [*times, *([] if self.last_event_ms is None else [self.last_event_ms])]
        return msgspec.structs.replace(
            self,
            first_event_ms=min(firsts),
            last_event_ms=max(lasts),
            last_ingestion_ms=events[-1].ingested_ms,
            written=self.written + len(events),
            stored_bytes=self.stored_bytes + sum(event.size for event in events),
        )


class Event(msgspec.Struct, frozen=True, array_like=True):
    at_ms: int
    number: int
    ingested_ms: int
    message: str

    @property
    def size(self) -> int:
        return len(self.message.encode()) + EVENT_OVERHEAD_BYTES

    @property
    def position(self) -> tuple[int, int]:
        return (self.at_ms, self.number)


class Sorted(msgspec.Struct, frozen=True):
    """A batch's events: those to keep, and how far the others reach from either end."""

    accepted: list[tuple[int, str]]
    too_old_end: int | None = None
    too_new_start: int | None = None
    expired_end: int | None = None

    def rejected(self) -> dict[str, int]:
        ends = {
            "tooNewLogEventStartIndex": self.too_new_start,
            "tooOldLogEventEndIndex": self.too_old_end,
            "expiredLogEventEndIndex": self.expired_end,
        }
        return {name: end for name, end in ends.items() if end is not None}


def check_batch(events: Sequence[Mapping[str, Any]]) -> None:
    """The rules of one PutLogEvents. Raises InvalidParameterException."""
    times = [event["timestamp"] for event in events]
    if any(later < earlier for earlier, later in itertools.pairwise(times)):
        raise InvalidParameterException("Log events in a single PutLogEvents request must be in chronological order.")
    if times[-1] - times[0] > BATCH_SPAN_MS:
        raise InvalidParameterException(
            "The batch of log events in a single PutLogEvents request cannot span more than 24 hours."
        )
    size = sum(len(event["message"].encode()) + EVENT_OVERHEAD_BYTES for event in events)
    if size > BATCH_MAX_BYTES:
        raise InvalidParameterException(f"Upload too large: {size} bytes exceeds limit of {BATCH_MAX_BYTES}")


def sort_batch(events: Sequence[Mapping[str, Any]], group: Group, now_ms: int) -> Sorted:
    """Which events of a batch are kept. Those too old or too new are refused; the rest is not the worse for it."""
    times = [event["timestamp"] for event in events]
    old = sum(at < now_ms - TOO_OLD_MS for at in times)
    expired = sum(at < group.oldest_ms(now_ms) for at in times)
    new = sum(at > now_ms + TOO_NEW_MS for at in times)
    kept = events[max(old, expired) : len(events) - new]
    return Sorted(
        [(event["timestamp"], event["message"]) for event in kept],
        too_old_end=old or None,
        too_new_start=len(events) - new if new else None,
        expired_end=expired or None,
    )


def token(direction: str, position: tuple[int, int]) -> str:
    """A position in a stream as AWS writes it: a letter and 56 digits."""
    return f"{direction}/{position[0]:020d}{position[1]:036d}"


def parse_token(text: str) -> tuple[str, tuple[int, int]]:
    """The direction and position of `token`. Raises InvalidParameterException."""
    direction, _, digits = text.partition("/")
    if direction not in ("f", "b") or len(digits) != 56 or not digits.isascii() or not digits.isdigit():
        raise InvalidParameterException("The specified nextToken is invalid.")
    return direction, (int(digits[:20]), int(digits[20:]))
