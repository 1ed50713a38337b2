"""Probes of one's own, each against something that answers as told: what holds, what does not, and in which words."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError as Refused

from panregion.gameday.file import CloudWatch, Command, Http
from panregion.gameday.probes import Prober
from panregion.world import ClientError, Headers, ManualClock, Response, World, WorldSettings
from tests.support import ServedRegion

URL = "http://api.test/health"


class City:
    """Answers every request with the same, after some time."""

    def __init__(self, clock: ManualClock, answer: tuple[int, bytes] | ClientError, took_s: float) -> None:
        self.clock, self.answer, self.took_s = clock, answer, took_s

    async def send(
        self, method: str, url: str, headers: Headers | None = None, body: bytes = b"", *, timeout_s: float = 10
    ) -> Response:
        await self.clock.advance(self.took_s)
        if isinstance(self.answer, ClientError):
            raise self.answer
        return Response(self.answer[0], [], self.answer[1])


class Figures:
    """A region whose CloudWatch has these datapoints, newest first; notes what it is asked for."""

    def __init__(self, values: list[float] | Refused) -> None:
        self.values = values
        self.asked: dict[str, Any] = {}

    async def call(self, service: str, operation: str, **params: Any) -> Any:
        assert (service, operation) == ("cloudwatch", "get_metric_statistics")
        self.asked = params
        if isinstance(self.values, Refused):
            raise self.values
        times = [datetime.fromtimestamp(600 - 60 * number, UTC) for number in range(len(self.values))]
        return {"Datapoints": [{"Timestamp": at, "Sum": value} for at, value in zip(times, self.values, strict=True)]}


def prober(tmp_path: Path, city: City | None = None, region: Figures | None = None) -> Prober:
    agents: Any = {"london": city}
    regions: Any = {"eu-west-1": region}
    clock = city.clock if city is not None else ManualClock()
    return Prober(WorldSettings(folder=str(tmp_path)), agents, regions, clock, tmp_path)


@pytest.mark.parametrize(
    ("answer", "took_s", "wanted", "held", "measured"),
    [
        ((200, b"healthy"), 0.02, {}, True, "200 in 20 ms"),
        ((200, b"healthy"), 0.02, {"contains": "healthy", "at_most_ms": 20.5}, True, "200 in 20 ms"),
        ((200, b"healthy"), 0.03, {"at_most_ms": 20.5}, False, "200 in 30 ms, wanted at most 20.5 ms"),
        ((200, b"sick"), 0.0, {"contains": "healthy"}, False, "200 in 0 ms, without 'healthy': sick"),
        ((503, b"no"), 0.0, {}, False, "503 in 0 ms, wanted 200: no"),
        ((503, b"no"), 0.0, {"status": 503}, True, "503 in 0 ms"),
        (ClientError("nobody is there"), 0.0, {}, False, "nobody is there"),
    ],
)
async def test_a_request(
    tmp_path: Path, answer: Any, took_s: float, wanted: dict[str, Any], held: bool, measured: str
) -> None:
    city = City(ManualClock(), answer, took_s)
    sample = await prober(tmp_path, city).ask(Http(url=URL, city="london", **wanted), 3.0)
    assert (sample.held, sample.measured, sample.at_s) == (held, measured, 3.0)
    assert sample.probe == "GET http://api.test/health from london"


@pytest.mark.parametrize(
    ("values", "bounds", "held", "measured"),
    [
        ([5.0, 90.0], {"at_least": 5, "at_most": 5}, True, "5"),  # the newest counts
        ([5.0, 90.0], {"at_least": 5.5}, False, "5, wanted at least 5.5"),
        ([5.0], {"at_most": 4.5}, False, "5, wanted at most 4.5"),
        ([], {"at_most": 4.5}, False, "no datapoint"),
        (Refused({"Error": {"Code": "No", "Message": "not now"}}, "Get"), {"at_most": 1}, False, "not now"),
    ],
)
async def test_a_figure(tmp_path: Path, values: Any, bounds: dict[str, Any], held: bool, measured: str) -> None:
    region = Figures(values)
    probe = CloudWatch(
        region="eu-west-1", namespace="Shop", metric="Orders", statistic="Sum", dimensions={"a": "b"}, **bounds
    )
    sample = await prober(tmp_path, region=region).ask(probe, 3.0)
    assert sample.held is held
    assert measured in sample.measured
    assert (region.asked["Namespace"], region.asked["MetricName"], region.asked["Period"]) == ("Shop", "Orders", 60)
    assert region.asked["Dimensions"] == [{"Name": "a", "Value": "b"}]
    assert (region.asked["EndTime"] - region.asked["StartTime"]).total_seconds() == 120


async def test_a_command_speaks_to_the_region_that_it_names(tmp_path: Path) -> None:
    settings = WorldSettings()
    show = "echo $AWS_REGION $AWS_ENDPOINT_URL; pwd"
    sample = await prober(tmp_path).ask(Command(run=show, region="eu-west-1", contains=str(tmp_path)), 0.0)
    assert (sample.held, sample.measured) == (True, f"eu-west-1 {settings.endpoint('eu-west-1')}")
    sample = await prober(tmp_path).ask(Command(run=show), 0.0)
    assert sample.measured == f"{settings.regions[0]} http://127.0.0.1:{settings.ports.gateway}"
    sample = await prober(tmp_path).ask(Command(run="echo out; echo why >&2; exit 2"), 0.0)
    assert (sample.held, sample.measured) == (False, "exit code 2: why")


async def test_a_figure_of_a_real_region(tmp_path: Path, served: ServedRegion) -> None:
    client = served.client("cloudwatch")

    class Here:
        async def call(self, service: str, operation: str, **params: Any) -> Any:
            assert service == "cloudwatch"
            return await asyncio.to_thread(getattr(client, operation), **params)

    regions: Any = {"us-east-1": Here()}
    asker = Prober(WorldSettings(folder=str(tmp_path)), {}, regions, World().clock, tmp_path)
    london = {"City": "london"}
    probe = CloudWatch(
        region="us-east-1", namespace="Probed", metric="Orders", statistic="Sum", dimensions=london, at_least=5
    )
    assert (await asker.ask(probe, 0.0)).measured == "no datapoint"
    datum = {"MetricName": "Orders", "Dimensions": [{"Name": "City", "Value": "london"}]}
    minute_ago = datetime.now(UTC) - timedelta(minutes=1)
    client.put_metric_data(Namespace="Probed", MetricData=[{**datum, "Value": 4.0, "Timestamp": minute_ago}])
    sample = await asker.ask(probe, 0.0)
    assert (sample.held, sample.measured) == (False, "4, wanted at least 5")
    client.put_metric_data(Namespace="Probed", MetricData=[{**datum, "Value": 7.0}])
    sample = await asker.ask(probe, 0.0)
    assert (sample.held, sample.measured) == (True, "7")
