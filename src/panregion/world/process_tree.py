"""Processes and all below them, as Linux tells. Imports nothing of ours: the forking template loads it by its path."""

import os
import signal
from collections.abc import Iterator


def children(pid: int) -> Iterator[int]:
    """The processes that it is the parent of, as Linux tells."""
    try:
        threads = os.listdir(f"/proc/{pid}/task")
    except OSError:
        return
    for thread in threads:
        try:
            with open(f"/proc/{pid}/task/{thread}/children") as file:
                found = file.read().split()
        except OSError:
            continue
        yield from map(int, found)


def descendants(pid: int) -> Iterator[int]:
    """The process and all below it."""
    yield pid
    for child in list(children(pid)):
        yield from descendants(child)


def kill_whole(pid: int) -> None:
    """Kill a process and all below it; what was forked meanwhile is found in another round."""
    known: set[int] = set()
    while found := set(descendants(pid)) - known:
        known |= found
        for each in sorted(found, reverse=True):  # children first, as a rule: none of them becomes an orphan
            try:
                os.kill(each, signal.SIGKILL)
            except ProcessLookupError:
                continue
