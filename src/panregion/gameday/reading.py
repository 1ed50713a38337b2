"""Reading gameday.yaml. What is wrong with a file is said with its line and the key, as far as the file tells."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from panregion.control.faults.where import where_in
from panregion.gameday.file import CloudWatch, GameDay, SteadyState
from panregion.gameday.journeys import NoSuchFunction, journey_of, verifier_of
from panregion.gameday.source import BadFile, Source, Steps, read_source
from panregion.gameday.timetable import BadPlan, timetable
from panregion.world import WorldSettings
from panregion.world.whereabouts import places

STEP = re.compile(r"\.([^.\[\]`]+)|\[(\d+|\.\.\.)\]")


def read(path: Path, *, short: bool = False) -> tuple[GameDay, Source]:
    """A game day from a file (its `short` form), checked as far as that goes without a world. Raises BadFile."""
    source = read_source(path, short=short)
    game = parse(source)
    complaints = list(_complaints(game, source, home(game, path)))
    if complaints:
        raise BadFile("\n".join(complaints))
    return game, source


def home(game: GameDay, path: Path) -> Path:
    """The folder that everything in a game day's file is relative to."""
    return path.resolve().parent.joinpath(game.folder).resolve()


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
        path: Steps = ("users", number)
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
        path: Steps = (part, number)
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
        path: Steps = ("objectives", "rpo", kind)
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


def _function(source: Source, path: Steps, find: Any) -> Iterable[str]:
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
