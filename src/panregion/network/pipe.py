"""One direction of one connection: bytes go in at a time and come out at a later one, in order. Pure.

`put` what was read, `take` what may be written by now, `wake_at` says when to look again, and `changed`
follows a change of the link's conditions. What is under way while the link is silently cut is lost, which
to both ends looks like a stall: it comes out after the repetition that follows the heal, or, after GIVE_UP_S,
the pipe is dead.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from panregion.network.link import GIVE_UP_S, Conditions, Roll, arrival, next_attempt


class Mark(Enum):
    """What travels in line beside bytes."""

    END = "end"
    RESET = "reset"


Piece = bytes | Mark


@dataclass(slots=True)
class Carrier:
    """What the connections over one directed link share: its conditions, and when it can send again."""

    conditions: Conditions
    free_at: float = 0.0

    def arrival(self, now: float, size: int, roll: Roll) -> float:
        at, self.free_at = arrival(self.conditions, now, size, self.free_at, roll)
        return at


@dataclass(slots=True)
class _Held:
    piece: Piece
    sent_at: float
    due_at: float


class Pipe:
    """FIFO of pieces under way. `on_late` is told how late each piece left, for the relay's own figures."""

    def __init__(self, carrier: Carrier, roll: Roll, on_late: Callable[[float], None] | None = None) -> None:
        self._carrier = carrier
        self._roll = roll
        self._held: deque[_Held] = deque()
        self._on_late = on_late
        self.held_bytes = 0

    @property
    def full(self) -> bool:
        """Whether the sender must wait."""
        return self.held_bytes >= self._carrier.conditions.window_bytes

    @property
    def has_room(self) -> bool:
        """Whether a waiting sender may go on: well below full, so that it is not stopped again at once."""
        return self.held_bytes <= self._carrier.conditions.window_bytes // 2

    @property
    def passes(self) -> bool:
        """Whether bytes may go straight through."""
        return not self._held and self._carrier.conditions.immediate

    def put(self, now: float, piece: Piece) -> None:
        """Send one piece now."""
        size = len(piece) if isinstance(piece, bytes) else 0
        self.held_bytes += size
        self._held.append(_Held(piece, now, self._due(now, size)))

    def _due(self, now: float, size: int) -> float:
        if self._carrier.conditions.cut is not None:
            return now
        due_at = self._carrier.arrival(now, size, self._roll)
        return max(due_at, self._held[-1].due_at) if self._held else due_at

    def take(self, now: float, early_s: float = 0.0) -> list[Piece]:
        """All that has arrived by now (or arrives within `early_s`); nothing while the link is cut."""
        if self._carrier.conditions.cut is not None:
            return []
        arrived: list[Piece] = []
        while self._held and self._held[0].due_at <= now + early_s:
            held = self._held.popleft()
            arrived.append(held.piece)
            if isinstance(held.piece, bytes):
                self.held_bytes -= len(held.piece)
            if self._on_late is not None:
                self._on_late(now - held.due_at)
        return arrived

    def dead(self, now: float) -> bool:
        """Whether the sender has given up: its oldest bytes have been lost for too long."""
        cut = self._carrier.conditions.cut is not None
        return cut and bool(self._held) and now >= self._held[0].sent_at + GIVE_UP_S

    def wake_at(self) -> float | None:
        """When `take` or `dead` has news, if nothing changes before."""
        if not self._held:
            return None
        if self._carrier.conditions.cut is not None:
            return self._held[0].sent_at + GIVE_UP_S
        return self._held[0].due_at

    def changed(self, before: Conditions, now: float) -> None:
        """The link's conditions were `before` and are now the carrier's. What flies keeps its time of arrival,
        except after a silent cut: then it was lost, and is sent again."""
        after = self._carrier.conditions
        if before.cut is None or after.cut is not None or not self._held:
            return
        resumes_at = due_at = next_attempt(self._held[0].sent_at, before.timeout_s, now)
        for held in self._held:
            size = len(held.piece) if isinstance(held.piece, bytes) else 0
            held.due_at = due_at = max(due_at, self._carrier.arrival(resumes_at, size, self._roll))
