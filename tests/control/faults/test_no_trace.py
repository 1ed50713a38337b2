"""Every fault bites while it is live, in a world of real processes, and leaves no trace: one world for all of them."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import botocore.exceptions
import psutil
import pytest

from panregion.control import ControlError
from panregion.control import faults as f
from panregion.control.faults import FAULTS, BaseFault
from panregion.testing.blocks import claimed
from panregion.world.client import ClientError
from tests.control.faults.world import EU, US, World

Sees = Callable[[World, Any], None]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("world")
    with claimed() as ports:
        world = World(folder, ports)
        world.up()
        yield world
        world.down()
    left = [process.pid for process in psutil.process_iter() if str(folder) in " ".join(_command(process))]
    assert not left, "processes of the world live on"


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def refused(world: World, operation: str, **params: Any) -> tuple[int, str]:
    """Status and code of a call to DynamoDB that must fail."""
    with pytest.raises(botocore.exceptions.ClientError) as failure:
        getattr(world.aws("dynamodb"), operation)(**params)
    answer = failure.value.response
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"]


def put_refused(world: World) -> tuple[int, str]:
    return refused(world, "put_item", TableName="things", Item={"id": {"S": "refused"}})


def took_s(work: Callable[[], Any]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


def is_down(world: World, status: str) -> None:
    assert world.region()["status"] == status


def frozen(world: World, _: Any) -> None:
    is_down(world, "frozen")
    assert {process.status() for process in world.group()} == {psutil.STATUS_STOPPED}
    assert len(world.group()) > 1, "its workers, too"


def restarted(world: World, before: Any) -> None:
    world.until(lambda: world.region()["status"] == "running")
    assert world.region_pid() != before["pid"]


def links(**wanted: Any) -> Sees:
    def sees(world: World, _: Any) -> None:
        disturbed = world.get(f"http://127.0.0.1:{world.settings.ports.network}/_panregion/links/{US}/{EU}")
        assert {name: disturbed[name] for name in wanted} == pytest.approx(wanted)

    return sees


def name_server_is_silent(world: World, _: Any) -> None:
    assert world.asks_name_server() is None
    assert world.edge("answer?name=none.test")["rcode"] == "SERVFAIL"


def blind(world: World, _: Any) -> None:
    assert world.edge("faults")["faults"] == [{"kind": "checkers-blind", "site": EU}]


def dynamodb_errs(world: World, _: Any) -> None:
    assert put_refused(world) == (503, "ServiceUnavailable")
    assert world.items(US) == world.kept  # other operations do not


def slow(world: World, _: Any) -> None:
    assert took_s(lambda: world.items(US)) >= 0.2


def throttled(world: World, _: Any) -> None:
    assert put_refused(world) == (400, "ProvisionedThroughputExceededException")


def functions_time_out(world: World, _: Any) -> None:
    error, payload = world.invoke()
    assert error == "Unhandled"
    assert payload["errorType"] == "Sandbox.Timedout"
    assert payload["errorMessage"].endswith("Error: Task timed out after 2.00 seconds")


def functions_begin_late(world: World, _: Any) -> None:
    assert took_s(world.invoke) >= 0.2


def functions_start_cold(world: World, _: Any) -> None:
    assert len({world.invoke()[1]["pid"] for _ in range(3)}) == 3


def replication_waits(world: World, _: Any) -> None:
    key = world.put(US)
    feeds = world.region(EU)["replication"][US]["feeds"]
    assert [feed["paused"] for feed in feeds.values()] == [True]
    assert key not in world.items(EU)


def disk_is_full(world: World, _: Any) -> None:
    assert put_refused(world) == (500, "InternalServerError")
    assert world.items(US) == world.kept


def clock_is_off(by_s: float) -> Sees:
    def sees(world: World, _: Any) -> None:
        assert world.region()["time_s"] - time.time() == pytest.approx(by_s, abs=1)

    return sees


def burns(world: World, _: Any) -> None:
    commands = [" ".join(process.cmdline()) for process in world.group()]
    assert sum("while True: pass" in command for command in commands) == 2


CASES: dict[str, tuple[BaseFault, Sees]] = {
    "region-kill": (f.RegionKill(region=US), lambda world, _: is_down(world, "killed")),
    "region-freeze": (f.RegionFreeze(region=US), frozen),
    "region-restart": (f.RegionRestart(region=US), restarted),
    "link-cut": (f.LinkCut(from_site=US, to_site=EU, how="refuse"), links(cut="refuse")),
    "link-delay": (f.LinkDelay(from_site=US, to_site="regions", delay_ms=20), links(delay_ms_extra=20)),
    "link-jitter": (f.LinkJitter(from_site=US, to_site=EU, jitter_ms=5), links(jitter_ms=5.05)),
    "link-loss": (f.LinkLoss(from_site="*", to_site=EU, both=False, loss=0.01), links(loss=0.01)),
    "link-bandwidth": (
        f.LinkBandwidth(from_site=US, to_site=EU, bandwidth_bytes_s=1e6),
        links(bandwidth_bytes_s=1e6),
    ),
    "name-server-down": (f.NameServerDown(), name_server_is_silent),
    "checkers-blind": (f.CheckersBlind(site=EU), blind),
    "service-error": (
        f.ServiceError(region=US, service="dynamodb", operations=("Put*",), how="unavailable"),
        dynamodb_errs,
    ),
    "service-slow": (f.ServiceSlow(region=US, service="dynamodb", delay_ms=200), slow),
    "service-throttle": (f.ServiceThrottle(region=US, service="dynamodb", operations=("PutItem",)), throttled),
    "function-error": (f.FunctionError(region=US, function="which", how="timeout"), functions_time_out),
    "function-slow": (f.FunctionSlow(region=US, delay_ms=200), functions_begin_late),
    "function-cold": (f.FunctionCold(region=US), functions_start_cold),
    "replication-pause": (f.ReplicationPause(region=US, table="things"), replication_waits),
    "disk-full": (f.DiskFull(region=US), disk_is_full),
    "store-sync-failure": (f.StoreSyncFailure(region=US), disk_is_full),
    "clock-skew": (f.ClockSkew(region=US, skew_s=-3600), clock_is_off(-3600)),
    "clock-jump": (f.ClockJump(region=US, by_s=100, every_s=600), clock_is_off(100)),
    "cpu-leak": (f.CpuLeak(region=US, processes=2), burns),
}


def test_every_fault_has_its_case() -> None:
    assert CASES.keys() == FAULTS.keys()


@pytest.mark.parametrize("kind", FAULTS)
def test_it_bites_and_leaves_no_trace(world: World, kind: str) -> None:
    fault, sees = CASES[kind]
    world.works()
    before = world.trace()
    facts = {"pid": world.region_pid()}
    handle = world.inject(fault)  # type: ignore[arg-type]  # every kind is one of Fault
    assert handle.record.description == fault.describe()
    sees(world, facts)
    ended = world.undo(handle)
    assert (ended.state, ended.failure) == ("ended", None)
    world.works()
    assert world.trace() == before


@pytest.mark.parametrize("kind", ["service-error", "disk-full", "clock-skew", "cpu-leak", "replication-pause"])
def test_it_is_put_back_when_its_region_comes_back(world: World, kind: str) -> None:
    fault, sees = CASES[kind]
    world.works()
    before = world.trace()
    handle = world.inject(fault)  # type: ignore[arg-type]
    killed = world.inject(f.RegionKill(region=US))
    world.undo(killed)
    sees(world, before)
    frozen = world.inject(f.RegionFreeze(region=US), duration_s=0.1)
    world.until(lambda: world.region()["status"] == "running")
    assert [record.id for record in world.run(world.control.faults()) if record.state == "live"] == [handle.id]
    assert frozen.record.duration_s == 0.1
    world.undo(handle)
    world.works()
    assert world.trace() == before


def test_a_region_that_is_being_started_is_killed_at_once(world: World) -> None:
    world.works()
    before = world.trace()
    first = world.inject(f.RegionKill(region=US))
    undoing = world.loop.create_task(world.control.undo(first.id))
    world.until(lambda: world.region()["status"] == "starting")
    began = time.monotonic()
    second = world.inject(f.RegionKill(region=US))
    world.run(asyncio.wait_for(undoing, 30))
    is_down(world, "killed")
    assert time.monotonic() - began < 5
    assert undoing.result().failure is None
    world.undo(second)
    world.works()
    assert world.trace() == before


ASKER = """
import asyncio, sys
from pathlib import Path
from panregion.control import ControlClient
from panregion.control.faults import LinkCut, RegionFreeze, ServiceThrottle
from panregion.world import load_world

