"""The readers of a region's pipes, which follow the pipes that are running."""

from panregion.services import Here, Running
from panregion.services.pipes import layout
from panregion.services.pipes.carrying import Carrier
from panregion.services.pipes.model import Pipe
from panregion.services.sources import Readers, Reading, Wanted


async def start(here: Here) -> Running:
    """When a region starts: have the pipes read, once all services have started."""
    readers = here.running["pipes"] = Readers(here)
    if here.read(lambda here: next(layout.pipes(here.tx), None)) is not None:
        await here.transact(lambda here: here.later("pipes.follow", {}))
    return Running(stop=readers.stop)


async def follow(here: Here) -> None:
    """Read what the pipes that are running read, and nothing else."""
    pipes = here.read(lambda here: [pipe for pipe in layout.pipes(here.tx) if pipe.state == "RUNNING"])
    readers: Readers = here.running["pipes"]
    await readers.follow({pipe.id: wanted(here, pipe) for pipe in pipes})


def wanted(here: Here, pipe: Pipe) -> Wanted:
    return Wanted(pipe.modified_s, reading_of(pipe), Carrier(here, pipe))


def reading_of(pipe: Pipe) -> Reading:
    settings = pipe.source_settings
    return Reading(
        arn=pipe.source,
        batch=settings["BatchSize"],
        window_s=settings["MaximumBatchingWindowInSeconds"],
        patterns=pipe.patterns,
        parallel=settings.get("ParallelizationFactor", 1),
        bisect=settings.get("OnPartialBatchItemFailure") == "AUTOMATIC_BISECT",
        retries=settings.get("MaximumRetryAttempts", -1),
        age_s=settings.get("MaximumRecordAgeInSeconds", -1),
        not_before_s=pipe.created_s if settings.get("StartingPosition") == "LATEST" else None,
        cursors=layout.cursors(pipe.id),
    )
