"""Where services keep the records of one kind: (SERVICE, KIND, *identifiers) -> record, as MessagePack."""

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

import msgspec

from panregion.store import Key, Transaction

R = TypeVar("R")
Id = str | int | float


class Table(Generic[R]):
    """All records of one kind; `missing` makes AWS's complaint about one that is not there, of its identifiers."""

    def __init__(self, service: str, name: str, kind: type[R], missing: Callable[..., Exception] = KeyError) -> None:
        self._place: Key = (service, name)
        self._decoder = msgspec.msgpack.Decoder(kind)
        self._missing = missing

    def find(self, tx: Transaction, *ids: Id) -> R | None:
        found = tx.get((*self._place, *ids))
        return None if found is None else self._decoder.decode(found)

    def require(self, tx: Transaction, *ids: Id) -> R:
        """The record. Raises what `missing` makes."""
        found = self.find(tx, *ids)
        if found is None:
            raise self._missing(*ids)
        return found

    def put(self, tx: Transaction, record: R, *ids: Id) -> R:
        tx.put((*self._place, *ids), msgspec.msgpack.encode(record))
        return record

    def delete(self, tx: Transaction, *ids: Id) -> None:
        tx.delete((*self._place, *ids))

    def all(self, tx: Transaction, *ids: Id, after: tuple[Id, ...] = ()) -> Iterator[R]:
        """Every record below these identifiers, in the order of the rest of them; or those behind the rest `after`."""
        place = (*self._place, *ids)
        start = (*place, *after) if after else None
        return (self._decoder.decode(raw) for raw in tx.values(place, after=start))

    def delete_all(self, tx: Transaction, *ids: Id) -> None:
        """Delete every record below these identifiers."""
        for key in [key for key, _ in tx.prefix((*self._place, *ids))]:
            tx.delete(key)
