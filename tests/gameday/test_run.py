"""The engine in a small world of known faults: real sockets, a real clock, three seconds."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from panregion.gameday import result
from panregion.gameday.file import GameDay
from panregion.gameday.ledger import Ledger, read_ledger
from panregion.gameday.run import PROBE_EVERY_S, GameDayRun, Plan
from panregion.world.settings import Ports
from tests.gameday.world import CITY, REGION, SLOW_S, TABLE, SmallWorld, small_world

JOURNEYS = """
import time

API = "http://api.small.test/"

async def write(user):
    name = user.new_id("thing")
    body = {"id": name, "text": "hello"}
    answer = await user.put(API + name, json=body)
    if answer.ok:
        user.acknowledged("thing", name, body)
        shown = await user.get(API + name)
        user.saw("thing", name, shown.json() if shown.ok else None)

async def hog(user):
    time.sleep(0.4)  # nobody else can do anything meanwhile, as on a machine with too much to do
    await user.get(API + "none")

async def verify(ledger, regions):
    assert list(regions) == ["eu-west-1"]
    return [ledger.finding("duplicated", ledger.acknowledged("thing")[0], "eu-west-1")]

async def silent(ledger, regions):
    return None

async def asking(ledger, regions, ask):
    answer = await ask("london", "GET", API + "none")
    assert (answer.status, len(ledger.tried("thing"))) == (404, len(ledger.acknowledged("thing")))
    return [ledger.finding("duplicated", ledger.tried("thing")[0], detail="asked for")]

async def broken(ledger, regions):
    raise RuntimeError("no")

async def odd(ledger, regions):
    return ["lost"]
