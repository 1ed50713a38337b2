"""What alarms are, and which may be. Pure: the edge reads the same values."""

from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from panregion.services.cloudwatch.errors import ValidationError

State = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]

FEED = "cloudwatch"
"""Every change of an alarm's state, for the edge to follow."""
INITIAL_REASON = "Unchecked: Initial alarm creation"
SHORT_PERIODS_S = (10, 20, 30)
SPAN_MAX_S, LONG_SPAN_MAX_S = 86_400, 604_800
ACTIONS = {"OK": "OKActions", "ALARM": "AlarmActions", "INSUFFICIENT_DATA": "InsufficientDataActions"}
"""The list of actions that a change to each state carries out."""
ACTION_SERVICES = frozenset({"sns", "lambda"})
TREATMENTS = frozenset({"breaching", "notBreaching", "ignore", "missing"})


class Alarm(msgspec.Struct, frozen=True):
    """A metric alarm. `config` is what PutMetricAlarm was given, without tags; times are epoch seconds."""

    name: str
    config: dict[str, Any]
    configured_at: float
    state: State = "INSUFFICIENT_DATA"
    reason: str = INITIAL_REASON
    reason_data: str = ""
    updated_at: float = 0.0
    transitioned_at: float = 0.0

    @property
    def actions(self) -> list[str]:
        """The ARNs to be told that the alarm is in this state; none where its actions are disabled."""
        if not self.config.get("ActionsEnabled", True):
            return []
        listed: list[str] = self.config.get(ACTIONS[self.state], [])
        return listed

    def set(self, state: State, reason: str, reason_data: str, now: float) -> "Alarm":
        """The alarm in another state, or in the same for another reason."""
        return msgspec.structs.replace(
            self,
            state=state,
            reason=reason,
            reason_data=reason_data,
            updated_at=now,
            transitioned_at=self.transitioned_at if state == self.state else now,
        )


class StateChange(msgspec.Struct, frozen=True):
    """One record of the feed: an alarm's state, or none where it is gone."""

    name: str
    state: State | None = None


class States(msgspec.Struct, frozen=True):
    """All alarms' states."""

    states: dict[str, State] = {}


def complete(config: dict[str, Any]) -> dict[str, Any]:
    """An alarm's configuration with AWS's defaults. Raises ValidationError."""
    problem = next(_problems(config), None)
    if problem is not None:
        raise ValidationError(problem)
    defaults = {"ActionsEnabled": True, "OKActions": [], "AlarmActions": [], "InsufficientDataActions": []}
    return {**defaults, **({} if "Metrics" in config else {"Dimensions": []}), **config}


def _problems(config: dict[str, Any]) -> Iterator[str]:
    if "Metrics" in config:
        single = ("MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Dimensions", "Period", "Unit")
        if any(name in config for name in single):
            yield "Metrics list and single metric parameters are mutually exclusive."
    else:
        yield from _metric_problems(config)
    if "Threshold" not in config and "ThresholdMetricId" not in config:
        yield "The parameter Threshold is required when not using an anomaly detection band."
    if config.get("DatapointsToAlarm", 0) > config.get("EvaluationPeriods", 1):
        yield "DatapointsToAlarm must be less than or equal to EvaluationPeriods."
    if config.get("TreatMissingData", "missing") not in TREATMENTS:
        yield (
            f"The value {config['TreatMissingData']} is not supported for TreatMissingData parameter. "
            "Supported values are [breaching, notBreaching, ignore, missing]."
        )
    for name in ACTIONS.values():
        yield from _action_problems(config.get(name, []))


def _metric_problems(config: dict[str, Any]) -> Iterator[str]:
    for name in ("MetricName", "Namespace", "Period"):
        if name not in config:
            yield f"The parameter {name} is required."
    if ("Statistic" in config) == ("ExtendedStatistic" in config):
        yield "Exactly one of Statistic and ExtendedStatistic must be specified."
    period_s, periods = config.get("Period", 60), config.get("EvaluationPeriods", 1)
    if period_s not in SHORT_PERIODS_S and (period_s < 60 or period_s % 60):
        yield f"Period must be 10, 20, 30 or a multiple of 60: {period_s}"
    longest_s = LONG_SPAN_MAX_S if period_s >= 3600 else SPAN_MAX_S
    if period_s * periods > longest_s:
        yield f"Metrics cannot be checked across more than {longest_s // 86_400} day(s) (EvaluationPeriods * Period)."


def _action_problems(actions: list[str]) -> Iterator[str]:
    for action in actions:
        parts = action.split(":")
        if len(parts) < 6 or parts[0] != "arn":
            yield f"Invalid arn syntax: {action}"
        elif parts[2] not in ACTION_SERVICES:
            yield f"panregion carries out alarm actions on SNS topics and Lambda functions, not on {action}"


def describe(alarm: Alarm, arn: str) -> dict[str, Any]:
    """An alarm as DescribeAlarms shows it."""
    shown: dict[str, Any] = {
        "AlarmName": alarm.name,
        "AlarmArn": arn,
        "AlarmConfigurationUpdatedTimestamp": alarm.configured_at,
        "StateValue": alarm.state,
        "StateReason": alarm.reason,
        "StateUpdatedTimestamp": alarm.updated_at,
        "StateTransitionedTimestamp": alarm.transitioned_at,
        **alarm.config,
    }
    if alarm.reason_data:
        shown["StateReasonData"] = alarm.reason_data
    return shown
