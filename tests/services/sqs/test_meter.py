"""SQS's own metrics, and an alarm that watches one."""

from datetime import UTC, datetime
from typing import Any

import pytest

from panregion.services.sqs.work import SWEEP_EVERY_S
from tests.services.sqs.lab import Lab
from tests.services.sqs.test_redrive import redrive


async def told(lab: Lab, queue: str) -> dict[str, float]:
    """The newest figure of each metric of a queue, without the prefix that all have."""
    found = {}
    listed = await lab.region.ask("cloudwatch", "ListMetrics", {"Namespace": "AWS/SQS"})
    now = datetime.fromtimestamp(lab.clock.now(), UTC)
    for metric in listed["Metrics"]:
        if metric["Dimensions"] == [{"Name": "QueueName", "Value": queue}]:
            of_metric = {
                **metric,
                "StartTime": now.replace(hour=0),
                "EndTime": now,
                "Period": 60,
                "Statistics": ["Maximum"],
            }
            points = (await lab.region.ask("cloudwatch", "GetMetricStatistics", of_metric))["Datapoints"]
            newest: dict[str, Any] = max(points, key=lambda point: point["Timestamp"])
            found[metric["MetricName"].removeprefix("Approximate")] = newest["Maximum"]
    return found


async def a_minute_later(lab: Lab) -> None:
    await lab.after(SWEEP_EVERY_S)
    await lab.work()
    await lab.after(0.1)


@pytest.mark.parametrize("name", ["q", "q.fifo"])
async def test_each_minute_it_is_told_what_a_queue_holds(lab: Lab, name: str) -> None:
    fifo = {"MessageGroupId": "g", "MessageDeduplicationId": "1"} if name == "q.fifo" else {}
    url = await lab.queue(name)
    await a_minute_later(lab)
    none = {"NumberOfMessagesVisible": 0, "NumberOfMessagesNotVisible": 0, "NumberOfMessagesDelayed": 0}
    assert await told(lab, name) == {**none, "AgeOfOldestMessage": 0}
    await lab.send(url, "a", **fifo)
    await lab.after(30)
    await lab.send(url, "b", **(fifo and {**fifo, "MessageDeduplicationId": "2"}))
    await lab.after(SWEEP_EVERY_S - 30)
    await lab.work()
    figures = await told(lab, name)
    assert (figures["NumberOfMessagesVisible"], 55 <= figures["AgeOfOldestMessage"] <= 65) == (2, True)


async def test_a_dead_letter_is_as_old_as_its_time_among_the_dead(lab: Lab) -> None:
    await lab.queue("dead")
    url = await lab.queue("q", VisibilityTimeout="0", RedrivePolicy=redrive("dead", 1))
    await lab.send(url, "poison")
    await lab.after(600)
    for _ in range(2):
        await lab.receive(url)
    await a_minute_later(lab)
    figures = await told(lab, "dead")
    assert (figures["NumberOfMessagesVisible"], figures["AgeOfOldestMessage"] <= SWEEP_EVERY_S) == (1, True)


async def test_an_alarm_tells_of_dead_letters(lab: Lab) -> None:
    dead = await lab.queue("dead")
    alarm = {
        "AlarmName": "given-up",
        "Namespace": "AWS/SQS",
        "MetricName": "ApproximateNumberOfMessagesVisible",
        "Dimensions": [{"Name": "QueueName", "Value": "dead"}],
        "Statistic": "Maximum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 0.0,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
    }
    await lab.region.ask("cloudwatch", "PutMetricAlarm", alarm)
    await lab.send(dead, "somebody has to look at this")
    for _ in range(3):
        await a_minute_later(lab)
    (found,) = (await lab.region.ask("cloudwatch", "DescribeAlarms", {}))["MetricAlarms"]
    assert found["StateValue"] == "ALARM"
