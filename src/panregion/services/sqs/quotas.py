"""How often a FIFO queue may be called, where the world file wants that enforced.

300 calls a second of each kind, a batch being one; with high throughput (FifoThroughputLimit: perMessageGroupId) sends
count by message group, and the other kinds have no bound here, as they have none on AWS that one machine would reach.
"""

from collections.abc import Iterable

from panregion.services import Here
from panregion.services.rates import Buckets
from panregion.services.sqs.errors import RequestThrottled
from panregion.services.sqs.model import Queue

CALLS_PER_S = 300.0
SEND, RECEIVE, DELETE = "SendMessage", "ReceiveMessage", "DeleteMessage"


def admit(here: Here, queue: Queue, kind: str, groups: Iterable[str | None] = ()) -> None:
    """Let a call in, or not. Raises RequestThrottled."""
    if not queue.fifo or not here.settings.sqs.enforce_throughput:
        return
    counted: set[str | None] = {None}
    if queue.attributes.get("FifoThroughputLimit") == "perMessageGroupId":
        counted = set(groups) if kind == SEND else set()
    buckets: Buckets = here.running.setdefault("sqs-rates", Buckets())
    now = here.world.clock.monotonic()
    for group in counted:
        if not buckets.take((queue.id, kind, group), now, CALLS_PER_S, CALLS_PER_S):
            raise RequestThrottled(f"Rate exceeded for {kind} on the queue {queue.name}.")
