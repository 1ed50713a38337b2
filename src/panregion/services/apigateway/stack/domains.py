"""AWS::ApiGateway::DomainName, BasePathMapping, Account, ApiKey, UsagePlan and UsagePlanKey."""

from typing import Any

from panregion.services import Context, Here, ResourceType
from panregion.services.apigateway.stack.support import (
    SERVICE,
    Params,
    Properties,
    call,
    escaped,
    gone,
    members,
    number,
    patch,
    tags,
)
from panregion.services.once import once
from panregion.services.stack_calls import truth

NO_BASE_PATH = "(none)"


async def create_domain(here: Here, properties: dict[str, Any], context: Context) -> str:
    endpoint = properties.get("EndpointConfiguration")
    params = {
        **members(
            properties,
            "DomainName CertificateArn RegionalCertificateArn SecurityPolicy OwnershipVerificationCertificateArn"
            " RoutingMode",
        ),
        "endpointConfiguration": members(endpoint, "Types IpAddressType") if endpoint else None,
        "tags": tags(properties, context),
    }
    return await once(here, SERVICE, context, lambda here: str(call(here, "CreateDomainName", **params)["domainName"]))


async def update_domain(
    here: Here, physical_id: str, old: dict[str, Any], new: dict[str, Any], _context: Context
) -> str | None:
    changed = members(new, "RegionalCertificateArn SecurityPolicy OwnershipVerificationCertificateArn")
    before = members(old, "RegionalCertificateArn SecurityPolicy OwnershipVerificationCertificateArn")
    operations = [patch(f"/{name}", value) for name, value in changed.items() if before.get(name) != value]
    params = {"domainName": physical_id, "patchOperations": operations}
    await here.request("apigateway", "UpdateDomainName", params)
    return None


async def delete_domain(here: Here, physical_id: str, _properties: dict[str, Any], context: Context) -> None:
    await gone(here, context, lambda here: call(here, "DeleteDomainName", domainName=physical_id))


async def domain_attributes(here: Here, physical_id: str, _properties: dict[str, Any]) -> dict[str, Any]:
    domain = await here.request("apigateway", "GetDomainName", {"domainName": physical_id})
    return {
        "DomainNameArn": domain["domainNameArn"],
        "RegionalDomainName": domain["regionalDomainName"],
        "RegionalHostedZoneId": domain["regionalHostedZoneId"],
    }


async def create_mapping(here: Here, properties: dict[str, Any], context: Context) -> str:
    params = members(properties, "DomainName BasePath RestApiId Stage")

    def make(here: Here) -> str:
        made = call(here, "CreateBasePathMapping", **params)
        return f"{properties['DomainName']}|{made['basePath']}"

    return await once(here, SERVICE, context, make)


async def update_mapping(
    here: Here, _physical_id: str, _old: dict[str, Any], new: dict[str, Any], _context: Context
) -> str | None:
    operations = [patch("/restApiId", new["RestApiId"])]
    if new.get("Stage"):
        operations.append(patch("/stage", new["Stage"]))
    await here.request("apigateway", "UpdateBasePathMapping", {**_mapping_key(new), "patchOperations": operations})
    return None


async def delete_mapping(here: Here, _physical_id: str, properties: dict[str, Any], context: Context) -> None:
    await gone(here, context, lambda here: call(here, "DeleteBasePathMapping", **_mapping_key(properties)))


def _mapping_key(properties: Properties) -> Params:
    return {"domainName": properties["DomainName"], "basePath": properties.get("BasePath") or NO_BASE_PATH}


async def create_account(here: Here, properties: dict[str, Any], context: Context) -> str:
    await _set_role(here, properties)
    return context.name()


async def update_account(
    here: Here, _physical_id: str, _old: dict[str, Any], new: dict[str, Any], _context: Context
) -> str | None:
    await _set_role(here, new)
    return None


async def delete_account(_here: Here, _physical_id: str, _properties: dict[str, Any], _context: Context) -> None:
    """Leaves the account as it is, as AWS does: it is the region's, not the stack's."""


async def _set_role(here: Here, properties: Properties) -> None:
    role = properties.get("CloudWatchRoleArn")
    operation = patch("/cloudwatchRoleArn", role) if role else patch("/cloudwatchRoleArn", "", "remove")
    await here.request("apigateway", "UpdateAccount", {"patchOperations": [operation]})


