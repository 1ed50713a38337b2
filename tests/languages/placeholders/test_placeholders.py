"""Templates with places: text within strings, JSON elsewhere."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panregion.languages.placeholders import UNKNOWN, fill

PLACE = re.compile(r"<(\w+)>")
VALUES: dict[str, Any] = {"text": 'a "b"', "number": 7, "none": None, "object": {"k": [1, "x"]}}


def filled(template: str, values: dict[str, Any] = VALUES) -> str:
    return fill(template, PLACE, lambda name: values.get(name, UNKNOWN))


@pytest.mark.parametrize(
    ("template", "result"),
    [
        ('"Dr. <text>"', '"Dr. a \\"b\\""'),
        ('  "<number>"\n', '"7"'),
        ('"<object>"', '"{\\"k\\":[1,\\"x\\"]}"'),
        ("<text>", '"a \\"b\\""'),
        ("<object>", '{"k":[1,"x"]}'),
        ('{"t": <text>, "n": <number>}', '{"t": "a \\"b\\"", "n": 7}'),
        ('{"t": "is <text>, <none>.", "z": <none>}', '{"t": "is a \\"b\\", .", "z": ""}'),
        ("<other> <number>", "<other> 7"),
        ('"bad \\q <number>"', '"bad \\q 7"'),
        ("", ""),
    ],
)
def test_filling(template: str, result: str) -> None:
    assert filled(template) == result


@given(st.recursive(st.text() | st.integers() | st.booleans(), lambda inner: st.lists(inner), max_leaves=5))
def test_a_template_that_is_json_stays_json(value: Any) -> None:
    whole = json.loads(filled('{"bare": <v>, "within": "[<v>]"}', {"v": value}))
    assert whole["bare"] == value
    assert isinstance(whole["within"], str)
