"""The strip and the map of a scripted world: one cursor over all rows, by keyboard too; every state has a form."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from panregion.console.watching import Moment
from panregion.console.watching.moment import Check, Lag, Told, Traffic
from panregion.gameday.result import to_json
from panregion.world.distance import cities, regions
from tests.browser.chromium import Browser, until
from tests.console.lab import REGIONS, Lab
from tests.gameday.sample import sample

BEGAN = 1_790_000_000
KILLED = {"id": "f-1", "description": "us-east-1 is killed", "began_s": BEGAN + 100.0, "fault": {}}
TOLD = "document.getElementById('strip-view').getAttribute('aria-valuetext')"


def moment(number: int, **fields: Any) -> Moment:
    return Moment(number, float(BEGAN + number), **{"regions": dict.fromkeys(REGIONS, "running"), **fields})


def story() -> list[Moment]:
    """Two minutes: from second 100 to 110 us-east-1 is away, and new-york's users are told eu-west-1 from 105 on."""
    return [one_second(number) for number in range(1, 121)]


def one_second(number: int) -> Moment:
    away, moved = 100 <= number < 110, number >= 105
    site, failed = ("eu-west-1", 0) if moved else (None, 4) if away else ("us-east-1", 0)
    counts = [Traffic(BEGAN + number - 1, "new-york", site, 0 if failed else 4, failed, 0, 100.0)]
    changes: dict[str, Any] = {}
    if number in (1, 105):
        region = "us-east-1" if number == 1 else "eu-west-1"
        changes["dns"] = [Told("new-york", "api.hello.test", ["127.0.1.1"], [region])]
    if number == 1:
        changes["checks"] = [Check("c-1", "127.0.1.1", "us-east-1", True, "8 of 8")]
    if number == 103:
        changes["health"] = [
            {"time": BEGAN + 103, "health_check": "c-1", "site": None, "healthy": False, "why": "0 of 8"}
        ]
    if away:
        changes |= {"faults": [KILLED], "regions": {"us-east-1": "killed", "eu-west-1": "running"}}
    if number == 110:
        changes["ended"] = [{**KILLED, "undone_s": BEGAN + 109.0, "ended_s": BEGAN + 110.0}]
        changes["notes"] = [{"text": "us-east-1 answers again", "command": "panregion restore us-east-1"}]
    lag = Lag("us-east-1", "eu-west-1", "dynamodb:orders", None if away else 40.0, None if away else 2)
    return moment(number, traffic=counts, lag=[lag], **changes)


def show(stage: Lab, browser: Browser, moments: list[Moment], target: str = "/") -> None:
    def add() -> None:
        for one in moments:
            stage.site.history.add(one)

    stage.do(add)
    browser.open(stage.origin + target)
    browser.wait("+document.getElementById('strip')?.dataset.drawn > 0")


def look_at(browser: Browser, at_s: float) -> str:
    """What the strip says of a time."""
    browser.run(f"import('/assets/own/live.js').then(({{ live }}) => live.look({at_s}))")
    return str(browser.run(TOLD))


def test_it_all_lines_up(stage: Lab, browser: Browser) -> None:
    show(stage, browser, story(), "/?last=3")
    before, during, after = (look_at(browser, BEGAN + second) for second in (50.5, 103.5, 119.5))
    assert "new-york: 4 good, 0 failed" in before
    assert "new-york is told for api.hello.test: us-east-1" in before
    assert "Check us-east-1: healthy" in before
    assert "us-east-1 → eu-west-1: 40.0 ms, 2 waiting" in before
    assert "Faults: us-east-1 is killed" in during
    assert "new-york: 0 good, 4 failed" in during
    assert "Check us-east-1: unhealthy" in during
    assert "Region us-east-1: killed" in during
    assert "us-east-1 → eu-west-1: cut off" in during
    assert "new-york is told for api.hello.test: eu-west-1" in after
    assert "Faults" not in after
    assert "us-east-1 answers again" in look_at(browser, BEGAN + 110)


def test_the_keyboard_moves_the_cursor(stage: Lab, browser: Browser) -> None:
    show(stage, browser, story(), "/?last=3")
    browser.tab_to("#strip-view")
    assert str(browser.run(TOLD)).startswith("Now.")
    for _ in range(12):
        browser.press("ArrowLeft")
    assert "12 s ago" in str(browser.run(TOLD))
    assert "us-east-1 is killed" in browser.text("#strip-readout")
    browser.press("Escape")
    assert str(browser.run(TOLD)).startswith("Now.")


