"""Looking at the world once a second: what pages are told, and what one that was away is told when it comes back."""

import asyncio
import gzip
from collections.abc import AsyncIterator

import msgspec
import pytest

from panregion.console.watching import History, Moment
from panregion.console.watching.looking import Looking
from panregion.console.watching.moment import Check, Lag, Told, Traffic
from panregion.world import ManualClock, Request
from tests.console.lab import Lab, status


async def events(lab: Lab, count: int, **headers: str) -> list[Moment]:
    """The first moments of a stream."""
    names = [("host", "localhost:4503"), *((name.replace("_", "-"), value) for name, value in headers.items())]
    response = await lab.console(Request("GET", "/events", "", names))
    assert not isinstance(response.body, bytes)
    found: list[Moment] = []
    async for chunk in response.body:
        for event in chunk.decode().split("\n\n"):
            data = [line.removeprefix("data: ") for line in event.split("\n") if line.startswith("data: ")]
            found += [msgspec.json.decode(line, type=Moment) for line in data]
        if len(found) >= count:
            return found
    raise AssertionError("the stream has ended")


async def test_every_page_is_told_the_same(lab: Lab) -> None:
    pages = [asyncio.create_task(events(lab, 2)) for _ in range(3)]
    for number in (1, 2):
        await asyncio.sleep(0)
        lab.site.history.add(Moment(number, 1000.0 + number))
    first, *others = await asyncio.gather(*pages)
    assert [moment.number for moment in first] == [1, 2]
    assert all(other == first for other in others)


async def test_a_page_that_was_away_is_told_what_it_missed(lab: Lab) -> None:
    for number in range(1, 6):
        lab.site.history.add(Moment(number, 1000.0 + number))
    assert [moment.number for moment in await events(lab, 2, last_event_id="3")] == [4, 5]
    assert len(await events(lab, 5, last_event_id="not a number")) == 5


async def test_what_is_seen_of_the_world(lab: Lab) -> None:
    lab.world.answers["GET /status"] = status(us_east_1="killed")
    count = {"second": 7, "city": "london", "site": "eu-west-1", "good": 3, "failed": 1, "tunnels": 0, "took_ms": 80.0}
    lab.world.answers["GET /_panregion/traffic"] = {"until": 7, "traffic": [count]}
    async with lab.watcher:
        (moment,) = await events(lab, 1)
    assert moment.regions == {"us-east-1": "killed", "eu-west-1": "running"}
    assert moment.traffic == [Traffic(7, "london", "eu-west-1", 3, 1, 0, 80.0)]


async def test_a_world_that_does_not_answer_is_a_moment_too(lab: Lab) -> None:
    del lab.world.answers["GET /status"]
    async with lab.watcher:
        (moment,) = await events(lab, 1)
    assert (moment.answered, moment.regions) == (False, {})


def test_fifteen_minutes_are_kept() -> None:
    history = History()
    for number in range(1, 2001):
        history.add(Moment(number, float(number)))
    kept = history.after(0)
    assert (len(kept), kept[1].number, history.next_number) == (901, 1101, 2001)
    assert kept[0].number == 1100, "how things stood before them"


async def looked(lab: Lab, times: int) -> list[Moment]:
    """Looks one after the other, as the watcher takes them."""
    looking = Looking(lab.site.settings, lab.site.control, lab.site.edge, ManualClock(1000.0))
    return [await looking.look(number) for number in range(1, times + 1)]


async def test_a_dns_answer_is_told_when_it_changes(lab: Lab) -> None:
    looking = Looking(lab.site.settings, lab.site.control, lab.site.edge, ManualClock(1000.0))
    answer = {"city": "london", "name": "api.hello.test", "values": ["127.0.2.1"], "rcode": "NOERROR"}
    lab.world.answers["GET /_panregion/told"] = {"told": [answer]}
    told = Told("london", "api.hello.test", ["127.0.2.1"], ["eu-west-1"])
    assert [(await looking.look(number)).dns for number in (1, 2)] == [[told], []]
    lab.world.answers["GET /_panregion/told"] = {"told": [{**answer, "values": [], "rcode": "SERVFAIL"}]}
    assert (await looking.look(3)).dns == [Told("london", "api.hello.test", ["SERVFAIL"], [])]


