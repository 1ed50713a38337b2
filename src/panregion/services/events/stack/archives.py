"""AWS::Events::Archive."""

from typing import Any

from panregion.services import Context, Here, ResourceType
from panregion.services.events.stack.common import SERVICE, create_named, delete_named, text_of
from panregion.services.stack import Properties
from panregion.services.stack_calls import ask, picked

NAME_MAX = 48


def _changeable(properties: Properties) -> Properties:
    given = picked(properties, "Description", "RetentionDays", "KmsKeyIdentifier")
    pattern = text_of(properties.get("EventPattern"))
    return given if pattern is None else {**given, "EventPattern": pattern}


async def create(here: Here, properties: Properties, context: Context) -> str:
    name: str = properties.get("ArchiveName") or context.name(NAME_MAX)
    params = {"ArchiveName": name, "EventSourceArn": properties["SourceArn"], **_changeable(properties)}
    await create_named(here, context, "CreateArchive", **params)
    return name


async def update(here: Here, name: str, old: Properties, new: Properties, _context: Context) -> None:
    """What is given no longer takes its default."""
    gone = old.keys() - new.keys()
    defaults = {"Description": "", "RetentionDays": 0, "EventPattern": "", "KmsKeyIdentifier": ""}
    reset = {key: value for key, value in defaults.items() if key in gone}
    await ask(here, SERVICE, "UpdateArchive", ArchiveName=name, **reset, **_changeable(new))


async def delete(here: Here, name: str, _properties: Properties, context: Context) -> None:
    await delete_named(here, context, "DeleteArchive", ArchiveName=name)


async def attributes(here: Here, name: str, _properties: Properties) -> dict[str, Any]:
    return {"Arn": here.arn("events", f"archive/{name}"), "ArchiveName": name}


ARCHIVE = ResourceType(
    type_name="AWS::Events::Archive",
    properties=frozenset(
        {"ArchiveName", "SourceArn", "Description", "EventPattern", "RetentionDays", "KmsKeyIdentifier"}
    ),
    required=frozenset({"SourceArn"}),
    replaces_on=frozenset({"ArchiveName", "SourceArn"}),
    create=create,
    update=update,
    delete=delete,
    attributes=attributes,
)
