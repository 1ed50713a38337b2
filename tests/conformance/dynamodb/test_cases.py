"""The tables of cases in cases/: a request a line, and the error that answers it (null: it is accepted).

A line is {"group", "params", "error": [code, message or null]}; a file has one operation's cases, in groups: `shape`
(the service model's types and constraints), `expression`, `rule`, and `accepted`. Every case stands alone: what it
writes has a key that no other case reads.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.dynamodb.raw import Raw

CASES = Path(__file__).parent / "cases"


def _cases() -> list[Any]:
    return [
        pytest.param(path.stem, case["params"], case["error"], id=f"{path.stem}-{case['group']}-{number}")
        for path in sorted(CASES.glob("*.jsonl"))
        for number, case in enumerate(map(json.loads, path.read_text().splitlines()), 1)
    ]


@pytest.mark.parametrize(("operation", "params", "error"), _cases())
def test_answer(raw: Raw, operation: str, params: dict[str, Any], error: list[str] | None) -> None:
    answer = raw(operation, params)
    if error is None:
        assert answer.status == 200, answer.error
        return
    assert answer.error is not None
    code, message = error
    assert (answer.status, answer.error[0]) == (400, code)
    if message is not None:
        assert answer.error[1] == message
