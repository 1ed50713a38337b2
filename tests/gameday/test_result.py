"""The result's form: what is written is what is read, and it is what its schema says."""

import jsonschema
import msgspec
import pytest

from panregion.gameday import result
from tests.gameday.sample import sample


def test_a_result_is_read_as_it_was_written() -> None:
    assert result.from_json(result.to_json(sample())) == sample()


def test_a_result_is_what_its_schema_says() -> None:
    jsonschema.validate(msgspec.json.decode(result.to_json(sample())), result.schema())


def test_a_key_that_no_result_has_is_refused() -> None:
    text = result.to_json(sample()).replace(b'"seed"', b'"sead"')
    with pytest.raises(msgspec.ValidationError, match="sead"):
        result.from_json(text)


def test_series_are_of_one_length() -> None:
    for city in sample().cities:
        assert {len(series) for series in (city.good, city.failed, city.p50_ms, city.p95_ms, city.p99_ms)} == {60}
