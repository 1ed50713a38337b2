"""A world's state kept aside and put back, so that a test begins where the last one began.

Kept is all that lies in the world's folder (stores, objects, functions' code, what the edge knows), but for the logs
and what is the same for ever. Both are done while no process of the world runs: what is put back is then a state that a
crash could have left, and everything that any process held in memory has gone with it.

A file that has not been touched since is left where it is; a store is always put back.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

KEPT = ".kept"
NOT_STATE = {KEPT, "logs", "lock", "world.json", "authority.pem", "authority.key"}
STORE = ".db"

Mark = tuple[int, int, int]
"""Inode, size and time of the last change: what tells whether a file was touched."""


class Snapshot:
    """The state of the world in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._marks: dict[str, Mark] | None = None

    @property
    def exists(self) -> bool:
        """Whether something was kept."""
        return self._marks is not None

    def keep(self) -> None:
        """Remember the state as it is now, in place of what was remembered."""
        kept = self._folder / KEPT
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir()
        for name in self._state():
            _copy(self._folder / name, kept / name)
        self._marks = dict(_files(self._folder, self._state()))

    def put_back(self) -> None:
        """Make the folder what it was when `keep` was called."""
        assert self._marks is not None, "nothing was kept"
        there = dict(_files(self._folder, self._state()))
        for path in there.keys() - self._marks.keys():
            (self._folder / path).unlink()
        for path, mark in self._marks.items():
            if there.get(path) != mark or STORE in path:
                self._restore(path)
        self._drop_new_folders()

    def _restore(self, path: str) -> None:
        (self._folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(self._folder / KEPT / path, self._folder / path)
        assert self._marks is not None
        self._marks[path] = _mark(os.stat(self._folder / path))

    def _drop_new_folders(self) -> None:
        """Empty folders mean something to some services, so those that were not there go."""
        for name in self._state():
            for folder, _, _ in os.walk(self._folder / name, topdown=False):
                if not (self._folder / KEPT / Path(folder).relative_to(self._folder)).exists():
                    shutil.rmtree(folder, ignore_errors=True)
        for folder, names, _ in os.walk(self._folder / KEPT):
            for name in names:
                (self._folder / Path(folder).relative_to(self._folder / KEPT) / name).mkdir(exist_ok=True)

    def _state(self) -> list[str]:
        return sorted(set(os.listdir(self._folder)) - NOT_STATE)


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, symlinks=True)
    else:
        shutil.copy2(source, target)


def _files(folder: Path, names: list[str]) -> Iterator[tuple[str, Mark]]:
    """Every file below the named entries of a folder, by its path from there, with its mark."""
    for name in names:
        top = folder / name
        if not top.is_dir():
            yield name, _mark(os.lstat(top))
        for inner, _, files in os.walk(top):
            for file in files:
                path = os.path.join(inner, file)
                yield os.path.relpath(path, folder), _mark(os.lstat(path))


def _mark(stat: os.stat_result) -> Mark:
    return stat.st_ino, stat.st_size, stat.st_mtime_ns
