"""Metric data as AWS's own client sees it: written, listed, asked for by period; and what is refused."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from panregion.world import ManualClock
from panregion.world.world import World
from tests.support import ServedRegion, region_in

HOUR = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
"""The hour before this one: its minutes are over."""
LONDON = [{"Name": "City", "Value": "london"}]


def at(minute: int, second: int = 0) -> datetime:
    return HOUR + timedelta(minutes=minute, seconds=second)


@pytest.fixture
def cloudwatch(served: ServedRegion) -> Any:
    return served.client("cloudwatch")


def put(client: Any, namespace: str, *data: dict[str, Any]) -> None:
    client.put_metric_data(Namespace=namespace, MetricData=[{"MetricName": "Orders", **datum} for datum in data])


def asked(client: Any, namespace: str, **changes: Any) -> list[dict[str, Any]]:
    """The datapoints of an hour's minutes, oldest first."""
    question = {
        "Namespace": namespace,
        "MetricName": "Orders",
        "StartTime": HOUR,
        "EndTime": at(60),
        "Period": 60,
        "Statistics": ["SampleCount", "Sum", "Average", "Minimum", "Maximum"],
        **changes,
    }
    return sorted(client.get_metric_statistics(**question)["Datapoints"], key=lambda point: str(point["Timestamp"]))


def failure(call: Any, **params: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as raised:
        call(**params)
    error = raised.value.response["Error"]
    return error["Code"], error["Message"]


def test_values_of_a_minute_are_one_datapoint(cloudwatch: Any) -> None:
    put(cloudwatch, "Minutes", {"Value": 3.0, "Timestamp": at(1, 5)}, {"Value": 5.0, "Timestamp": at(1, 59)})
    put(cloudwatch, "Minutes", {"Value": -1.0, "Timestamp": at(1)}, {"Value": 9.0, "Timestamp": at(2)})
    first, second = asked(cloudwatch, "Minutes")
    counted = {"SampleCount": 3.0, "Sum": 7.0, "Average": 7 / 3, "Minimum": -1.0, "Maximum": 5.0}
    assert first == {"Timestamp": at(1), "Unit": "None", **counted}
    assert (second["Timestamp"], second["Sum"]) == (at(2), 9.0)
    (both,) = asked(cloudwatch, "Minutes", Period=300, Statistics=["Maximum"])
    assert both == {"Timestamp": HOUR, "Maximum": 9.0, "Unit": "None"}
    (late,) = asked(cloudwatch, "Minutes", StartTime=at(2, 30))
    assert late["Timestamp"] == at(2), "a start is the start of its minute"
    (early,) = asked(cloudwatch, "Minutes", EndTime=at(2))
    assert early["Timestamp"] == at(1), "the end is not part of it"


def test_statistic_sets_and_counted_values(cloudwatch: Any) -> None:
    whole = {"SampleCount": 4.0, "Sum": 10.0, "Minimum": 1.0, "Maximum": 4.0}
    put(cloudwatch, "Sets", {"StatisticValues": whole, "Timestamp": at(1)})
    put(cloudwatch, "Sets", {"Values": [2.0, 8.0, 99.0], "Counts": [3.0, 1.0, 0.0], "Timestamp": at(1)})
    put(cloudwatch, "Sets", {"Values": [1.0, 1.0], "Timestamp": at(2)})
    first, second = asked(cloudwatch, "Sets")
    assert (first["SampleCount"], first["Sum"], first["Minimum"], first["Maximum"]) == (8.0, 24.0, 1.0, 8.0)
    assert (second["SampleCount"], second["Sum"]) == (2.0, 2.0)


def test_dimensions_and_units_are_kept_apart(cloudwatch: Any) -> None:
    two = [*LONDON, {"Name": "App", "Value": "shop"}]
    put(cloudwatch, "Apart", {"Value": 1.0, "Timestamp": at(1)})
    put(cloudwatch, "Apart", {"Value": 2.0, "Timestamp": at(1), "Dimensions": LONDON, "Unit": "Count"})
    put(cloudwatch, "Apart", {"Value": 3.0, "Timestamp": at(1), "Dimensions": LONDON, "Unit": "Seconds"})
    put(cloudwatch, "Apart", {"Value": 4.0, "Timestamp": at(1), "Dimensions": two})
    assert [point["Sum"] for point in asked(cloudwatch, "Apart")] == [1.0]
    found = asked(cloudwatch, "Apart", Dimensions=LONDON)
    assert {point["Unit"]: point["Sum"] for point in found} == {"Count": 2.0, "Seconds": 3.0}
    assert [point["Sum"] for point in asked(cloudwatch, "Apart", Dimensions=LONDON, Unit="Seconds")] == [3.0]
    assert asked(cloudwatch, "Apart", Dimensions=LONDON, Unit="Bytes") == []
    assert [point["Sum"] for point in asked(cloudwatch, "Apart", Dimensions=two[::-1])] == [4.0]


def test_seconds_are_kept_where_the_resolution_says_so(cloudwatch: Any) -> None:
    now = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=2)
    put(cloudwatch, "Seconds", {"Value": 1.0, "Timestamp": now, "StorageResolution": 1})
    put(cloudwatch, "Seconds", {"Value": 2.0, "Timestamp": now + timedelta(seconds=1), "StorageResolution": 1})
    put(cloudwatch, "Seconds", {"Value": 4.0, "Timestamp": now})
    times = {"StartTime": now, "EndTime": now + timedelta(seconds=5)}
    assert [point["Sum"] for point in asked(cloudwatch, "Seconds", Period=1, **times)] == [1.0, 2.0]
    minutes = asked(cloudwatch, "Seconds", StartTime=now, EndTime=now + timedelta(minutes=2))
    assert sum(point["Sum"] for point in minutes) == 7.0


