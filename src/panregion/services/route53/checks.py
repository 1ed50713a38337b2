"""Route 53's health checks: kept here, carried out by the edge, whose findings are asked for over the link."""

import ipaddress
from typing import Any

from panregion.services.here import Here
from panregion.services.route53 import describe, layout
from panregion.services.route53.asking import ask_edge
from panregion.services.route53.errors import (
    HealthCheckAlreadyExists,
    HealthCheckVersionMismatch,
    InvalidInput,
    TooManyHealthChecks,
)
from panregion.services.route53.limits import ACCOUNT, count
from panregion.services.route53.model import HealthCheck
from panregion.services.route53.values import name_problem
from panregion.services.service import reads

CHECKER_REGIONS = (
    *("ap-northeast-1", "ap-southeast-1", "ap-southeast-2", "eu-west-1"),
    *("sa-east-1", "us-east-1", "us-west-1", "us-west-2"),
)
CHECKER_REGIONS_MIN = 3
ENDPOINT_TYPES = ("HTTP", "HTTPS", "HTTP_STR_MATCH", "HTTPS_STR_MATCH", "TCP")
PAGE_MAX = 100
CHILDREN_MAX = 255
LIMIT = "MAX_HEALTH_CHECKS_BY_OWNER"
INTERVALS_S = (10, 30)


PROBED = frozenset(ENDPOINT_TYPES)
KINDS_OF: dict[str, frozenset[str]] = {
    **dict.fromkeys(("IPAddress", "FullyQualifiedDomainName", "Port", "RequestInterval", "FailureThreshold"), PROBED),
    **dict.fromkeys(("MeasureLatency", "Regions", "ResourcePath", "EnableSNI"), PROBED),
    "SearchString": frozenset({"HTTP_STR_MATCH", "HTTPS_STR_MATCH"}),
    **dict.fromkeys(("ChildHealthChecks", "HealthThreshold"), frozenset({"CALCULATED"})),
    **dict.fromkeys(("AlarmIdentifier", "InsufficientDataHealthStatus"), frozenset({"CLOUDWATCH_METRIC"})),
    "RoutingControlArn": frozenset({"RECOVERY_CONTROL"}),
}
"""The types of health checks that each field is for."""


def complete(config: dict[str, Any]) -> dict[str, Any]:
    """A HealthCheckConfig with AWS's defaults. Raises InvalidInput."""
    config = dict(config)
    kind = config["Type"]
    if kind in ENDPOINT_TYPES:
        _complete_endpoint(config, kind)
    elif kind == "CALCULATED":
        _complete_calculated(config)
    elif kind == "CLOUDWATCH_METRIC":
        _complete_alarm(config)
    elif "RoutingControlArn" not in config:
        raise InvalidInput("Invalid request: a RECOVERY_CONTROL health check needs a RoutingControlArn")
    for field, kinds in KINDS_OF.items():
        if field in config and kind not in kinds:
            raise InvalidInput(f"Invalid request: {field} is not for health checks of type {kind}")
    return {"Inverted": False, "Disabled": False, **config}


def _complete_calculated(config: dict[str, Any]) -> None:
    if "ChildHealthChecks" not in config or "HealthThreshold" not in config:
        raise InvalidInput("Invalid request: a CALCULATED health check needs ChildHealthChecks and HealthThreshold")
    if len(config["ChildHealthChecks"]) > CHILDREN_MAX:
        raise InvalidInput(f"Invalid request: a CALCULATED health check has at most {CHILDREN_MAX} children")


def _complete_alarm(config: dict[str, Any]) -> None:
    if "AlarmIdentifier" not in config:
        raise InvalidInput("Invalid request: a CLOUDWATCH_METRIC health check needs an AlarmIdentifier")
    config.setdefault("InsufficientDataHealthStatus", "LastKnownStatus")


