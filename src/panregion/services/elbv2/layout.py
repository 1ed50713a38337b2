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
from typing import Any, TypeVar

import msgspec

from panregion.services import Here
from panregion.services.elbv2.errors import (
    ListenerNotFoundException,
    LoadBalancerNotFoundException,
    RuleNotFoundException,
    TargetGroupNotFoundException,
    ValidationError,
)
from panregion.services.elbv2.model import FEED, Balancer, Listener, Rule, TargetGroup, groups_of
from panregion.store import Key

SPACE = "elbv2"
T = TypeVar("T")


def _get(here: Here, key: Key, kind: type[T]) -> T | None:
    value = here.tx.get(key)
    return None if value is None else msgspec.msgpack.decode(value, type=kind)


def _put(here: Here, key: Key, value: Any) -> None:
    here.tx.put(key, msgspec.msgpack.encode(value))


def _all(here: Here, prefix: Key, kind: type[T]) -> Iterator[T]:
    for value in here.tx.values(prefix):
        yield msgspec.msgpack.decode(value, type=kind)


def _told(here: Here) -> None:
    here.publish(FEED, b"")


# Load balancers


def balancer(here: Here, arn: str) -> Balancer:
    """Raises ValidationError, LoadBalancerNotFoundException."""
    if ":loadbalancer/" not in arn:
        raise ValidationError(f"'{arn}' is not a valid load balancer ARN")
    found = _get(here, (SPACE, "balancer", arn), Balancer)
    if found is None:
        raise LoadBalancerNotFoundException(f"Load balancer '{arn}' not found")
    return found


def balancer_named(here: Here, name: str) -> Balancer | None:
    arn = _get(here, (SPACE, "balancer-name", name), str)
    return None if arn is None else balancer(here, arn)


def balancers(here: Here) -> Iterator[Balancer]:
    return _all(here, (SPACE, "balancer"), Balancer)


def balancer_at(here: Here, octet: int) -> str | None:
    return _get(here, (SPACE, "octet", octet), str)


def put_balancer(here: Here, balancer: Balancer) -> None:
    _put(here, (SPACE, "balancer", balancer.arn), balancer)
    _put(here, (SPACE, "balancer-name", balancer.name), balancer.arn)
    _put(here, (SPACE, "octet", balancer.octet), balancer.arn)
    _told(here)


def delete_balancer(here: Here, balancer: Balancer) -> None:
    """With its listeners and their rules; target groups stay."""
    for each in list(listeners(here, balancer.arn)):
        delete_listener(here, each)
    here.tx.delete((SPACE, "balancer", balancer.arn))
    here.tx.delete((SPACE, "balancer-name", balancer.name))
    here.tx.delete((SPACE, "octet", balancer.octet))
    put_tags(here, balancer.arn, {})
    _told(here)


# Listeners


def listener(here: Here, arn: str) -> Listener:
    """Raises ValidationError, ListenerNotFoundException."""
    if ":listener/" not in arn:
        raise ValidationError(f"'{arn}' is not a valid listener ARN")
    owner = _get(here, (SPACE, "listener-of", arn), str)
    found = None if owner is None else _get(here, (SPACE, "listener", owner, arn), Listener)
    if found is None:
        raise ListenerNotFoundException(f"Listener '{arn}' not found")
    return found


def listeners(here: Here, balancer_arn: str | None = None) -> Iterator[Listener]:
    prefix: Key = (SPACE, "listener") if balancer_arn is None else (SPACE, "listener", balancer_arn)
    return _all(here, prefix, Listener)


def put_listener(here: Here, listener: Listener) -> None:
    _put(here, (SPACE, "listener", listener.balancer_arn, listener.arn), listener)
    _put(here, (SPACE, "listener-of", listener.arn), listener.balancer_arn)
    _told(here)


def delete_listener(here: Here, listener: Listener) -> None:
    for each in list(rules(here, listener.arn)):
        delete_rule(here, each)
    here.tx.delete((SPACE, "listener", listener.balancer_arn, listener.arn))
    here.tx.delete((SPACE, "listener-of", listener.arn))
    put_tags(here, listener.arn, {})
    _told(here)


# Rules


def rule(here: Here, arn: str) -> Rule:
    """Raises ValidationError, RuleNotFoundException."""
    if ":listener-rule/" not in arn:
        raise ValidationError(f"'{arn}' is not a valid listener rule ARN")
    place = _get(here, (SPACE, "rule-of", arn), tuple[str, int])
    found = None if place is None else rule_at(here, *place)
    if found is None:
        raise RuleNotFoundException(f"One or more rules not found: '{arn}'")
    return found


def rule_at(here: Here, listener_arn: str, priority: int) -> Rule | None:
    return _get(here, (SPACE, "rule", listener_arn, priority), Rule)


def rules(here: Here, listener_arn: str) -> Iterator[Rule]:
    """By priority."""
    return _all(here, (SPACE, "rule", listener_arn), Rule)


def all_rules(here: Here) -> Iterator[Rule]:
    return _all(here, (SPACE, "rule"), Rule)


def put_rule(here: Here, rule: Rule) -> None:
    _put(here, (SPACE, "rule", rule.listener_arn, rule.priority), rule)
    _put(here, (SPACE, "rule-of", rule.arn), (rule.listener_arn, rule.priority))
    _told(here)


def move_rule(here: Here, rule: Rule) -> None:
    """Take a rule from its priority; `put_rule` puts it at its new one."""
    here.tx.delete((SPACE, "rule", rule.listener_arn, rule.priority))


def delete_rule(here: Here, rule: Rule) -> None:
    move_rule(here, rule)
    here.tx.delete((SPACE, "rule-of", rule.arn))
    put_tags(here, rule.arn, {})
    _told(here)


# Target groups


def group(here: Here, arn: str) -> TargetGroup:
    """Raises ValidationError, TargetGroupNotFoundException."""
    if ":targetgroup/" not in arn:
        raise ValidationError(f"'{arn}' is not a valid target group ARN")
    found = _get(here, (SPACE, "group", arn), TargetGroup)
    if found is None:
        raise TargetGroupNotFoundException(f"Target groups '{arn}' not found")
    return found


def group_named(here: Here, name: str) -> TargetGroup | None:
    arn = _get(here, (SPACE, "group-name", name), str)
    return None if arn is None else group(here, arn)


def groups(here: Here) -> Iterator[TargetGroup]:
    return _all(here, (SPACE, "group"), TargetGroup)


def put_group(here: Here, group: TargetGroup) -> None:
    _put(here, (SPACE, "group", group.arn), group)
    _put(here, (SPACE, "group-name", group.name), group.arn)
    _told(here)


def delete_group(here: Here, group: TargetGroup) -> None:
    here.tx.delete((SPACE, "group", group.arn))
    here.tx.delete((SPACE, "group-name", group.name))
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
    return _get(here, (SPACE, "tags", arn), dict[str, str]) or {}


def put_tags(here: Here, arn: str, tags: dict[str, str]) -> None:
    if tags:
        _put(here, (SPACE, "tags", arn), tags)
    else:
        here.tx.delete((SPACE, "tags", arn))
