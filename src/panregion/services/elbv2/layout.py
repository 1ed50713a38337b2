"""Where elbv2 keeps things.

("elbv2", "balancer", arn)                      -> Balancer
("elbv2", "balancer-name", name)                -> its ARN
("elbv2", "octet", octet)                       -> ARN of the load balancer that has the address
("elbv2", "listener", balancer arn, arn)        -> Listener
("elbv2", "listener-of", arn)                   -> its load balancer's ARN
("elbv2", "rule", listener arn, priority)       -> Rule
("elbv2", "rule-of", arn)                       -> [listener's ARN, priority]
("elbv2", "group", arn)                         -> TargetGroup
("elbv2", "group-name", name)                   -> its ARN
("elbv2", "tags", arn)                          -> {key: value}

Every change is told in the feed "elbv2", by which the data plane knows that it must look again.
"""

from collections.abc import Iterator
from typing import Any

from panregion.services import Here
from panregion.services.elbv2.errors import (
    ListenerNotFoundException,
    LoadBalancerNotFoundException,
    RuleNotFoundException,
    TargetGroupNotFoundException,
    ValidationError,
)
from panregion.services.elbv2.model import FEED, Balancer, Listener, Rule, TargetGroup, groups_of
from panregion.services.records import Table

SPACE = "elbv2"
BALANCERS = Table(
    SPACE, "balancer", Balancer, lambda arn: LoadBalancerNotFoundException(f"Load balancer '{arn}' not found")
)
BALANCER_NAMES = Table(SPACE, "balancer-name", str)
OCTETS = Table(SPACE, "octet", str)
LISTENERS = Table(SPACE, "listener", Listener)
LISTENERS_OF = Table(SPACE, "listener-of", str)
RULES = Table(SPACE, "rule", Rule)
RULES_OF = Table(SPACE, "rule-of", tuple[str, int])
GROUPS = Table(
    SPACE, "group", TargetGroup, lambda arn: TargetGroupNotFoundException(f"Target groups '{arn}' not found")
)
GROUP_NAMES = Table(SPACE, "group-name", str)
TAGS = Table(SPACE, "tags", dict[str, str])


def _told(here: Here) -> None:
    here.publish(FEED, b"")


# Load balancers


def balancer(here: Here, arn: str) -> Balancer:
    """Raises ValidationError, LoadBalancerNotFoundException."""
    if ":loadbalancer/" not in arn:
        raise ValidationError(f"'{arn}' is not a valid load balancer ARN")
    return BALANCERS.require(here.tx, arn)


def balancer_named(here: Here, name: str) -> Balancer | None:
    arn = BALANCER_NAMES.find(here.tx, name)
    return None if arn is None else balancer(here, arn)


def balancers(here: Here) -> Iterator[Balancer]:
    return BALANCERS.all(here.tx)


def balancer_at(here: Here, octet: int) -> str | None:
    return OCTETS.find(here.tx, octet)


def put_balancer(here: Here, balancer: Balancer) -> None:
    BALANCERS.put(here.tx, balancer, balancer.arn)
    BALANCER_NAMES.put(here.tx, balancer.arn, balancer.name)
    OCTETS.put(here.tx, balancer.arn, balancer.octet)
    _told(here)


def delete_balancer(here: Here, balancer: Balancer) -> None:
    """With its listeners and their rules; target groups stay."""
    for each in list(listeners(here, balancer.arn)):
        delete_listener(here, each)
    BALANCERS.delete(here.tx, balancer.arn)
    BALANCER_NAMES.delete(here.tx, balancer.name)
    OCTETS.delete(here.tx, balancer.octet)
    put_tags(here, balancer.arn, {})
    _told(here)


# Listeners


def listener(here: Here, arn: str) -> Listener:
    """Raises ValidationError, ListenerNotFoundException."""
    if ":listener/" not in arn:
        raise ValidationError(f"'{arn}' is not a valid listener ARN")
    owner = LISTENERS_OF.find(here.tx, arn)
    found = None if owner is None else LISTENERS.find(here.tx, owner, arn)
    if found is None:
        raise ListenerNotFoundException(f"Listener '{arn}' not found")
    return found


