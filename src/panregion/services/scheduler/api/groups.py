"""Schedule groups and their tags: only groups have any."""

from typing import Any

import msgspec

from panregion.services import Here, reads
from panregion.services.scheduler import layout
from panregion.services.scheduler.api.pages import PAGE, page
from panregion.services.scheduler.errors import (
    ConflictException,
    ResourceNotFoundException,
    ServiceQuotaExceededException,
    ValidationException,
)
from panregion.services.scheduler.model import DEFAULT, GROUPS_MAX, TAGS_MAX, Group

Json = dict[str, Any]


def create_schedule_group(
    here: Here, name: str, tags: list[dict[str, str]] | None = None, client_token: str | None = None
) -> Json:
    """The same client token again means the same request: it has been done."""
    arn = here.arn("scheduler", f"schedule-group/{name}")
    known = layout.find_group(here.tx, name)
    if known is not None:
        if client_token is not None and known.token == client_token:
            return {"ScheduleGroupArn": arn}
        raise ConflictException(f"Schedule group {name} already exists.")
    if len(layout.groups(here.tx)) >= GROUPS_MAX:
        raise ServiceQuotaExceededException("The number of schedule groups is over the limit.")
    now = here.now()
    given = {tag["Key"]: tag["Value"] for tag in tags or ()}
    layout.put_group(here.tx, Group(name=name, created_s=now, modified_s=now, token=client_token, tags=given))
    return {"ScheduleGroupArn": arn}


def delete_schedule_group(here: Here, name: str, client_token: str | None = None) -> Json:  # noqa: ARG001
    """Its schedules go with it, in a moment."""
    if name == DEFAULT:
        raise ValidationException("The default schedule group cannot be deleted.")
    group = layout.require_group(here.tx, name)
    if group.state == "DELETING":
        raise ConflictException(f"Schedule group {name} is being deleted.")
    layout.put_group(here.tx, msgspec.structs.replace(group, state="DELETING", modified_s=here.now()))
    here.later("scheduler.empty", {"group": name})
    return {}


@reads
def get_schedule_group(here: Here, name: str) -> Json:
    return _described(here, layout.require_group(here.tx, name))


def _described(here: Here, group: Group) -> Json:
    return {
        "Arn": here.arn("scheduler", f"schedule-group/{group.name}"),
        "Name": group.name,
        "State": group.state,
        "CreationDate": group.created_s,
        "LastModificationDate": group.modified_s,
    }


@reads
def list_schedule_groups(
    here: Here, name_prefix: str | None = None, next_token: str | None = None, max_results: int = PAGE
) -> Json:
    found = [one for one in layout.groups(here.tx) if one.name.startswith(name_prefix or "")]
    shown = [_described(here, one) for one in found]
    return page(shown, [one.name for one in found], "ScheduleGroups", next_token, max_results)


# Tags: only groups have any


def _tagged(here: Here, arn: str) -> Group:
    prefix = here.arn("scheduler", "schedule-group/")
    if not arn.startswith(prefix):
        raise ResourceNotFoundException(f"Resource {arn} does not exist.")
    return layout.require_group(here.tx, arn.removeprefix(prefix))


@reads
def list_tags_for_resource(here: Here, resource_arn: str) -> Json:
    tags = _tagged(here, resource_arn).tags
    return {"Tags": [{"Key": name, "Value": value} for name, value in sorted(tags.items())]}


def tag_resource(here: Here, resource_arn: str, tags: list[dict[str, str]]) -> Json:
    group = _tagged(here, resource_arn)
    _retag(here, group, {**group.tags, **{tag["Key"]: tag["Value"] for tag in tags}})
    return {}


def untag_resource(here: Here, resource_arn: str, tag_keys: list[str]) -> Json:
    group = _tagged(here, resource_arn)
    _retag(here, group, {name: value for name, value in group.tags.items() if name not in tag_keys})
    return {}


def _retag(here: Here, group: Group, tags: dict[str, str]) -> None:
    if len(tags) > TAGS_MAX:
        raise ValidationException("The number of tags is over the limit.")
    layout.put_group(here.tx, msgspec.structs.replace(group, tags=tags, modified_s=here.now()))
