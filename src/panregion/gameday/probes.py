"""Probes that ask: an HTTP request of one's own, a command line, a figure of CloudWatch."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from panregion.gameday.commands import environment, told
from panregion.gameday.file import Active, CloudWatch, Command, Http
from panregion.gameday.observed import ProbeSample
from panregion.gameday.regions import Regions
from panregion.gameday.user import Agent
from panregion.world import ClientError, Clock, WorldSettings
from panregion.world.shell import run_line

TOLD_MAX = 160


class Prober:
    """Asks probes. What they say is never an exception: a probe that cannot be asked does not hold, and says why."""

    def __init__(
        self, settings: WorldSettings, agents: Mapping[str, Agent], regions: Regions, clock: Clock, folder: Path
    ) -> None:
        self._settings = settings
        self._agents = agents
        self._regions = regions
        self._clock = clock
        self._folder = folder

    async def ask(self, probe: Active, at_s: float) -> ProbeSample:
        """One asking; `at_s` is when, for the sample."""
        match probe:
            case Http():
                held, measured = await self._http(probe)
            case Command():
                held, measured = await self._command(probe)
            case CloudWatch():
                held, measured = await self._cloudwatch(probe)
        return ProbeSample(probe.title(), round(at_s, 3), held, measured[:TOLD_MAX])

    async def _http(self, probe: Http) -> tuple[bool, str]:
        began = self._clock.monotonic()
        try:
            answer = await self._agents[probe.city].send("GET", probe.url, timeout_s=5)
        except ClientError as error:
            return False, str(error)
        took_ms = (self._clock.monotonic() - began) * 1000
        assert isinstance(answer.body, bytes)
        text = answer.body.decode(errors="replace")
        came = f"{answer.status} in {took_ms:.0f} ms"
        if answer.status != probe.status:
            return False, f"{came}, wanted {probe.status}: {text.strip()}"
        if probe.contains not in text:
            return False, f"{came}, without {probe.contains!r}: {text.strip()}"
        if probe.at_most_ms is not None and took_ms > probe.at_most_ms:
            return False, f"{came}, wanted at most {probe.at_most_ms:g} ms"
        return True, came

    async def _command(self, probe: Command) -> tuple[bool, str]:
        try:
            code, out, err = await run_line(
                probe.run, env=environment(self._settings, probe.region), cwd=self._folder, timeout_s=probe.timeout_s
            )
        except TimeoutError:
            return False, f"it had not ended after {probe.timeout_s:g} s"
        text = out.decode(errors="replace").strip()
        if code != 0:
            return False, told(code, out, err)
        if probe.contains not in text:
            return False, f"without {probe.contains!r}: {text}"
        return True, text.splitlines()[0] if text else "exit code 0"

    async def _cloudwatch(self, probe: CloudWatch) -> tuple[bool, str]:
        from botocore.exceptions import BotoCoreError, ClientError

        now = self._clock.now()
        try:
            answer: dict[str, Any] = await self._regions[probe.region].call(
                "cloudwatch",
                "get_metric_statistics",
                Namespace=probe.namespace,
                MetricName=probe.metric,
                Dimensions=[{"Name": name, "Value": value} for name, value in probe.dimensions.items()],
                StartTime=datetime.fromtimestamp(now - 2 * probe.window_s, UTC),
                EndTime=datetime.fromtimestamp(now, UTC),
                Period=probe.window_s,
                Statistics=[probe.statistic],
            )
        except (ClientError, BotoCoreError) as error:
            return False, str(error)
        points = sorted(answer["Datapoints"], key=lambda point: str(point["Timestamp"]))
        if not points:
            return False, "no datapoint"
        value = float(points[-1][probe.statistic])
        return within(value, probe.at_least, probe.at_most)


def within(value: float, at_least: float | None, at_most: float | None) -> tuple[bool, str]:
    """Whether a figure is between its bounds, and in words."""
    if at_least is not None and value < at_least:
        return False, f"{value:g}, wanted at least {at_least:g}"
    if at_most is not None and value > at_most:
        return False, f"{value:g}, wanted at most {at_most:g}"
    return True, f"{value:g}"
