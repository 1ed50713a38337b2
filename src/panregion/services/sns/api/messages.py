"""Publishing."""

import re
from collections.abc import Mapping
from typing import Any

from panregion.services import Here
from panregion.services.sns import layout
from panregion.services.sns.errors import (
    BatchEntryIdsNotDistinctException,
    BatchRequestTooLongException,
    EmptyBatchRequestException,
    InvalidBatchEntryIdException,
    TooManyEntriesInBatchRequestException,
    Unsupported,
    invalid,
)
from panregion.services.sns.names import topic_of_arn
from panregion.services.sns.notices import MESSAGE_BYTES_MAX
from panregion.services.sns.publishing import draft
from panregion.services.sns.publishing import publish as send

Json = dict[str, Any]

ENTRIES_MAX = 10
ID_LENGTH_MAX = 80
_ID = re.compile(r"[A-Za-z0-9_-]+")


def publish(
    here: Here,
    message: str,
    topic_arn: str | None = None,
    target_arn: str | None = None,
    phone_number: str | None = None,
    subject: str | None = None,
    message_structure: str | None = None,
    message_attributes: Mapping[str, Mapping[str, Any]] | None = None,
    message_deduplication_id: str | None = None,
    message_group_id: str | None = None,
) -> Json:
    if phone_number is not None:
        raise Unsupported("panregion's sns Publish does not support the parameter PhoneNumber")
    arn = topic_arn or target_arn
    if arn is None:
        raise invalid("TopicArn or TargetArn Reason: no value for required parameter")
    topic = layout.require_topic(here.tx, topic_of_arn(here, arn, "TopicArn" if topic_arn else "TargetArn"))
    notice, _ = draft(
        here,
        topic,
        message,
        subject,
        message_structure,
        message_attributes,
        message_deduplication_id,
        message_group_id,
    )
    return send(here, topic, notice)


def publish_batch(here: Here, topic_arn: str, publish_batch_request_entries: list[Json]) -> Json:
    topic = layout.require_topic(here.tx, topic_of_arn(here, topic_arn))
    check_entries(publish_batch_request_entries)
    drafts = [
        draft(
            here,
            topic,
            entry["Message"],
            entry.get("Subject"),
            entry.get("MessageStructure"),
            entry.get("MessageAttributes"),
            entry.get("MessageDeduplicationId"),
            entry.get("MessageGroupId"),
        )
        for entry in publish_batch_request_entries
    ]
    if sum(size for _, size in drafts) > MESSAGE_BYTES_MAX:
        raise BatchRequestTooLongException("The length of all the messages put together is more than the limit.")
    answers = [send(here, topic, notice) for notice, _ in drafts]
    ids = [{"Id": entry["Id"]} for entry in publish_batch_request_entries]
    return {"Successful": [found | answer for found, answer in zip(ids, answers, strict=True)], "Failed": []}


def check_entries(entries: list[Json]) -> None:
    """Raises what fails a batch whole."""
    if not entries:
        raise EmptyBatchRequestException("The batch request doesn't contain any entries.")
    if len(entries) > ENTRIES_MAX:
        raise TooManyEntriesInBatchRequestException("The batch request contains more entries than permissible.")
    ids = [entry["Id"] for entry in entries]
    if len(set(ids)) < len(ids):
        raise BatchEntryIdsNotDistinctException("Two or more batch entries in the request have the same Id.")
    for entry_id in ids:
        if len(entry_id) > ID_LENGTH_MAX:
            raise InvalidBatchEntryIdException(f"The Id of a batch entry in the batch request is too long: {entry_id}")
        if not _ID.fullmatch(entry_id):
            raise InvalidBatchEntryIdException(
                f"The Id of a batch entry in the batch request contains an impermissible character: {entry_id}"
            )
