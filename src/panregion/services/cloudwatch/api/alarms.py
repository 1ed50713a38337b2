"""Alarms: made, changed, shown, set to a state; what happened to them; their tags."""

from datetime import datetime
from typing import Any

import msgspec

from panregion.services.cloudwatch import history, layout, watch
from panregion.services.cloudwatch.errors import (
    InvalidFormatFault,
    InvalidNextToken,
    InvalidParameterCombinationException,
    InvalidParameterValueException,
    ResourceNotFoundException,
)
from panregion.services.cloudwatch.model import Alarm, State, complete, describe
from panregion.services.here import Here
from panregion.services.service import reads

PAGE, PAGE_MAX = 50, 100
TAGS_MAX = 50


def put_metric_alarm(
    here: Here,
    alarm_name: str,
    evaluation_periods: int,
    comparison_operator: str,
    alarm_description: str | None = None,
    actions_enabled: bool | None = None,
    ok_actions: list[str] | None = None,
    alarm_actions: list[str] | None = None,
    insufficient_data_actions: list[str] | None = None,
    metric_name: str | None = None,
    namespace: str | None = None,
    statistic: str | None = None,
    extended_statistic: str | None = None,
    dimensions: list[dict[str, str]] | None = None,
    period: int | None = None,
    unit: str | None = None,
    datapoints_to_alarm: int | None = None,
    threshold: float | None = None,
    treat_missing_data: str | None = None,
    evaluate_low_sample_count_percentile: str | None = None,
    metrics: list[dict[str, Any]] | None = None,
    tags: list[dict[str, str]] | None = None,
    threshold_metric_id: str | None = None,
) -> None:
    given = {
        "AlarmDescription": alarm_description,
        "ActionsEnabled": actions_enabled,
        "OKActions": ok_actions,
        "AlarmActions": alarm_actions,
        "InsufficientDataActions": insufficient_data_actions,
        "MetricName": metric_name,
        "Namespace": namespace,
        "Statistic": statistic,
        "ExtendedStatistic": extended_statistic,
        "Dimensions": dimensions,
        "Period": period,
        "Unit": unit,
        "EvaluationPeriods": evaluation_periods,
        "DatapointsToAlarm": datapoints_to_alarm,
        "Threshold": threshold,
        "ComparisonOperator": comparison_operator,
        "TreatMissingData": treat_missing_data,
        "EvaluateLowSampleCountPercentile": evaluate_low_sample_count_percentile,
        "Metrics": metrics,
        "ThresholdMetricId": threshold_metric_id,
    }
    config = complete({name: value for name, value in given.items() if value is not None})
    _configure(here, alarm_name, config, tags)


def _configure(here: Here, name: str, config: dict[str, Any], tags: list[dict[str, str]] | None) -> None:
    """Make the alarm, or change the one that there is, which keeps its state and its tags."""
    existing, now = layout.find(here, name), here.now()
    history.configured(here, name, "Update" if existing else "Create", config)
    if existing is not None:
        alarm = msgspec.structs.replace(existing, config=config, configured_at=now)
    else:
        alarm = Alarm(name, config, now, updated_at=now, transitioned_at=now)
    layout.put(here, alarm)
    watch.begin(here, alarm)
    if tags and existing is None:
        tag_resource(here, layout.arn(here, name), tags)


@reads
def describe_alarms(
    here: Here,
    alarm_names: list[str] | None = None,
    alarm_name_prefix: str = "",
    alarm_types: list[str] | None = None,
    state_value: str | None = None,
    action_prefix: str = "",
    max_records: int = PAGE,
    next_token: str = "",
) -> dict[str, Any]:
    if alarm_names and alarm_name_prefix:
        raise InvalidParameterCombinationException("AlarmNamePrefix and AlarmNames are mutually exclusive")
    after = _name_in(next_token) if next_token else ""
    found = [
        alarm
        for alarm in layout.everything(here, after)
        if (not alarm_names or alarm.name in alarm_names)
        and alarm.name.startswith(alarm_name_prefix)
        and (state_value is None or alarm.state == state_value)
        and (not action_prefix or _acts(alarm, action_prefix))
        and (not alarm_types or "MetricAlarm" in alarm_types)
    ]
    page = found[:max_records]
    answer: dict[str, Any] = {
        "MetricAlarms": [describe(alarm, layout.arn(here, alarm.name)) for alarm in page],
        "CompositeAlarms": [],
    }
    if len(found) > len(page):
        answer["NextToken"] = page[-1].name.encode().hex()
    return answer


def _name_in(token: str) -> str:
    try:
        return bytes.fromhex(token).decode()
    except ValueError as error:
        raise InvalidNextToken("Invalid nextToken") from error


def _acts(alarm: Alarm, prefix: str) -> bool:
    names = ("OKActions", "AlarmActions", "InsufficientDataActions")
    return any(action.startswith(prefix) for name in names for action in alarm.config[name])


