"""The published JSON schema is the result's own, and results keep to it.

After a deliberate change: PANREGION_GOLDEN=write pytest tests/gameday/report/test_schema.py
"""

import os
from pathlib import Path

import jsonschema
import msgspec

from panregion.gameday import result
from tests.gameday.sample import sample

PUBLISHED = Path(__file__).parent.parent.parent.parent / "docs" / "gameday-result.schema.json"


def test_the_published_schema_is_in_step() -> None:
    written = msgspec.json.format(msgspec.json.encode(result.schema()), indent=1) + b"\n"
    if os.environ.get("PANREGION_GOLDEN") == "write":
        PUBLISHED.write_bytes(written)
    assert written == PUBLISHED.read_bytes()


def test_a_result_keeps_to_it() -> None:
    schema = msgspec.json.decode(PUBLISHED.read_bytes())
    jsonschema.validate(msgspec.json.decode(result.to_json(sample())), schema)
