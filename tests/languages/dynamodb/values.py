"""Strategies for DynamoDB's numbers, values and items."""

from base64 import b64encode
from decimal import Decimal

from hypothesis import strategies as st

from panregion.languages.dynamodb import Item, Value, canonical_number

NAMES = ("a", "b", "c", "d")


def _number(digits: int, exponent: int, negative: bool) -> str:
    return canonical_number(str(Decimal(f"{'-' if negative else ''}{digits}e{exponent}")))


numbers = st.builds(_number, st.integers(0, 10**38 - 1), st.integers(-130, 87), st.booleans())
small_numbers = st.integers(-5, 5).map(str)
texts = st.text("ab\0é\uffff𐀀", max_size=4)
binaries = st.binary(max_size=3).map(lambda raw: b64encode(raw).decode())

scalars = st.one_of(
    st.builds(lambda text: {"S": text}, texts),
    st.builds(lambda number: {"N": number}, small_numbers),
    st.builds(lambda binary: {"B": binary}, binaries),
    st.builds(lambda flag: {"BOOL": flag}, st.booleans()),
    st.just({"NULL": True}),
    st.builds(lambda members: {"NS": sorted(members)}, st.sets(small_numbers, min_size=1, max_size=3)),
    st.builds(lambda members: {"SS": sorted(members)}, st.sets(st.sampled_from("xyz"), min_size=1)),
)


def _containers(inner: st.SearchStrategy[Value]) -> st.SearchStrategy[Value]:
    return st.one_of(
        st.builds(lambda elements: {"L": elements}, st.lists(inner, max_size=3)),
        st.builds(lambda members: {"M": members}, st.dictionaries(st.sampled_from(NAMES), inner, max_size=3)),
    )


values: st.SearchStrategy[Value] = st.recursive(scalars, _containers, max_leaves=5)
items: st.SearchStrategy[Item] = st.dictionaries(st.sampled_from(NAMES), values, max_size=4)
