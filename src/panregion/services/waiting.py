"""How a plain operation says that this time it cannot be done in one transaction.

Most operations are plain: they run whole in a transaction, and that is what makes them quick. A few meet something
that only the world can tell (a DynamoDB table that is strongly consistent across regions). They raise `MustWait`,
their transaction leaves nothing behind, and what it names is awaited in their place.
"""

from collections.abc import Awaitable, Callable
from typing import Any

Params = dict[str, Any]


class MustWait(Exception):
    """Carries what is to be awaited: it is given a Here without a transaction, the operation and its arguments."""

    def __init__(self, instead: Callable[[Any, Callable[..., Any], Params], Awaitable[Params]]) -> None:
        super().__init__("this operation waits on the world")
        self.instead = instead
