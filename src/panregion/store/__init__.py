"""One ordered map per region, with transactions, feeds and work in the same commit."""

from panregion.store.engine import Engine, StoreCorrupt, StoreError, StoreFull
from panregion.store.keys import Key, pack, unpack
from panregion.store.memory import MemoryEngine
from panregion.store.sqlite import SqliteEngine
from panregion.store.store import Store
from panregion.store.transaction import Transaction, Work

__all__ = [
    "Engine",
    "Key",
    "MemoryEngine",
    "SqliteEngine",
    "Store",
    "StoreCorrupt",
    "StoreError",
    "StoreFull",
    "Transaction",
    "Work",
    "pack",
    "unpack",
]
