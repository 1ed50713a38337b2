"""Executions that really switch something: routing controls, Lambda functions, health checks, approvals."""

import json
import time
from typing import Any

import pytest

from panregion.functions import zipped
from tests.services.arc_region_switch.support import (
    EAST,
    ROLE,
    WEST,
    TwoRegions,
    approval,
    controls,
    function,
    parallel,
    record,
    refused,
    until,
)
from tests.services.route53_recovery_cluster.support import Five

SOURCE = """
import os, pathlib
def handler(event, context):
    path = pathlib.Path(os.environ["SEEN"])
    seen = path.read_text() if path.exists() else ""
    path.write_text(seen + os.environ["AWS_REGION"] + " " + event["targetRegion"] + " " + event["stepName"] + "\\n")
    if seen.count("\\n") < int(os.environ["FAILS"]):
        raise ValueError("not yet")
"""


@pytest.fixture(scope="module")
def switched(two: TwoRegions) -> list[str]:
    """Two routing controls, the first of them on."""
    config = two.client(EAST, "route53-recovery-control-config")
    cluster = config.create_cluster(ClusterName="app")["Cluster"]["ClusterArn"]
    until(lambda: config.describe_cluster(ClusterArn=cluster)["Cluster"]["Status"] == "DEPLOYED")
    arns = []
    for name in ("east", "west"):
        made = config.create_routing_control(ClusterArn=cluster, RoutingControlName=name)["RoutingControl"]
        arns.append(made["RoutingControlArn"])
    until(
        lambda: all(
            config.describe_routing_control(RoutingControlArn=arn)["RoutingControl"]["Status"] == "DEPLOYED"
            for arn in arns
        )
    )
    return arns


def states(five: Five, arns: list[str]) -> list[str]:
    client = five.client("eu-west-1")
    return [client.get_routing_control_state(RoutingControlArn=arn)["RoutingControlState"] for arn in arns]


def test_routing_controls_are_switched_with_two_sites_and_the_control_plane_lost(
    two: TwoRegions, five: Five, switched: list[str]
) -> None:
    east, west = switched
    both = controls("switch", us_west_2=[(east, "Off"), (west, "On")], us_east_1=[(east, "On"), (west, "Off")])
    arn = two.plan("controls", both)
    first = two.run(arn, EAST)
    two.in_state(arn, first, "completed", EAST)
    assert states(five, switched) == ["On", "Off"]
    five.end("us-east-1", "ap-northeast-1")
    two.end(EAST)  # plans, the clusters' control plane, Route 53's: all of them
    try:
        execution_id = two.run(arn, WEST, comment="lost", clientToken="once")
        assert two.run(arn, WEST, clientToken="once") == execution_id
        done = two.in_state(arn, execution_id, "completed")
        assert states(five, switched) == ["Off", "On"]
        assert (done["executionRegion"], done["comment"], done["version"]) == (WEST, "lost", "1")
        assert done["actualRecoveryTime"].startswith("PT")
        assert [step["status"] for step in done["stepStates"]] == ["completed"]
        events = two.events(arn, execution_id)
        assert [event["type"] for event in events] == [
            *("executionStarted", "stepStarted", "stepSucceeded", "executionSucceeded"),
        ]
        assert events[2]["resources"] == switched
        assert events[2]["previousEventId"] == events[1]["eventId"]
    finally:
        two.start(EAST)
        five.start("us-east-1", "ap-northeast-1")


def test_a_control_that_no_cluster_has_fails_its_step(two: TwoRegions, switched: list[str]) -> None:
    arn = two.plan("unknown", controls("switch", us_west_2=[(switched[0] + "f", "On")]))
    execution_id = two.run(arn)
    two.in_state(arn, execution_id, "pausedByFailedStep")
    told = next(event for event in two.events(arn, execution_id) if event["type"] == "stepFailed")
    assert told["error"] == f"no cluster has the routing control {switched[0]}f"
    client = two.client(WEST)
    refused("ConflictException", client.start_plan_execution, planArn=arn, targetRegion=WEST, action="activate")
    refused("IllegalStateException", two.client(EAST).delete_plan, arn=arn)
    update = {"planArn": arn, "executionId": execution_id, "stepName": "switch", "comment": "by hand"}
    two.client(EAST).update_plan_execution_step(**update, actionToTake="skip")
    done = two.in_state(arn, execution_id, "completedWithExceptions")
    assert done["stepStates"][0]["status"] == "skipped"


def deploy(two: TwoRegions, region: str, name: str, path: Any, fails: int) -> str:
    client = two.client(region, "lambda")
    made = client.create_function(
        FunctionName=name,
        Runtime="python3.11",
        Role="arn:aws:iam::000000000000:role/lambda",
        Handler="app.handler",
        Code={"ZipFile": zipped({"app.py": SOURCE})},
        Environment={"Variables": {"SEEN": str(path), "FAILS": str(fails)}},
    )
    client.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    arn: str = made["FunctionArn"]
    return arn


