"""Rates with bursts, as API Gateway throttles: a bucket of tokens that fills at the rate."""

from collections.abc import Hashable
from dataclasses import dataclass, field

BUCKETS_MAX = 10_000


@dataclass(slots=True)
class Bucket:
    """How many requests may come at once, as of some moment."""

    tokens: float
    at: float

    def take(self, now: float, rate: float, burst: float) -> bool:
        """Whether one more may come now."""
        self.tokens = min(burst, self.tokens + max(0.0, now - self.at) * rate)
        self.at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


@dataclass(slots=True)
class Buckets:
    """Buckets by what is counted; in memory, as rates are. `now` is monotonic seconds."""

    kept: dict[Hashable, Bucket] = field(default_factory=dict)

    def take(self, key: Hashable, now: float, rate: float, burst: float) -> bool:
        """Whether one more of this may come now; a burst is at least one, or nothing would ever come."""
        burst = max(burst, 1.0)
        found = self.kept.get(key)
        if found is None:
            if len(self.kept) >= BUCKETS_MAX:
                self.kept.clear()
            found = self.kept[key] = Bucket(burst, now)
        return found.take(now, rate, burst)
