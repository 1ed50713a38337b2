"""CBOR (RFC 8949), as much of it as AWS uses: no tag but the one for timestamps.

Values are those of `json`, with bytes and datetimes besides. Going out, everything has a definite length, and a
float is written in eight bytes.
"""

import math
import struct
from datetime import datetime
from typing import Any

from panregion.wire import times
from panregion.wire.errors import SerializationException

DEPTH_MAX = 128

_TIMESTAMP_TAG = 1
_BREAK = 0xFF
_INDEFINITE = 31
_SIMPLE = {20: False, 21: True, 22: None, 23: None}
_FLOATS = {25: (">e", 2), 26: (">f", 4), 27: (">d", 8)}


def loads(data: bytes) -> Any:
    reader = _Reader(data)
    try:
        value = reader.item(0)
    except (IndexError, struct.error, UnicodeDecodeError) as error:
        raise SerializationException("The request body is not valid CBOR") from error
    if reader.position != len(data):
        raise SerializationException("The request body is not valid CBOR: more than one value")
    return value


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self.position = 0

    def item(self, depth: int) -> Any:
        if depth > DEPTH_MAX:
            raise SerializationException("The request body is nested too deeply")
        initial = self._byte()
        major, info = initial >> 5, initial & 31
        if major == 0:
            return self._length(info)
        if major == 1:
            return -1 - self._length(info)
        if major in (2, 3):
            return self._string(major, info)
        if major == 4:
            return self._list(info, depth)
        if major == 5:
            return self._map(info, depth)
        return self._tagged(info, depth) if major == 6 else self._simple(info)

    def _byte(self) -> int:
        value = self._data[self.position]
        self.position += 1
        return value

    def _take(self, size: int) -> bytes:
        end = self.position + size
        if end > len(self._data):
            raise IndexError(end)
        taken = self._data[self.position : end]
        self.position = end
        return taken

    def _length(self, info: int) -> int:
        if info < 24:
            return info
        if info > 27:
            raise SerializationException("The request body is not valid CBOR")
        return int.from_bytes(self._take(1 << (info - 24)), "big")

    def _ended(self) -> bool:
        if self._data[self.position] != _BREAK:
            return False
        self.position += 1
        return True

    def _string(self, major: int, info: int) -> bytes | str:
        if info == _INDEFINITE:
            parts = []
            while not self._ended():
                parts.append(self._take(self._length(self._byte() & 31)))
            data = b"".join(parts)
        else:
            data = self._take(self._length(info))
        return data if major == 2 else data.decode()

    def _list(self, info: int, depth: int) -> list[Any]:
        if info != _INDEFINITE:
            return [self.item(depth + 1) for _ in range(self._length(info))]
        items = []
        while not self._ended():
            items.append(self.item(depth + 1))
        return items

    def _map(self, info: int, depth: int) -> dict[Any, Any]:
        found = {}
        left = -1 if info == _INDEFINITE else self._length(info)
        while left and not (info == _INDEFINITE and self._ended()):
            key = self.item(depth + 1)
            if not isinstance(key, str):
                raise SerializationException("The keys of maps must be strings")
            found[key] = self.item(depth + 1)
            left -= 1
        return found

    def _tagged(self, info: int, depth: int) -> Any:
        tag, value = self._length(info), self.item(depth + 1)
        if tag != _TIMESTAMP_TAG or type(value) not in (int, float):
            raise SerializationException(f"CBOR tag {tag} is not supported")
        return times.parse_epoch(value)

    def _simple(self, info: int) -> Any:
        if info in _SIMPLE:
            return _SIMPLE[info]
        if info not in _FLOATS:
            raise SerializationException("The request body is not valid CBOR")
        form, size = _FLOATS[info]
        return struct.unpack(form, self._take(size))[0]


def dumps(value: Any) -> bytes:
    out = bytearray()
    _write(value, out)
    return bytes(out)


def _write(value: Any, out: bytearray) -> None:
    if value is None:
        out.append(0xF6)
    elif isinstance(value, bool):
        out.append(0xF5 if value else 0xF4)
    elif isinstance(value, int):
        _write_head(0 if value >= 0 else 1, value if value >= 0 else -1 - value, out)
    elif isinstance(value, float):
        _write_float(value, out)
    elif isinstance(value, str):
        data = value.encode()
        _write_head(3, len(data), out)
        out += data
    elif isinstance(value, (bytes, bytearray)):
        _write_head(2, len(value), out)
        out += value
    elif isinstance(value, datetime):
        out.append(0xC0 | _TIMESTAMP_TAG)
        _write(times.format_epoch(value), out)
    else:
        _write_container(value, out)


def _write_container(value: Any, out: bytearray) -> None:
    if isinstance(value, dict):
        _write_head(5, len(value), out)
        for key, item in value.items():
            _write(key, out)
            _write(item, out)
        return
    assert isinstance(value, (list, tuple)), f"CBOR has no {type(value).__name__}"
    _write_head(4, len(value), out)
    for item in value:
        _write(item, out)


def _write_head(major: int, number: int, out: bytearray) -> None:
    if number < 24:
        out.append(major << 5 | number)
        return
    power = 0 if number < 1 << 8 else 1 if number < 1 << 16 else 2 if number < 1 << 32 else 3
    out.append(major << 5 | 24 + power)
    out += number.to_bytes(1 << power, "big")


def _write_float(value: float, out: bytearray) -> None:
    if math.isfinite(value):
        out.append(0xFB)
        out += struct.pack(">d", value)
    else:
        out.append(0xF9)
        out += struct.pack(">e", value)
