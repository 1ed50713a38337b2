"""Load is an open loop: arrivals are the seed's, whatever the system does; latencies count from the intended start."""

import asyncio
import itertools
import statistics

import pytest

from panregion.gameday.attempts import percentile
from panregion.gameday.ledger import Acknowledged, Attempted, Ledger
from panregion.gameday.load import Group, Journey, Load, arrival_times
from panregion.gameday.user import Scene, User
from panregion.world import ClientError, Headers, ManualClock, Response, SeededChance


class Slow:
    """Answers after a while by the clock, with a status."""

    def __init__(self, clock: ManualClock, delay_s: float = 0.0, status: int = 200) -> None:
        self.clock = clock
        self.delay_s = delay_s
        self.status = status
        self.asked: list[tuple[str, str, Headers | None, bytes]] = []

    async def send(
        self, method: str, url: str, headers: Headers | None = None, body: bytes = b"", *, timeout_s: float = 10
    ) -> Response:
        self.asked.append((method, url, headers, body))
        if self.delay_s > timeout_s:
            await self.clock.sleep(timeout_s)
            raise ClientError(f"{url} did not answer within {timeout_s:g} s")
        await self.clock.sleep(self.delay_s)
        return Response(self.status, [("X-One", "1")], b'{"answered_by": "eu-west-1"}')


async def play(
    journey: Journey,
    *,
    seed: int = 1,
    for_s: float = 10.0,
    delay_s: float = 0.0,
    status: int = 200,
    rate_s: float = 10.0,
) -> tuple[Scene, Slow]:
    """The scene after a while of load."""
    clock = ManualClock()
    began = clock.monotonic()
    scene = Scene(Ledger(), lambda: clock.monotonic() - began)
    agent = Slow(clock, delay_s, status)
    load = Load(scene, clock, {"london": agent}, seed)
    running = asyncio.create_task(load.run([Group("london", journey, rate_s, patience_s=3.0)]))
    await clock.advance(for_s, rounds=6)
    load.stop()
    await clock.advance(5.0, rounds=6)
    await running
    return scene, agent


async def ping(user: User) -> None:
    await user.get("http://api.test/ping")


def taken(rate_s: float, seed: int, count: int) -> list[float]:
    times = arrival_times(rate_s, "poisson", SeededChance(seed))
    return [next(times) for _ in range(count)]


def test_poisson_arrivals_have_their_rate_and_the_spread_of_independent_people() -> None:
    times = taken(50.0, 1, 20_000)
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert statistics.mean(gaps) == pytest.approx(1 / 50, rel=0.03)
    assert statistics.stdev(gaps) == pytest.approx(1 / 50, rel=0.03)  # an exponential's deviation is its mean
    assert times == sorted(times)


def test_arrivals_are_the_seeds() -> None:
    assert taken(5.0, 7, 100) == taken(5.0, 7, 100)
    assert taken(5.0, 7, 100) != taken(5.0, 8, 100)


def test_constant_arrivals_have_equal_gaps() -> None:
    times = arrival_times(4.0, "constant", SeededChance(3))
    listed = [next(times) for _ in range(10)]
    assert 0 <= listed[0] < 0.25
    assert [later - listed[0] for later in listed] == pytest.approx([number / 4 for number in range(10)])


async def test_arrivals_do_not_wait_for_answers() -> None:
    """Two seconds an answer, ten arrivals a second: a closed loop would make five requests in ten seconds."""
    slow, _ = await play(ping, delay_s=2.0)
    quick, _ = await play(ping, delay_s=0.0)
    assert len(slow.attempts) == len(quick.attempts) > 70
    assert sorted(one.intended_s for one in slow.attempts) == sorted(one.intended_s for one in quick.attempts)


async def test_latency_counts_from_the_intended_start() -> None:
    """The sender itself stalls for four seconds: who was to be sent meanwhile has waited, and the figures say so."""
    clock = ManualClock()
    began = clock.monotonic()
    scene = Scene(Ledger(), lambda: clock.monotonic() - began)
    load = Load(scene, clock, {"london": Slow(clock)}, 1)
    running = asyncio.create_task(load.run([Group("london", ping, 10.0, "constant")]))
    await clock.advance(2.0, rounds=6)
    clock._now += 4.0  # the process did not run
    await clock.advance(2.0, rounds=300)
    load.stop()
    await running
    late = sorted(one.latency_ms for one in scene.attempts)
    assert len(late) == pytest.approx(80, abs=2)
    assert late[-1] == pytest.approx(4000, abs=150)
    assert percentile(late, 0.5) == pytest.approx(100, abs=200)  # half the arrivals fell into the stall
    assert sum(one > 1000 for one in late) == pytest.approx(30, abs=2)


async def test_no_answer_in_time_is_a_failure_and_the_journeys_end() -> None:
    went_on = []

    async def journey(user: User) -> None:
        user.writing("thing", "1", {"text": "x"})
        await user.post("http://api.test/things", json={"text": "x"})
        went_on.append(user.number)

    scene, _ = await play(journey, delay_s=9.0, for_s=1.0)
    assert went_on == []
    assert {one.ok for one in scene.attempts} == {False}
    assert {one.reason for one in scene.attempts} == {"did not answer within 3 s"}
    assert {type(one) for one in scene.ledger.of("thing", "1")} == {Attempted}


@pytest.mark.parametrize(("status", "ok"), [(200, True), (404, True), (429, False), (500, False), (503, False)])
async def test_what_counts_as_good(status: int, ok: bool) -> None:
    scene, _ = await play(ping, status=status, for_s=1.0)
    assert {one.ok for one in scene.attempts} == {ok}


async def test_a_journey_says_more_of_its_answers() -> None:
    async def journey(user: User) -> None:
        answer = await user.post("http://api.test/things", json={"a": 1}, headers={"X-Two": "2"})
        user.answered_by(answer.json()["answered_by"])
        user.acknowledged("thing", "1", {"a": 1})
        answer = await user.get("http://api.test/things/1")
        assert answer.header("x-one") == "1"
        user.failed("it is not what was written")

    scene, agent = await play(journey, for_s=1.0)
    method, url, headers, body = agent.asked[0]
    assert (method, url, body) == ("POST", "http://api.test/things", b'{"a":1}')
    assert headers == [("X-Two", "2"), ("Content-Type", "application/json")]
    assert scene.hosts == {"london": {"api.test"}}
    assert [one.ok for one in scene.attempts[:2]] == [True, False]
    assert scene.attempts[0].region == "eu-west-1"
    first = scene.ledger.of("thing", "1")[0]
    assert isinstance(first, Acknowledged)
    assert (first.region, first.city) == ("eu-west-1", "london")


async def test_a_failed_answer_shows_nothing() -> None:
    async def journey(user: User) -> None:
        shown = await user.get("http://api.test/things/1")
        user.saw("thing", "1", shown.json() if shown.ok else None)

    failed, _ = await play(journey, status=503, for_s=1.0)
    absent, _ = await play(journey, status=404, for_s=1.0)
    assert failed.ledger.seen() == []
    assert len(absent.ledger.seen()) == len(absent.attempts)


async def test_two_runs_of_one_seed_do_not_share_names() -> None:
    """Else what an earlier run left behind would hide what a later one lost."""
    names: list[list[str]] = []
    for run in ("a", "b"):
        clock = ManualClock()
        scene = Scene(Ledger(), clock.monotonic, run)
        user = User(scene, Slow(clock), "london", 4, SeededChance(1), 0.0, 1.0)
        names.append([user.new_id("thing"), user.new_id("thing")])
    assert len({name for listed in names for name in listed}) == 4
