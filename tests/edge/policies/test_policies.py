"""Every routing policy: tables of cases, and what must hold whatever the records."""

from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panregion.edge.policies import Circumstances, choose
from panregion.edge.policies.geoproximity import biased_km
from panregion.edge.where import Asker
from panregion.services.route53.model import CidrCollection, CidrRouting, GeoLocation, GeoProximity, RecordSet
from panregion.world import SeededChance
from panregion.world.distance import Site, cities, great_circle_km, regions, round_trip_ms
from tests.edge.support import MAP, record

REGIONS = ("us-east-1", "eu-west-1", "ap-southeast-2")


def circumstances(who: str = "london", bad: Sequence[str] = (), seed: int = 1, **more: object) -> Circumstances:
    return Circumstances(
        healthy=lambda record: record.set_identifier not in bad,
        asker=MAP.asker(who),
        chance=SeededChance(seed),
        cidrs=more.get("cidrs", {}),  # type: ignore[arg-type]
    )


def chosen(records: Sequence[RecordSet], who: str = "london", bad: Sequence[str] = (), **more: object) -> list[str]:
    return [each.set_identifier for each in choose(records, circumstances(who, bad, **more)).records]  # type: ignore[arg-type]


latency = [record(set_identifier=region, region=region) for region in REGIONS]
failover = [record(set_identifier="p", failover="PRIMARY"), record(set_identifier="s", failover="SECONDARY")]
geo = [
    record(set_identifier="california", geo=GeoLocation(country="US", subdivision="CA")),
    record(set_identifier="usa", geo=GeoLocation(country="US")),
    record(set_identifier="europe", geo=GeoLocation(continent="EU")),
    record(set_identifier="rest", geo=GeoLocation(country="*")),
]
proximity = [
    record(set_identifier="dublin", proximity=GeoProximity(region="eu-west-1")),
    record(set_identifier="frankfurt", proximity=GeoProximity(region="eu-central-1")),
]


@pytest.mark.parametrize(
    ("records", "who", "bad", "expected"),
    [
        (latency, "london", [], ["eu-west-1"]),
        (latency, "new-york", [], ["us-east-1"]),
        (latency, "sydney", [], ["ap-southeast-2"]),
        (latency, "new-york", ["us-east-1"], ["eu-west-1"]),
        (latency, "london", list(REGIONS), ["eu-west-1"]),
        (failover, "london", [], ["p"]),
        (failover, "london", ["p"], ["s"]),
        (failover, "london", ["s"], ["p"]),
        (failover, "london", ["p", "s"], ["p"]),
        (failover[:1], "london", ["p"], ["p"]),
        (failover[1:], "london", [], ["s"]),
        (geo, "san-francisco", [], ["california"]),
        (geo, "new-york", [], ["usa"]),
        (geo, "berlin", [], ["europe"]),
        (geo, "tokyo", [], ["rest"]),
        (geo, "san-francisco", ["california"], ["usa"]),
        (geo, "san-francisco", ["california", "usa"], ["rest"]),
        (geo, "berlin", ["europe", "rest"], ["europe"]),
        (geo[:3], "tokyo", [], []),
        (proximity, "london", [], ["dublin"]),
        (proximity, "vienna", [], ["frankfurt"]),
        (proximity, "vienna", ["frankfurt"], ["dublin"]),
    ],
)
def test_who_is_sent_where(records: list[RecordSet], who: str, bad: list[str], expected: list[str]) -> None:
    assert chosen(records, who, bad) == expected


def weighted(*weights: int) -> list[RecordSet]:
    return [record(set_identifier=str(index), weight=weight) for index, weight in enumerate(weights)]


@pytest.mark.parametrize(
    ("weights", "bad", "possible"),
    [
        ((1, 0), [], {"0"}),
        ((0, 0), [], {"0", "1"}),
        ((1, 0), ["0"], {"1"}),
        ((1, 0), ["0", "1"], {"0"}),
        ((1, 1, 1), ["1"], {"0", "2"}),
    ],
)
def test_weights_of_nothing_and_the_unhealthy(weights: tuple[int, ...], bad: list[str], possible: set[str]) -> None:
    assert {chosen(weighted(*weights), bad=bad, seed=seed)[0] for seed in range(60)} == possible


@settings(max_examples=40)
@given(st.lists(st.integers(0, 255), min_size=1, max_size=6), st.integers(0, 1000))
def test_weights_converge_to_their_share(weights: list[int], seed: int) -> None:
    records, given = weighted(*weights), circumstances(seed=seed)
    draws = 600
    counts = Counter(choose(records, given).records[0].set_identifier for _ in range(draws))
    shares = weights if any(weights) else [1] * len(weights)
    for index, weight in enumerate(shares):
        assert counts[str(index)] / draws == pytest.approx(weight / sum(shares), abs=0.1)


@given(st.integers(1, 12), st.sets(st.integers(0, 11)), st.integers(0, 1000))
def test_multivalue_answers_with_up_to_eight_healthy(count: int, bad: set[int], seed: int) -> None:
    records = [record(set_identifier=str(index), multivalue=True) for index in range(count)]
    answered = chosen(records, bad=[str(index) for index in bad], seed=seed)
    healthy = {str(index) for index in range(count)} - {str(index) for index in bad}
    assert len(answered) == len(set(answered)) == min(8, len(healthy) or count)
    assert not healthy or set(answered) <= healthy


