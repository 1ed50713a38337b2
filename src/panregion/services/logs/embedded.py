"""Metrics in log lines: lines that look like CloudWatch's embedded metric format are shown to CloudWatch.

It costs a search for a short word per line; only a line that has it is told, in the transaction that keeps the line.
"""

from panregion.services import Here

MARK = '"CloudWatchMetrics"'


def tell(here: Here, events: list[tuple[int, str]]) -> None:
    """Show CloudWatch the events (milliseconds, text) that may hold metrics."""
    lines = [text for _, text in events if MARK in text]
    if lines:
        here.call("cloudwatch", "panregion:TakeLines", {"lines": lines})
