"""Which endpoint gets a connection: the rules as tables, and what must hold for every set of groups."""

from collections import Counter
from functools import partial
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panregion.edge.accelerator.selection import FAILOVER_GROUPS, Draw, affine, select
from panregion.services.globalaccelerator.model import Endpoint, EndpointGroup
from panregion.world import SeededChance

REGIONS = ("eu-central-1", "us-west-2", "ap-northeast-1", "sa-east-1", "us-east-1", "eu-west-1")


def group(region: str, dial: float = 100.0, **weights: int) -> EndpointGroup:
    endpoints = [
        Endpoint(id=f"{region}/{name}", address="127.0.1.16", weight=weight) for name, weight in weights.items()
    ]
    return EndpointGroup(arn=region, listener_arn="l", region=region, endpoints=endpoints, dial=dial, check_port=80)


def drawing(seed: int = 1) -> Draw:
    chance = SeededChance(seed)
    return lambda _question: chance.random()


def shares(groups: list[EndpointGroup], down: set[str] | None = None, times: int = 4000) -> dict[str, float]:
    """The share of connections that each endpoint gets."""
    draw = drawing()
    counts: Counter[str] = Counter()
    for _ in range(times):
        selected = select(groups, lambda _, endpoint: endpoint.id not in (down or set()), draw)
        assert selected is not None
        counts[selected.endpoint.id] += 1
    return {endpoint: number / times for endpoint, number in counts.items()}


def test_the_closest_group_gets_everything() -> None:
    assert shares([group("near", a=1), group("far", a=1)]) == {"near/a": 1.0}


def test_a_dial_sends_on_what_it_does_not_let_in() -> None:
    found = shares([group("near", 30, a=1), group("middle", 50, a=1), group("far", a=1)])
    assert found == {
        "near/a": pytest.approx(0.30, abs=0.03),
        "middle/a": pytest.approx(0.35, abs=0.03),
        "far/a": pytest.approx(0.35, abs=0.03),
    }


def test_weights_are_shares() -> None:
    found = shares([group("near", a=10, b=30, c=0, d=60)])
    assert found == {
        "near/a": pytest.approx(0.1, abs=0.03),
        "near/b": pytest.approx(0.3, abs=0.03),
        "near/d": pytest.approx(0.6, abs=0.03),
    }


def test_an_unhealthy_group_fails_over_whatever_the_dials_say() -> None:
    groups = [group("near", a=1, b=0), group("off", 0, a=1), group("far", a=1)]
    assert shares(groups, {"near/a"}) == {"off/a": 1.0}
    assert shares(groups, {"near/a", "off/a"}) == {"far/a": 1.0}


def test_failover_tries_the_closest_few_and_then_fails_open() -> None:
    groups = [group(region, a=1) for region in REGIONS]
    tried = REGIONS[: FAILOVER_GROUPS + 1]
    down = {f"{region}/a" for region in tried}
    assert shares(groups, down) == {f"{REGIONS[0]}/a": 1.0}
    assert shares(groups, down - {f"{tried[-1]}/a"}) == {f"{tried[-1]}/a": 1.0}


def test_failing_open_takes_any_endpoint_of_the_closest_group() -> None:
    found = shares([group("near", a=1, b=0), group("far", a=1)], {"near/a", "near/b", "far/a"})
    assert found == {"near/a": pytest.approx(0.5, abs=0.03), "near/b": pytest.approx(0.5, abs=0.03)}


def test_without_endpoints_there_is_nothing() -> None:
    assert select([], lambda *_: True, drawing()) is None
    assert select([group("near")], lambda *_: True, drawing()) is None
    assert shares([group("near"), group("far", a=1)]) == {"far/a": 1.0}


def test_when_every_dial_turns_a_connection_away_the_closest_that_is_on_takes_it() -> None:
    assert shares([group("off", 0, a=1), group("near", 1, a=1)]) == {"near/a": 1.0}
    assert shares([group("off", 0, a=1)]) == {"off/a": 1.0}


names = st.sampled_from("abcdef")
dials = st.sampled_from([0.0, 1.0, 25.0, 50.0, 100.0])


def _groups(rows: list[tuple[float, dict[str, int]]]) -> list[EndpointGroup]:
    return [group(region, dial, **weights) for region, (dial, weights) in zip(REGIONS, rows, strict=False)]


weights = st.dictionaries(names, st.sampled_from([0, 1, 64, 128, 255]), max_size=4)
sets = st.lists(st.tuples(dials, weights), max_size=5).map(_groups)
downs = st.sets(st.tuples(st.sampled_from(REGIONS), names).map("/".join), max_size=20)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)  # the collector may come in between
@given(sets, downs, st.integers())
def test_no_unhealthy_endpoint_is_chosen_while_a_healthy_one_is_in_reach(
    groups: list[EndpointGroup], down: set[str], seed: int
) -> None:
    selected = select(groups, lambda _, endpoint: endpoint.id not in down, drawing(seed))
    filled = [each for each in groups if each.endpoints]
    if not filled:
        assert selected is None
        return
    assert selected is not None
    assert selected.endpoint in selected.group.endpoints
    healthy = [each for each in filled if any(e.weight and e.id not in down for e in each.endpoints)]
    if len(filled) <= FAILOVER_GROUPS + 1 and healthy:
        assert selected.endpoint.id not in down
        assert selected.endpoint.weight
    if not healthy:
        assert selected.why.startswith("fail open")


@given(sets, st.integers(0, 255), st.integers(0, 255))
def test_a_client_with_affinity_stays_and_others_failing_do_not_move_it(
    groups: list[EndpointGroup], third: int, fourth: int
) -> None:
    draw = affine(f"198.18.{third}.{fourth}")
    first = select(groups, lambda *_: True, draw)
    if first is None:
        return
    for other in (endpoint for each in groups for endpoint in each.endpoints if endpoint.id != first.endpoint.id):
        again = select(groups, partial(_is_not, other), draw)
        assert again is not None
        assert again.endpoint.id == first.endpoint.id or not first.endpoint.weight


def _is_not(other: Endpoint, _group: EndpointGroup, endpoint: Endpoint) -> bool:
    return endpoint.id != other.id


def test_affinity_spreads_clients_by_weight_and_dial() -> None:
    groups = [group("near", 50, a=1, b=3), group("far", a=1)]
    counts: Counter[str] = Counter()
    for number in range(3000):
        selected = select(groups, lambda *_: True, affine(f"198.18.{number // 250}.{number % 250}"))
        assert selected is not None
        counts[selected.endpoint.id] += 1
    assert counts["far/a"] / 3000 == pytest.approx(0.5, abs=0.04)
    assert counts["near/b"] / counts["near/a"] == pytest.approx(3, rel=0.25)


def test_a_draw_of_zero_or_almost_one_is_no_trouble() -> None:
    values = count()
    draws = [0.0, 1 - 2**-53, 0.0, 1 - 2**-53]
    assert select([group("near", a=1, b=255)], lambda *_: True, lambda _: draws[next(values) % 4]) is not None
