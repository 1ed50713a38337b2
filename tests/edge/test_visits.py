"""What users asked for: one by one, and counted by second."""

from typing import Any

from panregion.edge.visits import HOSTS_KEPT, SECONDS_KEPT, Visits
from panregion.world import ManualClock
from tests.edge.test_place import hello
from tests.edge.world import small_world

GET = "GET http://api.hello.test/things HTTP/1.1\nConnection: close\n\n"


def asked(visits: Visits, clock: ManualClock, city: str = "london", **changes: Any) -> None:
    visit = visits.begin(city, "GET", "api.hello.test", "/things")
    clock.jump(0.25)
    for name, value in changes.items():
        setattr(visit, name, value)
    visits.end(visit)


def test_seconds_are_counted_when_they_are_over() -> None:
    clock = ManualClock(1000.0)
    visits = Visits(clock)
    asked(visits, clock, site="eu-west-1", status=200)
    asked(visits, clock, site="eu-west-1", status=404)
    asked(visits, clock, site="eu-west-1", status=503)
    assert visits.traffic(0)["traffic"] == []
    clock.jump(1)
    told = visits.traffic(0)
    assert told["until"] == 1000
    assert told["traffic"] == [
        {"second": 1000, "city": "london", "site": "eu-west-1", "good": 2, "failed": 1, "tunnels": 0, "took_ms": 750.0}
    ]
    assert visits.traffic(told["until"])["traffic"] == []


def test_what_nobody_answered_has_failed_and_a_tunnel_is_neither() -> None:
    clock = ManualClock(1000.0)
    visits = Visits(clock)
    asked(visits, clock, status=502, failure="no route")
    asked(visits, clock, site="eu-west-1")
    clock.jump(1)
    counts = {each["site"]: (each["good"], each["failed"], each["tunnels"]) for each in visits.traffic(0)["traffic"]}
    assert counts == {None: (0, 1, 0), "eu-west-1": (0, 0, 1)}


def test_memory_is_bounded() -> None:
    clock = ManualClock(0.0)
    visits = Visits(clock)
    for _ in range(SECONDS_KEPT + 500):
        clock.jump(0.75)
        asked(visits, clock, status=200)
    clock.jump(1)
    assert len(visits.traffic(0)["traffic"]) == SECONDS_KEPT


async def test_a_proxy_keeps_who_answered() -> None:
    async with small_world(hello) as world:
        await world.ask(GET)
        world.set_links(cut="refuse")
        await world.ask(GET)
        first, second = world.kept.after(0)
    assert (first["city"], first["host"], first["path"]) == ("london", "api.hello.test", "/things")
    assert (first["site"], first["status"], first["failure"]) == ("us-east-1", 200, None)
    assert (second["site"], second["status"]) == (None, 502)
    assert "no route to api.hello.test" in second["failure"]


def test_names_that_users_asked_for_are_known_for_a_while() -> None:
    clock = ManualClock(1000.0)
    visits = Visits(clock)
    for host in ("api.hello.test:80", "API.hello.test", "127.0.1.1", "[::1]:80", "no name", ""):
        visits.begin("london", "GET", host, "/")
    for number in range(HOSTS_KEPT + 4):
        visits.begin("paris", "GET", f"{number}.hello.test", "/")
    assert [name for city, name in visits.hosts() if city == "london"] == ["api.hello.test"]
    assert len([name for city, name in visits.hosts() if city == "paris"]) == HOSTS_KEPT
    clock.jump(SECONDS_KEPT + 1)
    assert visits.hosts() == []


def test_the_newest_of_a_city_or_failed_and_one_by_its_number() -> None:
    clock = ManualClock()
    visits = Visits(clock)
    for number, (city, status) in enumerate((("london", 200), ("tokyo", 503), ("london", 500), ("london", 204)), 1):
        visit = visits.begin(city, "GET", "a.test", f"/{number}")
        clock.jump(0.02)
        visit.connect_ms, visit.first_byte_ms, visit.status = visits.since(visit), visits.since(visit), status
        visits.end(visit)
    assert [visit["path"] for visit in visits.newest(3)] == ["/4", "/3", "/2"]
    assert [visit["path"] for visit in visits.newest(9, "london")] == ["/4", "/3", "/1"]
    assert [visit["path"] for visit in visits.newest(9, failed=True)] == ["/3", "/2"]
    found = visits.find(2)
    assert found is not None
    assert (found["city"], found["connect_ms"], found["first_byte_ms"], found["took_ms"]) == ("tokyo", 20.0, 20.0, 20.0)
    assert visits.find(9) is None
