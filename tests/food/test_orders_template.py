"""The template of examples/food-for-thought's orders: whose people each region's stack keeps, by its parameters."""

import json
from typing import Any

from panregion.services.cloudformation.package import package
from tests.food.functions import SOURCES
from tests.support import ServedRegion

TEMPLATE = SOURCES.parent / "orders.yaml"


def planned(served: ServedRegion, **parameters: str) -> tuple[set[str], dict[str, Any]]:
    """What a change set in us-east-1 would make, and the template after SAM."""
    client = served.client("cloudformation")
    given = {
        "StackName": "food-orders-planned",
        "ChangeSetName": "plan",
        "ChangeSetType": "CREATE",
        "TemplateBody": package(TEMPLATE, "not-uploaded").template,
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
    }
    client.create_change_set(**given)
    about = {"StackName": given["StackName"], "ChangeSetName": "plan"}
    client.get_waiter("change_set_create_complete").wait(**about, WaiterConfig={"Delay": 0.1})
    found = client.describe_change_set(**about)
    template = client.get_template(**about, TemplateStage="Processed")["TemplateBody"]
    client.delete_stack(StackName=given["StackName"])
    processed = json.loads(template) if isinstance(template, str) else template
    return {change["ResourceChange"]["LogicalResourceId"] for change in found["Changes"]}, processed


def test_america_keeps_americans_and_europe_keeps_europeans(served: ServedRegion) -> None:
    american, template = planned(served)
    european, _ = planned(served, AmericanRegion="us-west-2", EuropeanRegion="us-east-1")
    also_european, _ = planned(served, AmericanRegion="us-west-2", OtherEuropeanRegion="us-east-1")
    assert american - also_european == {"Americans"}
    assert european - also_european == {"Europeans"}
    replicas = template["Resources"]["Europeans"]["Properties"]["Replicas"]
    assert [replica["Region"] for replica in replicas] == [{"Ref": "EuropeanRegion"}, {"Ref": "OtherEuropeanRegion"}]


def test_no_function_in_america_is_told_of_the_table_of_europeans_or_may_read_it(served: ServedRegion) -> None:
    _, template = planned(served)
    kinds = ("AWS::Lambda::Function", "AWS::IAM::Role")
    resources = [each for each in template["Resources"].values() if each["Type"] in kinds]
    assert any("food-people-eu" in json.dumps(each) for each in resources)
    assert not any("food-people-eu" in json.dumps(without(each, "IsEuropean")) for each in resources)


def test_the_provider_may_be_waited_for_twice_before_the_function_is_ended(served: ServedRegion) -> None:
    """A function that is ended puts nothing off: its message would come at the pace of its queue, unlogged."""
    _, template = planned(served)
    patience = template["Parameters"]["PaymentsTimeoutSeconds"]["MaxValue"]
    assert 2 * patience < template["Resources"]["PaymentsFunction"]["Properties"]["Timeout"]


def test_an_alarm_tells_of_every_dead_letter_queue(served: ServedRegion) -> None:
    """An order whose charge was given up waits for good, and looks like any other that was placed."""
    _, template = planned(served)
    resources: dict[str, Any] = template["Resources"]
    queues = [each["Properties"] for each in resources.values() if each["Type"] == "AWS::SQS::Queue"]
    dead = {
        queue["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0] for queue in queues if "RedrivePolicy" in queue
    }
    alarms = [each["Properties"] for each in resources.values() if each["Type"] == "AWS::CloudWatch::Alarm"]
    assert (
        {alarm["Dimensions"][0]["Value"]["Fn::GetAtt"][0] for alarm in alarms} == dead == {"ChargesDead", "ParkedDead"}
    )


def without(value: Any, condition: str) -> Any:
    """A value of a template where a condition does not hold."""
    if isinstance(value, dict):
        if list(value) == ["Fn::If"] and value["Fn::If"][0] == condition:
            return without(value["Fn::If"][2], condition)
        return {name: without(each, condition) for name, each in value.items()}
    return [without(each, condition) for each in value] if isinstance(value, list) else value