async def main():
    client = ControlClient(load_world(Path(sys.argv[1])))
    async with client.lease() as lease:
        for fault in (
            RegionFreeze(region="us-east-1"),
            LinkCut(from_site="us-east-1", to_site="*"),
            ServiceThrottle(region="eu-west-1", service="*"),
        ):
            await client.inject(fault, lease=lease)
        print("ready", flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


def test_what_was_asked_is_undone_when_the_asker_is_killed(world: World) -> None:
    world.works()
    before = world.trace()
    asker = subprocess.Popen(
        [sys.executable, "-c", ASKER, str(world.settings.path / "world.json")], stdout=subprocess.PIPE
    )
    assert asker.stdout is not None
    assert asker.stdout.readline() == b"ready\n"
    stays = world.inject(f.LinkDelay(from_site="london", to_site=EU, delay_ms=5))
    assert world.region()["status"] == "frozen"
    assert len(world.status()["faults"]) == 4

    os.kill(asker.pid, signal.SIGKILL)
    asker.wait()
    asker.stdout.close()
    world.until(lambda: [fault["id"] for fault in world.status()["faults"]] == [stays.id])
    ended = world.run(world.control.faults())[-4:-1]
    assert {record.why for record in ended} == {"who asked for it is gone"}
    world.undo(stays)
    world.works()
    assert world.trace() == before


def test_a_lease_ends_with_its_block_whatever_ends_it(world: World) -> None:
    before = world.trace()

    async def hold() -> None:
        async with world.control.lease() as lease:
            await world.control.inject(f.LinkDelay(from_site="london", to_site="*", delay_ms=3), lease=lease)
            raise ClientError("one of its own")

    with pytest.raises(ClientError, match="one of its own"):
        world.run(hold())
    world.until(lambda: not world.status()["faults"])
    assert world.trace() == before


def test_the_edge_and_the_network_are_told_again_when_they_had_ended(world: World) -> None:
    world.works()
    before = world.trace()
    handles = [world.inject(f.NameServerDown()), world.inject(f.LinkLoss(from_site=US, to_site=EU, loss=0.01))]
    for process in psutil.process_iter():
        command = _command(process)
        if world.settings.folder in " ".join(command) and {"panregion.edge", "panregion.network"} & set(command):
            process.kill()
            process.wait(10)
    world.until(lambda: all(helper["status"] == "running" for helper in world.status()["helpers"]))
    world.until(lambda: len(world.status()["links"]) == 2)
    name_server_is_silent(world, None)
    for handle in handles:
        world.undo(handle)
    world.works()
    assert world.trace() == before


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (f.RegionKill(region="mars"), "mars is not a region of this world; it has us-east-1, eu-west-1"),
        (f.LinkCut(from_site="london", to_site="paris2"), "unknown site 'paris2'; near to it: paris"),
        (f.LinkCut(from_site=US, to_site=US), "us-east-1 has no link to itself"),
        (f.CheckersBlind(site="nowhere"), "unknown site 'nowhere'"),
        (f.ReplicationPause(region=US, peer=US), "us-east-1 does not replicate with itself"),
        (f.ReplicationPause(region=US, table="none"), "has no replicated table none; it has things"),
        (f.DiskFull(region="sa-east-1"), "sa-east-1 is not a region of this world"),
    ],
)
def test_what_the_world_has_not_is_refused_and_leaves_nothing(world: World, fault: Any, why: str) -> None:
    with pytest.raises(ControlError, match=why):
        world.inject(fault)
    assert world.status()["faults"] == []
    assert (world.told(US), world.told(EU)) == ([], [])
