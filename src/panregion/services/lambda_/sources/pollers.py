"""Having the readers of queues and streams follow the mappings that are enabled."""

from panregion.services import Here
from panregion.services.lambda_ import layout
from panregion.services.lambda_.sources.calls import Call, note
from panregion.services.lambda_.sources.model import Source
from panregion.services.sources import CONCURRENT_BATCHES, Readers, Reading, Wanted


class Pollers:
    """The readers of one region's mappings."""

    def __init__(self, here: Here) -> None:
        self._here = here
        self._readers = Readers(here)

    async def follow(self) -> None:
        """Run a reader for each mapping as it is now, and none for others."""
        sources = self._here.read(lambda here: list(layout.sources(here.tx)))
        await self._readers.follow({source.uuid: wanted(self._here, source) for source in sources if source.enabled})

    async def stop(self) -> None:
        await self._readers.stop()


def wanted(here: Here, source: Source) -> Wanted:
    """What came of a mapping's last batch is no reason for another reader."""

    async def problem(reason: str) -> None:
        await note(here, source.uuid, f"PROBLEM: {reason}")

    return Wanted(source.modified, reading_of(source), Call(here, source), problem)


def reading_of(source: Source) -> Reading:
    return Reading(
        arn=source.arn,
        batch=source.batch,
        window_s=source.window_s,
        patterns=source.patterns,
        parallel=source.parallel,
        bisect=source.bisect,
        retries=source.retries,
        age_s=source.age_s,
        concurrency=source.concurrency or CONCURRENT_BATCHES,
        not_before_s=source.created if source.position == "LATEST" else None,
        cursors=layout.cursors(source.uuid),
        tumbling_s=source.tumbling_s,
        windows=layout.windows(source.uuid),
    )
