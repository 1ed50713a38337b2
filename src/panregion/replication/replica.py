"""One region's copy of a replicated table: writes made here, writes that arrive, snapshots, forgotten
tombstones.

A service keeps its items as it likes and shows them to replication as `Items`: a map from key bytes to
envelopes. All functions here are synchronous and run inside a transaction of the store, so what they decide
and the cursor that says so become durable together. The simulator runs exactly this code.

Tombstones. A deletion is a write whose value is absent, and must be remembered, or an older write that
arrives later would bring the item back. It may be forgotten ("collected") once nothing older can arrive,
that is, once every region has applied it and everything that a region wrote before it did so has come here.
Peers say how far they have come in whose feed along with their own (`frames.Passed`); the least of these is
the stable position. Every region decides this for itself, at different times. So a region that has
forgotten a tombstone may write the item anew while it is still kept elsewhere, and must not look there as
if it had not known of the deletion: it keeps the vector of all it has forgotten (the floor) and puts it on
first writes. That claims no more than is true: all that is below the floor has been applied here.

Snapshots. A copy is read page by page while its source goes on changing, and then the feeds are followed
from the position that the source had *before* the first page. What is read twice is harmless: a write that
is known is ignored. A region that was away for longer than the feeds reach back starts over the same way,
and merges the copy into what it has. It cannot miss a deletion by that: a tombstone is kept until this
region, too, has it.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple, Protocol

import msgspec

from panregion.store import Transaction

from . import layout
from .envelope import Envelope, MalformedEnvelope, decode_envelope, encode_envelope
from .resolve import Outcome, resolve
from .version import Ticking, Version, stamp_write

FORMAT = 1
"""Of feed records and snapshot pages; a region refuses what is newer than itself."""


class RefusedRecord(Exception):
    """A peer sent what this region cannot read: damaged, or from a newer version of panregion."""


class Items(Protocol):
    """A table's items, as replication sees them. `before` is what `get` would have given."""

    def get(self, tx: Transaction, key: bytes) -> Envelope | None:
        """The item or tombstone at a key. An item from before replication: `unstamped(value)`."""

    def put(self, tx: Transaction, key: bytes, after: Envelope, before: Envelope | None) -> None:
        """A write from elsewhere is shown from now on (or a deletion): indexes and streams are to follow."""

    def restamp(self, tx: Transaction, key: bytes, after: Envelope) -> None:
        """The same value or tombstone with a grown stamp: nothing that a user could see has changed."""

    def remove(self, tx: Transaction, key: bytes, before: Envelope) -> None:
        """Forget a tombstone."""

    def scan(self, tx: Transaction, after: bytes | None) -> Iterator[tuple[bytes, Envelope]]:
        """All items and tombstones in the order of their keys, those past `after`."""


class Record(msgspec.Struct, frozen=True, array_like=True):
    """What a feed carries for one write."""

    format: int
    key: bytes
    envelope: bytes


class Page(msgspec.Struct, frozen=True):
    """A part of a table: all its keys past `after` (exclusive), up to `upto` (inclusive; None: to the end).

    `position` is up to where the source knew each region's feed when it read the page, `floor` what it has
    forgotten.
    """

    format: int
    feed: str
    after: bytes | None
    upto: bytes | None
    position: dict[str, int]
    floor: dict[str, int]
    items: list[tuple[bytes, bytes]]


class Site(NamedTuple):
    """Where and when a function of this module runs."""

    region: str
    clock: Ticking
    now_ms: int


_encode = msgspec.msgpack.Encoder().encode
_record_decoder = msgspec.msgpack.Decoder(Record)
_page_decoder = msgspec.msgpack.Decoder(Page)


def write(tx: Transaction, site: Site, feed: str, key: bytes, value: bytes | None, before: Envelope | None) -> Envelope:
    """Stamp a write (None: a deletion) made here and publish it. The caller stores the envelope it gets."""
    floor = layout.floor(tx, feed) if before is None else None
    stamp = stamp_write(before.stamp if before is not None else None, site.clock, site.region, floor)
    after = Envelope(stamp, value, site.now_ms if value is None else 0)
    sequence = tx.publish(feed, _encode(Record(FORMAT, key, encode_envelope(after))))
    if value is None:
        layout.put_tombstone(tx, feed, site.region, sequence, key, stamp.time)
    return after


def read_record(data: bytes) -> tuple[bytes, Envelope]:
    """(key, envelope) of a feed record. Raises RefusedRecord."""
    try:
        record = _record_decoder.decode(data)
        if record.format != FORMAT:
            raise RefusedRecord(f"a record of format {record.format}, and this region reads format {FORMAT}")
        return record.key, decode_envelope(record.envelope)
    except (msgspec.MsgspecError, MalformedEnvelope) as error:
        raise RefusedRecord(f"a malformed record: {error}") from error


