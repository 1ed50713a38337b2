"""Metrics out of log lines: what counts, what is a log line and nothing else, and the way from the logs."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import botocore.session
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panregion.services.cloudwatch.embedded import read_line
from panregion.services.cloudwatch.metric import UNITS, Datum, Figures, Metric
from tests.support import ServedRegion

NOW = 1_700_000_000.0
DIRECTIVE: dict[str, Any] = {
    "Namespace": "Shop",
    "Dimensions": [["City"], []],
    "Metrics": [{"Name": "Orders", "Unit": "Count"}],
}


def line(directive: dict[str, Any] | None = None, at: float = NOW, **members: Any) -> str:
    metadata = {"Timestamp": int(at * 1000), "CloudWatchMetrics": [{**DIRECTIVE, **(directive or {})}]}
    return json.dumps({"_aws": metadata, "City": "rome", "Orders": 3, **members})


def test_each_set_of_dimensions_is_a_metric() -> None:
    figures = Figures(1.0, 3.0, 3.0, 3.0)
    assert read_line(line(), NOW) == [
        Datum(Metric("Shop", "Orders", (("City", "rome"),)), "Count", NOW, figures),
        Datum(Metric("Shop", "Orders"), "Count", NOW, figures),
    ]


def test_several_values_and_fine_ones() -> None:
    metrics = [{"Name": "Orders", "StorageResolution": 1, "Unit": "Crates"}]
    found = read_line(line({"Metrics": metrics, "Dimensions": [[]]}, Orders=[1, 5.5]), NOW)
    assert found == [Datum(Metric("Shop", "Orders"), "None", NOW, Figures(2.0, 6.5, 1.0, 5.5), fine=True)]


@pytest.mark.parametrize(
    "text",
    [
        "no JSON",
        "[1]",
        '{"_aws": 3}',
        '{"_aws": {"CloudWatchMetrics": []}}',
        line({"Dimensions": [["Country"]]}),
        line({"Dimensions": "City"}),
        line({"Namespace": "AWS/Lambda"}),
        line(Orders="three"),
        line(Orders=True),
        line(Orders=[1] * 101),
        line({"Dimensions": [["City"]]}, City=3),
        line(at=NOW - 15 * 86_400),
        line(at=1e30),
    ],
)
def test_lines_that_are_log_lines_and_nothing_else(text: str) -> None:
    assert read_line(text, NOW) == []


LEAVES = st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5)


@given(st.dictionaries(st.sampled_from(["Timestamp", "CloudWatchMetrics", "x"]), LEAVES | st.lists(LEAVES)), LEAVES)
def test_no_line_raises(metadata: dict[str, Any], value: Any) -> None:
    read_line(json.dumps({"_aws": metadata, "Orders": value}), NOW)
    read_line(line(Orders=value), NOW)


def test_the_units_are_botocores() -> None:
    model = botocore.session.get_session().get_service_model("cloudwatch")
    assert set(model.shape_for("StandardUnit").enum) == UNITS  # type: ignore[attr-defined]


def test_lines_that_are_logged_become_metrics(served: ServedRegion) -> None:
    logs, cloudwatch = served.client("logs"), served.client("cloudwatch")
    logs.create_log_group(logGroupName="embedded")
    logs.create_log_stream(logGroupName="embedded", logStreamName="s")
    now = datetime.now(UTC)
    at_ms = int(now.timestamp() * 1000)
    text = line({"Namespace": "Embedded"}, at=now.timestamp())
    events = [{"timestamp": at_ms, "message": message} for message in (text, "no metric", text)]
    logs.put_log_events(logGroupName="embedded", logStreamName="s", logEvents=events)
    (point,) = cloudwatch.get_metric_statistics(
        Namespace="Embedded",
        MetricName="Orders",
        Dimensions=[{"Name": "City", "Value": "rome"}],
        StartTime=now - timedelta(minutes=1),
        EndTime=now + timedelta(minutes=1),
        Period=60,
        Statistics=["Sum"],
    )["Datapoints"]
    assert (point["Sum"], point["Unit"]) == (6.0, "Count")
    assert len(cloudwatch.list_metrics(Namespace="Embedded")["Metrics"]) == 2