async def own_id(_here: Here, physical_id: str, _properties: dict[str, Any]) -> dict[str, Any]:
    return {"Id": physical_id}


async def create_key(here: Here, properties: dict[str, Any], context: Context) -> str:
    params = {
        "name": properties.get("Name") or context.name(),
        **members(properties, "CustomerId Description Value"),
        "enabled": truth(properties.get("Enabled", False)),
        "stageKeys": [members(stage, "RestApiId StageName") for stage in properties.get("StageKeys") or []],
        "tags": tags(properties, context),
    }
    return await once(here, SERVICE, context, lambda here: str(call(here, "CreateApiKey", **params)["id"]))


async def update_key(
    here: Here, physical_id: str, _old: dict[str, Any], new: dict[str, Any], _context: Context
) -> str | None:
    operations = [
        patch("/enabled", truth(new.get("Enabled", False))),
        patch("/description", new.get("Description") or ""),
        patch("/customerId", new.get("CustomerId") or ""),
    ]
    await here.request("apigateway", "UpdateApiKey", {"apiKey": physical_id, "patchOperations": operations})
    return None


async def delete_key(here: Here, physical_id: str, _properties: dict[str, Any], context: Context) -> None:
    await gone(here, context, lambda here: call(here, "DeleteApiKey", apiKey=physical_id))


async def key_attributes(_here: Here, physical_id: str, _properties: dict[str, Any]) -> dict[str, Any]:
    return {"APIKeyId": physical_id}


async def create_plan(here: Here, properties: dict[str, Any], context: Context) -> str:
    params = {
        "name": properties.get("UsagePlanName") or context.name(),
        "description": properties.get("Description"),
        "apiStages": [_stage(stage) for stage in properties.get("ApiStages") or []],
        "throttle": _throttle(properties.get("Throttle")),
        "quota": _quota(properties.get("Quota")),
        "tags": tags(properties, context),
    }
    return await once(here, SERVICE, context, lambda here: str(call(here, "CreateUsagePlan", **params)["id"]))


async def update_plan(
    here: Here, physical_id: str, old: dict[str, Any], new: dict[str, Any], _context: Context
) -> str | None:
    before = [_stage(stage) for stage in old.get("ApiStages") or []]
    after = [_stage(stage) for stage in new.get("ApiStages") or []]
    stages = [(stage, "remove") for stage in before if stage not in after]
    stages += [(stage, "add") for stage in after if stage not in before]
    operations = [
        {"op": op, "path": "/apiStages", "value": f"{stage['apiId']}:{stage['stage']}"} for stage, op in stages
    ]
    operations += _method_throttles([stage for stage in after if stage not in before])
    for name, settings in (("throttle", _throttle(new.get("Throttle"))), ("quota", _quota(new.get("Quota")))):
        if settings is None:
            operations.append(patch(f"/{name}", "", "remove"))
        operations += [patch(f"/{name}/{member}", value) for member, value in (settings or {}).items()]
    operations.append(patch("/description", new.get("Description") or ""))
    params = {"usagePlanId": physical_id, "patchOperations": operations}
    await here.request("apigateway", "UpdateUsagePlan", params)
    return None


async def delete_plan(here: Here, physical_id: str, _properties: dict[str, Any], context: Context) -> None:
    def remove(here: Here) -> None:
        plan = call(here, "GetUsagePlan", usagePlanId=physical_id)
        operations = [
            {"op": "remove", "path": "/apiStages", "value": f"{stage['apiId']}:{stage['stage']}"}
            for stage in plan["apiStages"]
        ]
        call(here, "UpdateUsagePlan", usagePlanId=physical_id, patchOperations=operations)
        call(here, "DeleteUsagePlan", usagePlanId=physical_id)

    await gone(here, context, remove)


def _stage(given: Properties) -> Params:
    throttle = {method: _throttle(rates) for method, rates in (given.get("Throttle") or {}).items()}
    return {**members(given, "ApiId Stage"), **({"throttle": throttle} if throttle else {})}


