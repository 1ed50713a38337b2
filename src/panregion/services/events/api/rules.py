"""Rules and their targets."""

from typing import Any

import msgspec

from panregion.languages.schedules import ScheduleError, parse_schedule
from panregion.services import Here, reads
from panregion.services.events import layout
from panregion.services.events.api.putting import check_pattern
from panregion.services.events.delivery import rule_arn, tick_later
from panregion.services.events.errors import LimitExceededException, ValidationException, managed
from panregion.services.events.model import DEFAULT, RULES_MAX, TARGETS_MAX, Rule
from panregion.services.events.names import bus_of, page
from panregion.services.events.targets import check as check_target

Json = dict[str, Any]

ENABLED = ("ENABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS")


def delete_rule(
    here: Here,
    name: str,
    event_bus_name: str | None = None,
    force: bool = False,
) -> None:
    """Deleting what does not exist is fine. Rules that AWS manages are deleted by `force`."""
    bus = bus_of(here, event_bus_name)
    layout.require_bus(here.tx, bus)
    rule = layout.find_rule(here.tx, bus, name)
    if rule is None:
        return
    _require_own(rule, force=force)
    if rule.targets:
        raise ValidationException("Rule can't be deleted since it has targets.")
    layout.delete_rule(here.tx, rule)
    here.tx.delete(("events", "ticked", bus, name))


@reads
def describe_rule(here: Here, name: str, event_bus_name: str | None = None) -> Json:
    rule = layout.require_rule(here.tx, bus_of(here, event_bus_name), name)
    return {**_described(here, rule), "CreatedBy": here.account_id}


def _described(here: Here, rule: Rule) -> Json:
    shown = {
        "Name": rule.name,
        "Arn": rule_arn(here, rule),
        "EventPattern": rule.pattern,
        "ScheduleExpression": rule.schedule,
        "State": rule.state,
        "Description": rule.description,
        "RoleArn": rule.role_arn,
        "EventBusName": rule.bus,
        "ManagedBy": rule.managed_by,
    }
    return {name: value for name, value in shown.items() if value is not None}


def _require_own(rule: Rule, *, force: bool = False) -> None:
    if rule.managed_by is not None and not force:
        raise managed(rule.name)


def disable_rule(here: Here, name: str, event_bus_name: str | None = None) -> None:
    _set_state(here, layout.require_rule(here.tx, bus_of(here, event_bus_name), name), "DISABLED")


def enable_rule(here: Here, name: str, event_bus_name: str | None = None) -> None:
    _set_state(here, layout.require_rule(here.tx, bus_of(here, event_bus_name), name), "ENABLED")


def _set_state(here: Here, rule: Rule, state: str) -> None:
    _require_own(rule)
    if rule.state == state:
        return
    changed = msgspec.structs.replace(rule, state=state, enabled=state in ENABLED, id=here.world.chance.uuid())
    layout.put_rule(here.tx, changed)
    tick_later(here, changed)


@reads
def list_rule_names_by_target(
    here: Here,
    target_arn: str,
    event_bus_name: str | None = None,
    next_token: str | None = None,
    limit: int | None = None,
) -> Json:
    bus = bus_of(here, event_bus_name)
    layout.require_bus(here.tx, bus)
    names = [
        rule.name
        for rule in layout.rules(here.tx, bus)
        if any(target["Arn"] == target_arn for target in rule.targets.values())
    ]
    return page(names, names, "RuleNames", next_token, limit)


@reads
def list_rules(
    here: Here,
    name_prefix: str | None = None,
    event_bus_name: str | None = None,
    next_token: str | None = None,
    limit: int | None = None,
) -> Json:
    bus = bus_of(here, event_bus_name)
    layout.require_bus(here.tx, bus)
    found = [rule for rule in layout.rules(here.tx, bus) if rule.name.startswith(name_prefix or "")]
    return page([_described(here, rule) for rule in found], [rule.name for rule in found], "Rules", next_token, limit)


@reads
def list_targets_by_rule(
    here: Here, rule: str, event_bus_name: str | None = None, next_token: str | None = None, limit: int | None = None
) -> Json:
    targets = layout.require_rule(here.tx, bus_of(here, event_bus_name), rule).targets
    names = sorted(targets)
    return page([targets[name] for name in names], names, "Targets", next_token, limit)


def put_rule(
    here: Here,
    name: str,
    schedule_expression: str | None = None,
    event_pattern: str | None = None,
    state: str = "ENABLED",
    description: str | None = None,
    role_arn: str | None = None,
    tags: list[dict[str, str]] | None = None,
    event_bus_name: str | None = None,
) -> Json:
    """A rule that exists is replaced, but for its targets and tags."""
    bus = bus_of(here, event_bus_name)
    layout.require_bus(here.tx, bus)
    schedule, pattern = schedule_expression or None, event_pattern or None
    _check(bus, schedule, pattern)
    existing = layout.find_rule(here.tx, bus, name)
    if existing is not None:
        _require_own(existing)
    elif sum(1 for _ in layout.rules(here.tx, bus)) >= RULES_MAX:
        raise LimitExceededException("The requested resource exceeds the maximum number allowed.")
    rule = Rule(
        bus=bus,
        name=name,
        id=here.world.chance.uuid(),
        created_s=here.now(),
        pattern=pattern,
        schedule=schedule,
        enabled=state in ENABLED,
        state=state,
        description=description,
        role_arn=role_arn,
        tags={tag["Key"]: tag["Value"] for tag in tags or ()} if existing is None else existing.tags,
        targets={} if existing is None else existing.targets,
    )
    layout.put_rule(here.tx, rule)
    tick_later(here, rule)
    return {"RuleArn": rule_arn(here, rule)}


def _check(bus: str, schedule: str | None, pattern: str | None) -> None:
    if schedule is None and pattern is None:
        raise ValidationException("Parameter(s) EventPattern or ScheduleExpression must be specified.")
    if pattern is not None:
        check_pattern(pattern)
    if schedule is None:
        return
    if bus != DEFAULT:
        raise ValidationException("ScheduleExpression is supported only on the default event bus.")
    try:
        parse_schedule(schedule)
    except ScheduleError as error:
        raise ValidationException("Parameter ScheduleExpression is not valid.") from error


def put_targets(here: Here, rule: str, targets: list[Json], event_bus_name: str | None = None) -> Json:
    found = layout.require_rule(here.tx, bus_of(here, event_bus_name), rule)
    _require_own(found)
    for target in targets:
        check_target(here, target)
    whole = {**found.targets, **{target["Id"]: target for target in targets}}
    if len(whole) > TARGETS_MAX:
        raise LimitExceededException("The requested resource exceeds the maximum number allowed.")
    layout.put_rule(here.tx, msgspec.structs.replace(found, targets=whole))
    return {"FailedEntryCount": 0, "FailedEntries": []}


def remove_targets(
    here: Here,
    rule: str,
    ids: list[str],
    event_bus_name: str | None = None,
    force: bool = False,
) -> Json:
    """From rules that AWS manages, targets are removed by `force`."""
    found = layout.require_rule(here.tx, bus_of(here, event_bus_name), rule)
    _require_own(found, force=force)
    failed = [
        {
            "TargetId": one,
            "ErrorCode": "ResourceNotFoundException",
            "ErrorMessage": f"Rule {rule} does not have a target with the Id {one}.",
        }
        for one in ids
        if one not in found.targets
    ]
    left = {name: target for name, target in found.targets.items() if name not in ids}
    layout.put_rule(here.tx, msgspec.structs.replace(found, targets=left))
    return {"FailedEntryCount": len(failed), "FailedEntries": failed}
