"""Worlds in tests: the fixture `world` of pytest (plugin.py), and what it gives.

The plugin is loaded by every pytest where panregion is installed, so a name is imported when it is first used.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from panregion.testing.errors import NeverTrue, WorldFailed
    from panregion.testing.injected import Injected
    from panregion.testing.options import Options, Stack
    from panregion.testing.places import Link, Region
    from panregion.testing.user import User
    from panregion.testing.world import World

__all__ = ["Injected", "Link", "NeverTrue", "Options", "Region", "Stack", "User", "World", "WorldFailed"]

_WHERE = {
    "Injected": "injected",
    "Link": "places",
    "NeverTrue": "errors",
    "Options": "options",
    "Region": "places",
    "Stack": "options",
    "User": "user",
    "World": "world",
    "WorldFailed": "errors",
}


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"panregion.testing has no {name}; it has {', '.join(__all__)}")
    return getattr(importlib.import_module(f"panregion.testing.{_WHERE[name]}"), name)
