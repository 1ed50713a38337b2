"""A fault that was asked for, from its beginning to its end."""

from typing import Literal

import msgspec

from panregion.control.faults.table import Fault

State = Literal["live", "ending", "ended"]
Why = Literal["undone", "its time was over", "who asked for it is gone", "it could not begin"]


class Record(msgspec.Struct, kw_only=True):
    """One fault with its times (unix seconds), as `GET /faults` shows it."""

    id: str
    fault: Fault
    description: str
    began_s: float
    state: State = "live"
    duration_s: float | None = None
    """After this it ends by itself."""
    lease: str | None = None
    undone_s: float | None = None
    """When its undoing began."""
    ended_s: float | None = None
    """When everything was as before: a region that had been killed answers."""
    why: Why | None = None
    failure: str | None = None
    """Why it could not be undone whole."""
