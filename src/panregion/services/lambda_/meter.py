"""Lambda's own metrics: Invocations, Errors, Duration and Throttles in AWS/Lambda, by function and for all together.

An invocation adds to figures in memory; they are told to CloudWatch every FLUSH_EVERY_S, as statistic sets by the
minute. A clean stop loses none, a crash at most what came since the last time.
"""

import asyncio
import logging
from typing import Any

from panregion.functions import Outcome
from panregion.services import Here
from panregion.wire import AwsError

FLUSH_EVERY_S = 5.0
MINUTE_S = 60
UNITS = {"Duration": "Milliseconds"}
"""Of the others it is Count."""

log = logging.getLogger("panregion.lambda")


class Meter:
    """One region's figures that are not told yet: [count, sum, least, greatest] by function, metric and minute."""

    def __init__(self, here: Here) -> None:
        self._here = here
        self._figures: dict[tuple[str, str, int], list[float]] = {}
        self._some = asyncio.Event()

    def ended(self, name: str, ended: "asyncio.Future[Outcome]") -> None:
        """An invocation has ended; one that was given up says nothing."""
        if ended.cancelled() or ended.exception() is not None:
            return
        outcome = ended.result()
        self._add(name, "Invocations", 1.0)
        self._add(name, "Errors", 1.0 if outcome.error else 0.0)
        self._add(name, "Throttles", 0.0)
        self._add(name, "Duration", outcome.duration_ms)

    def throttled(self, name: str) -> None:
        """An invocation was refused; it counts as no invocation."""
        self._add(name, "Throttles", 1.0)

    def _add(self, name: str, metric: str, value: float) -> None:
        key = (name, metric, int(self._here.now() // MINUTE_S) * MINUTE_S)
        figures = self._figures.get(key)
        if figures is None:
            self._figures[key] = [1.0, value, value, value]
            self._some.set()
            return
        figures[0] += 1.0
        figures[1] += value
        figures[2] = min(figures[2], value)
        figures[3] = max(figures[3], value)

    async def run(self) -> None:
        """Tell what comes; never returns."""
        while True:
            await self._some.wait()
            await self._here.world.clock.sleep(FLUSH_EVERY_S)
            try:
                await self.flush()
            except AwsError as error:
                log.warning("Lambda's metrics of some seconds are lost: %s", error)

    async def flush(self) -> None:
        """Tell CloudWatch all that has come so far. Raises AwsError."""
        told, self._figures = self._figures, {}
        self._some.clear()
        if told:
            params = {"namespace": "AWS/Lambda", "data": _data(told)}
            await self._here.request("cloudwatch", "panregion:AddFigures", params)


def _data(figures: dict[tuple[str, str, int], list[float]]) -> list[dict[str, Any]]:
    """As CloudWatch takes them: each by its function, and once more for all functions."""
    return [
        {"metric": metric, "unit": UNITS.get(metric, "Count"), "at": at, "dimensions": dimensions, "figures": told}
        for (name, metric, at), told in figures.items()
        for dimensions in ([["FunctionName", name]], [])
    ]
