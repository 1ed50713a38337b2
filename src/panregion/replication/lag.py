"""Replication lag as a sliding window: how old writes were when they were applied here."""

from collections import deque

WINDOW_S = 60.0
SAMPLES_MAX = 4096


class Lag:
    """Of one feed from one peer. Bounded by time and by number, the newest kept."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, float]] = deque(maxlen=SAMPLES_MAX)
        self.applied = 0
        self.last_ms: float | None = None

    def add(self, now: float, lag_ms: float) -> None:
        """`now` is monotonic. A lag below zero says that the clocks differ, not that time went back: it
        counts as zero."""
        self.last_ms = max(0.0, lag_ms)
        self.applied += 1
        self._samples.append((now, self.last_ms))

    def figures(self, now: float) -> dict[str, float | int | None]:
        while self._samples and self._samples[0][0] < now - WINDOW_S:
            self._samples.popleft()
        ordered = sorted(lag for _, lag in self._samples)
        return {
            "last_ms": _rounded(self.last_ms),
            "p50_ms": _rounded(percentile(ordered, 0.50)),
            "p99_ms": _rounded(percentile(ordered, 0.99)),
            "samples": len(ordered),
            "applied": self.applied,
        }


def percentile(ordered: list[float], share: float) -> float | None:
    """The least value that at least this share of the values do not exceed."""
    if not ordered:
        return None
    return ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
