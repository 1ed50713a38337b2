"""Amazon CloudWatch Logs: one function per operation, named as AWS names it."""

from itertools import islice
from typing import Any

import msgspec

from panregion.services import Here, reads
from panregion.services.logs import embedded, layout
from panregion.services.logs.errors import InvalidParameterException, ResourceAlreadyExistsException, no_group
from panregion.services.logs.model import RETENTION_DAYS, Group, Stream, check_batch, sort_batch
from panregion.services.logs.pattern import compile_pattern
from panregion.services.logs.reading import EVENTS_MAX, describe_found, filter_page, stream_page

PAGE = 50
TAGS_MAX = 50


def now_ms(here: Here) -> int:
    return int(here.now() * 1000)


def create_log_group(
    here: Here,
    log_group_name: str,
    kms_key_id: str | None = None,
    tags: dict[str, str] | None = None,
    log_group_class: str = "STANDARD",
) -> None:
    if layout.find_group(here.tx, log_group_name) is not None:
        raise ResourceAlreadyExistsException("The specified log group already exists")
    group = Group(
        name=log_group_name,
        created_ms=now_ms(here),
        tags=tags or {},
        log_class=log_group_class,
        kms_key_id=kms_key_id,
    )
    layout.put_group(here.tx, group)


def create_log_stream(here: Here, log_group_name: str, log_stream_name: str) -> None:
    layout.require_group(here.tx, log_group_name)
    if ":" in log_stream_name or "*" in log_stream_name:
        raise InvalidParameterException("A log stream name cannot contain the characters ':' and '*'.")
    if layout.find_stream(here.tx, log_group_name, log_stream_name) is not None:
        raise ResourceAlreadyExistsException("The specified log stream already exists")
    layout.put_stream(here.tx, Stream(group=log_group_name, name=log_stream_name, created_ms=now_ms(here)))


def delete_log_group(here: Here, log_group_name: str) -> None:
    layout.require_group(here.tx, log_group_name)
    layout.delete_group(here.tx, log_group_name)


def delete_log_stream(here: Here, log_group_name: str, log_stream_name: str) -> None:
    group = layout.require_group(here.tx, log_group_name)
    stream = layout.require_stream(here.tx, log_group_name, log_stream_name)
    layout.delete_stream(here.tx, log_group_name, log_stream_name)
    left = max(0, group.stored_bytes - stream.stored_bytes)
    layout.put_group(here.tx, msgspec.structs.replace(group, stored_bytes=left))


def delete_retention_policy(here: Here, log_group_name: str) -> None:
    group = layout.require_group(here.tx, log_group_name)
    layout.put_group(here.tx, msgspec.structs.replace(group, retention_days=None))


@reads
def describe_log_groups(
    here: Here,
    log_group_name_prefix: str | None = None,
    log_group_name_pattern: str | None = None,
    next_token: str | None = None,
    limit: int = PAGE,
    log_group_class: str | None = None,
) -> dict[str, Any]:
    if log_group_name_prefix and log_group_name_pattern:
        raise InvalidParameterException(
            "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters."
        )

    def wanted(group: Group) -> bool:
        return (
            group.name.startswith(log_group_name_prefix or "")
            and (log_group_name_pattern or "").lower() in group.name.lower()
            and log_group_class in (None, group.log_class)
        )

    found = list(islice(filter(wanted, layout.groups(here.tx, after=next_token)), limit + 1))
    page = found[:limit]
    answer: dict[str, Any] = {"logGroups": [describe_group(here, group) for group in page]}
    return answer | ({"nextToken": page[-1].name} if len(found) > limit else {})


def describe_group(here: Here, group: Group) -> dict[str, Any]:
    arn = here.arn("logs", f"log-group:{group.name}")
    described: dict[str, Any] = {
        "logGroupName": group.name,
        "creationTime": group.created_ms,
        "metricFilterCount": 0,
        "arn": f"{arn}:*",
        "logGroupArn": arn,
        "storedBytes": group.stored_bytes,
        "logGroupClass": group.log_class,
    }
    if group.retention_days is not None:
        described["retentionInDays"] = group.retention_days
    if group.kms_key_id is not None:
        described["kmsKeyId"] = group.kms_key_id
    return described