def _method_throttles(stages: list[Params]) -> list[dict[str, str]]:
    """Patches that set the throttles of single methods."""
    return [
        patch(f"/apiStages/{stage['apiId']}:{stage['stage']}/throttle/{escaped(method)}/{member}", value)
        for stage in stages
        for method, rates in (stage.get("throttle") or {}).items()
        for member, value in rates.items()
    ]


def _throttle(given: Properties | None) -> Params | None:
    if not given:
        return None
    burst, rate = number(given.get("BurstLimit")), given.get("RateLimit")
    settings = {"burstLimit": burst, "rateLimit": None if rate is None else float(rate)}
    return {name: value for name, value in settings.items() if value is not None}


def _quota(given: Properties | None) -> Params | None:
    if not given:
        return None
    settings = {
        "limit": number(given.get("Limit")),
        "offset": number(given.get("Offset")),
        "period": given.get("Period"),
    }
    return {name: value for name, value in settings.items() if value is not None}


async def create_plan_key(here: Here, properties: dict[str, Any], context: Context) -> str:
    params = members(properties, "UsagePlanId KeyId KeyType")

    def make(here: Here) -> str:
        call(here, "CreateUsagePlanKey", **params)
        return f"{properties['KeyId']}:{properties['UsagePlanId']}"

    return await once(here, SERVICE, context, make)


async def delete_plan_key(here: Here, _physical_id: str, properties: dict[str, Any], context: Context) -> None:
    key = members(properties, "UsagePlanId KeyId")
    await gone(here, context, lambda here: call(here, "DeleteUsagePlanKey", **key))


DOMAIN_NAME = ResourceType(
    type_name="AWS::ApiGateway::DomainName",
    properties=frozenset(
        {
            *("CertificateArn", "DomainName", "EndpointConfiguration", "OwnershipVerificationCertificateArn"),
            *("RegionalCertificateArn", "RoutingMode", "SecurityPolicy", "Tags"),
        }
    ),
    required=frozenset({"DomainName"}),
    create=create_domain,
    delete=delete_domain,
    update=update_domain,
    attributes=domain_attributes,
    replaces_on=frozenset({"DomainName", "EndpointConfiguration", "CertificateArn", "RoutingMode"}),
)

BASE_PATH_MAPPING = ResourceType(
    type_name="AWS::ApiGateway::BasePathMapping",
    properties=frozenset({"BasePath", "DomainName", "Id", "RestApiId", "Stage"}),
    required=frozenset({"DomainName", "RestApiId"}),
    create=create_mapping,
    delete=delete_mapping,
    update=update_mapping,
    replaces_on=frozenset({"BasePath", "DomainName"}),
)

ACCOUNT = ResourceType(
    type_name="AWS::ApiGateway::Account",
    properties=frozenset({"CloudWatchRoleArn"}),
    create=create_account,
    delete=delete_account,
    update=update_account,
    attributes=own_id,
)

API_KEY = ResourceType(
    type_name="AWS::ApiGateway::ApiKey",
    properties=frozenset({"CustomerId", "Description", "Enabled", "Name", "StageKeys", "Tags", "Value"}),
    create=create_key,
    delete=delete_key,
    update=update_key,
    attributes=key_attributes,
    replaces_on=frozenset({"Name", "Value", "StageKeys"}),
)

USAGE_PLAN = ResourceType(
    type_name="AWS::ApiGateway::UsagePlan",
    properties=frozenset({"ApiStages", "Description", "Quota", "Tags", "Throttle", "UsagePlanName"}),
    create=create_plan,
    delete=delete_plan,
    update=update_plan,
    attributes=own_id,
    replaces_on=frozenset({"UsagePlanName"}),
)

USAGE_PLAN_KEY = ResourceType(
    type_name="AWS::ApiGateway::UsagePlanKey",
    properties=frozenset({"KeyId", "KeyType", "UsagePlanId"}),
    required=frozenset({"KeyId", "KeyType", "UsagePlanId"}),
    create=create_plan_key,
    delete=delete_plan_key,
    attributes=own_id,
)

TYPES = (DOMAIN_NAME, BASE_PATH_MAPPING, ACCOUNT, API_KEY, USAGE_PLAN, USAGE_PLAN_KEY)
