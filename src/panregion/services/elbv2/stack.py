"""What load balancing gives to CloudFormation.

AWS::ElasticLoadBalancingV2::LoadBalancer, Listener, ListenerCertificate, ListenerRule, TargetGroup. Ref gives the ARN.
"""

from typing import Any

from panregion.services import Context, Here, ResourceType
from panregion.services.once import forget, once
from panregion.wire import AwsError

SERVICE = "elbv2"
Json = dict[str, Any]
PREFIX = "AWS::ElasticLoadBalancingV2::"
NAME_MAX = 32


def _tags(properties: Json, context: Context) -> list[Json]:
    own = {tag["Key"]: str(tag["Value"]) for tag in properties.get("Tags") or []}
    return [{"Key": key, "Value": value} for key, value in {**context.tags, **own}.items()]


def _tagged(properties: Json, context: Context) -> Json:
    tags = _tags(properties, context)
    return {"Tags": tags} if tags else {}


def _taken(properties: Json, *names: str) -> Json:
    return {name: properties[name] for name in names if name in properties}


async def _update_tags(here: Here, arn: str, old: Json, new: Json, context: Context) -> None:
    kept = {tag["Key"] for tag in _tags(new, context)}
    gone = [tag["Key"] for tag in _tags(old, context) if tag["Key"] not in kept]
    if gone:
        await here.request(SERVICE, "RemoveTags", {"ResourceArns": [arn], "TagKeys": gone})
    if kept:
        await here.request(SERVICE, "AddTags", {"ResourceArns": [arn], "Tags": _tags(new, context)})


async def _delete(here: Here, operation: str, params: Json, context: Context, *gone: str) -> None:
    try:
        await here.request(SERVICE, operation, params)
    except AwsError as error:
        if not error.code.removesuffix("Exception").endswith(("NotFound", *gone)):
            raise
    await forget(here, SERVICE, context)


# Load balancers

BALANCER_PROPERTIES = ("Scheme", "SecurityGroups", "SubnetMappings", "Subnets", "Type", "IpAddressType")


async def create_balancer(here: Here, properties: Json, context: Context) -> str:
    def create(here: Here) -> str:
        params = {
            "Name": properties.get("Name") or context.name(NAME_MAX),
            **_taken(properties, *BALANCER_PROPERTIES),
            **_tagged(properties, context),
        }
        arn: str = here.call(SERVICE, "CreateLoadBalancer", params)["LoadBalancers"][0]["LoadBalancerArn"]
        _set_attributes(here, "LoadBalancer", arn, properties)
        return arn

    return await once(here, SERVICE, context, create)


def _set_attributes(here: Here, kind: str, arn: str, properties: Json) -> None:
    attributes = properties.get(f"{kind}Attributes")
    if attributes:
        here.call(SERVICE, f"Modify{kind}Attributes", {f"{kind}Arn": arn, "Attributes": attributes})


async def update_balancer(here: Here, arn: str, old: Json, new: Json, context: Context) -> None:
    of = {"LoadBalancerArn": arn}
    if any(old.get(name) != new.get(name) for name in ("Subnets", "SubnetMappings")):
        await here.request(SERVICE, "SetSubnets", {**of, **_taken(new, "Subnets", "SubnetMappings")})
    if old.get("SecurityGroups") != new.get("SecurityGroups") and new.get("SecurityGroups"):
        await here.request(SERVICE, "SetSecurityGroups", {**of, **_taken(new, "SecurityGroups")})
    if old.get("IpAddressType") != new.get("IpAddressType"):
        await here.request(SERVICE, "SetIpAddressType", {**of, "IpAddressType": new.get("IpAddressType", "ipv4")})
    await here.transact(lambda here: _set_attributes(here, "LoadBalancer", arn, new))
    await _update_tags(here, arn, old, new, context)


async def delete_balancer(here: Here, arn: str, _properties: Json, context: Context) -> None:
    await _delete(here, "DeleteLoadBalancer", {"LoadBalancerArn": arn}, context)


async def balancer_attributes(here: Here, arn: str, _properties: Json) -> Json:
    asked = {"LoadBalancerArns": [arn]}
    found = (await here.request(SERVICE, "DescribeLoadBalancers", asked))["LoadBalancers"][0]
    return {
        "LoadBalancerArn": arn,
        "DNSName": found["DNSName"],
        "CanonicalHostedZoneID": found["CanonicalHostedZoneId"],
        "LoadBalancerFullName": arn.split(":loadbalancer/", 1)[1],
        "LoadBalancerName": found["LoadBalancerName"],
        "SecurityGroups": found["SecurityGroups"],
    }


