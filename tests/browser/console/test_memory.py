"""A page that is left open: however much happens, it keeps 15 minutes of it, and no more."""

import pytest

from panregion.console.watching import Moment
from panregion.console.watching.moment import Traffic
from tests.browser.chromium import Browser, until
from tests.console.lab import REGIONS, Lab

SECONDS = 900
AT_ONCE = 50
CITIES = ("london", "new-york", "sydney", "tokyo", "paris", "berlin", "madrid", "dublin", "toronto", "mumbai")
GROWTH_MAX = 1.15
LAST = "import('/assets/own/live.js').then(({ live }) => live.seen.last?.number ?? 0)"


def second(number: int) -> Moment:
    """A second with a thousand requests, some of which fail, and a change of health."""
    at_s = 1_790_000_000 + number
    return Moment(
        number,
        float(at_s),
        regions=dict.fromkeys(REGIONS, "running"),
        traffic=[Traffic(at_s, city, region, 49, 1, 0, 900.0) for city in CITIES for region in REGIONS],
        health=[{"time": at_s, "health_check": "c-1", "site": REGIONS[0], "healthy": number % 2 == 0, "why": "x" * 80}],
    )


def tell(stage: Lab, browser: Browser, first: int, end: int) -> None:
    """Moments from `first` to before `end`; returns once the page has them."""

    def add() -> None:
        for number in range(first, end):
            stage.site.history.add(second(number))

    stage.do(add)
    until(lambda: int(browser.run(LAST)) == end - 1, 60, f"moment {end - 1} in the page")


def heap_bytes(browser: Browser) -> int:
    """What the page's scripts hold once nothing more can be let go."""
    for _ in range(3):
        browser.call("HeapProfiler.collectGarbage")
    return int(browser.call("Runtime.getHeapUsage")["usedSize"])


@pytest.mark.timeout(300)
def test_a_thousand_requests_a_second_do_not_grow_a_page(browser: Browser, stage: Lab) -> None:
    """Two quarters of an hour, as quickly as they can be told: the second takes the place of the first."""
    browser.open(stage.origin + "/")
    browser.wait("!!document.getElementById('strip')")
    tell(stage, browser, 1, SECONDS + 1)
    before = heap_bytes(browser)
    for first in range(SECONDS + 1, 2 * SECONDS + 1, AT_ONCE):
        tell(stage, browser, first, first + AT_ONCE)
    assert heap_bytes(browser) < GROWTH_MAX * before
