"""What really happened, told without vectors: who had seen what, as plain sets. The checker compares the
regions with it.

Every committed write is noted with the write that its author saw (its parent) and with the set of all
writes of the item that had come to its author's region by then. From these follow, with no cleverness at
all:

    what must be shown in the end     the write with the greatest version
    what was lost                     writes that are nobody's parent, but for the one that is shown
    whether two writes are concurrent neither is in the other's set
"""

from dataclasses import dataclass, field

from panregion.replication import Version

Name = tuple[int, str]
"""A write, by its version's time and origin."""


@dataclass(frozen=True)
class Write:
    key: bytes
    version: Version
    value: bytes | None
    parent: Name | None

    @property
    def name(self) -> Name:
        return (self.version.time, self.version.origin)


@dataclass
class Oracle:
    writes: dict[Name, Write] = field(default_factory=dict)

    def committed(self, write: Write) -> None:
        assert write.name not in self.writes, f"two writes have the version {write.version}"
        self.writes[write.name] = write

    def keys(self) -> set[bytes]:
        return {write.key for write in self.writes.values()}

    def winner(self, key: bytes) -> Write:
        return max((w for w in self.writes.values() if w.key == key), key=lambda w: w.version)

    def shown(self, key: bytes) -> bytes | None:
        return self.winner(key).value if key in self.keys() else None

    def lost(self) -> set[Name]:
        """Acknowledged writes that nobody saw before they were gone."""
        parents = {write.parent for write in self.writes.values()}
        shown = {self.winner(key).name for key in self.keys()}
        return {name for name in self.writes if name not in parents and name not in shown}