def _complete_endpoint(config: dict[str, Any], kind: str) -> None:
    if "IPAddress" not in config and "FullyQualifiedDomainName" not in config:
        raise InvalidInput("Invalid request: an endpoint health check needs IPAddress or FullyQualifiedDomainName")
    if "IPAddress" in config:
        try:
            ipaddress.ip_address(config["IPAddress"])
        except ValueError as error:
            raise InvalidInput(f"Invalid parameter : {config['IPAddress']} is not an IP address") from error
    name = config.get("FullyQualifiedDomainName")
    if name is not None and (problem := name_problem(name)):
        raise InvalidInput(f"Invalid parameter : FullyQualifiedDomainName {name}: {problem}")
    if kind.endswith("_STR_MATCH") and not config.get("SearchString"):
        raise InvalidInput(f"Invalid request: a {kind} health check needs a SearchString")
    if kind == "TCP" and "Port" not in config:
        raise InvalidInput("Invalid request: a TCP health check needs a Port")
    if kind != "TCP":
        config.setdefault("Port", 443 if kind.startswith("HTTPS") else 80)
        path = config.get("ResourcePath", "/")
        config["ResourcePath"] = path if path.startswith("/") else f"/{path}"
    if config.setdefault("RequestInterval", 30) not in INTERVALS_S:
        raise InvalidInput("Invalid request: RequestInterval is 10 or 30")
    if len(config.get("Regions", CHECKER_REGIONS)) < CHECKER_REGIONS_MIN:
        raise InvalidInput("Invalid request: Regions names at least three regions of health checkers")
    config.setdefault("FailureThreshold", 3)
    config.setdefault("MeasureLatency", False)
    config.setdefault("EnableSNI", kind.startswith("HTTPS"))


def create_health_check(here: Here, caller_reference: str, health_check_config: dict[str, Any]) -> dict[str, Any]:
    config = complete(health_check_config)
    existing_id = layout.check_of_reference(here, caller_reference)
    if existing_id is not None:
        existing = next((check for check in layout.checks(here) if check.id == existing_id), None)
        if existing is None or existing.config != config:
            raise HealthCheckAlreadyExists(
                "A health check with the specified CallerReference already exists, or did before it was deleted."
            )
        return _created(existing)
    _require_others(here, config)
    if count(here, LIMIT) >= ACCOUNT[LIMIT]:
        raise TooManyHealthChecks(f"There are {ACCOUNT[LIMIT]} health checks, which is as many as there may be.")
    check = HealthCheck(here.world.chance.uuid(), caller_reference, 1, config)
    layout.put_check(here, check)
    return _created(check)


def _created(check: HealthCheck) -> dict[str, Any]:
    return {"HealthCheck": describe.check(check), "Location": f"{describe.ENDPOINT}/healthcheck/{check.id}"}


def _require_others(here: Here, config: dict[str, Any], own_id: str = "") -> None:
    """What a check follows must exist, as far as can be told from here."""
    for child_id in config.get("ChildHealthChecks", []):
        if child_id == own_id:
            raise InvalidInput("Invalid request: a health check cannot be its own child")
        layout.check(here, child_id)
    region = config.get("AlarmIdentifier", {}).get("Region")
    if region is not None and region not in here.settings.regions:
        raise InvalidInput(f"Invalid request: {region} is no region of this world, and has no alarms")


def delete_health_check(here: Here, health_check_id: str) -> dict[str, Any]:
    layout.delete_check(here, layout.check(here, health_check_id))
    return {}


@reads
def get_checker_ip_ranges(_here: Here) -> dict[str, Any]:
    """The checkers' addresses as applications are shown them; packets really come from the loopback network."""
    return {"CheckerIpRanges": ["198.19.0.0/16"]}


@reads
def get_health_check(here: Here, health_check_id: str) -> dict[str, Any]:
    return {"HealthCheck": describe.check(layout.check(here, health_check_id))}


@reads
def get_health_check_count(here: Here) -> dict[str, Any]:
    return {"HealthCheckCount": sum(1 for _ in layout.checks(here))}


