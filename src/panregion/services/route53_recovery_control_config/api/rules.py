"""Safety rules: what a change of routing controls has to leave true, or needs to be true before."""

from typing import Any

import msgspec

from panregion.services.here import Here
from panregion.services.route53_recovery_control_config import layout
from panregion.services.route53_recovery_control_config.api.common import free, made_before, page, ready, room
from panregion.services.route53_recovery_control_config.errors import ValidationException
from panregion.services.route53_recovery_control_config.model import (
    PAGE_SIZE,
    RULES_OF_PANEL_MAX,
    Row,
    check_rule,
    check_wait,
    show_rule,
)
from panregion.services.service import reads

ID_BITS = 64


def create_safety_rule(
    here: Here,
    assertion_rule: dict[str, Any] | None = None,
    client_token: str | None = None,
    gating_rule: dict[str, Any] | None = None,
    tags: dict[str, str] | None = None,
) -> dict[str, Any]:
    given = dict(_one(assertion_rule, gating_rule, "AssertionRule or GatingRule"))
    name, panel_arn = given.pop("Name"), given.pop("ControlPanelArn")
    before = made_before(here, "safetyrule", client_token, name)
    if before is not None:
        return show_rule(before, here.account_id)
    panel = ready(layout.require(here, panel_arn, "controlpanel"))
    others = layout.rows(here, "safetyrule", panel_arn=panel.arn)
    free(name, others, ValidationException)
    room(len(others), RULES_OF_PANEL_MAX, "Safety rules per control panel")
    check_rule(given, {row.arn for row in layout.rows(here, "routingcontrol", panel_arn=panel.arn)})
    rule = Row(
        kind="safetyrule",
        arn=f"{panel.arn}/safetyrule/{here.world.chance.randrange(2**ID_BITS):016x}",
        name=name,
        place=layout.next_place(here),
        cluster_arn=panel.cluster_arn,
        panel_arn=panel.arn,
        tags=tags or {},
        rule=given,
    )
    layout.put_token(here, "safetyrule", client_token, rule.arn)
    (kept,) = layout.change(here, rule)
    return show_rule(kept, here.account_id)


def _one(first: dict[str, Any] | None, second: dict[str, Any] | None, members: str) -> dict[str, Any]:
    """The one of two that was given. Raises ValidationException."""
    if (first is None) == (second is None):
        raise ValidationException(f"Exactly one of {members} must be given")
    return first or second or {}


def delete_safety_rule(here: Here, safety_rule_arn: str) -> dict[str, Any]:
    rule = ready(layout.require(here, safety_rule_arn, "safetyrule"))
    layout.change(here, msgspec.structs.replace(rule, status="PENDING_DELETION"))
    return {}


@reads
def describe_safety_rule(here: Here, safety_rule_arn: str) -> dict[str, Any]:
    return show_rule(layout.require(here, safety_rule_arn, "safetyrule"), here.account_id)


@reads
def list_safety_rules(
    here: Here, control_panel_arn: str, next_token: str | None = None, max_results: int = PAGE_SIZE
) -> dict[str, Any]:
    panel = layout.require(here, control_panel_arn, "controlpanel")
    shown = []
    for row in layout.rows(here, "safetyrule", panel_arn=panel.arn):
        ((member, rule),) = show_rule(row, here.account_id).items()
        shown.append({"GATING" if member == "GatingRule" else "ASSERTION": rule})
    return page("SafetyRules", shown, next_token, max_results)


def update_safety_rule(
    here: Here,
    assertion_rule_update: dict[str, Any] | None = None,
    gating_rule_update: dict[str, Any] | None = None,
) -> dict[str, Any]:
    update = _one(assertion_rule_update, gating_rule_update, "AssertionRuleUpdate or GatingRuleUpdate")
    rule = ready(layout.require(here, update["SafetyRuleArn"], "safetyrule"))
    if ("GatingControls" in rule.rule) != (gating_rule_update is not None):
        raise ValidationException(f"The safety rule {rule.name} is of the other kind")
    others = layout.rows(here, "safetyrule", panel_arn=rule.panel_arn)
    free(update["Name"], [row for row in others if row.arn != rule.arn], ValidationException)
    check_wait(update["WaitPeriodMs"])
    changed = msgspec.structs.replace(
        rule, name=update["Name"], status="PENDING", rule={**rule.rule, "WaitPeriodMs": update["WaitPeriodMs"]}
    )
    (kept,) = layout.change(here, changed)
    return show_rule(kept, here.account_id)
