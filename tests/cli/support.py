"""A folder whose world was started once."""

from pathlib import Path
from typing import Any

import msgspec

from panregion.world import WorldSettings


def world_in(folder: Path, **changes: Any) -> WorldSettings:
    """The settings of a world of `folder`, written where commands look for them."""
    settings = WorldSettings(folder=str(folder / ".panregion"), **changes)
    settings.path.mkdir()
    (settings.path / "world.json").write_bytes(msgspec.json.encode(settings))
    return settings
