"""Cyclic redundancy checks that Python's library lacks, at the speed of its string operations.

A table-driven CRC looks up one byte at a time, which in Python means some ten million bytes a second. But the
same CRC over many lanes at once needs only what `bytes` does in C: the data is cut into lanes of equal length, and
byte i of every lane is processed together. With the state kept as one byte string per byte of the register,
a step is an XOR of long integers and one `bytes.translate` per register byte:

    index      = lowest register byte XOR data byte            (all lanes at once)
    register_k = register_(k+1) XOR table_k[index]

The lanes' CRCs are then joined: a CRC is linear, so crc(a + b) = crc(a) shifted by len(b) zero bytes XOR crc(b)
(without the initial and final inversion, which are applied as what they are: constants that shift too).
The same joining gives the checksum of a multipart object from those of its parts.
"""

from dataclasses import dataclass
from functools import cache, cached_property

LANE_BYTES, LANE_BYTES_LARGE = 256, 1024
"""Two lengths only, so that the tables for joining lanes are made twice and kept."""

LARGE_BYTES = 1 << 20
DIRECT_BYTES_MAX = 8192
"""Below this the lanes cost more than they save."""


@dataclass(frozen=True)
class Crc:
    """A reflected CRC with initial and final inversion: `width` in bits, `polynomial` with its lowest power first."""

    width: int
    polynomial: int

    @property
    def mask(self) -> int:
        return (1 << self.width) - 1

    @cached_property
    def table(self) -> list[int]:
        """What one byte becomes."""
        return [self._after_bits(byte, 8) for byte in range(256)]

    @cached_property
    def columns(self) -> list[bytes]:
        """The table by register byte, lowest first, in the form that `bytes.translate` takes."""
        return [bytes(entry >> 8 * k & 0xFF for entry in self.table) for k in range(self.width // 8)]

    def _after_bits(self, register: int, count: int) -> int:
        for _ in range(count):
            register = register >> 1 ^ (self.polynomial if register & 1 else 0)
        return register

    def of(self, data: bytes) -> int:
        """The CRC of the bytes."""
        return self.residue(data, self.mask) ^ self.mask

    def joined(self, first: int, second: int, second_length: int) -> int:
        """The CRC of two pieces after one another, from the CRC of each."""
        return self.shifted(first, second_length) ^ second

    def residue(self, data: bytes, register: int = 0) -> int:
        """The register after the bytes."""
        if len(data) <= DIRECT_BYTES_MAX:
            return self._direct(data, register)
        length = LANE_BYTES if len(data) < LARGE_BYTES else LANE_BYTES_LARGE
        lanes = len(data) // length
        whole = lanes * length
        shift = self._shift_tables(length)
        for lane in self._lanes(memoryview(data)[:whole], lanes, length):
            register = _apply(shift, register) ^ lane
        return self._direct(data[whole:], register)

    def _direct(self, data: bytes, register: int) -> int:
        table = self.table
        for byte in data:
            register = table[(register ^ byte) & 0xFF] ^ register >> 8
        return register

    def _lanes(self, data: memoryview, lanes: int, length: int) -> list[int]:
        """The residue of each lane."""
        size = self.width // 8
        zero = 0
        registers = [zero] * size
        raw = bytes(data)
        for i in range(length):
            index = (registers[0] ^ int.from_bytes(raw[i::length], "little")).to_bytes(lanes, "little")
            above = [*registers[1:], zero]
            registers = [
                int.from_bytes(index.translate(column), "little") ^ higher
                for column, higher in zip(self.columns, above, strict=True)
            ]
        planes = [register.to_bytes(lanes, "little") for register in registers]
        return [int.from_bytes(lane, "little") for lane in zip(*planes, strict=True)]

    def shifted(self, register: int, length: int) -> int:
        """The register after `length` zero bytes."""
        for exponent in range(length.bit_length()):
            if length >> exponent & 1:
                register = _times(self._power(exponent), register)
        return register

    @cache  # noqa: B019 - there are two of these objects, and they live as long as the process
    def _power(self, exponent: int) -> tuple[int, ...]:
        """Shifting by 2**exponent zero bytes, as a matrix: the image of every bit."""
        if exponent == 0:
            return tuple(self._after_bits(1 << bit, 8) for bit in range(self.width))
        half = self._power(exponent - 1)
        return tuple(_times(half, column) for column in half)

    @cache  # noqa: B019 - as above
    def _shift_tables(self, length: int) -> list[list[int]]:
        """Shifting by `length` zero bytes, a table per register byte."""
        matrix = tuple(self.shifted(1 << bit, length) for bit in range(self.width))
        return [[_times(matrix, byte << 8 * k) for byte in range(256)] for k in range(self.width // 8)]


def _times(matrix: tuple[int, ...], vector: int) -> int:
    product = 0
    while vector:
        low = vector & -vector
        product ^= matrix[low.bit_length() - 1]
        vector ^= low
    return product


def _apply(tables: list[list[int]], register: int) -> int:
    product = 0
    for table in tables:
        product ^= table[register & 0xFF]
        register >>= 8
    return product


CRC32 = Crc(32, 0xEDB88320)
CRC32C = Crc(32, 0x82F63B78)
CRC64NVME = Crc(64, 0x9A6C9329AC4BC9B5)
