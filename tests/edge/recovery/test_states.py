"""What is known of routing controls and plans, whoever told it in whatever order."""

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panregion.edge.recovery.states import Plans, States, Turned, latest
from panregion.services.recovery import CELL_SITES, Shown, Told


def told(version: int, cluster: str = "c", **states: bool) -> Told:
    return Told(version, [Shown(cluster, 1, version, states)])


def test_the_site_that_knows_the_most_changes_is_right() -> None:
    states = States()
    assert states.state("a") is None
    assert states.take("us-east-1", told(2, a=True))
    assert not states.take("eu-west-1", told(1, a=False))
    assert states.state("a") is True
    assert states.take("eu-west-1", told(3, a=False))
    assert not states.take("us-east-1", told(3, a=False))
    assert states.state("a") is False


def test_a_cluster_is_known_as_long_as_any_site_tells_of_it() -> None:
    states = States()
    states.take("us-east-1", told(2, a=True))
    states.take("eu-west-1", told(2, a=True))
    states.take("us-east-1", Told(9, []))
    assert (states.state("a"), states.count) == (True, 1)
    assert states.take("eu-west-1", Told(9, []))
    assert states.state("a") is None


def test_what_is_kept_is_known_again() -> None:
    states, again = States(), States()
    states.take("us-east-1", told(2, a=True, b=False))
    again.load(states.snapshot())
    assert (again.state("a"), again.state("b")) == (True, False)
    with pytest.raises(msgspec.DecodeError):
        again.load(b"damaged")


@given(st.lists(st.tuples(st.sampled_from(CELL_SITES), st.integers(1, 9)), min_size=1, max_size=12))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_order_in_which_sites_tell_does_not_matter(news: list[tuple[str, int]]) -> None:
    states = States()
    highest: dict[str, int] = {}
    for site, version in news:
        version = max(version, highest.get(site, 0))  # a site never knows less than before
        highest[site] = version
        states.take(site, told(version, a=version % 2 == 0))
    assert states.state("a") is (max(highest.values()) % 2 == 0)


def test_of_plans_the_latest_word_of_any_region_counts() -> None:
    east, west = Plans(), Plans()
    east.load(msgspec.msgpack.encode([Turned("x", True, 0.0), Turned("y", False, 0.0)]))
    west.apply(msgspec.msgpack.encode(Turned("x", False, 5.0)))
    assert (latest([east, west], "x"), latest([east, west], "y"), latest([east, west], "z")) == (False, False, None)
    east.apply(msgspec.msgpack.encode(Turned("x", True, 6.0)))
    again = Plans()
    again.load(east.snapshot())
    assert latest([again, west], "x") is True
