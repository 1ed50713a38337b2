"""Experiments as they go: what is done to a control that writes down what it is asked, while a manual clock moves."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from panregion.region import Region
from panregion.region.worklist import listing
from panregion.services.fis.errors import ResourceNotFoundException, ValidationException
from panregion.wire import AwsError
from panregion.world import ManualClock, Request, Response, SeededChance, serve
from panregion.world.settings import Ports
from panregion.world.world import World
from tests.support import region_in

ROLE = "arn:aws:iam::000000000000:role/fis"
PLAIN = {"description": "d", "roleArn": ROLE, "stopConditions": [{"source": "none"}], "clientToken": "t"}
OTHER = "eu-west-1"
TRUST = msgspec.json.encode(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
).decode()


class FakeControl:
    """The faults of a world that is not there."""

    def __init__(self) -> None:
        self.live: dict[str, dict[str, Any]] = {}
        self.begun: list[dict[str, Any]] = []
        self.refuses = ""

    async def __call__(self, request: Request) -> Response:
        if self.refuses:
            return self._answer(400, {"message": self.refuses})
        if request.method == "DELETE":
            self.live.pop(request.path.rpartition("/")[2], None)
            return self._answer(200, {})
        asked = msgspec.json.decode(request.body)
        self.begun.append(asked)
        name = f"fault-{len(self.begun)}"
        self.live[name] = asked["fault"]
        return self._answer(200, {"id": name, "began_s": 0})

    @staticmethod
    def _answer(status: int, value: Any) -> Response:
        return Response(status, [], msgspec.json.encode(value))


class Lab:
    """A region with FIS, its clock in our hands."""

    def __init__(self, region: Region, clock: ManualClock, control: FakeControl) -> None:
        self.region, self.clock, self.control = region, clock, control
        self._tokens = 0

    async def fis(self, operation: str, **params: Any) -> dict[str, Any]:
        return await self.region.ask("fis", operation, params)

    async def start(self, actions: dict[str, Any], targets: dict[str, Any] | None = None, **changes: Any) -> str:
        """Make a template and begin an experiment; its id."""
        self._tokens += 1
        mode = changes.pop("mode", "run-all")
        token = {"clientToken": f"t{self._tokens}"}
        given = {**PLAIN, **token, "actions": actions, "targets": targets or {}, **changes}
        template = (await self.fis("CreateExperimentTemplate", **given))["experimentTemplate"]["id"]
        options = {"actionsMode": mode}
        begun = await self.fis("StartExperiment", experimentTemplateId=template, experimentOptions=options, **token)
        assert begun["experiment"]["state"]["status"] in ("pending", "cancelled")
        return str(begun["experiment"]["id"])

    async def pass_s(self, seconds: float) -> None:
        """Let time pass, in steps; what is to be done at each of them is done before the next."""
        for _ in range(max(1, int(seconds * 2))):
            await self.clock.advance(min(0.5, seconds))
            async with asyncio.timeout(20):
                while self._under_way():
                    await asyncio.sleep(0.002)

    def _under_way(self) -> bool:
        """Whether an experiment waits for a socket or a thread, for which time does not stand still."""
        here = self.region.here
        waiting = listing(here.store, here.region, here.now(), self.region.worker.running)
        return any(work["kind"].startswith("fis.") and work["due_in_s"] <= 0 for work in waiting)

    async def until(self, id: str, *statuses: str) -> dict[str, Any]:
        for _ in range(400):
            found: dict[str, Any] = (await self.fis("GetExperiment", id=id))["experiment"]
            if found["state"]["status"] in statuses:
                return found
            await self.pass_s(0.5)
        raise AssertionError(found)


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    control, clock = FakeControl(), ManualClock()
    server = await serve(control, "127.0.0.1", 0)
    region = region_in(
        tmp_path, world=World(clock, SeededChance(1)), regions=("us-east-1", OTHER), ports=Ports(control=server.port)
    )
    await region.start()
    yield Lab(region, clock, control)
    await region.stop()
    await server.close()


def wait(minutes: int, *after: str) -> dict[str, Any]:
    parameters = {"duration": f"PT{minutes}M"}
    return {"actionId": "aws:fis:wait", "parameters": parameters, "startAfter": list(after)}


def to_gateways(*after: str) -> dict[str, Any]:
    return {
        "actionId": "aws:network:transit-gateway-disrupt-cross-region-connectivity",
        "parameters": {"duration": "PT2M", "region": OTHER},
        "targets": {"TransitGateways": "gateways"},
        "startAfter": list(after),
    }


GATEWAYS = {
    "gateways": {
        "resourceType": "aws:ec2:transit-gateway",
        "resourceArns": ["arn:aws:ec2:us-east-1:000000000000:transit-gateway/tgw-1"],
        "selectionMode": "ALL",
    }
}


async def test_actions_follow_one_another(lab: Lab) -> None:
    name = await lab.start({"first": wait(1), "cut": to_gateways("first"), "after": wait(1, "cut")}, GATEWAYS)
    await lab.until(name, "running")
    assert lab.control.begun == []
    await lab.pass_s(61)
    running = (await lab.fis("GetExperiment", id=name))["experiment"]
    assert {name: action["state"]["status"] for name, action in running["actions"].items()} == {
        "first": "completed",
        "cut": "running",
        "after": "pending",
    }
    cut = {"kind": "link-cut", "from": "us-east-1", "to": OTHER, "both": False}
    assert lab.control.begun == [{"fault": cut, "duration_s": 120.0}]
    assert len(lab.control.live) == 1
    await lab.pass_s(122)
    assert lab.control.live == {}
    ended = await lab.until(name, "completed")
    took_s = ended["actions"]["cut"]["endTime"] - ended["actions"]["cut"]["startTime"]
    assert 120 <= took_s < 122
    assert ended["endTime"] - ended["startTime"] >= 240


async def test_what_is_stopped_is_undone(lab: Lab) -> None:
    name = await lab.start({"cut": to_gateways(), "later": wait(1, "cut")}, GATEWAYS)
    await lab.until(name, "running")
    await lab.pass_s(1)
    assert len(lab.control.live) == 1
    assert (await lab.fis("StopExperiment", id=name))["experiment"]["state"]["status"] == "stopping"
    ended = await lab.until(name, "stopped")
    await lab.pass_s(0.5)
    assert lab.control.live == {}
    assert ended["actions"]["cut"]["state"]["status"] == "stopped"
    assert ended["actions"]["later"]["state"]["status"] == "cancelled"
    with pytest.raises(ValidationException, match="is stopped and cannot be stopped"):
        await lab.fis("StopExperiment", id=name)
    with pytest.raises(ResourceNotFoundException):
        await lab.fis("StopExperiment", id="EXPnone")


async def test_an_alarm_stops_it(lab: Lab) -> None:
    alarm = {"AlarmName": "errors", "EvaluationPeriods": 1, "Threshold": 1.0, "Namespace": "n", "MetricName": "m"}
    alarm |= {"ComparisonOperator": "GreaterThanThreshold", "Period": 60, "Statistic": "Sum"}
    await lab.region.ask("cloudwatch", "PutMetricAlarm", alarm)
    arn = "arn:aws:cloudwatch:us-east-1:000000000000:alarm:errors"
    conditions = [{"source": "aws:cloudwatch:alarm", "value": arn}]
    name = await lab.start({"cut": to_gateways()}, GATEWAYS, stopConditions=conditions)
    await lab.until(name, "running")
    ring = {"AlarmName": "errors", "StateValue": "ALARM", "StateReason": "too many"}
    await lab.region.ask("cloudwatch", "SetAlarmState", ring)
    ended = await lab.until(name, "stopped", "completed", "failed")
    assert (ended["state"]["status"], arn in ended["state"]["reason"]) == ("stopped", True)
    await lab.pass_s(0.5)
    assert lab.control.live == {}


async def test_the_safety_lever_stops_what_runs_and_prevents_the_rest(lab: Lab) -> None:
    name = await lab.start({"cut": to_gateways()}, GATEWAYS)
    await lab.until(name, "running")
    engaged = {"status": "engaged", "reason": "a sale"}
    lever = (await lab.fis("UpdateSafetyLeverState", id="default", state=engaged))["safetyLever"]
    assert lever["state"] == engaged
    assert "safety lever" in (await lab.until(name, "stopped"))["state"]["reason"]
    prevented = await lab.start({"cut": to_gateways()}, GATEWAYS)
    found = (await lab.fis("GetExperiment", id=prevented))["experiment"]
    assert (found["state"]["status"], found["actions"]["cut"]["state"]["status"]) == ("cancelled", "pending")
    await lab.pass_s(1)
    assert lab.control.live == {}
    await lab.fis("UpdateSafetyLeverState", id="default", state={"status": "disengaged", "reason": "over"})
    await lab.until(await lab.start({"w": wait(1)}), "running")


async def test_what_control_refuses_fails_the_experiment(lab: Lab) -> None:
    lab.control.refuses = "the world has no such thing"
    ended = await lab.until(await lab.start({"cut": to_gateways(), "w": wait(1)}, GATEWAYS), "failed")
    assert "the world has no such thing" in ended["state"]["reason"]
    assert {each["state"]["status"] for each in ended["actions"].values()} == {"failed", "stopped"}


async def test_skip_all_does_nothing(lab: Lab) -> None:
    ended = await lab.until(await lab.start({"cut": to_gateways()}, GATEWAYS, mode="skip-all"), "completed")
    assert ended["actions"]["cut"]["state"]["status"] == "skipped"
    assert ended["experimentOptions"]["actionsMode"] == "skip-all"
    assert lab.control.begun == []


async def roles(lab: Lab) -> None:
    for number in range(4):
        tags = [{"Key": "team", "Value": "food" if number else "other"}]
        role = {"RoleName": f"role-{number}", "AssumeRolePolicyDocument": TRUST, "Tags": tags}
        await lab.region.ask("iam", "CreateRole", role)


def target(**changes: Any) -> dict[str, Any]:
    chosen = {"resourceType": "aws:iam:role", "resourceTags": {"team": "food"}, "selectionMode": "ALL"}
    return {"r": {**chosen, **changes}}


def failing(error: str = "internal-error") -> dict[str, Any]:
    parameters = {"duration": "PT1M", "service": "dynamodb", "operations": "GetItem,PutItem", "percentage": "50"}
    return {
        "actionId": f"aws:fis:inject-api-{error}",
        "parameters": parameters,
        "targets": {"Roles": "r"},
    }


@pytest.mark.parametrize(("mode", "count"), [("ALL", 3), ("COUNT(2)", 2), ("COUNT(9)", 3), ("PERCENT(67)", 2)])
async def test_targets_by_tag(lab: Lab, mode: str, count: int) -> None:
    await roles(lab)
    name = await lab.start({"a": failing()}, target(selectionMode=mode))
    await lab.until(name, "running")
    found = (await lab.fis("ListExperimentResolvedTargets", experimentId=name))["resolvedTargets"]
    arns = {each["targetInformation"]["arn"] for each in found}
    assert len(arns) == count
    assert all(arn[-1] in "123" for arn in arns)
    assert (await lab.fis("ListExperimentResolvedTargets", experimentId=name, targetName="x"))["resolvedTargets"] == []


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        ("internal-error", {"kind": "service-error", "how": "internal"}),
        ("unavailable-error", {"kind": "service-error", "how": "unavailable"}),
        ("throttle-error", {"kind": "service-throttle"}),
    ],
)
async def test_api_errors_are_faults_of_a_service(lab: Lab, error: str, fault: dict[str, str]) -> None:
    await roles(lab)
    await lab.until(await lab.start({"a": failing(error)}, target()), "running")
    await lab.pass_s(1)
    common = {"region": "us-east-1", "service": "dynamodb", "operations": ["GetItem", "PutItem"], "share": 0.5}
    assert [each["fault"] for each in lab.control.begun] == [{**fault, **common}]


async def test_a_target_without_resources(lab: Lab) -> None:
    nobody = target(resourceTags={"team": "nobody"})
    ended = await lab.until(await lab.start({"a": failing()}, nobody), "failed")
    assert "Target resolution returned empty set" in ended["state"]["reason"]
    options = {"emptyTargetResolutionMode": "skip"}
    ended = await lab.until(await lab.start({"a": failing()}, nobody, experimentOptions=options), "completed")
    assert ended["actions"]["a"]["state"]["status"] == "skipped"


async def test_a_target_that_does_not_exist(lab: Lab) -> None:
    gone = {"r": {"resourceType": "aws:iam:role", "resourceArns": [f"{ROLE}-gone"], "selectionMode": "ALL"}}
    ended = await lab.until(await lab.start({"a": failing()}, gone), "failed")
    assert f"{ROLE}-gone does not exist" in ended["state"]["reason"]


async def test_a_report_goes_into_a_bucket(lab: Lab) -> None:
    await lab.region.ask("s3", "CreateBucket", {"Bucket": "reports"})
    config = {
        "outputs": {"s3Configuration": {"bucketName": "reports", "prefix": "fis"}},
        "postExperimentDuration": "PT1M",
    }
    name = await lab.start({"w": wait(1)}, experimentReportConfiguration=config)
    ended = await lab.until(name, "completed")
    assert ended["experimentReport"]["state"]["status"] == "running"
    await lab.pass_s(62)
    report = (await lab.fis("GetExperiment", id=name))["experiment"]["experimentReport"]
    assert report["state"]["status"] == "completed"
    assert report["s3Reports"] == [{"arn": f"arn:aws:s3:::reports/fis/{name}/report.pdf", "reportType": "PDF"}]
    listed = await lab.region.ask("s3", "ListObjectsV2", {"Bucket": "reports"})
    assert [each["Key"] for each in listed["Contents"]] == [f"fis/{name}/report.pdf"]


async def test_a_report_without_its_bucket(lab: Lab) -> None:
    config = {"outputs": {"s3Configuration": {"bucketName": "nowhere"}}}
    name = await lab.start({"w": wait(1)}, experimentReportConfiguration=config)
    await lab.until(name, "completed")
    await lab.pass_s(1)
    report = (await lab.fis("GetExperiment", id=name))["experiment"]["experimentReport"]
    assert (report["state"]["status"], "s3Reports" in report) == ("failed", False)


async def test_a_template_of_cloudformation(lab: Lab) -> None:
    body = msgspec.json.encode(
        {
            "Resources": {
                "Template": {
                    "Type": "AWS::FIS::ExperimentTemplate",
                    "Properties": {
                        "Description": "wait",
                        "RoleArn": ROLE,
                        "StopConditions": [{"Source": "none"}],
                        "Targets": {},
                        "Actions": {"Wait": {"ActionId": "aws:fis:wait", "Parameters": {"duration": "PT1M"}}},
                        "Tags": {"Team": "food"},
                    },
                }
            },
            "Outputs": {"Id": {"Value": {"Ref": "Template"}}},
        }
    ).decode()
    await lab.region.ask("cloudformation", "CreateStack", {"StackName": "s", "TemplateBody": body})
    for _ in range(100):
        (stack,) = (await lab.region.ask("cloudformation", "DescribeStacks", {"StackName": "s"}))["Stacks"]
        if stack["StackStatus"] == "CREATE_COMPLETE":
            break
        await lab.pass_s(0.5)
    (output,) = stack["Outputs"]
    made = (await lab.fis("GetExperimentTemplate", id=output["OutputValue"]))["experimentTemplate"]
    assert made["tags"]["Team"] == "food"
    assert made["actions"] == {"Wait": {"actionId": "aws:fis:wait", "parameters": {"duration": "PT1M"}}}
    await lab.region.ask("cloudformation", "DeleteStack", {"StackName": "s"})
    for _ in range(100):
        await lab.pass_s(0.5)
        try:
            await lab.fis("GetExperimentTemplate", id=output["OutputValue"])
        except AwsError:
            return
    raise AssertionError("the template is still there")
