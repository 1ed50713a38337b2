"""Keeping bytes: first durably on disk, then the record that refers to them, in one transaction.

A refused record takes its bytes with it. A crash between the two leaves a file that nothing refers to; `sweep`
removes those when the region starts, before it serves.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from panregion.services import Here, Running
from panregion.services.s3 import checksums, layout
from panregion.services.s3.model import NULL_VERSION, Bucket, Piece
from panregion.world.aside import aside
from panregion.world.blobs import Blobs

T = TypeVar("T")

ASIDE_FROM_BYTES = 256 * 1024


def blobs(here: Here) -> Blobs:
    """The region's blobs."""
    return Blobs(here.folder / "objects")


async def keep(here: Here, data: bytes, record: Callable[[Here, tuple[Piece, ...]], T]) -> T:
    """Write the bytes, then run `record` with them in a transaction; returns what it returns."""
    if not data:
        return await here.transact(lambda step: record(step, ()))
    piece = Piece(here.world.chance.uuid(), len(data))
    try:
        await blobs(here).write(piece.blob, data)
        return await here.transact(lambda step: record(step, (piece,)))
    except BaseException:
        await asyncio.shield(blobs(here).remove([piece.blob]))
        raise


async def examined(
    data: bytes, given: Mapping[str, str], algorithm: str | None, md5: str | None = None
) -> tuple[str, dict[str, str]]:
    """Entity tag and checksum of the bytes, verified; of many bytes in a thread. Raises BadDigest, InvalidDigest."""
    if len(data) < ASIDE_FROM_BYTES:
        return checksums.examined(data, given, algorithm, md5)
    return await aside(checksums.examined, data, given, algorithm, md5)


async def drop(here: Here, payload: dict[str, Any]) -> None:
    """Work: remove the files of blobs to which nothing refers."""
    unused = here.read(lambda step: [name for name in payload["blobs"] if not layout.is_used(step.tx, name)])
    await blobs(here).remove(unused)


async def sweep(here: Here) -> Running:
    """At the start of a region: remove what a crash left behind."""
    kept = blobs(here)
    orphans = here.read(lambda step: [name for name in kept.names() if not layout.is_used(step.tx, name)])
    if orphans:
        await kept.remove(orphans)
    return Running(stop=_nothing_to_stop)


async def _nothing_to_stop() -> None:
    return None


def new_version_id(here: Here, bucket: Bucket) -> str:
    """The id of a version about to be made: unique while versioning is on, else the null version."""
    return here.world.chance.token(32) if bucket.versioning == "Enabled" else NULL_VERSION


def shown_version_id(bucket: Bucket, version_id: str) -> str | None:
    """The id as replies show it: not at all while versioning was never on."""
    return version_id if bucket.versioning else None
