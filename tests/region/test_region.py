"""How a region finds, runs and answers operations, and carries out work."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from panregion.region import Region
from panregion.region.catalogue import Operation
from panregion.region.table import Entry
from panregion.region.worker import OF_A_KIND_MAX
from panregion.region.worklist import about, listing
from panregion.services import Here
from panregion.store import MemoryEngine, Store, StoreFull, Transaction, Work
from panregion.wire import AwsError
from panregion.world import ManualClock, Request, Response, SeededChance, World, direct_dial, serve
from panregion.world.settings import Ports
from tests.support import REGION, settings_in

TABLE = {"sts": Entry("tests.region.sts_double")}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def region(tmp_path: Path, clock: ManualClock) -> AsyncIterator[Region]:
    settings = settings_in(tmp_path, regions=(REGION, "eu-west-1"))
    world = World(clock, SeededChance(1))
    region = Region(REGION, settings, MemoryEngine(), lambda _site: direct_dial, world, TABLE)
    await region.start()
    yield region
    await region.stop()


def signed(body: str, region: str = REGION, service: str = "sts") -> Request:
    scope = (
        f"AWS4-HMAC-SHA256 Credential=test/20261121/{region}/{service}/aws4_request, SignedHeaders=host, Signature=0"
    )
    headers = [("Host", "127.0.0.1"), ("Authorization", scope), ("Content-Type", "application/x-www-form-urlencoded")]
    return Request("POST", "/", headers=headers, body=body.encode())


def value(region: Region, name: str) -> bytes | None:
    return region.store.read(lambda tx: tx.get(("double", name)))


def text(response: Response) -> str:
    assert isinstance(response.body, bytes)
    return response.body.decode()


async def test_operations_read_write_and_wait(region: Region) -> None:
    assert (await region.ask("sts", "GetCallerIdentity"))["Arn"] == "nobody"
    assert await region.ask("sts", "GetSessionToken", {"DurationSeconds": 900}) == {
        "Credentials": {"SessionToken": "t"}
    }
    answer = await region.ask("sts", "DecodeAuthorizationMessage", {"EncodedMessage": "it was"})
    assert answer == {"DecodedMessage": "it was written"}


async def test_an_operation_that_fails_leaves_nothing(region: Region) -> None:
    with pytest.raises(AwsError, match="unlucky"):
        await region.ask("sts", "GetSessionToken", {"DurationSeconds": 1313})
    assert value(region, "arn") is None
    assert region.health()["work"] == 0


@pytest.mark.parametrize(
    ("service", "operation", "params", "message"),
    [
        (
            "sts",
            "AssumeRoot",
            {"TargetPrincipal": "123456789012", "TaskPolicyArn": {}},
            "sts does not have the operation",
        ),
        ("sts", "GetSessionToken", {"SerialNumber": "a" * 9}, "GetSessionToken does not support the parameter SerialN"),
        ("batch", "ListJobs", {}, "does not have the service batch; it has sts"),
    ],
)
async def test_what_is_not_there_says_so_by_name(
    region: Region, service: str, operation: str, params: dict[str, Any], message: str
) -> None:
    with pytest.raises(AwsError, match=message) as caught:
        await region.dispatch.run(region.here, region.catalogue.operation(service, operation), params)
    assert caught.value.status == 501


async def test_a_region_outside_the_world_is_refused_by_name(region: Region) -> None:
    response = await region.gateway(signed("Action=GetCallerIdentity&Version=2011-06-15", region="sa-east-1"))
    assert response.status == 400
    assert "sa-east-1 is not a region of this world; it has us-east-1, eu-west-1" in text(response)


async def test_another_regions_stream_is_passed_on_as_it_comes(tmp_path: Path) -> None:
    go_on = asyncio.Event()

    async def pieces() -> AsyncIterator[bytes]:
        yield b"first"
        await go_on.wait()
        yield b"second"

    async def far(_request: Request) -> Response:
        return Response(200, [], pieces())

    server = await serve(far, "127.0.2.1", 0)
    settings = settings_in(tmp_path, regions=(REGION, "eu-west-1"), ports=Ports(gateway=server.port))
    region = Region(REGION, settings, MemoryEngine(), lambda _site: direct_dial, table=TABLE)
    async with asyncio.timeout(5):
        answer = await region.gateway(signed("Action=GetCallerIdentity", "eu-west-1"))
        assert not isinstance(answer.body, bytes)
        assert await anext(answer.body) == b"first"
        go_on.set()
        assert [piece async for piece in answer.body] == [b"second"]
    await region.stop()
    await server.close()


async def test_work_runs_when_it_is_due(region: Region, clock: ManualClock) -> None:
    await region.ask("sts", "GetSessionToken", {"DurationSeconds": 900})
    await clock.advance(899)
    assert value(region, "noted") is None
    await clock.advance(6)
    assert value(region, "noted") == b"900"
    assert region.health()["work"] == 0


async def test_work_that_keeps_failing_becomes_a_dead_letter_with_its_reason(
    region: Region, clock: ManualClock
) -> None:
    await region.here.transact(lambda here: here.later("sts.note", {"duration": 666}))
    for _ in range(30):
        await clock.advance(70)
    assert (region.health()["work"], region.health()["dead_letters"]) == (0, 1)
    (letter,) = region.store.read(lambda tx: list(tx.values(("dead-work",))))
    assert msgspec.json.decode(letter, type=Work).reason == "RuntimeError: never works"


async def test_what_hangs_holds_up_its_own_kind_alone(region: Region, clock: ManualClock) -> None:
    def leave(here: Here) -> None:
        for _ in range(300):
            here.later("sts.hang", {}, here.now() - 1)
        here.later("sts.note", {"duration": 7})

    await region.here.transact(leave)
    await clock.advance(1)
    assert value(region, "noted") == b"7"
    assert len(region.worker.running) == OF_A_KIND_MAX


class Refusing:
    """A store that refuses to write once something was noted, so many times."""

    def __init__(self, store: Store, refusals: int) -> None:
        self._store = store
        self.refusals = refusals
        self.kept = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def transact(self, step: Callable[[Transaction], Any]) -> Any:
        if self.refusals and self._store.read(lambda tx: tx.get(("double", "noted"))) is not None:
            self.refusals -= 1
            raise StoreFull("no room")
        self.kept += 1
        return await self._store.transact(step)


async def test_work_is_not_done_over_because_its_end_could_not_be_written_down(
    region: Region, clock: ManualClock
) -> None:
    store = Refusing(region.store, refusals=4)
    await region.here.transact(lambda here: here.later("sts.note", {"duration": 5}, here.now() + 10))
    region.here.store = store  # type: ignore[assignment]
    await clock.advance(100)
    assert (store.refusals, store.kept) == (0, 2), "done once, and written down once"
    assert region.health()["work"] == 0
    region.here.store = region.store


async def test_a_store_that_refuses_is_told_by_operations_that_wait_too(region: Region) -> None:
    region.here.store.transact = _full  # type: ignore[method-assign, assignment]
    with pytest.raises(AwsError, match="InternalServerError: us-east-1 has no room on its disk"):
        await region.dispatch.run_with(region.here, WAITING, {}, "id")
    del region.here.store.transact


async def _full(_step: Any) -> Any:
    raise StoreFull("no room")


async def _waits(here: Here) -> Any:
    return await here.transact(lambda _here: {})


WAITING = Operation.of("sts", "Waits", _waits)


async def test_what_is_not_awss_is_told_what_this_is(region: Region) -> None:
    response = await region.gateway(Request("GET", "/", headers=[("Host", "127.0.1.1:4566")]))
    assert (response.status, text(response)[:34]) == (200, "panregion: AWS region us-east-1, a")
    response = await region.gateway(Request("GET", "/shop", headers=[("Host", "shop.example")]))
    assert response.status == 404
    assert "its host, shop.example, is no API's name here" in text(response)


async def test_the_worlds_own_paths_are_not_for_users_in_cities(region: Region) -> None:
    headers = [("Host", "127.0.1.1:4566")]
    assert (await region.gateway(Request("GET", "/_panregion/health", headers=headers))).status == 200
    from_city = Request("GET", "/_panregion/health", headers=[*headers, ("x-panregion-client", "198.18.1.10")])
    assert (await region.gateway(from_city)).status == 404


async def test_what_is_left_to_do_and_what_was_given_up(region: Region, clock: ManualClock) -> None:
    def leave(here: Here) -> None:
        here.later("sts.note", {"duration": 1}, here.now() + 50)
        dead = Work(9, "sts.note", msgspec.Raw(b'{"duration":2}'), here.now(), attempts=20, reason="no use")
        here.tx.put(("dead-work", 9), msgspec.json.encode(dead))

    await region.here.transact(leave)
    response = await region.gateway(Request("GET", "/_panregion/work"))
    assert isinstance(response.body, bytes)
    dead, waiting = msgspec.json.decode(response.body)
    assert (dead["state"], dead["attempts"], dead["reason"], dead["due_in_s"]) == ("dead", 20, "no use", None)
    assert (waiting["state"], waiting["due_in_s"], waiting["payload"]) == ("waiting", 50.0, '{"duration":1}')


def test_what_is_being_carried_out_is_said_to_be(region: Region) -> None:
    region.store.transact_now(lambda tx: tx.later("sts.note", b'{"function":"f"}', region.here.now() - 60))
    [work] = region.store.read(lambda tx: [msgspec.json.decode(raw, type=Work) for raw in tx.values(("work",))])
    [one] = listing(region.store, region.name, region.here.now(), {work.id})
    assert (one["state"], one["about"], one["due_in_s"]) == ("running", "f", -60.0)


@pytest.mark.parametrize(
    ("payload", "word"),
    [
        ({"function": "f", "payload": "e30="}, "f"),
        ({"target": {"Arn": "arn:aws:sqs:us-east-1:000000000000:q"}, "rule_arn": "x"}, "q"),
        ({"topic": "t", "subscription": "s-1"}, "t"),
        ({"function": None, "pipe": "p"}, "p"),
        ({"duration": 1}, ""),
        ([1], ""),
        (None, ""),
    ],
)
def test_what_a_piece_of_work_is_about(payload: Any, word: str) -> None:
    assert about(payload) == word
