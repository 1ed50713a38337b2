"""Metrics out of log lines: the embedded metric format. Pure.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html

A line is JSON; its member `_aws` says which of the others are metrics and dimensions. A line that is no such document
is a log line and nothing else, and so is what it says of a metric or a set of dimensions that it does not hold.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from panregion.services.cloudwatch.metric import DIMENSIONS_MAX, UNITS, Datum, read_data
from panregion.wire import AwsError

METRICS_MAX, VALUES_MAX = 100, 100


class Definition(msgspec.Struct, frozen=True, rename="pascal"):
    """One metric: the member that holds its value or values, and its unit."""

    name: str
    unit: str = "None"
    storage_resolution: int = 60


class Directive(msgspec.Struct, frozen=True, rename="pascal"):
    """Metrics of a namespace, each once for every set of dimensions."""

    namespace: str
    dimensions: list[list[str]]
    metrics: list[Definition]


class Metadata(msgspec.Struct, frozen=True, rename="pascal"):
    """The member `_aws`."""

    timestamp: int
    """Milliseconds."""
    cloud_watch_metrics: list[Directive]


def read_line(text: str, now: float) -> list[Datum]:
    """The data in a log line; none where it is none of the format."""
    try:
        document = msgspec.json.decode(text)
        if not isinstance(document, dict):
            return []
        metadata = msgspec.convert(document.get("_aws"), Metadata)
        at = datetime.fromtimestamp(metadata.timestamp / 1000, UTC)
    except (msgspec.MsgspecError, ValueError, OverflowError, OSError):
        return []
    return [datum for directive in metadata.cloud_watch_metrics for datum in _of(directive, document, at, now)]


def _of(directive: Directive, document: dict[str, Any], at: datetime, now: float) -> Iterator[Datum]:
    for names in directive.dimensions:
        if len(names) > DIMENSIONS_MAX or not all(isinstance(document.get(name), str) for name in names):
            continue
        dimensions = [{"Name": name, "Value": document[name]} for name in names]
        for metric in directive.metrics[:METRICS_MAX]:
            values = _values(document.get(metric.name))
            datum = {
                "MetricName": metric.name,
                "Dimensions": dimensions,
                "Values": values,
                "Timestamp": at,
                "Unit": metric.unit if metric.unit in UNITS else "None",
                "StorageResolution": metric.storage_resolution,
            }
            try:
                yield from read_data(directive.namespace, [datum], now)
            except AwsError:  # too old, not a number, a namespace of AWS's: a log line and nothing else
                continue


def _values(member: Any) -> list[float]:
    listed = member if isinstance(member, list) else [member]
    numbers = [each for each in listed if isinstance(each, int | float) and not isinstance(each, bool)]
    return numbers if len(numbers) == len(listed) <= VALUES_MAX else []
