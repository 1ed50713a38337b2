"""What a function wrote of late, and what it writes now: CloudWatch Logs, asked as `aws logs tail` does."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from panregion.console.aws import Refused
from panregion.console.kinds.section import aws
from panregion.console.site import Site, address

PLATFORM = ("START RequestId:", "END RequestId:", "REPORT RequestId:", "INIT_START ")
"""How lines begin that the platform writes, not the function."""
LOOKED_BACK_S = (15, 120, 900, 86_400)
ENOUGH = 60
SHOWN_MAX = 200
READ_MAX = 5000
LATE_MS = 5000
"""What is written at one time does not arrive at one time: so much is asked for again."""


@dataclass(frozen=True)
class Log:
    """What a page shows of a log. `after` is handed back to be told what comes next (milliseconds)."""

    command: str
    address: str
    pattern: str
    lines: list[dict[str, Any]]
    after: int
    problem: str = ""


def told(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Events as lines: {id, clock, text, platform}, in order of time."""
    return [
        {
            "id": event["eventId"],
            "clock": datetime.fromtimestamp(event["timestamp"] / 1000, UTC).strftime("%H:%M:%S.%f")[:-3],
            "text": event["message"].rstrip("\n"),
            "platform": event["message"].startswith(PLATFORM),
        }
        for event in sorted(events, key=lambda event: int(event["timestamp"]))
    ]


async def tail(site: Site, region: str, function: str, group: str, pattern: str) -> Log:
    """The last lines: of a few seconds where there are many, of a day where there are few."""
    now_ms = int(site.world.clock.now() * 1000)
    events: list[dict[str, Any]] = []
    problem = ""
    try:
        for back_s in LOOKED_BACK_S:
            events = await _since(site, region, group, pattern, now_ms - back_s * 1000)
            if len(events) >= ENOUGH:
                break
    except Refused as error:
        problem = refusal(error)
    lines = told(events)[-SHOWN_MAX:]
    if not lines and not problem:
        problem = "No such line in the last day." if pattern else "It wrote nothing in the last day."
    where = address("regions", region, "functions", function, "log", group=group, pattern=pattern)
    return Log(command(region, group, pattern), where, pattern, lines, now_ms - LATE_MS, problem)


async def since(site: Site, region: str, group: str, pattern: str, after_ms: int) -> dict[str, Any]:
    """What was written since: {lines, after, problem}."""
    now_ms = int(site.world.clock.now() * 1000)
    try:
        events = await _since(site, region, group, pattern, after_ms)
    except Refused as error:
        return {"lines": [], "after": after_ms, "problem": refusal(error)}
    return {"lines": told(events)[-SHOWN_MAX:], "after": now_ms - LATE_MS, "problem": ""}


async def _since(site: Site, region: str, group: str, pattern: str, from_ms: int) -> list[dict[str, Any]]:
    asked = {"logGroupName": group, "startTime": from_ms, **({"filterPattern": pattern} if pattern else {})}
    found: list[dict[str, Any]] = await site.aws.all(
        region, "logs", "filter_log_events", "events", most=READ_MAX, **asked
    )
    return found


def refusal(error: Refused) -> str:
    """Why there are no lines, for people: a log group is made when a function first writes."""
    return "It has not written anything yet." if error.code == "ResourceNotFoundException" else str(error)


def command(region: str, group: str, pattern: str) -> str:
    """What shows the same from a terminal, as it is written."""
    options = {"filter_pattern": pattern} if pattern else {}
    return aws("logs", "tail", region, **options).replace("logs tail", f"logs tail {group} --follow", 1)
