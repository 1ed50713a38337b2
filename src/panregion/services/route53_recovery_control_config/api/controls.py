"""Routing controls: the switches. They are off when they are made, and switched at the cluster's endpoints only."""

from typing import Any

import msgspec

from panregion.services.here import Here
from panregion.services.route53_recovery_control_config import layout
from panregion.services.route53_recovery_control_config.api.common import free, made_before, page, ready, room
from panregion.services.route53_recovery_control_config.errors import ConflictException, ValidationException
from panregion.services.route53_recovery_control_config.model import (
    CONTROLS_MAX,
    CONTROLS_OF_PANEL_MAX,
    PAGE_SIZE,
    Row,
    show_control,
)
from panregion.services.service import reads

ID_BITS = 64


def create_routing_control(
    here: Here,
    cluster_arn: str,
    routing_control_name: str,
    client_token: str | None = None,
    control_panel_arn: str | None = None,
) -> dict[str, Any]:
    before = made_before(here, "routingcontrol", client_token, routing_control_name)
    if before is not None:
        return {"RoutingControl": show_control(before, here.account_id)}
    cluster = ready(layout.require(here, cluster_arn, "cluster"))
    panel = ready(_panel(here, cluster, control_panel_arn))
    others = layout.rows(here, "routingcontrol", cluster_arn=cluster.arn)
    neighbours = [row for row in others if row.panel_arn == panel.arn]
    free(routing_control_name, neighbours)
    room(len(neighbours), CONTROLS_OF_PANEL_MAX, "Routing controls per control panel")
    room(len(others), CONTROLS_MAX, "Routing controls per cluster")
    control = Row(
        kind="routingcontrol",
        arn=f"{panel.arn}/routingcontrol/{here.world.chance.randrange(2**ID_BITS):016x}",
        name=routing_control_name,
        place=layout.next_place(here),
        cluster_arn=cluster.arn,
        panel_arn=panel.arn,
    )
    layout.put_token(here, "routingcontrol", client_token, control.arn)
    (kept,) = layout.change(here, control)
    return {"RoutingControl": show_control(kept, here.account_id)}


def _panel(here: Here, cluster: Row, arn: str | None) -> Row:
    """The panel that was named, or the cluster's default one."""
    if arn is None:
        return next(row for row in layout.rows(here, "controlpanel", cluster_arn=cluster.arn) if row.default)
    panel = layout.require(here, arn, "controlpanel")
    if panel.cluster_arn != cluster.arn:
        raise ValidationException(f"The control panel {arn} is not one of the cluster {cluster.arn}")
    return panel


def delete_routing_control(here: Here, routing_control_arn: str) -> dict[str, Any]:
    control = ready(layout.require(here, routing_control_arn, "routingcontrol"))
    for row in layout.rows(here, "safetyrule", panel_arn=control.panel_arn):
        named = [row.rule.get(member, []) for member in ("AssertedControls", "GatingControls", "TargetControls")]
        if any(control.arn in arns for arns in named):
            raise ConflictException(f"The routing control {control.name} is part of the safety rule {row.name}")
    layout.change(here, msgspec.structs.replace(control, status="PENDING_DELETION"))
    return {}


@reads
def describe_routing_control(here: Here, routing_control_arn: str) -> dict[str, Any]:
    control = layout.require(here, routing_control_arn, "routingcontrol")
    return {"RoutingControl": show_control(control, here.account_id)}


async def list_associated_route53_health_checks(
    here: Here, routing_control_arn: str, next_token: str | None = None, max_results: int = PAGE_SIZE
) -> dict[str, Any]:
    """The health checks that follow a routing control, as Route 53 tells them now."""
    here.read(lambda here: layout.require(here, routing_control_arn, "routingcontrol"))
    found: list[str] = []
    marker: dict[str, str] = {}
    while True:
        answer = await here.request("route53", "ListHealthChecks", marker)
        found += [
            check["Id"]
            for check in answer["HealthChecks"]
            if check["HealthCheckConfig"].get("RoutingControlArn") == routing_control_arn
        ]
        if not answer["IsTruncated"]:
            return page("HealthCheckIds", found, next_token, max_results)
        marker = {"Marker": answer["NextMarker"]}


@reads
def list_routing_controls(
    here: Here, control_panel_arn: str, next_token: str | None = None, max_results: int = PAGE_SIZE
) -> dict[str, Any]:
    panel = layout.require(here, control_panel_arn, "controlpanel")
    controls = layout.rows(here, "routingcontrol", panel_arn=panel.arn)
    return page("RoutingControls", [show_control(row, here.account_id) for row in controls], next_token, max_results)


def update_routing_control(here: Here, routing_control_arn: str, routing_control_name: str) -> dict[str, Any]:
    control = ready(layout.require(here, routing_control_arn, "routingcontrol"))
    others = layout.rows(here, "routingcontrol", panel_arn=control.panel_arn)
    free(routing_control_name, [row for row in others if row.arn != control.arn])
    (kept,) = layout.change(here, msgspec.structs.replace(control, name=routing_control_name, status="PENDING"))
    return {"RoutingControl": show_control(kept, here.account_id)}
