"""A finished game day as moments: nothing is added, nothing lost."""

from pathlib import Path

import msgspec

from panregion.console.watching.moment import Moment
from panregion.console.watching.replay import Replay
from panregion.gameday.result import to_json
from panregion.world import WorldSettings
from tests.console.lab import Lab
from tests.gameday.sample import BACK_AT, LENGTH, LOST_AT, sample

SETTINGS = WorldSettings(folder="/worlds/small/.panregion")


def replayed() -> tuple[Replay, list[Moment]]:
    replay = Replay(sample(), SETTINGS)
    return replay, replay.moments()


def test_every_request_and_every_change_is_in_one_moment() -> None:
    result = sample()
    _, moments = replayed()
    counts = [count for moment in moments for count in moment.traffic]
    assert sum(count.good for count in counts) == sum(sum(city.good) for city in result.cities)
    assert sum(count.failed for count in counts) == sum(sum(city.failed) for city in result.cities)
    assert sum(len(moment.health) for moment in moments) == len(result.health)
    assert sum(len(moment.dns) for moment in moments) == len(result.dns)
    assert sum(len(moment.ended) for moment in moments) == len(result.faults)


def test_times_are_those_of_the_world() -> None:
    replay, moments = replayed()
    assert (moments[0].at_s, moments[-1].at_s) == (replay.began_s, replay.ended_s)
    assert [moment.number for moment in moments] == list(range(1, LENGTH + 2))
    kill = next(fault for moment in moments for fault in moment.faults)
    assert LOST_AT < kill["began_s"] - replay.began_s < LOST_AT + 1


def test_a_moment_is_how_it_was() -> None:
    _, moments = replayed()
    before, during, after = moments[5], moments[20], moments[LENGTH]
    assert [fault["description"] for fault in before.faults] == []
    assert before.regions["us-east-1"] == "running"
    assert [fault["id"] for fault in during.faults] == ["f1", "f2"]
    assert {(link["from"], link["delay_ms_extra"]) for link in during.links} == {
        ("eu-west-1", 200.0),
        ("ap-southeast-2", 200.0),
    }
    assert (after.faults, after.links) == ([], [])
    assert LENGTH > BACK_AT


def test_a_fault_that_this_version_does_not_know_is_shown_all_the_same() -> None:
    result = sample()
    strange = msgspec.structs.replace(result.faults[0], fault={"kind": "flood"}, text="there is a flood")
    moments = Replay(msgspec.structs.replace(result, faults=[strange]), SETTINGS).moments()
    assert {fault["description"] for moment in moments for fault in moment.faults} == {"there is a flood"}


def test_of_a_region_that_nobody_could_ask_no_lag_is_told() -> None:
    result = sample()
    series = result.lag[0]
    early = [at for at in series.at_s if at < LOST_AT]
    silent = msgspec.structs.replace(
        series, at_s=early, lag_ms=series.lag_ms[: len(early)], backlog=series.backlog[: len(early)]
    )
    moments = Replay(msgspec.structs.replace(result, lag=[silent]), SETTINGS).moments()
    assert (len(moments[10].lag), len(moments[30].lag)) == (1, 0)


def keep(lab: Lab, name: str = "lost-20261121-120000") -> Path:
    folder = lab.site.settings.path.parent / "gamedays" / name
    folder.mkdir(parents=True)
    (folder / "result.json").write_bytes(to_json(sample()))
    return folder


async def test_its_page(lab: Lab) -> None:
    folder = keep(lab)
    status, page = await lab.get(f"/gamedays/{folder.name}")
    assert status == 200
    assert f'data-moments="/gamedays/{folder.name}/moments"' in page
    assert "RTO, new-york" in page
    status, text = await lab.get(f"/gamedays/{folder.name}/moments")
    assert (status, len(msgspec.json.decode(text)["moments"])) == (200, LENGTH + 1)
    status, text = await lab.get(f"/gamedays/{folder.name}/result.json")
    assert (status, text) == (200, (folder / "result.json").read_text())


async def test_what_is_not_there_is_said(lab: Lab) -> None:
    folder = keep(lab)
    (lab.site.settings.path.parent / "secret.json").write_text("{}")
    for target in ("/gamedays/none", "/gamedays/..%2F..", f"/gamedays/{folder.name}/..%2F..%2Fsecret.json"):
        status, _ = await lab.get(target)
        assert status == 404, target
    status, _ = await lab.get("/gamedays/none/moments")
    assert status == 404
