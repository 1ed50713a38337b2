"""The source's side of a stream: which frames to send next, from what is committed. Pure.

One sender serves one follower and holds how far it has sent each feed. Feeds take turns, each with a
bounded batch, so a table with a long backlog does not hold up the others. A feed that this region does not
have (any more, or yet) is passed over in silence; it may come.
"""

from collections.abc import Collection, Iterator, Mapping

from panregion.store import Transaction

from . import layout
from .frames import Batch, Frame, Gone, Passed

BATCH_MAX_BYTES = 256 << 10
BATCH_MAX_RECORDS = 400


class Sender:
    """`cursors` are the last sequence numbers that the follower has."""

    def __init__(self, region: str, cursors: Mapping[str, int]) -> None:
        self._region = region
        self.sent = dict(cursors)
        self._passed: dict[str, tuple[int, dict[str, int]]] = {}
        self._gone: set[str] = set()

    def collect(self, tx: Transaction, feeds: Collection[str]) -> list[Frame]:
        """A batch of each of `feeds` that has something new. Those that may have more are left in
        `behind`."""
        frames: list[Frame] = []
        for feed in feeds:
            if feed in self.sent and feed not in self._gone:
                frames += self._next(tx, feed)
        return frames

    def _next(self, tx: Transaction, feed: str) -> Iterator[Frame]:
        after = self.sent[feed]
        head = layout.head(tx, feed)
        if head == after:
            return
        records = _batch(tx, feed, after)
        if head < after or not records or records[0][0] != after + 1:
            self._gone.add(feed)
            yield Gone(feed)
            return
        self.sent[feed] = records[-1][0]
        yield Batch(feed, after + 1, [record for _, record in records], head)

    def behind(self, tx: Transaction, feeds: Collection[str]) -> list[str]:
        """Of `feeds`, those with more to send."""
        return [
            feed
            for feed in feeds
            if feed in self.sent and feed not in self._gone and layout.head(tx, feed) > self.sent[feed]
        ]

    def passed(self, tx: Transaction, feeds: Collection[str]) -> Iterator[Frame]:
        """Of `feeds`, how far this region has come in the others' feeds, where all is sent and it has
        changed."""
        for feed in feeds:
            head = layout.head(tx, feed)
            if self.sent.get(feed) != head:
                continue
            position = layout.cursors(tx, feed)
            if self._passed.get(feed) != (head, position):
                self._passed[feed] = (head, position)
                yield Passed(feed, head, position)


def _batch(tx: Transaction, feed: str, after: int) -> list[tuple[int, bytes]]:
    records: list[tuple[int, bytes]] = []
    size = 0
    for key, record in tx.prefix(("feeds", feed), after=("feeds", feed, after)):
        sequence = key[2]
        assert isinstance(sequence, int)
        records.append((sequence, record))
        size += len(record)
        if size >= BATCH_MAX_BYTES or len(records) >= BATCH_MAX_RECORDS:
            break
    return records
