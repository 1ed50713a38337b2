"""A region's work for alarms: their evaluation (`watch`), and what one does when its state changes.

It tells an SNS topic, or invokes a Lambda function.
"""

from datetime import UTC, datetime
from typing import Any

import msgspec

from panregion.services.cloudwatch import history
from panregion.services.cloudwatch.model import Alarm
from panregion.services.cloudwatch.watch import ACT, EVALUATE, evaluate
from panregion.services.here import Here
from panregion.wire import AwsError

SUBJECT_MAX = 100


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000"


def notification(alarm: Alarm, before: str, arn: str, region: str, account_id: str) -> dict[str, Any]:
    """The message that a topic's subscribers get."""
    config = alarm.config
    return {
        "AlarmName": alarm.name,
        "AlarmDescription": config.get("AlarmDescription"),
        "AWSAccountId": account_id,
        "AlarmConfigurationUpdatedTimestamp": _time(alarm.configured_at),
        "NewStateValue": alarm.state,
        "NewStateReason": alarm.reason,
        "StateChangeTime": _time(alarm.updated_at),
        "Region": region,
        "AlarmArn": arn,
        "OldStateValue": before,
        **{name: config[name] for name in ("OKActions", "AlarmActions", "InsufficientDataActions")},
        "Trigger": _trigger(config),
    }


def _trigger(config: dict[str, Any]) -> dict[str, Any]:
    trigger = {
        "Period": config.get("Period"),
        "EvaluationPeriods": config["EvaluationPeriods"],
        "ComparisonOperator": config["ComparisonOperator"],
        "Threshold": config.get("Threshold"),
        "TreatMissingData": config.get("TreatMissingData", "missing"),
        "EvaluateLowSampleCountPercentile": config.get("EvaluateLowSampleCountPercentile", ""),
    }
    if "Metrics" in config:
        return {**trigger, "Metrics": config["Metrics"]}
    return {
        "MetricName": config["MetricName"],
        "Namespace": config["Namespace"],
        "StatisticType": "Statistic" if "Statistic" in config else "ExtendedStatistic",
        "Statistic": config.get("Statistic", config.get("ExtendedStatistic", "")).upper(),
        "Unit": config.get("Unit"),
        "Dimensions": [{"value": each["Value"], "name": each["Name"]} for each in config["Dimensions"]],
        **trigger,
    }


def event(alarm: Alarm, before: str, arn: str, region: str, account_id: str) -> dict[str, Any]:
    """What a function is invoked with."""
    state = {"value": alarm.state, "reason": alarm.reason, "timestamp": _time(alarm.updated_at)}
    if alarm.reason_data:
        state["reasonData"] = alarm.reason_data
    return {
        "source": "aws.cloudwatch",
        "alarmArn": arn,
        "accountId": account_id,
        "time": state["timestamp"],
        "region": region,
        "alarmData": {
            "alarmName": alarm.name,
            "state": state,
            "previousState": {"value": before},
            "configuration": {"description": alarm.config.get("AlarmDescription", "")},
        },
    }


async def act(here: Here, work: dict[str, Any]) -> None:
    """Carry out one action. An action that its service refuses is tried again, and kept as a dead letter in the end."""
    alarm, action = msgspec.convert(work["alarm"], Alarm), work["action"]
    told = (alarm, work["before"], here.arn("cloudwatch", f"alarm:{alarm.name}"), here.region, here.account_id)
    kind = action.split(":")[2]
    if kind == "sns":
        subject = f'{alarm.state}: "{alarm.name}" in {here.region}'[:SUBJECT_MAX]
        message = msgspec.json.encode(notification(*told)).decode()
        await here.request("sns", "Publish", {"TopicArn": action, "Subject": subject, "Message": message})
    elif kind == "lambda":
        payload = msgspec.json.encode(event(*told))
        request = {"FunctionName": action, "InvocationType": "Event", "Payload": payload}
        await here.request("lambda", "Invoke", request)
    else:
        raise AwsError.of("ValidationError", f"{action} is no action that panregion carries out")
    await here.transact(lambda step: history.acted(step, alarm, action))


WORK = {ACT: act, EVALUATE: evaluate}
