"""What a store needs of the thing that keeps its bytes; SQLite and memory are two such things.

An engine keeps spaces, each an ordered map from bytes to bytes. Writes are applied to an open group, which
`commit` makes durable whole; until then `writer` sees them and `reader` does not.
"""

from collections.abc import Iterator, Mapping
from typing import Protocol

Pair = tuple[bytes, bytes]
Writes = Mapping[str, Mapping[bytes, bytes | None]]
"""space -> key -> value; None deletes."""


class StoreError(Exception):
    """The engine could not do what it was asked; nothing of the group was kept. The text says why."""


class StoreFull(StoreError):
    """No room on the disk."""


class StoreCorrupt(StoreError):
    """What is on disk is not a store."""


class View(Protocol):
    """A state of the store that one can read."""

    def get(self, space: str, key: bytes) -> bytes | None:
        """The value at a key."""

    def scan(self, space: str, start: bytes, end: bytes, *, reverse: bool) -> Iterator[Pair]:
        """The pairs with start <= key < end, in order or in reverse, read as they are asked for."""


class Engine(Protocol):
    """The keeper of a store's bytes."""

    inline: bool
    """Whether commit returns at once, so that no thread need wait for it."""

    @property
    def reader(self) -> View:
        """Committed state only."""

    @property
    def writer(self) -> View:
        """Committed state and the open group."""

    def apply(self, writes: Writes) -> None:
        """Add to the open group."""

    def commit(self) -> None:
        """Make the open group durable; may block, and may run in another thread. Raises StoreError; the group is then
        good only for rollback."""

    def rollback(self) -> None:
        """Forget the open group."""

    def refresh(self) -> None:
        """Let `reader` see what was committed last; called after every commit, before the next may begin."""

    @property
    def untidy(self) -> bool:
        """Whether there is something that is better done in an idle moment."""

    def release(self) -> None:
        """Called before `tidy`, by the same thread as `refresh`: let go of what would be in its way."""

    def tidy(self) -> None:
        """Do it; may run in another thread."""

    @property
    def overgrown(self) -> bool:
        """Whether `tidy` was not enough, because there was no idle moment."""

    def shorten(self) -> bool:
        """Make up for it, between two groups: nobody writes or reads meanwhile. False, and nothing, while `tidy`
        runs."""

    def close(self) -> None:
        """Let go of files; an open group is forgotten."""
