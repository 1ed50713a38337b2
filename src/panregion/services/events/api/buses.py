"""Buses, tags, and permissions: these are kept and shown, not enforced."""

from typing import Any

import msgspec

from panregion.services import Here, reads
from panregion.services.events import layout
from panregion.services.events.errors import (
    LimitExceededException,
    ResourceAlreadyExistsException,
    ResourceNotFoundException,
    ValidationException,
)
from panregion.services.events.model import BUSES_MAX, DEFAULT, TAGS_MAX, Bus, Rule
from panregion.services.events.names import BUS_NAME, bus_of, page, tagged_of

Json = dict[str, Any]


def bus_arn(here: Here, name: str) -> str:
    return here.arn("events", f"event-bus/{name}")


def create_event_bus(
    here: Here,
    name: str,
    description: str | None = None,
    dead_letter_config: Json | None = None,
    tags: list[dict[str, str]] | None = None,
) -> Json:
    if not BUS_NAME.fullmatch(name) or "/" in name:
        raise ValidationException("Event bus name must not contain '/'.")
    if layout.find_bus(here.tx, name) is not None:
        raise ResourceAlreadyExistsException(f"Event bus {name} already exists.")
    if len(layout.buses(here.tx)) >= BUSES_MAX:
        raise LimitExceededException("The requested resource exceeds the maximum number allowed.")
    now = here.now()
    bus = Bus(
        name=name,
        created_s=now,
        modified_s=now,
        description=description,
        dead_letter_arn=(dead_letter_config or {}).get("Arn"),
        tags={tag["Key"]: tag["Value"] for tag in tags or ()},
    )
    layout.put_bus(here.tx, bus)
    shown = _described(here, bus)
    return {
        "EventBusArn": shown["Arn"],
        **{key: shown[key] for key in ("Description", "DeadLetterConfig") if key in shown},
    }


def delete_event_bus(here: Here, name: str) -> None:
    """Deleting what does not exist is fine."""
    bus = bus_of(here, name)
    if bus == DEFAULT:
        raise ValidationException("Cannot delete event bus default.")
    if any(True for _ in layout.rules(here.tx, bus)):
        raise ValidationException(f"Event bus {bus} cannot be deleted since it has rules.")
    here.tx.delete(("events", "bus", bus))


@reads
def describe_event_bus(here: Here, name: str | None = None) -> Json:
    return _described(here, layout.require_bus(here.tx, bus_of(here, name)))


def _described(here: Here, bus: Bus) -> Json:
    shown: Json = {
        "Name": bus.name,
        "Arn": bus_arn(here, bus.name),
        "Description": bus.description,
        "Policy": bus.policy,
        "DeadLetterConfig": {"Arn": bus.dead_letter_arn} if bus.dead_letter_arn else None,
    }
    if bus.created_s:
        shown |= {"CreationTime": bus.created_s, "LastModifiedTime": bus.modified_s}
    return {name: value for name, value in shown.items() if value is not None}


@reads
def list_event_buses(
    here: Here, name_prefix: str | None = None, next_token: str | None = None, limit: int | None = None
) -> Json:
    found = [bus for bus in layout.buses(here.tx) if bus.name.startswith(name_prefix or "")]
    shown = [_described(here, bus) for bus in found]
    for one in shown:
        one.pop("DeadLetterConfig", None)
    return page(shown, [bus.name for bus in found], "EventBuses", next_token, limit)


def update_event_bus(
    here: Here, name: str | None = None, description: str | None = None, dead_letter_config: Json | None = None
) -> Json:
    bus = layout.require_bus(here.tx, bus_of(here, name))
    changes: Json = {"modified_s": here.now()}
    if description is not None:
        changes["description"] = description
    if dead_letter_config is not None:
        changes["dead_letter_arn"] = dead_letter_config.get("Arn")
    changed = msgspec.structs.replace(bus, **changes)
    layout.put_bus(here.tx, changed)
    shown = _described(here, changed)
    return {key: shown[key] for key in ("Arn", "Name", "Description", "DeadLetterConfig") if key in shown}


def put_permission(
    here: Here,
    event_bus_name: str | None = None,
    action: str | None = None,
    principal: str | None = None,
    statement_id: str | None = None,
    condition: Json | None = None,
    policy: str | None = None,
) -> None:
    bus = layout.require_bus(here.tx, bus_of(here, event_bus_name))
    if policy is None:
        if not (action and principal and statement_id):
            raise ValidationException("Parameter Action, Principal and StatementId, or Policy, must be given.")
        policy = _with_statement(here, bus, statement_id, action, principal, condition)
    layout.put_bus(here.tx, msgspec.structs.replace(bus, policy=policy))


def _with_statement(
    here: Here, bus: Bus, statement_id: str, action: str, principal: str, condition: Json | None
) -> str:
    document: Json = msgspec.json.decode(bus.policy) if bus.policy else {"Version": "2012-10-17", "Statement": []}
    statement: Json = {
        "Sid": statement_id,
        "Effect": "Allow",
        "Principal": "*" if principal == "*" else {"AWS": f"arn:aws:iam::{principal}:root"},
        "Action": action,
        "Resource": bus_arn(here, bus.name),
    }
    if condition is not None:
        statement["Condition"] = {condition["Type"]: {condition["Key"]: condition["Value"]}}
    others = [one for one in document["Statement"] if one.get("Sid") != statement_id]
    return msgspec.json.encode({**document, "Statement": [*others, statement]}).decode()


def remove_permission(
    here: Here,
    statement_id: str | None = None,
    remove_all_permissions: bool = False,
    event_bus_name: str | None = None,
) -> None:
    bus = layout.require_bus(here.tx, bus_of(here, event_bus_name))
    document: Json = msgspec.json.decode(bus.policy) if bus.policy else {"Statement": []}
    left = [one for one in document["Statement"] if one.get("Sid") != statement_id]
    if not remove_all_permissions and len(left) == len(document["Statement"]):
        raise ResourceNotFoundException("Statement with the provided id does not exist.")
    kept = None if remove_all_permissions or not left else msgspec.json.encode({**document, "Statement": left}).decode()
    layout.put_bus(here.tx, msgspec.structs.replace(bus, policy=kept))


def _tagged(here: Here, arn: str) -> Bus | Rule:
    bus, rule = tagged_of(here, arn)
    return layout.require_bus(here.tx, bus) if rule is None else layout.require_rule(here.tx, bus, rule)


def _retag(here: Here, one: Bus | Rule, tags: dict[str, str]) -> None:
    if len(tags) > TAGS_MAX:
        raise ValidationException("Number of tags is over the limit.")
    changed = msgspec.structs.replace(one, tags=tags)
    if isinstance(changed, Bus):
        layout.put_bus(here.tx, changed)
    else:
        layout.put_rule(here.tx, changed)


@reads
def list_tags_for_resource(here: Here, resource_arn: str) -> Json:
    tags = _tagged(here, resource_arn).tags
    return {"Tags": [{"Key": name, "Value": value} for name, value in sorted(tags.items())]}


def tag_resource(here: Here, resource_arn: str, tags: list[dict[str, str]]) -> None:
    one = _tagged(here, resource_arn)
    _retag(here, one, {**one.tags, **{tag["Key"]: tag["Value"] for tag in tags}})


def untag_resource(here: Here, resource_arn: str, tag_keys: list[str]) -> None:
    one = _tagged(here, resource_arn)
    _retag(here, one, {name: value for name, value in one.tags.items() if name not in tag_keys})
