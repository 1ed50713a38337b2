"""Message move tasks: what is on a dead-letter queue goes back to where it came from, or elsewhere.

A task is a record and a piece of work. Each run of the work moves some messages and, in the same transaction, records
how many and leaves the next run; so a region that is killed goes on where it was.
"""

import base64
from collections.abc import Iterator
from typing import Any

import msgspec

from panregion.services import Here
from panregion.services.sqs import layout
from panregion.services.sqs.errors import QueueDoesNotExist, no_queue
from panregion.services.sqs.model import VISIBILITY_MAX_S, Message, Queue
from panregion.services.sqs.names import queue_arn
from panregion.services.sqs.receipts import parse_receipt
from panregion.services.sqs.redrive import name_of_arn
from panregion.services.sqs.running import lines_of, now_us
from panregion.services.sqs.sending import carry

Json = dict[str, Any]

KEPT_MAX = 10
MOVED_AT_ONCE = 100
RUNNING, COMPLETED, CANCELLING, CANCELLED, FAILED = "RUNNING", "COMPLETED", "CANCELLING", "CANCELLED", "FAILED"
ACTIVE = (RUNNING, CANCELLING)


class Task(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    source: str
    """The name of the queue."""
    started_us: int
    status: str = RUNNING
    destination_arn: str | None = None
    rate: int | None = None
    """Messages per second."""
    to_move: int = 0
    moved: int = 0
    failure: str | None = None

    @property
    def key(self) -> tuple[str, str, str, int]:
        return ("sqs", "task", self.source, self.started_us)


_task = msgspec.msgpack.Decoder(Task)


def put_task(here: Here, task: Task) -> None:
    here.tx.put(task.key, layout.pack(task))


def tasks_of(here: Here, name: str) -> Iterator[Task]:
    """The queue's tasks, the newest first."""
    return (_task.decode(raw) for raw in here.tx.values(("sqs", "task", name), reverse=True))


def handle_of(here: Here, task: Task) -> str:
    document = {"taskId": task.id, "sourceArn": queue_arn(here, task.source)}
    return base64.b64encode(msgspec.json.encode(document)).decode()


async def move_messages(here: Here, payload: Json) -> None:
    """Work: one run of a task. Where a queue is gone, nothing of the run is kept but that the task failed."""
    try:
        await here.transact(lambda here: run_task(here, payload))
    except QueueDoesNotExist:
        await here.transact(lambda here: fail_task(here, payload, "AWS.SimpleQueueService.NonExistentQueue"))


def _awaiting(here: Here, payload: Json) -> Task | None:
    """The task, if this run of it is still to be done."""
    raw = here.tx.get(("sqs", "task", payload["source"], payload["started_us"]))
    task = None if raw is None else _task.decode(raw)
    return task if task is not None and task.status in ACTIVE and task.moved == payload["moved"] else None


def fail_task(here: Here, payload: Json, reason: str) -> None:
    task = _awaiting(here, payload)
    if task is not None:
        put_task(here, msgspec.structs.replace(task, status=FAILED, failure=reason))


def run_task(here: Here, payload: Json) -> None:
    """Raises QueueDoesNotExist."""
    task = _awaiting(here, payload)
    if task is None:
        return
    if task.status == CANCELLING:
        put_task(here, msgspec.structs.replace(task, status=CANCELLED))
        return
    moved = move_some(here, task)
    status = RUNNING if moved else COMPLETED
    task = msgspec.structs.replace(task, moved=task.moved + moved, status=status)
    put_task(here, task)
    if moved:
        run_later(here, task, moved / task.rate if task.rate else 0.0)


def run_later(here: Here, task: Task, delay_s: float) -> None:
    payload = {"source": task.source, "started_us": task.started_us, "moved": task.moved}
    here.later("sqs.move", payload, here.now() + delay_s)


def move_some(here: Here, task: Task) -> int:
    """Move what one run may, how many. Raises QueueDoesNotExist."""
    source = layout.require_queue(here.tx, task.source)
    most = MOVED_AT_ONCE if task.rate is None else min(MOVED_AT_ONCE, max(1, task.rate // 10))
    moment = now_us(here)
    plain = msgspec.structs.replace(source, redrive=None)  # a task moves what is there, received often or not
    taken = lines_of(source).take(here.tx, plain, moment, most, VISIBILITY_MAX_S * 1_000_000, _never)
    for one in taken:
        message = layout.whole(here.tx, source.heap, one.message)
        target = _target(here, task, message)
        lines_of(source).remove(here.tx, source, parse_receipt(source.id, one.receipt), moment)
        carry(here, target, _fresh(message, moment))
    return len(taken)


def _never(_message: Message) -> bool:
    return False


def _target(here: Here, task: Task, message: Message) -> Queue:
    arn = task.destination_arn or message.source_arn
    name = None if arn is None else name_of_arn(arn, here.region, here.account_id)
    found = None if name is None else layout.find_queue(here.tx, name)
    if found is None:
        raise no_queue()
    return found


def _fresh(message: Message, moment: int) -> Message:
    """A message that was moved counts as sent then, and as never received."""
    return msgspec.structs.replace(
        message,
        sent_us=moment,
        expires_from_us=moment,
        receives=0,
        received_us=0,
        last_us=0,
        origin=b"",
        source_arn=None,
        buried_us=0,
    )


def described(here: Here, task: Task) -> Json:
    known = {
        "TaskHandle": handle_of(here, task) if task.status == RUNNING else None,
        "Status": task.status,
        "SourceArn": queue_arn(here, task.source),
        "DestinationArn": task.destination_arn,
        "MaxNumberOfMessagesPerSecond": task.rate,
        "ApproximateNumberOfMessagesMoved": task.moved,
        "ApproximateNumberOfMessagesToMove": task.to_move,
        "FailureReason": task.failure,
        "StartedTimestamp": task.started_us // 1000,
    }
    return {name: value for name, value in known.items() if value is not None}
