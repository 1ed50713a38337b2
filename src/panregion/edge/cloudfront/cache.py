"""The caches of all points of presence: one for each, and one bound of memory for all of them together.

Whoever was asked for longest ago leaves first. What is being collected to be kept counts as soon as it is
collected, so that many large objects at once cannot pass the bound.
"""

from collections import OrderedDict
from dataclasses import dataclass

from panregion.edge.cloudfront.keys import Key
from panregion.edge.cloudfront.messages import encode_head
from panregion.edge.cloudfront.patterns import is_invalidated
from panregion.world import Headers

BYTES_MAX = 256 << 20
OBJECT_BYTES_MAX = 16 << 20
"""Larger objects are passed on and not kept. CloudFront keeps up to 50 GB of one."""
OVERHEAD_BYTES = 1024

Place = tuple[int, str, Key]
"""A point of presence's number, a distribution's id, and the key."""


@dataclass(slots=True)
class Entry:
    """One kept response. Times are monotonic seconds."""

    status: int
    reason: str
    headers: Headers
    by_name: dict[str, str]
    body: bytes
    fetched_at: float
    ttl_s: float
    length: int | None
    """The body's; None where what brought it was a HEAD request that did not say."""
    age_s: float = 0.0
    """How old it was when it came."""
    complete: bool = True
    """Whether the body is there: what a HEAD request brought has none."""
    is_error: bool = False
    """Whether the origin failed, whatever the page in its place says."""
    retry_at: float = 0.0
    """Until then it is told though its time is over: the origin has just failed."""
    _encoded: bytes = b""

    @property
    def expires_at(self) -> float:
        return self.fetched_at + self.ttl_s

    @property
    def size(self) -> int:
        """What it takes of the memory for caches."""
        return len(self.body) + 2 * sum(len(name) + len(value) for name, value in self.headers) + OVERHEAD_BYTES

    @property
    def encoded(self) -> bytes:
        """Status line and headers as bytes, ready for more headers to follow."""
        if not self._encoded:
            length = [] if self.length is None else [("Content-Length", str(self.length))]
            head = encode_head(f"HTTP/1.1 {self.status} {self.reason}", [*self.headers, *length])
            self._encoded = head[:-2]
        return self._encoded


class Cache:
    """Entries by place, the one asked for longest ago first."""

    def __init__(self, bytes_max: int = BYTES_MAX) -> None:
        self._entries: OrderedDict[Place, Entry] = OrderedDict()
        self._bytes_max = bytes_max
        self._kept_bytes = 0
        self._collected_bytes = 0
        self.hits = 0
        self.misses = 0

    @property
    def bytes(self) -> int:
        """What is kept and what is being collected."""
        return self._kept_bytes + self._collected_bytes

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, place: Place) -> Entry | None:
        """The entry, fresh or not."""
        found = self._entries.get(place)
        if found is not None:
            self._entries.move_to_end(place)
        return found

    def put(self, place: Place, entry: Entry) -> None:
        """Keep it, in place of an older one; others leave if they must."""
        self.drop(place)
        if entry.size > self._bytes_max:
            return
        self._entries[place] = entry
        self._kept_bytes += entry.size
        self._shrink()

    def drop(self, place: Place) -> None:
        old = self._entries.pop(place, None)
        if old is not None:
            self._kept_bytes -= old.size

    def reserve(self, size: int) -> bool:
        """Ask for room for bytes being collected; false where even an empty cache would have none."""
        if self._collected_bytes + size > self._bytes_max:
            return False
        self._collected_bytes += size
        self._shrink()
        return True

    def release(self, size: int) -> None:
        """What was collected is kept now, or given up."""
        self._collected_bytes -= size

    def _shrink(self) -> None:
        while self.bytes > self._bytes_max and self._entries:
            _, old = self._entries.popitem(last=False)
            self._kept_bytes -= old.size

    def invalidate(self, distribution_id: str, paths: list[str]) -> int:
        """Forget a distribution's objects under those paths, everywhere; returns how many there were."""
        gone = [place for place in self._entries if place[1] == distribution_id and _is_under(place[2], paths)]
        for place in gone:
            self.drop(place)
        return len(gone)

    def forget(self, distribution_id: str | None = None) -> None:
        """Forget a distribution's objects, or all."""
        if distribution_id is None:
            self._entries.clear()
            self._kept_bytes = 0
            return
        for place in [place for place in self._entries if place[1] == distribution_id]:
            self.drop(place)


def _is_under(key: Key, paths: list[str]) -> bool:
    path, query = key[0], key[1]
    return is_invalidated(paths, f"{path}?{query}" if query else path)
