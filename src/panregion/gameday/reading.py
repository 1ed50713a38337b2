"""Reading gameday.yaml. What is wrong with a file is said with its line and the key, as far as the file tells."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import yaml

from panregion.control.faults.where import where_in
from panregion.gameday.file import CloudWatch, GameDay, SteadyState
from panregion.gameday.journeys import NoSuchFunction, journey_of, verifier_of
from panregion.gameday.timetable import BadPlan, timetable
from panregion.world import WorldSettings
from panregion.world.whereabouts import places

Path_ = tuple[str | int, ...]
STEP = re.compile(r"\.([^.\[\]`]+)|\[(\d+|\.\.\.)\]")


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


class Source:
    """A file's text, and the line of everything in it."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        try:
            self._root = yaml.compose(text, Loader=_Unique)
            self.value: Any = yaml.load(text, Loader=_Unique)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise BadFile(f"{name}:{line}: {error.problem}") from error

    def line(self, path: Path_, key: str = "") -> int:
        """The line of what is at a path, or as near to it as the file comes; of a key in it, if one is given."""
        node, line = self._root, 1
        for step in (*path, *([key] if key else [])):
            found = _child(node, step)
            if found is None:
                return line
            line, node = found
        return line

    def complaint(self, path: Path_, why: str, key: str = "") -> str:
        """A message for people: file, line, key, and what is wrong."""
        shown = "".join(f"[{step}]" if isinstance(step, int) or step == ANY else f".{step}" for step in path).lstrip(
            "."
        )
        return f"{self.name}:{self.line(path, key)}: {f'{shown}: ' if shown else ''}{why}"


ANY = "..."
"""What msgspec has in a path for one of a mapping's values."""


def _child(node: yaml.Node | None, step: str | int) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == step:
                return key.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step].start_mark.line + 1, node.value[step]
    return None


def read(path: Path) -> tuple[GameDay, Source]:
    """A game day from a file, checked as far as that goes without a world. Raises BadFile."""
    try:
        text = path.read_text()
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadFile(f"{path} is no text: {error}") from error
    source = Source(path.name, text)
    game = parse(source)
    complaints = list(_complaints(game, source, path.parent))
    if complaints:
        raise BadFile("\n".join(complaints))
    return game, source


def parse(source: Source) -> GameDay:
    """The value of a file's text. Raises BadFile."""
    try:
        return msgspec.convert(source.value, GameDay)
    except msgspec.ValidationError as error:
        raise BadFile(_located(source, str(error))) from error


def _located(source: Source, message: str) -> str:
    """msgspec's `Expected int, got str - at $.users[0].rate_s` with file, line and key."""
    text, _, where = message.partition(" - at `$")
    path = tuple(int(index) if index.isdigit() else name or index for name, index in STEP.findall(where.rstrip("`")))
    unknown = re.search(r"unknown field `(.+?)`", text)
    if unknown:
        return source.complaint(path, f"{unknown[1]} is no key of this", unknown[1])
    return source.complaint(path, in_words(text))


WORDS = {
    "float": "a number",
    "int": "a whole number",
    "str": "text",
    "bool": "true or false",
    "object": "keys and values",
    "array": "a list",
    "null": "nothing",
    "float | object | null": "a number, or keys and values",
}


def in_words(text: str) -> str:
    """msgspec's complaint about a value as one says it to somebody who writes YAML; others are left as they are."""
    if missing := re.fullmatch(r"Object missing required field `(.+)`", text):
        return f"{missing[1]} is missing"
    if differs := re.fullmatch(r"Expected `(.+)`, got `(.+)`", text):
        return f"this must be {_word(differs[1])}, not {_word(differs[2])}"
    if bound := re.fullmatch(r"Expected `(float|int)` (>=|<=|>|<) (\S+)", text):
        return f"this must be {_word(bound[1])} {bound[2]} {float(bound[3]):g}"
    return text


def _word(kinds: str) -> str:
    return WORDS.get(kinds) or ", or ".join(WORDS.get(kind, kind) for kind in kinds.split(" | "))


