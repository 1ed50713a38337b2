"""CBOR against RFC 8949's own examples, itself, and botocore's parser."""

import contextlib
from datetime import UTC, datetime

import pytest
from botocore.parsers import RpcV2CBORParser
from hypothesis import given
from hypothesis import strategies as st

from panregion.wire import SerializationException
from panregion.wire.cbor import dumps, loads

MOMENT = datetime(2013, 3, 21, 20, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("encoded", "value"),
    [
        ("00", 0), ("17", 23), ("1818", 24), ("1903e8", 1000), ("1a000f4240", 1000000),
        ("1bffffffffffffffff", 18446744073709551615), ("20", -1), ("3903e7", -1000), ("f93e00", 1.5),
        ("fa47c35000", 100000.0), ("fb3ff199999999999a", 1.1), ("f97c00", float("inf")), ("f4", False), ("f5", True),
        ("f6", None), ("f7", None), ("c11a514b67b0", MOMENT), ("4401020304", b"\x01\x02\x03\x04"),
        ("6449455446", "IETF"),
        ("83010203", [1, 2, 3]), ("a26161016162820203", {"a": 1, "b": [2, 3]}),
        ("5f42010243030405ff", b"\x01\x02\x03\x04\x05"),
        ("7f657374726561646d696e67ff", "streaming"), ("9fff", []), ("9f018202039f0405ffff", [1, [2, 3], [4, 5]]),
        ("bf61610161629f0203ffff", {"a": 1, "b": [2, 3]}),
    ],
)  # fmt: skip
def test_the_examples_of_the_rfc(encoded: str, value: object) -> None:
    assert loads(bytes.fromhex(encoded)) == value


@pytest.mark.parametrize(
    "encoded", ["", "18", "61", "62c328", "1c", "c074", "0000", "a10102", "81" * 200, "fc", "5b7fffffffffffffff"]
)
def test_what_is_no_cbor(encoded: str) -> None:
    with pytest.raises(SerializationException):
        loads(bytes.fromhex(encoded))


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**64), 2**64 - 1) | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner.filter(lambda value: value is not None)),
    max_leaves=20,
)


@given(values)
def test_there_and_back_and_as_botocore_reads_it(value: object) -> None:
    encoded = dumps(value)
    assert loads(encoded) == value
    parser = RpcV2CBORParser()
    assert parser.parse_data_item(parser.get_peekable_stream_from_bytes(encoded)) == value


@given(st.binary(max_size=40))
def test_no_bytes_do_harm(data: bytes) -> None:
    with contextlib.suppress(SerializationException):
        loads(data)
