"""A stack of recovery resources: made in order, changed, rolled back by AWS's own rules, and deleted."""

import json
from typing import Any

from tests.services.route53_recovery_control_config.support import Plane, until

STACK = "recovery"


def template(rule_wait_ms: int = 0, control_name: str = "one") -> str:
    def ref(name: str) -> dict[str, str]:
        return {"Ref": name}

    rule = {
        "ControlPanelArn": ref("Panel"),
        "Name": "some-is-on",
        "RuleConfig": {"Type": "ATLEAST", "Threshold": 1, "Inverted": False},
        "AssertionRule": {"AssertedControls": [ref("One"), ref("Two")], "WaitPeriodMs": rule_wait_ms},
        "Tags": [{"Key": "a", "Value": "b"}],
    }
    place = {"ClusterArn": ref("Cluster"), "ControlPanelArn": ref("Panel")}
    resources = {
        "Cluster": ("Cluster", {"Name": "app"}),
        "Panel": ("ControlPanel", {"ClusterArn": ref("Cluster"), "Name": "panel"}),
        "One": ("RoutingControl", {**place, "Name": control_name}),
        "Two": ("RoutingControl", {**place, "Name": "two"}),
        "Rule": ("SafetyRule", rule),
    }
    outputs = {
        "Status": {"Value": {"Fn::GetAtt": ["Cluster", "Status"]}},
        "One": {"Value": {"Fn::GetAtt": ["One", "RoutingControlArn"]}},
        "Rule": {"Value": {"Fn::GetAtt": ["Rule", "SafetyRuleArn"]}},
    }
    typed = {
        name: {"Type": f"AWS::Route53RecoveryControl::{kind}", "Properties": properties}
        for name, (kind, properties) in resources.items()
    }
    return json.dumps({"Resources": typed, "Outputs": outputs})


def settled(client: Any, ending: str) -> dict[str, str]:
    """The stack's outputs once it is as wanted."""
    stack: dict[str, Any] = {}

    def done() -> bool:
        stack.update(client.describe_stacks(StackName=STACK)["Stacks"][0])
        assert "ROLLBACK" not in stack["StackStatus"], client.describe_stack_events(StackName=STACK)["StackEvents"]
        return bool(stack["StackStatus"] == ending)

    until(done)
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def test_a_stack_of_recovery_resources_lives_and_goes(plane: Plane) -> None:
    client = plane.served.client("cloudformation")
    client.create_stack(StackName=STACK, TemplateBody=template())
    outputs = settled(client, "CREATE_COMPLETE")
    assert outputs["Status"] == "DEPLOYED"
    cell = plane.five.client("us-west-2")
    cell.update_routing_control_state(RoutingControlArn=outputs["One"], RoutingControlState="On")

    client.update_stack(StackName=STACK, TemplateBody=template(1000, "uno"))
    again = settled(client, "UPDATE_COMPLETE")
    assert again == outputs  # changed in place
    rule = plane.config.describe_safety_rule(SafetyRuleArn=outputs["Rule"])["AssertionRule"]
    assert (rule["WaitPeriodMs"], rule["Status"]) == (1000, "DEPLOYED")
    told = cell.get_routing_control_state(RoutingControlArn=outputs["One"])
    assert (told["RoutingControlName"], told["RoutingControlState"]) == ("uno", "On")

    client.delete_stack(StackName=STACK)
    until(lambda: not plane.config.list_clusters()["Clusters"])
