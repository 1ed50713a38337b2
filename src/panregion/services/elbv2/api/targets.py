"""Targets of target groups, and their health."""

import fnmatch
import ipaddress
from typing import Any

import msgspec

from panregion.services import Here, reads
from panregion.services.elbv2 import layout
from panregion.services.elbv2.errors import AccessDenied, InvalidTargetException, TooManyTargetsException
from panregion.services.elbv2.health import state_of
from panregion.services.elbv2.model import TARGETS_MAX, TargetGroup
from panregion.wire import AwsError

Json = dict[str, Any]
PRINCIPAL = "elasticloadbalancing.amazonaws.com"


def register_targets(here: Here, target_group_arn: str, targets: list[Json]) -> Json:
    group = layout.group(here, target_group_arn)
    if group.kind == "lambda":
        kept = [_function(here, group, targets)]
    else:
        kept = list(dict.fromkeys([*group.targets, *(_address(group, target) for target in targets)]))
    if len(kept) > TARGETS_MAX:
        raise TooManyTargetsException(f"A target group can have at most {TARGETS_MAX} targets")
    layout.put_group(here, msgspec.structs.replace(group, targets=kept))
    return {}


def _function(here: Here, group: TargetGroup, targets: list[Json]) -> tuple[str, int]:
    """The one function of a group. Raises InvalidTargetException, AccessDenied, TooManyTargetsException."""
    arn = targets[0]["Id"] if targets else ""
    if len(targets) != 1 or (group.targets and group.targets[0][0] != arn):
        raise TooManyTargetsException(
            f"The number of targets cannot be greater than 1 for the target group '{group.arn}'"
        )
    parts = arn.split(":")
    if len(parts) not in (7, 8) or parts[2] != "lambda" or parts[3] != here.region:
        raise InvalidTargetException(f"Lambda function '{arn}' is not valid: an ARN of a function in {here.region}")
    try:
        here.call("lambda", "GetFunctionConfiguration", {"FunctionName": arn})
    except AwsError as error:
        raise InvalidTargetException(f"Lambda function '{arn}' is not found") from error
    if not _may_invoke(here, arn, group.arn):
        raise AccessDenied(
            f"elasticloadbalancing principal does not have permission to invoke {arn} from target group {group.arn}"
        )
    return arn, 0


def _may_invoke(here: Here, function_arn: str, group_arn: str) -> bool:
    """Whether the function's policy lets load balancers of this group invoke it."""
    try:
        text = here.call("lambda", "GetPolicy", {"FunctionName": function_arn})["Policy"]
    except AwsError as error:
        if error.code != "ResourceNotFoundException":
            raise
        return False
    return any(_allows(statement, group_arn) for statement in msgspec.json.decode(text)["Statement"])


def _allows(statement: Json, group_arn: str) -> bool:
    principal = statement.get("Principal")
    service = principal.get("Service") if isinstance(principal, dict) else principal
    action = statement.get("Action", "")
    if statement.get("Effect") != "Allow" or service not in (PRINCIPAL, "*"):
        return False
    if not fnmatch.fnmatchcase("lambda:InvokeFunction", action):
        return False
    conditions = statement.get("Condition") or {}
    for operator in ("ArnLike", "ArnEquals", "StringEquals", "StringLike"):
        wanted = {key.lower(): value for key, value in conditions.get(operator, {}).items()}.get("aws:sourcearn")
        if wanted is not None and not fnmatch.fnmatchcase(group_arn, wanted):
            return False
    return True


def _address(group: TargetGroup, target: Json) -> tuple[str, int]:
    """Raises InvalidTargetException: nothing here leaves the machine, so only its own addresses can be targets."""
    try:
        address = ipaddress.ip_address(target["Id"])
    except ValueError as error:
        raise InvalidTargetException(f"The IP address '{target['Id']}' is not a valid IPv4 address") from error
    if not address.is_loopback or address.version != 4:
        raise InvalidTargetException(
            f"The IP address '{address}' cannot be a target in panregion, which never leaves this machine: "
            "use one in 127.0.0.0/8"
        )
    return str(address), target.get("Port") or group.port


def deregister_targets(here: Here, target_group_arn: str, targets: list[Json]) -> Json:
    group = layout.group(here, target_group_arn)
    gone = {(target["Id"], target.get("Port")) for target in targets}
    known = {target_id for target_id, _ in group.targets}
    for target_id, _ in gone:
        if target_id not in known:
            raise InvalidTargetException(f"The following targets are not registered to the target group: '{target_id}'")
    kept = [
        (target_id, port)
        for target_id, port in group.targets
        if (target_id, port) not in gone and (target_id, None) not in gone
    ]
    layout.put_group(here, msgspec.structs.replace(group, targets=kept))
    return {}


@reads
def describe_target_health(
    here: Here, target_group_arn: str, targets: list[Json] | None = None, include: list[str] | None = None
) -> Json:
    del include  # what it asks for beside health (anomaly detection) application load balancers here do not have
    group = layout.group(here, target_group_arn)
    asked = group.targets if targets is None else [_asked(group, target) for target in targets]
    used = bool(layout.users_of_groups(here).get(group.arn))
    return {"TargetHealthDescriptions": [_described(here, group, target_id, port, used) for target_id, port in asked]}


def _asked(group: TargetGroup, target: Json) -> tuple[str, int]:
    registered = [pair for pair in group.targets if pair[0] == target["Id"] and target.get("Port") in (None, pair[1])]
    return registered[0] if registered else (target["Id"], target.get("Port") or group.port)


def _described(here: Here, group: TargetGroup, target_id: str, port: int, used: bool) -> Json:
    check = group.check
    target: Json = {"Id": target_id} if group.kind == "lambda" else {"Id": target_id, "Port": port}
    described: Json = {"Target": target, "TargetHealth": state_of(here, group, (target_id, port), used)}
    if group.kind != "lambda":
        described["HealthCheckPort"] = str(port) if check.port == "traffic-port" else check.port
    return described
