"""One rendering under way: variables, macros, what has been written, and how much may still be done."""

from collections.abc import Callable
from typing import Any

from panregion.languages.vtl.errors import VtlError

DEPTH_MAX = 50
"""Macros within macros, and templates within strings."""


class State:
    """The mutable part of a rendering. Every round of every loop counts against one bound."""

    def __init__(self, variables: dict[str, Any], rounds_max: int) -> None:
        self.variables = variables
        self.macros: dict[str, tuple[list[str], Node]] = {}
        self.out: list[str] = []
        self._rounds_left = rounds_max
        self._rounds_max = rounds_max
        self.depth = 0

    def count_round(self) -> None:
        self._rounds_left -= 1
        if self._rounds_left < 0:
            raise VtlError(f"more than {self._rounds_max} rounds of #foreach")

    def captured(self, node: "Node") -> str:
        """What a part of the template writes, apart from the rest."""
        if self.depth >= DEPTH_MAX:
            raise VtlError(f"more than {DEPTH_MAX} levels of macros and strings")
        outer, self.out = self.out, []
        self.depth += 1
        try:
            node(self)
            return "".join(self.out)
        finally:
            self.out = outer
            self.depth -= 1


Node = Callable[[State], None]
"""Writes its part."""
Expression = Callable[[State], Any]
"""Gives its value."""


class Break(Exception):
    """#break leaves the innermost loop."""


class Stop(Exception):
    """#stop ends the rendering; #return ends it with a value."""

    def __init__(self, value: Any = None) -> None:
        super().__init__()
        self.value = value
