"""A function's log before a browser: it goes on by itself, as text whatever was written, and holds when told to."""

from typing import Any

import pytest

from panregion.console.aws import Refused
from tests.browser.chromium import Browser
from tests.console.lab import Lab

HOSTILE = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>"
FUNCTION = {
    "FunctionName": "cook",
    "FunctionArn": "arn:aws:lambda:us-east-1:000000000000:function:cook",
    "Timeout": 3,
    "MemorySize": 128,
    "CodeSize": 1000,
    "LastModified": "2026-01-01T00:00:00.000+0000",
}


class Kitchen:
    """A region's answers about one function, whose log grows by a line whenever it is read."""

    def __init__(self, now_ms: int) -> None:
        self.events: list[dict[str, Any]] = []
        self.now_ms = now_ms

    def get_ready(self) -> None:
        """Nothing to import."""

    async def ask(self, _region: str, _service: str, operation: str, **_: Any) -> dict[str, Any]:
        match operation:
            case "get_function_configuration":
                return FUNCTION
            case "get_metric_data":
                return {"MetricDataResults": []}
        raise Refused("ResourceNotFoundException", operation)

    async def all(self, _region: str, _service: str, operation: str, _key: str, **asked: Any) -> list[Any]:
        if operation != "filter_log_events" or "Init Duration" in asked.get("filterPattern", ""):
            return []
        number = len(self.events)
        line = {"eventId": str(number), "timestamp": self.now_ms + number, "message": f"line {number} {HOSTILE}\n"}
        self.events.append(line)
        return self.events


@pytest.fixture
def kitchen(stage: Lab) -> Kitchen:
    kitchen = Kitchen(int(stage.site.world.clock.now() * 1000))
    stage.do(lambda: setattr(stage.site, "aws", kitchen))
    return kitchen


def test_lines_come_by_themselves_as_text_until_the_page_is_held(
    browser: Browser, stage: Lab, kitchen: Kitchen
) -> None:
    browser.open(f"{stage.origin}/regions/us-east-1/functions/cook")
    shown = len(kitchen.events) + 1
    browser.sees(f"line {shown} {HOSTILE}")
    browser.click("#pause")
    browser.wait("document.getElementById('pause').getAttribute('aria-pressed') === 'true'")
    assert browser.run("document.title").startswith("cook")
    assert browser.run("document.querySelectorAll('#log img, #log script').length") == 0
    lines = browser.run("[...document.querySelectorAll('#log > div')].map((line) => line.dataset.id)")
    assert lines == sorted(set(lines), key=int), "no line twice, and in order"
    browser.click("#pause")
    browser.sees(f"line {int(lines[-1]) + 1} {HOSTILE}")
