"""Looking at the world once a second: what pages are told, and what one that was away is told when it comes back."""

import asyncio

import msgspec

from panregion.console.watching import History, Moment
from panregion.console.watching.moment import Traffic
from panregion.world import Request
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
