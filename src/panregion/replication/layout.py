"""Where replication keeps things, all in the space "replication".

    ("replication", "cursor", feed, peer)                    -> the last sequence number applied from there
    ("replication", "lost", feed, time, origin)              -> Conflict; the key is the loser's version
    ("replication", "tombstone", feed, origin, sequence, key) -> time of the deletion of that item
    ("replication", "floor", feed)                           -> vector of what the collected tombstones knew
    ("replication", "snapshot", feed)                        -> SnapshotProgress, while one is being read

A feed has the same name in every region of a table, and each region's own holds the writes made there;
"cursor" is therefore kept per feed and peer. What the items themselves look like in the store is their
service's business.
"""

from collections.abc import Iterator, Mapping

import msgspec

from panregion.store import Key, Transaction

from .version import Stamp, Version

SPACE = "replication"


class Conflict(msgspec.Struct, frozen=True):
    """An acknowledged write that a concurrent one replaced. The images are the service's own bytes; None:
    deleted."""

    feed: str
    key: bytes
    loser: Stamp
    loser_value: bytes | None
    winner: Stamp
    winner_value: bytes | None
    found_ms: int


class SnapshotProgress(msgspec.Struct, frozen=True):
    """How far the copy of a table has come, and from where each peer's feed is to be followed once it is
    whole."""

    peer: str
    position: dict[str, int]
    after: bytes | None = None


_conflict_decoder = msgspec.msgpack.Decoder(Conflict)
_vector_decoder = msgspec.msgpack.Decoder(dict[str, int])
_progress_decoder = msgspec.msgpack.Decoder(SnapshotProgress)
_encode = msgspec.msgpack.Encoder().encode


def cursor(tx: Transaction, feed: str, peer: str) -> int:
    return int(tx.get((SPACE, "cursor", feed, peer)) or 0)


def put_cursor(tx: Transaction, feed: str, peer: str, sequence: int) -> None:
    tx.put((SPACE, "cursor", feed, peer), b"%d" % sequence)


def cursors(tx: Transaction, feed: str) -> dict[str, int]:
    """How far this region has come in each peer's feed."""
    return {str(key[3]): int(value) for key, value in tx.prefix((SPACE, "cursor", feed))}


def head(tx: Transaction, feed: str) -> int:
    """The last sequence number of this region's own feed."""
    return int(tx.get(("feed-heads", feed)) or 0)


def start_feed_at(tx: Transaction, feed: str, sequence: int) -> None:
    """Have this region's feed go on above a number: what it held before is lost, and must not be taken for the new."""
    if head(tx, feed) < sequence:
        tx.put(("feed-heads", feed), b"%d" % sequence)


def position(tx: Transaction, feed: str, here: str) -> dict[str, int]:
    """Up to where this region knows each region's feed, its own included."""
    return {**cursors(tx, feed), here: head(tx, feed)}


def put_conflict(tx: Transaction, conflict: Conflict) -> None:
    tx.put(_conflict_key(conflict.feed, conflict.loser.version), _encode(conflict))


def strike_conflict(tx: Transaction, feed: str, loser: Version) -> None:
    tx.delete(_conflict_key(feed, loser))


def conflicts(tx: Transaction, feed: str | None = None) -> Iterator[Conflict]:
    """This region's ledger, of one feed in the order of the losers' versions, or of all feeds."""
    prefix: Key = (SPACE, "lost") if feed is None else (SPACE, "lost", feed)
    return map(_conflict_decoder.decode, tx.values(prefix))


def _conflict_key(feed: str, loser: Version) -> Key:
    return (SPACE, "lost", feed, loser.time, loser.origin)


def put_tombstone(tx: Transaction, feed: str, origin: str, sequence: int, key: bytes, time: int) -> None:
    tx.put((SPACE, "tombstone", feed, origin, sequence, key), b"%d" % time)


def delete_tombstone(tx: Transaction, key: Key) -> None:
    tx.delete(key)


def tombstones(tx: Transaction, feed: str, origin: str, upto: int) -> Iterator[tuple[Key, bytes, int]]:
    """(entry's key, item's key, time) of the deletions that came by records of `origin` up to a sequence
    number."""
    start = (SPACE, "tombstone", feed, origin)
    for key, time in tx.range((*start, 0), (*start, upto + 1)):
        item = key[5]
        assert isinstance(item, bytes)
        yield key, item, int(time)


def floor(tx: Transaction, feed: str) -> dict[str, int]:
    data = tx.get((SPACE, "floor", feed))
    return {} if data is None else _vector_decoder.decode(data)


def raise_floor(tx: Transaction, feed: str, known: Mapping[str, int]) -> None:
    """Add what a collected tombstone knew."""
    before = floor(tx, feed)
    after = {**before, **{region: time for region, time in known.items() if time > before.get(region, 0)}}
    if after != before:
        tx.put((SPACE, "floor", feed), _encode(after))


def snapshot_progress(tx: Transaction, feed: str) -> SnapshotProgress | None:
    data = tx.get((SPACE, "snapshot", feed))
    return None if data is None else _progress_decoder.decode(data)


def put_snapshot_progress(tx: Transaction, feed: str, progress: SnapshotProgress | None) -> None:
    if progress is None:
        tx.delete((SPACE, "snapshot", feed))
    else:
        tx.put((SPACE, "snapshot", feed), _encode(progress))


def forget(tx: Transaction, feed: str) -> None:
    """Drop all that is kept about a feed except its ledger: this region no longer has the table."""
    for kind in ("cursor", "tombstone", "floor", "snapshot"):
        for key in [key for key, _ in tx.prefix((SPACE, kind, feed))]:
            tx.delete(key)
