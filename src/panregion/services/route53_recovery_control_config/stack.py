"""AWS::Route53RecoveryControl::*. Ref gives the ARN; a resource is ready once the cells have agreed on it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from panregion.services.here import Here
from panregion.services.stack import Context, Properties, ResourceType
from panregion.services.stack_calls import ask, retag, tags_of, wait_until
from panregion.wire import AwsError

SERVICE = "route53-recovery-control-config"
POLL_S = 0.1
READY_LIMIT_S = 600.0


@dataclass(frozen=True)
class Kind:
    """One of the four kinds of resource, as AWS's operations name it."""

    word: str
    """In operations' names."""
    arn: str
    """The member that holds its ARN."""


CLUSTER = Kind("Cluster", "ClusterArn")
PANEL = Kind("ControlPanel", "ControlPanelArn")
CONTROL = Kind("RoutingControl", "RoutingControlArn")
RULE = Kind("SafetyRule", "SafetyRuleArn")


class NotReady(Exception):
    """A resource stays pending; the text says which."""


async def _describe(here: Here, kind: Kind, arn: str) -> Properties | None:
    """The resource as it is now; None where it is gone."""
    try:
        answer = await ask(here, SERVICE, f"Describe{kind.word}", **{kind.arn: arn})
    except AwsError as error:
        if error.code == "ResourceNotFoundException":
            return None
        raise
    (shown,) = answer.values()
    return dict(shown)


async def _until(here: Here, kind: Kind, arn: str, done: Callable[[Properties | None], bool]) -> None:
    """Wait until the resource is as wanted. Raises NotReady."""

    async def ready() -> bool:
        return done(await _describe(here, kind, arn))

    if not await wait_until(here, ready, limit_s=READY_LIMIT_S, poll_s=POLL_S):
        raise NotReady(f"{arn} is not ready after {READY_LIMIT_S:g} s: do three of the cluster's sites live?")


def _deployed(shown: Properties | None) -> bool:
    return shown is not None and shown["Status"] == "DEPLOYED"


async def _made(here: Here, kind: Kind, params: Properties) -> str:
    answer = await ask(here, SERVICE, f"Create{kind.word}", **params)
    (shown,) = answer.values()
    arn = str(shown[kind.arn])
    await _until(here, kind, arn, _deployed)
    return arn


def _tags(properties: Properties, context: Context) -> dict[str, str] | None:
    return tags_of(properties, context) or None


async def create_cluster(here: Here, properties: Properties, context: Context) -> str:
    params = {
        "ClusterName": properties["Name"],
        "NetworkType": properties.get("NetworkType"),
        "ClientToken": context.suffix,
        "Tags": _tags(properties, context),
    }
    return await _made(here, CLUSTER, params)


async def create_panel(here: Here, properties: Properties, context: Context) -> str:
    params = {
        "ClusterArn": properties.get("ClusterArn"),
        "ControlPanelName": properties["Name"],
        "ClientToken": context.suffix,
        "Tags": _tags(properties, context),
    }
    return await _made(here, PANEL, params)


async def create_control(here: Here, properties: Properties, context: Context) -> str:
    params = {
        "ClusterArn": properties.get("ClusterArn"),
        "ControlPanelArn": properties.get("ControlPanelArn"),
        "RoutingControlName": properties["Name"],
        "ClientToken": context.suffix,
    }
    return await _made(here, CONTROL, params)


async def create_rule(here: Here, properties: Properties, context: Context) -> str:
    config = properties["RuleConfig"]
    shared = {
        "ControlPanelArn": properties["ControlPanelArn"],
        "Name": properties["Name"],
        "RuleConfig": {
            "Inverted": config["Inverted"],
            "Threshold": config["Threshold"],
            "Type": config["Type"],
        },
    }
    params: Properties = {"ClientToken": context.suffix, "Tags": _tags(properties, context)}
    for member in ("AssertionRule", "GatingRule"):
        if member in properties:
            params[member] = {**shared, **properties[member]}
    return await _made(here, RULE, params)


