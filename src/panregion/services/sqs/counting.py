"""Counting a queue's messages, however many there are."""

from panregion.services import Here
from panregion.services.sqs.model import Queue, Tally
from panregion.services.sqs.running import lines_of, now_us

COUNTED_AT_ONCE = 2000


async def count(here: Here, queue: Queue) -> Tally:
    """How many messages there are, counted in pieces between which others have their turn."""
    total, after, moment = Tally(), None, now_us(here)
    while True:
        found, after = here.read(
            lambda here, after=after: lines_of(queue).tally(here.tx, queue, moment, after, COUNTED_AT_ONCE)  # type: ignore[misc]
        )
        total = total.plus(found)
        if after is None:
            return total
        await here.world.clock.sleep(0)
