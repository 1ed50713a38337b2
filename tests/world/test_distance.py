"""Distances: measured where they were measured, fitted elsewhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panregion.world.distance import cities, great_circle_km, regions, round_trip_ms, site

names = st.sampled_from(sorted([*regions(), *cities()]))


@pytest.mark.parametrize(
    ("a", "b", "ms"),
    [
        ("us-east-1", "eu-west-1", 70.5),
        ("eu-west-1", "ap-southeast-2", 253.7),
        ("us-east-1", "us-east-1", 0.3),
        ("london", "london", 0.5),
    ],
)
def test_known_pairs(a: str, b: str, ms: float) -> None:
    assert round_trip_ms(a, b) == ms


def test_a_city_near_a_region_has_what_a_home_user_sees() -> None:
    assert round_trip_ms("dublin", "eu-west-1") == pytest.approx(15.7, abs=0.1)
    nearest = min(("us-east-1", "eu-west-1", "ap-southeast-2"), key=lambda r: round_trip_ms("sydney", r))
    assert nearest == "ap-southeast-2"


def test_london_to_new_york_is_5570_km() -> None:
    assert great_circle_km(cities()["london"], cities()["new-york"]) == pytest.approx(5570, rel=0.005)


def test_unknown_sites_are_named() -> None:
    assert site("atlantis") is None
    with pytest.raises(KeyError, match="atlantis"):
        round_trip_ms("atlantis", "london")


@given(names, names)
def test_it_is_as_far_back_as_there(a: str, b: str) -> None:
    assert round_trip_ms(a, b) == pytest.approx(round_trip_ms(b, a))
    assert 0 < round_trip_ms(a, b) < 420