def record_time(data: bytes) -> int:
    """When a record was written."""
    return read_record(data)[1].stamp.time


def apply(
    tx: Transaction, site: Site, items: Items, feed: str, peer: str, records: Sequence[tuple[int, bytes]]
) -> list[int]:
    """Apply a peer's records (sequence, data) and move the cursor past them. Returns when each was written.

    Records at or below the cursor were applied before and are skipped. Raises RefusedRecord.
    """
    cursor = layout.cursor(tx, feed, peer)
    times = []
    for sequence, data in records:
        if sequence <= cursor:
            continue
        assert sequence == cursor + 1, f"{feed} from {peer}: record {sequence} after {cursor}"
        key, incoming = read_record(data)
        _merge(tx, site, items, feed, key, incoming, sequence)
        times.append(incoming.stamp.time)
        cursor = sequence
    if times:
        layout.put_cursor(tx, feed, peer, cursor)
    return times


def _merge(tx: Transaction, site: Site, items: Items, feed: str, key: bytes, incoming: Envelope, sequence: int) -> None:
    """Let one write from elsewhere meet what is here. `sequence` numbers its record in its origin's feed."""
    before = items.get(tx, key)
    decision = resolve(None if before is None else before.stamp, incoming.stamp)
    if decision.retracts is not None:
        layout.strike_conflict(tx, feed, decision.retracts)
    applied = decision.outcome is Outcome.APPLY
    if decision.concurrent:
        assert before is not None
        loser, winner = (before, incoming) if applied else (incoming, before)
        layout.put_conflict(tx, _conflict(feed, key, loser, winner, site.now_ms))
    if applied:
        items.put(tx, key, incoming._replace(stamp=decision.stamp), before)
        if incoming.deleted:
            origin = incoming.stamp.origin
            layout.put_tombstone(tx, feed, origin, sequence, key, incoming.stamp.time)
    elif before is not None and decision.stamp is not before.stamp:
        items.restamp(tx, key, before._replace(stamp=decision.stamp))


def _conflict(feed: str, key: bytes, loser: Envelope, winner: Envelope, now_ms: int) -> layout.Conflict:
    return layout.Conflict(feed, key, loser.stamp, loser.value, winner.stamp, winner.value, now_ms)


def read_page(
    tx: Transaction, site: Site, items: Items, feed: str, after: bytes | None, size_max_bytes: int
) -> tuple[bytes, bytes | None]:
    """A part of this region's copy for a new replica, at least one item and about that many bytes.

    Returns it encoded, and the last key in it if there are more.
    """
    found: list[tuple[bytes, bytes]] = []
    size = 0
    upto: bytes | None = None
    for key, envelope in items.scan(tx, after):
        data = encode_envelope(envelope)
        found.append((key, data))
        size += len(key) + len(data)
        if size >= size_max_bytes:
            upto = key
            break
    position = layout.position(tx, feed, site.region)
    return _encode(Page(FORMAT, feed, after, upto, position, layout.floor(tx, feed), found)), upto


def decode_page(data: bytes) -> Page:
    """Raises RefusedRecord."""
    try:
        page = _page_decoder.decode(data)
    except msgspec.MsgspecError as error:
        raise RefusedRecord(f"a malformed snapshot page: {error}") from error
    if page.format != FORMAT:
        raise RefusedRecord(f"a page of format {page.format}, and this region reads format {FORMAT}")
    return page


def apply_page(tx: Transaction, site: Site, items: Items, page: Page) -> None:
    """Merge a page of a peer's copy. Raises RefusedRecord."""
    for key, data in page.items:
        try:
            incoming = decode_envelope(data)
        except MalformedEnvelope as error:
            raise RefusedRecord(str(error)) from error
        sequence_max = page.position.get(incoming.stamp.origin, 0)
        _merge(tx, site, items, page.feed, key, incoming, sequence_max)
    layout.raise_floor(tx, page.feed, page.floor)


def collect(
    tx: Transaction, items: Items, feed: str, stable: Mapping[str, int], deleted_before_ms: int, limit: int
) -> int:
    """Forget tombstones that nothing older can follow any more and that are old enough; at most `limit` are
    looked at.

    `stable` says up to where every region knows each region's feed. Returns how many entries were dealt with.
    """
    done = 0
    for origin, upto in stable.items():
        entries = list(islice(layout.tombstones(tx, feed, origin, upto), limit - done))
        for entry, key, time in entries:
            item = items.get(tx, key)
            if item is not None and item.deleted and item.stamp.version == Version.at(time, origin):
                if item.deleted_ms >= deleted_before_ms:
                    break  # entries are in the order of deletion: the others are younger
                layout.raise_floor(tx, feed, item.stamp.vector)
                items.remove(tx, key, item)
            layout.delete_tombstone(tx, entry)
            done += 1
    return done
