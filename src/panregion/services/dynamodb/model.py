"""What a table is: its definition as it is kept, and a view of it that is ready for work.

A definition is immutable and kept as MessagePack. Operations never decode it twice: `view_of` is cached by the
stored bytes, so whoever reads the same definition gets the same view, whatever transaction it is in.
"""

from collections.abc import Callable
from copy import copy
from functools import lru_cache
from typing import Any, ClassVar, Literal

import msgspec

from panregion.languages.dynamodb import Item, KeyPart, Value, key_hash, key_part

Status = Literal["CREATING", "UPDATING", "DELETING", "ACTIVE"]
Consistency = Literal["EVENTUAL", "STRONG"]
ReplicaStatus = Literal["CREATING", "CREATION_FAILED", "UPDATING", "DELETING", "ACTIVE"]
BillingMode = Literal["PROVISIONED", "PAY_PER_REQUEST"]

MAX_ITEM_BYTES = 400 * 1024


class Throughput(msgspec.Struct, frozen=True):
    """Provisioned capacity, with what AWS tells about its changes."""

    read: int = 0
    write: int = 0
    increased: float | None = None
    decreased: float | None = None
    decreases_today: int = 0


class Schema(msgspec.Struct, frozen=True, omit_defaults=True):
    """A key: the partition key's attribute and perhaps the sort key's. A global index may have several of each."""

    hash: str
    range: str | None = None
    more_hashes: tuple[str, ...] = ()
    more_ranges: tuple[str, ...] = ()

    @property
    def hashes(self) -> tuple[str, ...]:
        return (self.hash, *self.more_hashes)

    @property
    def ranges(self) -> tuple[str, ...]:
        return () if self.range is None else (self.range, *self.more_ranges)

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.hashes, *self.ranges)

    @property
    def elements(self) -> list[dict[str, str]]:
        """As AWS tells a KeySchema."""
        kinds = dict.fromkeys(self.hashes, "HASH") | dict.fromkeys(self.ranges, "RANGE")
        return [{"AttributeName": name, "KeyType": kind} for name, kind in kinds.items()]


class Index(msgspec.Struct, frozen=True):
    """A secondary index. `number` is never given twice in a table, so entries of a deleted one stay apart."""

    number: int
    name: str
    is_global: bool
    schema: Schema
    projection: str
    included: tuple[str, ...] = ()
    status: Status = "ACTIVE"
    backfilling: bool = False
    throughput: Throughput = Throughput()
    on_demand: dict[str, int] | None = None
    warm: dict[str, int] | None = None


class Replica(msgspec.Struct, frozen=True):
    """A copy of the table in another region, as this region knows it."""

    region: str
    status: ReplicaStatus
    overrides: dict[str, Any] = {}
    description: str | None = None


class Witness(msgspec.Struct, frozen=True):
    """The third region of a strong table that has two replicas."""

    region: str
    status: Literal["CREATING", "ACTIVE", "DELETING"]


class TimeToLive(msgspec.Struct, frozen=True):
    attribute: str
    enabled: bool
    changed: float


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """A table's definition. `number` names its items in this region's store and is never given twice.

    `global_id` is what the regions of a global table call it; `replicas` are the others; `copy_from` is the
    region that this copy is still read from. `consistency` says how a global table's regions agree.
    """

    number: int
    name: str
    id: str
    status: Status
    created: float
    attributes: dict[str, str]
    schema: Schema
    billing: BillingMode
    billing_named: bool = False
    billing_changed: float | None = None
    throughput: Throughput = Throughput()
    on_demand: dict[str, int] | None = None
    warm: dict[str, int] | None = None
    indexes: tuple[Index, ...] = ()
    indexes_made: int = 0
    table_class: str | None = None
    table_class_changed: float | None = None
    protected: bool = False
    encryption: dict[str, object] | None = None
    stream: str | None = None
    stream_label: str | None = None
    stream_number: int | None = None
    stream_shards: tuple[tuple[int, int], ...] = ()
    """Where each open shard of the stream begins, and its number; in order."""
    ttl: TimeToLive | None = None
    policy: str | None = None
    recovery_from: float | None = None
    recovery_days: int = 35
    journal: str | None = None
    """The feed that tells what its items were (journal.py), while that is wanted."""
    copies: int = 0
    """Backups, restores and exports that are being made of it."""
    restored: dict[str, object] | None = None
    global_id: str | None = None
    replicas: tuple[Replica, ...] = ()
    copy_from: str | None = None
    overrides: dict[str, Any] = {}
    """What this region's replica has otherwise than the table, as ReplicaDescription has it (shared.py)."""
    global_version: str | None = None
    global_created: float | None = None
    consistency: Consistency = "EVENTUAL"
    witness: Witness | None = None

    @property
    def is_global(self) -> bool:
        """Whether other regions have it too."""
        return self.global_id is not None

    @property
    def replicated(self) -> bool:
        """Whether its writes go to the other regions by a feed."""
        return self.global_id is not None and self.consistency == "EVENTUAL"

    @property
    def strong(self) -> bool:
        """Whether each of its items is a register that a majority of regions agrees on."""
        return self.global_id is not None and self.consistency == "STRONG"

    @property
    def feed(self) -> str:
        """The feed that carries its writes to the other regions, under the same name in all of them."""
        assert self.global_id is not None, "only a replicated table has a feed"
        return f"dynamodb/replication/{self.global_id}"

    def index(self, name: str) -> Index | None:
        return next((index for index in self.indexes if index.name == name), None)


