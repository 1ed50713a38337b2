"""The resource types through CloudFormation: created in one region, kept in the service's home."""

import copy
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support import REGION, ServedRegion

TEMPLATE: dict[str, Any] = {
    "Resources": {
        "Balancer": {
            "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer",
            "Properties": {"Subnets": ["subnet-0000000000000000a", "subnet-0000000000000000b"]},
        },
        "Accelerator": {
            "Type": "AWS::GlobalAccelerator::Accelerator",
            "Properties": {"Name": "stacked", "Tags": [{"Key": "a", "Value": "1"}]},
        },
        "Listener": {
            "Type": "AWS::GlobalAccelerator::Listener",
            "Properties": {
                "AcceleratorArn": {"Ref": "Accelerator"},
                "Protocol": "TCP",
                "PortRanges": [{"FromPort": "80", "ToPort": "80"}],
                "ClientAffinity": "SOURCE_IP",
            },
        },
        "Group": {
            "Type": "AWS::GlobalAccelerator::EndpointGroup",
            "Properties": {
                "ListenerArn": {"Ref": "Listener"},
                "EndpointGroupRegion": REGION,
                "TrafficDialPercentage": "40",
                "EndpointConfigurations": [{"EndpointId": {"Ref": "Balancer"}, "Weight": "10"}],
            },
        },
    },
    "Outputs": {
        "Arn": {"Value": {"Ref": "Accelerator"}},
        "Name": {"Value": {"Fn::GetAtt": ["Accelerator", "DnsName"]}},
        "Addresses": {"Value": {"Fn::Join": [",", {"Fn::GetAtt": ["Accelerator", "Ipv4Addresses"]}]}},
        "Group": {"Value": {"Fn::GetAtt": ["Group", "EndpointGroupArn"]}},
        "Listener": {"Value": {"Fn::GetAtt": ["Listener", "ListenerArn"]}},
    },
}


def wait(client: Any, what: str) -> dict[str, str]:
    client.get_waiter(f"stack_{what}_complete").wait(StackName="front", WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    if what == "delete":
        return {}
    (stack,) = client.describe_stacks(StackName="front")["Stacks"]
    return {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}


def test_an_accelerator_as_a_stack(served: ServedRegion) -> None:
    stacks, client = served.client("cloudformation"), served.client("globalaccelerator")
    stacks.create_stack(StackName="front", TemplateBody=json.dumps(TEMPLATE))
    made = wait(stacks, "create")
    shown = client.describe_accelerator(AcceleratorArn=made["Arn"])["Accelerator"]
    assert (shown["DnsName"], shown["Name"]) == (made["Name"], "stacked")
    assert made["Addresses"].split(",") == shown["IpSets"][0]["IpAddresses"]
    group = client.describe_endpoint_group(EndpointGroupArn=made["Group"])["EndpointGroup"]
    assert (group["TrafficDialPercentage"], group["HealthCheckIntervalSeconds"]) == (40.0, 30)
    assert group["EndpointDescriptions"][0]["Weight"] == 10

    changed = copy.deepcopy(TEMPLATE)
    changed["Resources"]["Accelerator"]["Properties"] = {"Name": "renamed"}
    del changed["Resources"]["Group"]["Properties"]["TrafficDialPercentage"]
    changed["Resources"]["Listener"]["Properties"]["PortRanges"] = [{"FromPort": 8080, "ToPort": 8080}]
    stacks.update_stack(StackName="front", TemplateBody=json.dumps(changed))
    assert wait(stacks, "update") == made
    assert client.describe_accelerator(AcceleratorArn=made["Arn"])["Accelerator"]["Name"] == "renamed"
    assert client.list_tags_for_resource(ResourceArn=made["Arn"])["Tags"] == []
    group = client.describe_endpoint_group(EndpointGroupArn=made["Group"])["EndpointGroup"]
    assert group["TrafficDialPercentage"] == 100.0
    listener = client.describe_listener(ListenerArn=made["Listener"])["Listener"]
    assert listener["PortRanges"] == [{"FromPort": 8080, "ToPort": 8080}]

    stacks.delete_stack(StackName="front")
    wait(stacks, "delete")
    with pytest.raises(ClientError, match="AcceleratorNotFound"):
        client.describe_accelerator(AcceleratorArn=made["Arn"])
