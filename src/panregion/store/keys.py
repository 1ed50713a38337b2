"""Tuples as bytes, so that comparing the bytes compares the tuples.

After FoundationDB's tuple layer: every element starts with a byte that names its type, text and bytes end with
a zero (a zero inside becomes 00 FF), integers carry their length in the type byte, floats have their sign
folded so that IEEE order is byte order. Elements of different types order by type: bytes, str, int, float.

Because no type byte is 00 or FF, `packed + 00` is the first key after `packed` itself, and `packed + FF` is past
every key that has `packed` as a prefix.
"""

import struct
from functools import lru_cache

Element = str | int | bytes | float
Key = tuple[Element, ...]

BYTES, TEXT, ZERO, FLOAT = 0x01, 0x02, 0x14, 0x21
INTEGER_BYTES_MAX = 8
KEPT = 4096

_FLOAT = struct.Struct(">Q")
_DOUBLE = struct.Struct(">d")


def pack(key: Key) -> bytes:
    """The key's bytes. Raises TypeError for an element of another type, OverflowError past 64 bits."""
    return b"".join(map(_pack_element, key))


def pack_bytes(raw: bytes) -> bytes:
    """As `pack` of one string of bytes, of which nothing is remembered: such keys do not come again."""
    return b"\x01" + (raw.replace(b"\0", b"\0\xff") if b"\0" in raw else raw) + b"\0"


@lru_cache(KEPT, typed=True)
def _pack_element(element: Element) -> bytes:
    """The same names and numbers come again and again: tables, kinds of things."""
    if isinstance(element, str):
        raw = element.encode("utf-8", "surrogatepass")
        return b"\x02" + (raw.replace(b"\0", b"\0\xff") if b"\0" in raw else raw) + b"\0"
    if isinstance(element, bytes):
        return pack_bytes(element)
    if type(element) is int:
        return _pack_integer(element)
    if type(element) is float:
        return _pack_float(element)
    raise TypeError(f"a key cannot hold {type(element).__name__}")


def _pack_integer(value: int) -> bytes:
    if value == 0:
        return b"\x14"
    length = (abs(value).bit_length() + 7) // 8
    if length > INTEGER_BYTES_MAX:
        raise OverflowError(f"{value} does not fit a key")
    if value > 0:
        return bytes([ZERO + length]) + value.to_bytes(length, "big")
    return bytes([ZERO - length]) + (value + (1 << 8 * length) - 1).to_bytes(length, "big")


def _pack_float(value: float) -> bytes:
    (bits,) = _FLOAT.unpack(_DOUBLE.pack(value))
    bits ^= 0xFFFF_FFFF_FFFF_FFFF if bits >> 63 else 1 << 63
    return b"\x21" + _FLOAT.pack(bits)


def unpack(packed: bytes) -> Key:
    """The key whose bytes these are."""
    elements: list[Element] = []
    at = 0
    while at < len(packed):
        kind = packed[at]
        if kind in (BYTES, TEXT):
            raw, at = _unpack_terminated(packed, at + 1)
            elements.append(raw if kind == BYTES else raw.decode("utf-8", "surrogatepass"))
        elif kind == FLOAT:
            (bits,) = _FLOAT.unpack_from(packed, at + 1)
            bits ^= 1 << 63 if bits >> 63 else 0xFFFF_FFFF_FFFF_FFFF
            elements.append(_DOUBLE.unpack(_FLOAT.pack(bits))[0])
            at += 9
        else:
            length = kind - ZERO
            raw = packed[at + 1 : at + 1 + abs(length)]
            value = int.from_bytes(raw, "big")
            elements.append(value if length >= 0 else value - (1 << 8 * -length) + 1)
            at += 1 + abs(length)
    return tuple(elements)


def unpack_bytes(packed: bytes) -> bytes:
    """The element of a key that is one string of bytes; as `unpack`, at a tenth of the cost."""
    return packed[1:-1].replace(b"\0\xff", b"\0")


def _unpack_terminated(packed: bytes, start: int) -> tuple[bytes, int]:
    """The text that starts there, and where the next element does."""
    end = packed.index(b"\0", start)
    if packed[end + 1 : end + 2] != b"\xff":
        return packed[start:end], end + 1
    while packed[end + 1 : end + 2] == b"\xff":
        end = packed.index(b"\0", end + 2)
    return packed[start:end].replace(b"\0\xff", b"\0"), end + 1


def first_after(packed: bytes) -> bytes:
    """The least key greater than this one."""
    return packed + b"\0"


def past_prefix(packed: bytes) -> bytes:
    """Past every key that starts with this one."""
    return packed + b"\xff"
