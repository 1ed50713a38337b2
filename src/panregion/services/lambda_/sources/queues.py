"""Reading a queue for a function: batches side by side, deleted when the function has done them.

What fails stays on the queue and is seen again after its visibility timeout, until the queue's redrive policy takes
it away: as on AWS, retries of a queue are the queue's own.
"""

import asyncio
from typing import Any

from panregion.services import Here
from panregion.services.lambda_.sources.calls import call, note
from panregion.services.lambda_.sources.events import failed_items, queue_record, wanted
from panregion.services.lambda_.sources.model import CONCURRENT_BATCHES, Source

Json = dict[str, Any]

WAIT_S = 20
RECEIVE_MAX = 10
BATCH_BYTES_MAX = 6_000_000


class QueueReader:
    """One mapping's way from the queue to the function."""

    def __init__(self, here: Here, source: Source) -> None:
        self._here = here
        self._source = source
        _, _, _, region, account, name = source.arn.split(":", 5)
        self._url = f"{here.settings.endpoint(region)}/{account}/{name}"
        self._room = asyncio.Semaphore(source.concurrency or CONCURRENT_BATCHES)

    async def run(self) -> None:
        """Never returns. Raises AwsError where the queue cannot be read or the function not be called."""
        async with asyncio.TaskGroup() as batches:
            while True:
                await self._room.acquire()
                messages = await self._gather()
                batches.create_task(self._batch(messages))

    async def _ask(self, operation: str, **params: Any) -> Json:
        return await self._here.request("sqs", operation, {"QueueUrl": self._url, **params})

    async def _gather(self) -> list[Json]:
        """A batch: what there is, or all that comes within the window."""
        found = await self._receive(self._source.batch, WAIT_S)
        if not found:
            return []
        clock = self._here.world.clock
        deadline = clock.monotonic() + self._source.window_s
        while len(found) < self._source.batch and _bytes(found) < BATCH_BYTES_MAX:
            left_s = deadline - clock.monotonic()
            more = await self._receive(self._source.batch - len(found), max(0, min(WAIT_S, int(left_s))))
            if not more and left_s <= 1:
                break
            found += more
        return found

    async def _receive(self, count: int, wait_s: int) -> list[Json]:
        answer = await self._ask(
            "ReceiveMessage",
            MaxNumberOfMessages=min(RECEIVE_MAX, count),
            WaitTimeSeconds=wait_s,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        messages: list[Json] = answer.get("Messages", [])
        return messages

    async def _batch(self, messages: list[Json]) -> None:
        try:
            if messages:
                await self._deliver(messages)
        finally:
            self._room.release()

    async def _deliver(self, messages: list[Json]) -> None:
        records = [queue_record(message, self._source.arn) for message in messages]
        patterns = self._source.patterns
        chosen = [record for record in records if wanted(record, patterns)]
        failed: list[str] | None = []
        if chosen:
            outcome = await call(self._here, self._source, chosen)
            if outcome.error:
                failed = None
            elif self._source.partial:
                failed = failed_items(outcome.payload, [record["messageId"] for record in chosen])
            await note(self._here, self._source.uuid, "OK" if not outcome.error else "PROBLEM: Function call failed")
        if failed is None:
            failed = [record["messageId"] for record in chosen]
        await self._delete([record for record in records if record["messageId"] not in failed])

    async def _delete(self, records: list[Json]) -> None:
        for start in range(0, len(records), RECEIVE_MAX):
            page = records[start : start + RECEIVE_MAX]
            entries = [
                {"Id": str(number), "ReceiptHandle": record["receiptHandle"]} for number, record in enumerate(page)
            ]
            await self._ask("DeleteMessageBatch", Entries=entries)


def _bytes(messages: list[Json]) -> int:
    return sum(len(message["Body"]) for message in messages)
