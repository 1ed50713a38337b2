"""Metric data: written, listed, and asked for by period."""

import re
from datetime import datetime
from typing import Any

import msgspec

from panregion.services.cloudwatch import figures
from panregion.services.cloudwatch.errors import (
    InvalidNextToken,
    InvalidParameterCombinationException,
    InvalidParameterValueException,
    MissingRequiredParameterException,
    ValidationError,
)
from panregion.services.cloudwatch.metric import (
    MINUTE_S,
    STATISTICS,
    Metric,
    dimensions_of,
    read_data,
)
from panregion.services.here import Here
from panregion.services.service import reads

POINTS_MAX = 1440
LIST_PAGE = 500
QUERIES_MAX, PAGE_POINTS_MAX = 500, 100_800
SHORT_PERIODS_S = (1, 5, 10, 20, 30)
RECENT_S = 3 * 3600
QUERY_ID = re.compile(r"[a-z][a-zA-Z0-9_]*")
NO_PERCENTILES = "panregion keeps statistic sets of a minute, and has the statistics {}; not {}"


def put_metric_data(here: Here, namespace: str, metric_data: list[dict[str, Any]] | None = None) -> None:
    if not metric_data:
        raise MissingRequiredParameterException("The parameter MetricData is required.")
    figures.add(here, read_data(namespace, metric_data, here.now()))


@reads
def list_metrics(
    here: Here,
    namespace: str | None = None,
    metric_name: str | None = None,
    dimensions: list[dict[str, str]] | None = None,
    next_token: str = "",
    recently_active: str | None = None,
) -> dict[str, Any]:
    since = here.now() - (RECENT_S if recently_active else figures.LISTED_S)
    below = [namespace] if namespace is not None else []
    found = [
        metric
        for metric, written in figures.metrics(here, *below, after=_metric_in(next_token) if next_token else None)
        if written >= since and metric_name in (None, metric.name) and _has(metric, dimensions or [])
    ]
    answer: dict[str, Any] = {"Metrics": [metric.describe() for metric in found[:LIST_PAGE]]}
    if len(found) > LIST_PAGE:
        answer["NextToken"] = msgspec.json.encode(found[LIST_PAGE - 1]).hex()
    return answer


def _metric_in(token: str) -> Metric:
    try:
        return msgspec.json.decode(bytes.fromhex(token), type=Metric)
    except ValueError as error:  # msgspec's errors are such, too
        raise InvalidNextToken("Invalid nextToken") from error


def _has(metric: Metric, wanted: list[dict[str, str]]) -> bool:
    own = dict(metric.dimensions)
    return all(each["Name"] in own and each.get("Value", own[each["Name"]]) == own[each["Name"]] for each in wanted)


