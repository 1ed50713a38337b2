"""An item while it is being updated."""

from itertools import pairwise
from typing import Any

from panregion.languages.dynamodb.errors import UpdateFailed
from panregion.languages.dynamodb.paths import Path
from panregion.languages.dynamodb.values import Item, Value

NO_PATH = "The document path provided in the update expression is invalid for update"


class Draft:
    """A copy of an item in which only the containers that change are copied, once."""

    def __init__(self, item: Item) -> None:
        self.item = dict(item)
        self._copied: dict[int, Any] = {}
        self._beyond: dict[int, tuple[list[Value], list[tuple[int, Value]]]] = {}

    def put(self, path: Path, value: Value) -> None:
        holder, step = self._holder(path), path[-1]
        if isinstance(step, str) or step < len(holder):
            holder[step] = value
        else:
            self._beyond.setdefault(id(holder), (holder, []))[1].append((step, value))

    def close_up(self) -> None:
        """Elements set beyond the end of a list follow it in the order of their indexes, without gaps."""
        for elements, beyond in self._beyond.values():
            elements.extend(value for _, value in sorted(beyond, key=lambda entry: entry[0]))

    def remove(self, path: Path) -> None:
        holder, step = self._holder(path), path[-1]
        if _has(holder, step):
            del holder[step]

    def _holder(self, path: Path) -> Any:
        """The map or list that holds the path's last step, copied together with all above it."""
        holder: Any = self.item
        for step, inner in pairwise(path):
            value = holder[step] if _has(holder, step) else None
            kind = "L" if isinstance(inner, int) else "M"
            if value is None or kind not in value:
                raise UpdateFailed(NO_PATH)
            content = value[kind]
            if id(content) not in self._copied:
                content = content.copy()
                self._copied[id(content)] = content
                holder[step] = {kind: content}
            holder = content
        return holder


def _has(holder: Any, step: str | int) -> bool:
    return step < len(holder) if isinstance(step, int) else step in holder
