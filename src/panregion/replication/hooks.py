"""What a service with replicated tables gives to the replicator, and what it gets. The contract, in one
place.

One `Hooks` object per region (DynamoDB's: `services/dynamodb/replica.py`):

1. A feed per replicated table. Its name is the same in all regions of the table and no other table ever had
it (put an
   id into it: a table that is deleted and made anew must not inherit cursors). This region's own feed holds
   the writes made *here*; nobody but `replica.write` publishes to it.

2. A write made here, in its transaction, with `before` the envelope that is stored (None where there is
none, a
   tombstone where the item was deleted; `unstamped(value)` for an item from before replication):

       after = replica.write(tx, site, feed, key, value, before)      # value None: a deletion
       ... store `after` (encode_envelope) where `before` was, tombstones too; index and stream as ever

   `site` is `Site(region, clock, now_ms)` with the region's one HybridLogicalClock (`Replicator.clock`). A
   tombstone is kept where the item was, and is invisible to users. Deleting what is not there needs no
   write.

3. Writes from elsewhere come in by `Items`, from within the replicator's own transactions.

4. `feeds()` is asked at start and whenever `changed` is set: set it after the commit that created, deleted or
   changed a replicated table. A feed that disappears is no longer followed or served; call `layout.forget`
   (exported as `forget_feed`) in the transaction that drops the table.

5. A new replica. The new region lists the feed with `source` = a region that has the table; the others list
it with the
   new region among the `peers`, *before* the new region starts to copy (so that nobody trims what it will
   need). The replicator copies page by page (nothing to do for the hooks but `Items`), then calls `copied`,
   in the transaction that also makes the cursors valid; from then on `feeds()` gives it with source None. The
   replica may be read and written meanwhile or not, as the service likes; nothing is lost either way.
"""

import asyncio
from collections.abc import Mapping
from typing import NamedTuple, Protocol

from panregion.store import Transaction

from .replica import Items


class Feed(NamedTuple):
    """A replicated table, as one region has it."""

    peers: frozenset[str]
    """The other regions that have it (also those that are just getting it)."""
    source: str | None = None
    """Where this region's copy is to be read from, if it is not whole yet."""


class Hooks(Protocol):
    """What the replicator asks of a service."""

    changed: asyncio.Event
    """Set by the service when `feeds` would answer differently; cleared by the replicator."""

    def feeds(self) -> Mapping[str, Feed]:
        """The replicated tables of this region by the name of their feed (reads committed state)."""

    def items(self, tx: Transaction, feed: str) -> Items:
        """The items behind a feed."""

    def copied(self, tx: Transaction, feed: str) -> None:
        """The copy is whole: the feed's `source` is None from now on."""
