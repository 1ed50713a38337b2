"""Food-for-Thought's pages in whole worlds: real browsers in New York and in London, through their cities' proxies.

They trust the world's authority and look away from nothing: what they see came over HTTPS, from CloudFront and from the
regions' own APIs. With FOOD_SCREENSHOTS=folder the README's pictures are taken on the way. Debian's packages: chromium
and libnss3-tools. Where they are not installed, the tests say so and are skipped.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from panregion.cli.environment import environment
from panregion.testing import World
from tests.browser.chromium import CERTUTIL, CHROMIUM, Browser, trust
from tests.browser.food.double import EXAMPLE
from tests.browser.food.test_pages import fill_in
from tests.food.whole import WHOLE

WWW = "https://www.food.test"
AMERICA, EUROPE, ALSO_EUROPE = "us-east-1", "eu-west-1", "eu-central-1"
PATIENCE_S = 90
TOKEN = "let-me-change-the-menu"
PROVIDER = {"place": "zurich", "command": [sys.executable, "provider.py"], "folder": str(EXAMPLE / "payments")}
WORLD: dict[str, Any] = {
    "regions": [AMERICA, EUROPE, ALSO_EUROPE],
    "stacks": [
        {"template": str(EXAMPLE / "global.yaml"), "name": "food-global", "regions": [AMERICA]},
        {"template": str(EXAMPLE / "catalog.yaml"), "name": "food-catalog"},
        {"template": str(EXAMPLE / "orders.yaml"), "name": "food-orders"},
        {"template": str(EXAMPLE / "web.yaml"), "name": "food-web", "regions": [AMERICA, EUROPE]},
    ],
    "outside": {"payments.bank.test": PROVIDER},
    "scope": "module",
    "start_timeout_s": 300.0,
}
pytestmark = [
    WHOLE,
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed (Debian: apt-get install chromium)"),
    pytest.mark.skipif(CERTUTIL is None, reason="certutil is not installed (Debian: apt-get install libnss3-tools)"),
    pytest.mark.timeout(900),
    pytest.mark.world(**WORLD),
]


@pytest.fixture
def stocked(world: World) -> World:
    """The world with restaurants and pages in it, by the commands that scripts/deploy uses."""
    if not names_in(world, AMERICA):
        programs = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        variables = {**environment(world.settings, None, None), "PATH": programs}
        for command in (["scripts/upload-pages"], [sys.executable, "seed/load.py"]):
            subprocess.run(command, cwd=EXAMPLE, env=variables, check=True, timeout=PATIENCE_S * 2)
    for region in world.regions:
        world.eventually(partial(has_all, world, region), within=PATIENCE_S * 3)
    return world


def names_in(world: World, region: str) -> list[str]:
    """The restaurants that a region knows."""
    table = world.region(region).resource("dynamodb").Table("food-catalog-restaurants")
    return [str(each["name"]) for each in table.scan()["Items"]]


def has_all(world: World, region: str) -> bool:
    return len(names_in(world, region)) == 200


def knows(world: World, region: str, name: str) -> bool:
    return name in names_in(world, region)


@contextmanager
def browser_in(world: World, city: str, folder: Path) -> Iterator[Browser]:
    folder.mkdir()
    trust(folder, world.authority)
    proxy = str(environment(world.settings, None, city)["https_proxy"])
    with Browser(folder, f"--proxy-server={proxy}", "--proxy-bypass-list=<-loopback>") as browser:
        browser.look()
        yield browser
        assert browser.problems == []


def picture(browser: Browser, name: str, **look: Any) -> None:
    """For the README, where somebody asked for them."""
    folder = os.environ.get("FOOD_SCREENSHOTS")
    if folder:
        browser.look(**look)
        browser.photograph(Path(folder) / f"{name}.webp")
        browser.look()


def region_of(browser: Browser, service: str) -> str:
    return str(browser.run(f"document.querySelector('[data-service={service}]')?.dataset.region ?? ''"))


def fill_basket(browser: Browser, city: str) -> None:
    browser.open(f"{WWW}/#/")
    browser.wait(f"[...document.querySelectorAll('#city option')].some((each) => each.value === '{city}')", PATIENCE_S)
    browser.fill("#city", city)
    browser.wait(
        f"document.querySelectorAll('#cards .card').length && [...document.querySelectorAll('#cards .text .quiet')]"
        f".every((each) => each.textContent.endsWith('{city}'))",
        PATIENCE_S,
    )
    picture(browser, "browse")
    picture(browser, "browse-dark", dark=True)
    browser.click("#cards .card")
    browser.wait("document.querySelectorAll('.add').length > 1", PATIENCE_S)
    for _ in range(2):
        browser.click(".add")
    browser.click(".stepper button:last-child")
    picture(browser, "restaurant-phone", width=390, height=844, phone=True)
    browser.click("#to-checkout")
    browser.sees("Deliver to", PATIENCE_S)


def order_id(browser: Browser) -> str:
    browser.sees("Taken in", PATIENCE_S)
    return browser.text("#order-id")


def orders_in(world: World, region: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = world.region(region).resource("dynamodb").Table("food-orders").scan()["Items"]
    return found


def test_london_orders_and_the_counter_moves_the_order_on(stocked: World, tmp_path: Path) -> None:
    with browser_in(stocked, "london", tmp_path / "london") as browser:
        fill_basket(browser, "London")
        assert region_of(browser, "catalog") == EUROPE
        fill_in(browser, "EU")
        picture(browser, "checkout", height=920)
        browser.click("#place")
        order = order_id(browser)
        assert order.startswith(f"{EUROPE}~")
        browser.wait("document.querySelector('h1').textContent === 'Paid'", PATIENCE_S)
        assert region_of(browser, "orders") == EUROPE
        with browser_in(stocked, "new-york", tmp_path / "new-york") as counter:
            counter.open(f"{WWW}/admin.html#/counter")
            sign_in(counter)
            counter.fill("#number", order)
            counter.click("#look button")
            counter.sees("Paid", PATIENCE_S)
            assert region_of(counter, "orders") == AMERICA
            counter.click("#move")
            counter.sees(f"Done in {EUROPE}", PATIENCE_S)
        browser.wait("document.querySelector('h1').textContent === 'Being prepared'", PATIENCE_S)
        picture(browser, "order")
        picture(browser, "order-phone-dark", width=390, height=844, phone=True, dark=True)


def sign_in(browser: Browser) -> None:
    browser.wait("!!document.querySelector('#token')", PATIENCE_S)
    browser.fill("#token", TOKEN)
    browser.click("#sign-in button")


def test_new_york_administers_and_is_refused_while_the_master_is_lost(stocked: World, tmp_path: Path) -> None:
    with browser_in(stocked, "new-york", tmp_path / "new-york") as browser:
        browser.open(f"{WWW}/admin.html")
        sign_in(browser)
        browser.sees("200 of 200 restaurants", PATIENCE_S)
        browser.click("#cards .card")
        browser.wait("!!document.querySelector('#about')", PATIENCE_S)
        browser.fill("#about [name=name]", "The Renamed Table")
        browser.click("#save")
        browser.sees("Saved.", PATIENCE_S)
        picture(browser, "administer")
        for region in stocked.regions:
            stocked.eventually(partial(knows, stocked, region, "The Renamed Table"), within=PATIENCE_S)
        with stocked.region(AMERICA).kill():
            stocked.eventually(lambda: browser_is_refused(browser), within=PATIENCE_S)
            browser.open(f"{WWW}/?again")  # the page itself is still there, whichever bucket or cache it is from
            browser.sees("What would you like to eat?", PATIENCE_S)


def browser_is_refused(browser: Browser) -> bool:
    browser.click("#save")
    browser.wait("document.querySelector('#said')?.getAttribute('role') === 'alert'", PATIENCE_S)
    return "Updates are not possible now" in browser.text("#said")


def test_a_region_dies_in_the_middle_of_a_checkout(stocked: World, tmp_path: Path) -> None:
    with browser_in(stocked, "new-york", tmp_path / "new-york") as browser:
        fill_basket(browser, "New York")
        fill_in(browser, "US")
        before = {order["order_id"] for order in orders_in(stocked, AMERICA)}
        # What the region answers is a while on its way; it dies with the order stored and the answer not there.
        with stocked.link(AMERICA, "new-york", both=False).delay(delay_ms=700):
            browser.run("setTimeout(() => document.querySelector('#place').click())")
            stocked.eventually(
                lambda: {order["order_id"] for order in orders_in(stocked, AMERICA)} - before, within=PATIENCE_S
            )
            killed = stocked.region(AMERICA).kill()
        # The answer was on its way already, or it was not and the page has asked Europe: it shows an order either way.
        order = order_id(browser)
        stocked.eventually(lambda: region_of(browser, "orders").startswith("eu-"), within=PATIENCE_S)
        picture(browser, "recovering")
        killed.undo()
        checkout = order.partition("~")[2]
        for region in stocked.regions:
            stocked.eventually(partial(is_there_once, stocked, region, checkout), within=PATIENCE_S)
        charges = stocked.user("zurich").get("https://payments.bank.test/charges", params={"reference": checkout})
        assert len(charges.json()["charges"]) == 1, charges.text


def is_there_once(world: World, region: str, checkout: str) -> bool:
    copies = [order for order in orders_in(world, region) if order["order_id"].endswith(checkout)]
    return [order["state"] for order in copies if "superseded_by" not in order] == ["paid"]