LOAD_BALANCER = ResourceType(
    type_name=f"{PREFIX}LoadBalancer",
    properties=frozenset({"LoadBalancerAttributes", "Name", "Tags", *BALANCER_PROPERTIES}),
    replaces_on=frozenset({"Name", "Scheme", "Type"}),
    create=create_balancer,
    update=update_balancer,
    delete=delete_balancer,
    attributes=balancer_attributes,
)


# Listeners

LISTENER_PROPERTIES = (
    *("AlpnPolicy", "Certificates", "DefaultActions", "MutualAuthentication", "Port", "Protocol", "SslPolicy"),
)


async def create_listener(here: Here, properties: Json, context: Context) -> str:
    def create(here: Here) -> str:
        params = {
            **_taken(properties, "LoadBalancerArn", *LISTENER_PROPERTIES),
            **({"Tags": tags} if (tags := _tags({}, context)) else {}),
        }
        arn: str = here.call(SERVICE, "CreateListener", params)["Listeners"][0]["ListenerArn"]
        _set_attributes(here, "Listener", arn, properties)
        return arn

    return await once(here, SERVICE, context, create)


async def update_listener(here: Here, arn: str, _old: Json, new: Json, _context: Context) -> None:
    await here.request(SERVICE, "ModifyListener", {"ListenerArn": arn, **_taken(new, *LISTENER_PROPERTIES)})
    await here.transact(lambda here: _set_attributes(here, "Listener", arn, new))


async def delete_listener(here: Here, arn: str, _properties: Json, context: Context) -> None:
    await _delete(here, "DeleteListener", {"ListenerArn": arn}, context)


async def listener_attributes(_here: Here, arn: str, _properties: Json) -> Json:
    return {"ListenerArn": arn}


LISTENER = ResourceType(
    type_name=f"{PREFIX}Listener",
    properties=frozenset({"ListenerAttributes", "LoadBalancerArn", *LISTENER_PROPERTIES}),
    required=frozenset({"DefaultActions", "LoadBalancerArn"}),
    replaces_on=frozenset({"LoadBalancerArn"}),
    create=create_listener,
    update=update_listener,
    delete=delete_listener,
    attributes=listener_attributes,
)


async def create_certificates(here: Here, properties: Json, context: Context) -> str:
    await here.request(SERVICE, "AddListenerCertificates", _taken(properties, "ListenerArn", "Certificates"))
    return f"{context.name()}"


async def update_certificates(here: Here, _id: str, old: Json, new: Json, _context: Context) -> None:
    gone = [each for each in old["Certificates"] if each not in new["Certificates"]]
    if gone:
        params = {"ListenerArn": new["ListenerArn"], "Certificates": gone}
        await here.request(SERVICE, "RemoveListenerCertificates", params)
    await here.request(SERVICE, "AddListenerCertificates", _taken(new, "ListenerArn", "Certificates"))


async def delete_certificates(here: Here, _id: str, properties: Json, context: Context) -> None:
    params = _taken(properties, "ListenerArn", "Certificates")
    await _delete(here, "RemoveListenerCertificates", params, context)


LISTENER_CERTIFICATE = ResourceType(
    type_name=f"{PREFIX}ListenerCertificate",
    properties=frozenset({"Certificates", "ListenerArn"}),
    required=frozenset({"Certificates", "ListenerArn"}),
    replaces_on=frozenset({"ListenerArn"}),
    create=create_certificates,
    update=update_certificates,
    delete=delete_certificates,
)


# Rules


async def create_rule(here: Here, properties: Json, context: Context) -> str:
    def create(here: Here) -> str:
        params = _taken(properties, "ListenerArn", "Priority", "Conditions", "Actions")
        tags = _tags({}, context)
        params |= {"Tags": tags} if tags else {}
        return str(here.call(SERVICE, "CreateRule", params)["Rules"][0]["RuleArn"])

    return await once(here, SERVICE, context, create)


