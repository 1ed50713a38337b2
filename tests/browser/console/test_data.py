"""Items that differ, in a real browser: what comes anew is put in place as text, and what is put says its command."""

from typing import Any

from panregion.control.items import side_by_side
from tests.browser.chromium import Browser
from tests.console.lab import REGIONS, Lab

US, EU = REGIONS
HOSTILE = "<img src=x onerror=\"document.title='ran'\"><script>document.title='ran'</script>"
LINK = "#paa"


def told(in_us: str, in_eu: str, later: int) -> dict[str, Any]:
    """What control tells of a table with one item."""

    def page(text: str, written_ms: int, region: str) -> dict[str, Any]:
        item = {"id": {"S": "a"}, "text": {"S": text}}
        image = {"place": "aa", "key": {"id": {"S": "a"}}, "item": item, "size_bytes": 9}
        image |= {"version": f"{written_ms}.0@{region}", "region": region, "written_ms": written_ms}
        return {"table": "t", "replication": "eventual", "key": ["id"], "items": [image], "until": None}

    return side_by_side({US: page(in_us, 5000, US), EU: page(in_eu, 5000 + later, US)})


def test_what_changes_is_seen_without_loading_the_page_and_is_text(browser: Browser, stage: Lab) -> None:
    stage.world.answers["GET /items"] = told("first", "first", 0)
    browser.open(f"{stage.origin}/data/carts")
    browser.sees("All 1")
    browser.run(f"document.querySelector('{LINK}').focus(); window.same = true")
    stage.world.answers["GET /items"] = told("first", HOSTILE, 7)
    browser.sees("older")
    browser.sees("onerror")
    assert browser.run("document.title") == "carts · panregion"
    assert browser.run(f"window.same && document.activeElement === document.querySelector('{LINK}')")
    stage.world.answers["GET /items"] = told(HOSTILE, HOSTILE, 0)
    browser.sees("All 1")


def test_what_could_not_be_put_is_said_on_the_page(browser: Browser, stage: Lab) -> None:
    stage.world.answers["GET /items"] = told("first", "first", 0)
    browser.open(f"{stage.origin}/data/carts/item?key=%7B%22id%22%3A%7B%22S%22%3A%22a%22%7D%7D")
    browser.fill("textarea[name=item]", "{no json")
    browser.click("form[action='/actions/put-item'] button")
    browser.sees("item: JSON is malformed")
    browser.click("form[action='/actions/delete-item'] button")
    browser.sees("Delete the item?")
    assert browser.run("document.querySelector('dialog').open")