some_regions = st.lists(st.sampled_from(sorted(regions())), min_size=1, max_size=6, unique=True)
somewhere = st.sampled_from(sorted(cities()))


@given(some_regions, somewhere, st.data())
def test_latency_is_the_minimum_of_the_matrix_over_the_healthy(names: list[str], who: str, data: st.DataObject) -> None:
    records = [record(set_identifier=name, region=name) for name in names]
    bad = data.draw(st.lists(st.sampled_from(names), unique=True))
    candidates = [name for name in names if name not in bad] or names
    (answered,) = chosen(records, who, bad)
    assert answered in candidates
    assert round_trip_ms(who, answered) == min(round_trip_ms(who, name) for name in candidates)


@pytest.mark.parametrize(("bias", "km"), [(0, 1000), (50, 500), (99, 10), (-50, 2000), (-99, 100_000)])
def test_a_bias_moves_the_border_by_the_formula(bias: int, km: float) -> None:
    assert biased_km(1000, bias) == pytest.approx(km)


def test_a_bias_draws_a_circle_larger() -> None:
    greedy = [
        record(set_identifier="dublin", proximity=GeoProximity(region="eu-west-1", bias=90)),
        record(set_identifier="vienna", proximity=GeoProximity(latitude=48.2, longitude=16.4)),
    ]
    assert chosen(greedy, "berlin") == ["dublin"]


def test_blocks_of_addresses() -> None:
    offices = CidrCollection("c", "offices", 1, {"lisbon": ("198.18.0.0/16",), "porto": ("198.18.28.0/24",)})
    records = [record(set_identifier=name, cidr=CidrRouting("c", name)) for name in ("lisbon", "porto", "*")]
    london = f"198.18.{MAP.place_number('london')}.0/24"
    offices = CidrCollection("c", "offices", 1, {**offices.locations, "porto": (london,)})
    assert chosen(records, "london", cidrs={"c": offices}) == ["porto"]
    assert chosen(records, "london", ["porto"], cidrs={"c": offices}) == ["lisbon"]
    assert chosen(records, "paris", cidrs={"c": offices}) == ["lisbon"]
    assert chosen(records, "us-east-1", cidrs={"c": offices}) == ["*"]
    assert chosen(records[:2], "us-east-1", cidrs={"c": offices}) == []


blocks = CidrCollection("c", "offices", 1, {"all": ("198.18.0.0/15",), "some": ("198.18.8.0/21", "198.18.0.0/22")})
by_block = [record(set_identifier=name, cidr=CidrRouting("c", name)) for name in ("all", "some", "*")]
values = [record(set_identifier=str(number), multivalue=True) for number in range(12)]
groups = st.sampled_from([latency, failover, geo, proximity, weighted(3, 2, 1, 0), by_block, values])


def qualifying(records: Sequence[RecordSet], who: str) -> set[str]:
    """The records that some state of health could lead an asker to."""
    found = set()
    for each in records:
        others = [other.set_identifier for other in records if other is not each]
        answer = choose(records, circumstances(who, others, cidrs={"c": blocks})).records
        found |= {chosen.set_identifier for chosen in answer}
    return found


@given(groups, somewhere, st.data(), st.integers(0, 1000))
def test_nobody_is_sent_to_the_unhealthy_while_a_healthy_record_qualifies(
    records: list[RecordSet], who: str, data: st.DataObject, seed: int
) -> None:
    bad = set(data.draw(st.lists(st.sampled_from([each.set_identifier for each in records]), unique=True)))
    answered = set(chosen(records, who, sorted(bad), seed=seed, cidrs={"c": blocks}))
    assert answered
    if answered & bad:
        assert not qualifying(records, who) - bad


@given(groups, somewhere, st.integers(0, 1000))
def test_all_unhealthy_is_all_healthy(records: list[RecordSet], who: str, seed: int) -> None:
    everything = [each.set_identifier for each in records]
    none_bad = chosen(records, who, [], seed=seed, cidrs={"c": blocks})
    assert chosen(records, who, everything, seed=seed, cidrs={"c": blocks}) == none_bad


positions = st.tuples(st.integers(-80, 80), st.integers(-180, 180))


@given(st.lists(st.tuples(positions, st.integers(-99, 99)), min_size=2, max_size=5), somewhere)
def test_the_nearest_wins_by_the_biased_distance(places: list[tuple[tuple[int, int], int]], who: str) -> None:
    records = [
        record(set_identifier=str(index), proximity=GeoProximity(latitude=latitude, longitude=longitude, bias=bias))
        for index, ((latitude, longitude), bias) in enumerate(places)
    ]
    here = cities()[who]
    counted = [
        biased_km(great_circle_km(here, Site("", "", "", "", latitude, longitude)), bias)
        for (latitude, longitude), bias in places
    ]
    (answered,) = chosen(records, who)
    assert counted[int(answered)] == min(counted)


@given(st.floats(1, 20_000), st.integers(-99, 99))
def test_more_bias_never_pushes_a_border_back(km: float, bias: int) -> None:
    assert biased_km(km, bias + 1 if bias < 99 else 99) <= biased_km(km, bias)
    assert biased_km(km, 0) == km


def test_an_asker_from_nowhere_stands_in_us_east_1() -> None:
    import ipaddress

    asker = MAP.at(ipaddress.ip_address("192.0.2.1"))
    assert isinstance(asker, Asker)
    assert (asker.site.name, asker.known) == ("us-east-1", False)
