"""Evaluating alarms: AWS's own tables of missing data, its words, and a region that does it by itself."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from panregion.region import Region
from panregion.services.cloudwatch.evaluation import Point, Question, judge, next_evaluation, question_of
from panregion.services.cloudwatch.metric import Metric
from panregion.services.cloudwatch.model import Alarm, complete
from panregion.services.cloudwatch.watch import evaluate
from panregion.world import ManualClock
from panregion.world.world import World
from tests.support import ServedRegion, region_in

CONFIG: dict[str, Any] = {
    "MetricName": "Errors",
    "Namespace": "Shop",
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 3,
    "Threshold": 5.0,
    "ComparisonOperator": "GreaterThanThreshold",
}
NOW = 1_700_000_040.0


def alarm(**changes: Any) -> Alarm:
    return Alarm("errors", complete({**CONFIG, **changes}), NOW)


def judged(line: str, **changes: Any) -> Any:
    """The verdict on five periods, oldest first: X breaches, 0 does not, - is missing."""
    values = {"X": 9.0, "0": 1.0, "-": None}
    ats = range(int(NOW) - 60, int(NOW) - 361, -60)
    points = [Point(at, values[mark], 1.0) for at, mark in zip(ats, reversed(line.split()), strict=False)]
    return judge(alarm(**changes), points, NOW)


KEEPS = "KEEPS"


@pytest.mark.parametrize(
    ("line", "needed", "missing", "ignored", "breaching", "harmless"),
    [
        ("0 - X - X", 3, "OK", "OK", "OK", "OK"),
        ("0 - - - -", 3, "OK", "OK", "OK", "OK"),
        ("- - - - -", 3, "INSUFFICIENT_DATA", KEEPS, "ALARM", "OK"),
        ("0 X X - X", 3, "ALARM", "ALARM", "ALARM", "ALARM"),
        ("- - X - -", 3, "ALARM", KEEPS, "ALARM", "OK"),
        ("- - - - X", 3, KEEPS, KEEPS, "ALARM", "OK"),  # premature
        ("0 - X - X", 2, "ALARM", "ALARM", "ALARM", "ALARM"),
        ("0 0 X 0 X", 2, "ALARM", "ALARM", "ALARM", "ALARM"),
        ("0 - X - -", 2, "OK", "OK", "ALARM", "OK"),
        ("- - - - 0", 2, "OK", "OK", "ALARM", "OK"),
        ("- - - X -", 2, "ALARM", KEEPS, "ALARM", "OK"),
        ("X X 0 0 0", 2, "OK", "OK", "OK", "OK"),
    ],
)
def test_missing_data(line: str, needed: int, missing: str, ignored: str, breaching: str, harmless: str) -> None:
    wanted = {"missing": missing, "ignore": ignored, "breaching": breaching, "notBreaching": harmless}
    for treatment, state in wanted.items():
        verdict = judged(line, DatapointsToAlarm=needed, TreatMissingData=treatment)
        assert (KEEPS if verdict is None else verdict.state) == state, treatment


@pytest.mark.parametrize(
    ("comparison", "below", "equal", "above"),
    [
        ("GreaterThanThreshold", "OK", "OK", "ALARM"),
        ("GreaterThanOrEqualToThreshold", "OK", "ALARM", "ALARM"),
        ("LessThanThreshold", "ALARM", "OK", "OK"),
        ("LessThanOrEqualToThreshold", "ALARM", "ALARM", "OK"),
    ],
)
def test_comparisons(comparison: str, below: str, equal: str, above: str) -> None:
    one = alarm(ComparisonOperator=comparison, EvaluationPeriods=1)
    for value, wanted in ((4.9, below), (5.0, equal), (5.1, above)):
        verdict = judge(one, [Point(int(NOW) - 60, value)], NOW)
        assert verdict is not None
        assert verdict.state == wanted


@pytest.mark.parametrize(
    ("line", "changes", "reason"),
    [
        (
            "0 X 0 X",
            {"DatapointsToAlarm": 2},
            "Threshold Crossed: 2 out of the last 3 datapoints [9.0 (14/11/23 22:13:00), 9.0 (14/11/23 22:11:00)] were "
            "greater than the threshold (5.0) (minimum 2 datapoints for OK -> ALARM transition).",
        ),
        (
            "0",
            {"EvaluationPeriods": 1},
            "Threshold Crossed: 1 out of the last 1 datapoints [1.0 (14/11/23 22:13:00)] was not "
            "greater than the threshold (5.0) (minimum 1 datapoint for ALARM -> OK transition).",
        ),
        ("- - -", {}, "Insufficient Data: 3 datapoints were unknown."),
        ("-", {"EvaluationPeriods": 1}, "Insufficient Data: 1 datapoint was unknown."),
        (
            "- - -",
            {"TreatMissingData": "breaching"},
            "Threshold Crossed: no datapoints were received for 3 periods and 3 missing datapoints were treated as "
            "[Breaching].",
        ),
    ],
)
def test_reasons(line: str, changes: dict[str, Any], reason: str) -> None:
    assert judged(line, **changes).reason == reason


def test_the_data_of_a_reason() -> None:
    assert json.loads(judged("X", EvaluationPeriods=1).data) == {
        "version": "1.0",
        "queryDate": "2023-11-14T22:14:00.000+0000",
        "startDate": "2023-11-14T22:13:00.000+0000",
        "statistic": "Sum",
        "period": 60,
        "recentDatapoints": [9.0],
        "threshold": 5.0,
        "evaluatedDatapoints": [{"timestamp": "2023-11-14T22:13:00.000+0000", "sampleCount": 1.0, "value": 9.0}],
    }


def test_what_is_asked_and_when() -> None:
    metric = Metric("Shop", "Errors")
    assert question_of(alarm().config) == Question(metric, "Sum", 60, None)
    stat = {"Metric": {"Namespace": "Shop", "MetricName": "Errors"}, "Period": 300, "Stat": "Average"}
    both = {name: CONFIG[name] for name in ("EvaluationPeriods", "Threshold", "ComparisonOperator")}
    query = {"Id": "m1", "MetricStat": stat, "ReturnData": True}
    assert question_of({**both, "Metrics": [query]}) == Question(metric, "Average", 300, None)
    assert question_of({**both, "Metrics": [query, {"Id": "e1", "Expression": "m1 * 2"}]}) is None
    percentile = {name: value for name, value in CONFIG.items() if name != "Statistic"}
    assert question_of({**percentile, "ExtendedStatistic": "p99"}) is None
    assert [next_evaluation(now, 60) for now in (0.0, 1.9, 2.0, 61.0, 62.0)] == [2.0, 2.0, 62.0, 62.0, 122.0]
    assert next_evaluation(2.0, 10) == 12.0


async def due(region: Region) -> None:
    """Carry out the evaluation that the alarm has left."""
    works = [json.loads(raw) for raw in region.store.read(lambda tx: list(tx.values(("work",))))]
    work = max((work for work in works if work["kind"] == "cloudwatch.evaluate"), key=lambda work: int(work["id"]))
    await evaluate(region.here, work["payload"])
    await evaluate(region.here, work["payload"])  # at least once: again, it does nothing


async def state(region: Region) -> str:
    return str((await region.ask("cloudwatch", "DescribeAlarms"))["MetricAlarms"][0]["StateValue"])


async def test_an_alarm_follows_its_metric_from_minute_to_minute(tmp_path: Path) -> None:
    clock = ManualClock(NOW)
    region = region_in(tmp_path, world=World(clock=clock))
    try:
        action = "arn:aws:sns:us-east-1:000000000000:pages"
        one = {"AlarmName": "errors", **CONFIG, "EvaluationPeriods": 1, "AlarmActions": [action]}
        await region.ask("cloudwatch", "PutMetricAlarm", one)
        states = []
        for value in (None, 9.0, 1.0, 9.0, None, None, None):
            await due(region)
            states.append(await state(region))
            if value is not None:
                data = [{"MetricName": "Errors", "Value": value}]
                await region.ask("cloudwatch", "PutMetricData", {"Namespace": "Shop", "MetricData": data})
            await clock.advance(62 if clock.now() == NOW else 60)
        assert states == ["INSUFFICIENT_DATA", "INSUFFICIENT_DATA", "ALARM", "OK", "ALARM", "ALARM", "ALARM"]
        await due(region)
        assert await state(region) == "INSUFFICIENT_DATA", "three minutes without data"
        works = [json.loads(raw)["kind"] for raw in region.store.read(lambda tx: list(tx.values(("work",))))]
        assert works.count("cloudwatch.act") == 2
    finally:
        await region.stop()


async def test_an_alarm_on_what_nobody_writes_is_left_as_it_was_set(tmp_path: Path) -> None:
    region = region_in(tmp_path, world=World(clock=ManualClock(NOW)))
    try:
        for namespace, treatment, wanted in (
            ("AWS/ApiGateway", "notBreaching", "ALARM"),
            ("Shop", "missing", "ALARM"),
            ("Shop", "notBreaching", "OK"),
        ):
            one = {"AlarmName": "errors", **CONFIG, "Namespace": namespace, "TreatMissingData": treatment}
            await region.ask("cloudwatch", "PutMetricAlarm", one)
            told = {"AlarmName": "errors", "StateValue": "ALARM", "StateReason": "a drill"}
            await region.ask("cloudwatch", "SetAlarmState", told)
            await due(region)
            assert await state(region) == wanted
    finally:
        await region.stop()


def test_a_region_evaluates_by_itself(served: ServedRegion) -> None:
    client = served.client("cloudwatch")
    before = datetime.now(UTC) - timedelta(minutes=2)
    data = [{"MetricName": "Errors", "Value": 9.0, "Timestamp": before}]
    client.put_metric_data(Namespace="Evaluated", MetricData=data)
    client.put_metric_alarm(AlarmName="evaluated", **{**CONFIG, "Namespace": "Evaluated", "EvaluationPeriods": 1})
    try:
        client.get_waiter("alarm_exists").wait(AlarmNames=["evaluated"])
        for _ in range(2000):
            (found,) = client.describe_alarms(AlarmNames=["evaluated"])["MetricAlarms"]
            if found["StateValue"] == "ALARM":
                break
        assert found["StateReason"].startswith("Threshold Crossed: 1 out of the last 1 datapoints [9.0 (")
        assert json.loads(found["StateReasonData"])["recentDatapoints"] == [9.0]
    finally:
        client.delete_alarms(AlarmNames=["evaluated"])
