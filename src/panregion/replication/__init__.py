"""How regions converge: versions and conflicts (pure), following peers' feeds, snapshots for new replicas.

Start reading at `version.py` and `resolve.py` (what happens to a write), then `puller.py` (how it gets here).
"""

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
from .resolve import Decision, Outcome, resolve
from .version import BASE, Stamp, Version, decode_stamp, encode_stamp, stamp_write

__all__ = [
    "BASE",
    "Decision",
    "Envelope",
    "HybridLogicalClock",
    "MalformedEnvelope",
    "Outcome",
    "Stamp",
    "Version",
    "decode_envelope",
    "decode_stamp",
    "encode_envelope",
    "encode_stamp",
    "resolve",
    "stamp_of",
    "stamp_write",
    "unstamped",
    "value_of",
]
