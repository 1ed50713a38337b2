"""The resource types that CloudFormation itself gives: nested stacks, and the ones that make nothing.

A nested stack is created by name, which holds the resource's own suffix, so a repeated creation finds it.
"""

from typing import Any

from panregion.services.here import Here
from panregion.services.stack import Context, Properties, ResourceType
from panregion.services.stack_calls import wait_until
from panregion.wire.errors import AwsError

_POLL_S = 0.05
_NAME_MAX = 128
_WAIT_S_MAX = 3600.0
_CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]


class NestedStackFailed(AwsError):
    code = "NestedStackFailed"


def _asked(properties: Properties) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "TemplateURL": properties["TemplateURL"],
        "Capabilities": _CAPABILITIES,
        "Parameters": [
            {"ParameterKey": key, "ParameterValue": ",".join(map(str, value)) if isinstance(value, list) else value}
            for key, value in (properties.get("Parameters") or {}).items()
        ],
    }
    for name in ("Tags", "NotificationARNs"):
        if name in properties:
            asked[name] = properties[name]
    return asked


async def create(here: Here, properties: Properties, context: Context) -> str:
    name = context.name(_NAME_MAX)
    found = await _find(here, name)
    if found is None:
        made = await here.request(
            "cloudformation", "CreateStack", {"StackName": name, "OnFailure": "DO_NOTHING", **_asked(properties)}
        )
        stack_id = str(made["StackId"])
    else:
        stack_id = str(found["StackId"])
    try:
        await _settled(here, stack_id, "CREATE_COMPLETE")
    except NestedStackFailed:  # its events stay; a resource that failed to be created leaves nothing behind
        await delete(here, stack_id, properties, context)
        raise
    return stack_id


async def update(here: Here, physical_id: str, _old: Properties, new: Properties, _context: Context) -> None:
    try:
        await here.request("cloudformation", "UpdateStack", {"StackName": physical_id, **_asked(new)})
    except AwsError as error:
        if error.message == "No updates are to be performed.":
            return
        raise
    await _settled(here, physical_id, "UPDATE_COMPLETE")


async def delete(here: Here, physical_id: str, _properties: Properties, _context: Context) -> None:
    await here.request("cloudformation", "DeleteStack", {"StackName": physical_id})
    if await _find(here, physical_id) is not None:
        await _settled(here, physical_id, "DELETE_COMPLETE")


async def attributes(here: Here, physical_id: str, _properties: Properties) -> dict[str, Any]:
    found = await _find(here, physical_id)
    assert found is not None
    outputs = found.get("Outputs", [])
    return {f"Outputs.{output['OutputKey']}": output["OutputValue"] for output in outputs}


async def _find(here: Here, name: str) -> dict[str, Any] | None:
    try:
        found = await here.request("cloudformation", "DescribeStacks", {"StackName": name})
    except AwsError:
        return None
    stack: dict[str, Any] = found["Stacks"][0]
    return stack


async def _settled(here: Here, stack_id: str, wanted: str) -> None:
    """Wait until the nested stack is done, whatever the outcome; raises if it is not the wanted one."""

    async def is_done() -> bool:
        found = await _find(here, stack_id)
        status = found["StackStatus"] if found else "DELETE_COMPLETE"
        if status != wanted and not status.endswith("_IN_PROGRESS"):
            why = (found or {}).get("StackStatusReason", status)
            raise NestedStackFailed(f"Embedded stack {stack_id} was not successfully {_done(wanted)}: {why}")
        return bool(status == wanted)

    if not await wait_until(here, is_done, limit_s=_WAIT_S_MAX, poll_s=_POLL_S):
        raise NestedStackFailed(f"Embedded stack {stack_id} did not reach {wanted} in {_WAIT_S_MAX:.0f} s")


def _done(wanted: str) -> str:
    return {"CREATE_COMPLETE": "created", "UPDATE_COMPLETE": "updated"}.get(wanted, "deleted")


async def create_nothing(_here: Here, _properties: Properties, context: Context) -> str:
    return context.name()


async def delete_nothing(_here: Here, _physical_id: str, _properties: Properties, _context: Context) -> None:
    return


async def update_nothing(_here: Here, _physical_id: str, _old: Properties, _new: Properties, _context: Context) -> None:
    return


RESOURCES = {
    kind.type_name: kind
    for kind in (
        ResourceType(
            type_name="AWS::CloudFormation::Stack",
            properties=frozenset({"TemplateURL", "Parameters", "Tags", "NotificationARNs", "TimeoutInMinutes"}),
            required=frozenset({"TemplateURL"}),
            create=create,
            update=update,
            delete=delete,
            attributes=attributes,
        ),
        # What `cdk` writes for its usage figures: AWS, too, makes nothing of it.
        ResourceType(
            type_name="AWS::CDK::Metadata",
            properties=frozenset({"Analytics"}),
            create=create_nothing,
            update=update_nothing,
            delete=delete_nothing,
        ),
    )
}
