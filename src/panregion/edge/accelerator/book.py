"""What the edge knows of accelerators: whole trees by ARN, and by address and name."""

from collections.abc import Iterator

import msgspec

from panregion.services.globalaccelerator.model import Accelerator, EndpointGroup, Listener, Snapshot, Tree

_trees = msgspec.msgpack.Decoder(Snapshot, strict=False)
_tree = msgspec.msgpack.Decoder(Tree, strict=False)


class Book:
    """A book for `edge.follow`."""

    def __init__(self) -> None:
        self.trees: dict[str, Tree] = {}
        self._names: dict[str, Accelerator] = {}

    def load(self, snapshot: bytes) -> None:
        self.trees = {tree.accelerator.arn: tree for tree in _trees.decode(snapshot)}
        self._index()

    def apply(self, record: bytes) -> None:
        tree = _tree.decode(record)
        if tree.gone:
            self.trees.pop(tree.accelerator.arn, None)
        else:
            self.trees[tree.accelerator.arn] = tree
        self._index()

    def snapshot(self) -> bytes:
        return msgspec.msgpack.encode(list(self.trees.values()))

    def _index(self) -> None:
        self._names = {f"{tree.accelerator.dns_name}.": tree.accelerator for tree in self.trees.values()}

    def named(self, name: str) -> Accelerator | None:
        """The accelerator of a DNS name in Route 53's spelling."""
        return self._names.get(name)

    def groups(self) -> Iterator[tuple[Listener, EndpointGroup]]:
        """Every endpoint group with its listener."""
        for tree in self.trees.values():
            by_arn = {listener.arn: listener for listener in tree.listeners}
            for group in tree.groups:
                if group.listener_arn in by_arn:
                    yield by_arn[group.listener_arn], group

    def groups_of(self, listener: Listener) -> list[EndpointGroup]:
        tree = self.trees.get(listener.accelerator_arn)
        return [] if tree is None else [group for group in tree.groups if group.listener_arn == listener.arn]

    def sockets(self) -> dict[tuple[str, int, str], Listener]:
        """(address, public port, protocol) -> the listener, for all accelerators that are enabled."""
        return {
            (address, port, listener.protocol): listener
            for tree in self.trees.values()
            if tree.accelerator.enabled
            for listener in tree.listeners
            for address in tree.accelerator.addresses
            for first, last in listener.ports
            for port in range(first, last + 1)
        }
