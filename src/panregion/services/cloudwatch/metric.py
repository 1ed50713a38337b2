"""What metrics are made of: statistic sets, and the data that PutMetricData takes. Pure.

Everything that arrives becomes statistic sets by the minute (and by the second, where its storage resolution is 1):
how many values, their sum, the least and the greatest. Percentiles cannot be told from these.
"""

import math
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from panregion.services.cloudwatch.errors import (
    InvalidParameterCombinationException,
    InvalidParameterValueException,
    MissingRequiredParameterException,
)

DATA_MAX, VALUES_MAX = 1000, 150
PAST_MAX_S, FUTURE_MAX_S = 14 * 86_400, 2 * 3600
GREATEST = 2.0**360
MINUTE_S = 60
DIMENSIONS_MAX = 30
SIZES = [prefix + size for size in ("bytes", "bits") for prefix in ("", "kilo", "mega", "giga", "tera")]
UNITS = frozenset(
    {"Seconds", "Microseconds", "Milliseconds", "Percent", "Count", "Count/Second", "None"}
    | {size.capitalize() for size in SIZES}
    | {f"{size.capitalize()}/Second" for size in SIZES}
)
STATISTICS = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")


class Metric(NamedTuple):
    """One metric: AWS takes every other set of dimensions as another metric. `dimensions` are sorted by name."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...] = ()

    def describe(self) -> dict[str, Any]:
        """As ListMetrics has it."""
        dimensions = [{"Name": name, "Value": value} for name, value in self.dimensions]
        return {"Namespace": self.namespace, "MetricName": self.name, "Dimensions": dimensions}


def dimensions_of(given: list[dict[str, str]] | None) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((each["Name"], each["Value"]) for each in given or ()))


class Figures(msgspec.Struct, frozen=True, array_like=True):
    """A statistic set."""

    count: float
    sum: float
    least: float
    greatest: float

    def __add__(self, other: "Figures") -> "Figures":
        least, greatest = min(self.least, other.least), max(self.greatest, other.greatest)
        return Figures(self.count + other.count, self.sum + other.sum, least, greatest)

    def statistic(self, name: str) -> float:
        """One of STATISTICS."""
        if name == "Average":
            return self.sum / self.count
        return {"SampleCount": self.count, "Sum": self.sum, "Minimum": self.least, "Maximum": self.greatest}[name]


class Datum(NamedTuple):
    """One thing to be added up: of which metric, in which unit, when (epoch seconds), and whether seconds matter."""

    metric: Metric
    unit: str
    at: float
    figures: Figures
    fine: bool = False


def read_data(namespace: str, data: list[dict[str, Any]], now: float) -> list[Datum]:
    """PutMetricData's parameters. Raises what AWS raises, which names the member."""
    if namespace.startswith("AWS/"):
        raise InvalidParameterValueException("The value AWS/ for parameter Namespace is invalid.")
    if len(data) > DATA_MAX:
        raise InvalidParameterValueException(f"The collection MetricData must not have a size greater than {DATA_MAX}.")
    found = []
    for number, datum in enumerate(data, 1):
        where = f"MetricData.member.{number}"
        figures = _figures(datum, where)
        if figures is not None:
            resolution = _resolution(datum, where)
            metric = Metric(namespace, datum["MetricName"], dimensions_of(datum.get("Dimensions")))
            at = _time(datum.get("Timestamp"), where, now)
            found.append(Datum(metric, datum.get("Unit", "None"), at, figures, resolution == 1))
    return found


def _resolution(datum: dict[str, Any], where: str) -> int:
    resolution: int = datum.get("StorageResolution", MINUTE_S)
    if resolution not in (1, MINUTE_S):
        raise InvalidParameterValueException(f"The parameter {where}.StorageResolution must be 1 or 60.")
    return resolution


def _time(given: datetime | None, where: str, now: float) -> float:
    at = now if given is None else given.timestamp()
    if at < now - PAST_MAX_S:
        raise InvalidParameterValueException(
            f"The parameter {where}.Timestamp must specify a time no more than two weeks in the past."
        )
    if at > now + FUTURE_MAX_S:
        raise InvalidParameterValueException(
            f"The parameter {where}.Timestamp must specify a time no more than two hours in the future."
        )
    return at


def _figures(datum: dict[str, Any], where: str) -> Figures | None:
    """What a datum says; None where it says nothing (counts of 0)."""
    given = [name for name in ("Value", "StatisticValues", "Values") if name in datum]
    if not given:
        raise MissingRequiredParameterException(
            f"At least one of {where}.Value, {where}.Values and {where}.StatisticValues must be specified."
        )
    if len(given) > 1:
        first, second = (f"{where}.{name}" for name in given[:2])
        raise InvalidParameterCombinationException(
            f"The parameters {first} and {second} are mutually exclusive and you have specified both."
        )
    if "Value" in datum:
        value = _number(datum["Value"], f"{where}.Value")
        return Figures(1.0, value, value, value)
    if "StatisticValues" in datum:
        return _set(datum["StatisticValues"], f"{where}.StatisticValues")
    return _many(datum["Values"], datum.get("Counts"), where)


def _set(given: dict[str, float], where: str) -> Figures:
    names = ("SampleCount", "Sum", "Minimum", "Maximum")
    count, total, least, greatest = (_number(given[name], f"{where}.{name}") for name in names)
    if count <= 0:
        raise InvalidParameterValueException(f"The parameter {where}.SampleCount must be greater than 0.")
    if least > greatest:
        raise InvalidParameterCombinationException(
            f"The parameter {where}.Maximum must be greater than or equal to the parameter {where}.Minimum."
        )
    return Figures(count, total, least, greatest)


def _many(values: list[float], counts: list[float] | None, where: str) -> Figures | None:
    if len(values) > VALUES_MAX:
        raise InvalidParameterValueException(
            f"The collection {where}.Values must not have a size greater than {VALUES_MAX}."
        )
    if counts is not None and len(counts) != len(values):
        raise InvalidParameterCombinationException(
            f"The parameters {where}.Values and {where}.Counts must be of the same size."
        )
    total: Figures | None = None
    for number, (value, count) in enumerate(zip(values, counts or [1.0] * len(values), strict=True), 1):
        number_of = _number(count, f"{where}.Counts.member.{number}")
        one = _number(value, f"{where}.Values.member.{number}")
        if number_of < 0:
            raise InvalidParameterValueException(f"The parameter {where}.Counts.member.{number} must not be negative.")
        if number_of:
            figures = Figures(number_of, one * number_of, one, one)
            total = figures if total is None else total + figures
    return total


def _number(value: float, where: str) -> float:
    if math.isnan(value) or abs(value) > GREATEST:
        raise InvalidParameterValueException(f"The value {value} for parameter {where} is invalid.")
    return float(value)


def windows(start: float, end: float, period_s: int) -> Iterator[tuple[int, int]]:
    """The periods of a question: from its start, down to the whole minute (or second, for short periods)."""
    step = MINUTE_S if period_s >= MINUTE_S else period_s
    at = int(start // step) * step
    while at < end:
        yield at, at + period_s
        at += period_s