class KeyView:
    """A key schema with its types: takes an item's key attributes and gives their place in the order."""

    __slots__ = ("attributes", "hash", "hash_kind", "hashes", "kinds", "names", "range", "range_kind", "ranges")
    short: ClassVar[int] = 255
    """Characters that make no key too long, though each may take four bytes."""

    def __init__(self, schema: Schema, kinds: dict[str, str]) -> None:
        self.hash, self.range = schema.hash, schema.range
        self.hashes, self.ranges = schema.hashes, schema.ranges
        self.hash_kind = kinds[schema.hash]
        self.range_kind = "" if schema.range is None else kinds[schema.range]
        self.names = schema.names
        self.attributes = tuple((name, kinds[name]) for name in schema.names)
        self.kinds = dict(self.attributes)

    def parts(self, item: Item) -> tuple[KeyPart | int, ...]:
        """(place of the partition, partition key, sort key) of an item that has these attributes."""
        partition = key_part(self.hash_kind, item[self.hash])
        if self.range is None:
            return key_hash(partition), partition
        return key_hash(partition), partition, key_part(self.range_kind, item[self.range])

    def partition(self, values: Callable[[str], Value]) -> tuple[KeyPart | int, ...]:
        """(place of the partition, its parts), from the value of each attribute of the partition key."""
        parts = [key_part(self.kinds[name], values(name)) for name in self.hashes]
        return (key_hash(*parts), *parts)

    def in_(self, item: Item) -> bool:
        """Whether the item has all of the key's attributes; one that has not is absent from a sparse index."""
        for name, kind in self.attributes:
            value = item.get(name)
            if value is None or not value.get(kind):
                return False
        return True

    def of(self, item: Item) -> Item:
        return {name: item[name] for name in self.names}


class CompositeKeyView(KeyView):
    """A key of several attributes."""

    __slots__ = ()
    short: ClassVar[int] = 63

    def parts(self, item: Item) -> tuple[KeyPart | int, ...]:
        return (*self.partition(item.__getitem__), *(key_part(self.kinds[name], item[name]) for name in self.ranges))


class IndexView:
    """An index with its key's types and the attributes that its entries hold."""

    __slots__ = ("index", "kept", "key")

    def __init__(self, index: Index, table: Table) -> None:
        self.index = index
        composite = bool(index.schema.more_hashes or index.schema.more_ranges)
        self.key = (CompositeKeyView if composite else KeyView)(index.schema, table.attributes)
        keys = (*table.schema.names, *index.schema.names)
        self.kept = None if index.projection == "ALL" else frozenset((*keys, *index.included))

    def entry(self, item: Item) -> Item:
        """What the index holds of an item."""
        if self.kept is None:
            return item
        return {name: value for name, value in item.items() if name in self.kept}


class TableView:
    """A table ready for work. `plain`: a write touches nothing but the item itself. `followed`: indexes, a stream,
    a journal or the times of expiry follow it. `expiry` is the attribute that says when an item expires. `told` is
    what its consumed capacity is told of: its name, or the ARN that a request has for it."""

    __slots__ = ("expiry", "followed", "indexes", "key", "plain", "shard_starts", "shards", "stable", "table", "told")

    def __init__(self, table: Table) -> None:
        self.table = table
        self.told = table.name
        self.key = KeyView(table.schema, table.attributes)
        indexes = sorted(table.indexes, key=lambda index: index.name)  # AWS names the first in its complaints
        self.indexes = [IndexView(index, table) for index in indexes if index.status != "DELETING"]
        self.expiry = table.ttl.attribute if table.ttl is not None and table.ttl.enabled else None
        self.followed = bool(self.indexes) or table.stream is not None or self.expiry is not None
        self.followed = self.followed or table.journal is not None
        self.plain = not self.followed and not table.is_global
        self.shard_starts = [start for start, _ in table.stream_shards]
        self.shards = [number for _, number in table.stream_shards]
        self.stable = table.status in ("ACTIVE", "UPDATING")

    def named(self, arn: str) -> "TableView":
        """The same, for a request that names the table by its ARN."""
        view = copy(self)
        view.told = arn
        return view


_decoder = msgspec.msgpack.Decoder(Table)


@lru_cache(maxsize=1024)
def view_of(definition: bytes) -> TableView:
    """The view of a stored definition."""
    return TableView(_decoder.decode(definition))
