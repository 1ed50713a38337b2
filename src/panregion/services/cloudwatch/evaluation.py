"""How a metric alarm is evaluated. Pure: from the newest periods of its metric to a state, and why, as AWS words it.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html

The evaluation range is longer than the evaluation periods (AWS does not say by how much; here by EXTRA_PERIODS): where
data are missing, the newest that exist count, and only what is then still missing is treated as TreatMissingData says.
"""

import operator
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from panregion.services.cloudwatch.metric import MINUTE_S, STATISTICS, Metric, dimensions_of
from panregion.services.cloudwatch.model import Alarm, State

EXTRA_PERIODS = 2
SETTLE_S = 2.0
"""How long after the end of a period it is evaluated: what is written late counts the next time."""

COMPARISONS: dict[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "LessThanThreshold": (operator.lt, "less than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
}


class Question(NamedTuple):
    """What an alarm asks of its metric."""

    metric: Metric
    statistic: str
    period_s: int
    unit: str | None

    @property
    def step_s(self) -> int:
        """How often it is asked."""
        return min(self.period_s, MINUTE_S)


def question_of(config: dict[str, Any]) -> Question | None:
    """The question of an alarm; None where panregion cannot evaluate it: percentiles, metric math, anomaly bands."""
    if config["ComparisonOperator"] not in COMPARISONS or "Threshold" not in config:
        return None
    if "Metrics" in config:
        return _of_query(config["Metrics"])
    if "Statistic" not in config:
        return None
    metric = Metric(config["Namespace"], config["MetricName"], dimensions_of(config.get("Dimensions")))
    return Question(metric, config["Statistic"], config["Period"], config.get("Unit"))


def _of_query(queries: list[dict[str, Any]]) -> Question | None:
    if len(queries) != 1 or queries[0].get("MetricStat", {}).get("Stat") not in STATISTICS:
        return None
    asked = queries[0]["MetricStat"]
    given = asked["Metric"]
    metric = Metric(given.get("Namespace", ""), given.get("MetricName", ""), dimensions_of(given.get("Dimensions")))
    return Question(metric, asked["Stat"], asked["Period"], asked.get("Unit"))


class Point(NamedTuple):
    """A period: when it began, and what the statistic is; None where there are no data."""

    at: int
    value: float | None
    samples: float = 0.0


class Verdict(NamedTuple):
    """A state, and why; `data` is JSON."""

    state: State
    reason: str
    data: str


def next_evaluation(now: float, step_s: int) -> float:
    """When an alarm is evaluated next: shortly after the end of a step."""
    return ((now - SETTLE_S) // step_s + 1) * step_s + SETTLE_S


def judge(alarm: Alarm, points: Sequence[Point], now: float) -> Verdict | None:
    """The state that an alarm should have by its evaluation range, newest first; None: the one that it has."""
    config = alarm.config
    wanted = config["EvaluationPeriods"]
    existing = [point for point in points if point.value is not None][:wanted]
    state = _state(config, points, existing)
    if state is None:
        return None
    return Verdict(state, _reason(config, state, existing), _data(config, existing or points[:wanted], now))


def _breaches(config: dict[str, Any], point: Point) -> bool:
    assert point.value is not None
    return COMPARISONS[config["ComparisonOperator"]][0](point.value, config["Threshold"])


def _needed(config: dict[str, Any]) -> int:
    needed: int = config.get("DatapointsToAlarm", config["EvaluationPeriods"])
    return needed


def _state(config: dict[str, Any], points: Sequence[Point], existing: list[Point]) -> State | None:
    needed, treatment = _needed(config), config.get("TreatMissingData", "missing")
    gaps = config["EvaluationPeriods"] - len(existing)
    breaching = sum(_breaches(config, point) for point in existing)
    if breaching >= needed or (gaps and treatment == "breaching" and breaching + gaps >= needed):
        return "ALARM"
    if gaps and treatment == "breaching":
        return "OK"
    if not existing:
        return {"notBreaching": "OK", "missing": "INSUFFICIENT_DATA"}.get(treatment)  # type: ignore[return-value]
    if treatment == "notBreaching" or breaching < len(existing) or breaching + gaps < needed:
        return "OK"
    return "ALARM" if treatment == "missing" and _is_old(points, existing, needed) else None


def _is_old(points: Sequence[Point], existing: list[Point], needed: int) -> bool:
    """All data breach, but there are few: no alarm before the oldest of them is as old as the data that it takes."""
    return points.index(existing[-1]) + 1 >= needed


def _reason(config: dict[str, Any], state: State, existing: list[Point]) -> str:
    wanted = config["EvaluationPeriods"]
    if state == "INSUFFICIENT_DATA":
        return f"Insufficient Data: {_counted(wanted, 'datapoint')} {_were(wanted)} unknown."
    if not existing:
        treated = "Breaching" if config["TreatMissingData"] == "breaching" else "NonBreaching"
        return (
            f"Threshold Crossed: no datapoints were received for {_counted(wanted, 'period')} and "
            f"{_counted(wanted, 'missing datapoint')} {_were(wanted)} treated as [{treated}]."
        )
    needed = _needed(config)
    alarmed = state == "ALARM"
    telling = [point for point in existing if _breaches(config, point) == alarmed]
    least = needed if alarmed else wanted - needed + 1
    values = ", ".join(f"{point.value} ({_short(point.at)})" for point in telling)
    missing = wanted - len(existing)
    told = f"{len(telling)} out of the last {wanted} datapoints [{values}]"
    if missing:
        told = (
            f"{len(telling)} out of the last {wanted} datapoints [{values}], {_counted(missing, 'datapoint')} missing,"
        )
    words = COMPARISONS[config["ComparisonOperator"]][1]
    return (
        f"Threshold Crossed: {told} {_were(len(telling))} {'' if alarmed else 'not '}{words} the threshold "
        f"({float(config['Threshold'])}) (minimum {_counted(least, 'datapoint')} for "
        f"{'OK -> ALARM' if alarmed else 'ALARM -> OK'} transition)."
    )


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _were(number: int) -> str:
    return "was" if number == 1 else "were"


def _short(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%d/%m/%y %H:%M:%S")


def _long(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000"


def _data(config: dict[str, Any], evaluated: Sequence[Point], now: float) -> str:
    """StateReasonData, version 1.0."""
    question = question_of(config)
    assert question is not None
    existing = [point for point in evaluated if point.value is not None]
    told = {
        "version": "1.0",
        "queryDate": _long(now),
        **({"startDate": _long(existing[-1].at)} if existing else {}),
        "statistic": question.statistic,
        "period": question.period_s,
        "recentDatapoints": [point.value for point in reversed(existing)],
        "threshold": float(config["Threshold"]),
        "evaluatedDatapoints": [
            {"timestamp": _long(point.at)}
            | ({} if point.value is None else {"sampleCount": point.samples, "value": point.value})
            for point in evaluated
        ],
    }
    return msgspec.json.encode(told).decode()
