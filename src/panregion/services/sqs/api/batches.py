"""Up to ten at a time: each entry succeeds or fails by itself, what is wrong with the batch fails it whole."""

import re
from collections.abc import Callable
from typing import Any

from panregion.services import Here
from panregion.services.sqs.api.messages import queue_at, rehide, remove
from panregion.services.sqs.drafts import size_of
from panregion.services.sqs.errors import (
    BatchEntryIdsNotDistinct,
    BatchRequestTooLong,
    EmptyBatchRequest,
    InvalidBatchEntryId,
    InvalidParameterValue,
    TooManyEntriesInBatchRequest,
    missing,
)
from panregion.services.sqs.model import Queue
from panregion.services.sqs.quotas import DELETE, SEND, admit
from panregion.services.sqs.sending import send
from panregion.wire import AwsError

Json = dict[str, Any]

ENTRIES_MAX = 10
BATCH_BYTES_MAX = 1_048_576
_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")


def check_entries(entries: list[Json], kind: str) -> None:
    """Raises what fails a batch whole."""
    if not entries:
        raise EmptyBatchRequest(f"There should be at least one {kind}BatchRequestEntry in the request.")
    if len(entries) > ENTRIES_MAX:
        raise TooManyEntriesInBatchRequest(
            f"Maximum number of entries per request are {ENTRIES_MAX}. You have sent {len(entries)}."
        )
    seen: set[str] = set()
    for entry in entries:
        if not _ID.fullmatch(entry["Id"]):
            raise InvalidBatchEntryId(
                "A batch entry id can only contain alphanumeric characters, hyphens and underscores. "
                "It can be at most 80 letters long."
            )
        if entry["Id"] in seen:
            raise BatchEntryIdsNotDistinct(f"Id {entry['Id']} repeated.")
        seen.add(entry["Id"])


def each(entries: list[Json], do: Callable[[Json], Json | None]) -> Json:
    """What came of every entry."""
    successful, failed = [], []
    for entry in entries:
        try:
            successful.append({"Id": entry["Id"], **(do(entry) or {})})
        except AwsError as error:
            sender = error.fault == "Sender"
            told = {"Id": entry["Id"], "SenderFault": sender, "Code": error.code, "Message": error.message}
            failed.append(told)
    answer = {"Successful": successful, "Failed": failed}
    return {name: entries for name, entries in answer.items() if entries}


def change_message_visibility_batch(here: Here, queue_url: str, entries: list[Json]) -> Json:
    queue = queue_at(here, queue_url)
    check_entries(entries, "ChangeMessageVisibility")

    def change(entry: Json) -> None:
        if entry.get("VisibilityTimeout") is None:
            raise missing("VisibilityTimeout")
        rehide(here, queue, entry["ReceiptHandle"], entry["VisibilityTimeout"])

    return each(entries, change)


def delete_message_batch(here: Here, queue_url: str, entries: list[Json]) -> Json:
    queue = queue_at(here, queue_url)
    check_entries(entries, "DeleteMessage")
    admit(here, queue, DELETE)
    return each(entries, lambda entry: remove(here, queue, entry["ReceiptHandle"]))


def send_message_batch(here: Here, queue_url: str, entries: list[Json]) -> Json:
    queue = queue_at(here, queue_url)
    check_entries(entries, "SendMessage")
    admit(here, queue, SEND, [entry.get("MessageGroupId") for entry in entries])
    if queue.fifo:
        _check_order(queue, entries)
    size = sum(size_of(entry["MessageBody"], entry.get("MessageAttributes")) for entry in entries)
    if size > BATCH_BYTES_MAX:
        raise BatchRequestTooLong(
            f"Batch requests cannot be longer than {BATCH_BYTES_MAX} bytes. You have sent {size} bytes."
        )

    def send_entry(entry: Json) -> Json:
        return send(
            here,
            queue,
            entry["MessageBody"],
            entry.get("DelaySeconds"),
            entry.get("MessageAttributes"),
            entry.get("MessageSystemAttributes"),
            entry.get("MessageDeduplicationId"),
            entry.get("MessageGroupId"),
        )

    return each(entries, send_entry)


def _check_order(queue: Queue, entries: list[Json]) -> None:
    """What every message of a FIFO queue needs fails the whole batch where one entry lacks it."""
    if any(entry.get("MessageGroupId") is None for entry in entries):
        raise InvalidParameterValue("The request must contain the parameter MessageGroupId.")
    if not queue.content_deduplication and any(entry.get("MessageDeduplicationId") is None for entry in entries):
        raise InvalidParameterValue(
            "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided "
            "explicitly"
        )
