"""A world in which nothing happens by itself: time, clocks and a network that one seed decides.

`SimulatedTime` runs what was scheduled, in order. `SimulatedClock` is one machine's idea of the time: it
can be off and jump. `SimulatedNetwork` carries messages over connections as TCP would over the real relays:
in order within a connection and direction, late by the link's delay, held up by loss, silent while the link
is cut, delivered after all when it heals and both ends still care. Everything is synchronous: a simulated
hour takes as long as its events.
"""

import heapq
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from panregion.world.chance import Chance


class SimulatedTime:
    """What is to happen, and when."""

    def __init__(self, start: float = 1_700_000_000.0) -> None:
        self.start = start
        self.elapsed = 0.0
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._count = 0

    def after(self, delay_s: float, event: Callable[[], None]) -> None:
        assert delay_s >= 0
        self._count += 1
        heapq.heappush(self._events, (self.elapsed + delay_s, self._count, event))

    def run(self, for_s: float) -> None:
        """Let that much time pass."""
        until = self.elapsed + for_s
        while self._events and self._events[0][0] <= until:
            self.elapsed, _, event = heapq.heappop(self._events)
            event()
        self.elapsed = until


class SimulatedClock:
    """One machine's clock."""

    def __init__(self, time: SimulatedTime, skew_s: float = 0.0) -> None:
        self._time = time
        self.skew_s = skew_s

    def now(self) -> float:
        return self._time.start + self._time.elapsed + self.skew_s

    def monotonic(self) -> float:
        return self._time.elapsed

    def jump(self, by_s: float) -> None:
        self.skew_s += by_s


@dataclass
class Connection:
    """A pipe between two sites. What is sent comes out in order, or not at all."""

    ends: tuple[str, str]
    receive: dict[str, Callable[[Any], None]]
    """site -> what takes messages there."""
    open: bool = True
    waiting: dict[str, deque[Any]] = field(default_factory=dict)


@dataclass
class SimulatedNetwork:
    """Links between sites; a cut one loses nothing that a connection would send again, and says nothing."""

    time: SimulatedTime
    chance: Chance
    delay_s: tuple[float, float] = (0.005, 0.150)
    loss: float = 0.0
    retransmit_s: float = 0.2
    cuts: set[tuple[str, str]] = field(default_factory=set)
    """Directions in which nothing passes."""

    def cut(self, a: str, b: str) -> None:
        self.cuts |= {(a, b), (b, a)}

    def heal(self) -> None:
        self.cuts.clear()

    def send(self, connection: Connection, to: str, message: Any) -> None:
        queue = connection.waiting.setdefault(to, deque())
        queue.append(message)
        if len(queue) == 1:
            self.time.after(self._delay(), lambda: self._deliver(connection, to))

    def _delay(self) -> float:
        least, most = self.delay_s
        return least + (most - least) * self.chance.random()

    def _deliver(self, connection: Connection, to: str) -> None:
        queue = connection.waiting[to]
        if not connection.open:
            queue.clear()
            return
        a, b = connection.ends
        if (b if to == a else a, to) in self.cuts or self.chance.random() < self.loss:
            self.time.after(self.retransmit_s, lambda: self._deliver(connection, to))
            return
        message = queue.popleft()
        if queue:
            self.time.after(self._delay() / 10, lambda: self._deliver(connection, to))
        connection.receive[to](message)
