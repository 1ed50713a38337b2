"""Requests as users saw them: what the verdict is made of."""

import msgspec


class Attempt(msgspec.Struct, frozen=True, gc=False):
    """One request of a user. Times are seconds since the game day began."""

    city: str
    intended_s: float
    """When it was meant to begin: latencies count from here."""
    sent_s: float
    ended_s: float
    ok: bool
    region: str | None = None
    """Which region answered, if the application tells."""
    reason: str = ""
    """Why it failed."""
    host: str = ""
    """Who was asked."""

    @property
    def latency_ms(self) -> float:
        return (self.ended_s - self.intended_s) * 1000


def percentile(ordered: list[float], share: float) -> float | None:
    """The least value that at least this share of the values do not exceed; None of none."""
    if not ordered:
        return None
    return ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))]
