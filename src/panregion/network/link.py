"""When a packet that leaves one site reaches another. Pure: no sockets, no clock of its own.

A link is directed. Its one-way delay is half the round trip between its sites, times the world's scale, plus
what faults add. A chunk of bytes is charged, in this order:

    1. transmission  the link carries one chunk at a time at `bandwidth_bytes_s`, for all connections together
    2. delay         scaled one-way delay, plus the fault's extra delay (not scaled: it was asked for by name)
    3. jitter        uniform between 0 and `jitter_s`
    4. loss          a chunk of which a packet is lost stalls for a retransmission timeout, doubled each time

and never arrives before what the same connection sent earlier (see pipe.py).

A **silent** cut loses what is sent and what is under way, and says nothing. The sender repeats after a timeout
that doubles (`next_attempt`); the first repetition after the link heals gets through. A connection whose bytes
stayed unanswered for GIVE_UP_S is dead, and is reset at both ends, healed or not. Linux would go on for some
15 minutes with pauses of up to two; the smaller figures here keep a heal visible within seconds, and stay
far above any application's own timeout. A connection that was idle throughout never notices. A **refusing** cut
resets what is open and refuses what is new.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Cut = Literal["silent", "refuse"]
Roll = Callable[[], float]
"""A float in [0, 1), from the world's chance."""

PACKET_BYTES = 1448
RETRANSMIT_MIN_S = 0.2
RETRANSMIT_MAX_S = 10.0
CONNECT_RETRY_S = 1.0
GIVE_UP_S = 120.0
STALLS_MAX = 6
WINDOW_MIN_BYTES = 64 * 1024
WINDOW_MAX_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What distance, settings and faults make of one directed link."""

    one_way_s: float
    scale: float = 1.0
    extra_delay_s: float = 0.0
    jitter_s: float = 0.0
    loss: float = 0.0
    bandwidth_bytes_s: float | None = None
    cut: Cut | None = None

    @property
    def delay_s(self) -> float:
        """One way, without jitter."""
        return self.one_way_s * self.scale + self.extra_delay_s

    @property
    def timeout_s(self) -> float:
        """How long a sender waits before it repeats the first time."""
        return 2 * self.delay_s + RETRANSMIT_MIN_S * min(1.0, max(0.05, self.scale))

    @property
    def immediate(self) -> bool:
        """Whether bytes may pass without being held at all."""
        return (
            self.cut is None
            and self.delay_s == 0
            and self.jitter_s == 0
            and self.loss == 0
            and self.bandwidth_bytes_s is None
        )

    @property
    def window_bytes(self) -> int:
        """How much one connection may have under way: twice the bandwidth-delay product, within bounds."""
        if self.bandwidth_bytes_s is None:
            return WINDOW_MAX_BYTES
        product = int(2 * self.bandwidth_bytes_s * (2 * self.delay_s + self.jitter_s))
        return max(WINDOW_MIN_BYTES, min(WINDOW_MAX_BYTES, product))


def arrival(conditions: Conditions, now: float, size: int, free_at: float, roll: Roll) -> tuple[float, float]:
    """When `size` bytes sent now arrive, and when the link is free for the next; the link must not be cut."""
    left_at = now
    if conditions.bandwidth_bytes_s is not None:
        left_at = max(now, free_at) + size / conditions.bandwidth_bytes_s
    jitter_s = conditions.jitter_s * roll() if conditions.jitter_s else 0.0
    return left_at + conditions.delay_s + jitter_s + stall_s(conditions, size, roll), left_at


def stall_s(conditions: Conditions, size: int, roll: Roll) -> float:
    """How long lost packets hold up a chunk: a retransmission timeout that doubles with every further loss."""
    if conditions.loss <= 0:
        return 0.0
    packets = max(1, -(-size // PACKET_BYTES))
    lost = 1 - (1 - conditions.loss) ** packets
    total, timeout_s = 0.0, conditions.timeout_s
    for _ in range(STALLS_MAX):
        if roll() >= lost:
            break
        total += timeout_s
        timeout_s = min(2 * timeout_s, RETRANSMIT_MAX_S)
        lost = conditions.loss
    return total


def next_attempt(sent_at: float, timeout_s: float, not_before: float) -> float:
    """When what was sent at `sent_at` and lost is next repeated, at `not_before` or later."""
    attempt_at, pause_s = sent_at + timeout_s, timeout_s
    while attempt_at < not_before:
        pause_s = min(2 * pause_s, RETRANSMIT_MAX_S)
        attempt_at += pause_s
    return attempt_at
