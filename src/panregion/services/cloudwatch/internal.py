"""What others ask of CloudWatch in a region: the edge the states of its alarms, the logs to take metrics from lines."""

from typing import Any

from panregion.services.cloudwatch import figures, layout
from panregion.services.cloudwatch.embedded import read_line
from panregion.services.cloudwatch.metric import Datum, Figures, Metric
from panregion.services.cloudwatch.model import FEED
from panregion.services.following import Followed
from panregion.services.here import Here

FOLLOWED = Followed(FEED, snapshot=layout.states)


async def changes(here: Here, epoch: str, after: int, wait_s: float = 0.0) -> dict[str, Any]:
    """What follows position `after`, as `Followed.changes` gives it."""
    return await FOLLOWED.changes(here, epoch, after, wait_s)


def take_lines(here: Here, lines: list[str]) -> None:
    """Log lines that may hold metrics in the embedded format: what they hold is added."""
    now = here.now()
    data = [datum for line in lines for datum in read_line(line, now)]
    if data:
        figures.add(here, data)


def add_figures(here: Here, namespace: str, data: list[dict[str, Any]]) -> None:
    """Figures that a service has of itself, each {"metric", "unit", "at", "dimensions": [[name, value]], "figures":
    [count, sum, least, greatest]}."""
    figures.add(
        here,
        [
            Datum(
                Metric(namespace, each["metric"], tuple((name, value) for name, value in each["dimensions"])),
                each["unit"],
                each["at"],
                Figures(*each["figures"]),
            )
            for each in data
        ],
    )
