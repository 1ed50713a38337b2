"""Tumbling windows over a stream: records of one stretch of time, whose taker hands a state on from batch to batch.

A window is as long as the reading says, counted from the epoch; a record's window is that of its creation. Once a
record of a later one comes, or the window's time is over and nothing more is there, the taker is called a last time,
without records, and the state is forgotten. State and place are moved in one transaction, so what a batch did to the
state is counted as often as the batch is done.
"""

from itertools import groupby
from typing import Any, cast

import msgspec

from panregion.services.here import Here
from panregion.services.sources.reading import Reading, Taken, Taker, WindowTaker
from panregion.services.sources.streams import (
    RETRY_FIRST_S,
    RETRY_MAX_S,
    WAIT_S,
    Shard,
    StreamReader,
    made_at,
    number_of,
)
from panregion.wire import times

Json = dict[str, Any]

STATE_MAX_BYTES = 1_000_000
WAIT_LEAST_S = 0.05


class Window(msgspec.Struct, frozen=True):
    """One that is open: when it began (epoch seconds), and the state so far, JSON."""

    start_s: int
    state: msgspec.Raw = msgspec.Raw(b"{}")


_window = msgspec.json.Decoder(Window)


class WindowedShard(Shard):
    """One shard, read in windows."""

    def __init__(self, here: Here, reading: Reading, taker: Taker, shard: str) -> None:
        super().__init__(here, reading, taker, shard)
        kept = here.read(lambda here: here.tx.get(self._place))
        self._window = None if kept is None else _window.decode(kept)

    @property
    def _place(self) -> tuple[Any, ...]:
        return (*self._reading.windows, self._shard)

    async def _read(self, reader: StreamReader, records: list[Json]) -> None:
        for start_s, group in groupby(records, self._start_of):
            if self._window is not None and self._window.start_s != start_s:
                await self._close()
            self._window = self._window or Window(start_s)
            batch = list(group)
            await self._deliver_all(batch)
            await reader.move(self._shard, number_of(batch[-1]), self._keep)
            if len(self._window.state) > STATE_MAX_BYTES:
                await self._close(early=True)

    async def _wait(self, iterator: str) -> None:
        wait_s = WAIT_S
        if self._window is not None:
            left_s = self._window.start_s + self._reading.tumbling_s - self._here.now()
            if left_s <= 0:
                await self._close()
            else:
                wait_s = min(wait_s, max(left_s, WAIT_LEAST_S))
        await self._ask("panregion:WaitForRecords", shard_iterator=iterator, wait_s=wait_s)

    async def _end(self, reader: StreamReader) -> None:
        await self._close()
        await super()._end(reader)

    async def _take(self, batch: list[Json]) -> Taken:
        assert self._window is not None
        taken = await self._taker_of_windows.take_window(batch, self._told_of_window())
        if taken.failed is not None:
            self._window = Window(self._window.start_s, msgspec.Raw(taken.state))
        return taken

    @property
    def _taker_of_windows(self) -> WindowTaker:
        return cast(WindowTaker, self._taker)

    async def _close(self, *, early: bool = False) -> None:
        """Call the taker a last time, until it succeeds: without that nothing further of the shard is read."""
        pause_s = RETRY_FIRST_S
        while self._window is not None:
            taken = await self._taker_of_windows.take_window([], self._told_of_window(final=True, early=early))
            if taken.failed is not None:
                self._window = None
                await self._here.transact(self._keep)
                return
            await self._here.world.clock.sleep(pause_s)
            pause_s = min(2 * pause_s, RETRY_MAX_S)

    def _keep(self, here: Here) -> None:
        if self._window is None:
            here.tx.delete(self._place)
        else:
            here.tx.put(self._place, msgspec.json.encode(self._window))

    def _start_of(self, record: Json) -> int:
        return int(made_at(record)) // self._reading.tumbling_s * self._reading.tumbling_s

    def _told_of_window(self, *, final: bool = False, early: bool = False) -> Json:
        """What an event says beside its records."""
        assert self._window is not None
        start_s = self._window.start_s
        return {
            "window": {
                "start": times.format_iso8601(start_s),
                "end": times.format_iso8601(start_s + self._reading.tumbling_s),
            },
            "state": self._window.state,
            "shardId": self._shard,
            "eventSourceARN": self._reading.arn,
            "isFinalInvokeForWindow": final,
            "isWindowTerminatedEarly": early,
        }
