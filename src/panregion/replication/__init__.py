"""How regions converge: versions and conflicts (pure), following peers' feeds, snapshots for new replicas.

Start reading at `version.py` and `resolve.py` (what happens to a write), `replica.py` (one region's copy of
a table), then `puller.py` (how writes get here). What a service
has to give is in `hooks.py`.

Strong tables: `register.py` (what is agreed on and how, pure), `acceptor.py` (what is kept of it), `registers.py`
(proposing, learning, catching up).
"""

from . import register, replica
from .clock import HybridLogicalClock
from .envelope import (
    Envelope,
    MalformedEnvelope,
    decode_envelope,
    encode_envelope,
    stamp_of,
    unstamped,
    value_of,
)
from .hooks import Feed, Hooks
from .layout import Conflict, conflicts, start_feed_at
from .layout import cursor as feed_cursor
from .layout import forget as forget_feed
from .replica import Items, RefusedRecord, Site
from .replicator import ReplicationSettings, Replicator
from .resolve import Decision, Outcome, resolve
from .version import BASE, Stamp, Version, decode_stamp, encode_stamp, stamp_write

__all__ = [
    "BASE",
    "Conflict",
    "Decision",
    "Envelope",
    "Feed",
    "Hooks",
    "HybridLogicalClock",
    "Items",
    "MalformedEnvelope",
    "Outcome",
    "RefusedRecord",
    "ReplicationSettings",
    "Replicator",
    "Site",
    "Stamp",
    "Version",
    "conflicts",
    "decode_envelope",
    "decode_stamp",
    "encode_envelope",
    "encode_stamp",
    "feed_cursor",
    "forget_feed",
    "register",
    "replica",
    "resolve",
    "stamp_of",
    "stamp_write",
    "start_feed_at",
    "unstamped",
    "value_of",
]
