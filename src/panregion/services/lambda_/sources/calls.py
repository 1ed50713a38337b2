"""Invoking a mapping's function with a batch of records."""

from typing import Any

import msgspec

from panregion.functions import Outcome
from panregion.services import Here
from panregion.services.lambda_ import layout
from panregion.services.lambda_.errors import TooManyRequestsException
from panregion.services.lambda_.running import found, run
from panregion.services.lambda_.sources.model import Source

Json = dict[str, Any]

THROTTLED_PAUSE_S = 0.5
THROTTLED_PAUSE_MAX_S = 30.0


async def call(here: Here, source: Source, records: list[Json]) -> Outcome:
    """Run the function on a batch; a throttled call is repeated until it is let in. Raises AwsError."""
    payload = msgspec.json.encode({"Records": records})
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
