"""Packed keys order as the tuples do, and come back as they were."""

from hypothesis import given
from hypothesis import strategies as st

from panregion.store.keys import Element, first_after, pack, past_prefix, unpack, unpack_bytes

ORDER: dict[type, int] = {bytes: 0, str: 1, int: 2, float: 3}

elements: st.SearchStrategy[Element] = st.one_of(
    st.binary(max_size=8),
    st.text(max_size=8),
    st.integers(-(2**63), 2**63),
    st.floats(allow_nan=False).map(lambda value: value + 0.0),
)
tuples = st.lists(elements, max_size=4).map(tuple)


def comparable(key: tuple[Element, ...]) -> list[tuple[int, object]]:
    return [(ORDER[type(element)], element.encode() if isinstance(element, str) else element) for element in key]


@given(tuples)
def test_unpacking_gives_back_what_was_packed(key: tuple[Element, ...]) -> None:
    assert unpack(pack(key)) == key


@given(tuples, tuples)
def test_bytes_order_as_tuples(left: tuple[Element, ...], right: tuple[Element, ...]) -> None:
    assert (pack(left) < pack(right)) == (comparable(left) < comparable(right))


@given(tuples, tuples)
def test_a_prefix_bounds_exactly_its_extensions(prefix: tuple[Element, ...], rest: tuple[Element, ...]) -> None:
    packed = pack(prefix)
    assert packed <= pack(prefix + rest) < past_prefix(packed)
    assert (pack(prefix + rest) >= first_after(packed)) == bool(rest)


@given(st.binary())
def test_a_key_of_one_string_of_bytes(element: bytes) -> None:
    assert unpack_bytes(pack((element,))) == element