def test_metrics_are_listed(cloudwatch: Any) -> None:
    put(cloudwatch, "Listed", {"Value": 1.0}, {"Value": 1.0, "Dimensions": LONDON})
    cloudwatch.put_metric_data(Namespace="Listed", MetricData=[{"MetricName": "Other", "Value": 1.0}])

    def listed(**question: Any) -> list[tuple[str, list[Any]]]:
        found = cloudwatch.list_metrics(Namespace="Listed", **question)["Metrics"]
        assert {metric["Namespace"] for metric in found} <= {"Listed"}
        return [(metric["MetricName"], metric["Dimensions"]) for metric in found]

    assert listed() == [("Orders", LONDON), ("Orders", []), ("Other", [])]
    assert listed(MetricName="Other", RecentlyActive="PT3H") == [("Other", [])]
    assert listed(Dimensions=[{"Name": "City"}]) == listed(Dimensions=LONDON) == [("Orders", LONDON)]
    assert listed(Dimensions=[{"Name": "City", "Value": "rome"}]) == []
    assert {metric["MetricName"] for metric in cloudwatch.list_metrics()["Metrics"]} >= {"Orders", "Other"}
    assert failure(cloudwatch.list_metrics, NextToken="no token")[0] == "InvalidNextToken"


def test_more_metrics_than_a_page(cloudwatch: Any) -> None:
    names = [f"M{number:03}" for number in range(501)]
    cloudwatch.put_metric_data(Namespace="Many", MetricData=[{"MetricName": name, "Value": 1} for name in names])
    pages = list(cloudwatch.get_paginator("list_metrics").paginate(Namespace="Many"))
    assert [len(page["Metrics"]) for page in pages] == [500, 1]
    assert [metric["MetricName"] for page in pages for metric in page["Metrics"]] == names


def query(name: str = "m1", stat: str = "Sum", **changes: Any) -> dict[str, Any]:
    metric = {"Namespace": "Queried", "MetricName": "Orders"}
    return {"Id": name, "MetricStat": {"Metric": metric, "Period": 60, "Stat": stat}, **changes}


def test_several_metrics_are_asked_for_at_once(cloudwatch: Any) -> None:
    put(cloudwatch, "Queried", *({"Value": value, "Timestamp": at(value)} for value in (1, 2, 3)))
    times = {"StartTime": HOUR, "EndTime": at(60)}
    queries = [query(), query("m2", "Average", Label="mean"), query("m3", ReturnData=False)]
    first, second = cloudwatch.get_metric_data(MetricDataQueries=queries, **times)["MetricDataResults"]
    assert (first["Id"], first["Label"], first["StatusCode"]) == ("m1", "Orders", "Complete")
    assert (first["Timestamps"], first["Values"]) == ([at(3), at(2), at(1)], [3.0, 2.0, 1.0])
    assert (second["Id"], second["Label"]) == ("m2", "mean")
    pages = cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=queries[:2], ScanBy="TimestampAscending", PaginationConfig={"PageSize": 2}, **times
    )
    values = [(each["Id"], each["Values"]) for page in pages for each in page["MetricDataResults"] if each["Values"]]
    assert values == [("m1", [1.0, 2.0]), ("m1", [3.0]), ("m2", [1.0]), ("m2", [2.0, 3.0])]


@pytest.mark.parametrize(
    ("queries", "words"),
    [
        ([{"Id": "e1", "Expression": "SUM(METRICS())"}], "panregion does not evaluate metric math"),
        ([{"Id": "e1"}], "Exactly one of"),
        ([query("M1")], "is not matching the expected pattern"),
        ([query(), query()], "are not unique: m1"),
        ([query(stat="p99")], "not p99"),
    ],
)
def test_queries_that_are_refused(cloudwatch: Any, queries: list[dict[str, Any]], words: str) -> None:
    times = {"StartTime": HOUR, "EndTime": at(60)}
    code, message = failure(cloudwatch.get_metric_data, MetricDataQueries=queries, **times)
    assert code == "ValidationError"
    assert words in message
    backwards = {"StartTime": at(1), "EndTime": HOUR}
    assert failure(cloudwatch.get_metric_data, MetricDataQueries=[query()], **backwards)[0] == "ValidationError"