async def test_a_fault_that_is_over_is_told_once(lab: Lab) -> None:
    looking = Looking(lab.site.settings, lab.site.control, lab.site.edge, ManualClock(1000.0))
    fault = {"kind": "region-kill", "region": "us-east-1"}
    live = {"id": "f-1", "fault": fault, "description": "us-east-1 is killed", "began_s": 990.0}
    lab.world.answers["GET /status"] = {**status(us_east_1="killed"), "faults": [live]}
    assert [fault["id"] for fault in (await looking.look(1)).faults] == ["f-1"]
    lab.world.answers["GET /status"] = status()
    lab.world.answers["GET /faults"] = {"faults": [{**live, "state": "ended", "undone_s": 995.0, "ended_s": 998.0}]}
    over = await looking.look(2)
    assert [(one["id"], one["undone_s"], one["ended_s"]) for one in over.ended] == [("f-1", 995.0, 998.0)]
    assert (await looking.look(3)).ended == []


async def test_health_checks_are_told_where_they_are_others(lab: Lab) -> None:
    check = {"id": "c-1", "target": "127.0.2.1", "type": "HTTP", "healthy": True, "inverted": False, "why": "8 of 8"}
    lab.world.answers["GET /_panregion/health-checks"] = {"health_checks": [check]}
    first, second = await looked(lab, 2)
    assert first.checks == [Check("c-1", "127.0.2.1", "eu-west-1", True, "8 of 8")]
    assert second.checks is None


async def test_of_a_pair_the_store_that_is_behind_the_most_is_told(lab: Lab) -> None:
    def feed(last_ms: float | None, backlog: int) -> dict[str, object]:
        return {"backlog": backlog, "lag": {"last_ms": last_ms}}

    world = status()
    world["regions"][0] |= {
        "replication": {"eu-west-1": {"state": "following", "feeds": {"f/1": feed(80.0, 0), "f/2": feed(20.0, 7)}}},
        "replicated_tables": {"f/1": "orders", "f/2": "dishes"},
    }
    lab.world.answers["GET /status"] = world
    (moment,) = await looked(lab, 1)
    assert moment.lag == [Lag("eu-west-1", "us-east-1", "dynamodb:dishes", 20.0, 7)]


def test_what_is_older_than_what_is_kept_is_known_by_how_it_left_things() -> None:
    history = History(kept=3)
    told = Told("london", "api.hello.test", ["127.0.2.1"], ["eu-west-1"])
    count = Traffic(1, "london", "eu-west-1", 1, 0, 0, 9.0)
    history.add(Moment(1, 1.0, dns=[told], checks=[Check("c-1", "a.test", None, True, "")], traffic=[count]))
    for number in range(2, 10):
        history.add(Moment(number, float(number)))
    before, *kept = history.after(0)
    assert (before.dns, before.traffic, [one.id for one in before.checks or []]) == ([told], [], ["c-1"])
    assert [moment.number for moment in kept] == [7, 8, 9]
    assert history.now is not None
    assert history.now.dns == [told]
    assert [moment.number for moment in history.after(8)] == [9]


async def test_the_last_quarter_of_an_hour_is_sent_compressed(lab: Lab) -> None:
    for number in range(1, 901):
        lab.site.history.add(Moment(number, 1000.0 + number, regions={"us-east-1": "running"}))
    headers = [("host", "localhost:4503"), ("accept-encoding", "gzip, br")]
    response = await lab.console(Request("GET", "/moments", "", headers))
    assert isinstance(response.body, bytes)
    assert len(response.body) < 20_000
    assert len(msgspec.json.decode(gzip.decompress(response.body))["moments"]) == 900


async def test_a_page_of_an_earlier_run_of_the_console_is_told_everything(lab: Lab) -> None:
    lab.site.history.add(Moment(1, 1001.0))
    assert [moment.number for moment in await events(lab, 1, last_event_id="500")] == [1]


async def test_an_answer_that_nobody_foresaw_ends_nothing(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    whole = lab.world.answers["GET /status"]
    lab.world.answers["GET /status"] = {"regions": "none"}
    async with lab.watcher:
        while "a look at the world failed" not in caplog.text:
            await asyncio.sleep(0.01)
        lab.world.answers["GET /status"] = whole
        (moment, *_) = await events(lab, 1)
    assert moment.regions == {"us-east-1": "running", "eu-west-1": "running"}


async def test_a_console_that_ends_lets_go_of_its_pages(lab: Lab) -> None:
    response = await lab.console(Request("GET", "/events", "", [("host", "localhost:4503")]))
    assert not isinstance(response.body, bytes)
    page = asyncio.ensure_future(_all(response.body))
    await asyncio.sleep(0)
    lab.site.history.end()
    assert await asyncio.wait_for(page, 10) == [b"retry: 1000\n\n"]


async def _all(chunks: AsyncIterator[bytes]) -> list[bytes]:
    return [chunk async for chunk in chunks]
