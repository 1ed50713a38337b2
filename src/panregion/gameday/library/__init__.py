"""Game days that apply to any application: faults and times. A file of one's own lends them its users and promises."""

from importlib import resources

import msgspec

from panregion.gameday.file import GameDay, Timeline, Users
from panregion.gameday.reading import parse
from panregion.gameday.source import Source
from panregion.world import WorldSettings
from panregion.world.distance import cities, regions, round_trip_between_ms

SECONDS = frozenset(
    {"at_s", "for_s", "every_s", "from_s", "until_s", "mean_gap_s", "gap_s", "step_s", "hold_s", "down_s"}
)
DEFAULT_RATE_S = 5.0


def names() -> list[str]:
    """Every game day of the library."""
    files = resources.files(__name__).iterdir()
    return sorted(file.name.removesuffix(".yaml") for file in files if file.name.endswith(".yaml"))


def from_library(name: str) -> tuple[GameDay, Source]:
    """A game day by its name. Raises KeyError."""
    if name not in names():
        raise KeyError(name)
    source = Source(f"{name}.yaml", resources.files(__name__).joinpath(f"{name}.yaml").read_text())
    return parse(source), source


def lent(game: GameDay, own: GameDay) -> GameDay:
    """The library's game day with the world, users, stores, probes and promises of one's own."""
    return msgspec.structs.replace(
        game,
        seed=own.seed,
        world=own.world,
        stacks=own.stacks,
        prepare=own.prepare,
        users=own.users,
        stores=own.stores,
        steady_state=own.steady_state,
        objectives=own.objectives,
        in_the_end=own.in_the_end,
        verify=own.verify,
    )


def with_readers(game: GameDay, url: str, settings: WorldSettings) -> GameDay:
    """The game day with users who read one URL, in the city nearest to each region."""
    near = {nearest_city(region) for region in settings.regions}
    users = tuple(Users(city=city, rate_s=DEFAULT_RATE_S, get=url) for city in sorted(near))
    return msgspec.structs.replace(game, users=users)


def nearest_city(region: str) -> str:
    """The packaged city from which a region is reached soonest."""
    there = regions()[region]
    return min(cities(), key=lambda city: round_trip_between_ms(cities()[city], there))


def scaled(game: GameDay, scale: float) -> GameDay:
    """The game day in slower or quicker motion: its faults, actions and timeline, not what is promised."""
    if scale == 1:
        return game
    line = game.timeline
    timeline = Timeline(
        warm_up_s=line.warm_up_s,
        before_s=line.before_s * scale,
        faults_s=line.faults_s * scale,
        recover_s=line.recover_s * scale,
        after_s=line.after_s * scale,
    )
    return msgspec.structs.replace(
        game,
        faults=tuple(_scaled(plan, scale) for plan in game.faults),
        actions=tuple(
            msgspec.structs.replace(one, at_s=one.at_s * scale, for_s=None if one.for_s is None else one.for_s * scale)
            for one in game.actions
        ),
        timeline=timeline,
    )


def _scaled(value: object, scale: float, key: str = "") -> object:
    if isinstance(value, dict):
        return {name: _scaled(one, scale, name) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_scaled(one, scale, key) for one in value]
    return value * scale if key in SECONDS and isinstance(value, int | float) else value


__all__ = ["from_library", "lent", "names", "nearest_city", "scaled", "with_readers"]