@reads
def describe_alarms_for_metric(
    here: Here,
    metric_name: str,
    namespace: str,
    statistic: str | None = None,
    extended_statistic: str | None = None,
    dimensions: list[dict[str, str]] | None = None,
    period: int | None = None,
    unit: str | None = None,
) -> dict[str, Any]:
    wanted: dict[str, Any] = {
        "MetricName": metric_name,
        "Namespace": namespace,
        "Dimensions": _sorted(dimensions or []),
    }
    more = {"Statistic": statistic, "ExtendedStatistic": extended_statistic, "Period": period, "Unit": unit}
    wanted |= {name: value for name, value in more.items() if value is not None}
    found = []
    for alarm in layout.everything(here):
        shown = describe(alarm, layout.arn(here, alarm.name))
        has = {**shown, "Dimensions": _sorted(shown.get("Dimensions", []))}
        if all(has.get(name) == value for name, value in wanted.items()):
            found.append(shown)
    return {"MetricAlarms": found}


def _sorted(dimensions: list[dict[str, str]]) -> list[tuple[str, str]]:
    return sorted((dimension["Name"], dimension["Value"]) for dimension in dimensions)


def set_alarm_state(
    here: Here, alarm_name: str, state_value: State, state_reason: str, state_reason_data: str = ""
) -> None:
    alarm = layout.require(here, alarm_name)
    if state_reason_data:
        try:
            msgspec.json.decode(state_reason_data)
        except msgspec.DecodeError as error:
            raise InvalidFormatFault(f"Unable to parse StateReasonData as JSON: {error}") from error
    watch.become(here, alarm, state_value, state_reason, state_reason_data)


def delete_alarms(here: Here, alarm_names: list[str]) -> None:
    for name in alarm_names:
        layout.require(here, name)
    for name in sorted(set(alarm_names)):
        history.configured(here, name, "Delete", layout.require(here, name).config)
        layout.delete(here, name)


@reads
def describe_alarm_history(
    here: Here,
    alarm_name: str = "",
    alarm_types: list[str] | None = None,
    history_item_type: str | None = None,
    start_date: datetime | None = None,
    end_date: datetime | None = None,
    max_records: int = PAGE_MAX,
    next_token: str = "",
    scan_by: str = "TimestampDescending",
) -> dict[str, Any]:
    found = [
        item
        for item in history.items(here)
        if alarm_name in ("", item.name)
        and history_item_type in (None, item.kind)
        and (start_date is None or item.at >= start_date.timestamp())
        and (end_date is None or item.at <= end_date.timestamp())
        and (alarm_types is None or "MetricAlarm" in alarm_types)
    ]
    if scan_by == "TimestampDescending":
        found.reverse()
    if next_token and not (next_token.isascii() and next_token.isdigit()):
        raise InvalidNextToken("Invalid nextToken")
    start = int(next_token or 0)
    answer: dict[str, Any] = {"AlarmHistoryItems": [item.describe() for item in found[start : start + max_records]]}
    if len(found) > start + max_records:
        answer["NextToken"] = str(start + max_records)
    return answer


def enable_alarm_actions(here: Here, alarm_names: list[str]) -> None:
    _set_enabled(here, alarm_names, enabled=True)


def disable_alarm_actions(here: Here, alarm_names: list[str]) -> None:
    _set_enabled(here, alarm_names, enabled=False)


def _set_enabled(here: Here, names: list[str], *, enabled: bool) -> None:
    for name in names:
        alarm = layout.find(here, name)
        if alarm is not None:
            layout.put(here, msgspec.structs.replace(alarm, config={**alarm.config, "ActionsEnabled": enabled}))


@reads
def list_tags_for_resource(here: Here, resource_arn: str) -> dict[str, Any]:
    _require_arn(here, resource_arn)
    return {"Tags": [{"Key": key, "Value": value} for key, value in layout.tags(here, resource_arn).items()]}


def tag_resource(here: Here, resource_arn: str, tags: list[dict[str, str]]) -> dict[str, Any]:
    _require_arn(here, resource_arn)
    changed = {**layout.tags(here, resource_arn), **{tag["Key"]: tag["Value"] for tag in tags}}
    if len(changed) > TAGS_MAX:
        raise InvalidParameterValueException(f"A resource has at most {TAGS_MAX} tags.")
    layout.put_tags(here, resource_arn, changed)
    return {}


def untag_resource(here: Here, resource_arn: str, tag_keys: list[str]) -> dict[str, Any]:
    _require_arn(here, resource_arn)
    left = {key: value for key, value in layout.tags(here, resource_arn).items() if key not in tag_keys}
    layout.put_tags(here, resource_arn, left)
    return {}


def _require_arn(here: Here, arn: str) -> None:
    name = arn.partition(":alarm:")[2]
    if not name:
        raise InvalidParameterValueException(f"Invalid ARN of an alarm: {arn}")
    if arn != layout.arn(here, name) or layout.find(here, name) is None:
        raise ResourceNotFoundException(f"Unknown alarm: {arn}")
