"""What each city is told now: for the names that were asked for there, and the same until its users hear another."""

from functools import cache

from panregion.edge.cache import PlaceResolver
from panregion.edge.told import Told
from panregion.edge.visits import Visits
from panregion.world import ManualClock
from tests.edge.support import MAP, Lab, record

CLOCK = ManualClock(1000.0)


def told(lab: Lab, *asked: tuple[str, str]) -> Told:
    visits = Visits(CLOCK)
    for city, host in asked:
        visits.begin(city, "GET", host, "/")
    return Told(
        visits, lab.resolver, MAP, cache(lambda site: PlaceResolver(lab.resolver, MAP.asker(site), CLOCK, ttl_scale=1))
    )


def test_names_that_were_asked_for_with_their_answers() -> None:
    found = told(Lab(record("api")), ("paris", "gone.hello.test"), ("london", "api.hello.test:80")).now()
    assert found == [
        {"city": "london", "name": "api.hello.test", "values": ["192.0.2.1"], "rcode": "NOERROR"},
        {"city": "paris", "name": "gone.hello.test", "values": [], "rcode": "NXDOMAIN"},
    ]


def test_a_health_check_changes_it_at_once() -> None:
    lab = Lab(
        record("api", "192.0.2.1", set_identifier="a", failover="PRIMARY", health_check_id="hc-1"),
        record("api", "192.0.2.2", set_identifier="b", failover="SECONDARY"),
    )
    now = told(lab, ("london", "api.hello.test"))
    assert now.now()[0]["values"] == ["192.0.2.1"]
    lab.unhealthy.add("hc-1")
    assert now.now()[0]["values"] == ["192.0.2.2"]


def test_where_lots_are_drawn_it_is_what_the_citys_resolver_goes_by() -> None:
    records = [record("api", f"192.0.2.{number}", set_identifier=str(number), weight=1) for number in range(1, 9)]
    now = told(Lab(*records), ("london", "api.hello.test"))
    assert len({str(now.now()) for _ in range(50)}) == 1, "until its time to live is over"
    seen = set()
    for _ in range(30):
        CLOCK.jump(61)
        seen.add(str(now.now()))
    assert len(seen) > 1
