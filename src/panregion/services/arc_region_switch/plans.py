"""What makes a plan a plan. Pure; every complaint is a ValidationException or names what a world does not have."""

from collections.abc import Collection, Iterator

from panregion.services.arc_region_switch.errors import ValidationException
from panregion.services.arc_region_switch.model import SUPPORTED, Json
from panregion.wire import AwsError

ACTIVE_ACTIVE = ("activate", "deactivate")


def check(given: Json, known_regions: Collection[str]) -> None:
    """Raises ValidationException, and NotImplemented for what a world cannot carry out."""
    regions = given["regions"]
    if len(set(regions)) < len(regions):
        raise ValidationException("A plan needs two different Regions")
    for region in regions:
        if region not in known_regions:
            raise ValidationException(f"{region} is not a Region of this world; it has {', '.join(known_regions)}")
    _check_approach(given)
    for workflow in given["workflows"]:
        _check_steps(workflow.get("steps", []), regions)
    if given.get("triggers"):
        raise _missing("triggers: start the execution yourself")
    if given.get("reportConfiguration"):
        raise _missing("reports: GetPlanExecution has the figures")


def _check_approach(given: Json) -> None:
    passive = given["recoveryApproach"] == "activePassive"
    primary = given.get("primaryRegion")
    if passive and primary not in given["regions"]:
        raise ValidationException("An active/passive plan needs a primaryRegion that is one of its Regions")
    if not passive and primary is not None:
        raise ValidationException("An active/active plan has no primaryRegion")
    actions = {workflow["workflowTargetAction"] for workflow in given["workflows"]}
    for action in ACTIVE_ACTIVE if not passive else ("activate",):
        if action not in actions:
            raise ValidationException(f"The plan needs a workflow for the action {action}")
    if passive and "deactivate" in actions:
        raise ValidationException("An active/passive plan has no workflow for the action deactivate")
    for action in sorted(actions):
        targets = [each.get("workflowTargetRegion") for each in given["workflows"] if _is_for(each, action)]
        covers = set(targets) == {None} or set(targets) == set(given["regions"])
        if not covers or len(set(targets)) < len(targets):
            raise ValidationException(
                f"The action {action} needs one workflow for both Regions, or one for each of them"
            )


def _is_for(workflow: Json, action: str) -> bool:
    return bool(workflow["workflowTargetAction"] == action)


def _check_steps(steps: list[Json], regions: list[str]) -> None:
    names = [step["name"] for step in _flat(steps)]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValidationException(f"A workflow has two steps with the name {repeated[0]}")
    for step in steps:
        _check_step(step, regions, inner=False)


def _flat(steps: list[Json]) -> Iterator[Json]:
    for step in steps:
        yield step
        yield from _flat(step["executionBlockConfiguration"].get("parallelConfig", {}).get("steps", []))


def _check_step(step: Json, regions: list[str], *, inner: bool) -> None:
    name, block = step["name"], step["executionBlockType"]
    if not name:
        raise ValidationException("A step needs a name")
    if block not in SUPPORTED:
        raise _missing(f"execution blocks of type {block}; it has {', '.join(sorted(SUPPORTED))}")
    config = step["executionBlockConfiguration"].get(SUPPORTED[block])
    if config is None:
        raise ValidationException(f"The step {name} is of type {block} and needs {SUPPORTED[block]}")
    if "crossAccountRole" in config:
        raise _missing("cross-account roles: a world has one account")
    if block == "Parallel":
        if inner:
            raise ValidationException(f"The step {name} is parallel inside of a parallel one")
        if not config["steps"]:
            raise ValidationException(f"The parallel step {name} has no steps")
        for each in config["steps"]:
            _check_step(each, regions, inner=True)
    elif block == "ARCRoutingControl":
        strangers = sorted(set(config["regionAndRoutingControls"]) - set(regions))
        if strangers:
            raise ValidationException(f"The step {name} is for {strangers[0]}, which is not one of the plan's Regions")
    elif block == "CustomActionLambda" and any("arn" not in each for each in config["lambdas"]):
        raise ValidationException(f"The step {name} needs the ARN of a Lambda function")


def _missing(what: str) -> AwsError:
    return AwsError.of("NotImplemented", f"panregion's arc-region-switch does not have {what}", 501)
