"""Game days: listed without running anything of theirs, held by a process, stopped as Ctrl-C would."""

import asyncio
import sys
from pathlib import Path

import pytest

from panregion.console.gamedays import Busy, GameDays
from panregion.console.site import Site
from panregion.world import SystemClock
from tests.console.lab import Lab
from tests.console.test_replay import keep

LONG = """
import signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
print("it begins", *sys.argv[1:], flush=True)
signal.sigwait([signal.SIGINT])
print("undone")
"""
GAME = """
name: the primary is lost
description: us-east-1 is killed
users: [{city: london, rate_s: 1, journey: "evil:journey"}]
short: {timeline: {before_s: 1}}
"""


@pytest.fixture
async def days(tmp_path: Path) -> GameDays:
    return GameDays(tmp_path, tmp_path / "logs", SystemClock(), [sys.executable, "-c", LONG])


async def said(days: GameDays, text: str) -> None:
    """Wait until it says something."""
    async with asyncio.timeout(20):
        while days.held is None or text not in days.held.said():
            await SystemClock().sleep(0.02)


async def test_it_is_held_until_it_is_stopped(days: GameDays) -> None:
    await days.start(["lose-the-primary", "--url", "http://a.test/"])
    await said(days, "it begins lose-the-primary --url http://a.test/")
    assert days.going
    with pytest.raises(Busy, match="already"):
        await days.start(["another"])
    days.stop()
    await said(days, "undone")
    await days.close()
    assert days.held is not None
    assert (days.going, days.held.verdict) == (False, "stopped")
    with pytest.raises(Busy, match="no game day"):
        days.stop()


async def test_the_console_takes_it_along_when_it_ends(days: GameDays) -> None:
    await days.start(["lose-the-primary"])
    await said(days, "it begins")
    await days.close()
    await said(days, "undone")


async def test_how_it_went_is_said(tmp_path: Path) -> None:
    for code, verdict in ((0, "all that was promised held"), (1, "not all"), (2, "could not be held"), (7, "code 7")):
        days = GameDays(tmp_path, tmp_path / "logs", SystemClock(), [sys.executable, "-c", f"raise SystemExit({code})"])
        await days.start(["any"])
        assert days.held is not None
        await days.held.process.wait()
        assert days.held.verdict is not None
        assert verdict in days.held.verdict
        await days.close()


async def test_files_are_listed_by_what_they_say(lab: Lab) -> None:
    folder = lab.site.settings.path.parent
    (folder / "gameday.yaml").write_text(GAME)
    (folder / "gamedays").mkdir()
    (folder / "gamedays" / "broken.yaml").write_text("name: <b>broken</b>\nrate: 3\n")
    (folder / "evil.py").write_text("raise SystemExit('this must not run')")
    status, page = await lab.get("/gamedays")
    assert status == 200
    for text in ("the primary is lost", "the short form", "broken.yaml:2: rate is no key", "lose-each-in-turn"):
        assert text in page
    assert "<b>broken" not in page


async def test_finished_ones_are_listed(lab: Lab) -> None:
    folder = keep(lab)
    (folder.parent / "half").mkdir()
    (folder.parent / "half" / "result.json").write_text('{"name": ')
    _, page = await lab.get("/gamedays")
    assert f'href="/gamedays/{folder.name}"' in page
    assert "half" not in page


@pytest.mark.parametrize(
    ("which", "url", "why"),
    [
        ("no-such-day", "", "there are"),
        ("--help", "", "which"),
        ("lose-the-primary", "file:///etc/passwd", "url"),
    ],
)
async def test_what_makes_no_sense_is_not_begun(lab: Lab, which: str, url: str, why: str) -> None:
    form = {"which": which, "url": url, "confirmed": "yes"}
    answer = await lab.post("/actions/gameday-start", form, accept="application/json")
    assert (answer.status, lab.site.gamedays.held) == (400, None)
    assert why in str(answer.body)


async def test_it_is_held_by_a_click(lab: Lab, days: GameDays) -> None:
    site: Site = lab.site
    site.__dict__["gamedays"] = days
    form = {"which": "lose-the-primary", "url": "http://a.test/", "confirmed": "yes"}
    answer = await lab.post("/actions/gameday-start", form, accept="application/json")
    assert answer.status == 200
    await said(days, "it begins")
    _, page = await lab.get("/gamedays")
    assert "panregion gameday run lose-the-primary --url http://a.test/" in page
    assert "it begins" in page
    assert (await lab.post("/actions/gameday-stop", {}, accept="application/json")).status == 200
    await days.close()
    assert len(site.history.take_notes()) == 2