@reads
def describe_log_streams(
    here: Here,
    log_group_name: str | None = None,
    log_group_identifier: str | None = None,
    log_stream_name_prefix: str | None = None,
    order_by: str = "LogStreamName",
    descending: bool = False,
    next_token: str | None = None,
    limit: int = PAGE,
) -> dict[str, Any]:
    group = group_of(here, log_group_name, log_group_identifier)
    if order_by == "LastEventTime" and log_stream_name_prefix:
        raise InvalidParameterException("Cannot order by LastEventTime with a logStreamNamePrefix.")

    def order(stream: Stream) -> tuple[int, str]:
        return (stream.last_event_ms or 0 if order_by == "LastEventTime" else 0, stream.name)

    streams = [
        each for each in layout.streams(here.tx, group.name) if each.name.startswith(log_stream_name_prefix or "")
    ]
    streams.sort(key=order, reverse=descending)
    if next_token is not None:
        at_ms, _, name = next_token.partition("/")
        if not at_ms.isdigit():
            raise InvalidParameterException("The specified nextToken is invalid.")
        passed = (int(at_ms), name)
        streams = [each for each in streams if (order(each) < passed if descending else order(each) > passed)]
    page = streams[:limit]
    answer: dict[str, Any] = {"logStreams": [describe_stream(here, stream) for stream in page]}
    last = "/".join(map(str, order(page[-1]))) if len(streams) > limit else None
    return answer | ({"nextToken": last} if last else {})


def describe_stream(here: Here, stream: Stream) -> dict[str, Any]:
    described: dict[str, Any] = {
        "logStreamName": stream.name,
        "creationTime": stream.created_ms,
        "arn": here.arn("logs", f"log-group:{stream.group}:log-stream:{stream.name}"),
        "storedBytes": 0,  # AWS has reported 0 for streams since 2019
        "uploadSequenceToken": f"{stream.written:056d}",
    }
    if stream.last_event_ms is not None:
        described["firstEventTimestamp"] = stream.first_event_ms
        described["lastEventTimestamp"] = stream.last_event_ms
        described["lastIngestionTime"] = stream.last_ingestion_ms
    return described


@reads
def filter_log_events(
    here: Here,
    log_group_name: str | None = None,
    log_group_identifier: str | None = None,
    log_stream_names: list[str] | None = None,
    log_stream_name_prefix: str | None = None,
    start_time: int = 0,
    end_time: int | None = None,
    filter_pattern: str = "",
    next_token: str | None = None,
    limit: int = EVENTS_MAX,
    interleaved: bool = True,  # noqa: ARG001 - AWS ignores it too: always interleaved
) -> dict[str, Any]:
    group = group_of(here, log_group_name, log_group_identifier)
    if log_stream_names and log_stream_name_prefix:
        raise InvalidParameterException("Only one of logStreamNames and logStreamNamePrefix may be specified.")
    if log_stream_names:
        streams = [layout.require_stream(here.tx, group.name, name) for name in log_stream_names]
    else:
        prefix = log_stream_name_prefix or ""
        streams = [each for each in layout.streams(here.tx, group.name) if each.name.startswith(prefix)]
    match = compile_pattern(filter_pattern)
    start = (max(start_time, group.oldest_ms(now_ms(here))), "", 0)
    if next_token is not None:
        start = max(start, filter_position(next_token))
    end_ms = (1 << 61) if end_time is None else end_time + 1
    found, further = filter_page(here.tx, group, streams, match, start, end_ms, limit)
    answer = {"events": [describe_found(stream, event) for stream, event in found], "searchedLogStreams": []}
    return answer | ({"nextToken": f"{further[0]}/{further[2]}/{further[1]}"} if further else {})


def filter_position(text: str) -> tuple[int, str, int]:
    """The next_token of FilterLogEvents: time / number / stream."""
    at_ms, _, rest = text.partition("/")
    number, _, stream = rest.partition("/")
    if not (at_ms.isdigit() and number.isdigit()):
        raise InvalidParameterException("The specified nextToken is invalid.")
    return (int(at_ms), stream, int(number))


