"""One transaction: an ordered map with feeds and work, all in the same commit.

Where feeds and work lie in the map:

    ("feeds", feed, sequence)    -> record
    ("feed-heads", feed)         -> the last sequence number given out, as decimal text
    ("work", due, id)            -> Work, JSON; ordered by when it is due

Sequence numbers are dense and in commit order because transactions run one after another and one that
fails leaves no trace.
"""

from collections.abc import Iterator, Set
from operator import itemgetter

import msgspec

from panregion.store.engine import View
from panregion.store.keys import Key, first_after, pack, pack_bytes, past_prefix, unpack, unpack_bytes
from panregion.store.overlay import Overlay

NOTHING_HELD: Set[Key] = frozenset()
WORK_IDS = "panregion/work"

_value = itemgetter(1)


class Work(msgspec.Struct, frozen=True):
    """Something to be done later: what kind, with what, when at the earliest, and how often it was tried."""

    id: int
    kind: str
    payload: msgspec.Raw
    due: float
    attempts: int = 0
    reason: str = ""

    @property
    def key(self) -> Key:
        return ("work", self.due, self.id)


class Transaction:
    """Reads and writes that become durable together, or not at all."""

    __slots__ = ("_overlay", "feeds", "held", "holding", "view", "works")

    def __init__(self, below: View, *, writable: bool = True, held: Set[Key] = NOTHING_HELD) -> None:
        self._overlay = Overlay(below) if writable else None
        self.view: View = below if self._overlay is None else self._overlay
        """What this transaction sees; another one may be laid over it."""
        self.feeds: set[str] = set()
        """The feeds that this transaction has published to, or touched."""
        self.held = held
        """What others hold, in the words of `hold`, whose outcome is not known yet."""
        self.holding: tuple[Key, ...] = ()
        """What this one holds until its outcome is known."""
        self.works = False
        """Whether this transaction has left work."""

    @property
    def writes(self) -> dict[str, dict[bytes, bytes | None]]:
        return {} if self._overlay is None else self._overlay.writes

    def get(self, key: Key) -> bytes | None:
        """The value at a key."""
        return self.view.get(key[0], pack(key[1:]))  # type: ignore[arg-type]  # a key's first element names its space

    def put(self, key: Key, value: bytes) -> None:
        """Set the value at a key."""
        assert self._overlay is not None, "an operation marked `reads` wrote"
        self._overlay.write(_space(key), pack(key[1:]), value)

    def put_bytes(self, space: str, key: bytes, value: bytes) -> None:
        """As `put`, in a space whose keys are one string of bytes each."""
        assert self._overlay is not None, "an operation marked `reads` wrote"
        self._overlay.write(space, pack_bytes(key), value)

    def delete_bytes(self, space: str, key: bytes) -> None:
        """As `delete`, in a space whose keys are one string of bytes each."""
        assert self._overlay is not None, "an operation marked `reads` wrote"
        self._overlay.write(space, pack_bytes(key), None)

    def delete(self, key: Key) -> None:
        """Remove a key; one that is not there stays so."""
        assert self._overlay is not None, "an operation marked `reads` wrote"
        self._overlay.write(_space(key), pack(key[1:]), None)

    def range(self, start: Key, end: Key | None = None, *, reverse: bool = False) -> Iterator[tuple[Key, bytes]]:
        """The pairs with start <= key < end (None: to the end of the space), read as they are asked for."""
        space = _space(start)
        last = b"\xff" if end is None else pack(end[1:])
        for key, value in self.view.scan(space, pack(start[1:]), last, reverse=reverse):
            yield (space, *unpack(key)), value

    def range_bytes(self, space: str, start: bytes, end: bytes) -> Iterator[tuple[bytes, bytes]]:
        """As `range`, in a space whose keys are one string of bytes each."""
        for key, value in self.view.scan(space, pack_bytes(start), pack_bytes(end), reverse=False):
            yield unpack_bytes(key), value

    def range_values(self, start: Key, end: Key, *, reverse: bool = False) -> Iterator[bytes]:
        """As `range`, the values alone: no key is decoded."""
        return map(_value, self.view.scan(_space(start), pack(start[1:]), pack(end[1:]), reverse=reverse))

    def prefix(self, prefix: Key, *, after: Key | None = None, reverse: bool = False) -> Iterator[tuple[Key, bytes]]:
        """The pairs below a prefix; with `after`, those that follow that key in the direction read."""
        space = _space(prefix)
        start, end = _bounds(prefix, after, reverse)
        for key, value in self.view.scan(space, start, end, reverse=reverse):
            yield (space, *unpack(key)), value

    def values(self, prefix: Key, *, after: Key | None = None, reverse: bool = False) -> Iterator[bytes]:
        """As `prefix`, the values alone: no key is decoded."""
        start, end = _bounds(prefix, after, reverse)
        return map(_value, self.view.scan(_space(prefix), start, end, reverse=reverse))

    def publish(self, feed: str, record: bytes) -> int:
        """Append a record to a feed; returns its sequence number, one more than the last."""
        sequence = self._next(feed)
        self.put(("feeds", feed, sequence), record)
        self.feeds.add(feed)
        return sequence

    def hold(self, *keys: Key) -> None:
        """Show these in `held` to those who come while this one's outcome is open; what they make of it is theirs."""
        self.holding += keys

    def touch(self, feed: str) -> None:
        """Wake those who wait for a feed's next change (`Store.next_change`), with no record for them to read."""
        self.feeds.add(feed)

    def later(self, kind: str, payload: bytes, due: float) -> None:
        """Leave work to be done at the earliest at `due` (epoch seconds). `payload` is JSON."""
        self.keep(Work(self._next(WORK_IDS), kind, msgspec.Raw(payload), due))

    def keep(self, work: Work) -> None:
        """Put work where the worker finds it."""
        self.put(work.key, msgspec.json.encode(work))
        self.works = True

    def _next(self, counter: str) -> int:
        key = ("feed-heads", counter)
        number = int(self.get(key) or 0) + 1
        self.put(key, b"%d" % number)
        return number


def _space(key: Key) -> str:
    space = key[0]
    assert isinstance(space, str), "a key starts with the name of its space"
    return space


def _bounds(prefix: Key, after: Key | None, reverse: bool) -> tuple[bytes, bytes]:
    packed = pack(prefix[1:])
    start, end = packed, past_prefix(packed)
    if after is None:
        return start, end
    passed = pack(after[1:])
    return (start, passed) if reverse else (first_after(passed), end)
