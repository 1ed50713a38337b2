"""The report in a real browser: every chart is drawn, and nothing that it tells of runs, on screen or printed.

Debian's package: chromium. Where it is not installed, the test says so and is skipped.
"""

import asyncio
import os
import shutil
import signal
from pathlib import Path

import pytest

from panregion.gameday.report import to_html
from panregion.gameday.report.timeline import timeline
from panregion.gameday.result import Result
from tests.gameday.report.hostile import hostile
from tests.gameday.sample import sample

BROWSER_S = 60
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed (Debian: apt-get install chromium)")


async def browse(folder: Path, *arguments: str) -> str:
    """Run the browser without a network on the page in the folder; what it printed."""
    process = await asyncio.create_subprocess_exec(
        str(CHROMIUM),
        "--headless",
        *(["--no-sandbox"] if os.geteuid() == 0 else []),
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--no-first-run",
        "--proxy-server=http://127.0.0.1:9",  # nobody is there: whatever the page asks for is missing
        f"--user-data-dir={folder / 'profile'}",
        "--virtual-time-budget=5000",
        *arguments,
        f"file://{folder / 'report.html'}",
        env={"HOME": str(folder), "PATH": os.environ["PATH"]},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        said, _ = await asyncio.wait_for(process.communicate(), BROWSER_S)
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    return said.decode()


@pytest.mark.parametrize("result", [sample(), hostile()], ids=["sample", "hostile"])
async def test_every_chart_is_drawn_and_nothing_else_runs(result: Result, tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text(to_html(result))
    page = await browse(tmp_path, "--dump-dom")
    panels = timeline(result).panels
    assert f'data-drawn="{len(panels)}"' in page
    assert "data-taken" not in page.partition(">")[2].partition(">")[0]  # the attribute of <html> that a payload sets
    for panel in panels:
        drawn = page.partition(f'id="{panel.id}"')[2].partition("</figure>")[0]
        assert drawn.count("<path") + drawn.count("<rect") > len(panel.rows), panel.id
        assert "NaN" not in drawn, panel.id


async def test_it_can_be_printed(tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text(to_html(sample()))
    await browse(tmp_path, f"--print-to-pdf={tmp_path / 'report.pdf'}", "--no-pdf-header-footer")
    printed = (tmp_path / "report.pdf").read_bytes()
    assert printed.startswith(b"%PDF")
    assert printed.count(b"/Type /Page\n") + printed.count(b"/Type /Page ") >= 2