@reads
def get_log_events(
    here: Here,
    log_stream_name: str,
    log_group_name: str | None = None,
    log_group_identifier: str | None = None,
    start_time: int | None = None,
    end_time: int | None = None,
    next_token: str | None = None,
    limit: int = EVENTS_MAX,
    start_from_head: bool = False,
) -> dict[str, Any]:
    group = group_of(here, log_group_name, log_group_identifier)
    stream = layout.require_stream(here.tx, group.name, log_stream_name)
    params = {
        "start_time": start_time,
        "end_time": end_time,
        "next_token": next_token,
        "start_from_head": start_from_head,
    }
    return stream_page(here.tx, group, stream, group.oldest_ms(now_ms(here)), limit, params)


def group_of(here: Here, name: str | None, identifier: str | None) -> Group:
    """The group by its name, or by a name or ARN. Raises what AWS raises."""
    if (name is None) == (identifier is None):
        raise InvalidParameterException("Exactly one of logGroupName and logGroupIdentifier must be specified.")
    return layout.require_group(here.tx, group_name(identifier) if identifier else name or "")


def group_name(identifier: str) -> str:
    """A group's name out of its name or its ARN."""
    name = identifier.split(":log-group:", 1)[1] if identifier.startswith("arn:") else identifier
    return name.removesuffix(":*")


@reads
def list_tags_for_resource(here: Here, resource_arn: str) -> dict[str, Any]:
    return {"tags": tagged(here, resource_arn).tags}


@reads
def list_tags_log_group(here: Here, log_group_name: str) -> dict[str, Any]:
    return {"tags": layout.require_group(here.tx, log_group_name).tags}


def put_log_events(
    here: Here,
    log_group_name: str,
    log_stream_name: str,
    log_events: list[dict[str, Any]],
    sequence_token: str | None = None,  # noqa: ARG001 - AWS takes any since 2023
) -> dict[str, Any]:
    group = layout.require_group(here.tx, log_group_name)
    stream = layout.require_stream(here.tx, log_group_name, log_stream_name)
    check_batch(log_events)
    batch = sort_batch(log_events, group, now_ms(here))
    if batch.accepted:
        layout.append(here.tx, group, stream, batch.accepted, now_ms(here))
        embedded.tell(here, batch.accepted)
    rejected = batch.rejected()
    answer: dict[str, Any] = {"nextSequenceToken": f"{stream.written + len(batch.accepted):056d}"}
    return answer | ({"rejectedLogEventsInfo": rejected} if rejected else {})


def put_retention_policy(here: Here, log_group_name: str, retention_in_days: int) -> None:
    group = layout.require_group(here.tx, log_group_name)
    if retention_in_days not in RETENTION_DAYS:
        raise InvalidParameterException(
            f"Invalid retention value. Retention should be one of {', '.join(map(str, RETENTION_DAYS))}"
        )
    layout.put_group(here.tx, msgspec.structs.replace(group, retention_days=retention_in_days))


def tag_log_group(here: Here, log_group_name: str, tags: dict[str, str]) -> None:
    add_tags(here, layout.require_group(here.tx, log_group_name), tags)


def tag_resource(here: Here, resource_arn: str, tags: dict[str, str]) -> None:
    add_tags(here, tagged(here, resource_arn), tags)


def untag_log_group(here: Here, log_group_name: str, tags: list[str]) -> None:
    remove_tags(here, layout.require_group(here.tx, log_group_name), tags)


def untag_resource(here: Here, resource_arn: str, tag_keys: list[str]) -> None:
    remove_tags(here, tagged(here, resource_arn), tag_keys)


def tagged(here: Here, arn: str) -> Group:
    if ":log-group:" not in arn:
        raise no_group()
    return layout.require_group(here.tx, group_name(arn))


def add_tags(here: Here, group: Group, tags: dict[str, str]) -> None:
    both = {**group.tags, **tags}
    if len(both) > TAGS_MAX:
        raise InvalidParameterException(f"A log group can have at most {TAGS_MAX} tags.")
    layout.put_group(here.tx, msgspec.structs.replace(group, tags=both))


def remove_tags(here: Here, group: Group, keys: list[str]) -> None:
    left = {key: value for key, value in group.tags.items() if key not in keys}
    layout.put_group(here.tx, msgspec.structs.replace(group, tags=left))
