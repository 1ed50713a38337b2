"""CRCs against their published check values, Python's own, and a bit-by-bit twin."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panregion.services.s3.crc import CRC32, CRC32C, CRC64NVME, Crc

CHECK = b"123456789"


def bit_by_bit(crc: Crc, data: bytes) -> int:
    """The definition, for comparison."""
    register = crc.mask
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = register >> 1 ^ (crc.polynomial if register & 1 else 0)
    return register ^ crc.mask


@pytest.mark.parametrize(("crc", "value"), [(CRC32, 0xCBF43926), (CRC32C, 0xE3069283), (CRC64NVME, 0xAE8B14860A799888)])
def test_published_check_values(crc: Crc, value: int) -> None:
    assert crc.of(CHECK) == value


@given(st.binary(max_size=200))
def test_short_data_against_the_definition(data: bytes) -> None:
    assert CRC32C.of(data) == bit_by_bit(CRC32C, data)
    assert CRC64NVME.of(data) == bit_by_bit(CRC64NVME, data)


@pytest.mark.parametrize("size", [2048, 2049, 4095, 10_007, 300_001])
def test_lanes_give_what_one_lane_gives(size: int) -> None:
    data = bytes((i * i + 7) % 251 for i in range(size))
    assert CRC32.of(data) == zlib.crc32(data)
    assert CRC64NVME.residue(data) == CRC64NVME._direct(data, 0)


@given(st.binary(max_size=100), st.binary(max_size=100))
def test_two_pieces_join(first: bytes, second: bytes) -> None:
    joined = CRC64NVME.joined(CRC64NVME.of(first), CRC64NVME.of(second), len(second))
    assert joined == CRC64NVME.of(first + second)
