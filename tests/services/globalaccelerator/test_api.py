"""Every operation by boto3, its answers and refusals as AWS documents them."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from botocore.exceptions import ClientError

from panregion.region import Region
from tests.support import REGION, ServedRegion

SUBNETS = ["subnet-0000000000000000a", "subnet-0000000000000000b"]
NUMBERS = count()


@pytest.fixture
def client(served: ServedRegion) -> Any:
    return served.client("globalaccelerator")


@pytest.fixture
def accelerator(client: Any) -> Iterator[str]:
    made = client.create_accelerator(Name=f"api-{next(NUMBERS)}", IdempotencyToken=f"t-{next(NUMBERS)}")
    arn = made["Accelerator"]["AcceleratorArn"]
    yield arn
    remove(client, arn)


def remove(client: Any, arn: str) -> None:
    for listener in client.list_listeners(AcceleratorArn=arn)["Listeners"]:
        for group in client.list_endpoint_groups(ListenerArn=listener["ListenerArn"])["EndpointGroups"]:
            client.delete_endpoint_group(EndpointGroupArn=group["EndpointGroupArn"])
        client.delete_listener(ListenerArn=listener["ListenerArn"])
    client.update_accelerator(AcceleratorArn=arn, Enabled=False)
    client.delete_accelerator(AcceleratorArn=arn)


@pytest.fixture
def balancer(served: ServedRegion) -> Iterator[str]:
    elbv2 = served.client("elbv2")
    made = elbv2.create_load_balancer(Name=f"ga-{next(NUMBERS)}", Subnets=SUBNETS)["LoadBalancers"][0]
    yield made["LoadBalancerArn"]
    elbv2.delete_load_balancer(LoadBalancerArn=made["LoadBalancerArn"])


def listen(client: Any, accelerator: str, port: int = 80, **more: Any) -> str:
    given = {"Protocol": "TCP", "PortRanges": [{"FromPort": port, "ToPort": port}], **more}
    made = client.create_listener(AcceleratorArn=accelerator, IdempotencyToken=f"t-{next(NUMBERS)}", **given)
    return str(made["Listener"]["ListenerArn"])


def group(client: Any, listener: str, **more: Any) -> dict[str, Any]:
    given = {"EndpointGroupRegion": REGION, "IdempotencyToken": f"t-{next(NUMBERS)}", **more}
    made: dict[str, Any] = client.create_endpoint_group(ListenerArn=listener, **given)["EndpointGroup"]
    return made


def code_of(call: Any, **params: Any) -> str:
    with pytest.raises(ClientError) as refused:
        call(**params)
    return str(refused.value.response["Error"]["Code"])


def test_an_accelerator_has_two_static_addresses_and_a_name(client: Any) -> None:
    token = f"t-{next(NUMBERS)}"
    made = client.create_accelerator(Name="first", IdempotencyToken=token, Tags=[{"Key": "a", "Value": "1"}])
    made = made["Accelerator"]
    arn = made["AcceleratorArn"]
    assert made["Status"] == "IN_PROGRESS"
    assert made["DnsName"].endswith(".awsglobalaccelerator.com")
    (addresses,) = made["IpSets"]
    assert len(addresses["IpAddresses"]) == 2
    assert addresses["IpAddressFamily"] == "IPv4"
    again = client.create_accelerator(Name="first", IdempotencyToken=token)["Accelerator"]
    assert again["AcceleratorArn"] == arn
    found = client.describe_accelerator(AcceleratorArn=arn)["Accelerator"]
    assert (found["Status"], found["Enabled"], found["IpAddressType"]) == ("DEPLOYED", True, "IPV4")
    assert arn in [each["AcceleratorArn"] for each in client.list_accelerators()["Accelerators"]]
    assert client.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "a", "Value": "1"}]
    client.tag_resource(ResourceArn=arn, Tags=[{"Key": "b", "Value": "2"}])
    client.untag_resource(ResourceArn=arn, TagKeys=["a"])
    assert client.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "b", "Value": "2"}]
    assert client.describe_accelerator_attributes(AcceleratorArn=arn)["AcceleratorAttributes"] == {
        "FlowLogsEnabled": False
    }
    where = {"FlowLogsS3Bucket": "logs", "FlowLogsS3Prefix": "front/"}
    kept = client.update_accelerator_attributes(AcceleratorArn=arn, **where)["AcceleratorAttributes"]
    assert kept == {"FlowLogsEnabled": False, **where}
    assert client.describe_accelerator_attributes(AcceleratorArn=arn)["AcceleratorAttributes"] == kept
    writing = {"AcceleratorArn": arn, "FlowLogsEnabled": True, **where}
    assert code_of(client.update_accelerator_attributes, **writing) == "NotImplemented"
    renamed = client.update_accelerator(AcceleratorArn=arn, Name="second")["Accelerator"]
    assert renamed["Name"] == "second"
    assert code_of(client.delete_accelerator, AcceleratorArn=arn) == "AcceleratorNotDisabledException"
    client.update_accelerator(AcceleratorArn=arn, Enabled=False)
    client.delete_accelerator(AcceleratorArn=arn)
    assert code_of(client.describe_accelerator, AcceleratorArn=arn) == "AcceleratorNotFoundException"


def test_listeners(client: Any, accelerator: str) -> None:
    ranges = [{"FromPort": 80, "ToPort": 80}, {"FromPort": 8000, "ToPort": 8010}]
    listener = listen(client, accelerator, PortRanges=ranges, ClientAffinity="SOURCE_IP")
    found = client.describe_listener(ListenerArn=listener)["Listener"]
    assert found == {
        "ListenerArn": listener,
        "PortRanges": ranges,
        "Protocol": "TCP",
        "ClientAffinity": "SOURCE_IP",
    }
    overlapping = [{"FromPort": 8010, "ToPort": 8020}]
    params = {"AcceleratorArn": accelerator, "IdempotencyToken": "x", "Protocol": "TCP"}
    assert code_of(client.create_listener, **params, PortRanges=overlapping) == "InvalidPortRangeException"
    backwards = [{"FromPort": 9, "ToPort": 8}]
    assert code_of(client.create_listener, **params, PortRanges=backwards) == "InvalidPortRangeException"
    many = [{"FromPort": 1, "ToPort": 65535}]
    assert code_of(client.create_listener, **params, PortRanges=many) == "InvalidArgumentException"
    other = listen(client, accelerator, PortRanges=overlapping, Protocol="UDP")
    changed = client.update_listener(ListenerArn=other, ClientAffinity="SOURCE_IP")["Listener"]
    assert (changed["Protocol"], changed["ClientAffinity"]) == ("UDP", "SOURCE_IP")
    assert code_of(client.update_listener, ListenerArn=other, Protocol="TCP") == "InvalidPortRangeException"
    page = client.list_listeners(AcceleratorArn=accelerator, MaxResults=1)
    rest = client.list_listeners(AcceleratorArn=accelerator, NextToken=page["NextToken"])
    assert {each["ListenerArn"] for each in page["Listeners"] + rest["Listeners"]} == {listener, other}
    assert code_of(client.list_listeners, AcceleratorArn=accelerator, NextToken="x") == "InvalidNextTokenException"
    client.update_accelerator(AcceleratorArn=accelerator, Enabled=False)
    assert code_of(client.delete_accelerator, AcceleratorArn=accelerator) == "AssociatedListenerFoundException"
    client.delete_listener(ListenerArn=other)
    assert code_of(client.describe_listener, ListenerArn=other) == "ListenerNotFoundException"


def test_endpoint_groups(client: Any, accelerator: str, balancer: str) -> None:
    listener = listen(client, accelerator)
    made = group(
        client,
        listener,
        EndpointConfigurations=[{"EndpointId": balancer, "Weight": 20}],
        TrafficDialPercentage=30.0,
        HealthCheckIntervalSeconds=10,
        PortOverrides=[{"ListenerPort": 80, "EndpointPort": 8080}],
    )
    arn = made["EndpointGroupArn"]
    assert made["HealthCheckPort"] == 80
    assert (made["HealthCheckProtocol"], made["ThresholdCount"]) == ("TCP", 3)
    (endpoint,) = made["EndpointDescriptions"]
    assert (endpoint["EndpointId"], endpoint["Weight"], endpoint["HealthState"]) == (balancer, 20, "INITIAL")
    assert endpoint["ClientIPPreservationEnabled"] is True
    assert made["PortOverrides"] == [{"ListenerPort": 80, "EndpointPort": 8080}]
    again = {"ListenerArn": listener, "EndpointGroupRegion": REGION, "IdempotencyToken": "again"}
    assert code_of(client.create_endpoint_group, **again) == "EndpointGroupAlreadyExistsException"
    changed = client.update_endpoint_group(EndpointGroupArn=arn, TrafficDialPercentage=0.0, ThresholdCount=1)
    changed = changed["EndpointGroup"]
    assert (changed["TrafficDialPercentage"], changed["ThresholdCount"]) == (0.0, 1)
    assert changed["EndpointDescriptions"][0]["EndpointId"] == balancer
    configurations = [{"EndpointId": balancer, "Weight": 255}]
    changed = client.update_endpoint_group(EndpointGroupArn=arn, EndpointConfigurations=configurations)
    assert changed["EndpointGroup"]["EndpointDescriptions"][0]["Weight"] == 255
    assert client.list_endpoint_groups(ListenerArn=listener)["EndpointGroups"][0]["EndpointGroupArn"] == arn
    assert code_of(client.delete_listener, ListenerArn=listener) == "AssociatedEndpointGroupFoundException"
    client.remove_endpoints(EndpointGroupArn=arn, EndpointIdentifiers=[{"EndpointId": balancer}])
    assert client.describe_endpoint_group(EndpointGroupArn=arn)["EndpointGroup"]["EndpointDescriptions"] == []
    gone = {"EndpointGroupArn": arn, "EndpointIdentifiers": [{"EndpointId": balancer}]}
    assert code_of(client.remove_endpoints, **gone) == "EndpointNotFoundException"
    added = client.add_endpoints(EndpointGroupArn=arn, EndpointConfigurations=[{"EndpointId": balancer}])
    assert added["EndpointDescriptions"][0]["Weight"] == 128
    twice = {"EndpointGroupArn": arn, "EndpointConfigurations": [{"EndpointId": balancer}]}
    assert code_of(client.add_endpoints, **twice) == "EndpointAlreadyExistsException"
    client.delete_endpoint_group(EndpointGroupArn=arn)
    assert code_of(client.describe_endpoint_group, EndpointGroupArn=arn) == "EndpointGroupNotFoundException"


BALANCERS = f"arn:aws:elasticloadbalancing:{REGION}:000000000000:loadbalancer"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"EndpointGroupRegion": "eu-south-9"}, "InvalidArgumentException"),
        ({"HealthCheckIntervalSeconds": 20}, "InvalidArgumentException"),
        ({"EndpointConfigurations": [{"EndpointId": f"{BALANCERS}/app/x/1"}]}, "EndpointNotFoundException"),
        ({"EndpointConfigurations": [{"EndpointId": f"{BALANCERS}/net/x/1"}]}, "EndpointNotFoundException"),
        ({"EndpointConfigurations": [{"EndpointId": f"{BALANCERS}/gwy/x/1"}]}, "NotImplemented"),
        ({"EndpointConfigurations": [{"EndpointId": "i-0123456789abcdef0"}]}, "NotImplemented"),
        (
            {"EndpointConfigurations": [{"EndpointId": f"{BALANCERS}/app/x/1".replace(REGION, "eu-west-1")}]},
            "InvalidArgumentException",
        ),
        ({"PortOverrides": [{"ListenerPort": 81, "EndpointPort": 8080}]}, "InvalidArgumentException"),
    ],
)
def test_refusals_of_groups(client: Any, accelerator: str, changes: dict[str, Any], code: str) -> None:
    listener = listen(client, accelerator)
    params = {"ListenerArn": listener, "EndpointGroupRegion": REGION, "IdempotencyToken": "x", **changes}
    assert code_of(client.create_endpoint_group, **params) == code


def test_refusals_of_accelerators(client: Any) -> None:
    new = {"Name": "x", "IdempotencyToken": "x"}
    assert code_of(client.create_accelerator, **{**new, "Name": "-x"}) == "InvalidArgumentException"
    assert code_of(client.create_accelerator, **new, IpAddressType="DUAL_STACK") == "NotImplemented"
    assert code_of(client.create_accelerator, **new, IpAddresses=["192.0.2.1"]) == "NotImplemented"
    assert code_of(client.create_custom_routing_accelerator, **new) == "NotImplemented"


def test_an_application_load_balancer_is_no_endpoint_for_udp(client: Any, accelerator: str, balancer: str) -> None:
    listener = listen(client, accelerator, Protocol="UDP")
    params = {"ListenerArn": listener, "EndpointGroupRegion": REGION, "IdempotencyToken": "x"}
    endpoints = [{"EndpointId": balancer}]
    assert (
        code_of(client.create_endpoint_group, **params, EndpointConfigurations=endpoints) == "InvalidArgumentException"
    )


async def test_what_the_edge_is_told(region: Region) -> None:
    """A snapshot first, then every change as a whole tree; an accelerator is deployed once the edge has asked on."""
    made = await region.ask("globalaccelerator", "CreateAccelerator", {"Name": "a", "IdempotencyToken": "1"})
    arn = made["Accelerator"]["AcceleratorArn"]
    told = await region.ask("globalaccelerator", "panregion:Changes", {"epoch": "", "after": 0})
    assert told["snapshot"]

    async def status() -> str:
        shown = await region.ask("globalaccelerator", "DescribeAccelerator", {"AcceleratorArn": arn})
        return str(shown["Accelerator"]["Status"])

    assert await status() == "IN_PROGRESS"
    position = {"epoch": told["epoch"], "after": told["head"]}
    assert (await region.ask("globalaccelerator", "panregion:Changes", position))["records"] == []
    assert await status() == "DEPLOYED"
    await region.ask("globalaccelerator", "UpdateAccelerator", {"AcceleratorArn": arn, "Enabled": False})
    assert await status() == "IN_PROGRESS"
    more = await region.ask("globalaccelerator", "panregion:Changes", position)
    assert len(more["records"]) == 1
