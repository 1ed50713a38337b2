"""`panregion deploy`: a template to one or more regions, with AWS's own client and CloudFormation's own operations.

Local paths in the template are zipped and uploaded to a bucket of the region first, as `aws cloudformation package`
does. The first region is deployed by itself, because a multi-region application's shared resources (a hosted zone, a
global table) are made there; the others follow side by side.
"""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
from rich.live import Live
from rich.table import Table

from panregion.cli.functions import try_out
from panregion.cli.output import Failure, UsageFailure, err, json_option, out, print_json
from panregion.cli.world import one_of, settings_of_world
from panregion.wire import AwsError
from panregion.world import SystemClock, WorldSettings
from panregion.world.aside import aside

POLL_S = 0.2
CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
FAILED = ("ROLLBACK", "FAILED")


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

    def __rich__(self) -> Table:
        table = Table.grid(padding=(0, 2))
        for region, text in self.progress.items():
            table.add_row("[yellow]○[/yellow]", region, text)
        return table

    def client(self, service: str, region: str) -> Any:
        """AWS's client of a service in a region of the world."""
        import boto3  # on demand: it takes longer to import than most commands run

        return boto3.client(  # type: ignore[call-overload]
            service,
            region_name=region,
            endpoint_url=self.settings.endpoint(region),
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )


@click.command()
@click.argument("template", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--stack", required=True, help="The stack's name, the same in every region.")
@click.option("--regions", help="Regions by comma, the primary one first; all of the world's otherwise.")
@click.option("--parameter", "parameters", multiple=True, metavar="KEY=VALUE", help="A parameter of the template.")
@json_option
def deploy(template: Path, stack: str, regions: str | None, parameters: tuple[str, ...], as_json: bool) -> None:
    """Create or update a stack from TEMPLATE (CloudFormation or SAM, YAML or JSON) in several regions."""
    settings = settings_of_world()
    chosen = regions.split(",") if regions else list(settings.regions)
    for region in chosen:
        one_of("region", region, list(settings.regions))
    outputs = deploy_template(settings, template, stack, chosen, _pairs(parameters))
    if as_json:
        print_json(outputs)
    else:
        _print_outputs(outputs)


def _pairs(parameters: tuple[str, ...]) -> dict[str, str]:
    for parameter in parameters:
        if "=" not in parameter:
            raise UsageFailure(f"--parameter {parameter}: write KEY=VALUE")
    return dict(parameter.split("=", 1) for parameter in parameters)


def _print_outputs(outputs: dict[str, dict[str, str]]) -> None:
    for region, values in outputs.items():
        for name, value in values.items():
            out.print(f"  {region:<16} {name}: {value}")


def deploy_template(
    settings: WorldSettings, template: Path, stack: str, regions: list[str], parameters: dict[str, str]
) -> dict[str, dict[str, str]]:
    """Deploy to all regions, the first one first; returns region -> outputs. Raises Failure with the reasons."""
    deployment = Deployment(settings, template, stack, parameters)
    return asyncio.run(deploy_everywhere(deployment, regions))


async def deploy_everywhere(deployment: Deployment, regions: list[str]) -> dict[str, dict[str, str]]:
    """Deploy to the first region, then to the others side by side; returns region -> outputs. Raises Failure."""
    first, *others = regions
    with Live(deployment, console=err, transient=True, refresh_per_second=10):
        outputs = {first: await _deploy_one(deployment, first)}
        results = await asyncio.gather(*(_deploy_one(deployment, region) for region in others), return_exceptions=True)
    failures = [str(result) for result in results if isinstance(result, BaseException)]
    if failures:
        raise Failure("\n".join(failures))
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
        raise Failure(f"{region}: {error.response['Error']['Message']}") from error
    except BotoCoreError as error:
        raise Failure(f"{region}: {error}") from error
    finally:
        del deployment.progress[region]
    err.print(f"[green]✓[/green] {region:<16} {deployment.stack} {done} in {clock.monotonic() - started:.1f} s")
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
    await try_out(deployment.settings, region, resources["StackResources"], deployment.told)
    return await aside(_outputs, client, deployment.stack), "updated" if exists else "created"


def _packaged(deployment: Deployment, region: str) -> str:
    from panregion.services.cloudformation.package import PackageError, package

    s3 = deployment.client("s3", region)
    bucket = f"panregion-deploy-{deployment.settings.account_id}-{region}"
    try:
        packaged = package(deployment.template, bucket)
    except AwsError as error:
        raise Failure(f"{deployment.template}: {error.message}") from error
    except UnicodeDecodeError as error:
        raise Failure(f"{deployment.template} is no text: {error}") from error
    except (PackageError, OSError) as error:
        raise Failure(str(error)) from error
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
    """Wait until the stack is at rest, saying what it is at. Raises Failure where it was rolled back."""
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
                raise Failure(f"{region}: {status}\n  " + "\n  ".join(reasons))
            return
        await clock.sleep(POLL_S)


def _outputs(client: Any, stack: str) -> dict[str, str]:
    (found,) = client.describe_stacks(StackName=stack)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}
