"""How long the checkers' probes took, for health checks with MeasureLatency: what AWS draws as latency graphs.

An hour's worth at the shorter interval is kept for each checker, in memory.
"""

from collections import deque
from typing import Any

from panregion.edge.health.state import Outcome

KEPT = 360


class Latencies:
    """The latest measurements by check and checker's site."""

    def __init__(self) -> None:
        self._kept: dict[str, dict[str, deque[tuple[float, Outcome]]]] = {}

    def add(self, check_id: str, site: str, now: float, outcome: Outcome) -> None:
        """Keep one probe that led to an answer."""
        if outcome.connect_s is not None:
            by_site = self._kept.setdefault(check_id, {})
            by_site.setdefault(site, deque(maxlen=KEPT)).append((now, outcome))

    def forget(self, check_id: str) -> None:
        self._kept.pop(check_id, None)

    def describe(self, check_id: str) -> dict[str, list[dict[str, Any]]]:
        """By site, oldest first: time (epoch seconds), and how long connecting, TLS and the first byte took (ms)."""
        return {
            site: [_shown(at, outcome) for at, outcome in measured]
            for site, measured in sorted(self._kept.get(check_id, {}).items())
        }


def _shown(at: float, outcome: Outcome) -> dict[str, Any]:
    return {
        "time": at,
        "connection_ms": _ms(outcome.connect_s),
        "ssl_handshake_ms": _ms(outcome.tls_s),
        "first_byte_ms": _ms(outcome.first_byte_s),
    }


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 2)
