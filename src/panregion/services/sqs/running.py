"""What SQS holds in memory: a count to tell messages of one moment apart, and how many are in flight, roughly."""

from dataclasses import dataclass, field
from typing import Any

from panregion.services import Here
from panregion.services.sqs import fifo, standard
from panregion.services.sqs.model import INFLIGHT_MAX, US, Queue

TICKS = 1 << 32


@dataclass(slots=True)
class Running:
    """One region's. Losing it loses nothing: it is filled again from the store."""

    salt: bytes
    """Four bytes that tell this process's places apart from those of the ones before it."""
    ticks: int = 0
    inflight: dict[int, int] = field(default_factory=dict)
    """Heap -> no fewer than are in flight: received and not deleted; those that became visible again still count."""
    names: dict[str, str] = field(default_factory=dict)
    """The queues' names in URLs that were met before."""


def running_of(here: Here) -> Running:
    found: Running | None = here.running.get("sqs")
    if found is None:
        found = here.running["sqs"] = Running(here.world.chance.bytes(4))
    return found


def lines_of(queue: Queue) -> Any:
    """How the queue keeps its messages: fifo or standard, which have the same functions."""
    return fifo if queue.fifo else standard


def now_us(here: Here) -> int:
    return int(here.now() * US)


def next_tail(here: Here) -> bytes:
    """The end of a new place: later ones are greater, and no two are equal."""
    running = running_of(here)
    running.ticks = (running.ticks + 1) % TICKS
    return running.ticks.to_bytes(4, "big") + running.salt


def may_take(here: Here, queue: Queue, moment_us: int) -> int:
    """How many more messages may be in flight. What is remembered is counted anew where it says none."""
    counts = running_of(here).inflight
    known = counts.get(queue.heap)
    if known is None or known >= INFLIGHT_MAX:
        known = counts[queue.heap] = lines_of(queue).inflight(here.tx, queue, moment_us, INFLIGHT_MAX)
    return INFLIGHT_MAX - known


def count_inflight(here: Here, queue: Queue, by: int) -> None:
    counts = running_of(here).inflight
    if queue.heap in counts:
        counts[queue.heap] = max(0, counts[queue.heap] + by)
