"""A region by itself: how it is, and what can be done to it."""

from typing import Any

from panregion.console import words
from panregion.console.kinds.section import Act, Cell, Facts

DOWN = {
    "killed": "Its processes were killed: nothing in it runs, and what it had acknowledged lies safe in its store.",
    "crashed": "It ended by itself.",
    "frozen": "It stands still: connections to it open and nothing answers.",
    "starting": "It is starting; this page shows it as soon as it answers.",
    "stopped": "It was stopped with its world.",
    "not answering": "Its process lives and does not answer.",
}
"""What a status means, of a region that answers nobody."""


def mark(region: dict[str, Any]) -> Cell:
    """Its status, with the reason where it has one."""
    return Cell(region["status"], state=region["status"], note=region.get("reason", ""))


def acts(region: dict[str, Any]) -> tuple[Act, ...]:
    """The buttons that make sense now."""
    name, status = {"region": region["region"]}, region["status"]
    if status == "frozen":
        return (Act("thaw", "Thaw", name), Act("kill", "Kill", name, "danger"))
    if status in ("running", "not answering"):
        return (Act("kill", "Kill", name, "danger"), Act("freeze", "Freeze", name, "danger"))
    return () if status == "starting" else (Act("restore", "Restore", name),)


def facts(region: dict[str, Any]) -> Facts:
    """Its own figures."""
    memory_mb = region.get("memory_mb")
    known: list[tuple[str, str | Cell]] = [
        ("State", mark(region)),
        ("Up for", words.seconds(region.get("uptime_s"))),
        ("Memory", words.size(None if memory_mb is None else memory_mb * 1e6)),
        ("Endpoint", Cell(region["endpoint"], mono=True)),
        ("Process", str(region.get("pid", words.NONE))),
        ("Act", Cell("", acts=acts(region))),
    ]
    return Facts("Region", "panregion status", known)
