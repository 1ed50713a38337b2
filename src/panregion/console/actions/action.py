"""An action: what it needs to know, the command that does the same, and how it is done."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from panregion.console.site import Site

Given = dict[str, str]
"""An action's fields by name, as a form has them."""


class Missing(Exception):
    """A field has no usable value; the text says which and what it may be."""


@dataclass(frozen=True)
class Action:
    """One thing that can be done."""

    label: str
    """On the button: "Kill"."""
    fields: tuple[str, ...]
    """What it has to be told."""
    command: Callable[[Given], str]
    """The command that does the same."""
    do: Callable[[Site, Given], Awaitable[str]]
    """Does it, and says what was done. Raises Missing, ControlError, Refused, Away."""
    question: Callable[[Given], str] | None = None
    """Asked first, of what takes something away from users."""
    optional: tuple[str, ...] = ()
    """What it may be told besides; an empty text where it was not."""
