"""The text of a game day's file, where everything in it stands, and what it takes from elsewhere.

    like: common.yaml             what this file does not say is as that one says; mappings are joined key by key
    short: {timeline: {...}}      `--short`: said instead of what the file says otherwise

So a value has layers: the short form over the file over the file that it is like. What is wrong with it is told with
the file and line of the layer that says it.
"""

from pathlib import Path
from typing import Any, NamedTuple

import yaml

Steps = tuple[str | int, ...]

ANY = "..."
"""What msgspec has in a path for one of a mapping's values."""
LIKE, SHORT = "like", "short"
LIKE_MAX = 5


class BadFile(Exception):
    """A game day's file cannot be used; the text says where and why, a line for each fault found."""


class _Unique(yaml.SafeLoader):
    """Refuses a key that is given twice, of which YAML would take the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in keys:
                raise yaml.constructor.ConstructorError(None, None, f"{key.value} is given twice", key.start_mark)
            keys.add(str(key.value))
        return super().construct_mapping(node, deep)


class _Layer(NamedTuple):
    """A file's nodes, and where in it the value begins that is joined to the others."""

    name: str
    root: yaml.Node | None
    below: Steps = ()

    def reach(self, path: Steps) -> tuple[int, int]:
        """How many steps of a path the file has, and the line of the last of them."""
        node, line = self.root, 1
        for depth, step in enumerate((*self.below, *path)):
            found = _child(node, step)
            if found is None:
                return depth - len(self.below), line
            line, node = found
        return len(path), line


class Source:
    """A file's text and value, and the line of everything in it."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        try:
            self._layers = [_Layer(name, yaml.compose(text, Loader=_Unique))]
            self.value: Any = yaml.load(text, Loader=_Unique)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise BadFile(f"{name}:{line}: {error.problem}") from error

    def put_over(self, base: "Source") -> None:
        """Take from another file what this one does not say."""
        self.value = joined(base.value, self.value)
        self._layers += base._layers
        self.text = f"{self.text}\n# {base.name}, which the above is like:\n\n{base.text}"

    def shorten(self) -> None:
        """Let what is said below `short` hold. Raises BadFile where nothing is."""
        short = self.value.get(SHORT) if isinstance(self.value, dict) else None
        if not short:
            raise BadFile(f"{self.name} has no short form: a part `short` with what is otherwise in it")
        self.value = joined({key: value for key, value in self.value.items() if key != SHORT}, short)
        self._layers = [*(layer._replace(below=(SHORT,)) for layer in self._layers), *self._layers]

    def _where(self, path: Steps) -> tuple[str, int]:
        """File and line of what is at a path, or as near to it as any of the files comes."""
        reached = [(*layer.reach(path), layer.name) for layer in self._layers]
        _, line, name = max(reached, key=lambda one: one[0])
        return name, line

    def line(self, path: Steps, key: str = "") -> int:
        """The line of what is at a path, or as near to it as the file comes; of a key in it, if one is given."""
        return self._where((*path, *([key] if key else [])))[1]

    def complaint(self, path: Steps, why: str, key: str = "") -> str:
        """A message for people: file, line, key, and what is wrong."""
        shown = "".join(f"[{step}]" if isinstance(step, int) or step == ANY else f".{step}" for step in path).lstrip(
            "."
        )
        name, line = self._where((*path, *([key] if key else [])))
        return f"{name}:{line}: {f'{shown}: ' if shown else ''}{why}"


def read_source(path: Path, *, short: bool = False, after: int = 0) -> Source:
    """A file with all that it is like, in its short form if that is asked for. Raises BadFile."""
    try:
        source = Source(path.name, path.read_text())
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadFile(f"{path} is no text: {error}") from error
    like = source.value.get(LIKE) if isinstance(source.value, dict) else None
    if like is not None:
        if not isinstance(like, str) or after >= LIKE_MAX:
            why = "this must be a file's name" if after < LIKE_MAX else "files that are like each other have no end"
            raise BadFile(source.complaint((LIKE,), why))
        source.put_over(read_source(path.parent / like, after=after + 1))
    if short:
        source.shorten()
    return source


def joined(below: Any, above: Any) -> Any:
    """Mappings are joined key by key; of anything else the upper one holds."""
    if isinstance(below, dict) and isinstance(above, dict):
        return {**below, **{key: joined(below.get(key), value) for key, value in above.items()}}
    return above


def _child(node: yaml.Node | None, step: str | int) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == step:
                return key.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step].start_mark.line + 1, node.value[step]
    return None
