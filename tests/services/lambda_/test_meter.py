"""Lambda's own metrics, from invocations to CloudWatch's figures."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from panregion.services.lambda_.engine import engine_of
from tests.services.lambda_.conftest import Deploy
from tests.support import ServedRegion

HANDLER = "def handler(event, context):\n    return 1 / event\n"


def test_invocations_errors_durations_and_throttles(served: ServedRegion, client: Any, deploy: Deploy) -> None:
    name = deploy(HANDLER)
    for event in (b"1", b"0", b"2"):
        client.invoke(FunctionName=name, Payload=event)
    client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    with pytest.raises(ClientError, match="Rate Exceeded"):
        client.invoke(FunctionName=name, Payload=b"1")
    served.run(engine_of(served.region.here).meter.flush())
    now = datetime.now(UTC)

    def asked(metric: str) -> dict[str, Any]:
        (point,) = served.client("cloudwatch").get_metric_statistics(
            Namespace="AWS/Lambda",
            MetricName=metric,
            Dimensions=[{"Name": "FunctionName", "Value": name}],
            StartTime=now - timedelta(minutes=10),
            EndTime=now + timedelta(minutes=10),
            Period=1200,
            Statistics=["SampleCount", "Sum", "Maximum"],
        )["Datapoints"]
        return dict(point)

    assert (asked("Invocations")["Sum"], asked("Invocations")["Unit"]) == (3.0, "Count")
    assert (asked("Errors")["Sum"], asked("Errors")["SampleCount"]) == (1.0, 3.0)
    assert (asked("Throttles")["Sum"], asked("Throttles")["SampleCount"]) == (1.0, 4.0)
    assert asked("Duration")["Unit"] == "Milliseconds"
    assert 0 < asked("Duration")["Maximum"] < 60_000
    listed = served.client("cloudwatch").list_metrics(Namespace="AWS/Lambda", MetricName="Errors")["Metrics"]
    assert [] in [metric["Dimensions"] for metric in listed], "of all functions together"


async def test_an_invocation_that_was_given_up_says_nothing(served: ServedRegion) -> None:
    meter = engine_of(served.region.here).meter
    given_up: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    given_up.cancel()
    meter.ended("given-up", given_up)
    served.run(meter.flush())
    found = served.client("cloudwatch").list_metrics(Dimensions=[{"Name": "FunctionName", "Value": "given-up"}])
    assert found["Metrics"] == []
