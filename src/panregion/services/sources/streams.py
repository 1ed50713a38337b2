"""Reading a DynamoDB stream: each shard in order, parents before children, from where it left off.

A batch is done when its taker has done it, or when it was given up: after its retries, or when its records are too
old. Only then is the cursor moved, in a transaction of its own, so a crash repeats a batch and loses none.

A reading that starts at LATEST begins at the horizon and passes over what is older than itself: no iterator has to be
kept that a crash could lose. Records have whole seconds, so those of the reading's first second are delivered, too.
"""

import asyncio
from collections.abc import Callable
from typing import Any
from zlib import crc32

import msgspec

from panregion.functions import iso
from panregion.services.here import Here
from panregion.services.sources.reading import UNTIL_EXPIRED, Reading, Taken, Taker
from panregion.services.sources.records import stream_record, wanted
from panregion.store import Key
from panregion.wire import AwsError

Json = dict[str, Any]

DONE = "DONE"
WAIT_S = 20.0
LOOK_AGAIN_S = 5.0
RETRY_FIRST_S, RETRY_MAX_S = 0.5, 30.0


class StreamReader:
    """The way from one stream to its taker."""

    def __init__(self, here: Here, reading: Reading, taker: Taker, kind: "type[Shard] | None" = None) -> None:
        self._here = here
        self._reading = reading
        self._taker = taker
        self._kind = kind or Shard
        prefix = reading.cursors
        self._cursors = here.read(
            lambda here: {str(key[len(prefix)]): value.decode() for key, value in here.tx.prefix(prefix)}
        )
        self._open: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Never returns. Raises AwsError where the stream cannot be read or nobody be given anything."""
        async with asyncio.TaskGroup() as readers:
            while True:
                shards = await self._shards()
                for shard in self._ready(shards):
                    self._open[shard] = readers.create_task(
                        self._kind(self._here, self._reading, self._taker, shard).read(self)
                    )
                await self._some_end()

    async def _ask(self, operation: str, **params: Any) -> Json:
        return await self._here.request("dynamodbstreams", operation, params)

    async def _shards(self) -> dict[str, str | None]:
        """Every shard's id, with its parent's."""
        found: dict[str, str | None] = {}
        start: Json = {}
        while True:
            page = (await self._ask("DescribeStream", StreamArn=self._reading.arn, **start))["StreamDescription"]
            found |= {shard["ShardId"]: shard.get("ParentShardId") for shard in page["Shards"]}
            if "LastEvaluatedShardId" not in page:
                await self._forget(found)
                return found
            start = {"ExclusiveStartShardId": page["LastEvaluatedShardId"]}

    async def _forget(self, known: dict[str, str | None]) -> None:
        """Cursors of shards that the stream has forgotten are not needed any more."""
        for shard in [shard for shard in self._cursors if shard not in known]:
            del self._cursors[shard]
            await self._here.transact(lambda here, shard=shard: here.tx.delete(self._place(shard)))  # type: ignore[misc]

    def _ready(self, shards: dict[str, str | None]) -> list[str]:
        """Those whose turn it is: not read yet, and with a parent that has been, or is gone."""
        return [
            shard
            for shard, parent in shards.items()
            if shard not in self._open
            and self._cursors.get(shard) != DONE
            and (parent not in shards or self._cursors.get(str(parent)) == DONE)
        ]

    async def _some_end(self) -> None:
        """Until a shard has been read to its end, or it is time to look for new ones."""
        pause = asyncio.ensure_future(self._here.world.clock.sleep(LOOK_AGAIN_S))
        await asyncio.wait([pause, *self._open.values()], return_when=asyncio.FIRST_COMPLETED)
        pause.cancel()
        for shard in [shard for shard, task in self._open.items() if task.done()]:
            del self._open[shard]

    def _place(self, shard: str) -> Key:
        return (*self._reading.cursors, shard)

    def cursor(self, shard: str) -> str | None:
        return self._cursors.get(shard)

    async def move(self, shard: str, cursor: str, also: Callable[[Here], None] = lambda _here: None) -> None:
        """All up to here has been delivered; `also` is recorded together with that."""

        def record(here: Here) -> None:
            here.tx.put(self._place(shard), cursor.encode())
            also(here)

        await self._here.transact(record)
        self._cursors[shard] = cursor


class Shard:
    """One shard, read to its end."""

    def __init__(self, here: Here, reading: Reading, taker: Taker, shard: str) -> None:
        self._here = here
        self._reading = reading
        self._taker = taker
        self._shard = shard

    async def _ask(self, operation: str, **params: Any) -> Json:
        return await self._here.request("dynamodbstreams", operation, params)

    async def read(self, reader: StreamReader) -> None:
        iterator: str | None = await self._iterator(reader.cursor(self._shard))
        while iterator is not None:
            page = await self._page(iterator)
            records = page["Records"]
            if records:
                await self._read(reader, records)
            iterator = page.get("NextShardIterator")
            if not records and iterator is not None:
                await self._wait(iterator)
        await self._end(reader)

    async def _read(self, reader: StreamReader, records: list[Json]) -> None:
        await self._deliver_all(records)
        await reader.move(self._shard, number_of(records[-1]))

    async def _wait(self, iterator: str) -> None:
        await self._ask("panregion:WaitForRecords", shard_iterator=iterator, wait_s=WAIT_S)

    async def _end(self, reader: StreamReader) -> None:
        await reader.move(self._shard, DONE)

    async def _take(self, batch: list[Json]) -> Taken:
        return await self._taker.take(batch)

    async def _iterator(self, cursor: str | None) -> str:
        """From where the last reader left off; from the horizon if that was before it."""
        place: Json = {"StreamArn": self._reading.arn, "ShardId": self._shard}
        if cursor is not None:
            after = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": cursor}
            try:
                return str((await self._ask("GetShardIterator", **place, **after))["ShardIterator"])
            except AwsError as error:
                if error.code != "TrimmedDataAccessException":
                    raise
        return str((await self._ask("GetShardIterator", **place, ShardIteratorType="TRIM_HORIZON"))["ShardIterator"])

    async def _page(self, iterator: str) -> Json:
        """A batch: what there is, or all that comes within the window."""
        page = await self._ask("GetRecords", ShardIterator=iterator, Limit=self._reading.batch)
        clock = self._here.world.clock
        deadline = clock.monotonic() + self._reading.window_s
        while page["Records"] and len(page["Records"]) < self._reading.batch and "NextShardIterator" in page:
            left_s = deadline - clock.monotonic()
            if left_s <= 0:
                break
            await self._ask("panregion:WaitForRecords", shard_iterator=page["NextShardIterator"], wait_s=left_s)
            room = self._reading.batch - len(page["Records"])
            more = await self._ask("GetRecords", ShardIterator=page["NextShardIterator"], Limit=room)
            page = {**more, "Records": page["Records"] + more["Records"]}
        return page

    async def _deliver_all(self, records: list[Json]) -> None:
        """Side by side as far as the reading has it; what belongs to one key stays in order."""
        chosen = [record for record in map(self._told, records) if self._is_due(record)]
        lanes: dict[int, list[Json]] = {}
        for record in chosen:
            key = msgspec.json.encode(record["dynamodb"]["Keys"], order="deterministic")
            lanes.setdefault(crc32(key) % self._reading.parallel, []).append(record)
        await asyncio.gather(*(self._deliver(lane) for lane in lanes.values()))

    def _told(self, record: Json) -> Json:
        return stream_record(record, self._reading.arn)

    def _is_due(self, record: Json) -> bool:
        since_s = self._reading.not_before_s
        if since_s is not None and made_at(record) < int(since_s):
            return False
        return wanted(record, self._reading.patterns)

    async def _deliver(self, records: list[Json]) -> None:
        waiting = [(records, 0)]
        pause_s = RETRY_FIRST_S
        while waiting:
            batch, tried = waiting.pop(0)
            batch = await self._without_old(batch)
            if not batch:
                continue
            taken = await self._take(batch)
            left = _left(taken, batch)
            if not left:
                pause_s = RETRY_FIRST_S
                continue
            if len(left) < len(batch):
                tried = 0
            if self._reading.bisect and len(left) > 1:
                middle = len(left) // 2
                waiting[:0] = [(left[:middle], tried), (left[middle:], tried)]
            elif self._reading.retries != UNTIL_EXPIRED and tried >= self._reading.retries:
                await self._give_up(left, "RetryAttemptsExhausted", tried + 1, taken)
            else:
                waiting.insert(0, (left, tried + 1))
                await self._here.world.clock.sleep(pause_s)
                pause_s = min(2 * pause_s, RETRY_MAX_S)

    async def _without_old(self, batch: list[Json]) -> list[Json]:
        """Give up on records that are older than the reading allows."""
        if self._reading.age_s == UNTIL_EXPIRED:
            return batch
        oldest = self._here.now() - self._reading.age_s
        old = [record for record in batch if made_at(record) < oldest]
        if old:
            await self._give_up(old, "MaximumRecordAgeExceeded", 0, None)
        return batch[len(old) :]

    async def _give_up(self, records: list[Json], condition: str, tried: int, taken: Taken | None) -> None:
        await self._taker.give_up(self._shard, records, condition, tried, taken)


def made_at(record: Json) -> float:
    return float(record["dynamodb"]["ApproximateCreationDateTime"])


def number_of(record: Json) -> str:
    return str(record["dynamodb"]["SequenceNumber"])


def _left(taken: Taken, batch: list[Json]) -> list[Json]:
    """What of a batch has still to be done: from the first record on that failed."""
    if taken.failed is None:
        return batch
    numbers = list(map(number_of, batch))
    return batch[numbers.index(taken.failed[0]) :] if taken.failed else []


def batch_info(arn: str, shard: str, records: list[Json]) -> Json:
    """Where records are, as AWS tells of those that were given up (DDBStreamBatchInfo)."""
    return {
        "shardId": shard,
        "startSequenceNumber": records[0]["dynamodb"]["SequenceNumber"],
        "endSequenceNumber": records[-1]["dynamodb"]["SequenceNumber"],
        "approximateArrivalOfFirstRecord": iso(int(made_at(records[0]) * 1000)),
        "approximateArrivalOfLastRecord": iso(int(made_at(records[-1]) * 1000)),
        "batchSize": len(records),
        "streamArn": arn,
    }
