"""What Global Accelerator gives to CloudFormation, in any region: AWS::GlobalAccelerator::Accelerator, Listener,
EndpointGroup. Ref gives the ARN. The requests go to the service's home region."""

from typing import Any

from panregion.services import Context, Here, ResourceType
from panregion.services.stack_calls import picked, retag, tag_list, tags_of, unless_gone, wait_until

SERVICE = "globalaccelerator"
PREFIX = "AWS::GlobalAccelerator::"
DEPLOYED_WAIT_S, POLL_S = 10.0, 0.05
Json = dict[str, Any]


def _token(context: Context) -> str:
    return f"{context.logical_id}-{context.suffix}"


async def create_accelerator(here: Here, properties: Json, context: Context) -> str:
    tags = tag_list(tags_of(properties, context))
    params = {
        **picked(properties, "Name", "Enabled", "IpAddressType", "IpAddresses"),
        "IdempotencyToken": _token(context),
        **({"Tags": tags} if tags else {}),
    }
    made = await here.request(SERVICE, "CreateAccelerator", params)
    arn: str = made["Accelerator"]["AcceleratorArn"]
    await _deployed(here, arn)
    return arn


async def _deployed(here: Here, arn: str) -> None:
    """Wait until the edge has it, for a while: a world without an edge deploys, too."""

    async def is_deployed() -> bool:
        shown = await here.request(SERVICE, "DescribeAccelerator", {"AcceleratorArn": arn})
        return bool(shown["Accelerator"]["Status"] == "DEPLOYED")

    await wait_until(here, is_deployed, limit_s=DEPLOYED_WAIT_S, poll_s=POLL_S)


async def update_accelerator(here: Here, arn: str, old: Json, new: Json, context: Context) -> None:
    params = {"Enabled": True, **picked(new, "Name", "Enabled", "IpAddressType", "IpAddresses")}
    await here.request(SERVICE, "UpdateAccelerator", {"AcceleratorArn": arn, **params})
    await retag(here, SERVICE, {"ResourceArn": arn}, tags_of(old, context), tags_of(new, context))


async def delete_accelerator(here: Here, arn: str, _properties: Json, _context: Context) -> None:
    await unless_gone(here, SERVICE, "UpdateAccelerator", AcceleratorArn=arn, Enabled=False)
    await unless_gone(here, SERVICE, "DeleteAccelerator", AcceleratorArn=arn)


async def accelerator_attributes(here: Here, arn: str, _properties: Json) -> Json:
    shown = (await here.request(SERVICE, "DescribeAccelerator", {"AcceleratorArn": arn}))["Accelerator"]
    return {"AcceleratorArn": arn, "DnsName": shown["DnsName"], "Ipv4Addresses": shown["IpSets"][0]["IpAddresses"]}


ACCELERATOR = ResourceType(
    type_name=f"{PREFIX}Accelerator",
    properties=frozenset({"Enabled", "IpAddressType", "IpAddresses", "Name", "Tags"}),
    required=frozenset({"Name"}),
    create=create_accelerator,
    update=update_accelerator,
    delete=delete_accelerator,
    attributes=accelerator_attributes,
)


async def create_listener(here: Here, properties: Json, context: Context) -> str:
    params = picked(properties, "AcceleratorArn", "ClientAffinity", "PortRanges", "Protocol")
    made = await here.request(SERVICE, "CreateListener", {**params, "IdempotencyToken": _token(context)})
    return str(made["Listener"]["ListenerArn"])


async def update_listener(here: Here, arn: str, _old: Json, new: Json, _context: Context) -> None:
    params = {"ClientAffinity": "NONE", **picked(new, "ClientAffinity", "PortRanges", "Protocol")}
    await here.request(SERVICE, "UpdateListener", {"ListenerArn": arn, **params})


async def delete_listener(here: Here, arn: str, _properties: Json, _context: Context) -> None:
    await unless_gone(here, SERVICE, "DeleteListener", ListenerArn=arn)


async def listener_attributes(_here: Here, arn: str, _properties: Json) -> Json:
    return {"ListenerArn": arn}


LISTENER = ResourceType(
    type_name=f"{PREFIX}Listener",
    properties=frozenset({"AcceleratorArn", "ClientAffinity", "PortRanges", "Protocol"}),
    required=frozenset({"AcceleratorArn", "PortRanges", "Protocol"}),
    replaces_on=frozenset({"AcceleratorArn"}),
    create=create_listener,
    update=update_listener,
    delete=delete_listener,
    attributes=listener_attributes,
)

GROUP_PROPERTIES = (
    *("EndpointConfigurations", "HealthCheckIntervalSeconds", "HealthCheckPath", "HealthCheckPort"),
    *("HealthCheckProtocol", "PortOverrides", "ThresholdCount", "TrafficDialPercentage"),
)
GROUP_DEFAULTS: Json = {
    "EndpointConfigurations": [],
    "HealthCheckIntervalSeconds": 30,
    "HealthCheckPath": "/",
    "HealthCheckProtocol": "TCP",
    "PortOverrides": [],
    "ThresholdCount": 3,
    "TrafficDialPercentage": 100.0,
}


async def create_group(here: Here, properties: Json, context: Context) -> str:
    params = picked(properties, "EndpointGroupRegion", "ListenerArn", *GROUP_PROPERTIES)
    made = await here.request(SERVICE, "CreateEndpointGroup", {**params, "IdempotencyToken": _token(context)})
    return str(made["EndpointGroup"]["EndpointGroupArn"])


async def update_group(here: Here, arn: str, _old: Json, new: Json, _context: Context) -> None:
    params = {**GROUP_DEFAULTS, **picked(new, *GROUP_PROPERTIES)}
    await here.request(SERVICE, "UpdateEndpointGroup", {"EndpointGroupArn": arn, **params})


async def delete_group(here: Here, arn: str, _properties: Json, _context: Context) -> None:
    await unless_gone(here, SERVICE, "DeleteEndpointGroup", EndpointGroupArn=arn)


async def group_attributes(_here: Here, arn: str, _properties: Json) -> Json:
    return {"EndpointGroupArn": arn}


ENDPOINT_GROUP = ResourceType(
    type_name=f"{PREFIX}EndpointGroup",
    properties=frozenset({"EndpointGroupRegion", "ListenerArn", *GROUP_PROPERTIES}),
    required=frozenset({"EndpointGroupRegion", "ListenerArn"}),
    replaces_on=frozenset({"EndpointGroupRegion", "ListenerArn"}),
    create=create_group,
    update=update_group,
    delete=delete_group,
    attributes=group_attributes,
)

RESOURCES = {kind.type_name: kind for kind in (ACCELERATOR, LISTENER, ENDPOINT_GROUP)}
