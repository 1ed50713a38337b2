"""Deploying a template to one or more regions, with AWS's own client and CloudFormation's own operations.

Local paths in the template are zipped and uploaded to a bucket of the region first, as `aws cloudformation package`
does. The first region is deployed by itself, because a multi-region application's shared resources (a hosted zone, a
global table) are made there; the others follow side by side.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from panregion.control.trying import try_out
from panregion.wire import AwsError
from panregion.world import SystemClock, WorldSettings
from panregion.world.aside import aside
from panregion.world.aws_client import aws_client

POLL_S = 0.1
CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
FAILED = ("ROLLBACK", "FAILED")

Say = Callable[[str, str], None]
"""Told what happened: the region, and a line of text."""


class DeploymentFailed(Exception):
    """A stack could not be deployed to a region, or several; the text says where and why."""


@dataclass(frozen=True)
class Deployment:
    """What goes to every region: the stack's name and parameters, and the template's file."""

    settings: WorldSettings
    template: Path
    stack: str
    parameters: dict[str, str]
    progress: dict[str, str] = field(default_factory=dict)
    """Region -> what is happening there now."""
    told: set[str] = field(default_factory=set)
    """Functions of which has been said that they do not start."""
    done: Say = lambda _region, _text: None
    """Called where a region has the stack."""
    warn: Say = lambda _region, _text: None
    """Called where a function of it does not start; the text has several lines."""

    def client(self, service: str, region: str) -> Any:
        """AWS's client of a service in a region of the world."""
        return aws_client(service, region, self.settings.endpoint(region))


async def deploy_everywhere(deployment: Deployment, regions: list[str]) -> dict[str, dict[str, str]]:
    """Deploy to the first region, then to the others side by side; region -> outputs. Raises DeploymentFailed."""
    first, *others = regions
    outputs = {first: await _deploy_one(deployment, first)}
    results = await asyncio.gather(*(_deploy_one(deployment, region) for region in others), return_exceptions=True)
    failures = [str(result) for result in results if isinstance(result, BaseException)]
    if failures:
        raise DeploymentFailed("\n".join(failures))
    for region, result in zip(others, results, strict=True):
        assert isinstance(result, dict)
        outputs[region] = result
    return outputs


async def _deploy_one(deployment: Deployment, region: str) -> dict[str, str]:
    from botocore.exceptions import BotoCoreError, ClientError

    clock = SystemClock()
    started = clock.monotonic()
    deployment.progress[region] = "packaging"
    try:
        outputs, done = await _create_or_update(deployment, region)
    except ClientError as error:
        raise DeploymentFailed(f"{region}: {error.response['Error']['Message']}") from error
    except BotoCoreError as error:
        raise DeploymentFailed(f"{region}: {error}") from error
    finally:
        del deployment.progress[region]
    deployment.done(region, f"{deployment.stack} {done} in {clock.monotonic() - started:.1f} s")
    return outputs


async def _create_or_update(deployment: Deployment, region: str) -> tuple[dict[str, str], str]:
    """The stack's outputs and what was done. The client blocks, so its calls run in threads."""
    body = await aside(_packaged, deployment, region)
    client = deployment.client("cloudformation", region)
    exists = await aside(_exists, client, deployment.stack)
    wanted = {
        "StackName": deployment.stack,
        "TemplateBody": body,
        "Capabilities": CAPABILITIES,
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in deployment.parameters.items()],
    }
    try:
        answer = await aside(client.update_stack if exists else client.create_stack, **wanted)
    except client.exceptions.ClientError as error:
        if "No updates are to be performed" not in str(error):
            raise
        return await aside(_outputs, client, deployment.stack), "is as it was"
    await _follow(client, answer["StackId"], region, deployment.progress)
    resources = await aside(client.describe_stack_resources, StackName=deployment.stack)
    for text in await try_out(deployment.settings, region, resources["StackResources"], deployment.told):
        deployment.warn(region, text)
    return await aside(_outputs, client, deployment.stack), "updated" if exists else "created"


def _packaged(deployment: Deployment, region: str) -> str:
    from panregion.services.cloudformation.package import PackageError, package

    s3 = deployment.client("s3", region)
    bucket = f"panregion-deploy-{deployment.settings.account_id}-{region}"
    try:
        packaged = package(deployment.template, bucket)
    except AwsError as error:
        raise DeploymentFailed(f"{deployment.template}: {error.message}") from error
    except UnicodeDecodeError as error:
        raise DeploymentFailed(f"{deployment.template} is no text: {error}") from error
    except (PackageError, OSError) as error:
        raise DeploymentFailed(str(error)) from error
    if packaged.objects:
        _make_bucket(s3, bucket, region)
    for key, data in packaged.objects.items():
        s3.put_object(Bucket=bucket, Key=key, Body=data)
    return packaged.template


def _make_bucket(s3: Any, bucket: str, region: str) -> None:
    location = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    try:
        s3.create_bucket(Bucket=bucket, **location)
    except s3.exceptions.BucketAlreadyOwnedByYou:
        return


def _exists(client: Any, stack: str) -> bool:
    try:
        (found,) = client.describe_stacks(StackName=stack)["Stacks"]
    except client.exceptions.ClientError:
        return False
    if found["StackStatus"] == "ROLLBACK_COMPLETE":  # nothing of it is left; AWS wants it deleted first
        client.delete_stack(StackName=stack)
        client.get_waiter("stack_delete_complete").wait(StackName=stack, WaiterConfig={"Delay": 1})
        return False
    return bool(found["StackStatus"] != "REVIEW_IN_PROGRESS")


async def _follow(client: Any, stack_id: str, region: str, progress: dict[str, str]) -> None:
    """Wait until the stack is at rest, saying what it is at. Raises DeploymentFailed where it was rolled back."""
    clock = SystemClock()
    reasons: list[str] = []
    seen: set[str] = set()
    while True:
        events = (await aside(client.describe_stack_events, StackName=stack_id))["StackEvents"]
        for event in reversed(events):
            if event["EventId"] in seen:
                continue
            seen.add(event["EventId"])
            progress[region] = f"{event['LogicalResourceId']} {event['ResourceStatus']}"
            if event["ResourceStatus"].endswith("FAILED"):
                reasons.append(f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason given')}")
        (stack,) = (await aside(client.describe_stacks, StackName=stack_id))["Stacks"]
        status = stack["StackStatus"]
        if not status.endswith("IN_PROGRESS"):
            if any(word in status for word in FAILED):
                raise DeploymentFailed(f"{region}: {status}\n  " + "\n  ".join(reasons))
            return
        await clock.sleep(POLL_S)


def _outputs(client: Any, stack: str) -> dict[str, str]:
    (found,) = client.describe_stacks(StackName=stack)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}
