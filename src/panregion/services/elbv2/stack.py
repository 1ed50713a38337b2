"""What load balancing gives to CloudFormation.

AWS::ElasticLoadBalancingV2::LoadBalancer, Listener, ListenerCertificate, ListenerRule, TargetGroup. Ref gives the ARN.
"""

from typing import Any

from panregion.services import Context, Here, ResourceType
from panregion.services.once import forget, once
from panregion.services.stack_calls import GONE, picked, tag_list, tags_of, unless_gone

SERVICE = "elbv2"
Json = dict[str, Any]
PREFIX = "AWS::ElasticLoadBalancingV2::"
NAME_MAX = 32


def _tagged(properties: Json, context: Context) -> Json:
    tags = tag_list(tags_of(properties, context))
    return {"Tags": tags} if tags else {}


async def _update_tags(here: Here, arn: str, old: Json, new: Json, context: Context) -> None:
    before, after = tags_of(old, context), tags_of(new, context)
    gone = [key for key in before if key not in after]
    if gone:
        await here.request(SERVICE, "RemoveTags", {"ResourceArns": [arn], "TagKeys": gone})
    if after:
        await here.request(SERVICE, "AddTags", {"ResourceArns": [arn], "Tags": tag_list(after)})


async def _delete(here: Here, operation: str, params: Json, context: Context, *gone: str) -> None:
    await unless_gone(here, SERVICE, operation, gone=(*GONE, *gone), **params)
    await forget(here, SERVICE, context)


# Load balancers

BALANCER_PROPERTIES = ("Scheme", "SecurityGroups", "SubnetMappings", "Subnets", "Type", "IpAddressType")


async def create_balancer(here: Here, properties: Json, context: Context) -> str:
    def create(here: Here) -> str:
        params = {
            "Name": properties.get("Name") or context.name(NAME_MAX),
            **picked(properties, *BALANCER_PROPERTIES),
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
        await here.request(SERVICE, "SetSubnets", {**of, **picked(new, "Subnets", "SubnetMappings")})
    if old.get("SecurityGroups") != new.get("SecurityGroups") and new.get("SecurityGroups"):
        await here.request(SERVICE, "SetSecurityGroups", {**of, **picked(new, "SecurityGroups")})
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
            **picked(properties, "LoadBalancerArn", *LISTENER_PROPERTIES),
            **({"Tags": tags} if (tags := tag_list(context.tags)) else {}),
        }
        arn: str = here.call(SERVICE, "CreateListener", params)["Listeners"][0]["ListenerArn"]
        _set_attributes(here, "Listener", arn, properties)
        return arn

    return await once(here, SERVICE, context, create)


async def update_listener(here: Here, arn: str, _old: Json, new: Json, _context: Context) -> None:
    await here.request(SERVICE, "ModifyListener", {"ListenerArn": arn, **picked(new, *LISTENER_PROPERTIES)})
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
    await here.request(SERVICE, "AddListenerCertificates", picked(properties, "ListenerArn", "Certificates"))
    return f"{context.name()}"


async def update_certificates(here: Here, _id: str, old: Json, new: Json, _context: Context) -> None:
    gone = [each for each in old["Certificates"] if each not in new["Certificates"]]
    if gone:
        params = {"ListenerArn": new["ListenerArn"], "Certificates": gone}
        await here.request(SERVICE, "RemoveListenerCertificates", params)
    await here.request(SERVICE, "AddListenerCertificates", picked(new, "ListenerArn", "Certificates"))


async def delete_certificates(here: Here, _id: str, properties: Json, context: Context) -> None:
    params = picked(properties, "ListenerArn", "Certificates")
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
        params = picked(properties, "ListenerArn", "Priority", "Conditions", "Actions")
        tags = tag_list(context.tags)
        params |= {"Tags": tags} if tags else {}
        return str(here.call(SERVICE, "CreateRule", params)["Rules"][0]["RuleArn"])

    return await once(here, SERVICE, context, create)


async def update_rule(here: Here, arn: str, old: Json, new: Json, _context: Context) -> None:
    if str(old["Priority"]) != str(new["Priority"]):
        moved = [{"RuleArn": arn, "Priority": new["Priority"]}]
        await here.request(SERVICE, "SetRulePriorities", {"RulePriorities": moved})
    await here.request(SERVICE, "ModifyRule", {"RuleArn": arn, **picked(new, "Conditions", "Actions")})


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
            **picked(properties, *GROUP_PROPERTIES, *CHECK_PROPERTIES),
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
    checked = picked(new, *CHECK_PROPERTIES)
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
