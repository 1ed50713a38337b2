"""What alarms do: the actions of the state they change to, once for each change."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest

from panregion.services.cloudwatch.model import Alarm, complete
from panregion.services.cloudwatch.work import act
from panregion.wire import AwsError

CONFIG = complete(
    {
        "MetricName": "m",
        "Namespace": "n",
        "Statistic": "Average",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanThreshold",
        "AlarmActions": ["arn:aws:sns:us-east-1:000000000000:pages"],
        "OKActions": ["arn:aws:lambda:us-east-1:000000000000:function:calm"],
    }
)
ALARM = Alarm("errors", CONFIG, 1_700_000_000.0)


@dataclass
class FakeHere:
    """Remembers what is asked of other services."""

    region: str = "us-east-1"
    account_id: str = "000000000000"
    asked: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    transactions: list[Callable[[Any], None]] = field(default_factory=list)

    def arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{self.region}:{self.account_id}:{resource}"

    async def transact(self, step: Callable[[Any], None]) -> None:
        self.transactions.append(step)

    async def request(self, service: str, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        self.asked.append((service, operation, params))
        return {}


def work(alarm: Alarm, action: str) -> dict[str, Any]:
    return {"action": action, "alarm": msgspec.to_builtins(alarm), "before": "OK"}


def test_each_state_has_its_own_actions() -> None:
    assert ALARM.actions == []
    assert ALARM.set("ALARM", "", "", 1.0).actions == CONFIG["AlarmActions"]
    assert ALARM.set("OK", "", "", 1.0).actions == CONFIG["OKActions"]
    off = msgspec.structs.replace(ALARM, config={**CONFIG, "ActionsEnabled": False})
    assert off.set("ALARM", "", "", 1.0).actions == []


async def test_a_topic_is_told() -> None:
    here: Any = FakeHere()
    alarm = ALARM.set("ALARM", "a drill", "", 1_700_000_060.5)
    await act(here, work(alarm, alarm.actions[0]))
    service, operation, params = here.asked[0]
    assert (service, operation, params["Subject"]) == ("sns", "Publish", 'ALARM: "errors" in us-east-1')
    message = msgspec.json.decode(params["Message"])
    assert message["NewStateValue"] == "ALARM"
    assert message["OldStateValue"] == "OK"
    assert message["StateChangeTime"] == "2023-11-14T22:14:20.500+0000"
    assert message["Trigger"]["Statistic"] == "AVERAGE"
    assert len(here.transactions) == 1, "that it was told is remembered"


async def test_a_function_is_invoked() -> None:
    here: Any = FakeHere()
    alarm = ALARM.set("OK", "calm", '{"a": 1}', 1_700_000_060.5)
    await act(here, work(alarm, alarm.actions[0]))
    service, operation, params = here.asked[0]
    assert (service, operation, params["InvocationType"]) == ("lambda", "Invoke", "Event")
    event = msgspec.json.decode(params["Payload"])
    assert event["source"] == "aws.cloudwatch"
    assert event["alarmData"]["state"]["value"] == "OK"
    assert event["alarmData"]["state"]["reasonData"] == '{"a": 1}'


async def test_another_action_is_no_action() -> None:
    here: Any = FakeHere()
    with pytest.raises(AwsError, match="is no action"):
        await act(here, work(ALARM, "arn:aws:swf:us-east-1:000000000000:x"))
