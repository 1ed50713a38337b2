"""A browser before a console whose world is scripted (tests/console/lab.py), in a thread of its own."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from panregion.testing.blocks import claimed
from panregion.world import serve
from panregion.world.background import Background
from tests.browser.chromium import CHROMIUM, Browser
from tests.console.lab import Lab, laboratory


@pytest.fixture(scope="module")
def one_browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("chromium is not installed (Debian: apt-get install chromium)")
    with Browser(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


@pytest.fixture
def browser(one_browser: Browser) -> Iterator[Browser]:
    """No script of a page may have failed in the test."""
    one_browser.look(width=1280)
    one_browser.problems.clear()
    yield one_browser
    one_browser.open("about:blank")
    assert one_browser.problems == []


@asynccontextmanager
async def shown(folder: Path, port: int) -> AsyncIterator[Lab]:
    """A console at a port."""
    async with laboratory(folder, console=port) as lab:
        server = await serve(lab.console, "127.0.0.1", port)
        try:
            yield lab
        finally:
            lab.site.history.end()
            await server.close()


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Lab]:
    """A console that a browser can open at `stage.origin`. What changes its history runs in its thread: `stage.do`."""
    thread = Background("console")
    with claimed() as ports:
        opened = shown(tmp_path, ports.console)
        lab = thread.run(opened.__aenter__(), 30)
        lab.thread = thread
        try:
            yield lab
        finally:
            thread.run(opened.__aexit__(None, None, None), 30)
            thread.close()