def _complaints(game: GameDay, source: Source, folder: Path) -> Iterable[str]:
    for number, users in enumerate(game.users):
        path: Path_ = ("users", number)
        if (users.journey is None) == (users.get is None):
            yield source.complaint(path, "give either a journey (module:function) or get (a URL)")
        if users.get is not None and not users.get.startswith(("http://", "https://")):
            yield source.complaint((*path, "get"), f"{users.get} is no http or https URL")
        if users.journey is not None:
            yield from _function(source, (*path, "journey"), lambda named=users.journey: journey_of(named, folder))
    if game.verify is not None:
        yield from _function(source, ("verify",), lambda: verifier_of(game.verify or "", folder))
    for number, stack in enumerate(game.stacks):
        if not (folder / stack.template).exists():
            yield source.complaint(("stacks", number, "template"), f"there is no {folder / stack.template}")
    yield from _unchecked(game, source)
    for part, probes in (("steady_state", game.steady_state), ("in_the_end", game.in_the_end)):
        yield from _probes(part, probes, source)
    objectives = game.objectives
    if isinstance(objectives.rto_s, dict):
        for city in objectives.rto_s.keys() - {users.city for users in game.users}:
            yield source.complaint(("objectives", "rto_s", city), f"no users are in {city}")


def _probes(part: str, probes: Sequence[SteadyState], source: Source) -> Iterable[str]:
    """Probes that nothing could fail, or that could not be told from each other."""
    titles: dict[str, int] = {}
    for number, probe in enumerate(probes):
        path: Path_ = (part, number)
        if isinstance(probe, CloudWatch) and probe.at_least is None and probe.at_most is None:
            yield source.complaint(path, "give at_least or at_most: without a bound every figure would do")
        first = titles.setdefault(probe.title(), number)
        if first != number:
            yield source.complaint(
                path, f"{part}[{first}] is called {probe.title()} as well: give one of them a name of its own"
            )


def _unchecked(game: GameDay, source: Source) -> Iterable[str]:
    """Promises about writes that nothing would look for: they could not be broken."""
    for kind, rpo in game.objectives.rpo.items():
        path: Path_ = ("objectives", "rpo", kind)
        is_stored = kind in game.stores or (kind == "*" and game.stores)
        if not is_stored and game.verify is None and (rpo.lost, rpo.overwritten, rpo.duplicated) != (None,) * 3:
            yield source.complaint(
                path, f"nothing looks for writes of kind {kind}: name its store, or a verify function"
            )
        if rpo.missing_while_away is not None and not is_stored:
            yield source.complaint(path, "missing_while_away needs the store of these writes")
        if rpo.duplicated is not None and game.verify is None:
            yield source.complaint(path, "duplicated needs a verify function: only the application can tell")
        if kind != "*" and not any(users.journey for users in game.users) and game.users:
            yield source.complaint(path, "no journey acknowledges anything: all users only read a URL")


def _function(source: Source, path: Path_, find: Any) -> Iterable[str]:
    try:
        find()
    except NoSuchFunction as error:
        yield source.complaint(path, str(error))


def check_for(game: GameDay, source: Source, settings: WorldSettings) -> None:
    """Check a game day against the world that it is for: its regions, cities and faults. Raises BadFile."""
    complaints = list(_complaints_for(game, source, settings))
    if complaints:
        raise BadFile("\n".join(complaints))


def _complaints_for(game: GameDay, source: Source, settings: WorldSettings) -> Iterable[str]:
    known = places(settings)
    for part, several in (("users", game.users), ("steady_state", game.steady_state), ("in_the_end", game.in_the_end)):
        for number, one in enumerate(several):
            for city in (*getattr(one, "cities", ()), *([one.city] if hasattr(one, "city") else [])):
                if city not in known:
                    yield source.complaint(
                        (part, number), f"{city} is no city of this world: {', '.join(known)}", "city"
                    )
            region = getattr(one, "region", "")
            if region and region not in settings.regions:
                yield source.complaint((part, number), _no_region(region, settings), "region")
    for number, stack in enumerate(game.stacks):
        for region in set(stack.regions) - set(settings.regions):
            yield source.complaint(("stacks", number), _no_region(region, settings), "regions")
    for kind, store in game.stores.items():
        for region in set(store.regions) - set(settings.regions):
            yield source.complaint(("stores", kind), _no_region(region, settings), "regions")
    for number, plan in enumerate(game.faults):
        try:
            timetable([plan], where_in(settings), game.seed, game.timeline.faults_s)
        except BadPlan as error:
            yield source.complaint(("faults", number), str(error))


def _no_region(name: str, settings: WorldSettings) -> str:
    return f"{name} is not a region of this world; it has {', '.join(settings.regions)}"
