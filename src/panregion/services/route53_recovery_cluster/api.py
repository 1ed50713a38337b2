"""The operations of a cluster's endpoint, in the order of AWS's API reference."""

from typing import Any

from panregion.services.here import Here
from panregion.services.recovery import Agreed
from panregion.services.route53_recovery_cluster import model
from panregion.services.route53_recovery_cluster.cell import NAME, Cell
from panregion.services.route53_recovery_cluster.errors import (
    EndpointTemporarilyUnavailableException,
    ValidationException,
)

PAGE_SIZE = 500


async def get_routing_control_state(here: Here, routing_control_arn: str) -> dict[str, Any]:
    agreed = await _cell(here).read()
    control = model.control(agreed.document, routing_control_arn)
    return {
        "RoutingControlArn": control.arn,
        "RoutingControlState": _state(agreed, control.arn),
        "RoutingControlName": control.name,
    }


async def list_routing_controls(
    here: Here, control_panel_arn: str | None = None, next_token: str | None = None, max_results: int = PAGE_SIZE
) -> dict[str, Any]:
    agreed = await _cell(here).read()
    found = model.controls_of(agreed.document, control_panel_arn)
    panels = {panel.arn: panel.name for panel in agreed.document.panels}
    first = _offset(next_token)
    page: dict[str, Any] = {
        "RoutingControls": [
            {
                "ControlPanelArn": control.panel_arn,
                "ControlPanelName": panels[control.panel_arn],
                "RoutingControlArn": control.arn,
                "RoutingControlName": control.name,
                "RoutingControlState": _state(agreed, control.arn),
                "Owner": agreed.document.owner,
            }
            for control in found[first : first + max_results]
        ]
    }
    if len(found) > first + max_results:
        page["NextToken"] = str(first + max_results)
    return page


async def update_routing_control_state(
    here: Here, routing_control_arn: str, routing_control_state: str, safety_rules_to_override: list[str] | None = None
) -> dict[str, Any]:
    entry = {"RoutingControlArn": routing_control_arn, "RoutingControlState": routing_control_state}
    return await update_routing_control_states(here, [entry], safety_rules_to_override)


async def update_routing_control_states(
    here: Here,
    update_routing_control_state_entries: list[dict[str, str]],
    safety_rules_to_override: list[str] | None = None,
) -> dict[str, Any]:
    wanted = model.wanted(update_routing_control_state_entries)
    overridden = set(safety_rules_to_override or [])

    def decide(agreed: Agreed | None) -> Agreed | None:
        if agreed is None:
            raise EndpointTemporarilyUnavailableException("The cluster is not deployed yet")
        after = model.changed(agreed, wanted, overridden, here.now())
        return None if after is agreed else after

    await _cell(here).change(decide)
    return {}


def _cell(here: Here) -> Cell:
    """The cell that this is. Raises EndpointTemporarilyUnavailableException where it is none, but a region."""
    cell: Cell | None = here.running.get(NAME)
    if cell is None:
        raise EndpointTemporarilyUnavailableException(
            f"{here.region} is a Region, not a cluster endpoint: ask one of the five that DescribeCluster tells"
        )
    return cell


def _state(agreed: Agreed, arn: str) -> str:
    return "On" if agreed.state(arn).on else "Off"


def _offset(token: str | None) -> int:
    if token is None:
        return 0
    if not token.isdigit():
        raise ValidationException("The NextToken is not one that this endpoint gave", reason="fieldValidationFailed")
    return int(token)
