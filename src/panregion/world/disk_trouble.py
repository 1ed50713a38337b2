"""Disks that are full, or that cannot be synced: what is asked of this process's own files, as a fault.

Whoever writes durably (world/disk.py, the store's engine) asks here first; what is raised is what the system would
raise. Trouble is by folder, so that several regions in one process each have their own.
"""

import errno
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Trouble:
    """What is wrong with the disk that a folder is on."""

    free_bytes: int | None = None
    """What it takes yet; None: enough."""
    sync_fails: Callable[[], bool] | None = None
    """Whether the next sync fails; None: none does."""


troubles: dict[Path, Trouble] = {}
"""By folder; nobody need ask while it is empty."""


def set_trouble(folder: Path, trouble: Trouble | None) -> None:
    """From now on the disk of a folder is in trouble, or (None) in order."""
    if trouble is None:
        troubles.pop(folder, None)
    else:
        troubles[folder] = trouble


def strike(path: Path, size: int) -> None:
    """Before `size` bytes are written to a file and synced. Raises OSError (ENOSPC, EIO)."""
    for folder, trouble in list(troubles.items()):  # the store asks in a thread of its own
        if path.is_relative_to(folder):
            _strike(trouble, path, size)


def _strike(trouble: Trouble, path: Path, size: int) -> None:
    if trouble.free_bytes is not None:
        if size > trouble.free_bytes:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        trouble.free_bytes -= size
    if trouble.sync_fails is not None and trouble.sync_fails():
        raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))
