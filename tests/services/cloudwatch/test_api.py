"""CloudWatch's alarms as AWS's own client sees them."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from panregion.region import Region
from panregion.services import Context
from panregion.services.cloudwatch import SERVICE
from tests.support import ServedRegion

ALARM: dict[str, Any] = {
    "AlarmName": "errors",
    "MetricName": "5XXError",
    "Namespace": "AWS/ApiGateway",
    "Statistic": "Sum",
    "Dimensions": [{"Name": "ApiName", "Value": "hello"}],
    "Period": 60,
    "EvaluationPeriods": 3,
    "DatapointsToAlarm": 2,
    "Threshold": 5.0,
    "ComparisonOperator": "GreaterThanThreshold",
}


@pytest.fixture
def cloudwatch(served: ServedRegion) -> Any:
    client = served.client("cloudwatch")
    yield client
    names = [alarm["AlarmName"] for alarm in client.describe_alarms()["MetricAlarms"]]
    if names:
        client.delete_alarms(AlarmNames=names)


def failure(call: Any, **params: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as raised:
        call(**params)
    error = raised.value.response["Error"]
    return error["Code"], error["Message"]


def test_an_alarm_begins_without_data_and_is_what_it_is_set_to(cloudwatch: Any) -> None:
    cloudwatch.put_metric_alarm(**ALARM, AlarmDescription="too many")
    alarm = cloudwatch.describe_alarms(AlarmNames=["errors"])["MetricAlarms"][0]
    assert alarm["AlarmArn"] == "arn:aws:cloudwatch:us-east-1:000000000000:alarm:errors"
    assert (alarm["StateValue"], alarm["StateReason"]) == ("INSUFFICIENT_DATA", "Unchecked: Initial alarm creation")
    assert {name: alarm[name] for name in ALARM} == ALARM
    assert alarm["ActionsEnabled"] is True
    assert alarm["AlarmActions"] == []
    cloudwatch.set_alarm_state(
        AlarmName="errors", StateValue="ALARM", StateReason="a drill", StateReasonData='{"drill": 1}'
    )
    alarm = cloudwatch.describe_alarms(StateValue="ALARM")["MetricAlarms"][0]
    assert (alarm["StateReason"], alarm["StateReasonData"]) == ("a drill", '{"drill": 1}')
    transitioned = alarm["StateTransitionedTimestamp"]
    cloudwatch.set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="still")
    alarm = cloudwatch.describe_alarms()["MetricAlarms"][0]
    assert alarm["StateReason"] == "still"
    assert alarm["StateTransitionedTimestamp"] == transitioned
    assert cloudwatch.describe_alarms(StateValue="OK")["MetricAlarms"] == []


def test_putting_an_alarm_again_keeps_its_state_and_replaces_the_rest(cloudwatch: Any) -> None:
    cloudwatch.put_metric_alarm(**ALARM, AlarmDescription="too many")
    cloudwatch.set_alarm_state(AlarmName="errors", StateValue="OK", StateReason="fine")
    cloudwatch.put_metric_alarm(**{**ALARM, "Threshold": 9.0})
    alarm = cloudwatch.describe_alarms()["MetricAlarms"][0]
    assert (alarm["StateValue"], alarm["Threshold"]) == ("OK", 9.0)
    assert "AlarmDescription" not in alarm


def test_alarms_are_listed_by_name_page_by_page(cloudwatch: Any) -> None:
    for name in ("b2", "a", "b1"):
        cloudwatch.put_metric_alarm(**{**ALARM, "AlarmName": name})
    pages = cloudwatch.get_paginator("describe_alarms").paginate(PaginationConfig={"PageSize": 1})
    assert [alarm["AlarmName"] for page in pages for alarm in page["MetricAlarms"]] == ["a", "b1", "b2"]
    found = cloudwatch.describe_alarms(AlarmNamePrefix="b")["MetricAlarms"]
    assert [alarm["AlarmName"] for alarm in found] == ["b1", "b2"]
    assert cloudwatch.describe_alarms(AlarmTypes=["CompositeAlarm"])["MetricAlarms"] == []
    code, _ = failure(cloudwatch.describe_alarms, AlarmNames=["a"], AlarmNamePrefix="b")
    assert code == "InvalidParameterCombination"
    code, _ = failure(cloudwatch.describe_alarms, NextToken="no token")
    assert code == "InvalidNextToken"


def test_alarms_of_a_metric(cloudwatch: Any) -> None:
    cloudwatch.put_metric_alarm(**ALARM)
    metric = {name: ALARM[name] for name in ("MetricName", "Namespace", "Dimensions")}
    assert len(cloudwatch.describe_alarms_for_metric(**metric)["MetricAlarms"]) == 1
    assert cloudwatch.describe_alarms_for_metric(**{**metric, "Dimensions": []})["MetricAlarms"] == []
    assert cloudwatch.describe_alarms_for_metric(**metric, Period=300)["MetricAlarms"] == []


def test_tags(cloudwatch: Any) -> None:
    cloudwatch.put_metric_alarm(**ALARM, Tags=[{"Key": "a", "Value": "1"}])
    arn = "arn:aws:cloudwatch:us-east-1:000000000000:alarm:errors"
    cloudwatch.tag_resource(ResourceARN=arn, Tags=[{"Key": "b", "Value": "2"}])
    cloudwatch.untag_resource(ResourceARN=arn, TagKeys=["a"])
    assert cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "b", "Value": "2"}]
    code, _ = failure(cloudwatch.list_tags_for_resource, ResourceARN=arn + "2")
    assert code == "ResourceNotFoundException"
    code, _ = failure(cloudwatch.list_tags_for_resource, ResourceARN="arn:aws:cloudwatch:us-east-1:000000000000:dash")
    assert code == "InvalidParameterValue"


def test_actions_are_switched_off_and_on(cloudwatch: Any) -> None:
    cloudwatch.put_metric_alarm(**ALARM)
    cloudwatch.disable_alarm_actions(AlarmNames=["errors", "unknown"])
    assert cloudwatch.describe_alarms()["MetricAlarms"][0]["ActionsEnabled"] is False
    cloudwatch.enable_alarm_actions(AlarmNames=["errors"])
    assert cloudwatch.describe_alarms()["MetricAlarms"][0]["ActionsEnabled"] is True


def test_what_happened_to_an_alarm_is_told(cloudwatch: Any) -> None:
    name = "remembered"
    cloudwatch.put_metric_alarm(**{**ALARM, "AlarmName": name})
    for state in ("ALARM", "ALARM", "OK"):
        cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason=f"now {state}")
    cloudwatch.put_metric_alarm(**{**ALARM, "AlarmName": name, "Threshold": 9.0})
    cloudwatch.delete_alarms(AlarmNames=[name])
    pages = cloudwatch.get_paginator("describe_alarm_history").paginate(
        AlarmName=name, ScanBy="TimestampAscending", PaginationConfig={"PageSize": 2}
    )
    told = [item for page in pages for item in page["AlarmHistoryItems"]]
    assert [item["HistorySummary"] for item in told] == [
        'Alarm "remembered" created',
        "Alarm updated from INSUFFICIENT_DATA to ALARM",
        "Alarm updated from ALARM to OK",
        'Alarm "remembered" updated',
        'Alarm "remembered" deleted',
    ]
    assert json.loads(told[2]["HistoryData"])["newState"] == {"stateValue": "OK", "stateReason": "now OK"}
    turned = cloudwatch.describe_alarm_history(AlarmName=name, HistoryItemType="StateUpdate")["AlarmHistoryItems"]
    assert [item["HistorySummary"][-2:] for item in turned] == ["OK", "RM"], "the latest first"
    later = told[-1]["Timestamp"] + timedelta(seconds=1)
    assert cloudwatch.describe_alarm_history(AlarmName=name, StartDate=later)["AlarmHistoryItems"] == []
    assert failure(cloudwatch.describe_alarm_history, NextToken="x")[0] == "InvalidNextToken"


def test_what_is_not_there_is_not_found(cloudwatch: Any) -> None:
    code, message = failure(cloudwatch.set_alarm_state, AlarmName="no", StateValue="OK", StateReason="")
    assert (code, message) == ("ResourceNotFound", "Unknown alarm name: no")
    cloudwatch.put_metric_alarm(**ALARM)
    assert failure(cloudwatch.delete_alarms, AlarmNames=["errors", "no"])[0] == "ResourceNotFound"
    assert len(cloudwatch.describe_alarms()["MetricAlarms"]) == 1, "nothing was deleted"
    code, _ = failure(
        cloudwatch.set_alarm_state, AlarmName="errors", StateValue="OK", StateReason="", StateReasonData="{"
    )
    assert code == "InvalidFormat"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"Period": 45}, "Period must be 10, 20, 30 or a multiple of 60"),
        ({"Period": 3540, "EvaluationPeriods": 30}, "more than 1 day"),
        ({"DatapointsToAlarm": 4}, "DatapointsToAlarm must be less than or equal to EvaluationPeriods"),
        ({"ExtendedStatistic": "p90"}, "Exactly one of Statistic and ExtendedStatistic"),
        ({"TreatMissingData": "panic"}, "The value panic is not supported for TreatMissingData parameter"),
        ({"AlarmActions": ["topic"]}, "Invalid arn syntax: topic"),
        ({"AlarmActions": ["arn:aws:automate:us-east-1:ec2:stop"]}, "not on arn:aws:automate"),
        ({"Metrics": [{"Id": "m1", "Expression": "1", "ReturnData": True}]}, "mutually exclusive"),
    ],
)
def test_what_may_not_be(cloudwatch: Any, changes: dict[str, Any], words: str) -> None:
    code, message = failure(cloudwatch.put_metric_alarm, **{**ALARM, **changes})
    assert code == "ValidationError"
    assert words in message


def test_a_threshold_is_needed(cloudwatch: Any) -> None:
    without = {name: value for name, value in ALARM.items() if name != "Threshold"}
    assert "Threshold is required" in failure(cloudwatch.put_metric_alarm, **without)[1]


async def test_an_alarm_in_a_template(region: Region) -> None:
    kind = SERVICE.resources["AWS::CloudWatch::Alarm"]
    context = Context(stack_name="app", stack_id="arn", logical_id="Errors", suffix="ABCDEFGHIJKL", tags={"s": "app"})
    properties = {name: value for name, value in ALARM.items() if name != "AlarmName"}
    properties |= {"Period": "60", "Threshold": "5", "ActionsEnabled": "false", "Tags": [{"Key": "a", "Value": "1"}]}
    name = await kind.create(region.here, properties, context)
    assert name == await kind.create(region.here, properties, context) == "app-Errors-ABCDEFGHIJKL"
    arn = (await kind.attributes(region.here, name, properties))["Arn"]
    tags = await region.ask("cloudwatch", "ListTagsForResource", {"ResourceARN": arn})
    assert tags["Tags"] == [{"Key": "s", "Value": "app"}, {"Key": "a", "Value": "1"}]
    assert kind.update is not None
    await kind.update(region.here, name, properties, {**properties, "Threshold": "7", "Tags": []}, context)
    alarm = (await region.ask("cloudwatch", "DescribeAlarms", {}))["MetricAlarms"][0]
    assert (alarm["Threshold"], alarm["ActionsEnabled"]) == (7.0, False)
    tags = await region.ask("cloudwatch", "ListTagsForResource", {"ResourceARN": arn})
    assert tags["Tags"] == [{"Key": "s", "Value": "app"}]
    await kind.delete(region.here, name, properties, context)
    await kind.delete(region.here, name, properties, context)


async def test_states_are_followed(region: Region, tmp_path: Path) -> None:
    first = await region.ask("cloudwatch", "panregion:Changes", {"epoch": "", "after": 0})
    await region.ask("cloudwatch", "PutMetricAlarm", ALARM)
    await region.ask("cloudwatch", "SetAlarmState", {"AlarmName": "errors", "StateValue": "ALARM", "StateReason": ""})
    more = await region.ask("cloudwatch", "panregion:Changes", {"epoch": first["epoch"], "after": first["head"]})
    assert len(more["records"]) == 2
    assert b"ALARM" in more["records"][1]
