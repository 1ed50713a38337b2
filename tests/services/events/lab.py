"""A region with rules, queues and a function that remembers; time stands still."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from panregion.region import Region
from panregion.region.table import Entry
from panregion.store import MemoryEngine
from panregion.world import ManualClock, SeededChance, World, direct_dial
from tests.services.sns.lab import Lab as SnsLab
from tests.services.sns.lab import Web
from tests.support import REGION, settings_in

Json = dict[str, Any]

TABLE = {
    "events": Entry("panregion.services.events"),
    "logs": Entry("panregion.services.logs"),
    "sns": Entry("panregion.services.sns", plane=True),
    "sqs": Entry("panregion.services.sqs"),
    "lambda": Entry("tests.services.sns.lambda_double"),
}
QUEUE = "arn:aws:sqs:us-east-1:000000000000:"
FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:f"


class Lab(SnsLab):
    """Asked by operation name with AWS's parameters."""

    async def ask(self, operation: str, **params: Any) -> Json:
        return await self.region.ask("events", operation, params)

    async def rule(self, pattern: Json | None, *targets: Json, name: str = "r", **params: Any) -> None:
        if pattern is not None:
            params["EventPattern"] = json.dumps(pattern)
        await self.ask("PutRule", Name=name, **params)
        bus = {"EventBusName": params["EventBusName"]} if "EventBusName" in params else {}
        numbered = [{"Id": str(number), **target} for number, target in enumerate(targets)]
        await self.ask("PutTargets", Rule=name, Targets=numbered, **bus)

    async def put(self, detail: Json, **entry: Any) -> None:
        whole = {"Source": "app", "DetailType": "t", "Detail": json.dumps(detail), **entry}
        answer = await self.ask("PutEvents", Entries=[whole])
        assert answer["FailedEntryCount"] == 0


@asynccontextmanager
async def opened(folder: Path, **changes: Any) -> AsyncIterator[Lab]:
    """A lab whose region is started."""
    clock = ManualClock()
    world = World(clock, SeededChance(1))
    region = Region(REGION, settings_in(folder, **changes), MemoryEngine(), lambda _site: direct_dial, world, TABLE)
    await region.start()
    yield Lab(region, clock, Web())
    await region.stop()
