"""An index finds what trying every pattern finds."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from panregion.languages.patterns import EVENTS, Index, compile_pattern
from tests.languages.patterns.test_patterns import EVENTS_OF, KEYS, PATTERNS_OF

ALSO = st.sampled_from(
    [
        {"k": ["a", "b"], "l": [{"suffix": "b"}]},
        {"k": {"l": [{"prefix": "a"}, {"prefix": "ab"}]}},
        {"$or": [{"k": ["a"]}, {"l": ["a"]}]},
        {"k": [1, 2.0]},
        {"k": [{"exists": False}]},
        {},
    ]
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.one_of(ALSO, st.dictionaries(KEYS, PATTERNS_OF, max_size=2)), max_size=6),
    st.dictionaries(KEYS, EVENTS_OF, max_size=3),
)
def test_against_trying_each(patterns: list[dict[str, Any]], event: dict[str, Any]) -> None:
    index = Index([(str(number), pattern) for number, pattern in enumerate(patterns)], EVENTS)
    expected = [str(n) for n, pattern in enumerate(patterns) if compile_pattern(pattern, EVENTS).matches(event)]
    assert sorted(index.matching(event)) == expected


def test_only_what_may_match_is_tried() -> None:
    rules = [(str(n), {"source": ["app"], "detail": {"kind": [f"k{n}"]}}) for n in range(1000)]
    index = Index(rules, EVENTS)
    event = {"source": "app", "detail": {"kind": "k7"}}
    assert len(list(index._candidates(event))) == 1
    assert index.matching(event) == ["7"]
