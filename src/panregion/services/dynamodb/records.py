"""An item as stored: its size and its JSON, as they go out again.

    0 | size (3 bytes) | JSON                                     of a table in one region
    1 | length (2 bytes) | stamp | size (3 bytes) | JSON          of a replicated table: replication's envelope

The JSON is the attribute map in wire form with canonical numbers. Reading an item copies bytes.
"""

import msgspec

from panregion.languages.dynamodb import Item
from panregion.replication import Envelope, decode_envelope, encode_envelope, unstamped

PLAIN = b"\0"

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, dict[str, object]]).decode


def image(item: Item, size: int) -> bytes:
    """What replication carries of an item: size and JSON."""
    return size.to_bytes(3, "big") + _encode(item)


def plain(item: Item, size: int) -> bytes:
    """The record of an item without a stamp."""
    return PLAIN + image(item, size)


def _start(record: bytes) -> int:
    """Where the size begins."""
    return 1 if record[0] == 0 else 3 + (record[1] << 8 | record[2])


def size_of(record: bytes) -> int:
    start = _start(record)
    return int.from_bytes(record[start : start + 3], "big")


def opened(record: bytes) -> tuple[int, int]:
    """The item's size, and where its JSON begins: for those who read many."""
    start = 1 if record[0] == 0 else 3 + (record[1] << 8 | record[2])
    json_at = start + 3
    return int.from_bytes(record[start:json_at]), json_at


def image_of(record: bytes) -> bytes:
    """Size and JSON, without the stamp."""
    return record[_start(record) :]


def size_of_image(image: bytes) -> int:
    return int.from_bytes(image[:3], "big")


def json_of(record: bytes) -> bytes:
    return record[_start(record) + 3 :]


def raw_of(record: bytes) -> msgspec.Raw:
    """The item as an output can hold it, encoded already."""
    return msgspec.Raw(record[_start(record) + 3 :])


def item_of(record: bytes) -> Item:
    return _decode(record[_start(record) + 3 :])


def item_of_image(image: bytes) -> Item:
    return _decode(image[3:])


def envelope_of(record: bytes) -> Envelope:
    """The record as replication sees it."""
    return unstamped(record[1:]) if record[0] == 0 else decode_envelope(record)


def record_of(envelope: Envelope) -> bytes:
    """A stamped record, or the bytes of a tombstone."""
    return encode_envelope(envelope)
