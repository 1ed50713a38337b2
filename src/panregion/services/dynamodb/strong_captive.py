"""A transaction that keeps to itself: how an operation is tried out on an item that lies elsewhere.

The item of a strong table is what its register says, not what lies in this region's store. The operation itself is
the same as ever: it runs on a captive transaction, which gives it the register's item and takes what it writes.
Nothing of it reaches the store.
"""

from collections.abc import Iterable

from panregion.services.dynamodb import layout
from panregion.store import Key, Transaction


class Captive(Transaction):
    """`numbers` are the tables whose items are asked for; `known` the items that are known, by their keys.

    Items that were wanted and are not known are in `needed`; this region's own copy stood in for them.
    """

    __slots__ = ("_known", "_numbers", "needed")

    def __init__(
        self, below: Transaction, numbers: Iterable[int] = (), known: dict[Key, bytes | None] | None = None
    ) -> None:
        super().__init__(below.view)
        self._numbers = frozenset(numbers)
        self._known = known or {}
        self.needed: dict[Key, None] = {}

    def get(self, key: Key) -> bytes | None:
        if key[0] == layout.ITEMS and key[1] in self._numbers:
            if key in self._known:
                return self._known[key]
            self.needed[key] = None
        return super().get(key)

    def put(self, key: Key, value: bytes) -> None:
        super().put(key, value)
        if key in self._known:
            self._known[key] = value

    def delete(self, key: Key) -> None:
        super().delete(key)
        if key in self._known:
            self._known[key] = None

    def known(self, key: Key) -> bytes | None:
        """What an item that was known has become."""
        return self._known[key]
