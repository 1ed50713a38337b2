"""The world that a game day is held in: prepared by the file's commands, or not held."""

from pathlib import Path

import msgspec
import pytest

from panregion.gameday.file import GameDay
from panregion.gameday.stage import NoStage, staged
from panregion.world.settings import Ports
from tests.gameday.world import REGION, small_world


def preparing(*lines: str) -> GameDay:
    return msgspec.convert({"name": "x", "prepare": lines}, GameDay)


async def test_a_world_that_runs_is_prepared(tmp_path: Path, ports: Ports) -> None:
    told: list[str] = []
    async with small_world(tmp_path, ports) as world:
        game = preparing("echo $AWS_REGION > noted", "echo twice >> noted")
        async with staged(game, tmp_path, world.settings, stay=False, tell=told.append):
            assert (tmp_path / "noted").read_text().split() == [REGION, "twice"]
    assert told == list(game.prepare)


async def test_no_game_day_is_held_where_it_cannot_be_prepared(tmp_path: Path, ports: Ports) -> None:
    told: list[str] = []
    async with small_world(tmp_path, ports) as world:
        with pytest.raises(NoStage, match=r"^echo no >&2; exit 3: exit code 3: no$"):
            async with staged(preparing("echo no >&2; exit 3"), tmp_path, world.settings, stay=False, tell=told.append):
                pytest.fail("it was held")