@pytest.mark.parametrize(
    ("datum", "code", "words"),
    [
        ({}, "MissingParameter", "At least one of MetricData.member.1.Value"),
        ({"Value": 1.0, "Values": [1.0]}, "InvalidParameterCombination", "mutually exclusive"),
        ({"Values": [1.0], "Counts": [1.0, 2.0]}, "InvalidParameterCombination", "must be of the same size"),
        ({"Values": [1.0] * 151}, "InvalidParameterValue", "must not have a size greater than 150"),
        ({"Values": [1.0], "Counts": [-1.0]}, "InvalidParameterValue", "Counts.member.1 must not be negative"),
        ({"Value": float("nan")}, "InvalidParameterValue", "The value nan for parameter MetricData.member.1.Value"),
        ({"Value": float("inf")}, "InvalidParameterValue", "MetricData.member.1.Value is invalid"),
        ({"Value": 1.0, "StorageResolution": 30}, "InvalidParameterValue", "StorageResolution must be 1 or 60"),
        ({"Value": 1.0, "Timestamp": HOUR - timedelta(days=15)}, "InvalidParameterValue", "two weeks"),
        ({"Value": 1.0, "Timestamp": HOUR + timedelta(hours=5)}, "InvalidParameterValue", "two hours"),
        (
            {"StatisticValues": {"SampleCount": 0.0, "Sum": 0.0, "Minimum": 0.0, "Maximum": 0.0}},
            *("InvalidParameterValue", "SampleCount must be greater than 0"),
        ),
        (
            {"StatisticValues": {"SampleCount": 1.0, "Sum": 0.0, "Minimum": 2.0, "Maximum": 1.0}},
            *("InvalidParameterCombination", "Maximum must be greater"),
        ),
    ],
)
def test_data_that_is_refused_is_not_kept(cloudwatch: Any, datum: dict[str, Any], code: str, words: str) -> None:
    data = [{"MetricName": "Refused", **datum}, {"MetricName": "Refused", "Value": 1.0}]
    found, message = failure(cloudwatch.put_metric_data, Namespace="Refused", MetricData=data)
    assert (found, words in message) == (code, True), message
    assert cloudwatch.list_metrics(Namespace="Refused")["Metrics"] == []


def test_requests_that_are_refused(cloudwatch: Any) -> None:
    one = {"MetricName": "Orders", "Value": 1.0}
    code, message = failure(cloudwatch.put_metric_data, Namespace="AWS/Shop", MetricData=[one])
    assert (code, message) == ("InvalidParameterValue", "The value AWS/ for parameter Namespace is invalid.")
    assert failure(cloudwatch.put_metric_data, Namespace="Shop")[0] == "MissingParameter"
    bare = {"Namespace": "Shop", "MetricName": "Orders", "StartTime": HOUR, "EndTime": at(1), "Period": 60}
    code, message = failure(cloudwatch.get_metric_statistics, **bare)
    assert (code, message) == ("MissingParameter", "Must specify either Statistics or ExtendedStatistics")
    _, message = failure(cloudwatch.put_metric_data, Namespace="Shop", MetricData=[one] * 1001)
    assert "MetricData must not have a size greater than 1000" in message
    for changes, code in (
        ({"Period": 45}, "InvalidParameterValue"),
        ({"ExtendedStatistics": ["p99"]}, "InvalidParameterValue"),
        ({"EndTime": HOUR}, "InvalidParameterCombination"),
        ({"StartTime": HOUR - timedelta(days=2)}, "InvalidParameterCombination"),
    ):
        with pytest.raises(ClientError) as raised:
            asked(cloudwatch, "Shop", **changes)
        assert raised.value.response["Error"]["Code"] == code


async def test_data_goes_when_it_is_old(tmp_path: Path) -> None:
    clock = ManualClock()
    region = region_in(tmp_path, world=World(clock=clock))
    try:
        data = {"Namespace": "Shop", "MetricData": [{"MetricName": "Orders", "Value": 1.0, "StorageResolution": 1}]}
        await region.ask("cloudwatch", "PutMetricData", data)
        spaces = ("cloudwatch-minute", "cloudwatch-second")

        def kept() -> list[int]:
            return region.store.read(lambda tx: [len(list(tx.values((space,)))) for space in spaces])

        assert kept() == [1, 1]
        await clock.advance(3 * 3600 + 1)
        await region.ask("cloudwatch", "PutMetricData", data)
        assert kept() == [2, 1]
        await clock.advance(15 * 86_400 + 60)
        assert (await region.ask("cloudwatch", "ListMetrics"))["Metrics"] == []
        await region.ask("cloudwatch", "PutMetricData", data)
        assert kept() == [1, 1]
    finally:
        await region.stop()