def test_a_function_runs_where_it_should_until_it_succeeds(two: TwoRegions, tmp_path: Any) -> None:
    seen = tmp_path / "seen"
    arns = [deploy(two, region, "step", seen, 2) for region in (EAST, WEST)]
    arn = two.plan("functions", function("before", *arns, where="deactivatingRegion"), function("after", *arns))
    execution_id = two.run(arn)
    two.in_state(arn, execution_id, "completed")
    assert seen.read_text().splitlines() == [
        *[f"{EAST} {WEST} before"] * 3,
        f"{WEST} {WEST} after",
    ]


def test_approvals_pauses_and_cancellations(two: TwoRegions) -> None:
    arn = two.plan("approvals", parallel("both", approval("one"), approval("two")), approval("last"))
    west = two.client(WEST)
    execution_id = two.run(arn, mode="ungraceful")
    seen = two.in_state(arn, execution_id, "pendingManualApproval")
    assert [(step["name"], step["status"]) for step in seen["stepStates"]] == [
        *[("both", "running"), ("one", "pendingApproval"), ("two", "pendingApproval")],
        ("last", "notStarted"),
    ]
    what = {"planArn": arn, "executionId": execution_id}
    for name in ("one", "two"):
        two.client(EAST).approve_plan_execution_step(**what, stepName=name, approval="approve", comment="fine")
    refused("IllegalStateException", west.approve_plan_execution_step, **what, stepName="one", approval="approve")
    refused("ResourceNotFoundException", west.approve_plan_execution_step, **what, stepName="x", approval="approve")
    west.update_plan_execution(**what, action="switchToGraceful")
    assert two.seen(arn, execution_id)["mode"] == "graceful"
    west.update_plan_execution(**what, action="pause")
    two.in_state(arn, execution_id, "pausedByOperator")
    west.update_plan_execution(**what, action="resume")
    refused("IllegalStateException", west.update_plan_execution, **what, action="resume")
    west.cancel_plan_execution(**what, comment="enough")
    assert two.seen(arn, execution_id)["executionState"] == "canceled"
    refused("IllegalStateException", west.cancel_plan_execution, **what)
    listed = west.list_plan_executions(planArn=arn, state="canceled")["items"]
    assert [each["executionId"] for each in listed] == [execution_id]
    assert west.list_plan_executions(planArn=arn, state="completed")["items"] == []
    of_step = west.list_plan_execution_events(**what, name="two")["items"]
    told = [event["type"] for event in of_step]
    assert told == ["stepPendingApproval", "executionPendingApproval", "stepSucceeded"]
    first = west.list_plan_execution_events(**what, maxResults=2)
    assert len(west.list_plan_execution_events(**what, nextToken=first["nextToken"])["items"]) >= 5


def test_what_cannot_be_started_is_told_why(two: TwoRegions) -> None:
    arn = two.plan("starts", approval())
    start = two.client(WEST).start_plan_execution
    activate = {"planArn": arn, "targetRegion": WEST, "action": "activate"}
    refused("IllegalArgumentException", start, **{**activate, "targetRegion": "eu-west-1"})
    refused("IllegalArgumentException", start, **{**activate, "action": "deactivate"})
    refused("IllegalArgumentException", start, **{**activate, "latestVersion": "false"})
    refused("IllegalArgumentException", start, **{**activate, "recoveryExecutionId": f"{EAST}/{'0' * 16}"})
    refused("ResourceNotFoundException", start, **{**activate, "planArn": arn[:-6] + "zzzzzz"})
    get = two.client(WEST).get_plan_execution
    refused("ResourceNotFoundException", get, planArn=arn, executionId=f"{WEST}/{'0' * 16}")
    refused("ResourceNotFoundException", get, planArn=arn, executionId="nowhere")


def test_health_checks_are_made_and_turned_in_both_regions(two: TwoRegions) -> None:
    route53 = two.client(EAST, "route53")
    zone = route53.create_hosted_zone(Name="switch.test", CallerReference="switch")["HostedZone"]["Id"]
    zone_id = zone.rpartition("/")[2]
    arn = two.plan("records", record("turn", zone_id, "api.switch.test"))
    west = two.client(WEST)

    def turned(region: str) -> dict[str, str]:
        listed = two.client(region).list_route53_health_checks_in_region(arn=arn)["healthChecks"]
        return {each["region"]: each["status"] for each in listed}

    assert turned(WEST) == {EAST: "healthy", WEST: "unhealthy"}
    until(lambda: all("healthCheckId" in each for each in west.list_route53_health_checks(arn=arn)["healthChecks"]))
    ids = {each["region"]: each["healthCheckId"] for each in west.list_route53_health_checks(arn=arn)["healthChecks"]}
    config = route53.get_health_check(HealthCheckId=ids[WEST])["HealthCheck"]["HealthCheckConfig"]
    assert config["Type"] == "RECOVERY_CONTROL"
    execution_id = two.run(arn)
    two.in_state(arn, execution_id, "completed")
    assert turned(WEST) == {EAST: "unhealthy", WEST: "healthy"}
    until(lambda: turned(EAST) == {EAST: "unhealthy", WEST: "healthy"})
    assert west.list_route53_health_checks(arn=arn, recordName="x")["healthChecks"] == []
    west.delete_plan(arn=arn)
    until(lambda: not {check["Id"] for check in route53.list_health_checks()["HealthChecks"]} & set(ids.values()))


