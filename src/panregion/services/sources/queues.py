"""Reading a queue: batches side by side, deleted when their taker has done them.

What fails stays on the queue and is seen again after its visibility timeout, until the queue's redrive policy takes
it away: as on AWS, retries of a queue are the queue's own.
"""

import asyncio
from typing import Any

from panregion.services.here import Here
from panregion.services.sources.reading import Reading, Taker
from panregion.services.sources.records import queue_record, wanted

Json = dict[str, Any]

WAIT_S = 20
RECEIVE_MAX = 10
BATCH_BYTES_MAX = 6_000_000


class QueueReader:
    """The way from one queue to its taker."""

    def __init__(self, here: Here, reading: Reading, taker: Taker) -> None:
        self._here = here
        self._reading = reading
        self._taker = taker
        _, _, _, region, account, name = reading.arn.split(":", 5)
        self._url = f"{here.settings.endpoint(region)}/{account}/{name}"
        self._room = asyncio.Semaphore(reading.concurrency)

    async def run(self) -> None:
        """Never returns. Raises AwsError where the queue cannot be read or nobody be given anything."""
        async with asyncio.TaskGroup() as batches:
            while True:
                await self._room.acquire()
                messages = await self._gather()
                batches.create_task(self._batch(messages))

    async def _ask(self, operation: str, **params: Any) -> Json:
        return await self._here.request("sqs", operation, {"QueueUrl": self._url, **params})

    async def _gather(self) -> list[Json]:
        """A batch: what there is, or all that comes within the window."""
        found = await self._receive(self._reading.batch, WAIT_S)
        if not found:
            return []
        clock = self._here.world.clock
        deadline = clock.monotonic() + self._reading.window_s
        while len(found) < self._reading.batch and _bytes(found) < BATCH_BYTES_MAX:
            left_s = deadline - clock.monotonic()
            more = await self._receive(self._reading.batch - len(found), max(0, min(WAIT_S, int(left_s))))
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
        records = [queue_record(message, self._reading.arn) for message in messages]
        chosen = [record for record in records if wanted(record, self._reading.patterns)]
        failed: list[str] | None = []
        if chosen:
            failed = (await self._taker.take(chosen)).failed
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
