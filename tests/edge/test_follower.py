"""Following Route 53 in a real region, and going on without it."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest

from panregion.edge.book import Book
from panregion.edge.follower import Follower
from panregion.edge.health import Held, Memory, Opinion
from panregion.region import Region
from panregion.services.route53 import internal
from panregion.world import ClientTimeout, HttpClient, ManualClock, SeededChance, World, direct_dial


def follower_in(folder: Path, book: Book | None = None) -> Follower:
    return Follower("route53", book or Book(), folder / "route53.msgpack", World(ManualClock(), SeededChance(1)))


async def pull(follower: Follower, region: Region) -> None:
    follower.take(await internal.changes(region.here, follower.epoch, follower.position))


async def make_zone(region: Region, name: str) -> str:
    made = await region.ask("route53", "CreateHostedZone", {"Name": name, "CallerReference": name})
    return str(made["HostedZone"]["Id"]).rsplit("/", 1)[-1]


def records(name: str, *values: str, action: str = "CREATE") -> dict[str, Any]:
    record = {"Name": name, "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": value} for value in values]}
    return {"Changes": [{"Action": action, "ResourceRecordSet": record}]}


async def test_a_snapshot_and_then_every_change(region: Region, tmp_path: Path) -> None:
    zone_id = await make_zone(region, "a.test")
    book = Book()
    follower = follower_in(tmp_path, book)
    await pull(follower, region)
    zone = book.zone_of("www.a.test.")
    assert zone is not None
    assert zone.id == zone_id
    change = {"HostedZoneId": zone_id, "ChangeBatch": records("www.a.test", "192.0.2.1")}
    made = (await region.ask("route53", "ChangeResourceRecordSets", change))["ChangeInfo"]
    question = {"Id": made["Id"].rsplit("/", 1)[-1]}
    assert (await region.ask("route53", "GetChange", question))["ChangeInfo"]["Status"] == "PENDING"
    await pull(follower, region)
    assert (book.at(zone, "www.a.test.") or {})["A"][0].values == ("192.0.2.1",)
    await pull(follower, region)
    assert (await region.ask("route53", "GetChange", question))["ChangeInfo"]["Status"] == "INSYNC"
    change["ChangeBatch"] = records("www.a.test", "192.0.2.1", action="DELETE")
    await region.ask("route53", "ChangeResourceRecordSets", change)
    await region.ask("route53", "DeleteHostedZone", {"Id": zone_id})
    await pull(follower, region)
    assert book.zone_of("www.a.test.") is None


async def test_another_store_is_noticed(region: Region, tmp_path: Path) -> None:
    await make_zone(region, "a.test")
    book = Book()
    follower = follower_in(tmp_path, book)
    follower.epoch, follower.position = "of another store", 3
    await pull(follower, region)
    assert [zone.name for zone in book.zones.values()] == ["a.test."]


async def test_what_was_kept_is_there_after_a_restart(region: Region, tmp_path: Path) -> None:
    await make_zone(region, "a.test")
    follower = follower_in(tmp_path)
    await pull(follower, region)
    follower.keep()
    again = Book()
    restarted = follower_in(tmp_path, again)
    restarted.load()
    assert (restarted.epoch, restarted.position) == (follower.epoch, follower.position)
    assert again.zone_of("a.test.") is not None


async def test_nothing_is_written_that_is_written_already(region: Region, tmp_path: Path) -> None:
    await make_zone(region, "a.test")
    follower = follower_in(tmp_path)
    await pull(follower, region)
    follower.keep()
    (tmp_path / "route53.msgpack").unlink()
    await pull(follower, region)
    follower.keep()
    assert not (tmp_path / "route53.msgpack").exists()


@pytest.mark.parametrize("kept", [b"\xff\xff", msgspec.msgpack.encode({"epoch": "e", "snapshot": b"\xc1"})])
async def test_a_damaged_file_counts_as_none(tmp_path: Path, kept: bytes) -> None:
    (tmp_path / "route53.msgpack").write_bytes(kept)
    follower = follower_in(tmp_path)
    follower.load()
    assert follower.epoch == ""
    assert "is damaged" in str(follower.failure)
    elsewhere = follower_in(tmp_path / "elsewhere")
    elsewhere.load()
    assert "is damaged" not in str(elsewhere.failure)


def test_what_the_health_checkers_held_is_kept(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "edge" / "health.msgpack")
    assert memory.load() == Held()
    held = Held({"check": {"us-east-1": Opinion(healthy=False)}}, {"check": False})
    memory.keep(held)
    assert memory.load() == held
    (tmp_path / "edge" / "health.msgpack").write_bytes(b"\xff")
    assert memory.load() == Held()


async def test_a_change_is_heard_at_once(region: Region, tmp_path: Path) -> None:
    await make_zone(region, "a.test")
    book = Book()
    follower = follower_in(tmp_path, book)
    await pull(follower, region)
    waiting = asyncio.create_task(internal.changes(region.here, follower.epoch, follower.position, 30))
    await asyncio.sleep(0)
    await make_zone(region, "b.test")
    follower.take(await asyncio.wait_for(waiting, 5))
    assert book.zone_of("b.test.") is not None


async def test_who_waits_for_a_change_does_not_hold_up_a_region_that_stops(region: Region, tmp_path: Path) -> None:
    follower = follower_in(tmp_path)
    await pull(follower, region)
    waiting = asyncio.create_task(internal.changes(region.here, follower.epoch, follower.position, 30))
    await asyncio.sleep(0)
    region.here.closing.set()
    assert (await asyncio.wait_for(waiting, 5))["records"] == []


class DeadHome(HttpClient):
    def __init__(self) -> None:
        super().__init__(direct_dial)
        self.asked = 0

    async def send(self, *_args: Any, **_more: Any) -> Any:
        self.asked += 1
        raise ClientTimeout("us-east-1 did not answer")


async def test_a_dead_home_is_asked_again_with_growing_pauses(tmp_path: Path) -> None:
    clock = ManualClock()
    follower = Follower("route53", Book(), tmp_path / "kept", World(clock, SeededChance(1)))
    client = DeadHome()
    task = asyncio.create_task(follower.run(client, "http://home"))
    await clock.advance(60)
    assert 30 <= client.asked <= 70
    assert follower.failure == "us-east-1 did not answer"
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await client.close()
