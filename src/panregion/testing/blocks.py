"""A block of ports for each world, so that worlds of parallel workers, and of other runs, never meet.

A block is claimed by listening on its last port, which the kernel lets go of when the claimant dies; nothing is left in
the file system. Whoever starts a world there hands the claim on to it: one that is still starting when its owner is
killed holds its block until it has seen that and ended. And it must be free: the world of a run that was killed a
moment ago may still be on its way out.
"""

import contextlib
import errno
from collections.abc import Iterator

from panregion.world.server import bind
from panregion.world.settings import Ports

FIRST, LAST = 20000, 31900
"""Below the ports that systems hand out by themselves."""
BLOCK = 100
PLACES_AT = 20
"""Where in a block the cities' proxies begin."""
HOST = "127.0.0.1"


class NoPorts(Exception):
    """Every block is taken."""


def ports_of(first: int) -> Ports:
    """The ports of the block that begins at `first`."""
    names = ("gateway", "tls", "control", "network", "edge", "dns", "console")
    return Ports(**dict(zip(names, range(first, first + len(names)), strict=True)), places=first + PLACES_AT)


@contextlib.contextmanager
def claimed() -> Iterator[Ports]:
    """A block that is ours while the block of code runs. Raises NoPorts."""
    with claim() as (ports, _):
        yield ports


@contextlib.contextmanager
def claim() -> Iterator[tuple[Ports, int]]:
    """As `claimed`, with the descriptor that holds the claim. Raises NoPorts."""
    for first in range(FIRST, LAST, BLOCK):
        try:
            held = bind(HOST, first + BLOCK - 1)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            continue
        with held:
            try:
                held.listen(1)  # two may have bound it, only one can listen
            except OSError:
                continue
            if is_free(first):
                yield ports_of(first), held.fileno()
                return
    raise NoPorts(f"every block of ports between {FIRST} and {LAST} is taken")


def is_free(first: int) -> bool:
    """Whether nobody listens on any other port of the block at 127.0.0.1."""
    for port in range(first, first + BLOCK - 1):
        try:
            bind(HOST, port).close()
        except OSError:
            return False
    return True
