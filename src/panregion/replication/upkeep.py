"""What concerns all registers of a group at once: forgetting those of deleted items, and taking a region back in."""

from collections.abc import Awaitable, Callable
from functools import partial

from panregion.replication import forgetting, rejoining
from panregion.replication.floors import Floors
from panregion.replication.register_wire import (
    Answer,
    Catch,
    Forget,
    Learned,
    Raise,
    Raised,
    Rows,
    Survey,
    Upkeep,
)
from panregion.store import Key, Store


class Keeper:
    """Answers for one region. `catch_up` learns all that is chosen in a group; raises TimeoutError."""

    def __init__(self, store: Store, floors: Floors, catch_up: Callable[[str], Awaitable[None]]) -> None:
        self._store = store
        self._floors = floors
        self._catch_up = catch_up

    async def answer(self, group: str, message: Upkeep) -> Answer:
        """Raises NotAMember, StoreError, TimeoutError."""
        match message:
            case Raise(floor):
                await self._store.transact(partial(forgetting.raise_floor, group=group, floor=floor))
                self._floors.hear(floor)
                return Raised(*self._store.read(partial(forgetting.highest, group=group)))
            case Catch(floor, version):
                await self._catch_up(group)
                step = partial(forgetting.caught_up, group=group, floor=floor, version=version)
                await self._store.transact(step)
                return Learned()
            case Forget(floor):
                await self._forget(group, floor)
                return Learned()
            case Survey(region):
                highest = self._floors.highest.round
                return self._store.read(partial(rejoining.surveyed, group=group, region=region, floor=highest))
            case Rows(place, limit):
                return self._store.read(partial(rejoining.rows, group=group, after=place, limit=limit))

    async def _forget(self, group: str, floor: int) -> None:
        after: Key | None = None
        while True:
            after = await self._store.transact(partial(forgetting.forget, group=group, floor=floor, after=after))
            if after is None:
                return
