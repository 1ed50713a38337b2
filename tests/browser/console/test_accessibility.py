"""axe-core (https://github.com/dequelabs/axe-core) over every page, in light and in dark: no serious fault."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.browser.chromium import Browser
from tests.browser.console.test_data import told
from tests.console.lab import Lab
from tests.console.test_request_pages import visit

KEY = "%7B%22id%22%3A%7B%22S%22%3A%22a%22%7D%7D"
PAGES = (
    *("/", "/regions", "/regions/us-east-1", "/edge", "/data", "/conflicts", "/requests", "/gamedays", "/nothing"),
    *("/data/carts", f"/data/carts/item?key={KEY}", "/data/carts/query", "/requests/7"),
)
SERIOUS = ("serious", "critical")


@pytest.fixture(scope="session")
def rules(clients: Path) -> str:
    """axe-core's script."""
    return (clients / "axe" / "axe_playwright_python" / "axe.min.js").read_text()


def faults(browser: Browser, rules: str) -> list[str]:
    """What the rules find on the page that is shown."""
    browser.run(f"{rules}; undefined")
    found: dict[str, Any] = json.loads(
        browser.run("axe.run(document, {resultTypes: ['violations']}).then((found) => JSON.stringify(found))")
    )
    return [
        f"{each['impact']} {each['id']}: {node['html'][:200]}: {node.get('failureSummary', '')[:300]}"
        for each in found["violations"]
        for node in each["nodes"]
        if each["impact"] in SERIOUS
    ]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_no_page_keeps_anybody_out(browser: Browser, stage: Lab, rules: str, dark: bool) -> None:
    browser.look(width=1280, dark=dark)
    stage.world.answers |= {"GET /items": told("first", "other", 7), "GET /_panregion/visits": {"visits": [visit(7)]}}
    found = {}
    for page in PAGES:
        browser.open(stage.origin + page)
        browser.wait("document.readyState === 'complete' && !!document.querySelector('h1')")
        found[page] = faults(browser, rules)
    assert {page: complaints for page, complaints in found.items() if complaints} == {}
    browser.run("document.body.append(document.createElement('button'))")
    assert faults(browser, rules), "the rules see nothing"