def test_recovery_lasts_until_the_application_is_healthy(two: TwoRegions) -> None:
    for region in (EAST, WEST):
        cloudwatch = two.client(region, "cloudwatch")
        cloudwatch.put_metric_alarm(
            AlarmName="health",
            Namespace="app",
            MetricName="errors",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
        )
        cloudwatch.set_alarm_state(AlarmName="health", StateValue="ALARM", StateReason="lost")
    alarms = {
        region: {
            "resourceIdentifier": f"arn:aws:cloudwatch:{region}:000000000000:alarm:health",
            "alarmType": "applicationHealth",
        }
        for region in (EAST, WEST)
    }
    arn = two.plan("healthy", associatedAlarms=alarms)
    execution_id = two.run(arn)
    seen = two.in_state(arn, execution_id, "completedMonitoringApplicationHealth")
    assert "actualRecoveryTime" not in seen
    two.client(WEST, "cloudwatch").set_alarm_state(AlarmName="health", StateValue="OK", StateReason="well")
    done = two.in_state(arn, execution_id, "completed")  # the region that was left stays in alarm
    assert done["actualRecoveryTime"].startswith("PT")


def test_an_active_active_plan_takes_a_region_out_and_back(two: TwoRegions) -> None:
    flows = [{"workflowTargetAction": action, "steps": [approval()]} for action in ("activate", "deactivate")]
    after = {"workflowTargetAction": "postRecovery", "steps": []}
    arn = two.plan("twice", recoveryApproach="activeActive", primaryRegion=None, workflows=[*flows, after])
    started = two.client(WEST).start_plan_execution(planArn=arn, targetRegion=EAST, action="deactivate")
    assert (started["activateRegion"], started["deactivateRegion"]) == (WEST, EAST)
    what = {"planArn": arn, "executionId": started["executionId"]}
    two.client(WEST).approve_plan_execution_step(**what, stepName="approve", approval="decline")
    assert two.seen(arn, started["executionId"])["executionState"] == "canceled"
    again = two.client(EAST).start_plan_execution(
        planArn=arn, targetRegion=EAST, action="postRecovery", recoveryExecutionId=started["executionId"]
    )
    done = two.in_state(arn, again["executionId"], "completed", EAST)
    assert done["recoveryExecutionId"] == started["executionId"]
    assert done["endTime"].timestamp() <= time.time() + 1


def test_a_stack_makes_changes_and_deletes_a_plan(two: TwoRegions) -> None:
    def template(description: str) -> str:
        properties = {
            "Name": "stacked",
            "Regions": [EAST, WEST],
            "RecoveryApproach": "activePassive",
            "PrimaryRegion": EAST,
            "ExecutionRole": ROLE,
            "Description": description,
            "Tags": {"Team": "A"},
            "Workflows": [
                {
                    "WorkflowTargetAction": "activate",
                    "Steps": [
                        {
                            "Name": "ask",
                            "ExecutionBlockType": "ManualApproval",
                            "ExecutionBlockConfiguration": {"ExecutionApprovalConfig": {"ApprovalRole": ROLE}},
                        }
                    ],
                }
            ],
        }
        plan = {"Type": "AWS::ARCRegionSwitch::Plan", "Properties": properties}
        output = {"Value": {"Fn::GetAtt": ["Plan", "Arn"]}}
        return json.dumps({"Resources": {"Plan": plan}, "Outputs": {"Plan": output}})

    client = two.client(EAST, "cloudformation")
    client.create_stack(StackName="switch", TemplateBody=template("one"))
    until(lambda: client.describe_stacks(StackName="switch")["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE")
    arn = client.describe_stacks(StackName="switch")["Stacks"][0]["Outputs"][0]["OutputValue"]
    assert two.client(EAST).list_tags_for_resource(arn=arn)["resourceTags"]["Team"] == "A"
    client.update_stack(StackName="switch", TemplateBody=template("two"))
    until(lambda: client.describe_stacks(StackName="switch")["Stacks"][0]["StackStatus"] == "UPDATE_COMPLETE")
    assert two.client(EAST).get_plan(arn=arn)["plan"]["description"] == "two"
    client.delete_stack(StackName="switch")
    until(lambda: arn not in [plan["arn"] for plan in two.client(EAST).list_plans()["plans"]])