"""

GAME: dict[str, Any] = {
    "name": "a small day",
    "users": [{"city": CITY, "rate_s": 50, "journey": "journeys:write", "arrivals": "constant"}],
    "stores": {"thing": {"table": TABLE, "key": "id"}},
    "steady_state": [],
    "timeline": {"warm_up_s": 0.2, "before_s": 0.5, "recover_s": 0.1, "after_s": 0.5},
    "faults": [{"fault": {"kind": "region-kill", "region": "$primary"}, "for_s": 0.8}],
    "objectives": {
        "rto_s": 10,
        "rpo": {"thing": {"lost": 0, "overwritten": 0, "stale": 0}},
        "availability": 0.4,
        "converge_s": 20,
    },
    "in_the_end": [{"kind": "command", "run": "echo $AWS_REGION", "contains": REGION}],
}
STEADY: list[dict[str, Any]] = [
    {"kind": "availability", "at_least": 0.99},
    {"kind": "lag", "at_most_ms": 100},
    {"kind": "http", "url": "http://api.small.test/none", "city": CITY, "status": 404},
]


@pytest.fixture
async def world(tmp_path: Path, ports: Ports) -> AsyncIterator[SmallWorld]:
    (tmp_path / "journeys.py").write_text(JOURNEYS)
    async with small_world(tmp_path, ports) as world:
        yield world


BUSY_S = 2.5
"""How much later than it happened something may be seen; less than the fault lasts."""


async def held(world: SmallWorld, tmp_path: Path, **changes: Any) -> tuple[result.Result, list[str]]:
    """The result of the game day with some of its parts changed, and what was said."""
    said: list[str] = []
    game = msgspec.convert(GAME | changes, GameDay)
    plan = Plan(game, tmp_path, world.settings, 1, "again", "the file")
    run = GameDayRun(plan, Ledger(tmp_path / "ledger.jsonl"), lambda _, text: said.append(text))
    return await run.run(), said


async def test_what_the_small_world_did_is_what_the_result_says(world: SmallWorld, tmp_path: Path) -> None:
    long_enough_to_settle = GAME["timeline"] | {"before_s": 1.5, "after_s": 2.3}
    faults = [{"fault": {"kind": "region-kill", "region": "$primary"}, "for_s": 3.0}]
    objectives = {"rpo": GAME["objectives"]["rpo"]}
    found, said = await held(
        world, tmp_path, timeline=long_enough_to_settle, steady_state=STEADY, faults=faults, objectives=objectives
    )
    assert found.held, found.why_not
    lasted_s = world.ended_s - world.began_s
    (fault,) = found.faults
    assert fault.began_s is not None
    assert fault.ended_s is not None
    # Real time passes here: what is compared is what two observers saw, on a machine that may be busy.
    assert 1.69 < fault.began_s < 1.7 + BUSY_S  # never early
    assert fault.ended_s - fault.began_s == pytest.approx(lasted_s, abs=0.001)
    (rto,) = found.rto
    assert rto.first_success_s == pytest.approx(lasted_s, abs=BUSY_S)
    assert rto.steady_s == pytest.approx(lasted_s, abs=BUSY_S)
    assert rto.detected_s is not None
    assert rto.rerouted_s is not None
    assert 0 <= rto.detected_s < BUSY_S
    assert 0 < rto.rerouted_s < 0.1 + BUSY_S
    assert found.blast_radius.longest_outage_s == pytest.approx(lasted_s, abs=BUSY_S)
    (store,) = found.rpo
    assert (store.store, store.acknowledged, store.lost) == (f"dynamodb:{TABLE}", world.writes, 0)
    assert [answer.values for answer in found.dns] == [["127.0.1.1"], ["192.0.2.1"], ["127.0.1.1"]]
    assert [change.region for change in found.health] == [REGION, REGION]
    assert [state.status for state in found.region_states] == ["running", "killed", "running"]
    assert found.in_the_end[0].measured == REGION
    assert found.repeat == result.Repeat("again", 1, "the file")
    assert said[:2] == ["warming up for 0.2 s", "steady state for 1.5 s"]
    assert f"{REGION} is killed" in said
    assert len(read_ledger(tmp_path / "ledger.jsonl").acknowledged("thing")) == store.acknowledged
    assert result.from_json(result.to_json(found)) == found


async def test_the_next_of_a_rolling_plan_waits_for_a_region_that_comes_back_slowly(
    world: SmallWorld, tmp_path: Path
) -> None:
    world.undo_s = 0.4
    rolling = {
        "schedule": "rolling",
        "fault": {"kind": "region-kill", "region": "$each"},
        "over": [REGION, REGION],
        "for_s": 0.2,
        "gap_s": 0.1,
    }
    found, _ = await held(world, tmp_path, faults=[rolling])
    first, second = found.faults
    assert first.ended_s is not None
    assert second.began_s is not None
    assert second.began_s >= first.ended_s
    assert second.planned_at_s == pytest.approx(first.planned_at_s + 0.3)


async def test_what_it_lost_is_counted_and_shown_as_stale(world: SmallWorld, tmp_path: Path) -> None:
    world.lose_every = 7
    found, _ = await held(world, tmp_path)
    assert world.lost > 3
    assert (found.rpo[0].lost, found.rpo[0].stale) == (world.lost, world.lost)
    assert not found.held
    assert any("writes lost of" in line for line in found.why_not)


async def test_actions_are_taken_one_after_another_and_undone(world: SmallWorld, tmp_path: Path) -> None:
    noted = tmp_path / "noted"
    actions = [
        {"name": "the first", "run": f"echo one >> {noted}", "for_s": 0.3, "undo": f"echo undone >> {noted}"},
        {"name": "the second", "run": f"echo two $AWS_REGION >> {noted}", "at_s": 0.1, "sites": [REGION]},
    ]
    found, said = await held(world, tmp_path, actions=actions)
    assert noted.read_text().splitlines() == ["one", "undone", f"two {REGION}"]
    kill, first, second = sorted(found.faults, key=lambda one: one.kind != "region-kill")
    assert kill.kind == "region-kill"
    assert (first.text, first.kind, first.problem, second.sites) == ("the first", "action", "", [REGION])
    began_s, ended_s, next_s = (one or -1.0 for one in (first.began_s, first.ended_s, second.began_s))
    assert ended_s - began_s >= 0.3
    assert next_s >= ended_s
    assert {"the first", "over: the first"} < set(said)


async def test_an_action_that_fails_fails_the_day_and_is_undone(world: SmallWorld, tmp_path: Path) -> None:
    actions = [{"name": "it", "run": "echo no >&2; exit 3", "for_s": 60, "undo": "exit 4"}]
    found, _ = await held(world, tmp_path, actions=actions)
    assert "it: exit code 3: no; it could not be undone: exit code 4: " in found.why_not


async def test_an_unsteady_world_is_not_broken_further(world: SmallWorld, tmp_path: Path) -> None:
    world.away = True
    found, said = await held(world, tmp_path, steady_state=STEADY)
    assert found.faults == []
    assert world.began_s == 0.0
    assert "the state was not steady before the faults, so none was injected" in found.why_not
    assert any(line.startswith("not steady: availability: 0.0000%, wanted: at least 99") for line in said)


async def test_a_fault_that_cannot_begin_fails_the_day(world: SmallWorld, tmp_path: Path) -> None:
    world.refuse_faults = True
    found, _ = await held(world, tmp_path)
    assert found.why_not[0] == f"{REGION} is killed: it could not begin: it cannot be done here"
    assert not found.held


async def test_a_fault_that_cannot_be_undone_fails_the_day(world: SmallWorld, tmp_path: Path) -> None:
    world.undo_fails = True
    found, _ = await held(world, tmp_path, objectives={"converge_s": 0.5})
    assert f"{REGION} is killed: it could not be undone: 1 stays" in found.why_not
    assert found.converge_s is None


async def test_regions_that_do_not_converge_are_told(world: SmallWorld, tmp_path: Path) -> None:
    world.backlog = 3
    found, _ = await held(world, tmp_path, objectives={"converge_s": 0.5}, steady_state=[])
    assert found.why_not == ["converge: the regions were not seen with everything that the others had"]


@pytest.mark.parametrize(
    ("verify", "why_not"),
    [
        ("journeys:silent", []),
        ("journeys:verify", ["duplicated, dynamodb:things: 1 writes duplicated of"]),
        ("journeys:asking", ["duplicated, dynamodb:things: 1 writes duplicated of"]),
        ("journeys:broken", ["journeys:broken raised RuntimeError: no"]),
        ("journeys:odd", ["journeys:odd returned something else than findings: ledger.lost(...) makes one"]),
    ],
)
async def test_verify(world: SmallWorld, tmp_path: Path, verify: str, why_not: list[str]) -> None:
    quick = {"before_s": 0.3, "recover_s": 0.1, "after_s": 0.1}
    promise = {"rpo": {"thing": {"duplicated": 0}}}
    found, _ = await held(
        world, tmp_path, verify=verify, objectives=promise, faults=[], timeline=quick, steady_state=[]
    )
    assert len(found.why_not) == len(why_not)
    assert all(line.startswith(why) for line, why in zip(found.why_not, why_not, strict=True)), found.why_not


@pytest.mark.parametrize(
    ("probe", "measured"),
    [
        ({"kind": "command", "run": "exit 3"}, "exit code 3: "),
        ({"kind": "command", "run": "echo no", "contains": "yes"}, "without 'yes': no"),
        ({"kind": "command", "run": "sleep 9", "timeout_s": 0.1}, "it had not ended after 0.1 s"),
        ({"kind": "http", "url": "http://api.small.test/none", "city": CITY}, "404 in "),
        (
            {"kind": "http", "url": "http://api.small.test/x", "city": CITY, "status": 404, "contains": "y"},
            "without 'y'",
        ),
        ({"kind": "cloudwatch", "region": REGION, "namespace": "N", "metric": "M"}, ""),
    ],
)
async def test_what_does_not_hold_in_the_end(
    world: SmallWorld, tmp_path: Path, probe: dict[str, Any], measured: str
) -> None:
    quick = {"before_s": 0.2, "recover_s": 0.1, "after_s": 0.1}
    found, _ = await held(
        world, tmp_path, in_the_end=[probe], objectives={}, faults=[], timeline=quick, steady_state=[]
    )
    (check,) = found.in_the_end
    assert not check.held
    assert measured in check.measured
    assert found.why_not[0].startswith("in the end, ")


async def test_what_was_asked_before_a_fault_is_answered_before_it(world: SmallWorld, tmp_path: Path) -> None:
    probe = {"kind": "http", "url": "http://api.small.test/slow", "city": CITY}
    fault_from_s = PROBE_EVERY_S + 1.5 * SLOW_S  # in the middle of what is asked for the second time
    timeline = GAME["timeline"] | {"warm_up_s": 0.2, "before_s": fault_from_s - 0.2, "recover_s": 1.5 * SLOW_S}
    found, _ = await held(world, tmp_path, steady_state=[probe], timeline=timeline, objectives={})
    assert found.held, found.why_not


async def test_a_machine_that_is_too_busy_is_told(world: SmallWorld, tmp_path: Path) -> None:
    users = [{"city": CITY, "rate_s": 5, "journey": "journeys:hog", "arrivals": "constant"}]
    quick = {"before_s": 1.0, "recover_s": 0.1, "after_s": 0.1}
    found, _ = await held(world, tmp_path, users=users, steady_state=[], faults=[], objectives={}, timeline=quick)
    assert any(note.startswith("this machine was too busy: ") for note in found.notes)