@reads
def get_metric_statistics(
    here: Here,
    namespace: str,
    metric_name: str,
    start_time: datetime,
    end_time: datetime,
    period: int,
    dimensions: list[dict[str, str]] | None = None,
    statistics: list[str] | None = None,
    extended_statistics: list[str] | None = None,
    unit: str | None = None,
) -> dict[str, Any]:
    if not statistics and not extended_statistics:
        raise MissingRequiredParameterException("Must specify either Statistics or ExtendedStatistics")
    if extended_statistics:
        names = ", ".join(STATISTICS)
        raise InvalidParameterValueException(NO_PERCENTILES.format(names, ", ".join(extended_statistics)))
    _check_period(period, "Period")
    start, end = start_time.timestamp(), end_time.timestamp()
    if start >= end:
        raise InvalidParameterCombinationException("The parameter StartTime must be less than the parameter EndTime.")
    asked = int((end - start) // period)
    if asked > POINTS_MAX:
        raise InvalidParameterCombinationException(
            f"You have requested up to {asked:,} datapoints, which exceeds the limit of {POINTS_MAX:,}. You may reduce "
            "the datapoints requested by increasing Period, or decreasing the time range."
        )
    metric = Metric(namespace, metric_name, dimensions_of(dimensions))
    points = []
    for each in [unit] if unit else figures.units(here, metric, _space(period)):
        for at, found in figures.sums(here, metric, start, end, period, each):
            told = {name: found.statistic(name) for name in statistics or ()}
            points.append({"Timestamp": float(at), **told, "Unit": each})
    return {"Label": metric_name, "Datapoints": points}


def _space(period: int) -> str:
    return figures.SECOND if period < MINUTE_S else figures.MINUTE


def _check_period(period: int, where: str) -> None:
    if period not in SHORT_PERIODS_S and period % MINUTE_S:
        raise InvalidParameterValueException(f"The parameter {where} must be 1, 5, 10, 20, 30, or a multiple of 60.")


@reads
def get_metric_data(
    here: Here,
    metric_data_queries: list[dict[str, Any]],
    start_time: datetime,
    end_time: datetime,
    next_token: str = "",
    scan_by: str = "TimestampDescending",
    max_datapoints: int = PAGE_POINTS_MAX,
) -> dict[str, Any]:
    start, end = start_time.timestamp(), end_time.timestamp()
    if start >= end:
        raise ValidationError("The parameter StartTime must be less than the parameter EndTime.")
    _check_queries(metric_data_queries)
    if next_token and not (next_token.isascii() and next_token.isdigit()):
        raise InvalidNextToken("Invalid nextToken")
    skip, left, further = int(next_token or 0), min(max_datapoints, PAGE_POINTS_MAX), False
    results = []
    for query in metric_data_queries:
        if not query.get("ReturnData", True):
            continue
        points = _points(here, query["MetricStat"], start, end)
        if scan_by == "TimestampDescending":
            points.reverse()
        page = points[skip : skip + left]
        partial = skip + len(page) < len(points)
        results.append(_result(query, page, partial))
        skip, left, further = max(0, skip - len(points)), left - len(page), further or partial
    answer: dict[str, Any] = {"MetricDataResults": results, "Messages": []}
    taken = min(max_datapoints, PAGE_POINTS_MAX)
    return answer | ({"NextToken": str(int(next_token or 0) + taken)} if further else {})


def _result(query: dict[str, Any], points: list[tuple[int, float]], partial: bool) -> dict[str, Any]:
    return {
        "Id": query["Id"],
        "Label": query.get("Label", query["MetricStat"]["Metric"].get("MetricName", "")),
        "Timestamps": [float(at) for at, _ in points],
        "Values": [value for _, value in points],
        "StatusCode": "PartialData" if partial else "Complete",
    }


def _points(here: Here, asked: dict[str, Any], start: float, end: float) -> list[tuple[int, float]]:
    given = asked["Metric"]
    metric = Metric(given.get("Namespace", ""), given.get("MetricName", ""), dimensions_of(given.get("Dimensions")))
    found = figures.sums(here, metric, start, end, asked["Period"], asked.get("Unit"))
    return [(at, total.statistic(asked["Stat"])) for at, total in found]


def _check_queries(queries: list[dict[str, Any]]) -> None:
    """Raises ValidationError, InvalidParameterValueException."""
    if len(queries) > QUERIES_MAX:
        raise ValidationError(f"The collection MetricDataQueries must not have a size greater than {QUERIES_MAX}.")
    ids = [query["Id"] for query in queries]
    for number, query in enumerate(queries, 1):
        where = f"MetricDataQueries.member.{number}"
        if not QUERY_ID.fullmatch(query["Id"]):
            raise ValidationError(
                f"The value {query['Id']} for parameter {where}.Id is not matching the expected pattern."
            )
        if ids.count(query["Id"]) > 1:
            raise ValidationError(f"The values for parameter id in MetricDataQueries are not unique: {query['Id']}.")
        if ("Expression" in query) == ("MetricStat" in query):
            raise ValidationError(f"Exactly one of {where}.MetricStat and {where}.Expression must be specified.")
        if "Expression" in query:
            raise ValidationError(f"panregion does not evaluate metric math: {where}.Expression {query['Expression']}")
        asked = query["MetricStat"]
        if asked["Stat"] not in STATISTICS:
            raise ValidationError(NO_PERCENTILES.format(", ".join(STATISTICS), asked["Stat"]))
        _check_period(asked["Period"], f"{where}.MetricStat.Period")
