"""The tables beside the map: what is said of regions, links and cities."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from panregion.console.overview import LINKS_MAX, is_behind, overview, said_of
from panregion.console.watching import History, Moment
from panregion.console.watching.moment import Check, Lag, Told, Traffic
from panregion.world import WorldSettings
from panregion.world.distance import regions
from tests.console.lab import REGIONS, Lab, status


def link(**changes: Any) -> dict[str, Any]:
    well = {"cut": None, "one_way_ms": 35.0, "delay_ms_extra": 0.0, "loss": 0.0, "bandwidth_bytes_s": None}
    return {"from": "us-east-1", "to": "eu-west-1", **well, **changes}


@pytest.mark.parametrize(
    ("disturbed", "said"),
    [
        ([link(cut="silent"), link(cut="silent")], ("cut", "cut")),
        ([link(cut="refuse")], ("cut", "cut, us-east-1 to eu-west-1 only")),
        ([link(delay_ms_extra=200.0), link(delay_ms_extra=200.0)], ("slow", "200 ms longer each way")),
        ([link(loss=0.25), link(bandwidth_bytes_s=5000.0)], ("slow", "25% of packets lost, 5 kB/s")),
    ],
)
def test_what_is_done_to_a_link(disturbed: list[dict[str, Any]], said: tuple[str, str]) -> None:
    assert said_of(disturbed) == said


def test_behind_is_what_users_could_notice() -> None:
    def lag(lag_ms: float | None, backlog: int | None) -> Lag:
        return Lag(*REGIONS, "dynamodb:orders", lag_ms, backlog)

    assert is_behind(lag(None, None))
    assert is_behind(lag(5000.0, 3))
    assert not is_behind(lag(5000.0, 0)), "the last write took long, but nothing waits"
    assert not is_behind(lag(50.0, 3))


def test_rates_are_means_of_the_last_seconds(tmp_path: Path) -> None:
    settings = WorldSettings(regions=REGIONS, folder=str(tmp_path))
    history = History()
    for number in range(1, 11):
        counts = [
            Traffic(number, "london", "eu-west-1", 6, 0, 0, 300.0),
            Traffic(number, "paris", None, 0, 3, 0, 6000.0),
            Traffic(number, "paris", "us-east-1", 0, 0, 3, 0.0),
        ]
        history.add(Moment(number, 1000.0 + number, regions={"us-east-1": "running"}, traffic=counts))
    assert history.now is not None
    now = overview(settings, history.now, history)
    assert [(name, state, rate.good, rate.failed) for name, _, state, rate in now.regions] == [
        ("us-east-1", "running", 0, 0),
        ("eu-west-1", "unknown", 6, 0),
    ]
    london, paris = now.cities
    assert (london.name, london.rate.good, london.rate.mean_ms) == ("london", 6, 50.0)
    assert (paris.rate.failed, paris.rate.tunnels, list(paris.by_site)) == (3, 3, ["nobody", "us-east-1"])


def test_of_many_links_the_ill_ones_are_shown(tmp_path: Path) -> None:
    names = tuple(sorted(regions()))
    cut = {**link(cut="silent"), "from": names[0], "to": names[1]}
    moment = Moment(1, 1.0, links=[cut], lag=[Lag(names[2], names[3], "dynamodb:orders", None, None)])
    now = overview(WorldSettings(regions=names, folder=str(tmp_path)), moment, History())
    assert len(now.links) + now.links_left == len(names) * (len(names) - 1) // 2
    assert len(now.links) == LINKS_MAX
    assert [one.state for one in now.links[:3]] == ["cut", "behind", "well"]


async def test_the_page_shows_what_is_so_and_what_can_be_done(lab: Lab) -> None:
    state = {"us-east-1": "killed", "eu-west-1": "frozen"}
    fault = {"id": "f-7", "description": "us-east-1 is killed", "began_s": 0.0, "fault": {}}
    told = Told("london", "api.<b>hello</b>.test", ["127.0.2.1"], ["eu-west-1"])
    check = Check("c-1", "<script>alert(1)</script>", None, False, "0 of 8 checkers hold it healthy")
    lab.site.history.add(Moment(1, 1.0, regions=state, faults=[fault], dns=[told], checks=[check]))
    answered, page = await lab.get("/")
    assert answered == 200
    for text in ("Restore", "Thaw", "Undo every fault", "00:00:00 UTC", "api.&lt;b&gt;hello", "&lt;script&gt;alert(1)"):
        assert text in page
    assert "<script>alert" not in page
    assert 'value="f-7"' in page


async def test_a_script_is_given_the_tables_alone(lab: Lab) -> None:
    lab.site.history.add(Moment(1, 1.0, regions=dict.fromkeys(REGIONS, "running")))
    _, part = await lab.get("/", x_part="tables")
    assert "<html" not in part
    assert 'data-part="regions"' in part
    assert "Nobody asked for anything yet" in part


async def test_before_anything_was_seen_control_is_asked(lab: Lab) -> None:
    lab.world.answers["GET /status"] = status(eu_west_1="killed")
    _, page = await lab.get("/")
    assert 'data-state="killed"' in page


async def test_where_everything_is(lab: Lab) -> None:
    _, text = await lab.get("/sites")
    sites = msgspec.json.decode(text)
    assert [region["name"] for region in sites["regions"]] == list(REGIONS)
    assert [link[:2] for link in sites["links"]] == [list(REGIONS)]
    assert {"london", "sydney"} <= {city["name"] for city in sites["cities"]}
    _, text = await lab.get("/sites?regions=eu-west-1,sa-east-1,nowhere-1")
    assert [region["name"] for region in msgspec.json.decode(text)["regions"]] == ["eu-west-1", "sa-east-1"]
