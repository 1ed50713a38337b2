"""Whether a template makes sense: pure, from what a request gave."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from panregion.services.fis.carrying import share
from panregion.services.fis.catalogue import ACTIONS, DURATION_MAX_S, RESOURCE_TYPES, seconds_of
from panregion.services.fis.errors import ValidationException
from panregion.services.fis.model import Action, Target

SELECTION = re.compile(r"ALL|COUNT\(([1-9]\d*)\)|PERCENT\((100|[1-9]\d?)\)")
ALARM = re.compile(r"arn:aws:cloudwatch:[a-z0-9-]+:\d{12}:alarm:.+")
SCOPES = ("all", "dynamodb", "s3")
NOT_HERE = ("availability-zone", "intra-vpc", "prefix-list", "vpc")
"""Scopes of aws:network:disrupt-connectivity that AWS has, and a world of regions without zones has not."""
MINUTE_S = 60


def read_targets(given: Mapping[str, Any]) -> dict[str, Target]:
    """The targets of a request. Raises ValidationException."""
    return {name: _target(name, target) for name, target in given.items()}


def _target(name: str, given: Mapping[str, Any]) -> Target:
    kind = given["resourceType"]
    if kind not in RESOURCE_TYPES:
        known = ", ".join(RESOURCE_TYPES)
        raise ValidationException(f"Target {name}: the resource type {kind} is not supported; there are {known}.")
    if SELECTION.fullmatch(given["selectionMode"]) is None:
        raise ValidationException(f"Target {name}: the selection mode is ALL, COUNT(n) or PERCENT(n).")
    arns, tags = given.get("resourceArns") or [], given.get("resourceTags") or {}
    if bool(arns) == bool(tags):
        raise ValidationException(f"Target {name}: give either resourceArns or resourceTags.")
    for member in ("filters", "parameters"):
        if given.get(member):
            raise ValidationException(f"Target {name}: {member} are not supported for {kind}.")
    return Target(kind, given["selectionMode"], tuple(arns), dict(tags))


@dataclass(frozen=True)
class Around:
    """Where an action is to be carried out."""

    region: str
    regions: Sequence[str]
    services: Sequence[str]


def read_actions(given: Mapping[str, Any], targets: Mapping[str, Target], around: Around) -> dict[str, Action]:
    """The actions of a request. Raises ValidationException."""
    if not given:
        raise ValidationException("An experiment template has at least one action.")
    actions = {
        name: Action(
            action["actionId"],
            action.get("description", ""),
            dict(action.get("parameters") or {}),
            dict(action.get("targets") or {}),
            tuple(action.get("startAfter") or ()),
        )
        for name, action in given.items()
    }
    for name, action in actions.items():
        _check_targets(name, action, targets)
        _check_parameters(name, action)
        _check_values(name, action, around)
    _check_order(actions)
    unused = targets.keys() - {target for action in actions.values() for target in action.targets.values()}
    if unused:
        raise ValidationException(f"No action has the target {', '.join(sorted(unused))}.")
    return actions


def _check_targets(name: str, action: Action, targets: Mapping[str, Target]) -> None:
    kind = ACTIONS.get(action.action_id)
    if kind is None:
        known = ", ".join(ACTIONS)
        raise ValidationException(f"Action {name}: {action.action_id} is not supported; there are {known}.")
    if action.targets.keys() != kind.targets.keys():
        wanted = ", ".join(kind.targets) or "none"
        raise ValidationException(f"Action {name}: the targets of {action.action_id} are: {wanted}.")
    for key, target in action.targets.items():
        if target not in targets:
            raise ValidationException(f"Action {name}: there is no target {target}.")
        if targets[target].resource_type != kind.targets[key]:
            raise ValidationException(f"Action {name}: the target {target} has to be of type {kind.targets[key]}.")


def _check_parameters(name: str, action: Action) -> None:
    known = ACTIONS[action.action_id].parameters
    unknown = sorted(action.parameters.keys() - known.keys())
    if unknown:
        raise ValidationException(f"Action {name}: {action.action_id} has no parameter {', '.join(unknown)}.")
    missing = [each for each, parameter in known.items() if parameter.required and each not in action.parameters]
    if missing:
        raise ValidationException(f"Action {name}: the parameter {', '.join(missing)} is required.")
    try:
        lasts_s = seconds_of(action.parameters["duration"])
    except ValueError as error:
        raise ValidationException(f"Action {name}: {error}.") from error
    if not MINUTE_S <= lasts_s <= DURATION_MAX_S:
        raise ValidationException(f"Action {name}: the duration is from PT1M to PT12H.")


def _check_values(name: str, action: Action, around: Around) -> None:
    given = action.parameters
    try:
        for percentage in ("percentage", "invocationPercentage"):
            if percentage in given:
                share(given[percentage])
    except ValueError as error:
        raise ValidationException(f"Action {name}: {error}.") from error
    if not given.get("startupDelayMilliseconds", "0").isdigit():
        raise ValidationException(f"Action {name}: startupDelayMilliseconds is a number.")
    if given.get("preventExecution", "true") not in ("true", "false"):
        raise ValidationException(f"Action {name}: preventExecution is true or false.")
    if "region" in given and (given["region"] not in around.regions or given["region"] == around.region):
        others = ", ".join(other for other in around.regions if other != around.region) or "none"
        raise ValidationException(f"Action {name}: {given['region']} is not another Region; there are {others}.")
    if "service" in given and given["service"] not in around.services:
        raise ValidationException(f"Action {name}: {given['service']} is not a service of this world.")
    if "operations" in given and not all(part.strip() for part in given["operations"].split(",")):
        raise ValidationException(f"Action {name}: operations are names, separated by commas.")
    scope = given.get("scope", "all")
    if scope not in SCOPES:
        why = "panregion does not carry out" if scope in NOT_HERE else "there is no"
        raise ValidationException(f"Action {name}: {why} the scope {scope}; there are {', '.join(SCOPES)}.")


def _check_order(actions: Mapping[str, Action]) -> None:
    """Every action can begin at some time."""
    for name, action in actions.items():
        for before in action.start_after:
            if before not in actions:
                raise ValidationException(f"Action {name}: there is no action {before} to start after.")
    done: set[str] = set()
    while len(done) < len(actions):
        ready = {name for name, action in actions.items() if name not in done and done.issuperset(action.start_after)}
        if not ready:
            waiting = ", ".join(sorted(actions.keys() - done))
            raise ValidationException(f"The actions {waiting} wait for one another.")
        done |= ready


def read_stop_conditions(given: Sequence[Mapping[str, str]]) -> tuple[dict[str, str], ...]:
    """The stop conditions of a request. Raises ValidationException."""
    for condition in given:
        source, value = condition["source"], condition.get("value")
        if source not in ("none", "aws:cloudwatch:alarm"):
            raise ValidationException("The source of a stop condition is none or aws:cloudwatch:alarm.")
        if source == "none" and (value is not None or len(given) > 1):
            raise ValidationException("A stop condition with the source none stands alone and has no value.")
        if source != "none" and ALARM.fullmatch(value or "") is None:
            raise ValidationException("The value of a stop condition is the ARN of a CloudWatch alarm.")
    if not given:
        raise ValidationException("An experiment template has at least one stop condition; its source may be none.")
    return tuple(dict(condition) for condition in given)


def check_report(given: Mapping[str, Any] | None) -> None:
    """Raises ValidationException for a report that cannot be made."""
    if not given:
        return
    if not given.get("outputs", {}).get("s3Configuration", {}).get("bucketName"):
        raise ValidationException("The report needs an S3 bucket in outputs.s3Configuration.")
    if given.get("dataSources", {}).get("cloudWatchDashboards"):
        raise ValidationException("Reports with CloudWatch dashboards are not supported: this world has none.")
    for member in ("preExperimentDuration", "postExperimentDuration"):
        try:
            seconds_of(given.get(member) or "PT0S")
        except ValueError as error:
            raise ValidationException(f"{member}: {error}.") from error
