"""How a plain operation says that this time it cannot be done in one transaction.

Most operations are plain: they run whole in a transaction, and that is what makes them quick. A few meet something
that only the world can tell (a DynamoDB table that is strongly consistent across regions). They raise `MustWait`,
their transaction leaves nothing behind, and what it names is awaited in their place.

A transaction waits for its group's sync, also if it leaves nothing. What an operation `foresees` is asked before it
gets one.
"""

from collections.abc import Awaitable, Callable
from typing import Any

Params = dict[str, Any]


Instead = Callable[[Any, Callable[..., Any], Params], Awaitable[Params]]
"""What is awaited in an operation's place: (a Here without a transaction, the operation, its arguments)."""

Foresight = Callable[[Any, Params], Instead | None]
"""What will have to be awaited, as far as one can tell at once: (here, arguments)."""


def foreseen(operation: Callable[..., Any], foresight: Foresight) -> None:
    """Have an operation's need to wait foreseen."""
    operation.__dict__["foresees"] = foresight


def foresight_of(operation: Callable[..., Any]) -> Foresight | None:
    found: Foresight | None = operation.__dict__.get("foresees")
    return found


class MustWait(Exception):
    """Carries what is to be awaited."""

    def __init__(self, instead: Instead) -> None:
        super().__init__("this operation waits on the world")
        self.instead = instead
