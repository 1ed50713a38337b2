"""What paths find."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panregion.languages.jsonpath import JsonPathError, find

DOCUMENT = {
    "a": {"b": [{"c": 1}, {"c": 2, "d": "x"}], "b-c": 3, "": 4},
    "with space": {"it's": 5},
    "list": [1, 2, 3],
    "null": None,
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$", DOCUMENT),
        ("$.a.b[0].c", 1),
        ("$.a.b[-1].d", "x"),
        ("$['a']['b-c']", 3),
        ("$.a.b-c", 3),
        ('$["with space"]', {"it's": 5}),
        (r"$['with space']['it\'s']", 5),
        ("a.b[1].c", 2),
        ("$.none", None),
        ("$.null", None),
        ("$.list[9]", None),
        ("$.list.name", None),
        ("$.list.length()", 3),
        ("$.none.length()", None),
        ("$.a.b[*].c", [1, 2]),
        ("$..c", [1, 2]),
        ("$.list[0:2]", [1, 2]),
        ("$.a.b[?(@.c == 2)].d", ["x"]),
        ("$.a.b[?(@.d)].c", [2]),
        ("$.none[*]", []),
    ],
)
def test_paths(path: str, found: Any) -> None:
    assert find(path, DOCUMENT) == found


@pytest.mark.parametrize("path", ["$[", "$.a[?(", "$.a[b c]"])
def test_what_is_no_path(path: str) -> None:
    with pytest.raises(JsonPathError):
        find(path, DOCUMENT)


@given(st.lists(st.text(min_size=1, max_size=5), max_size=4), st.integers())
def test_any_name_can_be_quoted(names: list[str], leaf: int) -> None:
    document: Any = leaf
    for name in reversed(names):
        document = {name: document}
    quoted = "".join("['" + name.replace("\\", "\\\\").replace("'", "\\'") + "']" for name in names)
    assert find("$" + quoted, document) == leaf