async def get_health_check_last_failure_reason(here: Here, health_check_id: str) -> dict[str, Any]:
    seen = await _observations(here, health_check_id)
    return {"HealthCheckObservations": [_observation(one, "failure", "failed_at") for one in seen if one["failure"]]}


async def get_health_check_status(here: Here, health_check_id: str) -> dict[str, Any]:
    seen = await _observations(here, health_check_id)
    return {"HealthCheckObservations": [_observation(one, "status", "checked_at") for one in seen]}


def _observation(seen: dict[str, Any], text: str, time: str) -> dict[str, Any]:
    return {
        "Region": seen["site"],
        "IPAddress": seen["address"],
        "StatusReport": {"Status": seen[text], "CheckedTime": seen[time]},
    }


async def _observations(here: Here, check_id: str) -> list[dict[str, Any]]:
    check = here.read(lambda h: layout.check(h, check_id))
    if check.config["Type"] not in ENDPOINT_TYPES:
        raise InvalidInput(f"{check.config['Type']} health checks have no checkers of their own")
    answer = await ask_edge(here, f"/_panregion/health-checks/{check.id}")
    seen: list[dict[str, Any]] = answer.get("checkers", [])
    return [one for one in seen if one["checked_at"] is not None]


@reads
def list_health_checks(here: Here, marker: str = "", max_items: str | int = PAGE_MAX) -> dict[str, Any]:
    try:
        size = max(1, min(PAGE_MAX, int(max_items)))
    except ValueError as error:
        raise InvalidInput(f"{max_items} is not a number of items") from error
    found = [check for check in layout.checks(here) if check.id >= marker]
    page: dict[str, Any] = {
        "HealthChecks": [describe.check(check) for check in found[:size]],
        "Marker": marker,
        "IsTruncated": len(found) > size,
        "MaxItems": str(size),
    }
    if len(found) > size:
        page["NextMarker"] = found[size].id
    return page


def update_health_check(
    here: Here,
    health_check_id: str,
    health_check_version: int | None = None,
    ip_address: str | None = None,
    port: int | None = None,
    resource_path: str | None = None,
    fully_qualified_domain_name: str | None = None,
    search_string: str | None = None,
    failure_threshold: int | None = None,
    inverted: bool | None = None,
    disabled: bool | None = None,
    health_threshold: int | None = None,
    child_health_checks: list[str] | None = None,
    enable_sni: bool | None = None,
    regions: list[str] | None = None,
    alarm_identifier: dict[str, str] | None = None,
    insufficient_data_health_status: str | None = None,
    reset_elements: list[str] | None = None,
) -> dict[str, Any]:
    check = layout.check(here, health_check_id)
    if health_check_version is not None and health_check_version != check.version:
        raise HealthCheckVersionMismatch(
            f"The version of the health check is {check.version}, not {health_check_version}"
        )
    given = {
        "IPAddress": ip_address,
        "Port": port,
        "ResourcePath": resource_path,
        "FullyQualifiedDomainName": fully_qualified_domain_name,
        "SearchString": search_string,
        "FailureThreshold": failure_threshold,
        "Inverted": inverted,
        "Disabled": disabled,
        "HealthThreshold": health_threshold,
        "ChildHealthChecks": child_health_checks,
        "EnableSNI": enable_sni,
        "Regions": regions,
        "AlarmIdentifier": alarm_identifier,
        "InsufficientDataHealthStatus": insufficient_data_health_status,
    }
    reset = set(reset_elements or [])
    config = {name: value for name, value in check.config.items() if name not in reset}
    if "ChildHealthChecks" in reset:
        config["ChildHealthChecks"] = []
    config |= {name: value for name, value in given.items() if value is not None}
    _require_others(here, config, check.id)
    changed = HealthCheck(check.id, check.caller_reference, check.version + 1, complete(config))
    layout.put_check(here, changed)
    return {"HealthCheck": describe.check(changed)}
