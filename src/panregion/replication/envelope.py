"""A stamped value or tombstone as bytes, for the store and for the feed.

    kind (1 byte) | length of the stamp (2 bytes, big-endian) | stamp (MessagePack) | value, or time of
    deletion in ms (8 bytes)

The value is the tail, untouched, so that reading an item copies bytes and parses nothing.
"""

from struct import Struct, error
from typing import NamedTuple

import msgspec

from .version import BASE, Stamp, decode_stamp, encode_stamp

VALUE = 1
TOMBSTONE = 2
_HEAD = Struct(">BH")
_TIME = Struct(">Q")


class MalformedEnvelope(Exception):
    """Bytes that are no envelope: from a newer layout, or damaged."""


class Envelope(NamedTuple):
    stamp: Stamp
    value: bytes | None
    """None: deleted."""
    deleted_ms: int = 0
    """Wall time of the deletion where it was made; decides how long the tombstone is kept at least."""

    @property
    def deleted(self) -> bool:
        return self.value is None


def encode_envelope(envelope: Envelope) -> bytes:
    stamp = encode_stamp(envelope.stamp)
    if envelope.value is None:
        return _HEAD.pack(TOMBSTONE, len(stamp)) + stamp + _TIME.pack(envelope.deleted_ms)
    return _HEAD.pack(VALUE, len(stamp)) + stamp + envelope.value


def decode_envelope(data: bytes) -> Envelope:
    try:
        kind, length = _HEAD.unpack_from(data)
        stamp, rest = decode_stamp(data[3 : 3 + length]), data[3 + length :]
        if kind == VALUE:
            return Envelope(stamp, rest)
        if kind == TOMBSTONE:
            return Envelope(stamp, None, _TIME.unpack(rest)[0])
    except (error, msgspec.MsgspecError) as failure:
        raise MalformedEnvelope(f"not an envelope: {failure}") from failure
    raise MalformedEnvelope(f"an envelope of unknown kind {kind}")


def value_of(data: bytes) -> bytes | None:
    """The value alone (None for a tombstone), without reading the stamp."""
    if data[0] != VALUE:
        return None
    return data[3 + (data[1] << 8 | data[2]) :]


def stamp_of(data: bytes) -> Stamp:
    """The stamp alone."""
    return decode_stamp(data[3 : 3 + (data[1] << 8 | data[2])])


def unstamped(value: bytes) -> Envelope:
    """A value from before its table was replicated."""
    return Envelope(BASE, value)
