"""Many patterns at once: which of them does an event match, without trying each.

Nearly every pattern says of some member that its text is one of a few, or begins or ends with one of a few. Such a
member is the pattern's anchor: the pattern can match only an event that has one of those values there. The index maps
(member, value) to the patterns anchored there, so that an event's own values lead to the few that must be tried. Of
several members that could be a pattern's anchor the one is taken whose values the fewest patterns share. Patterns
without an anchor are tried always.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from panregion.languages.patterns.dialects import Dialect
from panregion.languages.patterns.pattern import Pattern, compile_pattern

Path = tuple[str, ...]


class Anchor(NamedTuple):
    """A value that an event must have at a path: the whole of it, its beginning, or its end."""

    path: Path
    kind: str
    value: Any


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    pattern: Pattern


def anchors_of(document: Mapping[str, Any], path: Path = ()) -> Iterator[list[Anchor]]:
    """For every member that could be the pattern's anchor, the values of which an event must have one."""
    for name, inner in document.items():
        if name == "$or" and isinstance(inner, list):
            continue
        if isinstance(inner, dict):
            yield from anchors_of(inner, (*path, name))
        else:
            found = [_anchor((*path, name), condition) for condition in inner]
            if all(anchor is not None for anchor in found):
                yield [anchor for anchor in found if anchor is not None]


def _anchor(path: Path, condition: Any) -> Anchor | None:
    if isinstance(condition, str):
        return Anchor(path, "is", condition)
    if isinstance(condition, (int, float)) and not isinstance(condition, bool):
        return Anchor(path, "is", float(condition))
    if isinstance(condition, dict) and len(condition) == 1:
        ((name, value),) = condition.items()
        if name in ("prefix", "suffix") and isinstance(value, str) and value:
            return Anchor(path, name, value)
    return None


class Index:
    """The patterns by their anchors."""

    def __init__(self, documents: Iterable[tuple[str, Mapping[str, Any]]], dialect: Dialect) -> None:
        """`documents` are names and patterns in JSON, which were found to be patterns before."""
        kept = list(documents)
        shared = Counter(anchor for _, document in kept for choice in anchors_of(document) for anchor in choice)
        self._by_value: dict[Path, dict[Any, list[_Entry]]] = defaultdict(lambda: defaultdict(list))
        self._by_prefix: dict[Path, dict[str, list[_Entry]]] = defaultdict(lambda: defaultdict(list))
        self._by_suffix: dict[Path, dict[str, list[_Entry]]] = defaultdict(lambda: defaultdict(list))
        self._always: list[_Entry] = []
        for name, document in kept:
            entry = _Entry(name, compile_pattern(document, dialect))
            choices = list(anchors_of(document))
            if not choices:
                self._always.append(entry)
                continue
            for anchor in min(choices, key=lambda choice: sum(shared[anchor] for anchor in choice)):
                table = {"is": self._by_value, "prefix": self._by_prefix, "suffix": self._by_suffix}[anchor.kind]
                table[anchor.path][anchor.value].append(entry)
        self._lengths = {
            id(table): {path: sorted({len(text) for text in texts}) for path, texts in table.items()}
            for table in (self._by_prefix, self._by_suffix)
        }

    def matching(self, event: Mapping[str, Any]) -> list[str]:
        """The names of the patterns that the event matches, each once."""
        tried: dict[str, bool] = {}
        for entry in self._candidates(event):
            if entry.name not in tried:
                tried[entry.name] = entry.pattern.matches(event)
        return [name for name, matched in tried.items() if matched]

    def _candidates(self, event: Mapping[str, Any]) -> Iterator[_Entry]:
        yield from self._always
        for path, entries in self._by_value.items():
            for value in _values_at(event, path):
                yield from entries.get(_comparable(value), ())
        for path, begun in self._by_prefix.items():
            for value in _texts_at(event, path):
                for length in self._lengths[id(self._by_prefix)][path]:
                    yield from begun.get(value[:length], ())
        for path, ended in self._by_suffix.items():
            for value in _texts_at(event, path):
                for length in self._lengths[id(self._by_suffix)][path]:
                    yield from ended.get(value[-length:], ())


def _comparable(value: Any) -> Any:
    """Numbers as they are compared: 1 is 1.0, and true is no number."""
    if isinstance(value, bool) or value is None:
        return None
    return float(value) if isinstance(value, int) else value


def _values_at(value: Any, path: Path, at: int = 0) -> Iterator[Any]:
    """The plain values at a path; lists on the way are all their elements."""
    if isinstance(value, list):
        for element in value:
            yield from _values_at(element, path, at)
    elif at == len(path):
        if not isinstance(value, dict):
            yield value
    elif isinstance(value, dict) and path[at] in value:
        yield from _values_at(value[path[at]], path, at + 1)


def _texts_at(event: Mapping[str, Any], path: Path) -> Iterator[str]:
    return (value for value in _values_at(event, path) if isinstance(value, str))
