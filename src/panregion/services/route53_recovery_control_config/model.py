"""What the control plane keeps of a cluster, the rules it obeys, and how it is shown. Pure.

Every row knows in which version of its cluster's document it last changed: once the cells have agreed on that version,
or a later one, the row is deployed, or gone if it was to be deleted.
"""

from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from panregion.services.recovery import CELL_SITES, Control, Document, Panel, Rule, endpoint
from panregion.services.route53_recovery_control_config.errors import ValidationException
from panregion.world import WorldSettings

Status = Literal["PENDING", "DEPLOYED", "PENDING_DELETION"]
Kind = Literal["cluster", "controlpanel", "routingcontrol", "safetyrule"]

DEFAULT_PANEL = "DefaultControlPanel"
PANELS_MAX, CONTROLS_OF_PANEL_MAX, CONTROLS_MAX, RULES_OF_PANEL_MAX = 50, 100, 300, 20
WAIT_MAX_MS = 3_600_000
PAGE_SIZE = 1000
PREFIX = "arn:aws:route53-recovery-control::"


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """What a cluster, panel, control or rule is. `place` is its number in the order in which things were made."""

    kind: Kind
    arn: str
    name: str
    place: int
    cluster_arn: str
    panel_arn: str = ""
    status: Status = "PENDING"
    changed_in: int = 1
    tags: dict[str, str] = {}
    number: int = 0
    """A cluster's, from which its cells' addresses come."""
    version: int = 1
    """Of a cluster's document."""
    deployed_version: int = 0
    network_type: str = "IPV4"
    default: bool = False
    rule: dict[str, Any] = {}
    """Of a safety rule: its members as AWS shows them, beside its name, ARN, panel, status and owner."""

    @property
    def cluster_id(self) -> str:
        return self.cluster_arn.rpartition("/")[2]


def document(cluster: Row, rows: Iterable[Row], owner: str) -> Document:
    """What the cells are to agree on."""
    there = [row for row in rows if row.status != "PENDING_DELETION"]
    return Document(
        cluster.version,
        cluster.arn,
        owner,
        tuple(Panel(row.arn, row.name) for row in there if row.kind == "controlpanel"),
        tuple(Control(row.arn, row.name, row.panel_arn) for row in there if row.kind == "routingcontrol"),
        tuple(_rule(row) for row in there if row.kind == "safetyrule"),
    )


def _rule(row: Row) -> Rule:
    shown, config = row.rule, row.rule["RuleConfig"]
    gating = "GatingControls" in shown
    return Rule(
        row.arn,
        row.name,
        row.panel_arn,
        "GATING" if gating else "ASSERTION",
        tuple(shown["GatingControls" if gating else "AssertedControls"]),
        tuple(shown.get("TargetControls", ())),
        config["Type"],
        config["Threshold"],
        config["Inverted"],
        shown["WaitPeriodMs"],
    )


def deployed(row: Row, version: int) -> Row | None:
    """The row once the cells have agreed on that version; None where it is gone then."""
    if row.changed_in > version:
        return row
    return None if row.status == "PENDING_DELETION" else msgspec.structs.replace(row, status="DEPLOYED")


def check_rule(rule: dict[str, Any], controls: set[str]) -> None:
    """Raises ValidationException. `controls` are the ARNs of the panel's routing controls."""
    named = [*rule.get("AssertedControls", []), *rule.get("GatingControls", []), *rule.get("TargetControls", [])]
    evaluated = rule.get("AssertedControls", rule.get("GatingControls", []))
    if not evaluated or ("GatingControls" in rule and not rule.get("TargetControls")):
        raise ValidationException("A safety rule must name at least one routing control")
    if len(set(named)) < len(named):
        raise ValidationException("A routing control can be named only once in a safety rule")
    strangers = sorted(set(named) - controls)
    if strangers:
        raise ValidationException(f"The routing control {strangers[0]} is not in the safety rule's control panel")
    check_wait(rule["WaitPeriodMs"])
    config = rule["RuleConfig"]
    if config["Type"] == "ATLEAST" and not 1 <= config["Threshold"] <= len(evaluated):
        raise ValidationException(f"Threshold must be between 1 and {len(evaluated)}, the number of routing controls")


def check_wait(wait_ms: int) -> None:
    """Raises ValidationException."""
    if not 0 <= wait_ms <= WAIT_MAX_MS:
        raise ValidationException(f"WaitPeriodMs must be between 0 and {WAIT_MAX_MS}")


def show_cluster(row: Row, settings: WorldSettings) -> dict[str, Any]:
    """As DescribeCluster shows it; the endpoints are there once all five have joined."""
    endpoints = [
        {"Endpoint": endpoint(settings, site, row.number), "Region": site}
        for site in CELL_SITES
        if row.deployed_version
    ]
    return {
        "ClusterArn": row.arn,
        "ClusterEndpoints": endpoints,
        "Name": row.name,
        "Status": row.status,
        "Owner": settings.account_id,
        "NetworkType": row.network_type,
    }


def show_panel(row: Row, controls: int, owner: str) -> dict[str, Any]:
    return {
        "ClusterArn": row.cluster_arn,
        "ControlPanelArn": row.arn,
        "DefaultControlPanel": row.default,
        "Name": row.name,
        "RoutingControlCount": controls,
        "Status": row.status,
        "Owner": owner,
    }


def show_control(row: Row, owner: str) -> dict[str, Any]:
    return {
        "ControlPanelArn": row.panel_arn,
        "Name": row.name,
        "RoutingControlArn": row.arn,
        "Status": row.status,
        "Owner": owner,
    }


def show_rule(row: Row, owner: str) -> dict[str, Any]:
    """Under the member that says of which kind it is: AssertionRule or GatingRule."""
    shown = {
        **row.rule,
        "ControlPanelArn": row.panel_arn,
        "Name": row.name,
        "SafetyRuleArn": row.arn,
        "Status": row.status,
        "Owner": owner,
    }
    return {"GatingRule" if "GatingControls" in row.rule else "AssertionRule": shown}
