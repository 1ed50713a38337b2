"""Invoking a mapping's function with a batch of records, and telling of those that were given up."""

from typing import Any

import msgspec

from panregion.functions import Outcome, iso
from panregion.services import Here
from panregion.services.lambda_ import destinations, layout
from panregion.services.lambda_.errors import TooManyRequestsException
from panregion.services.lambda_.running import found, run
from panregion.services.lambda_.sources.model import Source
from panregion.services.sources import Taken, batch_info, failed_items

Json = dict[str, Any]

NO_STATE = "the answer has no state"
THROTTLED_PAUSE_S = 0.5
THROTTLED_PAUSE_MAX_S = 30.0


async def call(here: Here, source: Source, records: list[Json], window: Json | None = None) -> Outcome:
    """Run the function on a batch; a throttled call is repeated until it is let in. Raises AwsError."""
    payload = msgspec.json.encode({"Records": records, **(window or {})})
    pause_s = THROTTLED_PAUSE_S
    while True:
        chance = here.world.chance.random()
        config, reserved = here.read(lambda here, chance=chance: found(here, source.function, source.qualifier, chance))  # type: ignore[misc]
        try:
            return await run(here, config, reserved, source.qualifier, payload)
        except TooManyRequestsException:
            await here.world.clock.sleep(pause_s)
            pause_s = min(2 * pause_s, THROTTLED_PAUSE_MAX_S)


async def note(here: Here, uuid: str, result: str) -> None:
    """Keep what came of the last batch, where that differs from what came of the one before."""

    def keep(here: Here) -> None:
        source = layout.find_source(here.tx, uuid)
        if source is not None and source.result != result:
            layout.put_source(here.tx, msgspec.structs.replace(source, result=result))

    known = here.read(lambda here: layout.find_source(here.tx, uuid))
    if known is not None and known.result != result:
        await here.transact(keep)


class Call:
    """A mapping's function, to which its records go."""

    def __init__(self, here: Here, source: Source) -> None:
        self._here = here
        self._source = source

    async def take(self, records: list[Json]) -> Taken:
        return self._taken(await self._called(records), records)

    async def take_window(self, records: list[Json], window: Json) -> Taken:
        """As `take`; an answer without a state counts as a failure, except the last of a window."""
        outcome = await self._called(records, window)
        taken = self._taken(outcome, records)
        state = state_of(outcome.payload)
        if taken.failed is None or state is not None:
            return taken._replace(state=state or b"{}")
        return taken._replace(state=b"{}") if window["isFinalInvokeForWindow"] else Taken(None, NO_STATE)

    async def _called(self, records: list[Json], window: Json | None = None) -> Outcome:
        outcome = await call(self._here, self._source, records, window)
        await note(self._here, self._source.uuid, "PROBLEM: Function call failed" if outcome.error else "OK")
        return outcome

    def _taken(self, outcome: Outcome, records: list[Json]) -> Taken:
        if outcome.error:
            return Taken(None, outcome.error)
        return Taken(failed_items(outcome.payload, list(map(_identifier, records))) if self._source.partial else [])

    async def give_up(self, shard: str, records: list[Json], condition: str, tried: int, taken: Taken | None) -> None:
        if self._source.on_failure is None:
            return
        told = self._told_of(shard, records, condition, tried, taken)
        await destinations.send(self._here, self._source.on_failure, destinations.as_text(told))

    def _told_of(self, shard: str, records: list[Json], condition: str, tried: int, taken: Taken | None) -> Json:
        """What a destination is told: where the records are, not the records."""
        source, here = self._source, self._here
        told: Json = {
            "requestContext": {
                "requestId": here.world.chance.uuid(),
                "functionArn": layout.arn_of(here, source.function, source.qualifier),
                "condition": condition,
                "approximateInvokeCount": tried,
            },
            "version": "1.0",
            "timestamp": iso(int(here.now() * 1000)),
            "DDBStreamBatchInfo": batch_info(source.arn, shard, records),
        }
        if taken is not None:
            told["responseContext"] = {
                "statusCode": 200,
                "executedVersion": source.qualifier or "$LATEST",
                "functionError": taken.error,
            }
        return told


class _Answer(msgspec.Struct):
    state: msgspec.Raw = msgspec.Raw(b"null")


_answer = msgspec.json.Decoder(_Answer)


def state_of(payload: bytes) -> bytes | None:
    """The state that an answer hands on to the window's next batch, as JSON; None for none."""
    try:
        state = bytes(_answer.decode(payload).state)
    except msgspec.DecodeError:
        return None
    return None if state == b"null" else state


def _identifier(record: Json) -> str:
    """What an answer calls a record by: a message's id, a stream record's number."""
    return str(record["dynamodb"]["SequenceNumber"] if "dynamodb" in record else record["messageId"])
