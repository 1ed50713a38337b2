"""Where Pipes keeps things.

("pipes", "pipe", name)              -> Pipe
("pipes", "cursor", id, shard)       -> the last sequence number of a stream that was delivered, or DONE
"""

from collections.abc import Iterator

import msgspec

from panregion.services import Here
from panregion.services.pipes.errors import no_pipe
from panregion.services.pipes.model import Pipe
from panregion.store import Key, Transaction

_pipe = msgspec.msgpack.Decoder(Pipe)


def arn_of(here: Here, name: str) -> str:
    return here.arn("pipes", f"pipe/{name}")


def find(tx: Transaction, name: str) -> Pipe | None:
    raw = tx.get(("pipes", "pipe", name))
    return None if raw is None else _pipe.decode(raw)


def require(tx: Transaction, name: str) -> Pipe:
    """Raises NotFoundException."""
    pipe = find(tx, name)
    if pipe is None:
        raise no_pipe(name)
    return pipe


def pipes(tx: Transaction, after: str | None = None) -> Iterator[Pipe]:
    """All, by name."""
    position = None if after is None else ("pipes", "pipe", after)
    return (_pipe.decode(raw) for raw in tx.values(("pipes", "pipe"), after=position))


def put(tx: Transaction, pipe: Pipe) -> None:
    tx.put(("pipes", "pipe", pipe.name), msgspec.msgpack.encode(pipe))


def delete(tx: Transaction, pipe: Pipe) -> None:
    """The pipe, and how far it was."""
    tx.delete(("pipes", "pipe", pipe.name))
    for key in [key for key, _ in tx.prefix(cursors(pipe.id))]:
        tx.delete(key)


def cursors(pipe_id: str) -> Key:
    """Where the reader of a pipe keeps how far it is."""
    return ("pipes", "cursor", pipe_id)