def _update(kind: Kind, change: Callable[[Here, str, Properties], Awaitable[None]]) -> Any:
    """An update that changes what can be changed, and the tags."""

    async def update(here: Here, arn: str, old: Properties, new: Properties, context: Context) -> str | None:
        await change(here, arn, new)
        if kind is not CONTROL:
            before, after = tags_of(old, context), tags_of(new, context)
            await retag(here, SERVICE, {"ResourceArn": arn}, before, after, listed=False)
        await _until(here, kind, arn, _deployed)
        return None

    return update


async def _change_cluster(here: Here, arn: str, new: Properties) -> None:
    await ask(here, SERVICE, "UpdateCluster", ClusterArn=arn, NetworkType=new.get("NetworkType", "IPV4"))


async def _rename_panel(here: Here, arn: str, new: Properties) -> None:
    await ask(here, SERVICE, "UpdateControlPanel", ControlPanelArn=arn, ControlPanelName=new["Name"])


async def _rename_control(here: Here, arn: str, new: Properties) -> None:
    await ask(here, SERVICE, "UpdateRoutingControl", RoutingControlArn=arn, RoutingControlName=new["Name"])


async def _change_rule(here: Here, arn: str, new: Properties) -> None:
    for member in ("AssertionRule", "GatingRule"):
        if member in new:
            update = {"SafetyRuleArn": arn, "Name": new["Name"], "WaitPeriodMs": new[member]["WaitPeriodMs"]}
            await ask(here, SERVICE, "UpdateSafetyRule", **{f"{member}Update": update})


def _delete(kind: Kind) -> Any:
    async def delete(here: Here, arn: str, _properties: Properties, _context: Context) -> None:
        try:
            await ask(here, SERVICE, f"Delete{kind.word}", **{kind.arn: arn})
        except AwsError as error:
            shown = await _describe(here, kind, arn)
            if shown is not None and shown["Status"] != "PENDING_DELETION":
                raise error
        await _until(here, kind, arn, lambda shown: shown is None)

    return delete


def _attributes(kind: Kind, *members: str) -> Any:
    async def attributes(here: Here, arn: str, _properties: Properties) -> dict[str, Any]:
        shown = await _describe(here, kind, arn) or {}
        return {member: shown[member] for member in (kind.arn, "Status", *members) if member in shown}

    return attributes


def _type(
    kind: Kind,
    create: Any,
    change: Callable[[Here, str, Properties], Awaitable[None]],
    properties: str,
    required: str,
    replaces_on: str,
    *attributes: str,
) -> ResourceType:
    return ResourceType(
        type_name=f"AWS::Route53RecoveryControl::{kind.word}",
        properties=frozenset(properties.split()),
        required=frozenset(required.split()),
        replaces_on=frozenset(replaces_on.split()),
        create=create,
        update=_update(kind, change),
        delete=_delete(kind),
        attributes=_attributes(kind, *attributes),
    )


_TYPES = (
    _type(
        *(CLUSTER, create_cluster, _change_cluster, "Name NetworkType Tags", "Name", "Name"),
        *("ClusterEndpoints",),
    ),
    _type(
        *(PANEL, create_panel, _rename_panel, "ClusterArn Name Tags", "Name", "ClusterArn"),
        *("DefaultControlPanel", "RoutingControlCount"),
    ),
    _type(
        *(CONTROL, create_control, _rename_control, "ClusterArn ControlPanelArn Name", "Name"),
        "ClusterArn ControlPanelArn",
    ),
    _type(
        *(RULE, create_rule, _change_rule, "AssertionRule ControlPanelArn GatingRule Name RuleConfig Tags"),
        *("ControlPanelArn Name RuleConfig", "ControlPanelArn RuleConfig"),
    ),
)
RESOURCES = {kind.type_name: kind for kind in _TYPES}
