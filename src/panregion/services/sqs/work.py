"""What happens to queues without being asked.

sqs.move     {source, started_us, moved}    one run of a message move task
sqs.drop     {heap, fifo}                   delete what a deleted or purged queue has left
sqs.sweep    {}                             delete expired messages, tell what is left; once a minute while there are
                                            queues
"""

from itertools import islice
from typing import Any

from panregion.services import Here, WorkHandler
from panregion.services.sqs import fifo, layout, standard
from panregion.services.sqs.meter import tell
from panregion.services.sqs.model import Queue
from panregion.services.sqs.running import lines_of, now_us, running_of
from panregion.services.sqs.tasks import move_messages

Json = dict[str, Any]

SWEEP_EVERY_S = 60.0
DROPPED_AT_ONCE = 1000
SWEPT_AT_ONCE = 200
"""Queues looked at before others have their turn."""

SWEPT = ("sqs", "swept")
"""Under it lies when the next sweep is due; nothing where no sweep is to come."""


def drop_heap(here: Here, queue: Queue) -> None:
    """Have a heap that is no longer anybody's cleared."""
    running_of(here).inflight.pop(queue.heap, None)
    here.later("sqs.drop", {"heap": queue.heap, "fifo": queue.fifo})


async def drop(here: Here, payload: Json) -> None:
    """Work: clear a heap, some rows per transaction."""
    lines = fifo if payload["fifo"] else standard
    while await here.transact(lambda here: lines.clear(here.tx, payload["heap"], DROPPED_AT_ONCE)):
        await here.world.clock.sleep(0)


def keep_swept(here: Here) -> None:
    """Have expired messages deleted from now on, if that is not so already."""
    if here.tx.get(SWEPT) is None:
        _sweep_later(here)


def _sweep_later(here: Here) -> None:
    here.tx.put(SWEPT, b"1")
    here.later("sqs.sweep", {}, here.now() + SWEEP_EVERY_S)


async def sweep(here: Here, _payload: Json) -> None:
    """Work: look through all queues for what has expired, tell what they hold, and do so again in a minute."""
    name: str | None = None
    while True:
        queues = here.read(lambda here, name=name: _queues_after(here, name))  # type: ignore[misc]
        for name in (queue.name for queue in queues):
            while here.read(lambda here, name=name: _stale(here, name)):  # type: ignore[misc]
                await here.transact(lambda here, name=name: _trim(here, name))  # type: ignore[misc]
        await tell(here, queues)
        if len(queues) < SWEPT_AT_ONCE:
            break
        await here.world.clock.sleep(0)
    await here.transact(_end_sweep)


def _queues_after(here: Here, name: str | None) -> list[Queue]:
    return list(islice(layout.queues(here.tx, name), SWEPT_AT_ONCE))


def _stale(here: Here, name: str) -> bool:
    """Whether something of the queue is to be deleted."""
    queue = layout.find_queue(here.tx, name)
    if queue is None:
        return False
    moment = now_us(here)
    first = lines_of(queue).next_us(here.tx, queue)
    if first is not None and first <= moment - queue.retention_s * 1_000_000:
        return True
    return queue.fifo and fifo.has_forgettable(here.tx, queue.id, moment)


def _trim(here: Here, name: str) -> None:
    queue = layout.find_queue(here.tx, name)
    if queue is not None:
        lines_of(queue).trim(here.tx, queue, now_us(here), DROPPED_AT_ONCE)
        if queue.fifo:
            fifo.forget_seen(here.tx, queue.id, now_us(here), DROPPED_AT_ONCE)


def _end_sweep(here: Here) -> None:
    """The last sweep is over: the next one follows if there are queues."""
    here.tx.delete(SWEPT)
    if any(True for _ in layout.queues(here.tx)):
        _sweep_later(here)


WORK: dict[str, WorkHandler] = {"sqs.move": move_messages, "sqs.drop": drop, "sqs.sweep": sweep}
