"""The table [tool.panregion] of a project's pyproject.toml; it is read before anything else is imported."""

import tomllib
from pathlib import Path
from typing import Any

from panregion.testing.errors import BadOptions

FILE_NAME = "pyproject.toml"


def read_project(root: Path) -> dict[str, Any]:
    """The table [tool.panregion] of a project; empty where there is none. Raises BadOptions."""
    path = root / FILE_NAME
    if not path.exists():
        return {}
    try:
        table = tomllib.loads(path.read_text())
    except tomllib.TOMLDecodeError as error:
        raise BadOptions(f"{path}: {error}") from error
    found = table.get("tool", {}).get("panregion", {})
    return dict(found)
