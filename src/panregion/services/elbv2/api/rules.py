"""Rules of listeners: operations."""

from typing import Any

import msgspec

from panregion.services import Here, reads
from panregion.services.elbv2 import actions as deciding
from panregion.services.elbv2 import conditions as asking
from panregion.services.elbv2 import layout
from panregion.services.elbv2.api.forwarding import check_groups
from panregion.services.elbv2.api.listeners import default_rule
from panregion.services.elbv2.api.pages import page
from panregion.services.elbv2.api.tags import put_new
from panregion.services.elbv2.errors import (
    OperationNotPermittedException,
    PriorityInUseException,
    TooManyRulesException,
    ValidationError,
)
from panregion.services.elbv2.model import PRIORITY_MAX, RULES_MAX, Rule, show_default_rule, show_rule

Json = dict[str, Any]
HEX = "0123456789abcdef"


def create_rule(
    here: Here,
    listener_arn: str,
    conditions: list[Json],
    priority: int,
    actions: list[Json],
    tags: list[dict[str, str]] | None = None,
) -> Json:
    listener = layout.listener(here, listener_arn)
    if listener.protocol not in ("HTTP", "HTTPS"):
        raise OperationNotPermittedException("Rules are for listeners of application load balancers")
    _check_priority(priority)
    if layout.rule_at(here, listener_arn, priority) is not None:
        raise PriorityInUseException(f"Priority '{priority}' is currently in use")
    own = [rule for each in layout.listeners(here, listener.balancer_arn) for rule in layout.rules(here, each.arn)]
    if len(own) >= RULES_MAX:
        raise TooManyRulesException(f"A load balancer can have at most {RULES_MAX} rules")
    decided = deciding.normal(actions)
    check_groups(here, decided, listener.balancer_arn, listener.protocol)
    path = listener.arn.split(":listener/", 1)[1]
    new = Rule(
        arn=here.arn("elasticloadbalancing", f"listener-rule/{path}/{here.world.chance.token(16, HEX)}"),
        listener_arn=listener_arn,
        priority=priority,
        conditions=asking.normal(conditions),
        actions=decided,
    )
    layout.put_rule(here, new)
    put_new(here, new.arn, tags)
    return {"Rules": [show_rule(new)]}


def _check_priority(priority: int) -> None:
    if not 1 <= priority <= PRIORITY_MAX:
        raise ValidationError(f"Rule priority must be between 1 and {PRIORITY_MAX}")


@reads
def describe_rules(
    here: Here,
    listener_arn: str | None = None,
    rule_arns: list[str] | None = None,
    marker: str | None = None,
    page_size: int | None = None,
) -> Json:
    if bool(listener_arn) == bool(rule_arns):
        raise ValidationError("You must specify either a listener ARN or rule ARNs")
    if listener_arn:
        listener = layout.listener(here, listener_arn)
        found = [show_rule(rule) for rule in layout.rules(here, listener_arn)] + [show_default_rule(listener)]
    else:
        found = [default_rule(here, arn) or show_rule(layout.rule(here, arn)) for arn in rule_arns or []]
    shown, following = page(found, marker, page_size)
    return {"Rules": shown, **following}


def modify_rule(
    here: Here, rule_arn: str, conditions: list[Json] | None = None, actions: list[Json] | None = None
) -> Json:
    _not_default(here, rule_arn, "modified here: use ModifyListener")
    old = layout.rule(here, rule_arn)
    new = old
    if conditions is not None:
        new = msgspec.structs.replace(new, conditions=asking.normal(conditions))
    if actions is not None:
        new = msgspec.structs.replace(new, actions=deciding.normal(actions))
        listener = layout.listener(here, old.listener_arn)
        check_groups(here, new.actions, listener.balancer_arn, listener.protocol)
    layout.put_rule(here, new)
    return {"Rules": [show_rule(new)]}


def delete_rule(here: Here, rule_arn: str) -> Json:
    _not_default(here, rule_arn, "deleted")
    layout.delete_rule(here, layout.rule(here, rule_arn))
    return {}


def _not_default(here: Here, arn: str, what: str) -> None:
    if default_rule(here, arn) is not None:
        raise OperationNotPermittedException(f"Default rule '{arn}' cannot be {what}")


def set_rule_priorities(here: Here, rule_priorities: list[Json]) -> Json:
    """All move at once: two rules may swap."""
    moved: dict[str, Rule] = {}
    for pair in rule_priorities:
        arn = pair.get("RuleArn", "")
        _not_default(here, arn, "given a priority")
        if arn in moved:
            raise ValidationError(f"The rule '{arn}' is named twice")
        _check_priority(pair.get("Priority", 0))
        moved[arn] = msgspec.structs.replace(layout.rule(here, arn), priority=pair["Priority"])
    places = [(rule.listener_arn, rule.priority) for rule in moved.values()]
    for arn, rule in moved.items():
        holder = layout.rule_at(here, rule.listener_arn, rule.priority)
        if places.count((rule.listener_arn, rule.priority)) > 1 or (holder is not None and holder.arn not in moved):
            raise PriorityInUseException(f"Priority '{rule.priority}' is currently in use")
        del arn
    for arn in moved:
        layout.move_rule(here, layout.rule(here, arn))
    for rule in moved.values():
        layout.put_rule(here, rule)
    return {"Rules": [show_rule(rule) for rule in moved.values()]}
