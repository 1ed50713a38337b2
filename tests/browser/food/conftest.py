"""A browser before a double of the application; the world's tests make their own."""

from collections.abc import Iterator

import pytest

from tests.browser.chromium import Browser
from tests.browser.food.double import Double, serving

PAGES = "http://www.food.test"


@pytest.fixture(scope="module")
def served_double() -> Iterator[tuple[Double, int]]:
    double = Double()
    with serving(double) as port:
        yield double, port


@pytest.fixture(scope="module")
def one_browser(served_double: tuple[Double, int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    where = f"--host-resolver-rules=MAP *.food.test:80 127.0.0.1:{served_double[1]}"
    secure = f"--unsafely-treat-insecure-origin-as-secure={PAGES}"
    with Browser(tmp_path_factory.mktemp("chromium"), where, secure) as browser:
        yield browser


@pytest.fixture
def double(served_double: tuple[Double, int]) -> Double:
    """The application, as it is at the beginning."""
    double = served_double[0]
    vars(double).update(vars(Double()))
    return double


@pytest.fixture
def browser(one_browser: Browser, double: Double) -> Iterator[Browser]:
    """A browser that remembers nothing. No script of a page may have failed in the test."""
    one_browser.look()
    one_browser.open("about:blank")
    one_browser.call("Storage.clearDataForOrigin", origin=PAGES, storageTypes="all")
    one_browser.problems.clear()
    yield one_browser
    assert one_browser.problems == []
