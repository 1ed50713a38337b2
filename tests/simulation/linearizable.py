"""Whether what clients of one item saw can be put in an order that explains it (after Wing and Gong).

An operation takes effect at one moment between its beginning and its end. One whose outcome is not known may have
taken effect at any moment after it began, or never. The search remembers where it has been: the set of operations
that are placed, and the state.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

State = Hashable


@dataclass
class Event:
    """`step` gives the state after it, and what its client must have been told; `told` is what it was."""

    name: str
    began: float
    ended: float
    step: Callable[[Any], tuple[State, Any]]
    told: Any = None
    sure: bool = True


def linearizable(events: Sequence[Event], start: State) -> bool:
    order = sorted(events, key=lambda event: event.began)
    sure = frozenset(place for place, event in enumerate(order) if event.sure)
    stack: list[tuple[frozenset[int], State]] = [(frozenset(), start)]
    seen = set(stack)
    while stack:
        placed, state = stack.pop()
        if sure <= placed:
            return True
        # Whoever comes next must have begun before anybody ended who is not placed yet.
        first_end = min(event.ended for place, event in enumerate(order) if place not in placed and event.sure)
        for place, event in enumerate(order):
            if place in placed or event.began > first_end:
                continue
            after, answer = event.step(state)
            if event.sure and answer != event.told:
                continue
            following = (placed | {place}, after)
            if following not in seen:
                seen.add(following)
                stack.append(following)
    return False
