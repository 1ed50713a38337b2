"""Control panels: groups of routing controls that safety rules are about."""

from typing import Any

import msgspec

from panregion.services.here import Here
from panregion.services.route53_recovery_control_config import layout
from panregion.services.route53_recovery_control_config.api.common import free, made_before, page, ready, room
from panregion.services.route53_recovery_control_config.errors import ConflictException, ValidationException
from panregion.services.route53_recovery_control_config.model import PAGE_SIZE, PANELS_MAX, PREFIX, Row, show_panel
from panregion.services.service import reads


def create_control_panel(
    here: Here,
    cluster_arn: str,
    control_panel_name: str,
    client_token: str | None = None,
    tags: dict[str, str] | None = None,
) -> dict[str, Any]:
    before = made_before(here, "controlpanel", client_token, control_panel_name)
    if before is not None:
        return {"ControlPanel": _shown(here, before)}
    cluster = ready(layout.require(here, cluster_arn, "cluster"))
    others = layout.rows(here, "controlpanel", cluster_arn=cluster.arn)
    free(control_panel_name, others)
    room(len(others), PANELS_MAX, "Control panels per cluster")
    panel = Row(
        kind="controlpanel",
        arn=f"{PREFIX}{here.account_id}:controlpanel/{here.world.chance.uuid().replace('-', '')}",
        name=control_panel_name,
        place=layout.next_place(here),
        cluster_arn=cluster.arn,
        tags=tags or {},
    )
    layout.put_token(here, "controlpanel", client_token, panel.arn)
    return {"ControlPanel": _shown(here, *layout.change(here, panel))}


def delete_control_panel(here: Here, control_panel_arn: str) -> dict[str, Any]:
    panel = ready(layout.require(here, control_panel_arn, "controlpanel"))
    if panel.default:
        raise ValidationException("The default control panel of a cluster cannot be deleted")
    for row in layout.rows(here, panel_arn=panel.arn):
        raise ConflictException(f"The control panel {panel.name} still has the {layout.WORDS[row.kind]} {row.name}")
    layout.change(here, msgspec.structs.replace(panel, status="PENDING_DELETION"))
    return {}


@reads
def describe_control_panel(here: Here, control_panel_arn: str) -> dict[str, Any]:
    return {"ControlPanel": _shown(here, layout.require(here, control_panel_arn, "controlpanel"))}


@reads
def list_control_panels(
    here: Here, cluster_arn: str | None = None, next_token: str | None = None, max_results: int = PAGE_SIZE
) -> dict[str, Any]:
    if cluster_arn is not None:
        layout.require(here, cluster_arn, "cluster")
    members = {} if cluster_arn is None else {"cluster_arn": cluster_arn}
    shown = [_shown(here, row) for row in layout.rows(here, "controlpanel", **members)]
    return page("ControlPanels", shown, next_token, max_results)


def update_control_panel(here: Here, control_panel_arn: str, control_panel_name: str) -> dict[str, Any]:
    panel = ready(layout.require(here, control_panel_arn, "controlpanel"))
    others = layout.rows(here, "controlpanel", cluster_arn=panel.cluster_arn)
    free(control_panel_name, [row for row in others if row.arn != panel.arn])
    changed = msgspec.structs.replace(panel, name=control_panel_name, status="PENDING")
    return {"ControlPanel": _shown(here, *layout.change(here, changed))}


def _shown(here: Here, panel: Row) -> dict[str, Any]:
    return show_panel(panel, len(layout.rows(here, "routingcontrol", panel_arn=panel.arn)), here.account_id)
