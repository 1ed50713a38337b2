"""Faults that begin, overlap and end, before hands that only write down what they are told; the clock moves by hand."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from panregion.control.faults import (
    CpuLeak,
    LinkCut,
    LinkDelay,
    NameServerDown,
    RegionFreeze,
    RegionKill,
    RegionRestart,
    Where,
)
from panregion.control.faults.effects import Down, LinkChange
from panregion.control.faults.keeper import Keeper
from panregion.control.faults.links import change
from panregion.world import ManualClock, SeededChance, World

WHERE = Where(("us", "eu"), ("london",), ("eu", "london", "us"))
KILL, FREEZE = RegionKill(region="us"), RegionFreeze(region="us")


class Hands:
    """The world as it was told to be last."""

    def __init__(self) -> None:
        self.sites: dict[str, Down | None] = {}
        self.disturbed: Mapping[tuple[str, str], LinkChange] = {}
        self.told: dict[str, list[Any]] = {}
        self.at_edge: list[Any] = []
        self.fails: str | None = None
        self.calls = 0
        self.started = asyncio.Event()
        """Set unless a start is to take its time."""
        self.started.set()

    async def site(self, site: str, how: Down | None) -> None:
        self._may_fail()
        await asyncio.sleep(0)  # others come in between
        if how is None:
            await self.started.wait()
        self.sites[site] = how

    async def links(self, links: Mapping[tuple[str, str], LinkChange]) -> None:
        self._may_fail()
        self.disturbed = links

    async def region(self, region: str, told: list[Any]) -> None:
        self._may_fail()
        self.told[region] = told

    async def edge(self, told: list[Any]) -> None:
        self.at_edge = told

    def _may_fail(self) -> None:
        self.calls += 1
        if self.fails is not None:
            raise RuntimeError(self.fails)


class Lab:
    def __init__(self) -> None:
        self.hands = Hands()
        self.clock = ManualClock()
        self.keeper = Keeper(WHERE, self.hands, World(self.clock, SeededChance(1)))

    @property
    def live(self) -> list[str]:
        return [record.description for record in self.keeper.live]


@pytest.fixture
def lab() -> Lab:
    return Lab()


async def test_a_fault_ends_after_its_time(lab: Lab) -> None:
    record = await lab.keeper.inject(KILL, duration_s=10)
    assert (lab.hands.sites, lab.live) == ({"us": "killed"}, ["us is killed"])
    await lab.clock.advance(9.9)
    assert record.state == "live"
    await lab.clock.advance(0.2)
    assert (record.state, record.why) == ("ended", "its time was over")
    assert record.ended_s == pytest.approx(record.began_s + 10)
    assert (lab.hands.sites, lab.live) == ({"us": None}, [])


async def test_some_faults_end_by_their_nature(lab: Lab) -> None:
    record = await lab.keeper.inject(RegionRestart(region="us", down_s=3))
    assert lab.hands.sites == {"us": "stopped"}
    await lab.clock.advance(3.1)
    assert (record.state, lab.hands.sites) == ("ended", {"us": None})


async def test_faults_overlap_and_end_in_any_order(lab: Lab) -> None:
    frozen = await lab.keeper.inject(FREEZE)
    killed = await lab.keeper.inject(KILL)
    assert lab.hands.sites == {"us": "killed"}
    await lab.keeper.undo(killed.id)
    assert lab.hands.sites == {"us": "frozen"}
    await lab.keeper.undo(frozen.id)
    assert lab.hands.sites == {"us": None}

    slow = await lab.keeper.inject(LinkDelay(from_site="us", to_site="eu", delay_ms=5, both=False))
    cut = await lab.keeper.inject(LinkCut(from_site="us", to_site="eu"))
    slower = await lab.keeper.inject(LinkDelay(from_site="us", to_site="*", delay_ms=7, both=False))
    await lab.keeper.undo(slow.id)
    assert lab.hands.disturbed["us", "eu"] == LinkChange("us", "eu", cut="silent", delay_ms=7)
    await lab.keeper.undo(cut.id)
    await lab.keeper.undo(slower.id)
    assert lab.hands.disturbed == {}


async def test_who_comes_at_once_gets_in_each_others_way_no_more_than_one_after_another(lab: Lab) -> None:
    records = await asyncio.gather(*(lab.keeper.inject(fault) for fault in (KILL, FREEZE, KILL, FREEZE)))
    await asyncio.gather(*(lab.keeper.undo(record.id) for record in records[:3]))
    assert lab.hands.sites == {"us": "frozen"}
    await lab.keeper.undo_all()
    assert (lab.hands.sites, lab.live) == ({"us": None}, [])


async def test_a_kill_does_not_wait_for_a_start(lab: Lab) -> None:
    record = await lab.keeper.inject(KILL)
    lab.hands.started.clear()
    undoing = asyncio.ensure_future(lab.keeper.undo(record.id))
    await lab.clock.advance(0)
    assert not undoing.done()
    again = asyncio.ensure_future(lab.keeper.inject(KILL))
    await lab.clock.advance(0)
    assert lab.hands.sites == {"us": "killed"}
    assert not undoing.done()
    lab.hands.started.set()
    await asyncio.gather(undoing, again)
    assert lab.hands.sites == {"us": "killed"}


async def test_undoing_twice_is_undoing_once(lab: Lab) -> None:
    record = await lab.keeper.inject(NameServerDown())
    await lab.keeper.undo(record.id)
    ended_s, calls = record.ended_s, lab.hands.calls
    await lab.clock.advance(5)
    assert (await lab.keeper.undo(record.id)).ended_s == ended_s
    assert (lab.hands.calls, lab.hands.at_edge) == (calls, [])
    with pytest.raises(ValueError, match="there is no fault none; live are: none"):
        await lab.keeper.undo("none")


async def test_what_cannot_begin_leaves_nothing(lab: Lab) -> None:
    lab.hands.fails = "the network is away"
    with pytest.raises(RuntimeError, match="the network is away"):
        await lab.keeper.inject(LinkCut(from_site="us", to_site="eu"))
    assert lab.live == []
    assert lab.keeper.records[-1].why == "it could not begin"
    with pytest.raises(ValueError, match="mars is not a region"):
        await lab.keeper.inject(CpuLeak(region="mars"))
    assert lab.keeper.effects() == []


async def test_what_cannot_be_undone_says_why(lab: Lab) -> None:
    record = await lab.keeper.inject(KILL, duration_s=1)
    lab.hands.fails = "us did not answer within 60 s"
    await lab.clock.advance(2)
    assert (record.state, record.failure) == ("ended", "us did not answer within 60 s")


async def test_a_lease_that_ends_takes_its_faults_along(lab: Lab) -> None:
    lease, other = lab.keeper.begin_lease(), lab.keeper.begin_lease()
    await lab.keeper.inject(KILL, lease=lease)
    await lab.keeper.inject(CpuLeak(region="eu"), duration_s=60, lease=lease)
    stays = await lab.keeper.inject(NameServerDown(), lease=other)
    lab.keeper.end_lease(lease)
    await lab.clock.advance(0)
    assert lab.live == [stays.description]
    assert (lab.hands.sites, lab.hands.told) == ({"us": None}, {"eu": []})
    assert {record.why for record in lab.keeper.records if record is not stays} == {"who asked for it is gone"}
    with pytest.raises(ValueError, match=f"there is no lease {lease}: who held it is gone"):
        await lab.keeper.inject(KILL, lease=lease)


async def test_old_ways_of_asking_for_links(lab: Lab) -> None:
    await change(lab.keeper, {"from": "us", "to": "eu", "cut": "silent", "delay_ms_extra": 5})
    await change(lab.keeper, {"from": "us", "to": "eu", "delay_ms_extra": 9, "both": False})
    assert lab.hands.disturbed == {
        ("us", "eu"): LinkChange("us", "eu", cut="silent", delay_ms=9),
        ("eu", "us"): LinkChange("eu", "us", cut="silent", delay_ms=5),
    }
    await change(lab.keeper, {"from": "us", "to": "eu", "cut": None})
    assert {link.cut for link in lab.hands.disturbed.values()} == {None}
    await change(lab.keeper, {"from": "us", "to": "eu"})
    assert lab.hands.disturbed == {}
    with pytest.raises(ValueError, match="a link has no speed; it has cut, delay_ms_extra"):
        await change(lab.keeper, {"from": "us", "to": "eu", "speed": 1})
    with pytest.raises(ValueError, match="'to' is missing"):
        await change(lab.keeper, {"from": "us"})


async def test_healing_one_way_leaves_the_other_as_it_was(lab: Lab) -> None:
    lease = lab.keeper.begin_lease()
    await lab.keeper.inject(LinkCut(from_site="us", to_site="regions", how="refuse"), duration_s=60, lease=lease)
    await lab.clock.advance(20)
    await change(lab.keeper, {"from": "us", "to": "eu", "both": False})
    assert lab.hands.disturbed == {("eu", "us"): LinkChange("eu", "us", cut="refuse")}
    assert [record.duration_s for record in lab.keeper.live] == [40]
    lab.keeper.end_lease(lease)
    await lab.clock.advance(0)
    assert lab.hands.disturbed == {}
