"""Bytes too many for the store, each lot a file named by its id: written once, durably, off the event loop.

A blob is on disk before anybody may refer to it, and removed only after nobody does; so a crash can leave files
that nobody knows, never a reference to what is not there. `names` is for sweeping those up.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import BinaryIO

from panregion.world.disk import sync_folder, write_durably

CHUNK_BYTES = 1024 * 1024
PARTIAL = ".partial"


class Blobs:
    """The blobs in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self) -> list[str]:
        """What lies in the folder, half-written files included. Blocks: for the start of a region."""
        return sorted(os.listdir(self._folder)) if self._folder.is_dir() else []

    async def write(self, name: str, data: bytes) -> None:
        """Keep the bytes; they are on disk on return. Raises OSError."""
        await asyncio.to_thread(write_durably, self._folder / name, data)

    async def remove(self, names: Iterable[str]) -> None:
        """Forget the blobs; one that is not there stays so."""
        await asyncio.to_thread(self._remove, list(names))

    def _remove(self, names: list[str]) -> None:
        for name in names:
            (self._folder / name).unlink(missing_ok=True)
        if self._folder.is_dir():
            sync_folder(self._folder)

    async def read(self, slices: Iterable[tuple[str, int, int]]) -> bytes:
        """The slices (name, start, end) of blobs, one after another."""
        return b"".join([chunk async for chunk in self.stream(slices)])

    async def stream(self, slices: Iterable[tuple[str, int, int]]) -> AsyncIterator[bytes]:
        """As `read`, in chunks. Files are opened when reading begins, so that later removal harms nobody."""
        open_files = [((self._folder / name).open("rb"), start, end) for name, start, end in slices]
        try:
            for file, start, end in open_files:
                for at in range(start, end, CHUNK_BYTES):
                    yield await asyncio.to_thread(_read_at, file, at, min(CHUNK_BYTES, end - at))
        finally:
            for file, _, _ in open_files:
                file.close()


def _read_at(file: BinaryIO, at: int, size: int) -> bytes:
    data = os.pread(file.fileno(), size, at)
    if len(data) != size:
        raise OSError(f"{file.name} ends at {at + len(data)}, before byte {at + size}")
    return data
