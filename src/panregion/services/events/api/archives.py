"""Archives."""

from typing import Any

import msgspec

from panregion.services import Here, reads
from panregion.services.events import archives, layout
from panregion.services.events.api.putting import check_pattern
from panregion.services.events.archives import ARCHIVES, Archive
from panregion.services.events.errors import (
    ResourceAlreadyExistsException,
    ValidationException,
)
from panregion.services.events.model import Rule
from panregion.services.events.names import page

Json = dict[str, Any]


def archive_arn(here: Here, name: str) -> str:
    return here.arn("events", f"archive/{name}")


def bus_at(here: Here, arn: str, parameter: str) -> str:
    prefix = here.arn("events", "event-bus/")
    if not arn.startswith(prefix):
        reason = "Reason: Must contain an event bus ARN."
        raise ValidationException(f"Parameter {parameter} is not valid. {reason}")
    bus = arn.removeprefix(prefix)
    layout.require_bus(here.tx, bus)
    return bus


def create_archive(
    here: Here,
    archive_name: str,
    event_source_arn: str,
    description: str | None = None,
    event_pattern: str | None = None,
    retention_days: int = 0,
    kms_key_identifier: str | None = None,
) -> Json:
    if ARCHIVES.find(here.tx, archive_name) is not None:
        raise ResourceAlreadyExistsException(f"Archive {archive_name} already exists.")
    bus = bus_at(here, event_source_arn, "EventSourceArn")
    if event_pattern:
        check_pattern(event_pattern)
    archive = Archive(
        name=archive_name,
        id=here.world.chance.uuid(),
        bus=bus,
        created_s=here.now(),
        description=description,
        pattern=event_pattern or None,
        retention_days=retention_days,
        key=kms_key_identifier or None,
    )
    _put_rule(here, archive)
    archives.expire_later(here, archive)
    return _state_of(here, archive)


def _put_rule(here: Here, archive: Archive) -> None:
    target = archives.target_of(here, archive)
    rule = Rule(
        bus=archive.bus,
        name=archive.rule,
        id=here.world.chance.uuid(),
        created_s=here.now(),
        pattern=archives.pattern_of(archive),
        managed_by=archives.MANAGED_BY,
        targets={target["Id"]: target},
    )
    layout.put_rule(here.tx, rule)


def _state_of(here: Here, archive: Archive) -> Json:
    return {
        "ArchiveArn": archive_arn(here, archive.name),
        "State": "ENABLED",
        "CreationTime": archive.created_s,
    }


def update_archive(
    here: Here,
    archive_name: str,
    description: str | None = None,
    event_pattern: str | None = None,
    retention_days: int | None = None,
    kms_key_identifier: str | None = None,
) -> Json:
    """What is not given stays as it is."""
    archive = ARCHIVES.require(here.tx, archive_name)
    if event_pattern:
        check_pattern(event_pattern)
    given = {
        "description": description,
        "pattern": event_pattern,
        "retention_days": retention_days,
        "key": kms_key_identifier,
    }
    empty = {"retention_days": 0}
    changes: Json = {name: value or empty.get(name) for name, value in given.items() if value is not None}
    changed = msgspec.structs.replace(archive, **changes)
    archives.expire_later(here, changed)
    if changed.pattern != archive.pattern:
        _put_rule(here, changed)
    return _state_of(here, changed)


def delete_archive(here: Here, archive_name: str) -> None:
    archive = ARCHIVES.require(here.tx, archive_name)
    ARCHIVES.delete(here.tx, archive_name)
    rule = layout.find_rule(here.tx, archive.bus, archive.rule)
    if rule is not None:
        layout.delete_rule(here.tx, rule)
    here.later("events.empty", {"id": archive.id})


@reads
def describe_archive(here: Here, archive_name: str) -> Json:
    archive = ARCHIVES.require(here.tx, archive_name)
    shown = {
        **_listed(here, archive),
        "ArchiveArn": archive_arn(here, archive_name),
        "Description": archive.description,
        "EventPattern": archive.pattern,
        "KmsKeyIdentifier": archive.key,
    }
    return {name: value for name, value in shown.items() if value is not None}


def _listed(here: Here, archive: Archive) -> Json:
    return {
        "ArchiveName": archive.name,
        "EventSourceArn": here.arn("events", f"event-bus/{archive.bus}"),
        "State": "ENABLED",
        "RetentionDays": archive.retention_days,
        "SizeBytes": archive.size_bytes,
        "EventCount": archive.events,
        "CreationTime": archive.created_s,
    }


def one_filter(operation: str, *given: str | None) -> None:
    if sum(each is not None for each in given) > 1:
        filters = "Use either : State, EventSourceArn, or NamePrefix."
        raise ValidationException(f"At most one filter is allowed for {operation}. {filters}")


@reads
def list_archives(
    here: Here,
    name_prefix: str | None = None,
    event_source_arn: str | None = None,
    state: str | None = None,
    next_token: str | None = None,
    limit: int | None = None,
) -> Json:
    one_filter("ListArchives", name_prefix, event_source_arn, state)
    shown = [_listed(here, one) for one in ARCHIVES.all(here.tx)]
    found = [
        one
        for one in shown
        if one["ArchiveName"].startswith(name_prefix or "")
        and event_source_arn in (None, one["EventSourceArn"])
        and state in (None, one["State"])
    ]
    return page(found, [one["ArchiveName"] for one in found], "Archives", next_token, limit)
