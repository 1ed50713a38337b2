"""Plans through AWS's own client: validated, copied to their regions, changed, shown and deleted."""

from typing import Any

import pytest

from tests.services.arc_region_switch.support import (
    EAST,
    ROLE,
    WEST,
    TwoRegions,
    approval,
    controls,
    function,
    parallel,
    refused,
    step,
    until,
)

OTHER_PLAN = "arn:aws:arc-region-switch::000000000000:plan/x:abcdef"
WORKFLOW = {"workflowTargetAction": "activate", "steps": [approval()]}


def given(**changes: Any) -> dict[str, Any]:
    """A plan that makes sense but for the changes."""
    plan = {
        "name": "bad",
        "regions": [EAST, WEST],
        "recoveryApproach": "activePassive",
        "primaryRegion": EAST,
        "executionRole": ROLE,
        "workflows": [WORKFLOW],
        **changes,
    }
    return {member: value for member, value in plan.items() if value is not None}


def workflow(*steps: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    return [{"workflowTargetAction": "activate", "steps": list(steps), **more}]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"regions": [EAST, EAST]}, "two different Regions"),
        ({"regions": [EAST, "eu-west-1"]}, "eu-west-1 is not a Region of this world"),
        ({"primaryRegion": None}, "needs a primaryRegion"),
        ({"primaryRegion": "eu-west-1"}, "needs a primaryRegion"),
        ({"recoveryApproach": "activeActive"}, "has no primaryRegion"),
        ({"recoveryApproach": "activeActive", "primaryRegion": None}, "workflow for the action deactivate"),
        ({"workflows": []}, "workflow for the action activate"),
        ({"workflows": [WORKFLOW, {"workflowTargetAction": "deactivate"}]}, "no workflow for the action deactivate"),
        ({"workflows": [WORKFLOW, WORKFLOW]}, "one workflow for both Regions, or one for each"),
        ({"workflows": workflow(workflowTargetRegion=EAST)}, "one workflow for both Regions, or one for each"),
        ({"workflows": workflow(workflowTargetRegion="eu-west-1")}, "one workflow for both Regions, or one for each"),
        ({"workflows": workflow(approval(), approval())}, "two steps with the name approve"),
        ({"workflows": workflow(approval(), parallel("p", approval()))}, "two steps with the name approve"),
        ({"workflows": workflow(parallel("p", parallel("q", approval())))}, "parallel inside of a parallel"),
        ({"workflows": workflow(parallel("p"))}, "has no steps"),
        ({"workflows": workflow(step("s", "ManualApproval", "parallelConfig", {"steps": []}))}, "needs executionAppr"),
        ({"workflows": workflow(controls("s", eu_west_1=[("a", "On")]))}, "eu-west-1, which is not one of the plan's"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(two: TwoRegions, changes: dict[str, Any], message: str) -> None:
    assert message in refused("ValidationException", two.client(EAST).create_plan, **given(**changes))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {
                "workflows": workflow(
                    step(
                        "s",
                        "ARCRegionSwitchPlan",
                        "regionSwitchPlanConfig",
                        {"arn": "arn:aws:arc-region-switch::000000000000:plan/x:abcdef"},
                    )
                )
            },
            "execution blocks of type ARCRegionSwitchPlan; it has ARCRoutingControl, CustomActionLambda",
        ),
        (
            {"workflows": workflow(approval("a"), function("s", f"arn:aws:lambda:{EAST}:0:function:f"))}
            | {"reportConfiguration": {"reportOutput": [{"s3Configuration": {"bucketPath": "abc"}}]}},
            "does not have reports",
        ),
        ({"serviceQuotaChecksEnabled": True}, "serviceQuotaChecksEnabled"),
    ],
)
def test_what_a_world_cannot_do_is_refused_by_name(two: TwoRegions, changes: dict[str, Any], message: str) -> None:
    assert message in refused("NotImplemented", two.client(EAST).create_plan, **given(**changes))


def test_a_plan_is_made_at_home_and_known_in_both_its_regions(two: TwoRegions) -> None:
    arn = two.plan("app", approval(), tags={"team": "a"}, description="d", recoveryTimeObjectiveMinutes=5)
    west = two.client(WEST)
    assert arn.startswith("arn:aws:arc-region-switch::000000000000:plan/app:")
    plan = west.get_plan(arn=arn)["plan"]
    assert (plan["version"], plan["owner"], plan["primaryRegion"]) == ("1", "000000000000", EAST)
    assert west.get_plan_in_region(arn=arn)["plan"] == plan
    listed = next(each for each in west.list_plans()["plans"] if each["arn"] == arn)
    assert (listed["recoveryTimeObjectiveMinutes"], listed["description"]) == (5, "d")
    refused("ValidationException", west.create_plan, **given(name="app"))

    changed = west.update_plan(arn=arn, workflows=[{**WORKFLOW, "steps": []}], executionRole=ROLE)["plan"]
    assert (changed["version"], changed["description"]) == ("2", "d")
    until(lambda: two.client(EAST).get_plan_in_region(arn=arn)["plan"]["version"] == "2")

    west.tag_resource(arn=arn, tags={"b": "2"})
    west.untag_resource(arn=arn, resourceTagKeys=["team"])
    assert west.list_tags_for_resource(arn=arn)["resourceTags"] == {"b": "2"}
    assert west.list_service_quota_warnings()["serviceQuotaWarningSummaries"] == []

    west.delete_plan(arn=arn)
    refused("ResourceNotFoundException", west.get_plan, arn=arn)
    until(lambda: arn not in two.known(EAST) + two.known(WEST))
    refused("ResourceNotFoundException", west.get_plan_in_region, arn=arn)
    for operation in (west.delete_plan, west.list_tags_for_resource):
        refused("ResourceNotFoundException", operation, arn=arn)


def test_evaluation_says_what_is_not_there(two: TwoRegions) -> None:
    nowhere = f"arn:aws:lambda:{WEST}:000000000000:function:none"
    arn = two.plan("evaluated", function("run", nowhere), approval())
    status = two.client(WEST).get_plan_evaluation_status(planArn=arn)
    assert (status["evaluationState"], status["lastEvaluatedVersion"], status["region"]) == (
        "actionRequired",
        "1",
        WEST,
    )
    (warning,) = status["warnings"]
    assert (warning["stepName"], warning["resourceArn"], warning["warningStatus"]) == ("run", nowhere, "active")
    two.client(EAST).update_plan(arn=arn, workflows=[WORKFLOW], executionRole=ROLE)
    until(lambda: two.client(WEST).get_plan_evaluation_status(planArn=arn)["evaluationState"] == "passed")
