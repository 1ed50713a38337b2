"""Checkouts while regions die, before a double: the page recovers by itself, and the order exists once.

Debian's package: chromium. Where it is not installed, the tests say so and are skipped.
"""

import json
from typing import Any

import pytest

from tests.browser.chromium import CHROMIUM, Browser
from tests.browser.food.double import Double
from tests.browser.food.test_pages import WWW, at_checkout, fill_in

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed (Debian: apt-get install chromium)")


def posts(double: Double) -> list[str]:
    """Who was asked to take the order."""
    return [name for name, method, path in double.asked if (method, path) == ("POST", "/orders")]


def test_the_answer_is_lost_with_the_region_that_gave_it(browser: Browser, double: Double) -> None:
    at_checkout(browser)
    fill_in(browser, "US")
    double.dies_after_storing = "us-east-1"
    browser.click("#place")
    browser.sees("Taken in")
    assert list(double.orders) == [f"us-east-1~{order.partition('~')[2]}" for order in double.orders]
    assert posts(double)[:2] == ["api", "api"]
    assert posts(double)[-1] == "eu-west-1.api"
    browser.sees("This is a copy.")


def test_the_region_is_dead_before_it_has_the_order(browser: Browser, double: Double) -> None:
    at_checkout(browser)
    fill_in(browser, "US")
    double.lost.add("us-east-1")
    browser.click("#place")
    browser.sees("Taken in")
    assert [order["home_region"] for order in double.orders.values()] == ["eu-west-1"]


def test_what_is_refused_after_an_attempt_without_an_answer_may_have_been_taken(
    browser: Browser, double: Double
) -> None:
    at_checkout(browser)
    fill_in(browser, "US")
    browser.fill("#name", "  ")
    double.lost.add("us-east-1")
    browser.click("#place")
    browser.sees("may have been taken")
    assert browser.text("[role=alert] p") == "A name is missing."


def test_an_order_of_a_european_is_taken_in_europe_whatever_the_name_leads_to(browser: Browser, double: Double) -> None:
    at_checkout(browser)
    fill_in(browser, "EU")
    browser.click("#place")
    browser.sees("Taken in")
    # A browser that is told 421 asks the same name once more by itself, over another connection.
    assert posts(double) in (["api", "eu-west-1.api"], ["api", "api", "eu-west-1.api"])
    assert [order["home_region"] for order in double.orders.values()] == ["eu-west-1"]


def test_a_copy_that_is_on_its_way_is_waited_for_without_a_word(browser: Browser, double: Double) -> None:
    """The order is tracked by the global name, which leads a European in America to a region that did not take it."""
    at_checkout(browser)
    fill_in(browser, "EU")
    double.late = 1
    browser.click("#place")
    browser.sees("Taken in")
    assert "no other has a copy yet" not in browser.text("main")
    browser.sees("This is a copy.")
    assert double.late == 0


def test_where_the_named_region_is_dead_its_neighbour_takes_the_order(browser: Browser, double: Double) -> None:
    at_checkout(browser)
    fill_in(browser, "EU")
    double.lost.add("eu-west-1")
    browser.click("#place")
    browser.sees("Taken in", within=30)
    assert [order["home_region"] for order in double.orders.values()] == ["eu-central-1"]
    assert "us-east-1.api" not in posts(double)


PERSIST = """
(async () => {
  const { persist } = await import("/js/recovery.js");
  const answers = %s;
  const waited = [], asked = [], told = [];
  let now = 0;
  const tools = {
    send: async (address) => {
      asked.push(address);
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      if (answer === null) throw new TypeError("no answer");
      return answer;
    },
    sleep: async (wait_ms) => { waited.push(wait_ms); now += wait_ms; },
    now: () => now,
    chance: () => 0,
    tell: (step) => told.push(step.kind),
    patience: { timeout_ms: 1, first_wait_ms: 100, longest_wait_ms: 300, give_up_ms: 2000, follow: 2 },
  };
  const trusted = (url) => url.hostname.endsWith(".api.x.test");
  const ways = { global: "https://api.x.test", regional: ["https://a.api.x.test", "https://b.api.x.test"], trusted };
  const found = await persist({ path: "/" }, ways, tools).then(
    (answer) => answer.status, (error) => `${error.constructor.name} ${error.code ?? ""}`.trim());
  return { found, asked: asked.map((each) => each.slice(8).replace(".x.test", "")), waited, told };
})()
"""
AWAY: dict[str, Any] = {"status": 503, "body": {"message": "Service Unavailable"}}
FINE: dict[str, Any] = {"status": 200, "body": {}}


def elsewhere(url: str, error: str = "NotHomeRegion", status: int = 409) -> dict[str, Any]:
    return {"status": status, "body": {"error": error, "url": url}}


WAYS: list[tuple[list[Any], Any, list[str]]] = [
    ([FINE], 200, ["api"]),
    ([None, AWAY, FINE], 200, ["api", "api", "a.api"]),
    ([None] * 5 + [FINE], 200, ["api", "api", "a.api", "b.api", "api", "a.api"]),
    ([elsewhere("https://b.api.x.test/orders/1"), FINE], 200, ["api", "b.api"]),
    ([elsewhere("https://b.api.x.test", "WrongJurisdiction", 421), None, FINE], 200, ["api", "b.api", "b.api"]),
    ([elsewhere("https://evil.test/")], "Refused NotHomeRegion", ["api"]),
    ([elsewhere("javascript:alert(1)")], "Refused NotHomeRegion", ["api"]),
    ([elsewhere("https://a.api.x.test")], "Refused NotHomeRegion", ["api", "a.api", "a.api"]),
    ([{"status": 503, "body": {"error": "NotMaster"}}], "Refused NotMaster", ["api"]),
    ([{"status": 400, "body": None}], "Refused", ["api"]),
]


def test_whom_a_request_goes_to(browser: Browser) -> None:
    browser.open(f"{WWW}/")
    browser.sees("restaurants")
    for answers, found, asked in WAYS:
        said = browser.run(PERSIST % json.dumps(answers))
        assert (said["found"], said["asked"]) == (found, asked), answers


def test_pauses_grow_and_come_to_an_end(browser: Browser) -> None:
    browser.open(f"{WWW}/")
    browser.sees("restaurants")
    said = browser.run(PERSIST % json.dumps([None]))
    assert said["found"] == "Unanswered"
    assert said["waited"] == [100, 200, 300, 300, 300, 300, 300]
    assert set(said["told"]) == {"again"}


def test_an_order_whose_region_died_before_its_copies_were_sent_is_shown_as_it_was(
    browser: Browser, double: Double
) -> None:
    at_checkout(browser)
    fill_in(browser, "US")
    browser.click("#place")
    browser.sees("Taken in")
    held = dict(double.orders)
    double.orders.clear()
    browser.sees("no other has a copy yet")
    browser.sees("Tomato soup")
    double.orders.update(held)
    browser.wait("!document.querySelector('main').innerText.includes('no other has a copy yet')")