async def update_rule(here: Here, arn: str, old: Json, new: Json, _context: Context) -> None:
    if str(old["Priority"]) != str(new["Priority"]):
        moved = [{"RuleArn": arn, "Priority": new["Priority"]}]
        await here.request(SERVICE, "SetRulePriorities", {"RulePriorities": moved})
    await here.request(SERVICE, "ModifyRule", {"RuleArn": arn, **_taken(new, "Conditions", "Actions")})


async def delete_rule(here: Here, arn: str, _properties: Json, context: Context) -> None:
    await _delete(here, "DeleteRule", {"RuleArn": arn}, context)


async def rule_attributes(_here: Here, arn: str, _properties: Json) -> Json:
    return {"RuleArn": arn, "IsDefault": False}


LISTENER_RULE = ResourceType(
    type_name=f"{PREFIX}ListenerRule",
    properties=frozenset({"Actions", "Conditions", "ListenerArn", "Priority"}),
    required=frozenset({"Actions", "Conditions", "ListenerArn", "Priority"}),
    replaces_on=frozenset({"ListenerArn"}),
    create=create_rule,
    update=update_rule,
    delete=delete_rule,
    attributes=rule_attributes,
)


# Target groups

CHECK_PROPERTIES = (
    *("HealthCheckEnabled", "HealthCheckIntervalSeconds", "HealthCheckPath", "HealthCheckPort"),
    *("HealthCheckProtocol", "HealthCheckTimeoutSeconds", "HealthyThresholdCount", "Matcher"),
    "UnhealthyThresholdCount",
)
GROUP_PROPERTIES = ("IpAddressType", "Port", "Protocol", "ProtocolVersion", "TargetType", "VpcId")


async def create_group(here: Here, properties: Json, context: Context) -> str:
    def create(here: Here) -> str:
        params = {
            "Name": properties.get("Name") or context.name(NAME_MAX),
            **_taken(properties, *GROUP_PROPERTIES, *CHECK_PROPERTIES),
            **_tagged(properties, context),
        }
        arn: str = here.call(SERVICE, "CreateTargetGroup", params)["TargetGroups"][0]["TargetGroupArn"]
        _set_attributes(here, "TargetGroup", arn, properties)
        if properties.get("Targets"):
            here.call(SERVICE, "RegisterTargets", {"TargetGroupArn": arn, "Targets": properties["Targets"]})
        return arn

    return await once(here, SERVICE, context, create)


async def update_group(here: Here, arn: str, old: Json, new: Json, context: Context) -> None:
    of = {"TargetGroupArn": arn}
    checked = _taken(new, *CHECK_PROPERTIES)
    if checked:
        await here.request(SERVICE, "ModifyTargetGroup", {**of, **checked})
    await here.transact(lambda here: _set_attributes(here, "TargetGroup", arn, new))
    before, after = old.get("Targets") or [], new.get("Targets") or []
    gone = [target for target in before if target not in after]
    added = [target for target in after if target not in before]
    if gone:
        await here.request(SERVICE, "DeregisterTargets", {**of, "Targets": gone})
    if added:
        await here.request(SERVICE, "RegisterTargets", {**of, "Targets": added})
    await _update_tags(here, arn, old, new, context)


async def delete_group(here: Here, arn: str, _properties: Json, context: Context) -> None:
    await _delete(here, "DeleteTargetGroup", {"TargetGroupArn": arn}, context)


async def group_attributes(here: Here, arn: str, _properties: Json) -> Json:
    found = (await here.request(SERVICE, "DescribeTargetGroups", {"TargetGroupArns": [arn]}))["TargetGroups"][0]
    return {
        "TargetGroupArn": arn,
        "TargetGroupName": found["TargetGroupName"],
        "TargetGroupFullName": arn.rsplit(":", 1)[1],
        "LoadBalancerArns": found["LoadBalancerArns"],
    }


TARGET_GROUP = ResourceType(
    type_name=f"{PREFIX}TargetGroup",
    properties=frozenset({"Name", "Tags", "TargetGroupAttributes", "Targets", *GROUP_PROPERTIES, *CHECK_PROPERTIES}),
    replaces_on=frozenset({"Name", *GROUP_PROPERTIES}),
    create=create_group,
    update=update_group,
    delete=delete_group,
    attributes=group_attributes,
)

GIVEN = (LOAD_BALANCER, LISTENER, LISTENER_CERTIFICATE, LISTENER_RULE, TARGET_GROUP)
RESOURCES = {kind.type_name: kind for kind in GIVEN}
