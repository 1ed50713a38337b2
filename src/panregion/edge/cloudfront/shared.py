"""What all exchanges of one edge share."""

import asyncio
from dataclasses import dataclass, field

from panregion.edge.cloudfront.book import Book
from panregion.edge.cloudfront.cache import Cache, Place
from panregion.edge.cloudfront.origins import Origins
from panregion.edge.plane import Surroundings


@dataclass(slots=True)
class Shared:
    """The edge, what it knows of CloudFront, the caches, and what is under way."""

    edge: Surroundings
    book: Book
    cache: Cache
    origins: Origins
    flights: dict[Place, asyncio.Event] = field(default_factory=dict)
    """Objects being fetched, and what is told when they have come."""
    generation: int = 0
    """Counts what was invalidated: what was asked for before is not kept."""
    refreshing: set[asyncio.Task[None]] = field(default_factory=set)
    """Objects being fetched behind viewers' backs."""

    def now(self) -> float:
        """Monotonic seconds."""
        return self.edge.world.clock.monotonic()

    async def close(self) -> None:
        """End what is under way behind viewers' backs."""
        tasks = list(self.refreshing)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
