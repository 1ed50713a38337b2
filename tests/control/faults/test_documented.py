"""docs/faults.md names every kind with its fields, and the faults' own words are short."""

import re
from pathlib import Path

import msgspec
import pytest

from panregion.control.faults import FAULTS

PAGE = (Path(__file__).parents[3] / "docs" / "faults.md").read_text()
ROWS = {match[1]: match[2] for match in re.finditer(r"^\| `([a-z-]+)` \| (.*?) \| .* \|$", PAGE, re.MULTILINE)}


@pytest.mark.parametrize("kind", FAULTS)
def test_a_kind_is_documented_with_its_fields(kind: str) -> None:
    fields = [field.encode_name for field in msgspec.structs.fields(FAULTS[kind])]
    written = re.sub(r"\([^)]*\)", "", ROWS[kind])
    assert sorted(name.strip() for name in written.split(",")) == sorted(fields)


def test_no_kind_is_documented_that_is_not_there() -> None:
    assert ROWS.keys() == FAULTS.keys()
