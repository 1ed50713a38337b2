"""Message move tasks."""

import base64
import binascii
from typing import Any

import msgspec

from panregion.services import Here, reads
from panregion.services.sqs import layout
from panregion.services.sqs.errors import InvalidParameterValue, ResourceNotFoundException, invalid
from panregion.services.sqs.model import Queue
from panregion.services.sqs.names import queue_arn
from panregion.services.sqs.redrive import name_of_arn
from panregion.services.sqs.running import lines_of, now_us
from panregion.services.sqs.tasks import (
    ACTIVE,
    CANCELLING,
    KEPT_MAX,
    RUNNING,
    Task,
    described,
    put_task,
    run_later,
    tasks_of,
)

Json = dict[str, Any]

RATE_MAX = 500
COUNTED_MAX = 100_000


def cancel_message_move_task(here: Here, task_handle: str) -> Json:
    task_id, source_arn = _parsed(task_handle)
    source = _queue_of_arn(here, source_arn, "SourceArn")
    for task in tasks_of(here, source.name):
        if task.id != task_id:
            continue
        if task.status != RUNNING:
            raise InvalidParameterValue("Only active tasks can be cancelled.")
        put_task(here, msgspec.structs.replace(task, status=CANCELLING))
        return {"ApproximateNumberOfMessagesMoved": task.moved}
    raise ResourceNotFoundException("Task does not exist.")


def _parsed(handle: str) -> tuple[str, str]:
    try:
        document = msgspec.json.decode(base64.b64decode(handle, validate=True))
        return str(document["taskId"]), str(document["sourceArn"])
    except (binascii.Error, ValueError, KeyError, TypeError, msgspec.DecodeError) as error:
        raise InvalidParameterValue("Value for parameter TaskHandle is invalid.") from error


def _queue_of_arn(here: Here, arn: str, parameter: str) -> Queue:
    name = name_of_arn(arn, here.region, here.account_id)
    queue = None if name is None else layout.find_queue(here.tx, name)
    if queue is None:
        raise ResourceNotFoundException(f"The resource that you specified for the {parameter} parameter doesn't exist.")
    return queue


@reads
def list_message_move_tasks(here: Here, source_arn: str, max_results: int = 1) -> Json:
    if not 1 <= max_results <= KEPT_MAX:
        raise invalid("MaxResults", max_results, f"Value must be between 1 and {KEPT_MAX}, if provided.")
    source = _queue_of_arn(here, source_arn, "SourceArn")
    found = [described(here, task) for task, _ in zip(tasks_of(here, source.name), range(max_results), strict=False)]
    return {"Results": found}


def start_message_move_task(
    here: Here,
    source_arn: str,
    destination_arn: str | None = None,
    max_number_of_messages_per_second: int | None = None,
) -> Json:
    rate = max_number_of_messages_per_second
    if rate is not None and not 1 <= rate <= RATE_MAX:
        reason = f"Must be between 1 and {RATE_MAX}, if provided."
        raise invalid("MaxNumberOfMessagesPerSecond", rate, reason)
    source = _queue_of_arn(here, source_arn, "SourceArn")
    _check(here, source, destination_arn)
    known = list(tasks_of(here, source.name))
    if any(task.status in ACTIVE for task in known):
        raise InvalidParameterValue(
            "There is already a task running. Only one active task is allowed for a source queue arn at a given time."
        )
    for old in known[KEPT_MAX - 1 :]:
        here.tx.delete(old.key)
    tally, _ = lines_of(source).tally(here.tx, source, now_us(here), None, COUNTED_MAX)
    task = Task(
        id=here.world.chance.uuid(),
        source=source.name,
        started_us=now_us(here),
        destination_arn=destination_arn,
        rate=rate,
        to_move=tally.visible,
    )
    put_task(here, task)
    run_later(here, task, 0.0)
    return {"TaskHandle": _handle(here, task)}


def _handle(here: Here, task: Task) -> str:
    handle: str = described(here, task)["TaskHandle"]
    return handle


def _check(here: Here, source: Queue, destination_arn: str | None) -> None:
    arn = queue_arn(here, source.name)
    if not any(one.redrive is not None and one.redrive.target_arn == arn for one in layout.queues(here.tx)):
        raise InvalidParameterValue("Source queue must be configured as a Dead Letter Queue.")
    if destination_arn is None:
        return
    destination = _queue_of_arn(here, destination_arn, "DestinationArn")
    if destination.name == source.name:
        raise InvalidParameterValue("Source queue arn and destination queue arn cannot be the same.")
    if destination.fifo != source.fifo:
        raise InvalidParameterValue("Source queue and destination queue must be of the same type.")