def listeners(here: Here, balancer_arn: str | None = None) -> Iterator[Listener]:
    return LISTENERS.all(here.tx) if balancer_arn is None else LISTENERS.all(here.tx, balancer_arn)


def put_listener(here: Here, listener: Listener) -> None:
    LISTENERS.put(here.tx, listener, listener.balancer_arn, listener.arn)
    LISTENERS_OF.put(here.tx, listener.balancer_arn, listener.arn)
    _told(here)


def delete_listener(here: Here, listener: Listener) -> None:
    for each in list(rules(here, listener.arn)):
        delete_rule(here, each)
    LISTENERS.delete(here.tx, listener.balancer_arn, listener.arn)
    LISTENERS_OF.delete(here.tx, listener.arn)
    put_tags(here, listener.arn, {})
    _told(here)


# Rules


def rule(here: Here, arn: str) -> Rule:
    """Raises ValidationError, RuleNotFoundException."""
    if ":listener-rule/" not in arn:
        raise ValidationError(f"'{arn}' is not a valid listener rule ARN")
    place = RULES_OF.find(here.tx, arn)
    found = None if place is None else rule_at(here, *place)
    if found is None:
        raise RuleNotFoundException(f"One or more rules not found: '{arn}'")
    return found


def rule_at(here: Here, listener_arn: str, priority: int) -> Rule | None:
    return RULES.find(here.tx, listener_arn, priority)


def rules(here: Here, listener_arn: str) -> Iterator[Rule]:
    """By priority."""
    return RULES.all(here.tx, listener_arn)


def all_rules(here: Here) -> Iterator[Rule]:
    return RULES.all(here.tx)


def put_rule(here: Here, rule: Rule) -> None:
    RULES.put(here.tx, rule, rule.listener_arn, rule.priority)
    RULES_OF.put(here.tx, (rule.listener_arn, rule.priority), rule.arn)
    _told(here)


def move_rule(here: Here, rule: Rule) -> None:
    """Take a rule from its priority; `put_rule` puts it at its new one."""
    RULES.delete(here.tx, rule.listener_arn, rule.priority)


def delete_rule(here: Here, rule: Rule) -> None:
    move_rule(here, rule)
    RULES_OF.delete(here.tx, rule.arn)
    put_tags(here, rule.arn, {})
    _told(here)


# Target groups


def group(here: Here, arn: str) -> TargetGroup:
    """Raises ValidationError, TargetGroupNotFoundException."""
    if ":targetgroup/" not in arn:
        raise ValidationError(f"'{arn}' is not a valid target group ARN")
    return GROUPS.require(here.tx, arn)


def group_named(here: Here, name: str) -> TargetGroup | None:
    arn = GROUP_NAMES.find(here.tx, name)
    return None if arn is None else group(here, arn)


def groups(here: Here) -> Iterator[TargetGroup]:
    return GROUPS.all(here.tx)


def put_group(here: Here, group: TargetGroup) -> None:
    GROUPS.put(here.tx, group, group.arn)
    GROUP_NAMES.put(here.tx, group.arn, group.name)
    _told(here)


def delete_group(here: Here, group: TargetGroup) -> None:
    GROUPS.delete(here.tx, group.arn)
    GROUP_NAMES.delete(here.tx, group.name)
    put_tags(here, group.arn, {})
    _told(here)


def users_of_groups(here: Here) -> dict[str, list[str]]:
    """Target group -> the load balancers whose listeners or rules forward to it."""
    owners: dict[str, str] = {}
    users: dict[str, list[str]] = {}

    def use(actions: list[dict[str, Any]], balancer_arn: str) -> None:
        for arn in groups_of(actions):
            known = users.setdefault(arn, [])
            if balancer_arn not in known:
                known.append(balancer_arn)

    for each in listeners(here):
        owners[each.arn] = each.balancer_arn
        use(each.actions, each.balancer_arn)
    for each_rule in all_rules(here):
        use(each_rule.actions, owners[each_rule.listener_arn])
    return users


# Tags


def tags(here: Here, arn: str) -> dict[str, str]:
    return TAGS.find(here.tx, arn) or {}


def put_tags(here: Here, arn: str, tags: dict[str, str]) -> None:
    if tags:
        TAGS.put(here.tx, tags, arn)
    else:
        TAGS.delete(here.tx, arn)