def test_the_map_follows_the_cursor_and_has_a_form_for_every_state(stage: Lab, browser: Browser) -> None:
    show(stage, browser, story(), "/?last=3")
    has: Callable[[str], bool] = lambda selector: bool(browser.run(f"!!document.querySelector({json.dumps(selector)})"))  # noqa: E731
    browser.wait("+document.getElementById('map')?.dataset.drawn > 0")
    assert has("path.region.running[data-name=us-east-1]")
    look_at(browser, BEGAN + 104.5)
    assert has("path.region.dead[data-name=us-east-1]")
    assert has("path.flow.failed[data-flow='new-york null failed']")
    look_at(browser, BEGAN + 119)
    assert has("path.flow.good[data-flow='new-york eu-west-1']")
    cut = {"from": "us-east-1", "to": "eu-west-1", "cut": "silent", "delay_ms_extra": 0, "loss": 0}
    stage.do(lambda: stage.site.history.add(moment(121, links=[cut], regions={"us-east-1": "frozen"})))
    browser.run("import('/assets/own/live.js').then(({ live }) => live.look(null))")
    browser.wait("!!document.querySelector('g.link.cut path.mark[d]')")
    assert has("path.region.frozen[data-name=us-east-1]")
    forms = browser.run("[...document.querySelectorAll('path.region')].map((one) => one.getAttribute('d')).join()")
    assert len(set(forms.split(","))) > 1


def test_a_hidden_page_draws_nothing_until_it_is_looked_at(stage: Lab, browser: Browser) -> None:
    show(stage, browser, story(), "/?last=3")
    hide = "Object.defineProperty(document, 'hidden', {{ get: () => {}, configurable: true }})"
    browser.run(hide.format("true"))
    drawn = browser.run("window.strokes = 0; CanvasRenderingContext2D.prototype.clearRect = () => { strokes += 1; }; 0")
    stage.do(lambda: stage.site.history.add(moment(121)))
    last = "import('/assets/own/live.js').then(({ live }) => live.seen.last.number)"
    until(lambda: browser.run(last) == 121, 20, "the page is told")
    assert (drawn, browser.run("strokes")) == (0, 0)
    browser.run(hide.format("false") + "; document.dispatchEvent(new Event('visibilitychange'))")
    browser.wait("strokes > 0")


@pytest.mark.timeout(120)
def test_twenty_regions_and_a_quarter_of_an_hour(stage: Lab, browser: Browser) -> None:
    """All regions that are known, sixty pairs behind, forty cities: everything has its place, and the page goes on."""
    names, users = sorted(regions()), sorted(cities())[:40]
    pairs = [(a, b) for a in names for b in names if a != b][:60]

    def busy(number: int) -> Moment:
        counts = [Traffic(BEGAN + number, city, names[at % len(names)], 3, 1, 0, 9.0) for at, city in enumerate(users)]
        lag = [Lag(a, b, "dynamodb:orders", 900.0, number % 50) for a, b in pairs]
        return moment(number, regions=dict.fromkeys(names, "running"), traffic=counts, lag=lag)

    show(stage, browser, [busy(number) for number in range(1, 901)])
    browser.wait(f"document.querySelectorAll('#map path.city').length === {len(cities())}")
    stage.do(lambda: stage.site.history.add(busy(901)))
    browser.wait("document.getElementById('map').dataset.drawn === '901'")
    assert "32 more cities" in look_at(browser, BEGAN + 500.5)


def test_a_finished_game_day_plays_again(stage: Lab, browser: Browser) -> None:
    folder: Path = stage.site.settings.path.parent / "gamedays" / "lost"
    folder.mkdir(parents=True)
    (folder / "result.json").write_bytes(to_json(sample()))
    show(stage, browser, [], "/gamedays/lost?at=20")
    assert "20 s after the beginning" in str(browser.run(TOLD))
    browser.wait("!!document.querySelector('path.region.dead[data-name=us-east-1]')")
    browser.wait("!!document.querySelector('g.link.slow')")
    browser.fill("#strip-speed", "20")
    browser.click("#strip-play")
    browser.wait(f"({TOLD}).startsWith('60 s after') && document.getElementById('strip-play').innerText === 'Play'")
    assert browser.run("document.querySelectorAll('path.region.dead').length") == 0


def test_a_page_that_is_opened_before_anything_was_seen(stage: Lab, browser: Browser) -> None:
    browser.open(stage.origin + "/")
    browser.wait("!!document.querySelector('#map .land path')")
    stage.do(lambda: stage.site.history.add(moment(1)))
    browser.wait("+document.getElementById('strip').dataset.drawn > 0")
    assert browser.text("tr[data-region=us-east-1] .state") == "running"
