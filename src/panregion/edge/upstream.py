"""A connection to a region, or to a point of presence, that a place's user is served by; and that there is none."""

import asyncio
from dataclasses import dataclass


class Unreachable(Exception):
    """No answer can be had: `status` and why."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(slots=True)
class Upstream:
    """A connection to a region, kept for the user who opened it."""

    key: tuple[str, int]
    address: str
    site: str
    end: str
    """Who is there, as messages say it: a region, or an address at a point of presence."""
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    used: bool = False
