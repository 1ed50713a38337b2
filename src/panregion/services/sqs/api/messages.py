"""One message at a time."""

from typing import Any

from panregion.services import Here
from panregion.services.sqs import layout
from panregion.services.sqs.drafts import Attributes
from panregion.services.sqs.errors import invalid
from panregion.services.sqs.model import RECEIVED_MAX, VISIBILITY_MAX_S, WAIT_MAX_S, Queue
from panregion.services.sqs.names import name_of_url
from panregion.services.sqs.quotas import DELETE, RECEIVE, SEND, admit
from panregion.services.sqs.receipts import parse_receipt
from panregion.services.sqs.receiving import check_names, described, receive, wait_for_messages
from panregion.services.sqs.running import count_inflight, lines_of, now_us, running_of
from panregion.services.sqs.sending import send
from panregion.services.waiting import MustWait

Json = dict[str, Any]

NAMES_MAX = 20_000
"""URLs that are remembered; the others are taken apart every time."""


def queue_at(here: Here, queue_url: str) -> Queue:
    """Raises InvalidAddress, QueueDoesNotExist."""
    names = running_of(here).names
    name = names.get(queue_url)
    if name is None:
        name = name_of_url(here, queue_url)
        if len(names) < NAMES_MAX:
            names[queue_url] = name
    return layout.require_queue(here.tx, name)


def change_message_visibility(here: Here, queue_url: str, receipt_handle: str, visibility_timeout: int) -> None:
    rehide(here, queue_at(here, queue_url), receipt_handle, visibility_timeout)


def rehide(here: Here, queue: Queue, receipt_handle: str, hide_s: int) -> None:
    if not 0 <= hide_s <= VISIBILITY_MAX_S:
        reason = f"VisibilityTimeout must be an integer between 0 and {VISIBILITY_MAX_S}"
        raise invalid("VisibilityTimeout", hide_s, reason)
    receipt = parse_receipt(queue.id, receipt_handle)
    lines_of(queue).rehide(here.tx, queue, receipt, now_us(here), hide_s)


def delete_message(here: Here, queue_url: str, receipt_handle: str) -> None:
    queue = queue_at(here, queue_url)
    admit(here, queue, DELETE)
    remove(here, queue, receipt_handle)


def remove(here: Here, queue: Queue, receipt_handle: str) -> None:
    receipt = parse_receipt(queue.id, receipt_handle)
    if lines_of(queue).remove(here.tx, queue, receipt, now_us(here)):
        count_inflight(here, queue, -1)


def receive_message(
    here: Here,
    queue_url: str,
    attribute_names: list[str] | None = None,
    message_system_attribute_names: list[str] | None = None,
    message_attribute_names: list[str] | None = None,
    max_number_of_messages: int = 1,
    visibility_timeout: int | None = None,
    wait_time_seconds: int | None = None,
    receive_request_attempt_id: str | None = None,
) -> Json:
    queue = queue_at(here, queue_url)
    system = [*(attribute_names or ()), *(message_system_attribute_names or ())]
    check_names(system)
    _check_receive(max_number_of_messages, visibility_timeout, wait_time_seconds)
    admit(here, queue, RECEIVE)
    hide_s = queue.visibility_s if visibility_timeout is None else visibility_timeout

    def receive_now(here: Here, queue: Queue) -> Json:
        taken = receive(here, queue, max_number_of_messages, hide_s, receive_request_attempt_id)
        if not taken:
            return {}
        names = message_attribute_names or []
        return {"Messages": [described(here, queue, one, system, names) for one in taken]}

    answer = receive_now(here, queue)
    wait_s = queue.wait_s if wait_time_seconds is None else wait_time_seconds
    if not answer and wait_s and not here.tx.writes:
        raise MustWait(
            lambda here, _operation, _arguments: wait_for_messages(
                here, queue.name, wait_s, lambda here: receive_now(here, queue_at(here, queue_url))
            )
        )
    return answer


def _check_receive(count: int, hide_s: int | None, wait_s: int | None) -> None:
    if not 1 <= count <= RECEIVED_MAX:
        raise invalid("MaxNumberOfMessages", count, f"Must be between 1 and {RECEIVED_MAX}, if provided.")
    if hide_s is not None and not 0 <= hide_s <= VISIBILITY_MAX_S:
        raise invalid("VisibilityTimeout", hide_s, f"Must be >= 0 and <= {VISIBILITY_MAX_S}, if provided.")
    if wait_s is not None and not 0 <= wait_s <= WAIT_MAX_S:
        raise invalid("WaitTimeSeconds", wait_s, f"Must be >= 0 and <= {WAIT_MAX_S}, if provided.")


def send_message(
    here: Here,
    queue_url: str,
    message_body: str,
    delay_seconds: int | None = None,
    message_attributes: Attributes | None = None,
    message_system_attributes: Attributes | None = None,
    message_deduplication_id: str | None = None,
    message_group_id: str | None = None,
) -> Json:
    queue = queue_at(here, queue_url)
    admit(here, queue, SEND, [message_group_id])
    return send(
        here,
        queue,
        message_body,
        delay_seconds,
        message_attributes,
        message_system_attributes,
        message_deduplication_id,
        message_group_id,
    )
