"""Receipt handles: opaque to clients, they say where a received message lies and which receipt it is.

A handle is base64 of: a mark, the queue's id, the heap, the place (16 bytes), how often the message had been received,
on a FIFO queue its group, and a CRC-32 of it all, by which what is no handle of ours is known.
"""

import base64
import binascii
import struct
import zlib
from typing import NamedTuple

from panregion.services.sqs.errors import ReceiptHandleIsInvalid

_HEAD = struct.Struct(">2sII16sI")
_SUM = struct.Struct(">I")
_MARK = b"\x01\x04"
"""So that handles begin with AQ, as AWS's do."""


class Receipt(NamedTuple):
    heap: int
    place: bytes
    receives: int
    group: str
    text: str


def receipt_text(queue_id: int, heap: int, place: bytes, receives: int, group: str = "") -> str:
    raw = _HEAD.pack(_MARK, queue_id, heap, place, receives) + group.encode()
    return base64.b64encode(raw + _SUM.pack(zlib.crc32(raw))).decode()


def parse_receipt(queue_id: int, text: str) -> Receipt:
    """Raises ReceiptHandleIsInvalid for what is no handle of this queue."""
    try:
        packed = base64.b64decode(text, validate=True)
        raw = packed[:-4]
        mark, owner, heap, place, receives = _HEAD.unpack_from(raw)
        known = mark == _MARK and owner == queue_id and _SUM.unpack(packed[-4:])[0] == zlib.crc32(raw)
    except (binascii.Error, ValueError, struct.error):
        known = False
    if not known:
        raise ReceiptHandleIsInvalid(f'The input receipt handle "{text}" is not a valid receipt handle.')
    return Receipt(heap, place, receives, raw[_HEAD.size :].decode(), text)
